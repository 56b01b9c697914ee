//! What a guard lets through, before it is written in the words of a backend.

use model::{PortRange, Protocol};

use crate::address::Family;
use crate::{Input, Label, Opening, Share, TailnetAddress};

/// One thing that passes: some ports of one protocol, from some addresses of one family or from everybody.
pub(crate) struct Permit<'a> {
    pub label: &'a Label,
    pub source: Option<(Family, Vec<TailnetAddress>)>,
    pub protocol: Protocol,
    pub ranges: &'a [PortRange],
    pub opening: Opening,
}

impl Permit<'_> {
    /// Why it stands in the guard.
    pub fn reason(&self) -> String {
        let who = match self.source {
            Some(_) => "the friend's devices reach",
            None => "whoever this node is shared with reaches",
        };
        let ports: Vec<String> = self.ranges.iter().map(ToString::to_string).collect();
        let until = match self.opening {
            Opening::Until(until) => format!(" until {}, then the host itself closes it", until.to_minutes()),
            Opening::Always | Opening::Ended => String::new(),
        };
        format!("share {}: {who} {} {}{until}", self.label, self.protocol, ports.join(", "))
    }
}

/// What friends whose addresses are known reach: only the ports of their own shares.
pub(crate) fn named(input: &Input) -> Vec<Permit<'_>> {
    let mut permits = Vec::new();
    for share in input.shares() {
        let Some(peers) = &share.peers else { continue };
        for family in Family::ALL {
            let addresses: Vec<_> = peers.iter().copied().filter(|peer| peer.family() == family).collect();
            if !addresses.is_empty() {
                permits.extend(of(share, Some((family, addresses))));
            }
        }
    }
    permits
}

/// What everybody else reaches: the ports of the shares whose friend's addresses are not known.
pub(crate) fn unnamed(input: &Input) -> Vec<Permit<'_>> {
    input.shares().filter(|share| share.peers.is_none()).flat_map(|share| of(share, None)).collect()
}

/// What the open part lets in: the ports of every share, from anybody on the interface. Ports never go stale,
/// addresses do; telling friends apart is the guard's work.
pub(crate) fn opened(input: &Input) -> Vec<Permit<'_>> {
    input.shares().flat_map(|share| of(share, None)).collect()
}

/// The shares that ended before any clock can be right; they are named, and open nothing.
pub(crate) fn ended(input: &Input) -> impl Iterator<Item = &Share> {
    input.shares().filter(|share| share.opening() == Opening::Ended)
}

fn of(share: &Share, source: Option<(Family, Vec<TailnetAddress>)>) -> impl Iterator<Item = Permit<'_>> {
    let opening = share.opening();
    Protocol::ALL.into_iter().filter_map(move |protocol| {
        let ranges = share.ports.of(protocol).ranges();
        if ranges.is_empty() || opening == Opening::Ended {
            return None;
        }
        Some(Permit { label: &share.label, source: source.clone(), protocol, ranges, opening })
    })
}

/// The addresses of one family, as text.
pub(crate) fn texts<'a>(
    addresses: impl IntoIterator<Item = &'a TailnetAddress>,
    family: Family,
) -> Vec<String> {
    let of_family = addresses.into_iter().filter(|address| address.family() == family);
    of_family.map(ToString::to_string).collect()
}
