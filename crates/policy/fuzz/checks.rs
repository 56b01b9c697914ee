//! What must hold for any input; run by the fuzz targets and, on the committed corpus, by a plain test.
//!
//! An input is a policy text, or a policy text and a network file apart by a zero byte.

use policy::reach::{Part, Query};
use policy::share::{Mode, ShareRequest, share};
use policy::{Engine, Network, Policy, Reading, Target, compile, diff, unshare};

/// A small network with everything that a policy can name.
const NETWORK: &str = r#"{
  "domains": ["example.com"],
  "users": [
    {"id": 1, "name": "ana", "email": "ana@example.com", "role": "owner"},
    {"id": 2, "name": "ben", "email": "ben@example.com"},
    {"id": 3, "name": "dee", "email": "dee@github", "type": "shared"}
  ],
  "nodes": {
    "laptop": {"ipv4": "100.64.0.1", "ipv6": "fd7a:115c:a1e0::1", "user": "ana"},
    "phone": {"ipv4": "100.64.0.2", "ipv6": "fd7a:115c:a1e0::2", "user": "ben"},
    "game": {"ipv4": "100.64.0.3", "ipv6": "fd7a:115c:a1e0::3", "tags": ["tag:server"], "shared_to": ["dee@github"]},
    "router": {"ipv4": "100.64.0.4", "ipv6": "fd7a:115c:a1e0::4", "tags": ["tag:router"],
      "routable_ips": ["10.0.0.0/24", "0.0.0.0/0", "::/0"], "approved_routes": ["10.0.0.0/24", "0.0.0.0/0", "::/0"]}
  }
}"#;

fn world(data: &[u8]) -> Option<(&str, Network)> {
    let text = str::from_utf8(data).ok()?;
    let (policy, network) = text.split_once('\0').unwrap_or((text, NETWORK));
    Some((policy, Network::parse(network).ok()?))
}

/// Compile: an answer or a refusal, never a crash; and the same again for the same input.
pub fn compile_check(data: &[u8]) {
    let Some((text, network)) = world(data) else { return };
    let Ok(policy) = Policy::parse(text) else { return };
    let answer = || match compile(&policy, &network) {
        Ok(compiled) => serde_json::to_string(&compiled.output()).expect("an output is JSON"),
        Err(refusal) => refusal.to_string(),
    };
    assert_eq!(answer(), answer());
}

/// Reach: what is listed is also answered when asked for alone, and a policy differs from itself in nothing.
pub fn reach_check(data: &[u8]) {
    let Some((text, network)) = world(data) else { return };
    let Ok(engine) = Engine::new(text, &network) else { return };
    for entry in engine.reach(&Query::default()).iter().take(200) {
        if entry.note.is_some() {
            continue;
        }
        let target = match entry.part {
            Part::Node => Target::Node(entry.node.clone()),
            Part::Address(address) => Target::Address(address),
            Part::Route(_) | Part::Internet => continue,
        };
        let port = entry.ports.ranges().first().map(|(first, _)| *first);
        assert!(engine.allows(&entry.who, &target, entry.protocol, port), "{entry:?}");
        let told = engine.explain(&entry.who, &target, entry.protocol, port);
        assert!(told.allowed && !told.rules.is_empty(), "{entry:?}: {told:?}");
    }
    assert!(diff(&engine, &engine).is_empty());
}

/// Share: what was put in adds at most its ports, and leaves without a trace.
pub fn share_check(data: &[u8]) {
    let Some((text, network)) = world(data) else { return };
    let (Ok(id), Ok(who), Ok(ports)) = ("fuzz-1".parse(), "dee@github".parse(), "tcp:25565".parse()) else {
        return;
    };
    let request = ShareRequest { id, who, node: "game".into(), ports };
    for mode in [Mode::Exact, Mode::Narrow, Mode::WholeNode] {
        let Ok(plan) = share(text, &network, &request, mode, Reading::Proposed) else { continue };
        let base = plan.narrowing.as_ref().map_or(text, |first| first.after.as_str());
        assert!(plan.gained.iter().all(|entry| entry.node == "game"), "{:?}", plan.gained);
        let ended = unshare(&plan.after, &request.id).expect("what was put in can be taken out");
        assert_eq!(ended.after, base);
    }
}
