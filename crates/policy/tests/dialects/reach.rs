//! Questions about reach are answered as the recorded packet filters answer them, address by address.

use std::net::IpAddr;

use policy::{Dialect, Engine, Target, Who};

use crate::case::{self, Answer};
use crate::packets;
use crate::score::Score;

/// Ports that the generated policies open, beside some that they do not.
const PORTS: [u16; 5] = [22, 53, 80, 8005, 25565];

/// Addresses behind routers, with the router that has the longest prefix for each.
const BEHIND: [(&str, &str); 4] =
    [("gate", "10.20.0.5"), ("home", "192.168.7.9"), ("exit", "203.0.113.9"), ("exit", "2001:db8::1")];

fn run(dialect: Dialect) {
    let Some(cases) = case::load("generated.jsonl", dialect) else { return };
    let mut score = Score::new(&format!("reach, {dialect}"));
    for case in &cases {
        let Answer::Taken(nodes) = &case.answer else { continue };
        let engine = Engine::read(&case.policy, &case.network, dialect).unwrap();
        for from in case.network.nodes() {
            for to in case.network.nodes().iter().filter(|to| to.name != from.name) {
                let filter = nodes.get(&to.name).map_or(&[][..], |node| &node.packet_filter_rules);
                let behind = BEHIND.iter().filter(|(router, _)| *router == to.name);
                let behind = behind.map(|(_, address)| address.parse().unwrap());
                for address in to.addresses().chain(behind) {
                    let source = from.addresses().find(|own| own.is_ipv4() == address.is_ipv4()).unwrap();
                    let ask = |port| {
                        let target = Target::Address(address);
                        engine.allows(&Who::Node(from.name.clone()), &target, 6, Some(port))
                    };
                    let wrong = PORTS
                        .into_iter()
                        .find(|port| ask(*port) != packets::lets_in(filter, 6, (source, address), *port));
                    score.count("reach", case.kind(), told(&case.id, wrong, (&from.name, &to.name, address)));
                }
            }
        }
    }
    score.finish();
}

fn told(id: &str, wrong: Option<u16>, (from, to, address): (&str, &str, IpAddr)) -> Result<(), String> {
    match wrong {
        None => Ok(()),
        Some(port) => Err(format!("{id}: {from} to {to}, {address} port {port}")),
    }
}

#[test]
fn questions_have_the_answers_of_the_packet_filters_of_headscale_0_29() {
    run(Dialect::Headscale029);
}

#[test]
fn questions_have_the_answers_of_the_packet_filters_of_headscale_0_28() {
    run(Dialect::Headscale028);
}
