//! `nodeAttrs`: capabilities that nodes have about themselves.

use super::wire::CapMap;
use crate::budget::Budget;
use crate::error::PolicyError;
use crate::headscale;
use crate::network::Network;
use crate::quote::quoted;
use crate::resolve::{Names, Selected, Selector, people_or_nodes};
use crate::set::{IpRange, NodeSet};
use crate::syntax::{Dialect, Policy, Text};

/// Parts of 100.64.0.0/10 that no pool may touch (the documentation of IP pools; the second is in a capture).
pub(crate) const RESERVED: [IpRange; 3] = [
    IpRange::V4(0x6464_0000, 0x6464_00ff),
    IpRange::V4(0x6464_6400, 0x6464_64ff),
    IpRange::V4(0x6473_5c00, 0x6473_5dff),
];
/// What all entries together may look at.
const MAX_STEPS: u64 = 100_000_000;
pub(crate) const CGNAT: IpRange = IpRange::V4(0x6440_0000, 0x647f_ffff);

/// `funnel` comes with the ports that it may use, and with a warning while the tailnet has no HTTPS, which a
/// network file never says it has (captures).
const FUNNEL: [&str; 2] = [
    "https://tailscale.com/cap/funnel-ports?ports=443,8443,10000",
    "https://tailscale.com/cap/warn-funnel-no-https",
];

/// Headscale looks up whom attributes are for only after it has run the tests, and refuses those whom it does not find.
///
/// # Errors
/// Its refusal of the first entry for somebody who is not there.
pub(crate) fn check_targets(policy: &Policy, names: &Names, network: &Network) -> Result<(), PolicyError> {
    let proposed = names.dialect() == Dialect::Headscale029 && !policy.language.reading.is_in_force();
    for entry in policy.node_attrs.iter().filter(|entry| proposed && !entry.attr.is_empty()) {
        let unresolved = |text: &Text| headscale::unresolved(&text.value, policy, names.accounts(), network);
        let faults: Vec<String> = entry.target.iter().flat_map(unresolved).collect();
        if !faults.is_empty() {
            let targets: Vec<&str> = entry.target.iter().map(Text::as_str).collect();
            let (targets, faults) = (targets.join(" "), headscale::together(&faults));
            let message = format!("compiling nodeAttrs: nodeAttrs target [{targets}]: {faults}");
            return Err(PolicyError::invalid(message).within(entry.rule));
        }
    }
    Ok(())
}

/// The attributes of every node, by node index.
///
/// # Errors
/// The control plane's refusal of the first bad entry.
pub(crate) fn attributes(
    policy: &Policy,
    names: &Names,
    network: &Network,
) -> Result<Vec<CapMap>, PolicyError> {
    let mut maps = vec![CapMap::new(); network.nodes().len()];
    let mut give = |nodes: &NodeSet, attribute: &str| {
        for index in nodes.iter() {
            if let Some(map) = maps.get_mut(index) {
                map.insert(attribute.to_owned(), None);
            }
        }
    };
    if policy.randomize_client_port {
        give(&NodeSet::all(network.nodes().len()), "randomize-client-port");
    }
    let budget = Budget::new("the node attributes", MAX_STEPS);
    let weigh = |nodes: &NodeSet, times: usize| {
        budget.spend(nodes.len().saturating_add(nodes.words()).saturating_mul(times))
    };
    for entry in &policy.node_attrs {
        let mut nodes = NodeSet::new();
        for text in &entry.target {
            budget.spend(network.nodes().len() / 64 + 1)?;
            nodes.union_with(
                &target(text, names, network, &budget).map_err(|error| error.within(entry.rule))?,
            );
        }
        for pool in entry.ip_pool.iter().filter(|_| !names.is_taken()) {
            check_pool(pool).map_err(|error| error.within(entry.rule))?;
        }
        weigh(&nodes, entry.attr.len())?;
        for attribute in &entry.attr {
            give(&nodes, &attribute.value);
            if attribute.value == "funnel" && !names.dialect().is_headscale() {
                for more in FUNNEL {
                    give(&nodes, more);
                }
            }
        }
    }
    Ok(maps)
}

fn target(text: &Text, names: &Names, network: &Network, budget: &Budget) -> Result<NodeSet, PolicyError> {
    let selector = Selector::parse(&text.value);
    Ok(match people_or_nodes(&selector, names, network)? {
        Some(Selected::People(people)) => people.nodes,
        Some(Selected::Nodes(nodes)) => nodes,
        Some(Selected::Ranges(ranges)) => {
            let inside = |index: &usize| {
                let mut addresses =
                    network.node(*index).into_iter().flat_map(crate::network::Node::addresses);
                addresses.any(|address| ranges.iter().any(|range| range.contains(address)))
            };
            budget.spend(network.nodes().len().saturating_mul(ranges.len()))?;
            (0..network.nodes().len()).filter(inside).collect()
        }
        _ if selector == Selector::Wildcard => NodeSet::all(network.nodes().len()),
        _ if names.is_taken() => NodeSet::new(),
        _ => {
            return Err(PolicyError::invalid(format!(
                "{} not valid as a target of nodeAttrs",
                quoted(&text.value)
            )));
        }
    })
}

/// What the control plane refuses as a pool of addresses; the error has no place yet.
pub(crate) fn check_pool(pool: &Text) -> Result<(), PolicyError> {
    let text = pool.as_str();
    let refuse = |what: &str| Err(PolicyError::invalid(format!("IPPool({text}): {what}")));
    if !text.contains('/') {
        return Err(PolicyError::invalid(format!("netip.ParsePrefix({}): no '/'", quoted(text))));
    }
    match text.parse::<IpRange>() {
        Err(_) => refuse("invalid network"),
        Ok(range) if !CGNAT.covers(range) => refuse("network not within 100.64.0.0/10"),
        Ok(range) if RESERVED.iter().any(|reserved| reserved.overlaps(range)) => {
            refuse("network within reserved range")
        }
        Ok(_) => Ok(()),
    }
}

/// The nodes that have no IPv4 address, by attribute or by the setting of the whole tailnet.
pub(crate) fn without_v4(policy: &Policy, attributes: &[CapMap]) -> NodeSet {
    if policy.language.dialect.is_headscale() {
        return NodeSet::new();
    }
    if policy.disable_ipv4 {
        return NodeSet::all(attributes.len());
    }
    let disabled = |(_, map): &(usize, &CapMap)| map.contains_key("disable-ipv4");
    attributes.iter().enumerate().filter(disabled).map(|(index, _)| index).collect()
}
