//! The open part decides by ports alone, and several shares are as open as one with all of their ports.

use firewall::{Backend, Part, render};
use proptest::prelude::*;

use super::{Drawn, ENDS, NOT_BEFORE, input, own, packet, read, shares};
use crate::reading::{self, Packet};

/// The decision of the open part in words of the drawn input.
fn meant(shares: &[Drawn], packet: Packet, dated: bool) -> bool {
    shares.iter().any(|share| {
        let ranges = if packet.protocol == "tcp" { &share.tcp } else { &share.udp };
        let open = match share.end.map(|end| ENDS[end].1) {
            None => true,
            Some(end) if end <= NOT_BEFORE => false,
            Some(end) => !dated || (NOT_BEFORE <= packet.time && packet.time <= end),
        };
        open && ranges.iter().any(|(first, last)| (*first..=*last).contains(&packet.port))
    })
}

/// The lines of a backend's guard that load it, without what is around them.
fn guard(input: &firewall::Input, backend: Backend) -> Vec<String> {
    let text = render(input, backend, Part::Guard).text();
    let lines = text.lines().map(|line| line.trim().to_owned());
    let between = |first: &str, last: &str| -> Vec<String> {
        let inside = lines.clone().skip_while(|line| line != first).skip(1);
        inside.take_while(|line| line != last).collect()
    };
    match backend {
        Backend::NixosNftables => between("content = ''", "'';"),
        Backend::NixosIptables => between("networking.firewall.extraCommands = ''", "'';"),
        Backend::Firewalld => between("nft -f - <<'RULES'", "RULES"),
        Backend::Nftables => lines.filter(|line| !line.starts_with("# acequia:")).collect(),
        Backend::Iptables | Backend::Ufw => {
            lines.filter(|line| line != "set -eu" && !line.starts_with("# acequia:")).collect()
        }
        Backend::Windows => Vec::new(),
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn the_open_part_lets_in_the_ports_of_the_shares_and_nothing_else(own in own(), shares in shares(), packets in prop::collection::vec(packet(), 40)) {
        let input = read(&input(&own, &shares, |i, _| format!("s{i}")));
        for backend in Backend::ALL {
            let text = render(&input, backend, Part::Open).text();
            let dated = matches!(backend, Backend::Nftables | Backend::Iptables);
            for packet in &packets {
                let source = packet.source.to_string().parse().unwrap();
                // Its zone closes what else is open, so it names the owner's devices.
                let owner = backend == Backend::Firewalld && input.own().contains(&source);
                let expected = owner || meant(&shares, *packet, dated);
                prop_assert_eq!(reading::open(backend, &text, "tailscale0", *packet), expected, "{} {:?}\n{}", backend, packet, &text);
            }
        }
    }

    #[test]
    fn the_guards_that_are_read_back_are_those_of_every_backend(own in own(), shares in shares()) {
        let input = read(&input(&own, &shares, |i, _| format!("s{i}")));
        let (nft, iptables) = (guard(&input, Backend::Nftables), guard(&input, Backend::Iptables));
        prop_assert_eq!(&guard(&input, Backend::Firewalld), &nft);
        prop_assert_eq!(&guard(&input, Backend::Ufw), &iptables);
        prop_assert_eq!(&guard(&input, Backend::NixosIptables), &iptables);
        // NixOS declares the table itself.
        prop_assert_eq!(&guard(&input, Backend::NixosNftables)[..], &nft[3..nft.len() - 1]);
    }

    #[test]
    fn shares_of_one_friend_are_as_open_as_one_share_with_all_their_ports(own in own(), shares in shares(), packets in prop::collection::vec(packet(), 40)) {
        let Some(first) = shares.first().cloned() else { return Ok(()) };
        let alike: Vec<Drawn> =
            shares.iter().map(|share| Drawn { peers: first.peers.clone(), end: first.end, ..share.clone() }).collect();
        let all = |ports: fn(&Drawn) -> &Vec<(u16, u16)>| alike.iter().flat_map(ports).copied().collect();
        let merged = [Drawn { tcp: all(|share| &share.tcp), udp: all(|share| &share.udp), ..first }];
        let read = |shares: &[Drawn]| read(&input(&own, shares, |i, _| format!("s{i}")));
        let (several, one) = (read(&alike), read(&merged));
        let text = |input, backend, part| render(input, backend, part).text();
        for packet in packets {
            for part in [Part::Open, Part::Guard] {
                for backend in [Backend::Nftables, Backend::Iptables, Backend::Windows] {
                    let decided = |input| {
                        let text = text(input, backend, part);
                        match (part, backend) {
                            (Part::Open, _) => reading::open(backend, &text, "tailscale0", packet),
                            (_, Backend::Nftables) => reading::nft(&text, "tailscale0", packet),
                            (_, Backend::Iptables) => reading::iptables(&text, "tailscale0", packet),
                            _ => reading::windows(&text, packet),
                        }
                    };
                    prop_assert_eq!(decided(&several), decided(&one), "{} {} {:?}", backend, part, packet);
                }
            }
        }
        // Where the ports of all shares stand in one list, it is the same list.
        let rules = |input, part| -> Vec<String> {
            let text = text(input, Backend::NixosNftables, part);
            text.lines().filter(|line| !line.trim_start().starts_with('#')).map(str::to_owned).collect()
        };
        prop_assert_eq!(rules(&several, Part::Open), rules(&one, Part::Open));
        let blocks = |input| text(input, Backend::Windows, Part::Guard);
        prop_assert_eq!(blocks(&several), blocks(&one));
    }
}
