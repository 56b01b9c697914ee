//! The policy file and what the control plane says about candidates for it.

use std::net::IpAddr;

use crate::Detail;

/// The mark of one version of the policy file, without quotes. Opaque: equal marks mean the same *content*, which
/// may be judged after formatting, so an edit of white space alone may keep it. Compare the text as well.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ETag(String);

impl ETag {
    /// From the header value, with or without quotes.
    pub fn new(text: impl AsRef<str>) -> Self {
        Self(text.as_ref().trim().trim_matches('"').to_owned())
    }

    /// Without quotes, as stored.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// The policy file in force.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PolicyFile {
    /// The text, byte for byte, comments included. Empty where none is stored, which on a Headscale lets everybody in.
    pub text: String,
    /// The mark of this version. Without it nothing can be written safely.
    pub etag: Option<ETag>,
}

/// Under which condition the policy may be replaced. There is no "in any case".
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Precondition {
    /// Only if it still is the version with this mark.
    Matches(ETag),
    /// Only if nobody has ever changed the default of a new tailnet.
    IsDefault,
}

/// What the control plane said about a candidate policy.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Validation {
    /// Whether it would take the policy.
    pub passed: bool,
    /// Its words; empty when there is nothing to say.
    pub message: String,
    /// Failing tests and warnings.
    pub details: Vec<Detail>,
}

/// Whose view of a candidate policy is asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PreviewFor {
    /// What this login may reach.
    User(String),
    /// Who may reach this address and port.
    Destination(IpAddr, u16),
}

/// A rule that matters for the one a preview was asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PreviewMatch {
    /// Its sources.
    pub users: Vec<String>,
    /// Its destinations, `address:ports`.
    pub ports: Vec<String>,
    /// The line in the candidate, counted from 1; `None` where the control plane did not tell.
    pub line: Option<u32>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mark_is_the_same_with_and_without_quotes() {
        assert_eq!(ETag::new("\"e3b0\""), ETag::new("e3b0"));
        assert_ne!(ETag::new("e3b0"), ETag::new("e3b1"));
    }
}
