//! The fixed world in which policy engines are compared: N nodes, R rules, see the function [`world`].
//!
//! Run with `cargo bench -p policy`, or quicker and less exact with `cargo test -p policy --bench world`.

#![expect(clippy::print_stdout, clippy::unwrap_used, reason = "a measurement that people read")]

use std::fmt::Write as _;
use std::time::{Duration, Instant};

use policy::{Network, Policy, compile, resolve};

const SIZES: [(usize, usize); 6] =
    [(100, 50), (500, 200), (1000, 500), (2000, 1000), (2000, 15_000), (10_000, 1000)];

/// N nodes of N/5 users and N/20 tags, every fiftieth a router; R rules from groups to tags and routes.
/// With `own`, everybody may also reach their own nodes, which makes a rule of its own for each user.
pub fn world(nodes: usize, rules: usize, own: bool) -> (String, String) {
    let (users, tags, routers) = (nodes / 5, (nodes / 20).max(1), nodes / 50);
    let route = |i: usize| format!("10.{}.{}.0/24", i / 256, i % 256);
    let mut network = String::from("{\"users\": [");
    for k in 0..users {
        let comma = if k == 0 { "" } else { "," };
        write!(network, "{comma}{{\"id\": {k}, \"name\": \"u{k}\", \"email\": \"u{k}@example.com\"}}")
            .unwrap();
    }
    network.push_str("], \"nodes\": {");
    for i in 0..nodes {
        let comma = if i == 0 { "" } else { "," };
        let (v4, v6) = (i + 1, i + 1);
        write!(network, "{comma}\"n{i:05}\": {{\"ipv4\": \"100.64.{}.{}\", ", v4 / 256, v4 % 256).unwrap();
        write!(network, "\"ipv6\": \"fd7a:115c:a1e0::{v6:x}\"").unwrap();
        match i % 5 {
            0..3 => write!(network, ", \"user\": \"u{}\"", (i / 5) % users).unwrap(),
            _ => write!(network, ", \"tags\": [\"tag:t{}\"]", (i / 5) % tags).unwrap(),
        }
        if i % 50 == 49 {
            write!(network, ", \"routable_ips\": [\"{0}\"], \"approved_routes\": [\"{0}\"]", route(i))
                .unwrap();
        }
        network.push('}');
    }
    network.push_str("}}");

    let list = |items: Vec<String>| items.join(",");
    let groups = (0..20).map(|group| {
        let of = (0..users).filter(|k| k % 20 == group || 7 * k % 20 == group);
        format!("\"group:g{group}\": [{}]", list(of.map(|k| format!("\"u{k}@example.com\"")).collect()))
    });
    let owners = (0..tags).map(|tag| format!("\"tag:t{tag}\": []"));
    let mut acls: Vec<String> = (0..rules)
        .map(|k| {
            if k % 10 == 9 {
                let router = 50 * ((k / 10) % routers) + 49;
                return format!(
                    "{{\"action\":\"accept\",\"src\":[\"autogroup:member\"],\"dst\":[\"{}:443\"]}}",
                    route(router)
                );
            }
            format!(
                "{{\"action\":\"accept\",\"proto\":\"tcp\",\"src\":[\"group:g{}\"],\"dst\":[\"tag:t{}:{}\"]}}",
                k % 20,
                k % tags,
                1000 + k
            )
        })
        .collect();
    if own {
        acls.push(
            "{\"action\":\"accept\",\"src\":[\"autogroup:member\"],\"dst\":[\"autogroup:self:*\"]}".into(),
        );
    }
    let policy = format!(
        "{{\"groups\": {{{}}}, \"tagOwners\": {{{}}}, \"acls\": [{}]}}",
        list(groups.collect()),
        list(owners.collect()),
        list(acls)
    );
    (policy, network)
}

fn timed<T>(work: impl Fn() -> T) -> (Duration, T) {
    let runs = 3;
    let mut best = Duration::MAX;
    let mut value = None;
    for _ in 0..runs {
        let start = Instant::now();
        value = Some(work());
        best = best.min(start.elapsed());
    }
    (best, value.unwrap())
}

fn main() {
    println!(
        "{:>6} {:>6} {:>5} {:>10} {:>10} {:>12} {:>10}",
        "nodes", "rules", "own", "parse", "resolve", "all compiled", "one filter"
    );
    for (nodes, rules) in SIZES {
        for own in [false, true] {
            let (text, network) = world(nodes, rules, own);
            let network = Network::parse(&network).unwrap();
            let (parse, policy) = timed(|| Policy::parse(&text).unwrap());
            let (resolved, _) = timed(|| resolve(&policy, &network).unwrap());
            let (compiled, all) = timed(|| compile(&policy, &network).unwrap());
            let (filter, _) = timed(|| all.filter(nodes - 1));
            println!(
                "{nodes:>6} {rules:>6} {own:>5} {parse:>10.2?} {resolved:>10.2?} {compiled:>12.2?} {filter:>10.2?}"
            );
        }
    }
}
