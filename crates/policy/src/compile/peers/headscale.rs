//! Who sees whom on a Headscale: it asks of each rule as it is written, not of what is left of it on a machine.

use super::{connect, routed};
use crate::compile::address::Addresses;
use crate::compile::source::Source;
use crate::resolve::{Destination, Resolved, ResolvedRule, Target};
use crate::set::{IpRange, IpSet, NodeSet};
use crate::syntax::Dialect;

/// The peers of every node. A machine that routes a part of a destination is seen, and an exit node if the destination is
/// the whole internet; the old version does not see a router for the sake of what is behind it as a source.
pub(super) fn peers(resolved: &Resolved, addresses: &Addresses) -> Vec<NodeSet> {
    let mut rows = vec![NodeSet::new(); addresses.network().nodes().len()];
    let old = resolved.names.dialect() == Dialect::Headscale028;
    // An acl is resolved to one rule for each of its destinations.
    for rules in resolved.rules.chunk_by(|a, b| a.rule == b.rule) {
        let Some(rule) = rules.first() else { continue };
        let source = Source::of(&rule.sources, addresses);
        let sources = if old { source.own_nodes(addresses) } else { source.nodes(addresses) };
        if let Some(via) = &rule.via {
            // Capabilities alone lead nowhere through a router.
            if rule.services.is_empty() {
                continue;
            }
            let routers = via.iter().filter(|index| routed(rule, *index, addresses)).collect();
            connect(&mut rows, &sources, &routers);
            continue;
        }
        let destinations: Vec<&Destination> = rules.iter().flat_map(|rule| &rule.destinations).collect();
        connect(&mut rows, &sources, &seen(&destinations, old, addresses));
        if destinations.iter().any(|destination| destination.target == Target::SelfOwned) {
            own(&mut rows, rule, &source.own_nodes(addresses), resolved);
        }
    }
    rows
}

/// The machines that some destinations are at or behind. To the old version they are the internet only if they are nothing
/// else.
fn seen(destinations: &[&Destination], old: bool, addresses: &Addresses) -> NodeSet {
    let network = addresses.network();
    let mut ranges: Vec<IpRange> = Vec::new();
    for destination in destinations {
        match &destination.target {
            Target::Any => return NodeSet::all(network.nodes().len()),
            Target::Nodes(nodes) => {
                let own = nodes.iter().flat_map(|index| addresses.of(index));
                ranges.extend(own.map(IpRange::single));
            }
            Target::Ranges(own) | Target::Carved(own) => ranges.extend(own),
            Target::Internet => ranges.extend(addresses.internet()),
            Target::SelfOwned | Target::Service(_) => {}
        }
    }
    let set: IpSet = ranges.into_iter().collect();
    let all: IpSet = addresses.internet().collect();
    let everything = set.covers(IpRange::ALL_V4) || set.covers(IpRange::ALL_V6);
    let internet = if old { set == all } else { everything || set.is_superset(&all) };
    let mut nodes: NodeSet = set.ranges().flat_map(|range| addresses.within(range)).collect();
    for (index, node) in network.nodes().iter().enumerate() {
        if node.subnets().any(|route| set.overlaps(route)) || (internet && node.is_exit()) {
            nodes.insert(index);
        }
    }
    nodes
}

/// `autogroup:self`: people's machines see each other, from those among them that the rule names.
fn own(rows: &mut [NodeSet], rule: &ResolvedRule, sources: &NodeSet, resolved: &Resolved) {
    let everybody = rule.sources.wildcard || rule.sources.danger_all;
    for nodes in resolved.names.members().users.iter().filter_map(|user| resolved.names.nodes_of(user)) {
        let mut from = nodes.clone();
        if !everybody {
            from.intersect_with(sources);
        }
        connect(rows, &from, nodes);
    }
}
