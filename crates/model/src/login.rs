//! The name by which a control plane knows a person.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// A login name in a control plane, such as `ana@example.com` or `ana@github`.
///
/// Compared without regard to ASCII case, kept as written. It ends up inside the owner's policy file, so the
/// alphabet is narrow: no quotes, no white space, no control characters, and none of the prefixes that a
/// policy gives a meaning of its own (`group:`, `tag:`, `autogroup:`, `*`).
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Login(String);

const NOT_KNOWN: &str = "nobody@account.invalid";

/// Why a text is no login.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum LoginError {
    /// Nothing was written.
    #[error("no login was given; it looks like name@example.com or name@github")]
    Empty,
    /// Longer than any control plane allows.
    #[error("the login is longer than {} characters", Login::MAX)]
    TooLong,
    /// No `@`, two of them, or something missing on one side.
    #[error("a login looks like name@example.com or name@github")]
    Shape,
    /// A character that no login has.
    #[error("a login has only letters, digits and . _ - + before and after the @")]
    Character,
}

impl Login {
    /// The longest local part and domain of an e-mail address (RFC 5321, section 4.5.3.1).
    pub const MAX: usize = 254;

    /// A name of somebody on a Headscale, as its policies write it: besides the usual form `name@`, or what the identity
    /// provider calls them, with an `@` behind it.
    ///
    /// # Errors
    /// When the text has neither form.
    pub fn of_headscale(text: &str) -> Result<Self, LoginError> {
        let text = text.trim();
        let Some(name) = text.strip_suffix('@').filter(|name| !name.is_empty()) else { return text.parse() };
        if text.len() > Self::MAX {
            return Err(LoginError::TooLong);
        }
        if name.contains('@') {
            return Err(LoginError::Shape);
        }
        let fine = |c: char| c.is_alphanumeric() || matches!(c, '.' | '_' | '-' | '+' | '/' | ':');
        let prefixes = ["group:", "tag:", "autogroup:"];
        if !name.chars().all(fine) || prefixes.iter().any(|prefix| name.starts_with(prefix)) {
            return Err(LoginError::Character);
        }
        Ok(Self(text.to_owned()))
    }

    /// In the place of the login of somebody who has no account yet: a name that no control plane can have (RFC 2606,
    /// section 2).
    pub fn not_known() -> Self {
        Self(NOT_KNOWN.to_owned())
    }

    /// Whether it is somebody's: what stands in the place of one is not.
    pub fn is_known(&self) -> bool {
        !self.0.eq_ignore_ascii_case(NOT_KNOWN)
    }

    /// As it was written.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl PartialEq for Login {
    fn eq(&self, other: &Self) -> bool {
        self.0.eq_ignore_ascii_case(&other.0)
    }
}

impl Eq for Login {}

impl FromStr for Login {
    type Err = LoginError;

    fn from_str(text: &str) -> Result<Self, LoginError> {
        let text = text.trim();
        if text.is_empty() {
            return Err(LoginError::Empty);
        }
        if text.len() > Self::MAX {
            return Err(LoginError::TooLong);
        }
        let (local, domain) = text.split_once('@').ok_or(LoginError::Shape)?;
        if local.is_empty() || domain.is_empty() || domain.contains('@') {
            return Err(LoginError::Shape);
        }
        let fine = |c: char| c.is_alphanumeric() || matches!(c, '.' | '_' | '-' | '+');
        if !local.chars().chain(domain.chars()).all(fine) {
            return Err(LoginError::Character);
        }
        Ok(Self(text.to_owned()))
    }
}

impl fmt::Display for Login {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl TryFrom<String> for Login {
    type Error = LoginError;

    /// Of any network.
    fn try_from(text: String) -> Result<Self, LoginError> {
        Self::of_headscale(&text)
    }
}

impl From<Login> for String {
    fn from(login: Login) -> Self {
        login.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_login_cannot_carry_anything_that_means_something_in_a_policy() {
        for bad in ["", "ana", "@x", "a@", "a@b@c", "a\"b@c", "tag:x@y", "*@example.com", "a b@c", "a@b\n"] {
            let parsed = bad.parse::<Login>();
            assert!(parsed.is_err() || !parsed.unwrap().as_str().contains('\n'), "{bad:?}");
        }
        assert!("Ana.B+mc@example.com".parse::<Login>().is_ok());
        assert!("ana@github".parse::<Login>().is_ok());
    }

    #[test]
    fn on_a_headscale_a_login_may_be_a_name_or_what_the_provider_says() {
        for good in ["ana@", "ana@example.com", "https://id.example.com/u-ana@"] {
            assert_eq!(Login::of_headscale(good).unwrap().as_str(), good);
        }
        for bad in ["", "@", "ana", "a@b@", "*@", "a b@", "tag:x@", "group:x@", "a\"@"] {
            assert!(Login::of_headscale(bad).is_err(), "{bad:?}");
        }
    }
}
