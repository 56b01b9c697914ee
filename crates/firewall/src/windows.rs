//! Windows: Block rules for everybody but the own devices. Syntax only was checked, never a running Windows.
//!
//! tailscaled adds a rule that allows every port on its interface, so an Allow restricts nothing; a Block wins
//! over every Allow, and has no exceptions: it names the addresses and ports that are *not* meant.

use std::collections::BTreeSet;
use std::net::{Ipv4Addr, Ipv6Addr};

use model::{PortRange, PortSet, Protocol};

use crate::address::Family;
use crate::guard;
use crate::snippet::Lines;
use crate::{Input, Opening, Part, Share, TailnetAddress};

/// Prints the revision in force.
pub(crate) const CHECK: &str = "(Get-NetFirewallRule -Group 'acequia-guard').DisplayName -replace '.*(rev \\d+)$', '$1' | Sort-Object -Unique";
/// The same for the open part.
pub(crate) const CHECK_OPEN: &str = "(Get-NetFirewallRule -Group 'acequia-open').DisplayName -replace '.*(rev \\d+)$', '$1' | Sort-Object -Unique";

pub(crate) fn file(input: &Input, part: Part) -> Lines {
    let mut lines = Lines::default();
    if part.guards() {
        lines.why(delete("guard"), "the rules of the revision before");
        let known = input.known();
        let others = gaps(input.own().union(&known).copied().collect());
        block(
            &mut lines,
            input,
            &others,
            |share| share.peers.is_none(),
            "whoever is neither yours nor a known friend",
        );
        for address in &known {
            let named = |share: &Share| share.peers.as_ref().is_some_and(|peers| peers.contains(address));
            block(&mut lines, input, &[address.to_string()], named, "a friend whose address is known");
        }
    }
    if part.opens() {
        lines.why(delete("open"), "the rules of the revision before");
        for permit in guard::opened(input) {
            let reason = match permit.opening {
                Opening::Until(_) => {
                    format!("{}; Windows rules know no dates, apply the next revision then", permit.reason())
                }
                Opening::Always | Opening::Ended => permit.reason(),
            };
            let ports: Vec<String> = permit.ranges.iter().map(ToString::to_string).collect();
            let tailnet = ["100.64.0.0/10".to_owned(), "fd7a:115c:a1e0::/48".to_owned()];
            lines.why(rule(input, "open", "Allow", permit.protocol, &ports, &tailnet), reason);
        }
    }
    lines
}

pub(crate) fn removal(part: Part) -> Lines {
    let mut lines = Lines::default();
    if part.opens() {
        lines.add(delete("open"));
    }
    if part.guards() {
        lines.add(delete("guard"));
    }
    lines
}

fn delete(group: &str) -> String {
    format!(
        "Get-NetFirewallRule -Group 'acequia-{group}' -ErrorAction SilentlyContinue | Remove-NetFirewallRule"
    )
}

fn block(lines: &mut Lines, input: &Input, addresses: &[String], meant: impl Fn(&Share) -> bool, who: &str) {
    for protocol in Protocol::ALL {
        let shared: PortSet = input
            .shares()
            .filter(|share| meant(share) && share.opening() != Opening::Ended)
            .flat_map(|share| share.ports.of(protocol).ranges().iter().copied())
            .collect();
        let rest: Vec<String> = complement(&shared).iter().map(ToString::to_string).collect();
        if !rest.is_empty() {
            let reason = format!("{who} is stopped at every {protocol} port but the shared ones");
            lines.why(rule(input, "guard", "Block", protocol, &rest, addresses), reason);
        }
    }
}

fn rule(
    input: &Input,
    group: &str,
    action: &str,
    protocol: Protocol,
    ports: &[String],
    addresses: &[String],
) -> String {
    let list = |texts: &[String]| format!("@('{}')", texts.join("', '"));
    format!(
        "New-NetFirewallRule -DisplayName 'acequia {group} rev {}' -Group 'acequia-{group}' -Direction Inbound \
         -Action {action} -Protocol {} -LocalPort {} -RemoteAddress {} | Out-Null",
        input.revision(),
        protocol.as_str().to_uppercase(),
        list(ports),
        list(addresses)
    )
}

/// Every port that is not in `set`.
fn complement(set: &PortSet) -> Vec<PortRange> {
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
fn gaps(taken: BTreeSet<TailnetAddress>) -> Vec<String> {
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
