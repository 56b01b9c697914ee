use policy::reach::Note;
use policy::share::{Mode, ShareRequest, Warning, share};
use policy::{Query, Reading, diff, unshare};

use super::*;

const MAC: &str = r#""postures": {"posture:mac": ["node:os == 'macos'"]}"#;
const WIDE: &str =
    r#""acls": [{"action": "accept", "src": ["*"], "dst": ["*:22"], "srcPosture": ["posture:mac"]}]"#;

// Documentation of device posture, "Posture conditions" and "Shared Nodes and Posture Conditions": they apply to traffic
// of devices of the own tailnet; shared nodes and devices behind subnet routers are not restricted by them.
#[test]
fn a_posture_holds_back_only_devices_of_the_own_tailnet() {
    let text = found("01-posture-recipient", &format!("{MAC}, {WIDE}"));
    assert_eq!(reaches(&text, "friend@elsewhere.example", "mc", 22), Some(true));
    assert_eq!(reaches(&text, "10.0.0.5", "mc", 22), Some(true));
    assert_eq!(reaches(&text, "ben@example.com", "mc", 22), Some(false));
    assert_eq!(reaches(&text, "tag:server", "mc", 22), Some(false));
    assert_eq!(reaches(&text, "pal@github", "mc", 22), Some(false), "nothing is shared with them");

    let engine = Engine::new(&text, &network()).unwrap();
    let notes = |who: &str| {
        let entries =
            engine.reach(&Query { to: Some(Target::of("mc")), ..Query::from(who.parse().unwrap()) });
        entries.into_iter().map(|entry| entry.note).collect::<Vec<_>>()
    };
    assert!(notes("friend@elsewhere.example").iter().all(Option::is_none));
    assert!(notes("cleo@example.com").iter().all(|note| matches!(note, Some(Note::Posture(_)))));
}

// The same, "Default source posture".
#[test]
fn a_default_posture_is_for_own_devices_too() {
    let rule = r#""acls": [{"action": "accept", "src": ["*"], "dst": ["*:22"]}]"#;
    let text = of(&format!(r#"{MAC}, "defaultSrcPosture": ["posture:mac"], {rule}"#));
    assert_eq!(reaches(&text, "friend@elsewhere.example", "srv", 22), Some(true));
    assert_eq!(reaches(&text, "10.0.0.5", "srv", 22), Some(true));
    assert_eq!(reaches(&text, "cleo@example.com", "srv", 22), Some(false));
    // The posture of a rule stands instead of the default one.
    let other = rule.replace("[\"*:22\"]", "[\"*:22\"], \"srcPosture\": [\"posture:any\"]");
    let text = of(&format!(
        r#""postures": {{"posture:mac": ["node:os == 'macos'"], "posture:any": []}}, "defaultSrcPosture": ["posture:mac"], {other}"#
    ));
    assert_eq!(reaches(&text, "friend@elsewhere.example", "srv", 22), Some(true));
}

// The documentation of `tests`, "srcPostureAttrs": they are needed where rules have postures; who is asked for none of
// them passes without.
#[test]
fn tests_ask_who_the_source_is_before_they_ask_for_a_posture() {
    let with = |test: &str| taken(&of(&format!(r#"{MAC}, {WIDE}, "tests": [{test}]"#)));
    assert!(with(r#"{"src": "friend@elsewhere.example", "accept": ["100.64.0.1:22"]}"#).is_ok());
    assert!(with(r#"{"src": "10.0.0.5", "accept": ["100.64.0.1:22"]}"#).is_ok());
    assert!(with(r#"{"src": "cleo@example.com", "accept": ["100.64.0.1:22"]}"#).is_err());
    assert!(with(r#"{"src": "cleo@example.com", "deny": ["100.64.0.1:22"]}"#).is_ok());
    let mac = r#""srcPostureAttrs": {"node:os": "macos"}"#;
    assert!(with(&format!(r#"{{"src": "cleo@example.com", {mac}, "accept": ["100.64.0.1:22"]}}"#)).is_ok());
    assert!(with(r#"{"src": "friend@elsewhere.example", "deny": ["100.64.0.1:22"]}"#).is_err());
}

#[test]
fn tests_of_ssh_hold_a_rule_against_the_posture_that_it_asks_for() {
    let rule = r#""ssh": [{"action": "accept", "src": ["autogroup:member"], "dst": ["tag:server"], "users": ["root"],
        "srcPosture": ["posture:mac"]}]"#;
    let with = |test: &str| taken(&of(&format!(r#"{MAC}, {rule}, "sshTests": [{test}]"#)));
    let asked = r#""src": "cleo@example.com", "dst": ["tag:server"]"#;
    assert!(with(&format!(r#"{{{asked}, "deny": ["root"]}}"#)).is_ok());
    assert!(with(&format!(r#"{{{asked}, "accept": ["root"]}}"#)).is_err());
    let mac = r#""srcPostureAttrs": {"node:os": "macos"}"#;
    assert!(with(&format!(r#"{{{asked}, {mac}, "accept": ["root"]}}"#)).is_ok());
}

// As 01: what is lent to somebody outside holds whatever posture is the default.
#[test]
fn with_a_default_posture_a_share_can_be_made_and_is_proven() {
    let rule = r#""acls": [{"action": "accept", "src": ["autogroup:member"], "dst": ["*:22"]}]"#;
    let text = found(
        "02-default-posture-no-share",
        &format!(r#"{MAC}, "defaultSrcPosture": ["posture:mac"], {rule}"#),
    );
    let request = ShareRequest {
        id: "p1".parse().unwrap(),
        who: "friend@elsewhere.example".parse().unwrap(),
        node: "mc".into(),
        ports: "tcp:25565".parse().unwrap(),
    };
    for mode in [Mode::Exact, Mode::Narrow, Mode::WholeNode] {
        let plan = share(&text, &network(), &request, mode, Reading::Proposed).unwrap();
        assert!(plan.narrowing.is_none() && plan.warnings.is_empty(), "{:?}", plan.warnings);
        assert_eq!(plan.gained.len(), 1);
        assert_eq!((plan.gained[0].ports.to_string().as_str(), &plan.gained[0].note), ("25565", &None));
        assert_eq!(unshare(&plan.after, &request.id).unwrap().after, text);
        assert_eq!(reaches(&plan.after, "friend@elsewhere.example", "mc", 25565), Some(true));
        let change =
            diff(&Engine::new(&text, &network()).unwrap(), &Engine::new(&plan.after, &network()).unwrap());
        assert_eq!((change.gained, change.lost.len()), (plan.gained, 0));
    }
    // The devices of a member are held to it, and that is told; the share is theirs all the same.
    let member = ShareRequest { who: "cleo@example.com".parse().unwrap(), ..request };
    let plan = share(&text, &network(), &member, Mode::WholeNode, Reading::Proposed).unwrap();
    assert!(matches!(plan.gained[0].note, Some(Note::Posture(_))), "{:?}", plan.gained);
    assert!(plan.warnings.contains(&Warning::Member));
}

// The policy that a new tailnet starts with has the bare attribute, and the table of examples in the documentation of
// device posture has the operator in lower case.
#[test]
fn postures_are_read_in_every_spelling_that_is_documented() {
    let text = found(
        "03-posture-grammar",
        r#""acls": [{"action": "accept", "src": ["*"], "dst": ["*:*"], "srcPosture": ["posture:autoUpdateMac"]}],
        "postures": {
            "posture:autoUpdateMac": ["node:os == 'macos'", "node:tsReleaseTrack == 'stable'", "node:tsAutoUpdate"],
            "posture:anyMac": ["node:os == 'macos'", "node:tsReleaseTrack == 'stable'"]
        }"#,
    );
    assert_eq!(taken(&text), Ok(()));
    assert!(strange(&text, Reading::Proposed).is_empty());
    let country = text.replace("node:tsAutoUpdate", "ip:country in ['CA', 'US']");
    assert_eq!(taken(&country), Ok(()));
    assert!(strange(&country, Reading::Proposed).is_empty());
    assert_eq!(reaches(&country, "cleo@example.com", "nas", 22), Some(false), "only while it is met");
}

#[test]
fn own_devices_get_in_perhaps_under_a_posture_that_is_not_known_here_and_others_do() {
    for condition in ["node:brandNew == true", "node:os ~ 'mac'", "vendor:score >= 70"] {
        let text = of(&format!(r#""postures": {{"posture:mac": ["{condition}"]}}, {WIDE}"#));
        assert_eq!(taken(&text), Ok(()), "{condition}");
        assert_eq!(reaches(&text, "cleo@example.com", "nas", 22), None, "{condition}");
        assert_eq!(reaches(&text, "cleo@example.com", "nas", 23), Some(false), "{condition}");
        assert_eq!(reaches(&text, "friend@elsewhere.example", "mc", 22), Some(true), "{condition}");
        assert_eq!(strange(&text, Reading::InForce).len(), 1, "{condition}");
        // A test that rests on it neither holds nor fails.
        for verb in ["accept", "deny"] {
            let entry = format!(r#"{{"src": "cleo@example.com", "{verb}": ["100.64.0.2:22"]}}"#);
            let known = condition.starts_with("node:b") || condition.starts_with("vendor");
            let with = text.replacen('{', &format!("{{\"tests\": [{entry}], "), 1);
            assert_eq!(taken(&with).is_ok(), !known || verb == "deny", "{condition} {verb}");
        }
    }
}
