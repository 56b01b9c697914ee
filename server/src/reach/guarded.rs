//! Whom rules let in to a machine, as its guard needs to know it.

use std::collections::BTreeSet;

use firewall::{LetIn, TailnetAddress};
use model::{PortRange, PortSet, Protocol};
use policy::network::Node;
use policy::reach::{Entry, Note, Part, PortRanges};
use policy::{Network, Query, Target, Who};

use super::ReachModel;

/// Whom the policy lets in to a machine itself, from the addresses of their devices. What is only possible is not told, nor
/// who has no device that is seen.
pub fn let_in(known: &ReachModel, node: &str) -> Vec<LetIn> {
    let query = Query { to: Some(Target::Node(node.to_owned())), ..Query::default() };
    let mut entries = known.engine.reach(&query);
    entries.retain(|entry| matches!(entry.part, Part::Node | Part::Address(_)));
    entries.iter().filter_map(|entry| of_entry(known.network(), entry)).collect()
}

fn of_entry(network: &Network, entry: &Entry) -> Option<LetIn> {
    let only = match &entry.note {
        Some(Note::Devices(names) | Note::Posture(names)) if !names.is_empty() => Some(names),
        None | Some(Note::Posture(_)) => None,
        Some(Note::Devices(_) | Note::Literal(_) | Note::ExitInvite | Note::Unknown(_)) => return None,
    };
    let protocol = Protocol::ALL.into_iter().find(|one| one.number() == entry.protocol)?;
    let user = match &entry.who {
        Who::Login(login) => Some(network.user_with_login(login)?),
        _ => None,
    };
    let is_theirs = |node: &&Node| match &entry.who {
        Who::Login(_) => !node.is_tagged() && node.user == user,
        Who::Tag(tag) => node.tags.contains(tag),
        Who::Node(name) => node.name == *name,
        Who::Address(_) | Who::Unknown(_) => false,
    };
    let nodes = network.nodes().iter().filter(is_theirs);
    let nodes = nodes.filter(|node| only.is_none_or(|names| names.contains(&node.name)));
    // To one address only they come from the same family.
    let family = match &entry.part {
        Part::Address(to) => Some(to.is_ipv4()),
        _ => None,
    };
    let addresses = nodes.flat_map(Node::addresses).filter(|at| family.is_none_or(|v4| at.is_ipv4() == v4));
    let addresses: BTreeSet<TailnetAddress> =
        addresses.filter_map(|address| address.to_string().parse().ok()).collect();
    let let_in = LetIn { who: entry.who.to_string(), addresses, protocol, ports: ports(&entry.ports) };
    (!let_in.addresses.is_empty() && !let_in.ports.is_empty()).then_some(let_in)
}

/// Without port 0, which nobody listens on.
fn ports(ranges: &PortRanges) -> PortSet {
    let range = |(first, last): &(u16, u16)| PortRange::new((*first).max(1), *last).ok();
    ranges.ranges().iter().filter_map(range).collect()
}
