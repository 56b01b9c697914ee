//! Laws over random inputs: the text decides as the input says, and as nobody's name says.

mod listed;
mod live;
mod open;

use std::collections::BTreeSet;
use std::net::IpAddr;

use firewall::{Backend, Input, Part, remove, render};
use proptest::prelude::*;
use serde_json::{Value, json};

use crate::reading::{self, Packet};
use crate::shapes;

const NOT_BEFORE: i64 = 1_767_225_600;
/// Ends before the lower bound, within it, and late; with the seconds that they are.
const ENDS: [(&str, i64); 3] = [
    ("2025-12-24T22:00:00Z", 1_766_613_600),
    ("2026-12-24T22:00:00Z", 1_798_149_600),
    ("2037-12-31T23:59:59Z", 2_145_916_799),
];
const TIMES: [i64; 7] =
    [0, NOT_BEFORE - 1, NOT_BEFORE, 1_766_613_600, 1_798_149_600, 1_798_149_601, 2_145_916_799];

#[derive(Clone, Debug)]
struct Drawn {
    name: String,
    tcp: Vec<(u16, u16)>,
    udp: Vec<(u16, u16)>,
    peers: Option<BTreeSet<u8>>,
    end: Option<usize>,
}

/// Devices 1 to 4 are the owner's, 5 to 9 may be friends'; a number stands for an address of each family.
fn address(number: u8, v6: bool) -> String {
    if v6 { format!("fd7a:115c:a1e0::{number:x}") } else { format!("100.64.0.{number}") }
}

fn ranges() -> impl Strategy<Value = Vec<(u16, u16)>> {
    let near = (1_u16..40, 0_u16..6).prop_map(|(first, more)| (first, first + more));
    prop::collection::vec(prop_oneof![8 => near, 1 => Just((1, 65_535)), 1 => Just((65_535, 65_535))], 0..9)
}

fn shares() -> impl Strategy<Value = Vec<Drawn>> {
    let peers = prop::option::of(prop::collection::btree_set(5_u8..9, 1..4));
    let drawn = (any::<String>(), ranges(), ranges(), peers, prop::option::of(0..ENDS.len()));
    let drawn = drawn
        .prop_map(|(name, tcp, udp, peers, end)| Drawn { name, tcp, udp, peers, end })
        .prop_filter("a share names a port", |share| !share.tcp.is_empty() || !share.udp.is_empty());
    prop::collection::vec(drawn, 0..5)
}

fn own() -> impl Strategy<Value = BTreeSet<u8>> {
    prop::collection::btree_set(1_u8..5, 1..4)
}

fn packet() -> impl Strategy<Value = Packet> {
    let port =
        prop_oneof![8 => 1_u16..50, 1 => Just(65_535_u16), 1 => any::<u16>().prop_map(|port| port.max(1))];
    let time = prop::sample::select(TIMES.to_vec());
    (1_u8..11, any::<bool>(), prop::sample::select(vec!["tcp", "udp"]), port, time).prop_map(
        |(number, v6, protocol, port, time)| {
            let source: IpAddr = address(number, v6).parse().unwrap();
            Packet { source, protocol, port, time }
        },
    )
}

fn input(own: &BTreeSet<u8>, shares: &[Drawn], name: impl Fn(usize, &Drawn) -> String) -> Value {
    let both = |numbers: &BTreeSet<u8>| -> Vec<String> {
        numbers.iter().flat_map(|number| [address(*number, false), address(*number, true)]).collect()
    };
    let texts = |ranges: &[(u16, u16)]| -> Vec<String> {
        ranges.iter().map(|(first, last)| format!("{first}-{last}")).collect()
    };
    let shares = shares.iter().enumerate().map(|(i, share)| {
        let mut made = json!({"id": name(i, share), "tcp": texts(&share.tcp), "udp": texts(&share.udp)});
        if let Some(peers) = &share.peers {
            made["peers"] = json!(both(peers));
        }
        if let Some(end) = share.end {
            made["until"] = json!(ENDS[end].0);
        }
        made
    });
    let shares: Vec<Value> = shares.collect();
    json!({"node": "n1", "revision": 7, "interface": "tailscale0", "own": both(own), "shares": shares})
}

fn read(value: &Value) -> Input {
    Input::from_json(&value.to_string()).unwrap()
}

/// The decision in words of the drawn input; `dated` is false for a backend that knows no dates.
fn meant(own: &BTreeSet<u8>, shares: &[Drawn], packet: Packet, dated: bool) -> bool {
    let is = |number: &u8| [false, true].map(|v6| address(*number, v6)).contains(&packet.source.to_string());
    if own.iter().any(is) {
        return true;
    }
    let names = |share: &Drawn| share.peers.as_ref().is_some_and(|peers| peers.iter().any(is));
    let known = shares.iter().any(names);
    shares.iter().any(|share| {
        let ranges = if packet.protocol == "tcp" { &share.tcp } else { &share.udp };
        let open = match share.end.map(|end| ENDS[end].1) {
            None => true,
            Some(end) if end <= NOT_BEFORE => false,
            Some(end) => !dated || (NOT_BEFORE <= packet.time && packet.time <= end),
        };
        (if known { names(share) } else { share.peers.is_none() })
            && ranges.iter().any(|(first, last)| (*first..=*last).contains(&packet.port))
            && open
    })
}

proptest! {
    // Each case is forty packets, or every backend with every part; no regressions file, cases shrink well.
    #![proptest_config(ProptestConfig { cases: 48, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn the_text_decides_as_the_input_says(own in own(), shares in shares(), packets in prop::collection::vec(packet(), 40)) {
        let input = read(&input(&own, &shares, |i, _| format!("s{i}")));
        let text = |backend| render(&input, backend, Part::Guard).text();
        let (nft, iptables, windows) = (text(Backend::Nftables), text(Backend::Iptables), text(Backend::Windows));
        for packet in packets {
            let expected = meant(&own, &shares, packet, true);
            prop_assert_eq!(reading::nft(&nft, "tailscale0", packet), expected, "{:?}\n{}", packet, &nft);
            prop_assert_eq!(reading::iptables(&iptables, "tailscale0", packet), expected, "{:?}\n{}", packet, &iptables);
            let undated = meant(&own, &shares, packet, false);
            prop_assert_eq!(reading::windows(&windows, packet), undated, "{:?}\n{}", packet, &windows);
            let source = packet.source.to_string().parse().unwrap();
            let protocol = if packet.protocol == "tcp" { model::Protocol::Tcp } else { model::Protocol::Udp };
            let time = model::Timestamp::from_seconds(packet.time);
            prop_assert_eq!(input.allows(source, protocol, packet.port, time), expected);
        }
    }

    #[test]
    fn the_order_in_which_things_are_written_does_not_reach_the_bytes(own in own(), shares in shares()) {
        let value = input(&own, &shares, |i, _| format!("s{i}"));
        let mut turned = value.clone();
        turned["own"].as_array_mut().unwrap().reverse();
        turned["shares"].as_array_mut().unwrap().reverse();
        for share in turned["shares"].as_array_mut().unwrap() {
            for list in ["tcp", "udp", "peers"] {
                if let Some(list) = share.get_mut(list) {
                    list.as_array_mut().unwrap().reverse();
                }
            }
        }
        let (one, other) = (read(&value), read(&turned));
        prop_assert_eq!(&one, &other);
        for backend in Backend::ALL {
            prop_assert_eq!(render(&one, backend, Part::All), render(&other, backend, Part::All));
        }
    }

    #[test]
    fn no_name_changes_a_rule(own in own(), shares in shares(), node in any::<String>()) {
        let plain = read(&input(&own, &shares, |i, _| i.to_string()));
        let mut value = input(&own, &shares, |i, share| format!("{i}{}", share.name));
        value["node"] = json!(node);
        let hostile = read(&value);
        let rules = |text: String| -> Vec<String> {
            text.lines().filter(|line| !line.trim_start().starts_with('#')).map(str::to_owned).collect()
        };
        for backend in Backend::ALL {
            for part in Part::ALL {
                for (one, other) in [
                    (render(&plain, backend, part), render(&hostile, backend, part)),
                    (remove(&plain, backend, part), remove(&hostile, backend, part)),
                ] {
                    prop_assert_eq!(one.lines.len(), other.text().lines().count());
                    prop_assert_eq!(rules(one.text()), rules(other.text()));
                }
            }
        }
    }

    #[test]
    fn every_line_has_a_shape_that_was_looked_at(own in own(), shares in shares()) {
        let input = read(&input(&own, &shares, |i, share| format!("{i}{}", share.name)));
        for backend in Backend::ALL {
            let known = shapes::known(backend);
            for part in Part::ALL {
                shapes::assert_known(&known, &render(&input, backend, part));
                shapes::assert_known(&known, &remove(&input, backend, part));
            }
        }
    }
}
