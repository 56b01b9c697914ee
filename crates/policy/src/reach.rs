//! Who can reach what: people, tags and addresses to nodes, routes and the internet, with the rules that
//! allow it.
//!
//! *Who* is a login, a tag, a node or an address. People are followed by device where the control plane lists
//! their devices. A share recipient's devices are invisible to the owner, so their reach follows from rules
//! with the login, its groups, `autogroup:shared`, `*`, `autogroup:danger-all` or prefixes that cover the whole
//! tailnet range; a narrower literal source is told as possible, unproven. They reach only nodes that are
//! shared with them, and nothing behind those. Nodes of share recipients are quarantined: nobody reaches them.

pub(crate) mod atlas;
mod engine;
mod entry;
mod flow;
mod opening;
mod port_ranges;
pub(crate) mod survey;

use std::collections::BTreeMap;
use std::rc::Rc;

pub use engine::Engine;
pub(crate) use entry::RulePlace;
pub use entry::{Entry, Note, Part, Target, Who, WhoError};
pub(crate) use opening::Opening;
pub use port_ranges::PortRanges;

use atlas::{Origin, Spot};
pub(crate) use engine::is_shared_with;
use survey::{Passage, Passages, Survey, Teller};

/// What is asked about reach. Nothing set asks for everything.
#[derive(Clone, Debug, Default)]
pub struct Query {
    /// Only this source.
    pub from: Option<Who>,
    /// Only this destination.
    pub to: Option<Target>,
    /// Only this IP protocol. ICMP is told only when asked for, or where nothing else is open, because any rule
    /// that joins two addresses opens it.
    pub protocol: Option<u8>,
    /// Only entries with this port open, cut to it and to the rules that open it.
    pub port: Option<u16>,
}

impl Query {
    /// Asks for everything that one source reaches.
    pub fn from(who: Who) -> Self {
        Self { from: Some(who), ..Self::default() }
    }

    /// Asks for everybody who reaches one destination.
    pub fn to(target: Target) -> Self {
        Self { to: Some(target), ..Self::default() }
    }
}

impl Engine {
    /// Who reaches what: sorted by who, node, part of the node and protocol.
    pub fn reach(&self, query: &Query) -> Vec<Entry> {
        let (mut survey, mut teller) = (Survey::of(self), Teller::of(self, query.protocol, query.port));
        let everybody = match &query.from {
            Some(who) => BTreeMap::from([(who.clone(), self.origins_of(who))]),
            None => self.everybody(),
        };
        let spots = self.targets(query.to.as_ref());
        let mut all = Vec::new();
        for (who, origins) in &everybody {
            for (node, spots) in &spots {
                let passage = |origin: &Origin, at, spot: &Spot| survey.passage(origin, at, spot);
                all.extend(told(self, &mut teller, (who, origins), (*node, spots), passage));
            }
        }
        join_ranges(all)
    }

    /// Everybody whose reach can be told: people by login, tags, nodes without user or tag, and address ranges behind
    /// routers, in that order.
    pub fn everyone(&self) -> Vec<Who> {
        self.everybody().into_keys().collect()
    }

    /// The places of a target, or all, by node.
    pub(crate) fn targets(&self, to: Option<&Target>) -> BTreeMap<usize, Vec<(usize, Spot)>> {
        let mut by_node: BTreeMap<usize, Vec<(usize, Spot)>> = BTreeMap::new();
        let spots = match to {
            Some(target) => self.spots_of(target, true),
            None => self.atlas.spots.iter().copied().enumerate().collect(),
        };
        for (at, spot) in spots {
            by_node.entry(spot.node).or_default().push((at, spot));
        }
        by_node
    }
}

/// The entries of one name to one node, from the passages of its sources.
pub(crate) fn told(
    engine: &Engine,
    teller: &mut Teller,
    (who, origins): (&Who, &[Origin]),
    (node, spots): (usize, &[(usize, Spot)]),
    mut passage: impl FnMut(&Origin, usize, &Spot) -> Rc<Passage>,
) -> Vec<Entry> {
    // A node does not pass a policy to reach itself; and without an address of the family nothing is lost.
    let counts = |origin: &Origin, spot: &Spot| match origin {
        Origin::Node(index) => *index != node && engine.has_address_like(*index, spot.place.first()),
        Origin::Unseen(_) => true,
        Origin::Range(range) => range.first().is_ipv4() == spot.place.first().is_ipv4(),
    };
    let mut open = false;
    let mut passages = Vec::with_capacity(spots.len());
    for (at, spot) in spots {
        let sources = origins.iter().filter(|origin| counts(origin, spot));
        let list: Passages = sources.map(|origin| (origin.clone(), passage(origin, *at, spot))).collect();
        open |= list.iter().any(|(_, passage)| !passage.is_empty());
        passages.push((*spot, list));
    }
    if open { teller.entries(who, node, &passages) } else { Vec::new() }
}

/// Neighbouring source ranges that reach the same are told as one.
pub(crate) fn join_ranges(entries: Vec<Entry>) -> Vec<Entry> {
    let mut ranges: Vec<(Who, Vec<Entry>)> = Vec::new();
    let mut rest = Vec::new();
    for entry in entries {
        let Who::Address(range) = entry.who else {
            rest.push(entry);
            continue;
        };
        match ranges.last_mut() {
            Some((Who::Address(before), list)) if *before == range => list.push(entry),
            _ => ranges.push((Who::Address(range), vec![entry])),
        }
    }
    let mut joined: Vec<(Who, Vec<Entry>)> = Vec::new();
    for (who, list) in ranges {
        let same = |a: &[Entry], b: &[Entry]| {
            let bare = |entry: &Entry| Entry { who: Who::Node(String::new()), ..entry.clone() };
            a.iter().map(bare).eq(b.iter().map(bare))
        };
        if let (Some((Who::Address(last), before)), Who::Address(range)) = (joined.last_mut(), &who)
            && let Some(both) = atlas::joined(*last, *range)
            && same(before, &list)
        {
            *last = both;
            for entry in before {
                entry.who = Who::Address(both);
            }
            continue;
        }
        joined.push((who, list));
    }
    rest.extend(joined.into_iter().flat_map(|(_, list)| list));
    rest
}
