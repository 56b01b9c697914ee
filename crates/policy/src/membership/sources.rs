//! Which sources of a policy let everybody in, and whom they name today.

use std::net::IpAddr;

use super::Member;
use crate::network::Node;
use crate::reach::{Entry, Note};
use crate::set::{IpRange, IpSet};
use crate::syntax::{Policy, Text};

/// Whom sources that let everybody in name today.
pub(super) struct Today {
    /// The group of the users.
    group: String,
    /// Tagged machines and approved routes.
    rest: Vec<String>,
    /// The addresses of all machines that are not the member's.
    machines: Vec<IpAddr>,
    /// Those that are.
    own: Vec<IpAddr>,
    here: bool,
}

/// What stands in the place of one source.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Narrowed {
    /// Beside a destination that is each user's own.
    pub(super) people: Vec<String>,
    /// What cannot stand there.
    pub(super) rest: Vec<String>,
}

impl Today {
    pub(super) fn of(member: &Member, group: &str) -> Self {
        let nodes = || member.network.nodes().iter();
        let mut routes: Vec<IpRange> = nodes().flat_map(Node::subnets).collect();
        routes.sort_unstable();
        routes.dedup();
        let rest =
            std::iter::once("autogroup:tagged".to_owned()).chain(routes.iter().map(IpRange::to_string));
        let is_own = |node: &&Node| node.owner() == Some(member.user);
        Self {
            group: group.to_owned(),
            rest: rest.collect(),
            machines: nodes().filter(|node| !is_own(node)).flat_map(Node::addresses).collect(),
            own: nodes().filter(is_own).flat_map(Node::addresses).collect(),
            here: member.here,
        }
    }

    /// All of them.
    pub(super) fn all(&self) -> Vec<String> {
        std::iter::once(&self.group).chain(&self.rest).cloned().collect()
    }

    /// Whom a source names, if it lets the member in without meaning them.
    pub(super) fn narrowed(&self, policy: &Policy, source: &Text) -> Option<Narrowed> {
        match source.as_str() {
            "*" | "autogroup:danger-all" => {
                Some(Narrowed { people: vec![self.group.clone()], rest: self.rest.clone() })
            }
            "autogroup:member" => Some(Narrowed { people: vec![self.group.clone()], rest: Vec::new() }),
            name => {
                let range = range(policy, name)?;
                let rest = self.addresses(range);
                (self.holds(range) && !rest.is_empty()).then_some(Narrowed { people: Vec::new(), rest })
            }
        }
    }

    /// Whether a range is one of many addresses and holds the member's, or one that a newcomer may get.
    fn holds(&self, range: IpRange) -> bool {
        let theirs = self.own.iter().any(|own| range.contains(*own));
        let free = (!self.here || self.own.is_empty()) && tailnet().overlaps(range);
        !range.is_single() && (theirs || free)
    }

    /// The machines in a range, and what of it is no address of a machine.
    fn addresses(&self, range: IpRange) -> Vec<String> {
        let machines = self.machines.iter().filter(|own| range.contains(**own)).map(ToString::to_string);
        let outside = std::iter::once(range).collect::<IpSet>().difference(&tailnet());
        machines.chain(outside.ranges().flat_map(prefixes).map(|prefix| prefix.to_string())).collect()
    }
}

/// Whether a source stands in filters as all addresses of a family that servers give out: also the next one is among them, and
/// no number of machines fills it up.
pub(super) fn is_every_address(policy: &Policy, source: &Text) -> bool {
    match source.as_str() {
        "*" | "autogroup:danger-all" => true,
        name => range(policy, name).is_some_and(|range| tailnet().ranges().any(|all| range.covers(all))),
    }
}

/// Whether reach rests on an address in a range of those that servers give to machines.
pub(super) fn is_range(entry: &Entry) -> bool {
    let wide = |range: &IpRange| !range.is_single() && tailnet().overlaps(*range);
    matches!(&entry.note, Some(Note::Literal(ranges)) if ranges.iter().any(wide))
}

/// The addresses that servers give to machines.
fn tailnet() -> IpSet {
    let texts = ["100.64.0.0/10", "fd7a:115c:a1e0::/48"];
    texts.iter().filter_map(|text| text.parse::<IpRange>().ok()).collect()
}

/// An address, a prefix, or a host that is one.
fn range(policy: &Policy, name: &str) -> Option<IpRange> {
    let read = |text: &str| text.parse::<IpRange>().ok().filter(|range| range.prefix_length().is_some());
    let host = || policy.hosts.iter().find(|host| host.name.value == name);
    read(name).or_else(|| read(&host()?.value.value))
}

/// A range in prefixes, because Headscale takes no others.
fn prefixes(range: IpRange) -> Vec<IpRange> {
    let (first, last, bits) = match range {
        IpRange::V4(first, last) => (first.into(), last.into(), 32_u8),
        IpRange::V6(first, last) => (first, last, 128),
    };
    let make = |first: u128, length: u8| match bits {
        32 => IpRange::prefix(std::net::Ipv4Addr::from_bits(u32::try_from(first).ok()?).into(), length),
        _ => IpRange::prefix(std::net::Ipv6Addr::from_bits(first).into(), length),
    };
    let (mut all, mut at) = (Vec::new(), Some(first));
    while let Some(first) = at.filter(|first| *first <= last) {
        // The largest that begins here and does not go beyond the end.
        let fits = |length: &u8| {
            let size = 1_u128.checked_shl((bits - length).into()).map_or(u128::MAX, |size| size - 1);
            first & size == 0 && first.checked_add(size).is_some_and(|end| end <= last)
        };
        let length = (0..=bits).find(fits).unwrap_or(bits);
        all.extend(make(first, length));
        let size = 1_u128.checked_shl((bits - length).into());
        at = size.and_then(|size| first.checked_add(size));
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_range_falls_into_prefixes() {
        let texts = |range: &str| {
            let prefixes = prefixes(range.parse().unwrap()).into_iter();
            prefixes.map(|prefix| prefix.to_string()).collect::<Vec<_>>()
        };
        assert_eq!(texts("10.0.0.1-10.0.0.6"), ["10.0.0.1", "10.0.0.2/31", "10.0.0.4/31", "10.0.0.6"]);
        assert_eq!(texts("0.0.0.0-255.255.255.255"), ["0.0.0.0/0"]);
        assert_eq!(texts("::-ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff"), ["::/0"]);
        assert_eq!(texts("fd00::-fd00::2"), ["fd00::/127", "fd00::2"]);
    }
}
