//! The packet filter of every node, kept compact: numbers of sources, ranges of destinations.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::address::{Addresses, as_range};
use super::companion;
use super::source::{Source, SourceTable};
use super::wire::{CapGrant, CapMap, DstPort, FilterRule};
use crate::resolve::{Destination, Resolved, ResolvedRule, Sources, Target};
use crate::set::{IpRange, NodeSet};
use crate::syntax::port::Ports;

/// A destination on the wire.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Dst {
    /// `*`
    Any,
    /// An address, prefix or range, the shortest way.
    Range(IpRange),
    /// A part of the internet, always written `a-b`.
    Internet(IpRange),
}

/// One rule of one node.
#[derive(Clone, Debug)]
pub(crate) enum NodeRule {
    /// Opens ports.
    Ports { source: usize, protocol: Option<u8>, dsts: Vec<(Dst, Ports)> },
    /// Grants capabilities.
    Caps { source: usize, grants: Vec<(Vec<IpRange>, Arc<CapMap>)> },
}

/// What a part of a rule opens, and on which nodes.
#[derive(Clone, Copy)]
struct Part<'a> {
    target: PartTarget<'a>,
    ports: &'a [Ports],
    via: Option<&'a NodeSet>,
}

#[derive(Clone, Copy)]
enum PartTarget<'a> {
    Given(&'a Target),
    /// The nodes of the user whose node is asked for.
    Own(&'a NodeSet),
    /// The sources of a rule, for its companion.
    Sources(&'a Sources),
}

enum Body<'a> {
    Ports { source: usize, protocol: Option<u8>, parts: Vec<Part<'a>> },
    Caps { source: usize, grants: Vec<(PartTarget<'a>, Arc<CapMap>)> },
}

/// A destination `autogroup:self`: its sources differ from user to user.
struct OwnRule<'a> {
    order: usize,
    sources: &'a Sources,
    body: OwnBody<'a>,
}

enum OwnBody<'a> {
    Ports { protocol: Option<u8>, ports: &'a [Ports] },
    Caps(Arc<CapMap>),
}

/// All rules in their order, before they are cut down for each node.
pub(crate) struct Plan<'a> {
    addresses: &'a Addresses<'a>,
    resolved: &'a Resolved,
    sources: SourceTable,
    /// With its place in the order; ascending.
    rules: Vec<(usize, Body<'a>)>,
    /// Where the rule with this source and protocol is: rules alike in both are one.
    by_key: BTreeMap<(usize, Option<u8>), usize>,
    own: Vec<OwnRule<'a>>,
    order: usize,
}

impl<'a> Plan<'a> {
    pub(crate) fn new(resolved: &'a Resolved, addresses: &'a Addresses<'a>) -> Self {
        let mut plan = Self {
            addresses,
            resolved,
            sources: SourceTable::default(),
            rules: Vec::new(),
            by_key: BTreeMap::new(),
            own: Vec::new(),
            order: 0,
        };
        for rule in &resolved.rules {
            let source = plan.sources.number(Source::of(&rule.sources, addresses));
            plan.add_ports(rule, source);
            plan.add_caps(rule, source);
        }
        plan
    }

    fn next_order(&mut self) -> usize {
        self.order += 1;
        self.order
    }

    fn add_ports(&mut self, rule: &'a ResolvedRule, source: usize) {
        let empty = self.sources.get(source).is_none_or(Source::is_empty);
        for service in &rule.services {
            let (own, others): (Vec<_>, Vec<_>) =
                rule.destinations.iter().partition(|destination| destination.target == Target::SelfOwned);
            if !others.is_empty() && !empty {
                let parts = others.into_iter().map(|destination| Part {
                    target: PartTarget::Given(&destination.target),
                    ports: &service.ports,
                    via: rule.via.as_ref(),
                });
                self.merge(source, service.protocol, parts.collect());
            }
            for _ in own.iter().filter(|_| rule.via.is_none()) {
                let body = OwnBody::Ports { protocol: service.protocol, ports: &service.ports };
                let order = self.next_order();
                self.own.push(OwnRule { order, sources: &rule.sources, body });
            }
        }
    }

    fn merge(&mut self, source: usize, protocol: Option<u8>, parts: Vec<Part<'a>>) {
        let order = self.next_order();
        let at = *self.by_key.entry((source, protocol)).or_insert(self.rules.len());
        match self.rules.get_mut(at) {
            Some((_, Body::Ports { parts: there, .. })) => there.extend(parts),
            _ => self.rules.push((order, Body::Ports { source, protocol, parts })),
        }
    }

    fn add_caps(&mut self, rule: &'a ResolvedRule, source: usize) {
        // A via grant compiles its ports only (captures).
        if rule.app.is_empty() || rule.via.is_some() {
            return;
        }
        let values = Arc::new(companion::cap_map(&rule.app));
        let is_own = |destination: &Destination| destination.target == Target::SelfOwned;
        let grants: Vec<_> = rule
            .destinations
            .iter()
            .filter(|destination| !is_own(destination))
            .map(|destination| (PartTarget::Given(&destination.target), Arc::clone(&values)))
            .collect();
        let order = self.next_order();
        if !grants.is_empty() {
            self.rules.push((order, Body::Caps { source, grants }));
        }
        let owned = rule.destinations.iter().any(is_own);
        if owned {
            self.own.push(OwnRule { order, sources: &rule.sources, body: OwnBody::Caps(values) });
        }
        for map in companion::companions(&rule.app) {
            let map = Arc::new(map);
            let order = self.next_order();
            let reversed = Source::of_destinations(&rule.destinations, self.addresses);
            if !reversed.is_empty() {
                let source = self.sources.number(reversed);
                let grants = vec![(PartTarget::Sources(&rule.sources), Arc::clone(&map))];
                self.rules.push((order, Body::Caps { source, grants }));
            }
            if owned {
                self.own.push(OwnRule { order, sources: &rule.sources, body: OwnBody::Caps(map) });
            }
        }
    }

    /// The rules of one node, in order.
    pub(crate) fn node(&mut self, index: usize) -> Vec<NodeRule> {
        let own = self.own_rules(index);
        let mut rules: Vec<(usize, NodeRule)> = Vec::new();
        for (order, body) in &self.rules {
            match body {
                Body::Ports { source, protocol, parts } => {
                    let dsts: Vec<_> = parts.iter().flat_map(|part| self.dsts(index, *part)).collect();
                    if !dsts.is_empty() {
                        rules.push((*order, NodeRule::Ports { source: *source, protocol: *protocol, dsts }));
                    }
                }
                Body::Caps { source, grants } => {
                    let grants = self.grants(index, grants);
                    if !grants.is_empty() {
                        rules.push((*order, NodeRule::Caps { source: *source, grants }));
                    }
                }
            }
        }
        for (order, rule) in own {
            self.insert_own(&mut rules, order, rule);
        }
        rules.sort_by_key(|(order, _)| *order);
        rules.into_iter().map(|(_, rule)| rule).collect()
    }

    fn own_rules(&mut self, index: usize) -> Vec<(usize, NodeRule)> {
        let owner = self.addresses.network().node(index).and_then(crate::network::Node::owner);
        let Some((owner, nodes)) = owner.and_then(|user| Some((user, self.resolved.names.nodes_of(user)?)))
        else {
            return Vec::new();
        };
        if self.own.is_empty() {
            return Vec::new();
        }
        let source = self.sources.number(Source::of_nodes(nodes, self.addresses));
        let mut rules = Vec::new();
        for rule in self.own.iter().filter(|rule| rule.sources.wildcard || rule.sources.users.contains(owner))
        {
            let node_rule = match &rule.body {
                OwnBody::Ports { protocol, ports } => {
                    let part = Part { target: PartTarget::Own(nodes), ports, via: None };
                    NodeRule::Ports { source, protocol: *protocol, dsts: self.dsts(index, part) }
                }
                OwnBody::Caps(map) => {
                    let grants = self.grants(index, &[(PartTarget::Own(nodes), Arc::clone(map))]);
                    NodeRule::Caps { source, grants }
                }
            };
            rules.push((rule.order, node_rule));
        }
        rules
    }

    /// A rule for oneself joins the rule with the same source and protocol, at the place of the earlier; that
    /// rule counts even if nothing of it is left on this node.
    fn insert_own(&self, rules: &mut Vec<(usize, NodeRule)>, order: usize, rule: NodeRule) {
        let NodeRule::Ports { source, protocol, dsts } = rule else {
            rules.push((order, rule));
            return;
        };
        let same = rules.iter_mut().find_map(|(at, rule)| match rule {
            NodeRule::Ports { source: s, protocol: p, dsts } if (*s, *p) == (source, protocol) => {
                Some((at, dsts))
            }
            _ => None,
        });
        if let Some((at, there)) = same {
            *at = (*at).min(order);
            there.extend(dsts);
            return;
        }
        let planned = self.by_key.get(&(source, protocol)).and_then(|at| self.rules.get(*at));
        let order = planned.map_or(order, |(at, _)| order.min(*at));
        rules.push((order, NodeRule::Ports { source, protocol, dsts }));
    }

    /// What is left of a part on a node.
    fn dsts(&self, index: usize, part: Part<'a>) -> Vec<(Dst, Ports)> {
        let addresses = self.addresses;
        let kept: Vec<Dst> = if let Some(via) = part.via {
            if !via.contains(index) {
                return Vec::new();
            }
            self.via_dsts(index, part.target)
        } else {
            match part.target {
                PartTarget::Given(Target::Any) => vec![Dst::Any],
                PartTarget::Given(Target::Nodes(nodes)) | PartTarget::Own(nodes) => {
                    self.node_dsts(index, nodes)
                }
                PartTarget::Given(Target::Ranges(ranges)) => {
                    let concern = ranges.iter().filter(|range| addresses.concerns(index, **range));
                    concern.map(|range| Dst::Range(*range)).collect()
                }
                PartTarget::Given(Target::Internet) if self.is_exit(index) => {
                    addresses.internet().map(Dst::Internet).collect()
                }
                PartTarget::Given(_) | PartTarget::Sources(_) => Vec::new(),
            }
        };
        kept.into_iter().flat_map(|dst| part.ports.iter().map(move |ports| (dst, *ports))).collect()
    }

    fn node_dsts(&self, index: usize, nodes: &NodeSet) -> Vec<Dst> {
        let single = |address| Dst::Range(IpRange::single(address));
        let mut dsts = Vec::new();
        if self.addresses.routes_into_tailnet(index) {
            let others =
                nodes.iter().filter(|other| *other != index).flat_map(|other| self.addresses.of(other));
            dsts.extend(others.filter(|a| self.addresses.concerns(index, IpRange::single(*a))).map(single));
        }
        if nodes.contains(index) {
            dsts.extend(self.addresses.of(index).map(single));
        }
        dsts
    }

    /// Through a router: prefixes that overlap its approved routes, the internet if it is an exit node.
    fn via_dsts(&self, index: usize, target: PartTarget) -> Vec<Dst> {
        let Some(node) = self.addresses.network().node(index) else { return Vec::new() };
        match target {
            PartTarget::Given(Target::Ranges(ranges)) => {
                let routed =
                    ranges.iter().filter(|range| node.subnets().any(|route| route.overlaps(**range)));
                routed.map(|range| Dst::Range(*range)).collect()
            }
            PartTarget::Given(Target::Internet) if node.is_exit() => {
                self.addresses.internet().map(Dst::Internet).collect()
            }
            _ => Vec::new(),
        }
    }

    fn is_exit(&self, index: usize) -> bool {
        self.addresses.network().node(index).is_some_and(crate::network::Node::is_exit)
    }

    fn grants(&self, index: usize, grants: &[(PartTarget, Arc<CapMap>)]) -> Vec<(Vec<IpRange>, Arc<CapMap>)> {
        grants
            .iter()
            .map(|(target, map)| (self.cap_dsts(index, *target), Arc::clone(map)))
            .filter(|(dsts, _)| !dsts.is_empty())
            .collect()
    }

    /// Capabilities are narrowed to the node's own addresses; prefixes behind it stay as they are.
    fn cap_dsts(&self, index: usize, target: PartTarget) -> Vec<IpRange> {
        let own = || self.addresses.of(index).map(IpRange::single);
        match target {
            PartTarget::Given(Target::Any) => own().collect(),
            PartTarget::Given(Target::Nodes(nodes)) | PartTarget::Own(nodes) if nodes.contains(index) => {
                own().collect()
            }
            PartTarget::Given(Target::Ranges(ranges)) => self.narrowed(index, ranges),
            PartTarget::Sources(sources) => {
                if sources.wildcard || sources.danger_all || sources.nodes.contains(index) {
                    return own().collect();
                }
                self.narrowed(index, &sources.ranges.ranges().collect::<Vec<_>>())
            }
            PartTarget::Given(_) | PartTarget::Own(_) => Vec::new(),
        }
    }

    fn narrowed(&self, index: usize, ranges: &[IpRange]) -> Vec<IpRange> {
        let Some(node) = self.addresses.network().node(index) else { return Vec::new() };
        let mut dsts: Vec<IpRange> = Vec::new();
        for range in ranges {
            let own =
                self.addresses.of(index).filter(|address| range.contains(*address)).map(IpRange::single);
            dsts.extend(own);
            if !range.is_single() && node.subnets().any(|route| route.overlaps(*range)) {
                dsts.push(*range);
            }
        }
        dsts
    }

    pub(crate) fn into_sources(self) -> SourceTable {
        self.sources
    }
}

/// A compact rule on the wire.
pub(crate) fn wire(rule: &NodeRule, sources: &SourceTable, addresses: &Addresses) -> FilterRule {
    let texts = |number: usize| sources.get(number).map(|source| source.texts(addresses)).unwrap_or_default();
    match rule {
        NodeRule::Ports { source, protocol, dsts } => {
            let mut dst_ports: Vec<DstPort> = dsts
                .iter()
                .map(|(dst, ports)| {
                    let ip = match dst {
                        Dst::Any => "*".to_owned(),
                        Dst::Range(range) => range.to_string(),
                        Dst::Internet(range) => as_range(*range),
                    };
                    DstPort { ip, ports: *ports }
                })
                .collect();
            dst_ports.sort_by(|a, b| a.ip.cmp(&b.ip));
            FilterRule {
                src_ips: texts(*source),
                dst_ports,
                ip_proto: protocol.iter().copied().collect(),
                cap_grant: Vec::new(),
            }
        }
        NodeRule::Caps { source, grants } => FilterRule {
            src_ips: texts(*source),
            cap_grant: grants
                .iter()
                .map(|(dsts, map)| CapGrant {
                    dsts: dsts.iter().map(|dst| dst.with_length()).collect(),
                    cap_map: CapMap::clone(map),
                })
                .collect(),
            ..FilterRule::default()
        },
    }
}
