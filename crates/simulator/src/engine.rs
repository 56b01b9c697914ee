//! What the control plane thinks of a policy, by the policy engine.

use std::net::{IpAddr, SocketAddr};

use policy::resolve::{Destination, Target};
use policy::syntax::{RuleRef, port};
use policy::{Network, Policy, PolicyError, ResolvedRule};
use serde_json::{Value, json};

use crate::rights::Refusal;

/// Whether the control plane would take the file, and if not, in its words: names and rules of every section, then the
/// file's own tests.
pub fn check(text: &str, network: &Network) -> Result<(), Refusal> {
    judge(&Policy::parse(text).map_err(refuse)?, network)
}

/// Runs tests, as an array, against the policy in force.
pub fn run_tests(tests: &str, in_force: &str, network: &Network) -> Result<(), Refusal> {
    let mut policy = Policy::parse(in_force).map_err(refuse)?;
    policy.tests = Policy::parse(&format!("{{\"tests\": {tests}}}")).map_err(refuse)?.tests;
    policy.ssh_tests.clear();
    judge(&policy, network)
}

fn judge(policy: &Policy, network: &Network) -> Result<(), Refusal> {
    let checked = policy::validate(policy, network).map_err(refuse)?;
    let failures = policy::run_tests(policy, &checked, network).map_err(refuse)?;
    if failures.is_empty() {
        return Ok(());
    }
    let data = failures.iter().map(|failure| {
        let tests = policy.tests.iter().map(|test| (test.rule, &test.src));
        let ssh_tests = policy.ssh_tests.iter().map(|test| (test.rule, &test.src));
        let test = tests.chain(ssh_tests).find(|(rule, _)| *rule == failure.rule);
        let source =
            test.and_then(|(_, src)| src.as_ref()).map(policy::syntax::Text::as_str).unwrap_or_default();
        json!({ "user": source, "errors": [failure.reason] })
    });
    Err(Refusal { data: Some(data.collect()), ..Refusal::bad_request("test(s) failed") })
}

fn refuse(error: PolicyError) -> Refusal {
    Refusal::bad_request(error.message)
}

/// The rules that matter for a person (`user`) or for an address and port (`ipport`), in the form of the API.
pub fn preview(text: &str, network: &Network, kind: &str, whom: &str) -> Result<Value, Refusal> {
    let policy = Policy::parse(text).map_err(refuse)?;
    let resolved = policy::resolve(&policy, network).map_err(refuse)?;
    let matters: Box<dyn Fn(&ResolvedRule) -> bool> = match kind {
        "user" => {
            let unknown = || Refusal::bad_request(format!("user not found: \"{whom}\""));
            let user = network.user_with_login(whom).ok_or_else(unknown)?;
            Box::new(move |rule| lets_in(rule, network, user))
        }
        "ipport" => {
            let invalid = |_| Refusal::bad_request(format!("invalid ip:port \"{whom}\""));
            let place: SocketAddr = whom.parse().map_err(invalid)?;
            Box::new(move |rule| leads_to(rule, network, place.ip(), place.port()))
        }
        _ => return Err(Refusal::bad_request("invalid preview type")),
    };
    let mut matches: Vec<(RuleRef, Value, Vec<String>)> = Vec::new();
    for rule in resolved.rules.iter().filter(|rule| matters(rule)) {
        let users = rule.sources.selections.iter().map(|source| source.text.as_str()).collect();
        match matches.last_mut() {
            // An ACL is resolved to one rule for each of its destinations; the API tells it as one.
            Some((same, _, ports)) if *same == rule.rule => ports.extend(told(rule)),
            _ => matches.push((rule.rule, users, told(rule))),
        }
    }
    let tell = |(rule, users, ports): (RuleRef, Value, Vec<String>)| json!({ "users": users, "ports": ports, "lineNumber": rule.line, "postures": [] });
    Ok(matches.into_iter().map(tell).collect())
}

fn lets_in(rule: &ResolvedRule, network: &Network, user: usize) -> bool {
    let sources = &rule.sources;
    let own = |index: &usize| network.node(*index).is_some_and(|node| node.owner() == Some(user));
    let mut nodes = (0..network.nodes().len()).filter(own);
    sources.wildcard
        || sources.danger_all
        || sources.users.contains(user)
        || nodes.any(|index| {
            let mut addresses = network.node(index).into_iter().flat_map(policy::network::Node::addresses);
            sources.nodes.contains(index) || addresses.any(|address| sources.ranges.contains(address))
        })
}

fn leads_to(rule: &ResolvedRule, network: &Network, address: IpAddr, port: u16) -> bool {
    let open = |ports: &port::Ports| (ports.first..=ports.last).contains(&port);
    let node = network.nodes().iter().position(|node| node.addresses().any(|own| own == address));
    let there = |destination: &Destination| match &destination.target {
        Target::Any => true,
        Target::Nodes(nodes) => node.is_some_and(|index| nodes.contains(index)),
        Target::Ranges(ranges) | Target::Carved(ranges) => ranges.iter().any(|range| range.contains(address)),
        Target::SelfOwned => {
            let owner = node.and_then(|index| network.node(index)?.owner());
            owner.is_some_and(|owner| lets_in(rule, network, owner))
        }
        Target::Internet => node.is_none(),
        Target::Service(_) => false,
    };
    rule.services.iter().any(|service| service.ports.iter().any(open)) && rule.destinations.iter().any(there)
}

fn told(rule: &ResolvedRule) -> Vec<String> {
    let ports: Vec<String> =
        rule.services.iter().flat_map(|service| &service.ports).map(ToString::to_string).collect();
    let ports = ports.join(",");
    rule.destinations.iter().map(|destination| format!("{}:{ports}", destination.text)).collect()
}
