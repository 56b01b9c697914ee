//! A port that Docker publishes: it is turned to a container before the host's own rules are asked.

use super::agent::Expected;
use super::host::{TAILSCALED, TAILSCALED_FORWARD};
use super::world::server;
use super::{each_guard, guard};
use crate::{cases, sandbox};

/// A container behind the server, and its ports as Docker publishes them: 25565 and 8081 of the host go to two ports of
/// the container, which answers there.
const DOCKER: &str = "\
ip link add docker0 type veth peer name eth0 netns container
ip link set docker0 up
ip -n container link set lo up
ip -n container link set eth0 up
ip addr add 172.17.0.1/16 dev docker0
ip addr add fd00:17::1/64 dev docker0 nodad
ip -n container addr add 172.17.0.2/16 dev eth0
ip -n container addr add fd00:17::2/64 dev eth0 nodad
ip -n container route add default via 172.17.0.1
ip -n container -6 route add default via fd00:17::1
echo 1 > /proc/sys/net/ipv4/ip_forward
echo 1 > /proc/sys/net/ipv6/conf/all/forwarding
nft -f - <<'RULES'
table ip dock {
  chain pre {
    type nat hook prerouting priority dstnat;
    meta l4proto { tcp, udp } th dport 25565 dnat to 172.17.0.2:22
    meta l4proto { tcp, udp } th dport 8081 dnat to 172.17.0.2:8080
  }
}
table ip6 dock {
  chain pre {
    type nat hook prerouting priority dstnat;
    meta l4proto { tcp, udp } th dport 25565 dnat to [fd00:17::2]:22
    meta l4proto { tcp, udp } th dport 8081 dnat to [fd00:17::2]:8080
  }
}
RULES
";

#[test]
fn a_published_container_port_is_guarded_under_its_published_number() {
    each_guard("destination NAT", |world, backend, command| {
        if !sandbox::installed("destination NAT", &["nft"]) {
            return;
        }
        world.run(DOCKER);
        let mut container = world.start("container");
        container.serve(&[22, 8080], &[22, 8080]);
        let targets = |shared, other| {
            [("tcp", false), ("tcp", true), ("udp", false), ("udp", true)]
                .iter()
                .flat_map(|(protocol, v6)| {
                    [(*protocol, server(*v6, 25565), shared), (*protocol, server(*v6, 8081), other)]
                })
                .collect::<Vec<_>>()
        };
        let all = targets(Expected::Open, Expected::Open);
        let none = targets(Expected::Blocked, Expected::Blocked);
        let held = targets(Expected::Open, Expected::Blocked);
        assert_eq!(world.friend.probe(&all), "OOOOOOOO", "{backend}: without a guard");
        world.run(&guard(&cases::named("known"), backend, command));
        for tailscaled in [false, true] {
            if tailscaled && sandbox::installed("tailscaled's forwarding", &["iptables"]) {
                world.run(TAILSCALED);
                world.run(TAILSCALED_FORWARD);
            }
            let what = format!("{backend}, tailscaled {tailscaled}");
            assert_eq!(world.friend.probe(&held), "O-O-O-O-", "{what}: friend");
            assert_eq!(world.stranger.probe(&none), "--------", "{what}: stranger");
            assert_eq!(world.laptop.probe(&all), "OOOOOOOO", "{what}: laptop");
        }
    });
}
