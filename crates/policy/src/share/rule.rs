//! The rule that a share has in the policy file, and the mark above it.

use std::collections::BTreeSet;
use std::fmt;
use std::str::FromStr;

use model::{Login, ServicePorts};
use serde::{Deserialize, Serialize};

use crate::network::Node;
use crate::syntax::{Grant, Text};

/// The id in the mark `acequia:share=ID`: letters, digits, `-` and `_`, at most 64 of them, so that it can
/// neither end a comment nor be a part of another id.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct ShareId(String);

/// The text cannot be the id of a share.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a share's id has 1 to 64 letters, digits, - or _")]
pub struct ShareIdError;

impl ShareId {
    /// As it stands in the mark.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The mark as it stands inside a comment.
    pub(crate) fn mark(&self) -> String {
        format!("{MARK}{}", self.0)
    }
}

const MARK: &str = "acequia:share=";

/// The share that a comment's text, without its slashes and stars, marks.
pub(crate) fn marked(comment: &str) -> Option<ShareId> {
    comment.trim().strip_prefix(MARK)?.parse().ok()
}

impl FromStr for ShareId {
    type Err = ShareIdError;

    fn from_str(text: &str) -> Result<Self, ShareIdError> {
        let fine = text.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'));
        if fine && (1..=64).contains(&text.len()) { Ok(Self(text.to_owned())) } else { Err(ShareIdError) }
    }
}

impl fmt::Display for ShareId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl TryFrom<String> for ShareId {
    type Error = ShareIdError;

    fn try_from(text: String) -> Result<Self, ShareIdError> {
        text.parse()
    }
}

impl From<ShareId> for String {
    fn from(id: ShareId) -> Self {
        id.0
    }
}

/// The grant of one share: one login, the addresses of one node, its ports. Stored beside the share, so that
/// the rule is found by content where its mark is gone.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct ShareRule {
    /// The friend's login.
    pub src: Vec<String>,
    /// The node's addresses, IPv4 first; both, because a literal is never widened to the other family.
    pub dst: Vec<String>,
    /// Ports with their protocol.
    pub ip: Vec<String>,
}

impl ShareRule {
    /// For a node, a friend and ports. Without destination if the node has no address.
    pub fn new(who: &Login, node: &Node, ports: &ServicePorts) -> Self {
        Self {
            src: vec![who.as_str().to_owned()],
            dst: node.addresses().map(|address| address.to_string()).collect(),
            ip: ports.iter().map(|(protocol, range)| format!("{protocol}:{range}")).collect(),
        }
    }

    /// As it is written into the file.
    pub fn text(&self) -> String {
        let list = |items: &[String]| -> String {
            items
                .iter()
                .map(|item| serde_json::Value::from(item.as_str()).to_string())
                .collect::<Vec<_>>()
                .join(", ")
        };
        format!(
            "{{\"src\": [{}], \"dst\": [{}], \"ip\": [{}]}}",
            list(&self.src),
            list(&self.dst),
            list(&self.ip)
        )
    }

    /// Whether a grant of a file says the same. The order of lists and of members does not matter.
    pub(crate) fn is(&self, grant: &Grant) -> bool {
        let same = |mine: &[String], theirs: &[Text]| {
            let mine: BTreeSet<String> = mine.iter().map(|item| item.to_lowercase()).collect();
            let theirs: BTreeSet<String> = theirs.iter().map(|item| item.value.to_lowercase()).collect();
            mine == theirs
        };
        has_shape(grant)
            && same(&self.src, &grant.src)
            && same(&self.dst, &grant.dst)
            && same(&self.ip, &grant.ip)
    }
}

/// Whether a grant can be a share's rule: one login, addresses only, ports, and nothing else.
pub(crate) fn has_shape(grant: &Grant) -> bool {
    let bare = grant.app.is_empty() && grant.via.is_empty() && grant.src_posture.is_empty();
    let login = matches!(grant.src.as_slice(), [only] if only.value.parse::<Login>().is_ok());
    let addresses = grant.dst.iter().all(|dst| dst.value.parse::<std::net::IpAddr>().is_ok());
    bare && login && addresses && !grant.dst.is_empty() && !grant.ip.is_empty()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_cannot_end_its_comment() {
        for bad in ["", "a b", "a\n", "a*/", "é", &"x".repeat(65)] {
            assert!(bad.parse::<ShareId>().is_err(), "{bad:?}");
        }
        assert_eq!(marked(" acequia:share=mc-1 ").map(String::from).as_deref(), Some("mc-1"));
        assert_eq!(marked("acequia:share=mc and more"), None);
    }
}
