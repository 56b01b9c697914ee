//! The third opinion: what a client's packet filter does with the rules that the compiler sends.

use std::net::IpAddr;

use policy::compile::wire::FilterRule;
use policy::set::IpRange;

use crate::Question;
use crate::naive::{From, World};

/// Whether the filter of some node lets the packet in. `None` where filters do not decide: share recipients and
/// their nodes, because shares are kept by the control plane, not by rules.
pub fn answer(filters: &[Vec<FilterRule>], world: &World, question: &Question) -> Option<bool> {
    let nodes = world.network["nodes"].as_object()?;
    let foreign = |name: &str| world.owner(&nodes[name]).is_some_and(|login| world.is_recipient(&login));
    let mut open = false;
    for from in &question.from {
        let sources: Vec<IpAddr> = match from {
            From::Address(address) => vec![*address],
            From::Unseen(_) => return None,
            From::Node(name) if foreign(name) => return None,
            From::Node(name) => {
                let node = &nodes[name.as_str()];
                ["ipv4", "ipv6"].iter().filter_map(|key| node[*key].as_str()?.parse().ok()).collect()
            }
        };
        for (filter, name) in filters.iter().zip(nodes.keys()) {
            if foreign(name) || *from == From::Node(name.clone()) || !takes(&nodes[name], question.to) {
                continue;
            }
            let mut ways = sources.iter().filter(|source| source.is_ipv4() == question.to.is_ipv4());
            open |= ways.any(|source| passes(filter, *source, question));
        }
    }
    Some(open)
}

/// Whether a node has an address or an approved route for it.
pub fn takes(node: &serde_json::Value, to: IpAddr) -> bool {
    let own = ["ipv4", "ipv6"].iter().any(|key| node[*key] == to.to_string());
    let mut routes =
        node["approved_routes"].as_array().into_iter().flatten().filter_map(|route| route.as_str());
    own || routes.any(|route| match route {
        "0.0.0.0/0" | "::/0" => inside(route, to) && crate::naive::public(&to.to_string()),
        subnet => inside(subnet, to),
    })
}

pub fn passes(filter: &[FilterRule], source: IpAddr, question: &Question) -> bool {
    filter.iter().any(|rule| {
        let protocols = if rule.ip_proto.is_empty() { &[6, 17, 1, 58][..] } else { &rule.ip_proto };
        rule.src_ips.iter().any(|range| inside(range, source))
            && rule.dst_ports.iter().filter(|dst| inside(&dst.ip, question.to)).any(|dst| {
                match question.protocol {
                    1 | 58 => true,
                    6 | 17 | 132 => {
                        protocols.contains(&question.protocol) && dst.ports.contains(question.port)
                    }
                    other => protocols.contains(&other) && dst.ports == policy::syntax::port::Ports::ANY,
                }
            })
    })
}

fn inside(range: &str, address: IpAddr) -> bool {
    range == "*" || range.parse::<IpRange>().unwrap().contains(address)
}
