//! Who sees whom.

mod headscale;

use super::address::Addresses;
use super::filter::NodeRule;
use super::source::SourceTable;
use crate::network::{Network, Node, UserKind};
use crate::resolve::{Resolved, ResolvedRule, Target};
use crate::set::NodeSet;

/// The peers of every node: A and B see each other if either may reach an address or an approved route of the
/// other. A subnet behind a router counts as a source at the router.
pub(crate) fn peers(
    filters: &[Vec<NodeRule>],
    sources: &SourceTable,
    resolved: &Resolved,
    addresses: &Addresses,
) -> Vec<NodeSet> {
    let mut rows = if resolved.names.dialect().is_headscale() {
        headscale::peers(resolved, addresses)
    } else {
        tailscale(filters, sources, resolved, addresses)
    };
    for (index, row) in rows.iter_mut().enumerate() {
        row.remove(index);
    }
    part_guests(&mut rows, addresses.network());
    rows
}

fn tailscale(
    filters: &[Vec<NodeRule>],
    sources: &SourceTable,
    resolved: &Resolved,
    addresses: &Addresses,
) -> Vec<NodeSet> {
    let count = addresses.network().nodes().len();
    // Rules of the same source are one row union, not one for each.
    let mut reached = vec![NodeSet::new(); sources.iter().count()];
    for (index, rules) in filters.iter().enumerate() {
        for rule in rules {
            let (NodeRule::Ports { source, .. } | NodeRule::Caps { source, .. }) = rule;
            if let Some(row) = reached.get_mut(*source) {
                row.insert(index);
            }
        }
    }
    let mut rows = vec![NodeSet::new(); count];
    for (source, targets) in sources.iter().zip(&reached) {
        if !targets.is_empty() {
            connect(&mut rows, &source.nodes(addresses), targets);
        }
    }
    // A via grant with capabilities only makes no rule, yet its routers are seen (captures).
    for rule in resolved.rules.iter().filter(|rule| rule.services.is_empty()) {
        let Some(via) = &rule.via else { continue };
        let routers = via.iter().filter(|index| routed(rule, *index, addresses)).collect();
        let source = super::source::Source::of(&rule.sources, addresses);
        connect(&mut rows, &source.nodes(addresses), &routers);
    }
    rows
}

/// Whether a router of a rule that names its routers routes any of its destinations.
fn routed(rule: &ResolvedRule, index: usize, addresses: &Addresses) -> bool {
    let Some(node) = addresses.network().node(index) else { return false };
    rule.destinations.iter().any(|destination| match &destination.target {
        Target::Ranges(ranges) => {
            ranges.iter().any(|range| node.subnets().any(|route| route.overlaps(*range)))
        }
        Target::Carved(ranges) => ranges.iter().any(|range| addresses.is_routed_out(index, *range)),
        Target::Internet => node.is_exit(),
        _ => false,
    })
}

/// A share recipient's device, where the network file lists one, sees only what is shared with that person
/// (documentation of node sharing).
fn part_guests(rows: &mut [NodeSet], network: &Network) {
    for (guest, node) in network.nodes().iter().enumerate() {
        let owner = node.owner().and_then(|user| network.user(user));
        let Some(login) = owner.filter(|user| user.kind == UserKind::Shared).map(|user| &user.login) else {
            continue;
        };
        let shared = |node: &Node| node.shared_to.iter().any(|to| to.eq_ignore_ascii_case(login));
        let open: NodeSet = network
            .nodes()
            .iter()
            .enumerate()
            .filter(|(_, node)| shared(node))
            .map(|(index, _)| index)
            .collect();
        for (index, row) in rows.iter_mut().enumerate() {
            if index == guest {
                row.intersect_with(&open);
            } else if !open.contains(index) {
                row.remove(guest);
            }
        }
    }
}

fn connect(rows: &mut [NodeSet], from: &NodeSet, to: &NodeSet) {
    for index in from.iter() {
        if let Some(row) = rows.get_mut(index) {
            row.union_with(to);
        }
    }
    for index in to.iter() {
        if let Some(row) = rows.get_mut(index) {
            row.union_with(from);
        }
    }
}
