//! The rule that a share has in the policy file, and the mark above it.

use std::collections::BTreeSet;
use std::fmt;
use std::str::FromStr;

use model::{Login, Protocol, ServicePorts};
use serde::{Deserialize, Serialize};

use super::entry::Entry;
use crate::network::Node;
use crate::syntax::{Dialect, Section, Text};

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

/// The section in which a control plane has the rule of a share.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Form {
    /// One grant: Tailscale.
    #[default]
    Grants,
    /// An acl for each protocol: what all versions of Headscale take and make the same of. Its 0.28 has no grants, takes
    /// no brackets around an address and no protocol by number.
    Acls,
}

impl Form {
    /// That of a dialect.
    pub const fn of(dialect: Dialect) -> Self {
        if dialect.is_headscale() { Self::Acls } else { Self::Grants }
    }

    pub(crate) const fn section(self) -> Section {
        match self {
            Self::Grants => Section::Grants,
            Self::Acls => Section::Acls,
        }
    }

    #[expect(clippy::trivially_copy_pass_by_ref, reason = "serde asks with a reference")]
    fn is_grants(&self) -> bool {
        *self == Self::Grants
    }
}

/// The rule of one share: one login, the addresses of one node, its ports. Stored beside the share, so that
/// the rule is found by content where its mark is gone.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct ShareRule {
    /// The friend's login.
    pub src: Vec<String>,
    /// The node's addresses, IPv4 first; both, because a literal is never widened to the other family.
    pub dst: Vec<String>,
    /// Ports with their protocol.
    pub ip: Vec<String>,
    /// Where it stands.
    #[serde(default, skip_serializing_if = "Form::is_grants")]
    pub form: Form,
}

impl ShareRule {
    /// For a node, a friend and ports. Without destination if the node has no address.
    pub fn new(who: &Login, node: &Node, ports: &ServicePorts, form: Form) -> Self {
        Self {
            src: vec![who.as_str().to_owned()],
            dst: node.addresses().map(|address| address.to_string()).collect(),
            ip: ports.iter().map(|(protocol, range)| format!("{protocol}:{range}")).collect(),
            form,
        }
    }

    /// As it is written into the file: an entry, or one for each protocol, each of which gets the mark.
    pub fn texts(&self) -> Vec<String> {
        let (src, dst) = (list(&self.src), list(&self.dst));
        match self.form {
            Form::Grants => {
                vec![format!("{{\"src\": [{src}], \"dst\": [{dst}], \"ip\": [{}]}}", list(&self.ip))]
            }
            Form::Acls => {
                let entry = |(protocol, dst): (&str, Vec<String>)| {
                    let dst = list(&dst);
                    format!(
                        "{{\"action\": \"accept\", \"proto\": \"{protocol}\", \"src\": [{src}], \"dst\": [{dst}]}}"
                    )
                };
                self.acls().into_iter().map(entry).collect()
            }
        }
    }

    /// All of it as one text.
    pub fn text(&self) -> String {
        self.texts().join(",\n")
    }

    /// By protocol: the destinations, each with all of the ports.
    fn acls(&self) -> Vec<(&'static str, Vec<String>)> {
        let of = |protocol: Protocol| {
            let name = protocol.as_str();
            let ports = |entry: &String| Some(entry.strip_prefix(name)?.strip_prefix(':')?.to_owned());
            let ports = self.ip.iter().filter_map(ports).collect::<Vec<_>>().join(",");
            let dst = self.dst.iter().map(|address| format!("{address}:{ports}")).collect();
            (!ports.is_empty()).then_some((name, dst))
        };
        Protocol::ALL.into_iter().filter_map(of).collect()
    }

    /// How many entries of the file it is.
    pub(crate) fn len(&self) -> usize {
        match self.form {
            Form::Grants => 1,
            Form::Acls => self.acls().len(),
        }
    }

    /// Which of its entries an entry of a file says. The order of lists and of members does not matter; in the names of
    /// people case counts for Headscale.
    pub(crate) fn part(&self, entry: &Entry) -> Option<usize> {
        if !entry.has_shape() {
            return None;
        }
        match (self.form, entry) {
            (Form::Grants, Entry::Grant(grant)) => {
                let all = [(&self.src, &grant.src), (&self.dst, &grant.dst), (&self.ip, &grant.ip)];
                all.into_iter().all(|(mine, theirs)| same(mine, theirs)).then_some(0)
            }
            (Form::Acls, Entry::Acl(acl)) => {
                let proto = acl.proto.as_ref().map_or("", Text::as_str);
                let src = acl.src.iter().map(Text::as_str).eq(self.src.iter().map(String::as_str));
                let says = |(name, dst): &(&str, Vec<String>)| {
                    src && proto.eq_ignore_ascii_case(name) && same(dst, &acl.dst)
                };
                self.acls().iter().position(says)
            }
            _ => None,
        }
    }

    /// Whether entries of a file say just this together.
    pub(crate) fn is(&self, entries: &[Entry]) -> bool {
        let parts: BTreeSet<usize> = entries.iter().filter_map(|entry| self.part(entry)).collect();
        entries.len() == self.len() && parts.len() == self.len()
    }
}

fn list(items: &[String]) -> String {
    let quoted = items.iter().map(|item| serde_json::Value::from(item.as_str()).to_string());
    quoted.collect::<Vec<_>>().join(", ")
}

fn same(mine: &[String], theirs: &[Text]) -> bool {
    let mine: BTreeSet<String> = mine.iter().map(|item| item.to_lowercase()).collect();
    let theirs: BTreeSet<String> = theirs.iter().map(|item| item.value.to_lowercase()).collect();
    mine == theirs
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
