//! The proof of a plan, held against texts that no edit of ours makes: whatever else they change is noticed.

use super::*;

const NETWORK: &str = r#"{
  "users": [
    {"id": 1, "name": "ana", "email": "ana@example.com", "role": "owner"},
    {"id": 2, "name": "eli", "email": "eli@github", "type": "shared"}
  ],
  "nodes": {
    "laptop": {"ipv4": "100.64.0.1", "ipv6": "fd7a:115c:a1e0::1", "user": "ana"},
    "mc": {"ipv4": "100.64.0.10", "ipv6": "fd7a:115c:a1e0::10", "user": "ana", "shared_to": ["eli@github"]},
    "other": {"ipv4": "100.64.0.11", "ipv6": "fd7a:115c:a1e0::11", "user": "ana", "shared_to": ["dee@github"]}
  }
}"#;
const OWN: &str = r#"{"src": ["ana@example.com"], "dst": ["*"], "ip": ["*"]}"#;
const ASKED: &str = "\"tcp:25565\", \"udp:19132\"";

fn grant(who: &str, node: &str, ports: &str) -> String {
    let dst = match node {
        "mc" => "\"100.64.0.10\", \"fd7a:115c:a1e0::10\"",
        "mc4" => "\"100.64.0.10\"",
        _ => "\"100.64.0.11\", \"fd7a:115c:a1e0::11\"",
    };
    format!("{{\"src\": [\"{who}\"], \"dst\": [{dst}], \"ip\": [{ports}]}}")
}

fn proven(before: &[&str], after: &[&str]) -> Result<Vec<Entry>, ShareError> {
    let request = ShareRequest {
        id: "mc-1".parse().unwrap(),
        who: "dee@github".parse().unwrap(),
        node: "mc".into(),
        ports: "tcp:25565,udp:19132".parse().unwrap(),
    };
    let network = Network::parse(NETWORK).unwrap();
    let network = network.with_share(network.node_named("mc").unwrap(), request.who.as_str());
    let case = Case { network: &network, request: &request, language: crate::Reading::Proposed.into() };
    let engine =
        |grants: &[&str]| Engine::new(&format!("{{\"grants\": [{}]}}", grants.join(", ")), &network).unwrap();
    case.proven(&engine(before), &engine(after))
}

#[test]
fn the_share_and_nothing_else_is_proven() {
    let share = grant("dee@github", "mc", ASKED);
    let gained = proven(&[OWN], &[OWN, &share]).unwrap();
    assert!(!gained.is_empty() && gained.iter().all(|entry| entry.node == "mc"), "{gained:?}");
}

#[test]
fn whatever_else_is_gained_or_lost_is_no_proof() {
    let share = grant("dee@github", "mc", ASKED);
    for (what, also) in [
        ("somebody else, the same", grant("eli@github", "mc", ASKED)),
        ("the friend, another machine", grant("dee@github", "other", ASKED)),
        ("the friend, another port", grant("dee@github", "mc", "\"tcp:22\"")),
    ] {
        assert!(proven(&[OWN], &[OWN, &share, &also]).is_err(), "{what}");
    }
    assert!(proven(&[OWN], &[&share]).is_err(), "the owner loses everything");
}

#[test]
fn less_than_the_share_is_no_proof() {
    let elsewhere = grant("dee@github", "other", ASKED);
    let same_number = grant("dee@github", "mc", "\"tcp:19132\"");
    let tcp_only = grant("dee@github", "mc", "\"tcp:25565\"");
    for (what, before, after) in [
        ("nothing", vec![OWN], vec![OWN]),
        ("what there is, is on another machine", vec![OWN, &elsewhere], vec![OWN, &elsewhere]),
        ("one address", vec![OWN], vec![OWN, &grant("dee@github", "mc4", ASKED)]),
        ("one protocol", vec![OWN], vec![OWN, &tcp_only]),
        ("the number in another protocol", vec![OWN, &same_number], vec![OWN, &same_number, &tcp_only]),
    ] {
        assert!(proven(&before, &after).is_err(), "{what}");
    }
}
