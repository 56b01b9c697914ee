//! All rules in their order, before they are cut down for each node.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::NodeRule;
use super::cut::{Cut, Part, PartTarget};
use crate::budget::Budget;
use crate::compile::address::Addresses;
use crate::compile::companion;
use crate::compile::source::{Source, SourceTable};
use crate::compile::wire::CapMap;
use crate::error::PolicyError;
use crate::network::Node;
use crate::resolve::{Destination, Resolved, ResolvedRule, Sources, Target};
use crate::set::{IpRange, NodeSet};
use crate::syntax::Dialect;
use crate::syntax::port::Ports;

/// How many destinations all packet filters together may have: some 300 megabytes.
const MAX_ENTRIES: u64 = 5_000_000;

/// By node index: rules with their place in the order.
type Filters = Vec<Vec<(usize, NodeRule)>>;
type Grants<'a> = Vec<(PartTarget<'a>, Arc<CapMap>)>;

/// A rule with its place in the order; places ascend, but not by one.
struct Planned<'a> {
    order: usize,
    source: usize,
    body: Body<'a>,
}

enum Body<'a> {
    Ports { protocol: Option<u8>, parts: Vec<Part<'a>> },
    Caps(Grants<'a>),
}

/// A rule through routers: on every other node it is as if it were not there, also for the order of the others.
struct ViaRule<'a> {
    order: usize,
    source: usize,
    protocol: Option<u8>,
    parts: Vec<Part<'a>>,
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

/// The rules of a policy on their way to the nodes.
pub(crate) struct Plan<'a> {
    cut: Cut<'a>,
    resolved: &'a Resolved,
    sources: SourceTable,
    rules: Vec<Planned<'a>>,
    /// Where the rule with this source and protocol is: rules alike in both are one.
    by_key: BTreeMap<(usize, Option<u8>), usize>,
    own: Vec<OwnRule<'a>>,
    via: Vec<ViaRule<'a>>,
    order: usize,
}

impl<'a> Plan<'a> {
    pub(crate) fn new(resolved: &'a Resolved, addresses: &'a Addresses<'a>) -> Self {
        let mut plan = Self {
            cut: Cut::new(addresses, resolved.names.dialect()),
            resolved,
            sources: SourceTable::default(),
            rules: Vec::new(),
            by_key: BTreeMap::new(),
            own: Vec::new(),
            via: Vec::new(),
            order: 0,
        };
        // Without a source or a destination there is no rule, capabilities included; a name that stands for nobody is
        // one (captures).
        let named =
            |rule: &&ResolvedRule| !rule.sources.selections.is_empty() && !rule.destinations.is_empty();
        for rule in resolved.rules.iter().filter(named) {
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
                let part = |destination: &'a Destination| Part {
                    target: PartTarget::Given(&destination.target),
                    ports: &service.ports,
                    via: rule.via.as_ref(),
                };
                let parts = others.into_iter().map(part).collect();
                if rule.via.is_none() {
                    self.merge(source, service.protocol, parts);
                } else {
                    let order = self.next_order();
                    self.via.push(ViaRule { order, source, protocol: service.protocol, parts });
                }
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
            Some(Planned { body: Body::Ports { parts: there, .. }, .. }) => there.extend(parts),
            _ => self.rules.push(Planned { order, source, body: Body::Ports { protocol, parts } }),
        }
    }

    fn add_caps(&mut self, rule: &'a ResolvedRule, source: usize) {
        // A via grant compiles its ports only (captures).
        if rule.app.is_empty() || rule.via.is_some() {
            return;
        }
        let values = Arc::new(companion::cap_map(&rule.app));
        let is_own = |destination: &&Destination| destination.target == Target::SelfOwned;
        let others = rule.destinations.iter().filter(|destination| !is_own(destination));
        let grants: Grants =
            others.map(|dst| (PartTarget::Given(&dst.target), Arc::clone(&values))).collect();
        let owned = rule.destinations.iter().any(|destination| is_own(&destination));
        self.push_caps(source, grants);
        if owned {
            self.push_own_caps(rule, values);
        }
        for map in companion::companions(&rule.app) {
            let map = Arc::new(map);
            let reversed = Source::of_destinations(&rule.destinations, self.cut.addresses);
            if !reversed.is_empty() {
                let source = self.sources.number(reversed);
                self.push_caps(source, vec![(PartTarget::Sources(&rule.sources), Arc::clone(&map))]);
            }
            if owned {
                self.push_own_caps(rule, map);
            }
        }
    }

    fn push_caps(&mut self, source: usize, grants: Grants<'a>) {
        let order = self.next_order();
        if !grants.is_empty() {
            self.rules.push(Planned { order, source, body: Body::Caps(grants) });
        }
    }

    fn push_own_caps(&mut self, rule: &'a ResolvedRule, map: Arc<CapMap>) {
        let order = self.next_order();
        self.own.push(OwnRule { order, sources: &rule.sources, body: OwnBody::Caps(map) });
    }

    /// The rules of every node in order, by node index, and the sources that they number.
    ///
    /// # Errors
    /// Of kind `TooLarge` when all filters together have more than [`MAX_ENTRIES`] destinations.
    pub(crate) fn filters(mut self) -> Result<(Vec<Vec<NodeRule>>, SourceTable), PolicyError> {
        let budget = Budget::new("the packet filters", MAX_ENTRIES);
        let mut filters: Filters = Vec::new();
        filters.resize_with(self.cut.addresses.network().nodes().len(), Vec::new);
        for rule in &self.rules {
            match &rule.body {
                Body::Ports { protocol, parts } => {
                    for part in parts {
                        self.cut_ports(&mut filters, rule, *protocol, *part, &budget)?;
                    }
                }
                Body::Caps(grants) => self.cut_caps(&mut filters, rule, grants, &budget)?,
            }
        }
        if !self.own.is_empty() || !self.via.is_empty() {
            for (index, rules) in filters.iter_mut().enumerate() {
                let mut more = self.own_rules(index);
                more.extend(self.via_rules(index));
                more.sort_by_key(|(order, _)| *order);
                for (order, rule) in more {
                    if let NodeRule::Ports { dsts, .. } = &rule {
                        budget.spend(dsts.len())?;
                    }
                    self.insert(rules, order, rule);
                }
                rules.sort_by_key(|(order, _)| *order);
            }
        }
        let plain = |rules: Vec<(usize, NodeRule)>| rules.into_iter().map(|(_, rule)| rule).collect();
        Ok((filters.into_iter().map(plain).collect(), self.sources))
    }

    fn cut_ports(
        &self,
        filters: &mut Filters,
        rule: &Planned,
        protocol: Option<u8>,
        part: Part,
        budget: &Budget,
    ) -> Result<(), PolicyError> {
        let candidates = self.cut.candidates(part.target, part.via);
        budget.spend(candidates.len())?;
        for index in candidates.iter() {
            let dsts = self.cut.dsts(index, part);
            let Some(rules) = filters.get_mut(index).filter(|_| !dsts.is_empty()) else { continue };
            budget.spend(dsts.len())?;
            match rules.last_mut() {
                Some((order, NodeRule::Ports { dsts: there, .. })) if *order == rule.order => {
                    there.extend(dsts);
                }
                _ => rules.push((rule.order, NodeRule::Ports { source: rule.source, protocol, dsts })),
            }
        }
        Ok(())
    }

    fn cut_caps(
        &self,
        filters: &mut Filters,
        rule: &Planned,
        grants: &[(PartTarget, Arc<CapMap>)],
        budget: &Budget,
    ) -> Result<(), PolicyError> {
        let mut candidates = NodeSet::new();
        for (target, _) in grants {
            candidates.union_with(&self.cut.candidates(*target, None));
        }
        budget.spend(candidates.len().saturating_mul(grants.len()))?;
        for index in candidates.iter() {
            let left = self.grants(index, grants);
            if let Some(rules) = filters.get_mut(index).filter(|_| !left.is_empty()) {
                rules.push((rule.order, NodeRule::Caps { source: rule.source, grants: left }));
            }
        }
        Ok(())
    }

    fn grants(&self, index: usize, grants: &[(PartTarget, Arc<CapMap>)]) -> Vec<(Vec<IpRange>, Arc<CapMap>)> {
        grants
            .iter()
            .map(|(target, map)| (self.cut.cap_dsts(index, *target), Arc::clone(map)))
            .filter(|(dsts, _)| !dsts.is_empty())
            .collect()
    }

    fn own_rules(&mut self, index: usize) -> Vec<(usize, NodeRule)> {
        let owner = self.cut.addresses.network().node(index).and_then(Node::owner);
        let owner = owner.filter(|_| !self.own.is_empty());
        let Some((owner, nodes)) = owner.and_then(|user| Some((user, self.resolved.names.nodes_of(user)?)))
        else {
            return Vec::new();
        };
        let asking: Vec<Option<Source>> =
            self.own.iter().map(|rule| self.own_source(rule.sources, owner, nodes)).collect();
        let asking: Vec<Option<usize>> =
            asking.into_iter().map(|source| Some(self.sources.number(source?))).collect();
        let cut = |rule: &OwnRule, source: usize| match &rule.body {
            OwnBody::Ports { protocol, ports } => {
                let part = Part { target: PartTarget::Own(nodes), ports, via: None };
                NodeRule::Ports { source, protocol: *protocol, dsts: self.cut.dsts(index, part) }
            }
            OwnBody::Caps(map) => NodeRule::Caps {
                source,
                grants: self.grants(index, &[(PartTarget::Own(nodes), Arc::clone(map))]),
            },
        };
        let mine = self.own.iter().zip(asking).filter_map(|(rule, source)| Some((rule, source?)));
        mine.map(|(rule, source)| (rule.order, cut(rule, source))).collect()
    }

    /// Which of their own machines somebody may come from. Headscale 0.28 takes also sources that name machines by tag or
    /// address.
    fn own_source(&self, sources: &Sources, owner: usize, nodes: &NodeSet) -> Option<Source> {
        let everybody = sources.wildcard || sources.danger_all;
        if everybody || sources.users.contains(owner) {
            return Some(Source::of_nodes(nodes, self.cut.addresses));
        }
        if self.resolved.names.dialect() != Dialect::Headscale028 {
            return None;
        }
        let holds = |index: &usize| {
            let mut own = self.cut.addresses.of(*index);
            sources.nodes.contains(*index) || own.any(|address| sources.ranges.contains(address))
        };
        let nodes: NodeSet = nodes.iter().filter(holds).collect();
        (!nodes.is_empty()).then(|| Source::of_nodes(&nodes, self.cut.addresses))
    }

    fn via_rules(&self, index: usize) -> Vec<(usize, NodeRule)> {
        let cut = |rule: &ViaRule| {
            let dsts: Vec<_> = rule.parts.iter().flat_map(|part| self.cut.dsts(index, *part)).collect();
            let ports = NodeRule::Ports { source: rule.source, protocol: rule.protocol, dsts };
            (rule.order, ports)
        };
        let leads = |(_, rule): &(usize, NodeRule)| match rule {
            NodeRule::Ports { dsts, .. } => !dsts.is_empty(),
            NodeRule::Caps { .. } => true,
        };
        self.via.iter().map(cut).filter(leads).collect()
    }

    /// A rule for oneself, or through this node, joins the rule with the same source and protocol, at the place of the
    /// earlier; that rule counts even if nothing of it is left on this node.
    fn insert(&self, rules: &mut Vec<(usize, NodeRule)>, order: usize, rule: NodeRule) {
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
        let order = planned.map_or(order, |planned| order.min(planned.order));
        rules.push((order, NodeRule::Ports { source, protocol, dsts }));
    }
}
