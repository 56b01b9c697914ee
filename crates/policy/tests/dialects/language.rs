//! The table of the policy language: each construct is taken or refused as by a real server, in its words.

use policy::{Dialect, Network, Policy, check};
use serde::Deserialize;

use crate::case::folder;
use crate::score::Score;

#[derive(Deserialize)]
struct Table {
    cases: Vec<Row>,
}

#[derive(Deserialize)]
struct Row {
    construct: String,
    policy: String,
    put: u16,
    #[serde(default)]
    message: String,
}

/// The people and machines of the server that was asked.
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
fn each_construct_is_taken_or_refused_as_by_each_version() {
    let Some(folder) = folder("headscale-answers") else { return };
    let network = Network::parse(NETWORK).unwrap();
    let versions = [
        ("0.28.0", Dialect::Headscale028),
        ("0.29.2", Dialect::Headscale029),
        ("0.30-dev", Dialect::Headscale029),
    ];
    let mut score = Score::new("language");
    for (version, dialect) in versions {
        let text = std::fs::read_to_string(folder.join(version).join("policy-language.json")).unwrap();
        let table: Table = serde_json::from_str(&text).unwrap();
        assert_eq!(table.cases.len(), 407);
        for row in &table.cases {
            let verdict = Policy::read(&row.policy, dialect).and_then(|policy| check(&policy, &network));
            let at = format!("{version} {}", row.construct);
            let want = row.message.strip_prefix("setting policy: ").unwrap_or(&row.message);
            let outcome = match &verdict {
                Ok(_) if row.put != 200 => Err(format!("{at}: taken, want `{want}`")),
                Err(error) if row.put == 200 => Err(format!("{at}: refused with `{error}`")),
                _ => Ok(()),
            };
            score.count("verdict", version, outcome);
            if let (Err(error), false) = (&verdict, row.put == 200) {
                let got = error.to_string();
                // Of two unknown fields of one rule the server names now this one, now that one.
                let unknown = |text: &str| text.contains("unknown field");
                let same =
                    got.split_whitespace().eq(want.split_whitespace()) || (unknown(&got) && unknown(want));
                score.count(
                    "words",
                    version,
                    if same { Ok(()) } else { Err(format!("{at}: `{got}`, want `{want}`")) },
                );
            }
        }
    }
    score.finish();
}
