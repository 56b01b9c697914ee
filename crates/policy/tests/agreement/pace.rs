//! How long answers take on the made-up world that engines are compared on: N nodes, R rules.
//!
//! Run by hand: `cargo test -p policy --test agreement pace -- --ignored --nocapture`.

use std::ops::ControlFlow;
use std::time::Instant;

use policy::reach::{Engine, Query, Target, Who};
use policy::{Network, diff};
use serde_json::{Value, json};

#[path = "../../benches/worlds/tailnet.rs"]
mod tailnet;

fn network(count: usize) -> Value {
    let (users, tags) = (count / 5, (count / 20).max(1));
    let mut nodes = serde_json::Map::new();
    for i in 0..count {
        let address = std::net::Ipv4Addr::from_bits(0x6440_0000 + u32::try_from(i).unwrap() + 1);
        let mut node = json!({"ipv4": address.to_string(), "ipv6": format!("fd7a:115c:a1e0::{:x}", i + 1)});
        if i % 5 < 3 {
            node["user"] = json!(format!("u{}", (i / 5) % users));
        } else {
            node["tags"] = json!([format!("tag:t{}", (i / 5) % tags)]);
        }
        if i % 50 == 49 {
            node["approved_routes"] = json!([format!("10.{}.{}.0/24", i / 256, i % 256)]);
        }
        nodes.insert(format!("n{i:05}"), node);
    }
    let user = |k: usize| json!({"id": k, "name": format!("u{k}"), "email": format!("u{k}@example.com")});
    json!({"users": (0..users).map(user).collect::<Vec<_>>(), "nodes": nodes})
}

fn policy(count: usize, rules: usize) -> Value {
    let (users, tags, routers) = (count / 5, (count / 20).max(1), count / 50);
    let mut groups = serde_json::Map::new();
    for group in 0..20 {
        let members = (0..users).filter(|k| k % 20 == group || 7 * k % 20 == group);
        let members: Vec<String> = members.map(|k| format!("u{k}@example.com")).collect();
        groups.insert(format!("group:g{group}"), json!(members));
    }
    let rule = |k: usize| {
        if k % 10 == 9 {
            let i = (k / 10) % routers * 50 + 49;
            let dst = format!("10.{}.{}.0/24:443", i / 256, i % 256);
            return json!({"action": "accept", "src": ["autogroup:member"], "dst": [dst], "proto": "tcp"});
        }
        let dst = format!("tag:t{}:{}", k % tags, 1000 + k);
        json!({"action": "accept", "src": [format!("group:g{}", k % 20)], "dst": [dst], "proto": "tcp"})
    };
    let owners: serde_json::Map<String, Value> =
        (0..tags).map(|t| (format!("tag:t{t}"), json!([]))).collect();
    json!({"groups": groups, "tagOwners": owners, "acls": (0..rules).map(rule).collect::<Vec<_>>()})
}

/// Counted, not timed: what a question looks at grows as what there is to tell.
#[test]
fn most_pairs_that_are_looked_at_are_told() {
    for machines in [200, 2000] {
        let (text, file) = tailnet::tailnet(machines);
        let engine = Engine::new(&text, &Network::parse(&file).unwrap()).unwrap();
        let (mut looked, mut told, mut entries) = (0, 0, 0);
        let _ = engine.each_reach(&Query::default(), |some| {
            looked += 1;
            told += usize::from(!some.is_empty());
            entries += some.len();
            ControlFlow::Continue(())
        });
        let pairs = engine.everyone().len() * machines;
        println!("{machines} machines: {looked} of {pairs} pairs, {told} told in {entries} entries");
        assert!(
            looked <= 2 * told && looked * 4 < pairs,
            "{looked} looked at, {told} told, {pairs} there are"
        );
    }
}

#[test]
#[ignore = "measures, shows nothing true or false"]
fn pace_of_answers() {
    for (nodes, rules) in [(100, 50), (500, 200), (1000, 500), (2000, 1000)] {
        let network = Network::from_value(network(nodes)).unwrap();
        let mut text = policy(nodes, rules);
        let start = Instant::now();
        let engine = Engine::new(&text.to_string(), &network).unwrap();
        let built = start.elapsed();
        let start = Instant::now();
        let all = engine.reach(&Query::default());
        let matrix = start.elapsed();
        let start = Instant::now();
        let (who, to) = (Who::Login("u3@example.com".into()), Target::Node("n00003".into()));
        for port in 0..10_000 {
            std::hint::black_box(engine.allows(&who, &to, 6, Some(port)));
        }
        let query = start.elapsed() / 10_000;
        text["acls"][0]["dst"] = json!(["*:*"]);
        let other = Engine::new(&text.to_string(), &network).unwrap();
        let start = Instant::now();
        let change = diff(&engine, &other);
        let compared = start.elapsed();
        eprintln!(
            "{nodes} nodes, {rules} rules: built {built:?}, all {} entries {matrix:?}, query {query:?}, {} gained {compared:?}",
            all.len(),
            change.gained.len()
        );
    }
}
