//! A tailnet of N machines: for each ten a person, for each twenty a tag and a rule, for each fifty a share with
//! somebody outside, for each two hundred a router.

use std::fmt::Write as _;

/// Its policy text and its network file.
pub fn tailnet(nodes: usize) -> (String, String) {
    (policy(nodes), network(nodes))
}

fn list(items: impl Iterator<Item = String>) -> String {
    items.collect::<Vec<_>>().join(",")
}

fn v4(node: usize) -> String {
    format!("100.{}.{}.{}", 64 + node / 65_536, node / 256 % 256, node % 256)
}

fn subnet(router: usize) -> String {
    format!("10.{}.{}.0/24", router / 256, router % 256)
}

fn network(nodes: usize) -> String {
    let (people, tags, shares, exits) = (nodes / 10, nodes / 20, nodes / 50, nodes.div_ceil(2000));
    let users = list((0..people).map(|k| {
        let role = if k == 0 { "owner" } else { "member" };
        format!(
            "{{\"id\": {}, \"name\": \"u{k}\", \"email\": \"u{k}@example.com\", \"role\": \"{role}\"}}",
            k + 1
        )
    }));
    let mut file = format!("{{\"users\": [{users}], \"nodes\": {{");
    for i in 0..nodes {
        let comma = if i == 0 { "" } else { ",\n" };
        let v6 = i + 1;
        write!(
            file,
            "{comma}\"n{i:05}\": {{\"ipv4\": \"{}\", \"ipv6\": \"fd7a:115c:a1e0::{v6:x}\"",
            v4(i + 1)
        )
        .unwrap();
        match i % 2 {
            0 => write!(file, ", \"user\": \"u{}\"", i / 2 % people).unwrap(),
            _ => write!(file, ", \"tags\": [\"tag:t{}\"]", i / 2 % tags).unwrap(),
        }
        let routes = match i % 200 {
            13 => vec![format!("\"{}\"", subnet(i / 200))],
            17 if i / 200 < exits => vec!["\"0.0.0.0/0\"".to_owned(), "\"::/0\"".to_owned()],
            _ => Vec::new(),
        };
        if !routes.is_empty() {
            write!(file, ", \"approved_routes\": [{}]", routes.join(",")).unwrap();
        }
        if i % 50 == 1 && i / 50 < shares {
            write!(file, ", \"shared_to\": [\"friend{}@github\"]", i / 50).unwrap();
        }
        file.push('}');
    }
    file.push_str("}}");
    file
}

fn policy(nodes: usize) -> String {
    let (people, tags, rules, shares) = (nodes / 10, nodes / 20, nodes / 20, nodes / 50);
    let (groups, routers) = (20, (nodes / 200).max(1));
    let members = list((0..groups).map(|group| {
        let of = (0..people).filter(|k| k % groups == group || 7 * k % groups == group);
        format!("\n\"group:g{group}\": [{}]", list(of.map(|k| format!("\"u{k}@example.com\""))))
    }));
    let owners = list((0..tags).map(|tag| format!("\n\"tag:t{tag}\": [\"group:g{}\"]", tag % groups)));
    let acl = |k: usize| {
        let (proto, src, dst) = match k % 10 {
            9 => ("tcp", "autogroup:member".to_owned(), format!("{}:443", subnet(k / 10 % routers))),
            8 => ("udp", format!("tag:t{}", k * 3 % tags), format!("tag:t{}:53", k % tags)),
            _ => ("tcp", format!("group:g{}", k % groups), format!("tag:t{}:{}", k % tags, 1000 + k)),
        };
        format!("\n{{\"action\":\"accept\",\"proto\":\"{proto}\",\"src\":[\"{src}\"],\"dst\":[\"{dst}\"]}}")
    };
    let plain = [
        "\n{\"action\":\"accept\",\"src\":[\"autogroup:member\"],\"dst\":[\"autogroup:self:*\"]}",
        "\n{\"action\":\"accept\",\"src\":[\"group:g0\"],\"dst\":[\"autogroup:internet:*\"]}",
        "\n{\"action\":\"accept\",\"src\":[\"autogroup:owner\"],\"dst\":[\"*:*\"]}",
        "\n{\"action\":\"accept\",\"src\":[\"*\"],\"dst\":[\"tag:t0:80\"]}",
    ];
    let acls = list((0..rules).map(acl).chain(plain.map(str::to_owned)));
    let share = |k: usize| {
        let node = k * 50 + 1;
        let v6 = node + 1;
        let addresses = format!("\"{}\", \"fd7a:115c:a1e0::{v6:x}\"", v4(node + 1));
        format!(
            "\n// acequia:share=s{k}\n{{\"src\":[\"friend{k}@github\"],\"dst\":[{addresses}],\"ip\":[\"tcp:443\"]}}"
        )
    };
    let grants = list((0..shares).map(share));
    format!(
        "{{\"groups\": {{{members}}},\n\"tagOwners\": {{{owners}}},\n\"acls\": [{acls}],\n\"grants\": [{grants}]}}\n"
    )
}
