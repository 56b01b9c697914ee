//! Taking back what one share recipient reaches beyond what was agreed: each way in, and what cannot be taken.

#![expect(clippy::unwrap_used, reason = "a test")]

use policy::reach::Entry;
use policy::share::{ShareId, ShareRule};
use policy::syntax::protocol;
use policy::withhold::Terms;
use policy::{Engine, Network, Query, Reading, Who, WithholdError, withhold};

const SHARE: &str = "    // acequia:share=mc-1\n    {\"src\": [\"dee@github\"], \"dst\": [\"100.64.0.10\"], \"ip\": [\"tcp:25565\"]},\n";

fn network() -> Network {
    Network::parse(
        r#"{"users": [{"id": 1, "name": "ana", "email": "ana@example.com"}],
            "nodes": {"mc": {"ipv4": "100.64.0.10", "tags": ["tag:games"], "shared_to": ["dee@github", "eve@github"]},
                      "nas": {"ipv4": "100.64.0.11", "tags": ["tag:games"]},
                      "laptop": {"ipv4": "100.64.0.12", "user": "ana"}}}"#,
    )
    .unwrap()
}

/// What Dee reaches besides the ports that were agreed; or of entries the part that was.
fn split(entries: Vec<Entry>, agreed: &[u16], within: bool) -> Vec<Entry> {
    let ports = agreed.iter().map(|port| policy::syntax::port::Ports { first: *port, last: *port });
    let ports: policy::reach::PortRanges = ports.collect();
    let cut = |mut entry: Entry| {
        let none = policy::reach::PortRanges::new();
        let known = if entry.protocol == protocol::TCP { &ports } else { &none };
        entry.ports = if within { entry.ports.intersection(known) } else { entry.ports.difference(known) };
        entry
    };
    let all = entries.into_iter().filter(|entry| !protocol::is_echo(entry.protocol)).map(cut);
    all.filter(|entry| !entry.ports.is_empty()).collect()
}

fn without(rules: &str, agreed: &[u16]) -> Result<String, WithholdError> {
    let text = text(rules);
    let mark: ShareId = "mc-1".parse().unwrap();
    let rule = ShareRule {
        form: policy::share::Form::Grants,
        src: vec!["dee@github".into()],
        dst: vec!["100.64.0.10".into()],
        ip: vec!["tcp:25565".into()],
    };
    let dee = |engine: &Engine| engine.reach(&Query::from(Who::Login("dee@github".into())));
    let terms = Terms {
        login: "dee@github",
        beyond: &|engine| split(dee(engine), agreed, false),
        agreed: &|entries| split(entries.to_vec(), agreed, true),
        rules: &[(mark, rule)],
    };
    withhold(&text, &network(), Reading::InForce, &terms).map(|done| done.after)
}

fn text(rules: &str) -> String {
    format!(
        "{{\n  \"tagOwners\": {{\"tag:games\": []}},\n  \"hosts\": {{\"everywhere\": \"100.64.0.0/10\"}},\n  \"groups\": {{\"group:friends\": [\"eve@github\", \"dee@github\"]}},\n  \"grants\": [\n{SHARE}{rules}  ],\n}}\n"
    )
}

#[test]
fn each_way_in_is_taken_back_and_everything_else_stays() {
    let shrunk = |rules: &str| text(rules).replace("[\"eve@github\", \"dee@github\"]", "[\"eve@github\"]");
    let table = [
        // Named in a rule beside others, and alone: then the rule goes.
        (
            "    {\"src\": [\"ana@example.com\", \"Dee@GitHub\"], \"dst\": [\"*\"], \"ip\": [\"tcp:22\"]},\n",
            text("    {\"src\": [\"ana@example.com\"], \"dst\": [\"*\"], \"ip\": [\"tcp:22\"]},\n"),
        ),
        ("    {\"src\": [\"dee@github\"], \"dst\": [\"tag:games\"], \"ip\": [\"*\"]},\n", text("")),
        // A group that grew, or a tag that was put on the machine.
        (
            "    {\"src\": [\"group:friends\"], \"dst\": [\"tag:games\"], \"ip\": [\"tcp:22\"]},\n",
            shrunk("    {\"src\": [\"group:friends\"], \"dst\": [\"tag:games\"], \"ip\": [\"tcp:22\"]},\n"),
        ),
        // Everybody outside: all others are named.
        (
            "    {\"src\": [\"autogroup:shared\"], \"dst\": [\"*\"], \"ip\": [\"tcp:22\"]},\n",
            text("    {\"src\": [\"eve@github\"], \"dst\": [\"*\"], \"ip\": [\"tcp:22\"]},\n"),
        ),
        // A new wildcard, in its two forms and as a range.
        (
            "    {\"src\": [\"*\"], \"dst\": [\"*\"], \"ip\": [\"*\"]},\n",
            text(
                "    {\"src\": [\"autogroup:member\", \"autogroup:tagged\"], \"dst\": [\"*\"], \"ip\": [\"*\"]},\n",
            ),
        ),
        (
            "    {\"src\": [\"autogroup:danger-all\"], \"dst\": [\"*\"], \"ip\": [\"tcp:22\"]},\n",
            text(
                "    {\"src\": [\"autogroup:member\", \"autogroup:tagged\"], \"dst\": [\"*\"], \"ip\": [\"tcp:22\"]},\n",
            ),
        ),
        (
            "    {\"src\": [\"100.64.0.0/10\"], \"dst\": [\"*\"], \"ip\": [\"tcp:22\"]},\n",
            text(
                "    {\"src\": [\"autogroup:member\", \"autogroup:tagged\"], \"dst\": [\"*\"], \"ip\": [\"tcp:22\"]},\n",
            ),
        ),
        // Two of them at once.
        (
            "    {\"src\": [\"dee@github\"], \"dst\": [\"*\"], \"ip\": [\"tcp:22\"]},\n    {\"src\": [\"group:friends\"], \"dst\": [\"*\"], \"ip\": [\"tcp:80\"]},\n",
            shrunk("    {\"src\": [\"group:friends\"], \"dst\": [\"*\"], \"ip\": [\"tcp:80\"]},\n"),
        ),
    ];
    for (rules, after) in table {
        assert_eq!(without(rules, &[25565]), Ok(after), "{rules}");
    }
}

#[test]
fn a_shares_own_rule_that_somebody_widened_says_again_what_was_written() {
    let wide = SHARE.replace("tcp:25565", "*");
    let text = text("").replace(SHARE, &wide);
    let mark: ShareId = "mc-1".parse().unwrap();
    let rule = ShareRule {
        form: policy::share::Form::Grants,
        src: vec!["dee@github".into()],
        dst: vec!["100.64.0.10".into()],
        ip: vec!["tcp:25565".into()],
    };
    let dee = |engine: &Engine| engine.reach(&Query::from(Who::Login("dee@github".into())));
    let terms = Terms {
        login: "dee@github",
        beyond: &|engine| split(dee(engine), &[25565], false),
        agreed: &|entries| split(entries.to_vec(), &[25565], true),
        rules: &[(mark, rule)],
    };
    let done = withhold(&text, &network(), Reading::InForce, &terms).unwrap();
    assert_eq!(done.after, text.replace(&wide, SHARE));
    let stranger = Terms { rules: &[], ..terms };
    let refused = withhold(&text, &network(), Reading::InForce, &stranger).unwrap_err();
    assert!(matches!(refused, WithholdError::Rule { line: 7 }), "{refused:?}");
}

#[test]
fn what_was_agreed_by_the_same_rule_gets_a_rule_of_its_own() {
    let rules = "    {\"src\": [\"ana@example.com\", \"dee@github\"], \"dst\": [\"100.64.0.10\"], \"ip\": [\"tcp:22\", \"tcp:80\"]},\n";
    let after = "    {\"src\": [\"ana@example.com\"], \"dst\": [\"100.64.0.10\"], \"ip\": [\"tcp:22\", \"tcp:80\"]},\n    {\"src\": [\"dee@github\"], \"dst\": [\"100.64.0.10\"], \"ip\": [\"tcp:80\"]},\n";
    assert_eq!(without(rules, &[25565, 80]), Ok(text(after)));
}

#[test]
fn what_cannot_be_taken_from_them_alone_is_said_and_left() {
    assert_eq!(without("", &[25565]), Err(WithholdError::Nothing));
    // Only perhaps: an address of theirs cannot be seen.
    let perhaps = "    {\"src\": [\"100.99.0.0/16\"], \"dst\": [\"*\"], \"ip\": [\"tcp:22\"]},\n";
    assert_eq!(without(perhaps, &[25565]), Err(WithholdError::Nothing));
    // By a name for many addresses, which may mean others elsewhere.
    let named = "    {\"src\": [\"everywhere\"], \"dst\": [\"*\"], \"ip\": [\"tcp:22\"]},\n";
    assert_eq!(without(named, &[25565]), Err(WithholdError::Rule { line: 8 }));
}
