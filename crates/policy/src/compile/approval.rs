//! `autoApprovers`: routes that need no approval by hand.

use crate::budget::Budget;
use crate::error::PolicyError;
use crate::network::Network;
use crate::quote::quoted;
use crate::resolve::{Names, Selected, Selector, people_or_nodes};
use crate::set::{IpRange, NodeSet};
use crate::syntax::{Policy, RuleRef, Text};

/// Advertised routes times entries.
const MAX_STEPS: u64 = 200_000_000;

/// The advertised routes of every node, by node index, that the policy approves.
///
/// A subnet route is approved by an entry whose prefix holds it, equal or wider; an exit route only by
/// `exitNode`, never by an entry for `0.0.0.0/0` (1,764 captured observations).
///
/// # Errors
/// The control plane's refusal of an unknown approver or a bad prefix.
pub(crate) fn approvals(
    policy: &Policy,
    names: &Names,
    network: &Network,
) -> Result<Vec<Vec<IpRange>>, PolicyError> {
    let section = policy.sections.iter().find(|(section, _)| *section == crate::Section::AutoApprovers);
    let place = section.map(|(section, span)| RuleRef {
        section: *section,
        index: 0,
        line: policy.line(span.start).unwrap_or(0),
        end_line: policy.line(span.end).unwrap_or(0),
        start: span.start,
        end: span.end,
    });
    let approvers = |who: &[Text], rule: Option<RuleRef>| {
        let mut nodes = NodeSet::new();
        for text in who {
            let found = approver(text, names, network);
            nodes
                .union_with(&found.map_err(|error| {
                    rule.map_or_else(|| error.clone(), |rule| error.clone().within(rule))
                })?);
        }
        Ok::<_, PolicyError>(nodes)
    };
    let exits = approvers(&policy.auto_approvers.exit_node, place)?;
    let mut routes = Vec::new();
    for entry in &policy.auto_approvers.routes {
        let Ok(prefix) = entry.name.value.parse::<IpRange>() else {
            if names.is_taken() {
                continue;
            }
            let text = format!("autoApprovers: {}: invalid address", quoted(&entry.name.value));
            return Err(PolicyError::invalid(text).within(entry.rule));
        };
        routes.push((prefix, approvers(&entry.value, Some(entry.rule))?));
    }
    for entry in &policy.auto_approvers.services {
        approvers(&entry.value, Some(entry.rule))?;
    }
    let advertised: usize = network.nodes().iter().map(|node| node.advertised.len()).sum();
    Budget::new("the auto approvers", MAX_STEPS).spend(advertised.saturating_mul(routes.len()))?;
    let approved = |index: usize, route: IpRange| {
        if route.is_everything() {
            return exits.contains(index);
        }
        routes.iter().any(|(prefix, nodes)| prefix.covers(route) && nodes.contains(index))
    };
    let of_node = |(index, node): (usize, &crate::network::Node)| {
        node.advertised.iter().copied().filter(|route| approved(index, *route)).collect()
    };
    Ok(network.nodes().iter().enumerate().map(of_node).collect())
}

fn approver(text: &Text, names: &Names, network: &Network) -> Result<NodeSet, PolicyError> {
    let selector = Selector::parse(&text.value);
    match people_or_nodes(&selector, names, network)? {
        Some(Selected::People(people)) => Ok(people.nodes),
        Some(Selected::Nodes(nodes)) => Ok(nodes),
        _ if names.is_taken() => Ok(NodeSet::new()),
        _ => Err(PolicyError::invalid(format!("{} not valid as an approver", quoted(&text.value)))),
    }
}
