//! What the hosted control plane answered, case by case: see the README of the vectors.
//!
//! The folder is found through `ACEQUIA_VECTORS`; without it these tests say so and pass.

#![expect(clippy::unwrap_used, reason = "a vector of another shape is a failed test")]

mod case;
mod compare;
mod score;

use policy::{Policy, Reading, compile, lint};
use score::Score;

/// Captures that contradict themselves: family, case or `*`, part, and why that part proves nothing.
const EXCEPTIONS: [(&str, &str, &str, &str); 5] = [
    ("policytest", IPV6_LITERAL, "filter", "the policy was accepted, yet no node got a rule"),
    ("policytest", IPV6_LITERAL, "peers", "the policy was accepted, yet no node got a rule"),
    ("acl", "*", "approvals", ROUTE_APPROVED_MEANWHILE),
    ("acl", "acl-ah01", "peers", ROUTE_APPROVED_MEANWHILE),
    ("acl", "acl-h03", "peers", ROUTE_APPROVED_MEANWHILE),
];
const IPV6_LITERAL: &str = "policytest-allpass-grants-only-tag-src-ipv6-literal-dst";
const ROUTE_APPROVED_MEANWHILE: &str =
    "the topology was recorded before a route was approved, other parts after";

fn run(family: &str) {
    let Some(cases) = case::load(family) else {
        eprintln!("vectors of {family} skipped: ACEQUIA_VECTORS is not set");
        return;
    };
    let mut score = Score::new(family);
    for case in &cases {
        compare::case(case, &mut score);
    }
    score.finish(&EXCEPTIONS);
}

#[test]
fn acls_compile_to_the_captured_filters() {
    run("acl");
}

#[test]
fn grants_compile_to_the_captured_filters() {
    run("grant");
}

#[test]
fn routes_compile_to_the_captured_filters() {
    run("routes");
}

#[test]
fn the_internet_compiles_to_the_captured_filters() {
    run("issue_3212");
}

#[test]
fn ssh_compiles_to_the_captured_rules() {
    run("ssh");
}

#[test]
fn ssh_tests_pass_and_fail_as_captured() {
    run("sshtest");
}

#[test]
fn policy_tests_pass_and_fail_as_captured() {
    run("policytest");
}

#[test]
fn node_attributes_are_those_captured() {
    run("nodeattrs");
}

const FAMILIES: [&str; 8] =
    ["acl", "grant", "routes", "issue_3212", "ssh", "sshtest", "policytest", "nodeattrs"];

#[test]
fn what_was_taken_has_nothing_strange_and_means_the_same_in_force() {
    for case in FAMILIES.into_iter().flat_map(|family| case::load(family).unwrap_or_default()) {
        if case.refusal.is_some() {
            continue;
        }
        let [proposed, in_force] = [Reading::Proposed, Reading::InForce].map(|reading| {
            let all = lint(&case.policy, &case.network, reading).unwrap();
            let strange: Vec<_> = all.into_iter().filter(|lint| lint.kind.fails_strict()).collect();
            assert!(strange.is_empty(), "{} {reading:?}: {strange:?}", case.name);
            let policy = Policy::read(&case.policy, reading).unwrap();
            let compiled = compile(&policy, &case.network).unwrap();
            serde_json::to_value(compiled.output()).unwrap()
        });
        assert_eq!(proposed, in_force, "{}", case.name);
    }
}
