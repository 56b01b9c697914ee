//! What an answer about reach is made of.

use std::fmt;
use std::net::IpAddr;
use std::str::FromStr;

use serde::{Serialize, Serializer};

use super::PortRanges;
use crate::set::IpRange;
use crate::syntax::{RuleRef, protocol};

/// Who reaches something.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Who {
    /// A person by login name, with all their untagged devices, seen or not.
    Login(String),
    /// All nodes with a tag, `tag:` included.
    Tag(String),
    /// One listed node, by name.
    Node(String),
    /// An address, or a range of addresses behind a subnet router.
    Address(IpRange),
    /// Somebody not known here, by the name that rules have for them, such as `group://fleet/players`.
    Unknown(String),
}

/// What is reached.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Target {
    /// A node by name: its addresses and everything routed through it. Or a service, such as `svc:web`.
    Node(String),
    /// One address: of a node, behind a subnet router, or out through an exit node.
    Address(IpAddr),
}

/// The part of a node that an entry is about.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Part {
    /// The node itself, at all its addresses.
    Node,
    /// The node itself, at this address only.
    Address(IpAddr),
    /// Addresses behind the node, a subnet router.
    Route(IpRange),
    /// All public addresses, through the node, an exit node.
    Internet,
}

/// Why an entry holds only under a condition.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Note {
    /// Only from these of the person's or tag's devices.
    Devices(Vec<String>),
    /// Only while the source device, one of the own tailnet, meets a posture that the rule demands; and, if the list
    /// is not empty, only from these devices.
    Posture(Vec<String>),
    /// Possible, unproven: the rule names these literal sources, and whether a device of the person has such
    /// an address cannot be seen from here.
    Literal(Vec<IpRange>),
    /// Possible, unproven: out through the exit node only if the invite allows its use as one.
    ExitInvite,
    /// Perhaps: it rests on this part of a rule, which is not known here. Without one it is a share recipient before a
    /// service: whether they get in is documented nowhere.
    Unknown(Vec<String>),
}

/// One fact about reach: who may use which ports of a node, and the rules that allow it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// Who.
    pub who: Who,
    /// The node's name.
    pub node: String,
    /// The node itself, or what is routed through it.
    pub part: Part,
    /// IP protocol number.
    pub protocol: u8,
    /// The ports; all of them where the protocol has none.
    pub ports: PortRanges,
    /// Every rule that allows any of it, in the order of the file.
    pub rules: Vec<RuleRef>,
    /// The condition, if there is one.
    pub note: Option<Note>,
}

impl Note {
    /// Whether the reach is possible only, not proven.
    pub fn is_unproven(&self) -> bool {
        matches!(self, Self::Literal(_) | Self::ExitInvite | Self::Unknown(_))
    }
}

impl Entry {
    /// Whether the reach is possible only, not proven.
    pub fn is_unproven(&self) -> bool {
        self.note.as_ref().is_some_and(Note::is_unproven)
    }

    /// Whether another entry says the same of somebody, maybe of somebody else.
    pub(crate) fn is_like(&self, other: &Self) -> bool {
        let Self { who: _, node, part, protocol, ports, rules, note } = self;
        *node == other.node
            && *part == other.part
            && *protocol == other.protocol
            && *ports == other.ports
            && *rules == other.rules
            && *note == other.note
    }

    pub(crate) fn key(&self) -> (&Who, &str, &Part, u8, Option<&Note>, &PortRanges) {
        (&self.who, &self.node, &self.part, self.protocol, self.note.as_ref(), &self.ports)
    }
}

/// What stands before the name that rules have for somebody not known here.
const SOMEBODY: &str = "somebody not known here (";

/// A text that names nobody: neither login, tag, address nor node name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("write a login, a tag such as tag:server, an address, or the name of a node")]
pub struct WhoError;

impl FromStr for Who {
    type Err = WhoError;

    fn from_str(text: &str) -> Result<Self, WhoError> {
        let text = text.trim();
        if let Ok(range) = text.parse() {
            return Ok(Self::Address(range));
        }
        if let Some(name) = text.strip_prefix(SOMEBODY).and_then(|rest| rest.strip_suffix(')')) {
            return Ok(Self::Unknown(name.to_owned()));
        }
        match text {
            "" => Err(WhoError),
            // What the provider of a Headscale calls somebody may be an address, and has an `@` behind it.
            login if login.ends_with('@') => Ok(Self::Login(login.to_owned())),
            name if name.contains("://") || name.starts_with("group:") || name.starts_with("autogroup:") => {
                Ok(Self::Unknown(name.to_owned()))
            }
            tag if tag.starts_with("tag:") => Ok(Self::Tag(tag.to_owned())),
            login if login.contains('@') => Ok(Self::Login(login.to_owned())),
            name => Ok(Self::Node(name.to_owned())),
        }
    }
}

impl Target {
    /// An address if it is one, else a node's name.
    pub fn of(text: &str) -> Self {
        text.trim().parse().map_or_else(|_| Self::Node(text.trim().to_owned()), Self::Address)
    }
}

impl fmt::Display for Who {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Login(text) | Self::Tag(text) | Self::Node(text) => f.write_str(text),
            Self::Address(range) => range.fmt(f),
            Self::Unknown(name) => write!(f, "{SOMEBODY}{name})"),
        }
    }
}

impl fmt::Display for Note {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Devices(names) => write!(f, "only from {}", names.join(", ")),
            Self::Posture(names) if names.is_empty() => {
                f.write_str("only from devices that meet the posture of the rule")
            }
            Self::Posture(names) => {
                write!(f, "only from {}, while they meet the posture of the rule", names.join(", "))
            }
            Self::Literal(ranges) => {
                let ranges: Vec<String> = ranges.iter().map(ToString::to_string).collect();
                write!(
                    f,
                    "possible, unproven: only if a device of theirs has an address in {}",
                    ranges.join(", ")
                )
            }
            Self::Unknown(parts) if parts.is_empty() => {
                f.write_str("perhaps: whether services let people of other networks in is documented nowhere")
            }
            Self::Unknown(parts) => {
                write!(f, "perhaps: it rests on {}, which is not known here", parts.join(", "))
            }
            Self::ExitInvite => {
                f.write_str("possible, unproven: only if the invite allows use as an exit node")
            }
        }
    }
}

impl Serialize for Who {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.collect_str(self)
    }
}

impl Serialize for Note {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.collect_str(self)
    }
}

/// The command line's form: `who`, `node`, `protocol` by name, `ports` as texts, `rules`; besides them
/// `address`, `route` or `internet` where an entry is not about the whole node, and `note`.
impl Serialize for Entry {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        use serde::ser::SerializeMap;
        let mut map = to.serialize_map(None)?;
        map.serialize_entry("who", &self.who)?;
        map.serialize_entry("node", &self.node)?;
        map.serialize_entry("protocol", &protocol::name(self.protocol))?;
        map.serialize_entry("ports", &self.ports)?;
        match &self.part {
            Part::Node => {}
            Part::Address(address) => map.serialize_entry("address", address)?,
            Part::Route(range) => map.serialize_entry("route", &range.to_string())?,
            Part::Internet => map.serialize_entry("internet", &true)?,
        }
        map.serialize_entry("rules", &self.rules.iter().copied().map(RulePlace::from).collect::<Vec<_>>())?;
        if let Some(note) = &self.note {
            map.serialize_entry("note", note)?;
        }
        map.end()
    }
}

/// A rule as answers on the command line name it.
#[derive(Serialize)]
pub(crate) struct RulePlace {
    section: &'static str,
    index: usize,
    line: usize,
}

impl From<RuleRef> for RulePlace {
    fn from(rule: RuleRef) -> Self {
        Self { section: rule.section.name(), index: rule.index, line: rule.line }
    }
}
