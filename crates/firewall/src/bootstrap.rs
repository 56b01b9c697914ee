//! How a host boots into the tailnet: the NixOS module, or the commands of another system.

mod commands;
mod parameters;

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

pub use parameters::{BootstrapError, HttpUrl, SecretFile};

use crate::Line;
use crate::nixos;

/// A kind of host to bring into a tailnet.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum System {
    /// NixOS: a module.
    Nixos,
    /// Debian and Ubuntu.
    Debian,
    /// Fedora.
    Fedora,
    /// Arch Linux.
    Arch,
    /// macOS with Homebrew.
    Macos,
    /// Windows with winget.
    Windows,
}

/// What the node does for others' traffic; `services.tailscale.useRoutingFeatures`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Routing {
    /// Nothing: enough for sharing services.
    #[default]
    None,
    /// Uses exit nodes or subnet routes of others.
    Client,
    /// Is an exit node or subnet router.
    Server,
    /// Both.
    Both,
}

impl System {
    /// Every system.
    pub const ALL: [Self; 6] =
        [Self::Nixos, Self::Debian, Self::Fedora, Self::Arch, Self::Macos, Self::Windows];

    /// As on the command line.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Nixos => "nixos",
            Self::Debian => "debian",
            Self::Fedora => "fedora",
            Self::Arch => "arch",
            Self::Macos => "macos",
            Self::Windows => "windows",
        }
    }

    /// Where a key usually lies until the host has joined.
    pub const fn usual_key_file(self) -> &'static str {
        match self {
            Self::Nixos => "/run/secrets/tailscale",
            Self::Debian | Self::Fedora | Self::Arch => "/root/tailscale.key",
            Self::Macos => "/var/root/tailscale.key",
            Self::Windows => "C:\\ProgramData\\tailscale.key",
        }
    }

    /// For people.
    pub const fn label(self) -> &'static str {
        match self {
            Self::Nixos => "NixOS",
            Self::Debian => "Debian, Ubuntu",
            Self::Fedora => "Fedora",
            Self::Arch => "Arch Linux",
            Self::Macos => "macOS",
            Self::Windows => "Windows",
        }
    }
}

impl Routing {
    /// Every way.
    pub const ALL: [Self; 4] = [Self::None, Self::Client, Self::Server, Self::Both];

    /// As on the command line, and in NixOS.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Client => "client",
            Self::Server => "server",
            Self::Both => "both",
        }
    }

    const fn uses(self) -> bool {
        matches!(self, Self::Client | Self::Both)
    }

    const fn serves(self) -> bool {
        matches!(self, Self::Server | Self::Both)
    }
}

impl FromStr for System {
    type Err = BootstrapError;

    fn from_str(text: &str) -> Result<Self, BootstrapError> {
        let found = Self::ALL.into_iter().find(|system| system.as_str() == text);
        found.ok_or_else(|| BootstrapError::System(text.chars().take(40).collect()))
    }
}

impl FromStr for Routing {
    type Err = BootstrapError;

    fn from_str(text: &str) -> Result<Self, BootstrapError> {
        let found = Self::ALL.into_iter().find(|routing| routing.as_str() == text);
        found.ok_or_else(|| BootstrapError::Routing(text.chars().take(40).collect()))
    }
}

impl fmt::Display for System {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl fmt::Display for Routing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// What brings a host into the tailnet.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Bootstrap {
    /// For which kind of host.
    pub system: System,
    /// The name to keep a file under; none for commands to type.
    pub file_name: Option<String>,
    /// The text by lines, with reasons.
    pub lines: Vec<Line>,
    /// What an owner should know.
    pub notes: Vec<String>,
}

impl Bootstrap {
    /// The whole text, with a newline at its end.
    pub fn text(&self) -> String {
        self.lines.iter().flat_map(|line| [line.text.as_str(), "\n"]).collect()
    }
}

/// The module or the commands that bring a host into the tailnet.
///
/// ```
/// use firewall::{Routing, System, bootstrap};
///
/// let module = bootstrap(System::Nixos, Routing::None, Some("/run/secrets/tailscale"), None)?;
/// assert!(module.text().contains("authKeyFile = \"/run/secrets/tailscale\";"));
/// assert!(bootstrap(System::Nixos, Routing::None, Some("./key"), None).is_err());
/// # Ok::<(), firewall::BootstrapError>(())
/// ```
///
/// # Errors
/// A key file that would end up in the Nix store or that a shell would misread, and a login server that is no URL.
pub fn bootstrap(
    system: System,
    routing: Routing,
    auth_key_file: Option<&str>,
    login_server: Option<&str>,
) -> Result<Bootstrap, BootstrapError> {
    let key = auth_key_file.map(|path| SecretFile::new(system, path)).transpose()?;
    let server = login_server.map(HttpUrl::new).transpose()?;
    let lines = match system {
        System::Nixos => nixos::bootstrap(routing, key.as_ref(), server.as_ref()),
        _ => commands::of(system, routing, key.as_ref(), server.as_ref()),
    };
    let mut notes = Vec::new();
    if key.is_some() {
        notes.push(
            "Use a one-time, pre-authorised key with a short life, and delete the file once the node is in.",
        );
    } else {
        notes.push("Without a key, tailscale up prints a link to open in a browser; do it once on the host.");
    }
    if system == System::Nixos {
        notes.push(
            "nixos-rebuild, morph and colmena deploy this module alike: it is plain NixOS, imported by each host. Only \
             the way of the key differs: deployment.secrets with morph, deployment.keys with colmena, sops-nix or agenix \
             with any of them; never the configuration itself.",
        );
        notes.push(
            "This replaces a hand-written tailscale-autoconnect unit: that one raced tailscaled, put the key into the \
             world-readable store, and often came with trustedInterfaces, which opens every port.",
        );
        if server.is_some() && key.is_none() {
            notes.push("NixOS passes the login server on only with an authKeyFile: give it to tailscale up yourself.");
        }
    }
    if routing.serves() {
        notes.push("Advertise the routes or the exit node with tailscale set, and approve them in the admin console.");
    }
    Ok(Bootstrap {
        system,
        file_name: (system == System::Nixos).then(|| "tailscale.nix".to_owned()),
        lines: lines.done(),
        notes: notes.into_iter().map(str::to_owned).collect(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_never_lands_in_the_store() {
        for bad in [
            "./key",
            "key",
            "../key",
            "~/key",
            "/nix/store/x-key",
            "/run/../nix/store/x",
            "/run/a b",
            "/a\"b",
            "/${x}",
            "",
        ] {
            assert!(bootstrap(System::Nixos, Routing::None, Some(bad), None).is_err(), "{bad}");
        }
        let error = bootstrap(System::Nixos, Routing::None, Some("./key"), None).unwrap_err().to_string();
        assert!(error.contains("world-readable"), "{error}");
    }

    #[test]
    fn a_login_server_is_a_plain_url() {
        let with = |url| bootstrap(System::Debian, Routing::None, None, Some(url));
        assert!(
            with("https://headscale.example.com")
                .unwrap()
                .text()
                .contains("--login-server=https://headscale")
        );
        for bad in [
            "headscale.example.com",
            "https://",
            "https://a b",
            "https://a;reboot",
            "https://$(x)",
            "ftp://a",
        ] {
            assert!(with(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn the_usual_key_file_of_a_system_is_one_that_it_takes() {
        for system in System::ALL {
            assert!(
                bootstrap(system, Routing::None, Some(system.usual_key_file()), None).is_ok(),
                "{system}"
            );
        }
    }

    #[test]
    fn every_system_takes_every_way_of_routing() {
        for system in System::ALL {
            for routing in Routing::ALL {
                let text = bootstrap(system, routing, None, None).unwrap().text();
                assert!(text.contains("tailscale"), "{text}");
            }
        }
    }
}
