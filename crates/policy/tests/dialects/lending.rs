//! A share on a Headscale: the rule of one person, one machine, its ports, on the recorded policies of two versions. What
//! it lets in is worked out from the packet filters, which are those of a real server, and packet by packet by the naive
//! evaluator.

mod newcomers;
mod sections;
mod worlds;

use std::net::IpAddr;

use policy::compile::wire::FilterRule;
use policy::share::{Mode, ShareError, SharePlan, ShareRequest, share};
use policy::{Dialect, Network, Policy, compile, unshare, unshare_matching};
use serde_json::{Value, json};

use crate::case::{self, Answer, Case};
use crate::naive::{Packet, World};
use crate::packets;

/// Ports that recorded policies open, beside some that they do not.
const PORTS: [u16; 6] = [22, 53, 80, 8005, 19_132, 25_565];
const ASKED: &str = "tcp:25565,udp:19132-19133";
const DIALECTS: [Dialect; 2] = [Dialect::Headscale028, Dialect::Headscale029];

/// The policies that a version took, generated ones and captured ones.
fn taken(dialect: Dialect) -> Vec<Case> {
    let files: &[&str] = match dialect {
        Dialect::Headscale029 => &["generated.jsonl", "captures-0.29.jsonl"],
        _ => &["generated.jsonl"],
    };
    let all = files.iter().filter_map(|file| case::load(file, dialect)).flatten();
    all.filter(|case| matches!(case.answer, Answer::Taken(_))).collect()
}

fn request(who: &str, node: &str) -> ShareRequest {
    ShareRequest {
        id: "mc-1".parse().unwrap(),
        who: model::Login::of_headscale(who).unwrap(),
        node: node.into(),
        ports: ASKED.parse().unwrap(),
    }
}

/// The network with one more user, and a machine of theirs.
fn with_device(network: &Network, name: &str) -> Network {
    let (mut users, mut nodes) = (network.users().to_vec(), network.nodes().to_vec());
    let mut newcomer = users[0].clone();
    newcomer.id = 99;
    name.trim_end_matches('@').clone_into(&mut newcomer.name);
    name.clone_into(&mut newcomer.login);
    newcomer.provider_id = String::new();
    users.push(newcomer);
    let mut device = nodes[0].clone();
    DEVICE.clone_into(&mut device.name);
    device.user = Some(users.len() - 1);
    (device.tags, device.advertised, device.approved) = (Vec::new(), Vec::new(), Vec::new());
    device.ipv4 = Some("100.64.0.77".parse().unwrap());
    device.ipv6 = Some("fd7a:115c:a1e0::4d".parse().unwrap());
    nodes.push(device);
    Network::new(Vec::new(), users, nodes).unwrap()
}

const DEVICE: &str = "zoe-laptop";

fn filters(text: &str, network: &Network, dialect: Dialect) -> Vec<Vec<FilterRule>> {
    let compiled = compile(&Policy::read(text, dialect).unwrap(), network).unwrap();
    (0..network.nodes().len()).map(|node| compiled.node(node).packet_filter_rules).collect()
}

/// What the share alone lets in to its machine, from these addresses.
fn share_alone(network: &Network, node: usize, from: &[IpAddr]) -> Vec<FilterRule> {
    let texts = |addresses: &[IpAddr]| addresses.iter().map(ToString::to_string).collect::<Vec<_>>();
    let to: Vec<IpAddr> = network.nodes()[node].addresses().collect();
    let rule = |protocol: u8, first: u16, last: u16| {
        let ports: Vec<Value> =
            texts(&to).iter().map(|ip| json!({"IP": ip, "Ports": {"First": first, "Last": last}})).collect();
        serde_json::from_value(json!({"SrcIPs": texts(from), "DstPorts": ports, "IPProto": [protocol]}))
            .unwrap()
    };
    vec![rule(6, 25_565, 25_565), rule(17, 19_132, 19_133)]
}

/// That a text with a share lets in what the text before does and the share, and nothing else.
fn assert_adds_the_share(
    before: &str,
    plan: &SharePlan,
    network: &Network,
    who: &str,
    node: &str,
    dialect: Dialect,
    at: &str,
) {
    let index = network.node_named(node).unwrap();
    let user = network.user_with_login(who).unwrap();
    let own = network.nodes().iter().filter(|node| node.owner() == Some(user));
    let from: Vec<IpAddr> = own.flat_map(policy::network::Node::addresses).collect();
    let (mut want, mut got) = (filters(before, network, dialect), filters(&plan.after, network, dialect));
    let share = share_alone(network, index, &from);
    want[index].extend(share.clone());
    for (number, (want, got)) in want.iter_mut().zip(&mut got).enumerate() {
        let name = &network.nodes()[number].name;
        // A router is told of packets that do not go through it.
        if number != index {
            want.extend(share.clone());
            got.extend(share.clone());
        }
        assert_eq!(packets::differ(got, want), None, "{at}: {name}\n{}", plan.after);
    }
}

/// Every packet of some ports from each machine to each address of each other one.
fn each_packet(network: &Network, mut ask: impl FnMut(&Packet)) {
    for from in network.nodes() {
        for to in network.nodes().iter().filter(|to| to.name != from.name) {
            for address in to.addresses() {
                let Some(source) = from.addresses().find(|own| own.is_ipv4() == address.is_ipv4()) else {
                    continue;
                };
                for (protocol, port) in
                    [6, 17].into_iter().flat_map(|protocol| PORTS.map(|port| (protocol, port)))
                {
                    ask(&Packet { from, source, to, address, protocol, port });
                }
            }
        }
    }
}

#[test]
fn a_share_with_a_member_adds_just_that_on_every_recorded_policy_and_its_end_gives_the_bytes_back() {
    for dialect in DIALECTS {
        let (mut done, mut other) = (0, 0);
        for (number, case) in taken(dialect).iter().enumerate() {
            let users: Vec<String> = case
                .network
                .users()
                .iter()
                .map(|user| user.login.clone())
                .filter(|login| model::Login::of_headscale(login).is_ok())
                .collect();
            let nodes = case.network.nodes();
            let who = &users[number % users.len()];
            let node = &nodes[(number / 2) % nodes.len()];
            let at = format!("{dialect} {}: {who} {}", case.id, node.name);
            let request = request(who, &node.name);
            let plan = match share(&case.policy, &case.network, &request, Mode::WholeNode, dialect) {
                Ok(plan) => plan,
                Err(ShareError::Theirs(_) | ShareError::NoAddress(_)) => continue,
                Err(error) => {
                    other += 1;
                    println!("{at}: {error}");
                    continue;
                }
            };
            let base = plan.narrowing.as_ref().map_or(&case.policy, |first| &first.after);
            // What is proposed is taken, so that the rule is written in the language.
            Policy::read(&plan.after, dialect).unwrap();
            let back = unshare(&plan.after, &request.id).unwrap().after;
            let policy = Policy::read(base, dialect).unwrap();
            if policy.acls.is_none() && policy.grants.is_none() {
                // The old version lets nobody in there, as with the empty list that stays.
                assert!(back.contains("\"acls\""), "{at}: {back}");
            } else {
                assert_eq!(back, *base, "{at}");
            }
            // Without any comment it is found by its content.
            let uncommented = hujson::parse_str(&plan.after).unwrap().to_json().unwrap().to_string();
            let found = unshare_matching(&uncommented, &plan.rule).unwrap().after;
            let found = hujson::parse_str(&found).unwrap().to_json().unwrap();
            let left = hujson::parse_str(&back).unwrap().to_json().unwrap();
            let empty = |value: &Value| value.as_array().is_some_and(Vec::is_empty);
            assert!(found == left || empty(&left["acls"]), "{at}: {found} {left}");
            assert_adds_the_share(base, &plan, &case.network, who, &node.name, dialect, &at);
            done += 1;
        }
        println!("{dialect}: {done} shares, {other} not planned");
        assert_eq!(other, 0, "{dialect}");
    }
}

#[test]
fn the_naive_evaluator_says_what_the_recorded_filters_say() {
    for dialect in DIALECTS {
        let mut asked = 0;
        for case in taken(dialect).iter().filter(|case| case.id.starts_with("random/")) {
            let Answer::Taken(nodes) = &case.answer else { continue };
            let world = World::of(&case.policy, &case.network, dialect);
            each_packet(&case.network, |packet| {
                let filter = nodes.get(&packet.to.name).map_or(&[][..], |node| &node.packet_filter_rules);
                let recorded =
                    packets::lets_in(filter, packet.protocol, (packet.source, packet.address), packet.port);
                assert_eq!(
                    world.lets_in(packet),
                    recorded,
                    "{dialect} {}: {packet:?}\n{}",
                    case.id,
                    case.policy
                );
                asked += 1;
            });
        }
        println!("{dialect}: {asked} packets");
    }
}
