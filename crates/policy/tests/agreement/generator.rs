//! Random worlds: small enough to be full of coincidences.

use std::net::IpAddr;

use serde_json::{Value, json};

/// A small generator of its own (`SplitMix64`), so that a failing seed can be run again anywhere.
pub struct Dice(u64);

impl Dice {
    pub fn new(seed: u64) -> Self {
        Self(seed)
    }

    pub fn below(&mut self, bound: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        usize::try_from((z ^ (z >> 31)) % bound as u64).unwrap()
    }

    /// True in one of `bound` cases.
    pub fn one_in(&mut self, bound: usize) -> bool {
        self.below(bound) == 0
    }

    pub fn pick<'a, T: ?Sized>(&mut self, list: &[&'a T]) -> &'a T {
        list[self.below(list.len())]
    }

    fn few(&mut self, list: &[&str], most: usize) -> Vec<String> {
        (0..=self.below(most)).map(|_| self.pick(list).to_owned()).collect()
    }
}

pub const LOGINS: [&str; 6] =
    ["ana@example.com", "ben@example.com", "cyd@other.org", "dee@github", "eli@github", "nobody@example.com"];
const ROUTES: [&str; 8] = [
    "10.0.0.0/24",
    "10.0.0.0/16",
    "192.168.7.0/24",
    "fd00:1::/64",
    "8.8.8.0/24",
    "0.0.0.0/0",
    "::/0",
    "10.0.0.128/25",
];
const TAGS: [&str; 3] = ["tag:server", "tag:router", "tag:idle"];
const NODES: [&str; 7] = ["alder", "birch", "cedar", "dogwood", "elm", "fir", "gum"];

/// Users with and without nodes, share recipients listed and not, nodes with routes and shares.
pub fn network(dice: &mut Dice) -> Value {
    let mut users = vec![
        json!({"id": 1, "name": "ana", "email": "ana@example.com", "role": "owner"}),
        json!({"id": 2, "name": "ben", "email": "ben@example.com", "role": "member"}),
        json!({"id": 3, "name": "cyd", "email": "cyd@other.org", "role": "admin"}),
    ];
    if dice.one_in(2) {
        users.push(json!({"id": 4, "name": "dee", "email": "dee@github", "type": "shared"}));
    }
    let names: Vec<String> = users.iter().map(|user| user["name"].as_str().unwrap().to_owned()).collect();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    let mut nodes = serde_json::Map::new();
    for (index, name) in NODES.iter().take(2 + dice.below(6)).enumerate() {
        let mut node = json!({
            "ipv4": format!("100.64.0.{}", index + 1),
            "ipv6": format!("fd7a:115c:a1e0::{:x}", index + 1),
            "tags": [], "shared_to": [], "approved_routes": [],
        });
        match dice.below(5) {
            0 | 1 => node["tags"] = json!(dice.few(&TAGS, 1)),
            _ => node["user"] = json!(dice.pick(&names)),
        }
        if dice.one_in(3) {
            node["approved_routes"] = json!(dice.few(&ROUTES, 2));
        }
        if dice.one_in(3) {
            node["shared_to"] = json!(dice.few(&LOGINS[3..5], 1));
        }
        if dice.one_in(9) {
            node["ipv6"] = json!("");
        }
        nodes.insert((*name).to_owned(), node);
    }
    json!({"domains": ["example.com"], "users": users, "nodes": nodes})
}

const SOURCES: [&str; 30] = [
    "*",
    "ana@example.com",
    "ben@example.com",
    "cyd@other.org",
    "dee@github",
    "eli@github",
    "group:house",
    "group:friends",
    "tag:server",
    "tag:router",
    "autogroup:member",
    "autogroup:tagged",
    "autogroup:shared",
    "autogroup:danger-all",
    "autogroup:admin",
    "user:*@example.com",
    "100.64.0.2",
    "100.64.0.0/10",
    "100.99.0.0/16",
    "fd7a:115c:a1e0::/48",
    "10.0.0.64/26",
    "0.0.0.0/0",
    "office",
    "alderhost",
    "ipset:lab",
    "autogroup:owner",
    // Nobody here knows who these are.
    "group://fleet/players",
    "tag://fleet/runner",
    "group:staff@example.com",
    "group:mixed",
];
const PEOPLE: [&str; 6] = [
    "ana@example.com",
    "ben@example.com",
    "group:house",
    "autogroup:member",
    "autogroup:admin",
    "cyd@other.org",
];
const DESTINATIONS: [&str; 26] = [
    "*",
    "ana@example.com",
    "dee@github",
    "group:house",
    "group:friends",
    "tag:server",
    "tag:router",
    "autogroup:member",
    "autogroup:tagged",
    "autogroup:internet",
    "100.64.0.1",
    "100.64.0.3",
    "100.64.0.0/30",
    "fd7a:115c:a1e0::2",
    "10.0.0.0/8",
    "10.0.0.7",
    "192.168.7.0/25",
    "8.0.0.0/6",
    "8.8.8.8",
    "office",
    "alderhost",
    "ipset:net",
    "ipset:lab",
    "svc:web",
    "svc:mail",
    // Not here.
    "tag://fleet/runner",
];
/// What a rule may ask of own devices; the last of them rests on an attribute that nobody here knows.
const POSTURES: [&str; 3] = ["posture:mac", "posture:country", "posture:new"];
const PORTS: [&str; 7] = ["*", "22", "80,443", "8000-8100", "1-65535", "25565", "443,8050-8200"];
const ENTRIES: [&str; 11] =
    ["*", "22", "tcp:443", "udp:8000-8100", "tcp:*", "icmp:*", "sctp:22", "gre:*", "8050", "udp:25565", "47"];

/// A policy that the control plane would take; rules in both sections, or in none.
pub fn policy(dice: &mut Dice) -> Value {
    let mut policy = json!({
        "groups": {
            "group:house": ["ana@example.com", "ben@example.com"],
            "group:friends": ["dee@github", "eli@github", "nobody@example.com"],
            "group:mixed": ["ben@example.com", "autogroup:admin"],
        },
        "hosts": {"office": "10.0.0.0/24", "alderhost": "100.64.0.1"},
        "ipsets": {
            "ipset:net": ["add autogroup:internet", "remove ipset:cdn"],
            "ipset:cdn": ["8.8.8.0/24", "9.9.9.9"],
            "ipset:lab": ["add office", "remove 10.0.0.7", "100.64.0.2"],
        },
        "tagOwners": {"tag:server": [], "tag:router": [], "tag:idle": []},
        "externalTailnets": {"fleet": {"externalID": "TxTEST"}},
        "postures": {
            "posture:mac": ["node:os == 'macos'", "node:tsAutoUpdate"],
            "posture:country": ["ip:country in ['CA', 'US']"],
            "posture:new": ["node:os IS SET", "node:brandNew == true"],
        },
    });
    if dice.one_in(8) {
        policy["defaultSrcPosture"] = json!(dice.few(&POSTURES, 1));
    }
    if !dice.one_in(8) {
        policy["acls"] = (0..dice.below(4)).map(|_| acl(dice)).collect();
    }
    if !dice.one_in(4) {
        policy["grants"] = (0..dice.below(4)).map(|_| grant(dice)).collect();
    }
    policy
}

fn acl(dice: &mut Dice) -> Value {
    let own = dice.one_in(5);
    let src = if own { dice.few(&PEOPLE, 1) } else { dice.few(&SOURCES, 2) };
    let src = if own && dice.one_in(4) { vec!["*".to_owned()] } else { src };
    let proto = dice.pick(&["", "", "", "tcp", "udp", "sctp", "icmp", "47"]);
    let with_ports = matches!(proto, "" | "tcp" | "udp" | "sctp");
    let mut dst = Vec::new();
    for host in dice.few(&DESTINATIONS, 2) {
        let ports = if with_ports { dice.pick(&PORTS) } else { "*" };
        dst.push(if host.contains("::") { format!("[{host}]:{ports}") } else { format!("{host}:{ports}") });
    }
    if own {
        dst.push("autogroup:self:22-80".replace("22-80", if with_ports { "22-80" } else { "*" }));
    }
    let mut acl = json!({"action": "accept", "src": src, "dst": dst});
    if dice.one_in(5) {
        acl["srcPosture"] = json!(dice.few(&POSTURES, 1));
    }
    if !proto.is_empty() {
        acl["proto"] = json!(proto);
    }
    acl
}

pub fn grant(dice: &mut Dice) -> Value {
    let own = dice.one_in(6);
    let src = if own { dice.few(&PEOPLE, 1) } else { dice.few(&SOURCES, 2) };
    let dst = if own { vec!["autogroup:self".to_owned()] } else { dice.few(&DESTINATIONS, 2) };
    let mut grant = json!({"src": src, "dst": dst, "ip": dice.few(&ENTRIES, 2)});
    if dice.one_in(5) {
        grant["srcPosture"] = json!(dice.few(&POSTURES, 1));
    }
    if !own && dice.one_in(6) {
        grant["via"] = json!(dice.few(&["tag:router", "tag:server"], 1));
    }
    grant
}

/// An address that something may be at.
pub fn address(dice: &mut Dice) -> IpAddr {
    let all = [
        "100.64.0.1",
        "100.64.0.2",
        "100.64.0.3",
        "100.64.0.4",
        "100.64.0.5",
        "fd7a:115c:a1e0::1",
        "fd7a:115c:a1e0::2",
        "fd7a:115c:a1e0::3",
        "10.0.0.7",
        "10.0.0.70",
        "10.0.0.200",
        "10.0.9.9",
        "192.168.7.7",
        "192.168.7.200",
        "fd00:1::9",
        "8.8.8.8",
        "8.8.4.4",
        "9.9.9.9",
        "2606:4700::1",
        "100.99.1.1",
        "10.1.1.1",
    ];
    dice.pick(&all).parse().unwrap()
}

/// Protocol and port, near the edges of the rules.
pub fn service(dice: &mut Dice) -> (u8, u16) {
    let ports: [u16; 12] = [1, 21, 22, 23, 47, 80, 443, 8000, 8050, 8101, 25565, 65535];
    ([6, 6, 6, 17, 17, 1, 132, 47][dice.below(8)], ports[dice.below(12)])
}

pub fn node_names(network: &Value) -> Vec<String> {
    network["nodes"].as_object().unwrap().keys().cloned().collect()
}
