//! What a bootstrap is told, checked.

use super::System;

/// Why a bootstrap is refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BootstrapError {
    /// Not one of ours.
    #[error("`{0}` is not a system; write nixos, debian, fedora, arch, macos or windows")]
    System(String),
    /// Not one of NixOS's words.
    #[error("`{0}` is not a way of routing; write none, client, server or both")]
    Routing(String),
    /// A bare Nix path is copied to the store when the configuration is evaluated.
    #[error(
        "`{0}` is not an absolute path; Nix copies a relative path into the world-readable store, so write where the \
         key lies on the host, such as /run/secrets/tailscale"
    )]
    RelativeKeyFile(String),
    /// A key in the store can be read by everybody on the host.
    #[error(
        "`{0}` is in the world-readable Nix store; keep the key elsewhere, such as /run/secrets/tailscale"
    )]
    KeyFileInStore(String),
    /// Characters that a shell or Nix would read as something else.
    #[error(
        "`{0}` has characters that a path here cannot have; use letters, digits and . _ - between the separators"
    )]
    KeyFileCharacter(String),
    /// Nothing to load a guard into.
    #[error("`{0}` has no nft; a host that pulls its guard runs nixos, debian, fedora or arch")]
    NoNft(System),
    /// Not an http or https URL.
    #[error("`{0}` is not a plain http or https URL; write it like https://headscale.example.com")]
    Url(String),
}

/// Where a key or a token lies on the host: an absolute path outside the Nix store.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SecretFile(String);

impl SecretFile {
    /// Checks a path as it is written on `system`.
    ///
    /// # Errors
    /// Each key file error of [`BootstrapError`].
    pub fn new(system: System, path: &str) -> Result<Self, BootstrapError> {
        let given = || path.chars().take(80).collect();
        let fine = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-');
        let (rest, separator) = if system == System::Windows {
            // Also with a slash after the colon: Windows takes both.
            let mut start = path.chars();
            let drive = start.next().is_some_and(|c| c.is_ascii_alphabetic());
            let rest = start.as_str().strip_prefix(":\\").or_else(|| start.as_str().strip_prefix(":/"));
            (rest.filter(|_| drive), ['\\', '/'])
        } else {
            (path.strip_prefix('/'), ['/', '/'])
        };
        let rest = rest.ok_or_else(|| BootstrapError::RelativeKeyFile(given()))?;
        let parts: Vec<&str> = rest.split(separator).collect();
        let sound = |part: &&str| !part.is_empty() && *part != "." && *part != ".." && part.chars().all(fine);
        if !parts.iter().all(sound) {
            return Err(BootstrapError::KeyFileCharacter(given()));
        }
        if parts.starts_with(&["nix", "store"]) {
            return Err(BootstrapError::KeyFileInStore(given()));
        }
        Ok(Self(path.to_owned()))
    }

    /// As it was written.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// A plain http or https URL: of a control server such as Headscale, or of the app.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HttpUrl(String);

impl HttpUrl {
    /// Checks an http or https URL.
    ///
    /// # Errors
    /// [`BootstrapError::Url`].
    pub fn new(url: &str) -> Result<Self, BootstrapError> {
        let refused = || BootstrapError::Url(url.chars().take(80).collect());
        let rest =
            url.strip_prefix("https://").or_else(|| url.strip_prefix("http://")).ok_or_else(refused)?;
        let fine =
            |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-' | ':' | '/' | '[' | ']');
        let host = rest.split('/').next().unwrap_or_default();
        if host.is_empty() || host.starts_with(['-', ':']) || !rest.chars().all(fine) || url.len() > 200 {
            return Err(refused());
        }
        Ok(Self(url.to_owned()))
    }

    /// As it was written.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}
