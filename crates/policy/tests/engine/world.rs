//! One tailnet: ana owns it, bo is an admin with a login elsewhere, cy plays as a guest.

use std::collections::BTreeMap;

use policy::compile::wire::{FilterRule, NodeOutput};
use policy::{Network, Policy, PolicyError, compile};

const NETWORK: &str = r#"{
  "domains": ["example.com"],
  "users": [
    {"id": 3, "name": "cy", "email": "cy@elsewhere.net", "type": "shared"},
    {"id": 2, "name": "bo", "email": "bo@example.org", "role": "admin"},
    {"id": 1, "name": "ana", "email": "ana@example.com", "role": "owner"},
    {"id": 4, "name": "dee", "email": "dee@example.com"}
  ],
  "nodes": {
    "laptop": {"ipv4": "100.64.0.1", "ipv6": "fd7a:115c:a1e0::1", "user": "ana"},
    "phone": {"ipv4": "100.64.0.2", "ipv6": "fd7a:115c:a1e0::2", "user": "ana"},
    "desktop": {"ipv4": "100.64.0.3", "ipv6": "fd7a:115c:a1e0::3", "user": "bo"},
    "server": {"ipv4": "100.64.0.4", "ipv6": "fd7a:115c:a1e0::4", "user": "ana", "tags": ["tag:server", "tag:web"],
      "shared_to": ["cy@elsewhere.net"]},
    "router": {"ipv4": "100.64.0.5", "ipv6": "fd7a:115c:a1e0::5", "tags": ["tag:router"],
      "routable_ips": ["10.1.0.0/16", "10.2.0.0/16"], "approved_routes": ["10.1.0.0/16"]},
    "exit": {"ipv4": "100.64.0.6", "ipv6": "fd7a:115c:a1e0::6", "tags": ["tag:exit"],
      "routable_ips": ["0.0.0.0/0", "::/0"], "approved_routes": ["0.0.0.0/0", "::/0"]},
    "console": {"ipv4": "100.64.0.7", "ipv6": "fd7a:115c:a1e0::7", "user": "cy"}
  }
}"#;

/// What every policy here has.
const COMMON: &str = r#"
  "groups": {"group:team": ["ana@example.com", "bo@example.org"], "group:later": ["new@example.com"]},
  "hosts": {"lan": "10.1.0.0/16", "box": "100.64.0.4"},
  "tagOwners": {"tag:server": [], "tag:web": [], "tag:router": [], "tag:exit": [], "tag:spare": []},
"#;

pub fn network() -> Network {
    Network::parse(NETWORK).unwrap()
}

pub fn policy(sections: &str) -> Policy {
    Policy::parse(&format!("{{{COMMON}{sections}}}")).unwrap()
}

/// What was compiled for each node, by name.
pub fn output(sections: &str) -> BTreeMap<String, NodeOutput> {
    let network = network();
    let compiled = compile(&policy(sections), &network).unwrap();
    network
        .nodes()
        .iter()
        .enumerate()
        .map(|(index, node)| (node.name.clone(), compiled.node(index)))
        .collect()
}

pub fn refusal(sections: &str) -> PolicyError {
    compile(&policy(sections), &network()).unwrap_err()
}

/// The rules of a node, one line each: `sources > destinations [protocols]`.
pub fn filter(sections: &str, node: &str) -> Vec<String> {
    output(sections)[node].packet_filter_rules.iter().map(line).collect()
}

fn line(rule: &FilterRule) -> String {
    let mut parts: Vec<String> =
        rule.dst_ports.iter().map(|dst| format!("{}:{}", dst.ip, dst.ports)).collect();
    for grant in &rule.cap_grant {
        let names: Vec<_> = grant.cap_map.keys().map(String::as_str).collect();
        parts.push(format!("{{{}}} on {}", names.join(" "), grant.dsts.join(" ")));
    }
    let protocols = if rule.ip_proto.is_empty() { String::new() } else { format!(" {:?}", rule.ip_proto) };
    format!("{} > {}{protocols}", rule.src_ips.join(" "), parts.join(" "))
}

pub fn grant(src: &str, dst: &str, rest: &str) -> String {
    format!("{{\"src\": [{src}], \"dst\": [{dst}], {rest}}}")
}

pub fn acl(src: &str, dst: &str) -> String {
    format!("{{\"action\": \"accept\", \"src\": [{src}], \"dst\": [{dst}]}}")
}
