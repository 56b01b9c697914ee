//! Where the rule stands, and what is left of its section.

use super::*;
use policy::accounts::check_names;
use policy::unshare::UnshareError;

const NETWORK: &str = r#"{
  "users": [{"id": 1, "name": "ana"}, {"id": 2, "name": "bruno"}],
  "nodes": {
    "dune": {"ipv4": "100.64.0.1", "ipv6": "fd7a:115c:a1e0::1", "user": "ana"},
    "reed": {"ipv4": "100.64.0.3", "ipv6": "fd7a:115c:a1e0::3", "user": "bruno"}
  }
}"#;

fn added(text: &str, ports: &str, dialect: Dialect) -> SharePlan {
    let request = ShareRequest { ports: ports.parse().unwrap(), ..request("bruno@", "dune") };
    let network = Network::parse(NETWORK).unwrap();
    share(text, &network, &request, Mode::WholeNode, dialect)
        .unwrap_or_else(|error| panic!("{error}: {text}"))
}

#[test]
fn the_rule_is_in_the_form_that_all_versions_take() {
    for dialect in DIALECTS {
        let text = added("{\n  \"acls\": [\n  ],\n}\n", "tcp:25565", dialect).after;
        let rule = r#"{"action": "accept", "proto": "tcp", "src": ["bruno@"], "dst": ["100.64.0.1:25565", "fd7a:115c:a1e0::1:25565"]}"#;
        assert_eq!(text, format!("{{\n  \"acls\": [\n    // acequia:share=mc-1\n    {rule},\n  ],\n}}\n"));
        let both = added("{\"acls\": []}", "tcp:80,tcp:8000-8010,udp:53", dialect).after;
        assert!(both.contains(r#""proto": "tcp", "src": ["bruno@"], "dst": ["100.64.0.1:80,8000-8010", "fd7a:115c:a1e0::1:80,8000-8010"]"#), "{both}");
        assert_eq!(both.matches("/* acequia:share=mc-1 */").count(), 2, "{both}");
        assert_eq!(policy::marked_rules(&both).unwrap().len(), 1);
        assert_eq!(unshare(&both, &request("bruno@", "dune").id).unwrap().after, "{\"acls\": []}");
    }
}

#[test]
fn no_end_leaves_a_file_with_neither_section_and_what_was_added_beside_grants_goes_with_it() {
    let new = Dialect::Headscale029;
    let grant = r#"{"src": ["ana@"], "dst": ["ana@"], "ip": ["*"]}"#;
    let mut texts = vec![
        format!("{{\n  \"grants\": [\n    {grant},\n  ],\n}}\n"),
        format!("{{\"grants\": [{grant}]}}"),
        format!("{{\n  \"grants\": [{grant}], // ours\n  \"acls\": [], // later\n}}\n"),
        "{\"grants\": []}".to_owned(),
        "{\"acls\": [], \"grants\": []}".to_owned(),
        "{\n\t// nothing yet\n\t\"ACLs\": [\n\t],\n\t\"grants\": [],\n}\n".to_owned(),
        "{\r\n  \"grants\": [],\r\n  \"acls\": [\r\n  ]\r\n}".to_owned(),
    ];
    let alone = ["{\"acls\": []}", "{\n  \"acls\": [\n  ],\n}\n", "{\n  // shut\n  \"acls\": [] // all\n}\n"];
    texts.extend(alone.map(str::to_owned));
    for text in texts {
        for ports in ["tcp:25565", ASKED] {
            let plan = added(&text, ports, new);
            let id = request("bruno@", "dune").id;
            assert_eq!(unshare(&plan.after, &id).unwrap().after, text, "{}", plan.after);
            // The owner took the other section away meanwhile.
            let root = hujson::parse_str(&plan.after).unwrap();
            if root.find("/grants").is_some() {
                let moved = hujson::edit::remove_member(&plan.after, "", "grants").unwrap().text;
                let after = unshare(&moved, &id).unwrap().after;
                let left = Policy::read(&after, new).unwrap();
                assert!(left.acls.is_some_and(|acls| acls.is_empty()), "{after}");
            }
        }
    }
}

#[test]
fn a_rule_is_known_by_mark_or_content_and_another_one_is_left_alone() {
    let (new, id) = (Dialect::Headscale029, request("bruno@", "dune").id);
    let plan = added("{\n  \"acls\": [\n  ],\n}\n", ASKED, new);
    let stored = serde_json::to_string(&plan.rule).unwrap();
    assert!(
        stored.contains("\"form\":\"acls\"")
            && serde_json::from_str::<policy::share::ShareRule>(&stored).unwrap() == plan.rule
    );
    let old: policy::share::ShareRule =
        serde_json::from_str(r#"{"src":["a@b"],"dst":["100.64.0.1"],"ip":["tcp:1"]}"#).unwrap();
    assert_eq!(old.text(), r#"{"src": ["a@b"], "dst": ["100.64.0.1"], "ip": ["tcp:1"]}"#);
    let rules = policy::ShareRules::read(&plan.after).unwrap();
    let found = rules.marked(&id).unwrap().unwrap();
    assert!(rules.says(found, &plan.rule));
    // Half of it is another rule than agreed, and is taken out as what is there.
    let half = plan
        .after
        .replace("tcp", "udp")
        .replacen("udp", "tcp", 1)
        .replace("\"proto\": \"udp\"", "\"proto\": \"TCP\"");
    assert!(matches!(unshare(&half, &id), Err(UnshareError::Ambiguous { .. })), "{half}");
    for wrong in [
        plan.after.replace("bruno@", "group:x"),
        plan.after.replace("100.64.0.1:", "*:"),
        plan.after.replace("\"action\"", "\"srcPosture\": [\"posture:x\"], \"action\""),
    ] {
        let error = unshare(&wrong, &id).unwrap_err();
        assert!(matches!(error, UnshareError::Ambiguous { .. } | UnshareError::Changed { .. }), "{wrong}");
    }
    let other = plan.after.replace("bruno@", "Bruno@");
    let rules = policy::ShareRules::read(&other).unwrap();
    assert!(!rules.says(rules.marked(&id).unwrap().unwrap(), &plan.rule), "case counts");
    assert!(matches!(unshare("", &id), Err(UnshareError::NotFound)));
}

#[test]
fn every_name_of_the_text_is_of_one_account_or_told() {
    let clashing = Network::parse(
        r#"{"users": [
          {"id": 1, "name": "ana"}, {"id": 2, "name": "bruno"},
          {"id": 3, "name": "carla@example.com"},
          {"id": 4, "name": "carla", "email": "carla@example.com", "provider_id": "https://id.example.com/c"}],
        "nodes": {"dune": {"ipv4": "100.64.0.1", "user": "ana"}}}"#,
    )
    .unwrap();
    let with = |name: &str| {
        [
            format!("{{\"groups\": {{\"group:x\": [\"{name}\"]}}, \"acls\": []}}"),
            format!("{{\"acls\": [], \"tagOwners\": {{\"tag:x\": [\"{name}\"]}}}}"),
            format!("{{\"acls\": [{{\"action\": \"accept\", \"src\": [\"{name}\"], \"dst\": [\"*:*\"]}}]}}"),
            format!(
                "{{\"acls\": [{{\"action\": \"accept\", \"src\": [\"ana@\"], \"dst\": [\"{name}:22,80\"]}}]}}"
            ),
            format!("{{\"acls\": [], \"autoApprovers\": {{\"routes\": {{\"10.0.0.0/8\": [\"{name}\"]}}}}}}"),
            format!("{{\"acls\": [], \"autoApprovers\": {{\"exitNode\": [\"{name}\"]}}}}"),
            format!(
                "{{\"acls\": [], \"ssh\": [{{\"action\": \"accept\", \"src\": [\"{name}\"], \"dst\": [\"autogroup:self\"], \"users\": [\"root\"]}}]}}"
            ),
        ]
    };
    for dialect in DIALECTS {
        let read = |text: &str| Policy::read(text, dialect).unwrap_or_else(|error| panic!("{text}: {error}"));
        for (name, like) in [("nobody@", None), ("Ana@", Some("ana@")), ("no@example.com", None)] {
            for text in with(name) {
                let unknown = check_names(&read(&text), &clashing, None).unwrap();
                assert_eq!(unknown.len(), 1, "{text}");
                assert_eq!((unknown[0].name.as_str(), unknown[0].like.as_deref()), (name, like), "{text}");
                assert_eq!(unknown[0].lines, [1], "{text}");
            }
        }
        for name in ["ana@", "https://id.example.com/c@", "carla@"] {
            for text in with(name) {
                assert!(check_names(&read(&text), &clashing, None).unwrap().is_empty(), "{text}");
            }
        }
        for text in with("carla@example.com") {
            let clash = check_names(&read(&text), &clashing, None).unwrap_err().0;
            assert_eq!(
                clash[0].accounts.iter().map(|account| account.id).collect::<Vec<_>>(),
                [3, 4],
                "{text}"
            );
            // Nothing is written with it.
            let error =
                share(&text, &clashing, &request("bruno@", "dune"), Mode::Narrow, dialect).unwrap_err();
            assert!(matches!(error, ShareError::Names(_)), "{error}");
            let error = policy::narrow(&text, &clashing, dialect).unwrap_err();
            assert!(matches!(error, policy::narrow::NarrowError::Names(_)), "{error}");
        }
        let shut = "{\"acls\": []}";
        let ask = |who: &str| share(shut, &clashing, &request(who, "dune"), Mode::Exact, dialect);
        assert!(matches!(ask("carla@example.com"), Err(ShareError::Names(_))));
        assert!(matches!(ask("Bruno@"), Err(ShareError::Spelled { like, .. }) if like == "bruno@"));
        assert!(matches!(ask("ana@"), Err(ShareError::Theirs(_))));
        // A friend who is to come is unknown, and said to be so by the plan.
        assert!(ask("zoe@").unwrap().unknown_names.is_empty());
        let known = "{\"acls\": [], \"tagOwners\": {\"tag:x\": [\"nobody@\"]}}";
        let plan = share(known, &clashing, &request("zoe@", "dune"), Mode::Exact, dialect).unwrap();
        assert_eq!(plan.unknown_names[0].name, "nobody@");
    }
}
