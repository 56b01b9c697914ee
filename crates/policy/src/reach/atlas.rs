//! The sources and places of a network, cut so finely that no rule tells two addresses of one apart.

use std::collections::BTreeSet;
use std::net::IpAddr;

use super::flow::{Aim, Flow};
use crate::network::{Network, UserKind};
use crate::set::{IpRange, IpSet};

/// Where packets come from.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Origin {
    /// A listed node, by index.
    Node(usize),
    /// A device that is not listed, of the user with this index.
    Unseen(usize),
    /// Addresses behind a subnet router, or one address.
    Range(IpRange),
    /// Somebody not known here, by the number of the name that rules have for them.
    Somebody(usize),
}

/// A place where packets go to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Spot {
    /// The node that gets them, by index; for a service its number behind those of all nodes.
    pub node: usize,
    /// Its own address, behind it, or out through it.
    pub kind: SpotKind,
    /// The addresses; one for an own address. Those of a service are not known here, so that one that nobody has stands
    /// for each family.
    pub place: IpRange,
}

/// How a place belongs to its node.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum SpotKind {
    Own,
    Route,
    Internet,
    Service,
}

/// Addresses at which the answer may change: the first addresses of ranges.
pub(crate) type Cuts = BTreeSet<IpAddr>;

/// Everything of a network that can be a source or a place.
#[derive(Clone, Debug)]
pub(crate) struct Atlas {
    pub origins: Vec<Origin>,
    /// Sorted by node.
    pub spots: Vec<Spot>,
    /// Per node, where its spots start; one more entry than nodes.
    starts: Vec<usize>,
}

/// `autogroup:internet`, as captures show it: IPv4 without the private, shared and link-local ranges, and
/// `2000::/3`.
pub(crate) fn public() -> IpSet {
    let parse =
        |texts: &[&str]| texts.iter().filter_map(|text| text.parse::<IpRange>().ok()).collect::<IpSet>();
    let private = ["10.0.0.0/8", "100.64.0.0/10", "169.254.0.0/16", "172.16.0.0/12", "192.168.0.0/16"];
    parse(&["0.0.0.0/0", "2000::/3"]).difference(&parse(&private))
}

/// The addresses that a tailnet gives to devices, the range of `ChromeOS` left out: what `*` stands for.
pub(crate) fn tailnet() -> IpSet {
    let parse =
        |texts: &[&str]| texts.iter().filter_map(|text| text.parse::<IpRange>().ok()).collect::<IpSet>();
    parse(&["100.64.0.0/10", "fd7a:115c:a1e0::/48"]).difference(&parse(&["100.115.92.0/23"]))
}

/// Every address at which a rule or the network makes a difference.
pub(crate) fn cuts(network: &Network, flows: &[Flow]) -> Cuts {
    let mut cuts = Cuts::new();
    let mut add = |range: IpRange| {
        cuts.insert(range.first());
        cuts.extend(after(range.last()));
    };
    public().ranges().chain(tailnet().ranges()).for_each(&mut add);
    for node in network.nodes() {
        node.subnets().for_each(&mut add);
    }
    for flow in flows {
        flow.ranges.ranges().for_each(&mut add);
        if let Aim::Literal(range) | Aim::Carved(range) = &flow.aim {
            add(*range);
        }
    }
    cuts
}

fn after(address: IpAddr) -> Option<IpAddr> {
    match address {
        IpAddr::V4(v4) => v4.to_bits().checked_add(1).map(|bits| std::net::Ipv4Addr::from_bits(bits).into()),
        IpAddr::V6(v6) => v6.to_bits().checked_add(1).map(|bits| std::net::Ipv6Addr::from_bits(bits).into()),
    }
}

fn before(address: IpAddr) -> Option<IpAddr> {
    match address {
        IpAddr::V4(v4) => v4.to_bits().checked_sub(1).map(|bits| std::net::Ipv4Addr::from_bits(bits).into()),
        IpAddr::V6(v6) => v6.to_bits().checked_sub(1).map(|bits| std::net::Ipv6Addr::from_bits(bits).into()),
    }
}

fn between(first: IpAddr, last: IpAddr) -> Option<IpRange> {
    match (first, last) {
        (IpAddr::V4(a), IpAddr::V4(b)) if a <= b => Some(IpRange::V4(a.to_bits(), b.to_bits())),
        (IpAddr::V6(a), IpAddr::V6(b)) if a <= b => Some(IpRange::V6(a.to_bits(), b.to_bits())),
        _ => None,
    }
}

/// A range followed directly by another, as one.
pub(crate) fn joined(a: IpRange, b: IpRange) -> Option<IpRange> {
    if after(a.last())? == b.first() { between(a.first(), b.last()) } else { None }
}

/// The pieces of a set between the cuts.
fn pieces<'a>(set: &'a IpSet, cuts: &'a Cuts) -> impl Iterator<Item = IpRange> + 'a {
    set.ranges().flat_map(move |range| {
        let inner =
            cuts.range(range.first()..=range.last()).copied().filter(move |cut| *cut != range.first());
        let firsts: Vec<IpAddr> = std::iter::once(range.first()).chain(inner).collect();
        let lasts = firsts.iter().skip(1).filter_map(|cut| before(*cut)).chain([range.last()]);
        firsts
            .clone()
            .into_iter()
            .zip(lasts.collect::<Vec<_>>())
            .filter_map(|(first, last)| between(first, last))
    })
}

impl Atlas {
    /// With so many services, and so many names of somebody not known here.
    pub(crate) fn of(network: &Network, cuts: &Cuts, services: usize, somebody: usize) -> Self {
        let public = public();
        let (mut spots, mut starts) = (Vec::new(), Vec::new());
        for (index, node) in network.nodes().iter().enumerate() {
            starts.push(spots.len());
            let own: IpSet = node.addresses().map(IpRange::single).collect();
            let subnets = node.subnets().collect::<IpSet>().difference(&own);
            let exit: IpSet = node.approved.iter().copied().filter(|route| route.is_everything()).collect();
            let outside = public.intersection(&exit).difference(&own).difference(&subnets);
            let mut add = |kind, place| spots.push(Spot { node: index, kind, place });
            own.ranges().for_each(|place| add(SpotKind::Own, place));
            pieces(&subnets, cuts).for_each(|place| add(SpotKind::Route, place));
            pieces(&outside, cuts).for_each(|place| add(SpotKind::Internet, place));
        }
        for number in 0..services {
            starts.push(spots.len());
            let place = |place| Spot { node: network.nodes().len() + number, kind: SpotKind::Service, place };
            spots.extend([IpRange::V4(0, 0), IpRange::V6(0, 0)].map(place));
        }
        starts.push(spots.len());
        let mut origins = origins(network, cuts);
        origins.extend((0..somebody).map(Origin::Somebody));
        Self { origins, spots, starts }
    }

    /// The spots of a node, with the index of the first.
    pub(crate) fn spots_of(&self, node: usize) -> (usize, &[Spot]) {
        let (start, end) = (self.starts.get(node).copied(), self.starts.get(node + 1).copied());
        let (start, end) = (start.unwrap_or(self.spots.len()), end.unwrap_or(self.spots.len()));
        (start, self.spots.get(start..end).unwrap_or_default())
    }
}

fn origins(network: &Network, cuts: &Cuts) -> Vec<Origin> {
    let mut seen = vec![false; network.users().len()];
    for owner in network.nodes().iter().filter_map(crate::network::Node::owner) {
        if let Some(seen) = seen.get_mut(owner) {
            *seen = true;
        }
    }
    let nodes = (0..network.nodes().len()).map(Origin::Node);
    // A share recipient may always have devices that are not listed.
    let unseen = network.users().iter().zip(seen).enumerate();
    let unseen = unseen.filter(|(_, (user, seen))| user.kind == UserKind::Shared || !seen);
    let unseen = unseen.map(|(index, _)| Origin::Unseen(index));
    // Addresses of nodes inside a route come from the node, not from behind the router.
    let own: IpSet = network.nodes().iter().flat_map(|node| node.addresses().map(IpRange::single)).collect();
    let behind = network.subnets().difference(&own);
    let ranges = pieces(&behind, cuts).map(Origin::Range).collect::<Vec<_>>();
    nodes.chain(unseen).chain(ranges).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_set_falls_into_pieces_at_the_cuts() {
        let set: IpSet =
            ["10.0.0.0/24".parse().unwrap(), "fd00::/126".parse().unwrap()].into_iter().collect();
        let cuts: Cuts = ["9.0.0.0", "10.0.0.0", "10.0.0.128", "10.0.1.0", "fd00::1"]
            .iter()
            .map(|a| a.parse().unwrap())
            .collect();
        let texts: Vec<String> = pieces(&set, &cuts).map(|piece| piece.to_string()).collect();
        assert_eq!(texts, ["10.0.0.0/25", "10.0.0.128/25", "fd00::", "fd00::1-fd00::3"]);
        assert_eq!(
            joined("10.0.0.0/25".parse().unwrap(), "10.0.0.128/25".parse().unwrap()),
            "10.0.0.0/24".parse().ok()
        );
    }
}
