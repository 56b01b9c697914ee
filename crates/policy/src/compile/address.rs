//! The addresses that nodes really have, and the sets that stand for tailnet and internet.

use std::collections::BTreeMap;
use std::net::IpAddr;

use crate::network::{Network, Node};
use crate::set::{Bits, IpRange, IpSet, NodeSet};

/// What `*` stands for as a source besides approved routes: 100.64.0.0/10 without 100.115.92.0/23, which
/// `ChromeOS` uses for its VMs, and the tailnet part of IPv6 (captures).
pub(crate) const TAILNET: [IpRange; 3] = [
    IpRange::V4(0x6440_0000, 0x6473_5bff),
    IpRange::V4(0x6473_5e00, 0x647f_ffff),
    IpRange::V6(0xfd7a_115c_a1e0 << 80, (0xfd7a_115c_a1e1 << 80) - 1),
];

/// All that a node's own address can be in: the same without the gap.
const NODE_SPACE: [IpRange; 2] = [IpRange::V4(0x6440_0000, 0x647f_ffff), TAILNET[2]];

/// `autogroup:internet`: IPv4 without private, shared and link-local space, and `2000::/3` (captures).
pub(crate) fn internet() -> IpSet {
    let private = [
        IpRange::V4(0x0a00_0000, 0x0aff_ffff),
        NODE_SPACE[0],
        IpRange::V4(0xa9fe_0000, 0xa9fe_ffff),
        IpRange::V4(0xac10_0000, 0xac1f_ffff),
        IpRange::V4(0xc0a8_0000, 0xc0a8_ffff),
    ];
    let global = [IpRange::ALL_V4, IpRange::V6(0x2000 << 112, (0x4000 << 112) - 1)];
    let all: IpSet = global.into_iter().collect();
    all.difference(&private.into_iter().collect())
}

/// The ranges of `autogroup:internet` as the wire has them: always `a-b`, even where a prefix would fit.
pub(crate) fn as_range(range: IpRange) -> String {
    format!("{}-{}", range.first(), range.last())
}

/// Nodes with the addresses that are left to them: the attribute `disable-ipv4` takes one away.
#[derive(Clone, Debug)]
pub(crate) struct Addresses<'a> {
    network: &'a Network,
    without_v4: NodeSet,
    /// Twice the node's index, plus one for IPv6.
    by_address: BTreeMap<IpAddr, usize>,
    internet: IpSet,
}

impl<'a> Addresses<'a> {
    pub(crate) fn new(network: &'a Network, without_v4: NodeSet) -> Self {
        let mut addresses = Self { network, without_v4, by_address: BTreeMap::new(), internet: internet() };
        for index in 0..network.nodes().len() {
            let own: Vec<_> = addresses.of(index).collect();
            for address in own {
                addresses.by_address.entry(address).or_insert(index * 2 + usize::from(address.is_ipv6()));
            }
        }
        addresses
    }

    pub(crate) fn network(&self) -> &'a Network {
        self.network
    }

    /// The addresses of a node, IPv4 first.
    pub(crate) fn of(&self, index: usize) -> impl Iterator<Item = IpAddr> + use<'a> {
        let v4 = !self.without_v4.contains(index);
        let node: Option<&'a Node> = self.network.node(index);
        node.into_iter().flat_map(Node::addresses).filter(move |address| v4 || address.is_ipv6())
    }

    /// The address that a bit of [`Self::bits`] stands for.
    pub(crate) fn of_bit(&self, bit: usize) -> Option<IpAddr> {
        self.of(bit / 2).find(|address| usize::from(address.is_ipv6()) == bit % 2)
    }

    /// The bit of an address, if a node has it.
    pub(crate) fn bit(&self, address: IpAddr) -> Option<usize> {
        self.by_address.get(&address).copied()
    }

    /// One bit for each address of the nodes.
    pub(crate) fn bits(&self, nodes: &NodeSet) -> Bits {
        let bit =
            |index: usize| self.of(index).map(move |address| index * 2 + usize::from(address.is_ipv6()));
        nodes.iter().flat_map(bit).collect()
    }

    /// The nodes that have an address in a range.
    pub(crate) fn within(&self, range: IpRange) -> impl Iterator<Item = usize> + use<'_> {
        self.by_address.range(range.first()..=range.last()).map(|(_, bit)| bit / 2)
    }

    /// The greatest prefix around an address that holds addresses of some nodes only: Headscale writes the addresses of
    /// a name as prefixes, and a machine is sent the whole one that it lies in.
    pub(crate) fn block(&self, address: IpAddr, nodes: &NodeSet) -> IpRange {
        let mut block = IpRange::single(address);
        let bits: u8 = if address.is_ipv4() { 32 } else { 128 };
        for length in (0..bits).rev() {
            let Some(wider) = IpRange::prefix(address, length) else { break };
            let size = 1_usize.checked_shl(u32::from(bits - length));
            let held = self.by_address.range(wider.first()..=wider.last());
            let held = held.filter(|(_, bit)| nodes.contains(**bit / 2)).count();
            if size != Some(held) {
                break;
            }
            block = wider;
        }
        block
    }

    /// Whether traffic to a range may end at or pass through a node: its own address, an approved subnet
    /// route, or, for public addresses, an approved exit route.
    pub(crate) fn concerns(&self, index: usize, range: IpRange) -> bool {
        let Some(node) = self.network.node(index) else { return false };
        self.of(index).any(|address| range.contains(address))
            || node.subnets().any(|route| route.overlaps(range))
            || (node.is_exit() && self.internet.covers(range))
    }

    /// Whether a node routes a part of `autogroup:internet`, or of a set cut out of it: an approved subnet route
    /// overlaps it, or it is public and the node is an exit node.
    pub(crate) fn is_routed_out(&self, index: usize, range: IpRange) -> bool {
        let Some(node) = self.network.node(index) else { return false };
        node.subnets().any(|route| route.overlaps(range)) || (node.is_exit() && self.internet.covers(range))
    }

    /// Whether a subnet route of the node reaches into the space of the nodes' own addresses.
    pub(crate) fn routes_into_tailnet(&self, index: usize) -> bool {
        let node = self.network.node(index);
        node.is_some_and(|node| {
            node.subnets().any(|route| NODE_SPACE.iter().any(|space| space.overlaps(route)))
        })
    }

    /// The ranges of `autogroup:internet`.
    pub(crate) fn internet(&self) -> impl Iterator<Item = IpRange> + '_ {
        self.internet.ranges()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    // From the captures of `issue_3212`.
    #[test]
    fn the_internet_has_the_ranges_of_the_captures() {
        let ranges: Vec<String> = internet().ranges().map(as_range).collect();
        assert_eq!(ranges.first().unwrap(), "0.0.0.0-9.255.255.255");
        assert_eq!(ranges.last().unwrap(), "2000::-3fff:ffff:ffff:ffff:ffff:ffff:ffff:ffff");
        assert_eq!(ranges.len(), 7);
        assert_eq!(TAILNET[1].to_string(), "100.115.94.0-100.127.255.255");
        assert_eq!(TAILNET[2].to_string(), "fd7a:115c:a1e0::/48");
    }
}
