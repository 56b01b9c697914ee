//! The recorded table of the policy language: what a real server took is taken, and what it refused is refused in the same
//! words.

use serde::Deserialize;
use simulator::Dialect;
use simulator::headscale::policy_verdict;

use super::VERSIONS;
use super::recording::Recordings;

#[derive(Deserialize)]
struct Table {
    cases: Vec<Case>,
}

#[derive(Deserialize)]
struct Case {
    construct: String,
    policy: String,
    put: u16,
    #[serde(default)]
    message: String,
}

/// The accounts and machines of the recorded server.
const NETWORK: &str = r#"{
  "users": [
    {"id": 1, "name": "ana"}, {"id": 2, "name": "bruno"},
    {"id": 3, "name": "carla", "email": "carla@example.com", "provider_id": "https://id.example.com/u-carla"}
  ],
  "nodes": {
    "dune-server": {"ipv4": "100.64.0.1", "ipv6": "fd7a:115c:a1e0::1", "user": "ana"},
    "game-server": {"ipv4": "100.64.0.2", "ipv6": "fd7a:115c:a1e0::2", "tags": ["tag:game"]},
    "bruno-laptop": {"ipv4": "100.64.0.3", "ipv6": "fd7a:115c:a1e0::3", "user": "bruno"},
    "carla-phone": {"ipv4": "100.64.0.4", "ipv6": "fd7a:115c:a1e0::4", "user": "carla"}
  }
}"#;

#[test]
fn what_a_real_server_took_is_taken_and_what_is_refused_is_refused_in_its_words() {
    let Some(recordings) = Recordings::beside_the_vectors() else { return };
    let network = policy::Network::parse(NETWORK).expect("a network");
    let mut wrong = Vec::new();
    for (version, dialect) in VERSIONS {
        let table: Table =
            serde_json::from_value(recordings.json(version, "policy-language")).expect("a table");
        // An empty text is stored without being read.
        for case in table.cases.iter().filter(|case| !case.policy.is_empty()) {
            let right = match policy_verdict(&case.policy, dialect, &network) {
                Ok(()) => case.put == 200,
                Err(words) => case.put != 200 && same(dialect, &case.message, &words),
            };
            if !right {
                wrong.push(format!("{version} {}: {} {}", case.construct, case.put, case.message));
            }
        }
    }
    assert!(wrong.is_empty(), "{} are wrong: {wrong:#?}", wrong.len());
}

/// The words of a refusal; the newest version keeps what it was doing apart. White space is not compared.
fn same(dialect: Dialect, recorded: &str, words: &str) -> bool {
    let doing = if dialect.has_gateway() { "setting policy: " } else { "" };
    let recorded = recorded.strip_prefix(doing).unwrap_or(recorded);
    // Of two unknown fields of one rule the server names now this one, now that one.
    let unknown = |text: &str| text.contains("unknown field");
    recorded.split_whitespace().eq(words.split_whitespace()) || (unknown(recorded) && unknown(words))
}
