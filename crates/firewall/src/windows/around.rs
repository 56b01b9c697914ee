//! What lies around the ports and addresses that are meant: a Block rule has no exceptions.

use std::collections::BTreeSet;
use std::net::{Ipv4Addr, Ipv6Addr};

use model::{PortRange, PortSet};

use crate::TailnetAddress;
use crate::address::Family;

/// Every port that is not in `set`.
pub(super) fn complement(set: &PortSet) -> Vec<PortRange> {
    let mut rest = Vec::new();
    let mut next = 1_u32;
    for range in set.ranges() {
        rest.extend(ports(next, u32::from(range.first()).saturating_sub(1)));
        next = u32::from(range.last()) + 1;
    }
    rest.extend(ports(next, 65_535));
    rest
}

fn ports(first: u32, last: u32) -> Option<PortRange> {
    PortRange::new(u16::try_from(first).ok()?, u16::try_from(last).ok()?).ok()
}

/// The tailnet's ranges without `taken`, as Windows writes ranges.
pub(super) fn gaps(taken: BTreeSet<TailnetAddress>) -> Vec<String> {
    let mut texts = Vec::new();
    for family in Family::ALL {
        let (mut next, last) = match family {
            Family::V4 => (0x6440_0000_u128, 0x647f_ffff),
            Family::V6 => {
                let first = 0xfd7a_115c_a1e0_u128 << 80;
                (first, first | ((1 << 80) - 1))
            }
        };
        for address in taken.iter().filter(|address| address.family() == family) {
            let bits = address.bits();
            texts.extend(span(family, next, bits.saturating_sub(1)));
            next = bits + 1;
        }
        texts.extend(span(family, next, last));
    }
    texts
}

fn span(family: Family, first: u128, last: u128) -> Option<String> {
    let text = |bits: u128| match family {
        Family::V4 => u32::try_from(bits).map(|bits| Ipv4Addr::from(bits).to_string()).ok(),
        Family::V6 => Some(Ipv6Addr::from(bits).to_string()),
    };
    match first.cmp(&last) {
        std::cmp::Ordering::Less => Some(format!("{}-{}", text(first)?, text(last)?)),
        std::cmp::Ordering::Equal => text(first),
        std::cmp::Ordering::Greater => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_block_names_everything_around_what_is_meant() {
        let set: PortSet =
            ["1", "80-90", "65535"].iter().map(|text| text.parse::<PortRange>().unwrap()).collect();
        let texts: Vec<String> = complement(&set).iter().map(ToString::to_string).collect();
        assert_eq!(texts, ["2-79", "91-65534"]);
        assert!(complement(&["1-65535".parse::<PortRange>().unwrap()].into_iter().collect()).is_empty());
        let taken = ["100.64.0.0", "100.64.0.2", "fd7a:115c:a1e0::2"].map(|text| text.parse().unwrap());
        assert_eq!(
            gaps(taken.into_iter().collect()),
            [
                "100.64.0.1",
                "100.64.0.3-100.127.255.255",
                "fd7a:115c:a1e0::-fd7a:115c:a1e0::1",
                "fd7a:115c:a1e0::3-fd7a:115c:a1e0:ffff:ffff:ffff:ffff:ffff",
            ]
        );
    }
}
