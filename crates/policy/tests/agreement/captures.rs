//! Reach against the packet filters that the hosted control plane sent: every pair of nodes of every capture.
//!
//! The captures are found through `ACEQUIA_VECTORS`; without it this test says so and passes.

use std::collections::BTreeSet;
use std::net::IpAddr;
use std::path::Path;

use policy::Network;
use policy::compile::wire::FilterRule;
use policy::reach::{Engine, Target, Who};
use policy::set::IpRange;
use serde_json::Value;

use crate::{Question, wire};

#[test]
fn reach_is_what_the_captured_filters_let_through() {
    let Some(folder) = std::env::var_os("ACEQUIA_VECTORS") else {
        eprintln!("captured filters skipped: ACEQUIA_VECTORS is not set");
        return;
    };
    let (mut cases, mut questions, mut open) = (0, 0, 0);
    for family in ["acl", "grant", "routes", "issue_3212"] {
        let files = std::fs::read_dir(Path::new(&folder).join("headscale-compat").join(family)).unwrap();
        for file in files {
            let file = file.unwrap().path();
            let case: Value = serde_json::from_slice(&std::fs::read(&file).unwrap()).unwrap();
            if case["input"]["api_response_code"] == 200 && case["capture_error"].as_bool() != Some(true) {
                let (asked, allowed) = compare(&case, &file.display().to_string());
                cases += 1;
                questions += asked;
                open += allowed;
            }
        }
    }
    eprintln!("{cases} captures, {questions} questions, {open} allowed");
    assert!(cases > 300 && open > 10_000);
}

fn compare(case: &Value, file: &str) -> (usize, usize) {
    let policy = &case["input"]["full_policy"];
    let policy = policy.as_str().map_or_else(|| policy.to_string(), str::to_owned);
    let engine = Engine::new(&policy, &Network::from_value(case["topology"].clone()).unwrap()).unwrap();
    let nodes = case["topology"]["nodes"].as_object().unwrap();
    // Absent and null mean: no rule.
    let filter = |name: &String| -> Vec<FilterRule> {
        let rules = &case["captures"][name]["packet_filter_rules"];
        serde_json::from_value::<Option<Vec<FilterRule>>>(rules.clone()).unwrap().unwrap_or_default()
    };
    let filters: Vec<Vec<FilterRule>> = nodes.keys().map(filter).collect();
    let (mut asked, mut allowed) = (0, 0);
    for source in nodes.keys() {
        for to in places(nodes) {
            for (protocol, port) in services(&filters) {
                let who = Who::Node(source.clone());
                let question = Question { who, from: Vec::new(), to, protocol, port };
                let own: Option<IpAddr> = nodes[source][family(to)].as_str().and_then(|own| own.parse().ok());
                let captured = filters.iter().zip(nodes).any(|(filter, (name, node))| {
                    name != source
                        && wire::takes(node, to)
                        && own.is_some_and(|own| wire::passes(filter, own, &question))
                });
                let told = engine.allows(&question.who, &Target::Address(to), protocol, Some(port));
                assert_eq!(told, captured, "{file}: {source} -> {to} protocol {protocol} port {port}");
                asked += 1;
                allowed += usize::from(told);
            }
        }
    }
    (asked, allowed)
}

fn family(address: IpAddr) -> &'static str {
    if address.is_ipv4() { "ipv4" } else { "ipv6" }
}

/// Every address of a node, one address behind each approved route, and public ones.
fn places(nodes: &serde_json::Map<String, Value>) -> BTreeSet<IpAddr> {
    let mut places: BTreeSet<IpAddr> =
        ["8.8.8.8", "2606:4700::1"].iter().map(|text| text.parse().unwrap()).collect();
    for node in nodes.values() {
        places.extend(["ipv4", "ipv6"].iter().filter_map(|key| node[*key].as_str()?.parse::<IpAddr>().ok()));
        let routes = node["approved_routes"].as_array().into_iter().flatten().filter_map(Value::as_str);
        let routes =
            routes.filter_map(|route| route.parse::<IpRange>().ok()).filter(|route| !route.is_everything());
        places.extend(routes.map(IpRange::last));
    }
    places
}

/// TCP and UDP at the edges of every port range that a filter has.
fn services(filters: &[Vec<FilterRule>]) -> BTreeSet<(u8, u16)> {
    let ports = filters.iter().flatten().flat_map(|rule| &rule.dst_ports).map(|dst| dst.ports);
    let edges = ports.flat_map(|ports| [ports.first, ports.last, ports.last.saturating_add(1)]);
    edges.filter(|port| *port > 0).flat_map(|port| [(6, port), (17, port)]).collect()
}
