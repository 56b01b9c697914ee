//! More reach than was agreed, however it came: what a login reaches in a tailnet, less what was agreed for its shares
//! there and what the owner accepted as it is.

use std::collections::BTreeMap;
use std::fmt;
use std::net::IpAddr;

use model::{ServicePorts, Timestamp};
use policy::reach::{Entry, Part, PortRanges};
use policy::syntax::protocol;
use serde::{Deserialize, Serialize};

/// Ports of one protocol at one machine that are open to somebody.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Opening {
    /// The machine, by its name.
    pub machine: String,
    /// Which part of it.
    pub place: Place,
    /// IP protocol number.
    pub protocol: u8,
    /// First and last of each range, ascending.
    pub ports: Vec<(u16, u16)>,
    /// Not only perhaps.
    pub certain: bool,
}

/// The part of a machine that is open.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Place {
    /// Itself, at all its addresses.
    Itself,
    /// Itself, at this address.
    Address(IpAddr),
    /// A network behind it.
    Route(String),
    /// The internet through it.
    Internet,
}

/// Something that is open and that nobody agreed to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Beyond {
    /// What.
    pub opening: Opening,
    /// The rules that open it, as they stood when it was found.
    pub rules: Vec<Opener>,
    /// Since when that is known.
    pub since: Timestamp,
}

/// A rule, as it stood.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Opener {
    /// Its line; 0 for the default of a file without rules.
    pub line: usize,
    /// Its text in one line, shortened.
    pub text: String,
}

impl From<&Part> for Place {
    fn from(part: &Part) -> Self {
        match part {
            Part::Node => Self::Itself,
            Part::Address(address) => Self::Address(*address),
            Part::Route(range) => Self::Route(range.to_string()),
            Part::Internet => Self::Internet,
        }
    }
}

impl From<&Entry> for Opening {
    fn from(entry: &Entry) -> Self {
        Self {
            machine: entry.node.clone(),
            place: Place::from(&entry.part),
            protocol: entry.protocol,
            ports: entry.ports.ranges().to_vec(),
            certain: !entry.is_unproven(),
        }
    }
}

impl Opening {
    /// The ports as a set.
    pub fn set(&self) -> PortRanges {
        let mut set = PortRanges::new();
        self.ports.iter().for_each(|(first, last)| set.union_with(&PortRanges::range(*first, *last)));
        set
    }

    /// Whether it is about all of the place of another: then its ports are settled there too. What was agreed to be open
    /// perhaps does not settle that it is open for certain.
    fn is_about(&self, other: &Self) -> bool {
        let place = self.place == other.place
            || (self.place == Place::Itself && matches!(other.place, Place::Address(_)));
        place
            && self.machine == other.machine
            && self.protocol == other.protocol
            && (self.certain || !other.certain)
    }
}

/// Such as `tcp 22 on maple`.
impl fmt::Display for Opening {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = protocol::name(self.protocol);
        match self.set() {
            all if all.is_all() => write!(f, "every {name} port")?,
            some => write!(f, "{name} {some}")?,
        }
        match &self.place {
            Place::Itself => write!(f, " on {}", self.machine),
            Place::Address(address) => write!(f, " on {} at {address}", self.machine),
            Place::Route(range) => write!(f, " of the network {range} behind {}", self.machine),
            Place::Internet => write!(f, " of the internet through {}", self.machine),
        }
    }
}

/// What entries of reach open. Pings come with everything and are nothing of their own.
pub fn openings(entries: &[Entry]) -> Vec<Opening> {
    entries.iter().filter(|entry| !protocol::is_echo(entry.protocol)).map(Opening::from).collect()
}

/// The ports of a share at its machine.
pub fn of_ports(machine: &str, ports: &ServicePorts) -> Vec<Opening> {
    let opening = |protocol: model::Protocol| Opening {
        machine: machine.to_owned(),
        place: Place::Itself,
        protocol: protocol.number(),
        ports: ports.of(protocol).ranges().iter().map(|range| (range.first(), range.last())).collect(),
        certain: true,
    };
    model::Protocol::ALL.into_iter().map(opening).filter(|opening| !opening.ports.is_empty()).collect()
}

/// Entries without what is settled; pings left out.
pub fn beyond(entries: Vec<Entry>, settled: &[Opening]) -> Vec<Entry> {
    cut(entries, |entry, opening| {
        let known = settled.iter().filter(|known| known.is_about(opening));
        known.fold(entry.ports.clone(), |left, known| left.difference(&known.set()))
    })
}

/// The part of entries that is among the settled, for certain or perhaps.
pub fn within(entries: Vec<Entry>, settled: &[Opening]) -> Vec<Entry> {
    cut(entries, |entry, opening| {
        let mut ports = PortRanges::new();
        for known in settled.iter().filter(|known| known.is_about(opening)) {
            ports.union_with(&entry.ports.intersection(&known.set()));
        }
        ports
    })
}

fn cut(entries: Vec<Entry>, ports: impl Fn(&Entry, &Opening) -> PortRanges) -> Vec<Entry> {
    let left = entries.into_iter().filter(|entry| !protocol::is_echo(entry.protocol)).map(|mut entry| {
        entry.ports = ports(&entry, &Opening::from(&entry));
        entry
    });
    left.filter(|entry| !entry.ports.is_empty()).collect()
}

/// What was found now, each part since it was found first.
pub fn since(found: Vec<Beyond>, before: &[Beyond]) -> Vec<Beyond> {
    let mut all = Vec::new();
    for one in found {
        let mut left = one.opening.set();
        for old in before.iter().filter(|old| old.opening.is_about(&one.opening)) {
            let known = left.intersection(&old.opening.set());
            left = left.difference(&known);
            all.extend(with_ports(&one, &known, old.since.min(one.since)));
        }
        all.extend(with_ports(&one, &left, one.since));
    }
    all
}

fn with_ports(one: &Beyond, ports: &PortRanges, since: Timestamp) -> Option<Beyond> {
    let opening = Opening { ports: ports.ranges().to_vec(), ..one.opening.clone() };
    (!ports.is_empty()).then(|| Beyond { opening, since, ..one.clone() })
}

/// What was accepted as it is and still is so: what went meanwhile is told if it comes again.
pub fn still(accepted: &[Opening], reached: &[Entry]) -> Vec<Opening> {
    let mut all: BTreeMap<Opening, PortRanges> = BTreeMap::new();
    for entry in within(reached.to_vec(), accepted) {
        let opening = Opening { ports: Vec::new(), ..Opening::from(&entry) };
        all.entry(opening).or_default().union_with(&entry.ports);
    }
    all.into_iter().map(|(opening, ports)| Opening { ports: ports.ranges().to_vec(), ..opening }).collect()
}
