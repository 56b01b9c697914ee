//! Cuts a rule down to what concerns a node.

use std::net::IpAddr;

use crate::compile::address::Addresses;
use crate::compile::filter::Dst;
use crate::network::Node;
use crate::resolve::{Sources, Target};
use crate::set::{IpRange, NodeSet};
use crate::syntax::Dialect;
use crate::syntax::port::Ports;

/// What a part of a rule opens, and on which nodes.
#[derive(Clone, Copy)]
pub(super) struct Part<'a> {
    pub(super) target: PartTarget<'a>,
    pub(super) ports: &'a [Ports],
    pub(super) via: Option<&'a NodeSet>,
}

#[derive(Clone, Copy)]
pub(super) enum PartTarget<'a> {
    Given(&'a Target),
    /// The nodes of the user whose node is asked for.
    Own(&'a NodeSet),
    /// The sources of a rule, for its companion.
    Sources(&'a Sources),
}

/// The nodes by what may concern them, so that a rule is not tried on every node.
pub(super) struct Cut<'a> {
    pub(super) addresses: &'a Addresses<'a>,
    all: NodeSet,
    exits: NodeSet,
    routers: NodeSet,
    dialect: Dialect,
    /// Routers of subnets that reach into the space of the nodes' own addresses.
    into_tailnet: NodeSet,
}

impl<'a> Cut<'a> {
    pub(super) fn new(addresses: &'a Addresses<'a>, dialect: Dialect) -> Self {
        let nodes = addresses.network().nodes();
        let those = |wanted: &dyn Fn(usize, &Node) -> bool| {
            nodes
                .iter()
                .enumerate()
                .filter(|(index, node)| wanted(*index, node))
                .map(|(index, _)| index)
                .collect()
        };
        // The old version of Headscale goes by what a machine offers, approved or not.
        let old = dialect == Dialect::Headscale028;
        let everything = |route: &IpRange| route.is_everything();
        Self {
            addresses,
            dialect,
            all: NodeSet::all(nodes.len()),
            exits: those(&|_, node| node.is_exit() || (old && node.advertised.iter().any(everything))),
            routers: those(&|_, node| {
                node.subnets().next().is_some() || (old && !node.advertised.is_empty())
            }),
            into_tailnet: those(&|index, _| addresses.routes_into_tailnet(index)),
        }
    }

    fn node(&self, index: usize) -> Option<&'a Node> {
        self.addresses.network().node(index)
    }

    /// The nodes that may have something of a part left; each must still be asked.
    pub(super) fn candidates(&self, target: PartTarget, via: Option<&NodeSet>) -> NodeSet {
        if let Some(via) = via {
            return via.clone();
        }
        match target {
            PartTarget::Given(Target::Any) => self.all.clone(),
            PartTarget::Given(Target::Nodes(nodes)) | PartTarget::Own(nodes) => {
                let mut nodes = nodes.clone();
                nodes.union_with(&self.into_tailnet);
                if self.exits_take_all() {
                    nodes.union_with(&self.exits);
                }
                nodes
            }
            PartTarget::Given(Target::Ranges(ranges) | Target::Carved(ranges)) => {
                self.within(ranges.iter().copied())
            }
            PartTarget::Given(Target::Internet) => self.exits.clone(),
            PartTarget::Given(Target::SelfOwned | Target::Service(_)) => NodeSet::new(),
            PartTarget::Sources(sources) if sources.wildcard || sources.danger_all => self.all.clone(),
            PartTarget::Sources(sources) => {
                let mut nodes = self.within(sources.ranges.ranges());
                nodes.union_with(&sources.nodes);
                nodes
            }
        }
    }

    fn within(&self, ranges: impl Iterator<Item = IpRange>) -> NodeSet {
        let mut nodes = self.routers.clone();
        nodes.union_with(&self.exits);
        for range in ranges {
            for index in self.addresses.within(range) {
                nodes.insert(index);
            }
        }
        nodes
    }

    /// What is left of a part on a node: an entry for each destination and item of ports.
    pub(super) fn dsts(&self, index: usize, part: Part) -> Vec<(Dst, Ports)> {
        let kept: Vec<Dst> = match (part.via, part.target) {
            (Some(via), _) if !via.contains(index) => return Vec::new(),
            (Some(_), target) => self.via_dsts(index, target),
            (None, PartTarget::Given(Target::Any)) => vec![Dst::Any],
            (None, PartTarget::Given(Target::Nodes(nodes)) | PartTarget::Own(nodes)) => {
                self.node_dsts(index, nodes)
            }
            (None, PartTarget::Given(Target::Ranges(ranges) | Target::Carved(ranges))) => {
                let all = self.takes_all(index);
                let concern = ranges.iter().filter(|range| all || self.concerns(index, **range));
                concern.map(|range| Dst::Range(*range)).collect()
            }
            (None, PartTarget::Given(Target::Internet)) => self.internet(index),
            (None, PartTarget::Given(_) | PartTarget::Sources(_)) => return Vec::new(),
        };
        kept.into_iter().flat_map(|dst| part.ports.iter().map(move |ports| (dst, *ports))).collect()
    }

    fn node_dsts(&self, index: usize, nodes: &NodeSet) -> Vec<Dst> {
        let single = |address| Dst::Range(IpRange::single(address));
        let mut dsts = Vec::new();
        let all = self.takes_all(index);
        if self.into_tailnet.contains(index) || all {
            let others =
                nodes.iter().filter(|other| *other != index).flat_map(|other| self.addresses.of(other));
            let concerned = |a: &IpAddr| all || self.concerns(index, IpRange::single(*a));
            dsts.extend(others.filter(concerned).map(single));
        }
        if nodes.contains(index) {
            if self.dialect.is_headscale() {
                let block = |address| Dst::Range(self.addresses.block(address, nodes));
                dsts.extend(self.addresses.of(index).map(block));
            } else {
                dsts.extend(self.addresses.of(index).map(single));
            }
        }
        dsts
    }

    fn concerns(&self, index: usize, range: IpRange) -> bool {
        let offered =
            || self.node(index).is_some_and(|node| node.advertised.iter().any(|route| route.overlaps(range)));
        self.addresses.concerns(index, range) || (self.dialect == Dialect::Headscale028 && offered())
    }

    /// Headscale 0.28 sends an exit node all rules: everything overlaps with its route to everywhere.
    fn exits_take_all(&self) -> bool {
        self.dialect == Dialect::Headscale028
    }

    fn takes_all(&self, index: usize) -> bool {
        self.exits_take_all() && self.exits.contains(index)
    }

    fn internet(&self, index: usize) -> Vec<Dst> {
        if self.exits.contains(index) {
            self.addresses.internet().map(Dst::Internet).collect()
        } else {
            Vec::new()
        }
    }

    /// Through a router: prefixes that overlap its approved routes, the internet if it is an exit node.
    fn via_dsts(&self, index: usize, target: PartTarget) -> Vec<Dst> {
        match (target, self.node(index)) {
            (PartTarget::Given(Target::Internet), _) => self.internet(index),
            (PartTarget::Given(Target::Ranges(ranges)), Some(node)) => {
                let routed =
                    ranges.iter().filter(|range| node.subnets().any(|route| route.overlaps(**range)));
                routed.map(|range| Dst::Range(*range)).collect()
            }
            (PartTarget::Given(Target::Carved(ranges)), _) => {
                let routed = ranges.iter().filter(|range| self.addresses.is_routed_out(index, **range));
                routed.map(|range| Dst::Range(*range)).collect()
            }
            _ => Vec::new(),
        }
    }

    /// Capabilities are narrowed to the node's own addresses; prefixes behind it stay as they are.
    pub(super) fn cap_dsts(&self, index: usize, target: PartTarget) -> Vec<IpRange> {
        let own = || self.addresses.of(index).map(IpRange::single).collect();
        match target {
            PartTarget::Given(Target::Any) => own(),
            PartTarget::Given(Target::Nodes(nodes)) | PartTarget::Own(nodes) if nodes.contains(index) => {
                own()
            }
            PartTarget::Given(Target::Ranges(ranges) | Target::Carved(ranges)) => {
                self.narrowed(index, ranges.iter().copied())
            }
            PartTarget::Sources(sources) if self.dialect.is_headscale() => self.cap_sources(index, sources),
            PartTarget::Sources(sources)
                if sources.wildcard || sources.danger_all || sources.nodes.contains(index) =>
            {
                own()
            }
            PartTarget::Sources(sources) => self.narrowed(index, sources.ranges.ranges()),
            PartTarget::Given(_) | PartTarget::Own(_) => Vec::new(),
        }
    }

    /// A source by name and one by address may both be there.
    fn cap_sources(&self, index: usize, sources: &Sources) -> Vec<IpRange> {
        let everything = [IpRange::ALL_V4, IpRange::ALL_V6].into_iter().filter(|_| sources.danger_all);
        let named = sources.wildcard || sources.nodes.contains(index);
        let mut dsts = self.narrowed(index, everything.chain(sources.ranges.ranges()));
        dsts.extend(self.addresses.of(index).filter(|_| named).map(IpRange::single));
        dsts.sort_unstable();
        dsts.dedup();
        dsts
    }

    fn narrowed(&self, index: usize, ranges: impl Iterator<Item = IpRange>) -> Vec<IpRange> {
        let Some(node) = self.node(index) else { return Vec::new() };
        let mut dsts: Vec<IpRange> = Vec::new();
        for range in ranges {
            let own =
                self.addresses.of(index).filter(|address| range.contains(*address)).map(IpRange::single);
            dsts.extend(own);
            // One address behind a router counts in Headscale only.
            let wide = self.dialect.is_headscale() || !range.is_single();
            if wide && node.subnets().any(|route| route.overlaps(range)) {
                dsts.push(range);
            }
        }
        dsts
    }
}
