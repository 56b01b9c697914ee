//! `--dialect`: a policy in the language of a Headscale.

use serde_json::json;

use super::{Answer, Folder, acequia, acequia_with};

const NETWORK: &str = r#"{
  "users": [
    {"id": 1, "name": "ana"},
    {"id": 2, "name": "bruno"},
    {"id": 3, "name": "carla", "email": "carla@example.com", "provider_id": "https://id.example.org/6f1c"}
  ],
  "nodes": {
    "dune": {"ipv4": "100.64.0.1", "ipv6": "fd7a:115c:a1e0::1", "user": "ana"},
    "reed": {"ipv4": "100.64.0.3", "ipv6": "fd7a:115c:a1e0::3", "user": "bruno"},
    "pine": {"ipv4": "100.64.0.4", "ipv6": "fd7a:115c:a1e0::4", "user": "carla"}
  }
}"#;

const POLICY: &str = r#"{
  "acls": [
    {"action": "accept", "proto": 6, "src": ["bruno@", "https://id.example.org/6f1c@"], "dst": ["100.64.0.1:22"]},
  ],
}"#;

const VERSIONS: [&str; 2] = ["headscale-0.28", "headscale-0.29"];

fn policy(command: &str, dialect: &str, text: &str, more: &[&str]) -> Answer {
    let folder = Folder::new();
    let network = folder.write("network.json", NETWORK);
    let own = ["policy", command, "--policy", "-", "--network", &network, "--dialect", dialect];
    acequia_with(&[&own[..], more].concat(), text)
}

#[test]
fn each_version_makes_of_a_policy_what_it_makes_of_it() {
    let named = POLICY.replace("\"proto\": 6, ", "");
    let places = |dialect: &str| {
        let rules =
            policy("compile", dialect, &named, &[]).json()["nodes"]["dune"]["packet_filter_rules"].clone();
        let all =
            rules.as_array().unwrap().iter().flat_map(|rule| rule["DstPorts"].as_array().unwrap().clone());
        let mut all: Vec<String> = all.map(|place| place["IP"].as_str().unwrap().to_owned()).collect();
        all.sort();
        all.dedup();
        all
    };
    assert_eq!(places("headscale-0.28"), ["100.64.0.1", "fd7a:115c:a1e0::1"]);
    assert_eq!(places("headscale-0.29"), ["100.64.0.1"]);
    assert!(
        policy("check", "headscale-0.28", POLICY, &[])
            .err
            .contains("protocol \"6\" does not support specific ports")
    );
    policy("check", "headscale-0.29", POLICY, &[]).good();
    assert_eq!(policy("check", "tailscale", POLICY, &[]).code, 1, "a number is no text");
}

#[test]
fn what_is_refused_is_refused_in_the_words_of_the_version() {
    let text = r#"{"acls": [{"action": "accept", "src": ["box"], "dst": ["*:*"]}]}"#;
    let words = |dialect: &str| policy("compile", dialect, text, &[]).json()["error"].clone();
    assert_eq!(words("headscale-0.29"), "parsing policy: host not defined in policy: \"box\"");
    assert!(
        words("headscale-0.28").as_str().unwrap().starts_with("parsing policy: Host \"box\" is not defined")
    );
    let nobody = acequia(&["policy", "check", "--policy", "p", "--network", "n", "--dialect", "headscale"]);
    assert_eq!(nobody.code, 2, "{}", nobody.err);
    assert!(nobody.err.contains("headscale-0.29"), "{}", nobody.err);
}

#[test]
fn people_are_asked_for_by_any_of_their_names() {
    for who in ["bruno@", "carla@example.com", "carla@", "https://id.example.org/6f1c@"] {
        let asked = policy("reach", "headscale-0.29", POLICY, &["--from", who, "--to", "dune:22"]);
        assert_eq!(asked.json()["allowed"], json!(true), "{who}");
    }
    let asked = policy("reach", "headscale-0.29", POLICY, &["--from", "ana@", "--to", "reed:22"]);
    assert_eq!((asked.code, &asked.json()["allowed"]), (1, &json!(false)));
    for dialect in VERSIONS {
        let open = policy("reach", dialect, "{}", &["--from", "ana@", "--to", "reed:22"]);
        assert_eq!(open.json()["allowed"], json!(true), "no rules are no limits");
    }
}

const SHARE: [&str; 8] = ["--who", "bruno@", "--node", "dune", "--ports", "tcp:25565", "--id", "mc"];

#[test]
fn a_member_of_a_headscale_is_lent_a_port_and_it_is_taken_back() {
    let text = "{\n  \"acls\": [{\"action\": \"accept\", \"src\": [\"carla@\"], \"dst\": [\"100.64.0.1:22\"]}],\n}\n";
    for dialect in VERSIONS {
        let shared = policy("share", dialect, text, &SHARE);
        let rule = "/* acequia:share=mc */ {\"action\": \"accept\", \"proto\": \"tcp\", \"src\": [\"bruno@\"], \"dst\": [\"100.64.0.1:25565\", \"fd7a:115c:a1e0::1:25565\"]}";
        assert!(shared.good().contains(rule), "{shared:?}");
        policy("check", dialect, shared.good(), &[]).good();
        let back = acequia_with(&["policy", "unshare", "--policy", "-", "--id", "mc"], shared.good());
        assert_eq!(back.good(), text);
    }
    let nobody = policy("share", "tailscale", "{\"acls\": []}", &SHARE);
    assert!(nobody.err.contains("--who bruno@"), "{}", nobody.err);
}

#[test]
fn a_new_user_gets_no_share_of_a_headscale_before_it_is_narrowed() {
    for dialect in VERSIONS {
        let share = SHARE.map(|word| if word == "bruno@" { "zoe@" } else { word });
        let refused = policy("share", dialect, "{}", &share);
        assert_eq!(refused.code, 1);
        assert!(
            refused
                .last_words()
                .ends_with("a new user would reach more than the ports; narrow the policy (--narrow)"),
            "{refused:?}"
        );
        assert!(refused.err.contains("zoe@  pine"), "{refused:?}");
        let whole = policy("share", dialect, "{}", &[&share[..], &["--whole-node"]].concat());
        assert!(whole.code == 1 && whole.last_words().contains("narrow the policy first"), "{whole:?}");
        let shared = policy("share", dialect, "{}", &[&share[..], &["--narrow"]].concat());
        assert!(
            shared.good().contains(
                "\"group:acequia-members\": [\"ana@\", \"bruno@\", \"https://id.example.org/6f1c@\"]"
            ),
            "{shared:?}"
        );
        let narrowed = policy("narrow", dialect, "{}", &[]);
        let taken = policy("narrow", dialect, narrowed.good(), &["--who", "bruno@"]);
        assert!(
            taken.good().contains("\"group:acequia-members\": [\"ana@\", \"https://id.example.org/6f1c@\"]"),
            "{taken:?}"
        );
        assert!(taken.err.contains("bruno@  dune"), "their loss is named: {taken:?}");
    }
    assert_eq!(policy("narrow", "tailscale", "{}", &["--who", "a@b.c"]).code, 2);
}

#[test]
fn names_of_a_headscale_that_nobody_or_two_accounts_have_are_told() {
    let text = "{\"groups\": {\"group:x\": [\"Bruno@\"]}, \"acls\": []}";
    for dialect in VERSIONS {
        let checked = policy("check", dialect, text, &[]);
        assert!(
            checked.err.contains("line 1: the server has no account `Bruno@`, but `bruno@`"),
            "{checked:?}"
        );
        assert_eq!(
            policy("check", dialect, text, &["--format", "json"]).json()["unknown_names"],
            json!(["Bruno@"])
        );
        let folder = Folder::new();
        let clash = NETWORK
            .replace("\"name\": \"ana\"", "\"name\": \"carla@example.com\"")
            .replace("\"user\": \"ana\"", "\"user\": \"carla@example.com\"");
        let network = folder.write("network.json", &clash);
        let own = ["policy", "share", "--policy", "-", "--network", &network, "--dialect", dialect];
        let share = SHARE.map(|word| if word == "bruno@" { "carla@example.com" } else { word });
        let refused = acequia_with(&[&own[..], &share[..]].concat(), "{\"acls\": []}");
        assert_eq!(refused.code, 1, "{refused:?}");
        assert!(
            refused
                .last_words()
                .contains("`carla@example.com` is 1 (carla@example.com) and 3 (carla, carla@example.com)"),
            "{refused:?}"
        );
    }
}

#[test]
fn two_policies_are_compared_in_the_dialect() {
    let folder = Folder::new();
    let closed = folder.write("old.json", "{\"acls\": []}");
    let open = folder.write("new.json", "{}");
    let network = folder.write("network.json", NETWORK);
    let diff = acequia(&[
        "policy",
        "diff",
        "--old",
        &closed,
        "--new",
        &open,
        "--network",
        &network,
        "--dialect",
        "headscale-0.28",
    ]);
    assert!(!diff.json()["gained"].as_array().unwrap().is_empty(), "{}", diff.out);
}
