//! Every law can be broken, and is found broken then; what is well is found well.

mod around;
mod harms;

use std::collections::BTreeSet;

use invariants::{
    Baseline, Device, Edit, Entry, Invite, InviteDeed, LAWS, Moment, Observation, Offer, Recipient, Secret,
    Share, State, StoredText, Tailnet, check,
};
use policy::Dialect;
use serde_json::json;

use harms::{all as harms, invite, job};

const START: &str = r#"{
  // Ana's. Ask before you change anything.
  "grants": [
    {"src": ["autogroup:member"], "dst": ["*"], "ip": ["*"]},
  ],
}
"#;

const RULE: &str = r#"    // acequia:share=0a
    {"src": ["dee@github"], "dst": ["100.64.0.10", "fd7a::10"], "ip": ["tcp:25565", "udp:19132-19133"]},
"#;

const ON_SERVER: &str =
    "{\n\t\"acls\": [\n\t\t{\"action\": \"accept\", \"src\": [\"ana@\"], \"dst\": [\"*:*\"]},\nRULE\t],\n}\n";

const ACLS: &str = r#"		// acequia:share=0a
		{"action": "accept", "proto": "tcp", "src": ["dee@"], "dst": ["100.64.0.10:25565", "fd7a::10:25565"]},
		// acequia:share=0a
		{"action": "accept", "proto": "udp", "src": ["dee@"], "dst": ["100.64.0.10:19132-19133", "fd7a::10:19132-19133"]},
"#;

fn set<const N: usize>(items: [&str; N]) -> BTreeSet<String> {
    items.map(str::to_owned).into()
}

fn with_rule(rule: &str) -> String {
    START.replace("  ],\n}", &format!("{rule}  ],\n}}"))
}

fn network(shared_to: &[&str]) -> serde_json::Value {
    json!({
        "users": [
            {"id": 1, "name": "ana", "email": "ana@example.com", "role": "owner"},
            {"id": 2, "name": "eli", "email": "eli@github", "type": "shared"}
        ],
        "nodes": {
            "maple": {"ipv4": "100.64.0.10", "ipv6": "fd7a::10", "user": "ana", "shared_to": shared_to},
            "other": {"ipv4": "100.64.0.11", "ipv6": "fd7a::11", "user": "ana", "shared_to": ["eli@github", "dee@github"]}
        }
    })
}

/// A tailnet of which nothing is shared by us, with an invite that others made.
fn before() -> Observation {
    Observation {
        now: 1_000,
        tailnets: vec![Tailnet {
            name: "ana".into(),
            dialect: Dialect::Tailscale,
            id: Some("t1".into()),
            policy: START.into(),
            network: network(&[]),
            devices: vec![Device {
                node: Some("n1".into()),
                name: "maple".into(),
                addresses: set(["100.64.0.10", "fd7a::10"]),
            }],
            invites: vec![Invite {
                id: "1".into(),
                device: "maple".into(),
                accepted_by: Some("eli@github".into()),
            }],
            recipients: Vec::new(),
        }],
        around: around::around(),
        ..Observation::default()
    }
}

/// Dee has an open share of it.
fn open() -> Observation {
    let mut seen = before();
    let tailnet = &mut seen.tailnets[0];
    tailnet.policy = with_rule(RULE);
    tailnet.network = network(&["dee@github"]);
    tailnet.invites.push(Invite {
        id: "2".into(),
        device: "maple".into(),
        accepted_by: Some("Dee@GitHub".into()),
    });
    tailnet.recipients.push(Recipient {
        device: "maple".into(),
        login: "dee@github".into(),
        invite: "2".into(),
    });
    seen.shares.push(Share {
        id: "0a".into(),
        offer: "o1".into(),
        service: "s1".into(),
        node: "n1".into(),
        tailnet: "t1".into(),
        owner: "p1".into(),
        friend: "p2".into(),
        login: "dee@github".into(),
        ports: set(["tcp:25565", "udp:19132-19133"]),
        former: BTreeSet::new(),
        ends: Some(2_000),
        accepted: 500,
        state: State::Active,
        approved: true,
        beforehand: None,
        rule_begun: true,
        invite: Some(InviteDeed { id: "2".into(), ours: true }),
        invites_before: Some(set(["1"])),
        seen_in_force: true,
    });
    seen.offers.push(Offer {
        id: "o1".into(),
        service: "s1".into(),
        circle: None,
        ends: Some(2_000),
        to_person: Some("p2".into()),
        uses: 1,
        uses_left: 0,
        lapses: 900,
        withdrawn: None,
        declined: BTreeSet::new(),
    });
    for what in ["accepted the offer", "wrote the rule into the policy", "is open: seen in force"] {
        seen.audit.push(Entry { object: Some("0a".into()), what: what.into() });
    }
    seen.texts.push(StoredText { place: "shares.invite_url_sealed".into(), text: "k1.bm9uY2U".into() });
    seen.secrets.push(Secret { name: "the token of Ana".into(), text: "tskey-api-1".into() });
    seen
}

/// It is paused: the invite is still there.
fn paused() -> Observation {
    let mut seen = open();
    seen.tailnets[0].policy = START.into();
    seen.shares[0].state = State::Paused;
    seen.audit
        .push(Entry { object: Some("0a".into()), what: "is paused: its rule was seen to be gone".into() });
    seen
}

/// The same on a Headscale, where friends are accounts and rules have an older form.
fn open_on_server() -> Observation {
    let mut seen = open();
    let tailnet = &mut seen.tailnets[0];
    tailnet.dialect = Dialect::Headscale029;
    tailnet.policy = ON_SERVER.replace("RULE", ACLS);
    tailnet.network = json!({
        "users": [{"id": 1, "name": "ana", "email": "ana@"}, {"id": 2, "name": "dee", "email": "dee@"}],
        "nodes": {
            "maple": {"ipv4": "100.64.0.10", "ipv6": "fd7a::10", "user": "ana"},
            "laptop": {"ipv4": "100.64.0.11", "ipv6": "fd7a::11", "user": "dee"}
        }
    });
    (tailnet.invites, tailnet.recipients) = (Vec::new(), Vec::new());
    let share = &mut seen.shares[0];
    (share.login, share.invite, share.invites_before) = ("dee@".into(), None, None);
    seen
}

/// It has ended.
fn ended() -> Observation {
    let mut seen = open();
    seen.tailnets = before().tailnets;
    seen.shares[0].state = State::Ended { unproven: false, open_question: false };
    seen.audit.push(Entry { object: Some("0a".into()), what: "has ended: nothing is left".into() });
    seen
}

/// How it began.
fn start() -> Baseline {
    let mut start = Baseline::default();
    start.learn(&before());
    start.remember(&before());
    start
}

fn broken(seen: &Observation, moment: Moment) -> BTreeSet<&'static str> {
    check(&start(), seen, moment).into_iter().map(|violation| violation.law).collect()
}

#[test]
fn what_is_well_is_found_well() {
    for (name, seen) in [("before", before()), ("open", open()), ("paused", paused()), ("ended", ended())] {
        for moment in [Moment::Rest, Moment::Halted] {
            assert_eq!(check(&start(), &seen, moment), [], "{name}");
        }
    }
}

#[test]
fn every_law_is_found_broken_when_it_is() {
    let mut seen_broken = BTreeSet::new();
    for (number, (well, harm, words)) in harms().into_iter().chain(around::harms()).enumerate() {
        let mut seen = well();
        harm(&mut seen);
        let laws = broken(&seen, Moment::Rest);
        assert!(laws.iter().any(|law| law.contains(words)), "harm {number}: `{words}` is not among {laws:?}");
        seen_broken.extend(laws);
    }
    let never: Vec<_> = LAWS.iter().filter(|law| !seen_broken.contains(*law)).collect();
    assert!(never.is_empty(), "nothing breaks {never:?}");
}

#[test]
fn what_is_half_way_is_no_violation() {
    // The end has come, and nobody has begun to end it.
    let mut late = open();
    late.now = 3_000;
    assert_eq!(check(&start(), &late, Moment::Halted), []);
    // The rule was written; the invite was made, and the answer was lost.
    let mut half = open();
    half.shares[0].state = State::Applying;
    half.shares[0].invite = None;
    half.tailnets[0].invites[1].accepted_by = None;
    half.tailnets[0].recipients.clear();
    half.tailnets[0].network = network(&[]);
    job(&mut half);
    assert_eq!(check(&start(), &half, Moment::Halted), []);
    assert!(!check(&start(), &half, Moment::Rest).is_empty(), "at rest somebody has to account for it");
    // A second one has no reason.
    invite(&mut half, "3", None);
    assert_eq!(broken(&half, Moment::Halted).len(), 1);
}

#[test]
fn a_narrowing_that_is_recorded_is_no_violation_and_others_are() {
    let wide = START.replace("autogroup:member", "*");
    let mut seen = before();
    seen.tailnets[0].policy = wide.clone();
    let mut start = Baseline::default();
    start.learn(&seen);
    let edit = |applied| Edit {
        id: "1".into(),
        tailnet: "t1".into(),
        before: wide.clone(),
        after: START.into(),
        applied,
    };
    for applied in [false, true] {
        let mut narrowed = open();
        narrowed.edits.push(edit(applied));
        assert_eq!(check(&start, &narrowed, Moment::Halted), [], "applied {applied}");
        // Not yet written is fine only as long as it is not called done.
        narrowed.tailnets[0].policy = wide.clone();
        let laws: Vec<_> = check(&start, &narrowed, Moment::Halted).into_iter().map(|v| v.law).collect();
        assert_eq!(laws.iter().any(|law| law.contains("to the byte")), applied, "{laws:?}");
    }
    // An outside edit counts as the new beginning once that is said.
    let mut edited = before();
    edited.tailnets[0].policy = wide.replace("Ask", "Do not ask");
    assert!(!check(&start, &edited, Moment::Rest).is_empty());
    start.begin_anew(&edited, "ana");
    assert_eq!(check(&start, &edited, Moment::Rest), []);
}

#[test]
fn violations_never_show_the_secret() {
    let mut seen = open();
    seen.texts.push(StoredText { place: "settings.value".into(), text: "tskey-api-1".into() });
    let told: Vec<String> = check(&start(), &seen, Moment::Rest).iter().map(ToString::to_string).collect();
    assert_eq!(told, ["no secret stands in plain text in the database: the token of Ana in settings.value"]);
    assert_eq!(Some(told[0].split_once(": ").unwrap().0), LAWS.last().copied());
}

#[test]
fn on_a_server_the_older_form_of_a_rule_is_read_and_no_invite_is_asked_for() {
    let begun = |seen: &Observation| {
        let mut before = seen.clone();
        before.tailnets[0].policy = ON_SERVER.replace("RULE", "");
        before.shares.clear();
        let mut start = Baseline::default();
        start.learn(&before);
        check(&start, seen, Moment::Rest)
    };
    assert_eq!(begun(&open_on_server()), []);
    let says = |from: &str, to: &str| {
        let mut seen = open_on_server();
        let policy = &mut seen.tailnets[0].policy;
        assert!(policy.contains(from), "{from}");
        *policy = policy.replace(from, to);
        begun(&seen).into_iter().map(|violation| violation.law).collect::<BTreeSet<_>>()
    };
    let has = |laws: BTreeSet<&str>, word: &str| laws.iter().any(|law| law.contains(word));
    assert!(has(says(".10:25565", ".10:25566"), "says what was agreed"), "another port");
    assert!(!says("\"proto\": \"tcp\", ", "").is_empty(), "every protocol");
    assert!(!says("[\"dee@\"]", "[\"dee@\", \"ana@\"]").is_empty(), "somebody else");
    assert!(has(says(ACLS, ""), "has its rule"), "no rule");
}
