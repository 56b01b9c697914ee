//! Compares as the README of the vectors says: rules in order, their parts as multisets.

use std::collections::{BTreeMap, BTreeSet};

use policy::compile::wire::{CapGrant, FilterRule, SshRule};
use serde_json::{Map, Value};

use crate::case::Case;
use crate::score::Score;

/// State of the tailnet that no policy decides.
const TAILNET_STATE: [&str; 13] = [
    "https://tailscale.com/cap/is-admin",
    "https://tailscale.com/cap/is-owner",
    "https://tailscale.com/cap/tailnet-lock",
    "https://tailscale.com/cap/file-sharing",
    "https://tailscale.com/cap/ssh",
    "tailnet-lock",
    "tailnet-display-name",
    "probe-udp-lifetime",
    "ssh-behavior-v1",
    "ssh-env-vars",
    "store-appc-routes",
    "default-auto-update",
    "is-admin",
];

pub fn case(case: &Case, score: &mut Score) {
    let parsed = policy::Policy::parse(&case.policy);
    let compiled =
        parsed.as_ref().map_err(Clone::clone).and_then(|policy| policy::compile(policy, &case.network));
    let answer = match (&case.refusal, &compiled) {
        (Some(want), Err(error)) if error.to_string() == *want => Ok(()),
        (Some(want), Err(error)) => Err(format!("refused with `{error}`, want `{want}`")),
        (Some(want), Ok(_)) => Err(format!("accepted, want `{want}`")),
        (None, Err(error)) => Err(format!("refused with `{error}`")),
        (None, Ok(_)) => Ok(()),
    };
    score.count(&case.name, "answer", answer);
    let (None, Ok(compiled)) = (&case.refusal, &compiled) else { return };
    approvals(case, compiled, score);
    for (name, capture) in &case.captures {
        let Some(node) = case.network.node_named(name).map(|index| compiled.node(index)) else {
            score.count(&case.name, "node", Err(format!("{name} is not in the network")));
            continue;
        };
        score.count(&case.name, "filter", filter(name, capture, &node.packet_filter_rules));
        score.count(&case.name, "ssh", ssh(name, capture, &node.ssh_rules));
        score.count(&case.name, "peers", peers(name, capture, &node.peers));
        if let Some(whois) = capture["whois"].as_object() {
            score.count(&case.name, "capabilities", capabilities(name, whois, &node.capabilities));
        }
        score.count(&case.name, "attributes", attributes(name, capture, &node.attributes));
    }
}

/// Approved routes were all approved by the policy, but for captures that were taken before it happened.
fn approvals(case: &Case, compiled: &policy::Compiled, score: &mut Score) {
    for (index, node) in case.network.nodes().iter().enumerate() {
        let mut want: Vec<String> = node.approved.iter().map(ToString::to_string).collect();
        let mut got: Vec<String> = compiled.approvals(index).iter().map(ToString::to_string).collect();
        want.sort();
        got.sort();
        score.count(&case.name, "approvals", same(&node.name, &got, &want));
    }
}

fn same<T: PartialEq + std::fmt::Debug>(node: &str, got: &T, want: &T) -> Result<(), String> {
    if got == want { Ok(()) } else { Err(format!("{node}:\n  got  {got:?}\n  want {want:?}")) }
}

fn list(value: &Value) -> Vec<Value> {
    value.as_array().cloned().unwrap_or_default()
}

fn filter(node: &str, capture: &Value, got: &[FilterRule]) -> Result<(), String> {
    let normal = |mut rule: FilterRule| {
        let mut sources = rule.src_ips.to_vec();
        sources.sort();
        rule.src_ips = sources.into();
        rule.dst_ports.sort();
        rule.ip_proto.sort_unstable();
        rule.cap_grant.iter_mut().for_each(|grant: &mut CapGrant| grant.dsts.sort());
        rule
    };
    let want = list(&capture["packet_filter_rules"])
        .into_iter()
        .map(|rule| normal(serde_json::from_value(rule).unwrap()));
    same(node, &got.iter().cloned().map(normal).collect::<Vec<_>>(), &want.collect())
}

fn ssh(node: &str, capture: &Value, got: &[SshRule]) -> Result<(), String> {
    let normal = |mut rule: SshRule| {
        rule.principals.sort();
        rule.action.hold_and_delegate = rule.action.hold_and_delegate.map(|_| "somewhere".into());
        rule
    };
    let want =
        list(&capture["ssh_rules"]).into_iter().map(|rule| normal(serde_json::from_value(rule).unwrap()));
    same(node, &got.iter().cloned().map(normal).collect::<Vec<_>>(), &want.collect())
}

fn peers(node: &str, capture: &Value, got: &[String]) -> Result<(), String> {
    let want = list(&capture["netmap"]["Peers"]);
    let want: BTreeSet<String> =
        want.iter().map(|peer| peer["ComputedName"].as_str().unwrap().to_owned()).collect();
    same(node, &got.iter().cloned().collect(), &want)
}

fn capabilities(
    node: &str,
    whois: &serde_json::Map<String, Value>,
    got: &BTreeMap<String, policy::compile::wire::CapMap>,
) -> Result<(), String> {
    for (ip, answer) in whois {
        let got =
            got.get(ip).map_or_else(|| Value::Object(Map::new()), |map| serde_json::to_value(map).unwrap());
        let want = Some(&answer["CapMap"]).filter(|map| !map.is_null()).cloned();
        same(&format!("{node} from {ip}"), &got, &want.unwrap_or_else(|| Value::Object(Map::new())))?;
    }
    Ok(())
}

fn attributes(node: &str, capture: &Value, got: &policy::compile::wire::CapMap) -> Result<(), String> {
    let of = |keys: Vec<String>| -> BTreeSet<String> {
        keys.into_iter().filter(|key| !TAILNET_STATE.contains(&key.as_str())).collect()
    };
    let want = capture["netmap"]["SelfNode"]["CapMap"].as_object().into_iter().flatten();
    same(node, &of(got.keys().cloned().collect()), &of(want.map(|(key, _)| key.clone()).collect()))
}
