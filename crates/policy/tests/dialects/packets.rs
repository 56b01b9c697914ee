//! Packet filters as sets of packets: source, destination, protocol and port. How ranges are merged and ordered means nothing.

use std::net::IpAddr;

use policy::compile::wire::FilterRule;
use policy::set::IpRange;
use policy::syntax::protocol::DEFAULT_PROTOCOLS;

/// All packets of one protocol from one range to one range, on some ports.
#[derive(Clone, Copy, Debug)]
struct Packets {
    protocol: u8,
    from: IpRange,
    to: IpRange,
    first: u32,
    last: u32,
}

/// Some packets that one filter lets in and the other does not.
pub fn differ(got: &[FilterRule], want: &[FilterRule]) -> Option<String> {
    let (got, want) = (packets(got), packets(want));
    let more = got.iter().find_map(|packets| beyond(*packets, &want));
    let less = want.iter().find_map(|packets| beyond(*packets, &got));
    match (more, less) {
        (None, None) => None,
        (Some(more), _) => Some(format!("lets in {}", shown(more))),
        (None, Some(less)) => Some(format!("keeps out {}", shown(less))),
    }
}

/// Whether a filter lets in a packet to a port.
pub fn lets_in(rules: &[FilterRule], protocol: u8, (from, to): (IpAddr, IpAddr), port: u16) -> bool {
    packets(rules).iter().any(|packets| {
        packets.protocol == protocol
            && packets.from.contains(from)
            && packets.to.contains(to)
            && (packets.first..=packets.last).contains(&port.into())
    })
}

fn shown(packets: Packets) -> String {
    let Packets { protocol, from, to, first, last } = packets;
    format!("{protocol}: {from} -> {to} {first}-{last}")
}

fn ranges(text: &str) -> Vec<IpRange> {
    if text == "*" { vec![IpRange::ALL_V4, IpRange::ALL_V6] } else { vec![text.parse().unwrap()] }
}

fn packets(rules: &[FilterRule]) -> Vec<Packets> {
    let mut all = Vec::new();
    for rule in rules {
        let protocols = if rule.ip_proto.is_empty() { &DEFAULT_PROTOCOLS[..] } else { &rule.ip_proto };
        for from in rule.src_ips.iter().flat_map(|text| ranges(text)) {
            for port in &rule.dst_ports {
                for to in ranges(&port.ip) {
                    if from.first().is_ipv4() != to.first().is_ipv4() {
                        continue;
                    }
                    let (first, last) = (port.ports.first.into(), port.ports.last.into());
                    all.extend(protocols.iter().map(|protocol| Packets {
                        protocol: *protocol,
                        from,
                        to,
                        first,
                        last,
                    }));
                }
            }
        }
    }
    all
}

/// A part of `packets` that none of `others` has.
fn beyond(packets: Packets, others: &[Packets]) -> Option<Packets> {
    let mut left = vec![packets];
    for other in others.iter().filter(|other| other.protocol == packets.protocol) {
        left = left.into_iter().flat_map(|part| without(part, *other)).collect();
        if left.is_empty() {
            return None;
        }
    }
    left.first().copied()
}

fn without(part: Packets, other: Packets) -> Vec<Packets> {
    let apart = !part.from.overlaps(other.from)
        || !part.to.overlaps(other.to)
        || part.last < other.first
        || other.last < part.first;
    if apart {
        return vec![part];
    }
    let mut left = Vec::new();
    left.extend(cut(part.from, other.from).map(|from| Packets { from, ..part }));
    let from = common(part.from, other.from);
    left.extend(cut(part.to, other.to).map(|to| Packets { from, to, ..part }));
    let to = common(part.to, other.to);
    if part.first < other.first {
        left.push(Packets { from, to, last: other.first - 1, ..part });
    }
    if part.last > other.last {
        left.push(Packets { from, to, first: other.last + 1, ..part });
    }
    left
}

fn common(a: IpRange, b: IpRange) -> IpRange {
    range(a.first().max(b.first()), a.last().min(b.last()))
}

fn cut(whole: IpRange, hole: IpRange) -> impl Iterator<Item = IpRange> {
    let before = (whole.first() < hole.first()).then(|| range(whole.first(), step(hole.first(), false)));
    let after = (whole.last() > hole.last()).then(|| range(step(hole.last(), true), whole.last()));
    before.into_iter().chain(after)
}

fn step(address: IpAddr, up: bool) -> IpAddr {
    match address {
        IpAddr::V4(v4) => IpAddr::V4(if up { v4.to_bits() + 1 } else { v4.to_bits() - 1 }.into()),
        IpAddr::V6(v6) => IpAddr::V6(if up { v6.to_bits() + 1 } else { v6.to_bits() - 1 }.into()),
    }
}

fn range(first: IpAddr, last: IpAddr) -> IpRange {
    match (first, last) {
        (IpAddr::V4(a), IpAddr::V4(b)) => IpRange::V4(a.to_bits(), b.to_bits()),
        (IpAddr::V6(a), IpAddr::V6(b)) => IpRange::V6(a.to_bits(), b.to_bits()),
        _ => unreachable!("one family"),
    }
}

#[test]
fn filters_are_the_same_when_they_let_in_the_same_packets() {
    let rules = |text: &str| serde_json::from_str::<Vec<FilterRule>>(text).unwrap();
    let whole = rules(
        r#"[{"SrcIPs": ["10.0.0.0-10.0.0.3"], "DstPorts": [{"IP": "*", "Ports": {"First": 1, "Last": 9}}], "IPProto": [6]}]"#,
    );
    let parts = rules(
        r#"[{"SrcIPs": ["10.0.0.2/31", "10.0.0.1"], "DstPorts": [{"IP": "0.0.0.0/0", "Ports": {"First": 1, "Last": 9}}], "IPProto": [6]},
            {"SrcIPs": ["10.0.0.0"], "DstPorts": [{"IP": "*", "Ports": {"First": 1, "Last": 4}}, {"IP": "*", "Ports": {"First": 5, "Last": 9}}], "IPProto": [6]}]"#,
    );
    assert_eq!(differ(&whole, &parts), None);
    assert_eq!(differ(&whole, &parts[..1]), Some("lets in 6: 10.0.0.0 -> 0.0.0.0/0 1-9".into()));
    assert_eq!(differ(&parts[..1], &whole), Some("keeps out 6: 10.0.0.0 -> 0.0.0.0/0 1-9".into()));
}
