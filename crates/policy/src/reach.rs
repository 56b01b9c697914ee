//! Who can reach what: people, tags and addresses to nodes, routes and the internet, with the rules that
//! allow it.
//!
//! *Who* is a login, a tag, a node or an address. People are followed by device where the control plane lists
//! their devices. A share recipient's devices are invisible to the owner, so their reach follows from rules
//! with the login, its groups, `autogroup:shared`, `*`, `autogroup:danger-all` or prefixes that cover the whole
//! tailnet range; a narrower literal source is told as possible, unproven. They reach only nodes that are
//! shared with them, and nothing behind those. Nodes of share recipients are quarantined: nobody reaches them.
//!
//! What rests on something that is not known here is told as such: *somebody not known here* reaches what a rule names
//! for them, and whoever may be meant reaches it *perhaps*. A service is a destination of its own, by its name.

pub(crate) mod atlas;
mod engine;
mod entry;
pub(crate) mod flow;
mod joiner;
mod let_in;
mod opening;
mod port_ranges;
pub(crate) mod survey;

use std::collections::BTreeMap;
use std::ops::ControlFlow;
use std::rc::Rc;

pub use engine::Engine;
pub(crate) use entry::RulePlace;
pub use entry::{Entry, Note, Part, Target, Who, WhoError};
pub use joiner::Joiner;
pub(crate) use joiner::join_ranges;
pub use let_in::LetIn;
pub(crate) use opening::Opening;
pub use port_ranges::PortRanges;

use atlas::{Origin, Spot};
pub(crate) use engine::is_shared_with;
use survey::{GroupedPassages, Passage, Survey, Teller};

use crate::set::Bits;
use crate::syntax::RuleRef;

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
    /// As if these rules were not there.
    pub without: Vec<RuleRef>,
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
    ///
    /// In a large network everything at once may be gigabytes: ask for one source after the other, or see
    /// [`Self::each_reach`].
    pub fn reach(&self, query: &Query) -> Vec<Entry> {
        let mut all = Vec::new();
        let _ = self.each_reach(query, |entries| {
            all.extend(entries);
            ControlFlow::Continue(())
        });
        join_ranges(all)
    }

    /// The entries of each source to each node by themselves, in the order of [`Self::reach`]; source ranges that
    /// reach the same are not joined. `each` says whether to go on.
    pub fn each_reach(
        &self,
        query: &Query,
        mut each: impl FnMut(Vec<Entry>) -> ControlFlow<()>,
    ) -> ControlFlow<()> {
        let mut survey = Survey::without(self, self.flows_of(&query.without));
        let mut teller = Teller::of(self, query.protocol, query.port);
        let one = query.from.as_ref().map(|who| (who.clone(), self.origins_of(who)));
        let everybody = one.as_ref().map_or_else(|| self.everybody(), std::slice::from_ref);
        let to = query.to.as_ref().map(|to| self.targets(to));
        for (who, origins) in everybody {
            let groups = grouped(origins, |origin| self.source_kind(origin));
            let mut tell = |node, spots: &[(usize, Spot)]| {
                let passage = |origin: &Origin, at, spot: &Spot| survey.passage(origin, at, spot);
                each(told(self, &mut teller, (who, &groups), (node, spots), passage))
            };
            match &to {
                Some((inward, spots)) => {
                    if self.leads(origins, inward) {
                        spots.iter().try_for_each(|(node, spots)| tell(*node, spots))?;
                    }
                }
                None => {
                    for node in self.nodes_before(origins).iter() {
                        tell(node, &self.numbered_spots(node))?;
                    }
                }
            }
        }
        ControlFlow::Continue(())
    }

    /// One of [`Self::everyone`], by index.
    pub fn who(&self, index: usize) -> Option<&Who> {
        self.everybody().get(index).map(|(who, _)| who)
    }

    /// Everybody whose reach can be told: people by login, tags, nodes without user or tag, address ranges behind
    /// routers, and somebody not known here by the name that rules have for them, in that order.
    pub fn everyone(&self) -> Vec<Who> {
        self.everybody().iter().map(|(who, _)| who.clone()).collect()
    }

    /// The places of a target by node, and the flows that lead there.
    fn targets(&self, to: &Target) -> (Bits, BTreeMap<usize, Vec<(usize, Spot)>>) {
        let mut by_node: BTreeMap<usize, Vec<(usize, Spot)>> = BTreeMap::new();
        let mut inward = Bits::new();
        for (at, spot) in self.spots_of(to, true) {
            by_node.entry(spot.node).or_default().push((at, spot));
            self.flows_to(at).into_iter().for_each(|flows| inward.union_with(flows));
        }
        (inward, by_node)
    }

    /// The places of a node, each with its index.
    pub(crate) fn numbered_spots(&self, node: usize) -> Vec<(usize, Spot)> {
        let (start, spots) = self.atlas.spots_of(node);
        spots.iter().enumerate().map(|(at, spot)| (start + at, *spot)).collect()
    }
}

/// Sources in groups of one kind, between which no place but their own nodes makes a difference; those without a kind
/// by themselves.
pub(crate) fn grouped<K: Ord>(origins: &[Origin], kind: impl Fn(&Origin) -> Option<K>) -> Vec<Vec<Origin>> {
    let mut by_kind: BTreeMap<K, Vec<Origin>> = BTreeMap::new();
    let mut groups = Vec::new();
    for origin in origins {
        match kind(origin) {
            Some(kind) => by_kind.entry(kind).or_default().push(origin.clone()),
            None => groups.push(vec![origin.clone()]),
        }
    }
    groups.extend(by_kind.into_values());
    groups
}

/// The entries of one name to one node, from the passages of its sources: of each group, that of the first.
pub(crate) fn told(
    engine: &Engine,
    teller: &mut Teller,
    (who, groups): (&Who, &[Vec<Origin>]),
    (node, spots): (usize, &[(usize, Spot)]),
    mut passage: impl FnMut(&Origin, usize, &Spot) -> Rc<Passage>,
) -> Vec<Entry> {
    // Without an address of the family nothing is lost.
    let speaks = |origin: &Origin, spot: &Spot| match origin {
        Origin::Node(index) => engine.has_address_like(*index, spot.place.first()),
        Origin::Unseen(_) | Origin::Somebody(_) => true,
        Origin::Range(range) => range.first().is_ipv4() == spot.place.first().is_ipv4(),
    };
    let mut open = false;
    let mut passages = Vec::with_capacity(spots.len());
    for (at, spot) in spots {
        let mut list = GroupedPassages::with_capacity(groups.len());
        for group in groups {
            // A node does not pass a policy to reach itself.
            let first = group.iter().find(|origin| **origin != Origin::Node(node));
            if let Some(origin) = first.filter(|origin| speaks(origin, spot)) {
                let passage = passage(origin, *at, spot);
                open |= !passage.is_empty();
                list.push((group.as_slice(), passage));
            }
        }
        passages.push((*spot, list));
    }
    if open { teller.entries(who, node, &passages) } else { Vec::new() }
}
