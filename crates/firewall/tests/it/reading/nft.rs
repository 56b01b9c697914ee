use std::collections::HashMap;

use super::{Packet, listed};

/// What the guard table decides: true if the packet passes.
pub fn nft(text: &str, interface: &str, packet: Packet) -> bool {
    let lines: Vec<&str> =
        text.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#')).collect();
    assert_eq!(lines[..3], ["table inet acequia", "delete table inet acequia", "table inet acequia {"]);
    let mut sets: HashMap<&str, &str> = HashMap::new();
    let mut set = "";
    let mut rules = Vec::new();
    for line in &lines[3..] {
        if let Some(name) = line.strip_prefix("set ").and_then(|rest| rest.strip_suffix(" {")) {
            set = name;
        } else if let Some(elements) = line.strip_prefix("elements = { ") {
            sets.insert(set, elements.strip_suffix(" }").unwrap());
        } else {
            rules.push(*line);
        }
    }
    rules.retain(|line| !line.starts_with("type ipv") && *line != "}");
    let head = ["chain guard {", "type filter hook prerouting priority -150; policy accept;"];
    assert_eq!(rules[..2], head);
    assert_eq!(rules[2], format!("iifname != \"{interface}\" accept"));
    let always = ["ct direction reply accept", "meta l4proto { icmp, icmpv6 } accept"];
    assert_eq!((rules[3], &rules[4..6]), ("counter comment \"acequia seen\"", &always[..]));
    for rule in &rules[6..] {
        if let Some(verdict) = verdict(rule, &sets, packet) {
            return verdict;
        }
    }
    true
}

/// The verdict of one rule, if it matches.
pub(super) fn verdict(rule: &str, sets: &HashMap<&str, &str>, packet: Packet) -> Option<bool> {
    let mut rest = rule;
    loop {
        let (word, after) = rest.split_once(' ').unwrap_or((rest, ""));
        rest = after;
        match word {
            "accept" => {
                assert_eq!(rest, "");
                return Some(true);
            }
            "counter" => {
                assert!(rest == "drop" || rest.starts_with("drop comment \"acequia rev "), "{rule}");
                return Some(false);
            }
            "ip" | "ip6" => {
                rest = rest.strip_prefix("saddr ").unwrap();
                let (list, after) = if let Some(list) = rest.strip_prefix("{ ") {
                    list.split_once(" } ").unwrap()
                } else {
                    let (name, after) = rest.split_once(' ').unwrap();
                    (sets[name.strip_prefix('@').unwrap()], after)
                };
                rest = after;
                assert!(list.split(", ").all(|text| text.contains(':') == (word == "ip6")), "{rule}");
                if !list.split(", ").any(|text| text == packet.source.to_string()) {
                    return None;
                }
            }
            "meta" => {
                let (range, after) = rest.strip_prefix("time ").unwrap().split_once(' ').unwrap();
                rest = after;
                let (first, last) = range.split_once('-').unwrap();
                if !(first.parse::<i64>().unwrap()..=last.parse().unwrap()).contains(&packet.time) {
                    return None;
                }
            }
            "tcp" | "udp" => {
                let (list, after) = rest.strip_prefix("dport { ").unwrap().split_once(" } ").unwrap();
                rest = after;
                if word != packet.protocol || !listed(list, '-', packet.port) {
                    return None;
                }
            }
            _ => panic!("not understood: {rule}"),
        }
    }
}
