//! What a file says of other tailnets and of what is not known here is left alone by everything else that is told of it.

use policy::share::{Mode, ShareRequest, Warning, share};

use super::*;

const FLEET: &str =
    r#""externalTailnets": {"fleet": {"externalID": "TxTEST", "allowIncomingConnections": true}}"#;

// Documentation of declarative node sharing has them as sources of grants; an ACL is the older form of one.
#[test]
fn a_source_in_another_tailnet_is_the_same_in_grants_and_acls() {
    for name in ["group://fleet/foo", "tag://fleet/foo"] {
        for rule in [
            format!(r#""grants": [{{"src": ["{name}"], "dst": ["tag:server"], "ip": ["tcp:80"]}}]"#),
            format!(
                r#""acls": [{{"action": "accept", "proto": "tcp", "src": ["{name}"], "dst": ["tag:server:80"]}}]"#
            ),
        ] {
            let tests = format!(
                r#"{{"src": "{name}", "accept": ["tag:server:80"]}}, {{"src": "cleo@example.com", "accept": ["tag:server:80"], "deny": ["tag:server:80"]}}"#
            );
            let text = of(&format!("{FLEET}, {rule}, \"tests\": [{tests}]"));
            assert_eq!(taken(&text), Ok(()), "whom it names may be anybody");
            assert_eq!(reaches(&text, name, "srv", 80), Some(true), "{text}");
            assert_eq!(reaches(&text, name, "srv", 81), Some(false), "{text}");
            for from in ["cleo@example.com", "friend@elsewhere.example"] {
                assert_eq!(reaches(&text, from, "srv", 80), None, "{from}: {text}");
                assert_eq!(reaches(&text, from, "srv", 81), Some(false), "{from}: {text}");
            }
            let request = ShareRequest {
                id: "p1".parse().unwrap(),
                who: "friend@elsewhere.example".parse().unwrap(),
                node: "srv".into(),
                ports: "tcp:25565".parse().unwrap(),
            };
            for reading in [Reading::Proposed, Reading::InForce] {
                let plan = share(&text, &network(), &request, Mode::Exact, reading).unwrap();
                assert!(
                    matches!(&plan.warnings[..], [Warning::NotUnderstood(rules)] if rules.len() == 1),
                    "{text}"
                );
                assert_eq!(plan.gained.len(), 1);
            }
        }
    }
}

// The same page has `group://NAME/GROUP` and `tag://NAME/TAG`; of any other form nothing is known.
// Sabotage: give true in `is_of_people_or_tag`.
#[test]
fn a_form_of_a_name_that_is_not_documented_is_told_as_that() {
    let with = |name: &str| {
        of(&format!(r#"{FLEET}, "grants": [{{"src": ["{name}"], "dst": ["tag:server"], "ip": ["tcp:80"]}}]"#))
    };
    for known in ["group://fleet/foo", "tag://fleet/foo", "group://fleet/a b"] {
        assert!(strange(&with(known), Reading::Proposed).is_empty(), "{known}");
    }
    for odd in
        ["user://fleet/foo", "group://fleet", "group://fleet/", "autogroup://fleet/member", "svc://fleet/web"]
    {
        assert_eq!(taken(&with(odd)), Ok(()), "{odd}");
        for reading in [Reading::Proposed, Reading::InForce] {
            assert_eq!(strange(&with(odd), reading).len(), 1, "{odd}");
        }
        assert_eq!(reaches(&with(odd), "cleo@example.com", "srv", 80), None, "{odd}");
        assert_eq!(reaches(&with(odd), "cleo@example.com", "srv", 81), Some(false), "{odd}");
    }
}

// Documentation of declarative node sharing: `allowExternalReferencesTo` says whom rules of the other tailnet may name.
#[test]
fn a_group_that_another_tailnet_may_name_is_not_unused() {
    let with = |section: &str| {
        of(&format!(
            r#""groups": {{"group:foo": ["ben@example.com"]}}, "externalTailnets": {section}, "grants": []"#
        ))
    };
    let unused = |text: &str| {
        let all = lints(text, Reading::InForce);
        all.iter().any(|lint| matches!(lint, LintKind::Unused { name, .. } if name == "group:foo"))
    };
    assert!(unused(&with(r#"{"fleet": {"externalID": "T1"}}"#)));
    assert!(!unused(&with(r#"{"fleet": {"externalID": "T1", "allowExternalReferencesTo": ["group:foo"]}}"#)));
}

// To take a rule out that another one covers must change nothing: of what is not known here nobody can say so.
#[test]
fn no_rule_is_covered_by_what_is_not_known_or_understood() {
    let covered = |one: &str, other: &str| {
        let text = of(&format!(
            r#""externalTailnets": {{"fleet": {{}}}}, "grants": [{{{one}, "dst": ["tag:server"]}}, {{{other}, "dst": ["tag:server"]}}]"#
        ));
        let all = lints(&text, Reading::InForce);
        all.iter().any(|lint| matches!(lint, LintKind::Covered { .. } | LintKind::Duplicate { .. }))
    };
    let wide = r#""src": ["*"], "ip": ["*"]"#;
    assert!(covered(wide, r#""src": ["cleo@example.com"], "ip": ["tcp:80"]"#));
    for name in ["group://fleet/players", "autogroup:new", "group:staff@example.com"] {
        assert!(!covered(wide, &format!(r#""src": ["{name}"], "ip": ["tcp:80"]"#)), "{name}");
        let same = format!(r#""src": ["{name}"], "ip": ["tcp:80"]"#);
        assert!(covered(&same, &same), "{name}: the same name is the same people");
    }
    let odd = r#""src": ["*"], "ip": ["quic:443"]"#;
    assert!(
        !covered(odd, r#""src": ["cleo@example.com"], "ip": ["tcp:80"]"#),
        "it may be for less than it seems"
    );
    assert!(!covered(wide, odd), "it may be for more than it seems");
}
