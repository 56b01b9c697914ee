//! Where a wildcard would let the friend reach more than the share.

use super::*;

#[test]
fn a_wildcard_is_refused_narrowed_or_accepted_as_the_owner_says() {
    let text = file("wildcards_many.hujson");
    let request = request("mc-1", "25565");
    let error = share(&text, &network(), &request, Mode::Exact, Reading::Proposed).unwrap_err();
    assert_eq!(
        error.to_string(),
        "by lines 5, 6 of the policy the friend would reach more than the ports; narrow the policy, or say yes to the whole node"
    );
    let ShareError::ReachesMore { excess, narrowing } = error else { panic!() };
    assert_eq!(excess[0].ports.texts(), ["80", "443"]);
    assert!(narrowing.is_some());

    let plan = share(&text, &network(), &request, Mode::Narrow, Reading::Proposed).unwrap();
    assert!(plan.anyway.is_empty());
    assert_eq!(plan.narrowing.unwrap().rules.iter().map(|rule| rule.line).collect::<Vec<_>>(), [5, 6, 17]);

    // Line 6 names the IPv4 address only, so that the other one is new.
    let plan = share(&text, &network(), &request, Mode::WholeNode, Reading::Proposed).unwrap();
    assert!(matches!(&plan.gained[..], [entry] if matches!(entry.part, Part::Address(IpAddr::V6(_)))));
    let plan = share(&file("wildcard_acl.hujson"), &network(), &request, Mode::WholeNode, Reading::Proposed)
        .unwrap();
    assert!(plan.narrowing.is_none() && plan.gained.is_empty());
    assert!(matches!(plan.warnings[0], Warning::WholeNode(_)));
    assert!(plan.warnings.iter().any(|warning| matches!(warning, Warning::Redundant(_))));
}

#[test]
fn what_narrowing_cannot_take_away_is_still_refused() {
    let text = r#"{"grants": [{"src": ["autogroup:shared"], "dst": ["100.64.0.10"], "ip": ["22"]}]}"#;
    let error =
        share(text, &network(), &request("mc-1", "25565"), Mode::Narrow, Reading::Proposed).unwrap_err();
    let ShareError::ReachesMore { excess, narrowing } = error else { panic!("{error}") };
    let excess: Vec<_> = excess.iter().map(|entry| (entry.protocol, entry.ports.texts())).collect();
    assert_eq!(excess, [6, 17].map(|protocol| (protocol, vec!["22".to_owned()])));
    assert!(narrowing.is_none());
    let narrower = r#"{"grants": [{"src": ["100.99.0.7"], "dst": ["100.64.0.10"], "ip": ["22"]}]}"#;
    let plan =
        share(narrower, &network(), &request("mc-1", "25565"), Mode::Exact, Reading::Proposed).unwrap();
    assert!(matches!(&plan.warnings[..], [Warning::Unproven(entries)] if !entries.is_empty()));
}

#[test]
fn other_shares_with_the_same_friend_are_no_excess() {
    let text = file("strict_grants.hujson");
    let one = share(&text, &network(), &request("a", "25565"), Mode::Exact, Reading::Proposed).unwrap().after;
    let two = share(&one, &network(), &request("b", "443"), Mode::Exact, Reading::Proposed).unwrap();
    assert_eq!(two.anyway.len(), 1);
    assert!(matches!(
        share(&two.after, &network(), &request("b", "443"), Mode::Exact, Reading::Proposed),
        Err(ShareError::Present { line: 9, .. })
    ));
}

#[test]
fn a_file_without_rules_gets_the_narrowed_form_of_its_default_first() {
    let text = file("neither.hujson");
    let request = request("mc-1", "25565");
    assert!(matches!(
        share(&text, &network(), &request, Mode::Exact, Reading::Proposed),
        Err(ShareError::ReachesMore { .. })
    ));
    let plan = share(&text, &network(), &request, Mode::Narrow, Reading::Proposed).unwrap();
    let narrowed = plan.narrowing.unwrap().after;
    let expected = "  \"acls\": [\n    {\"action\": \"accept\", \"src\": [\"autogroup:member\", \"autogroup:tagged\", \"192.168.7.0/24\"], \"dst\": [\"*:*\"]},\n  ],\n";
    assert!(narrowed.contains(expected), "{narrowed}");
    let plan = share(&text, &network(), &request, Mode::WholeNode, Reading::Proposed).unwrap();
    assert!(plan.narrowing.unwrap().after.contains("\"src\": [\"*\"]"));
    let null = r#"{"acls": null}"#;
    assert!(matches!(
        narrow(null, &network(), Reading::Proposed),
        Err(policy::narrow::NarrowError::Edit(EditError::Null("acls")))
    ));
}

#[test]
fn narrowing_names_the_other_recipients_who_lose_reach_and_nobody_else() {
    for (name, text) in files() {
        let narrowed = narrow(&text, &network(), Reading::Proposed).unwrap();
        let lost: Vec<String> = narrowed.lost.iter().map(|entry| entry.who.to_string()).collect();
        assert!(lost.iter().all(|who| who == "eli@github"), "{name}: {lost:?}");
        let wide = text.contains("\"*\"]")
            || text.contains("\"*\", ")
            || !text.contains("\"src\"") && !text.contains("sers\"");
        assert_eq!(narrowed.is_empty(), !(wide && narrowed.after != text), "{name}");
        // Twice narrowed is narrowed once.
        assert!(narrow(&narrowed.after, &network(), Reading::Proposed).unwrap().is_empty(), "{name}");
    }
    let narrowed = narrow(&file("wildcard_acl.hujson"), &network(), Reading::Proposed).unwrap();
    assert_eq!(narrowed.lost.len(), 2);
    assert!(
        narrowed
            .after
            .contains(r#""src": ["autogroup:member", "autogroup:tagged", "192.168.7.0/24"], "dst": ["*:*"]"#)
    );
}

#[test]
fn of_what_narrowing_takes_only_the_new_share_of_the_friend_is_no_loss() {
    let shared = NETWORK.replace("[\"eli@github\"]", "[\"eli@github\", \"dee@github\"]");
    let network = Network::parse(&shared).unwrap();
    let plan = share(
        &file("wildcard_acl.hujson"),
        &network,
        &request("mc-1", "25565"),
        Mode::Narrow,
        Reading::Proposed,
    )
    .unwrap();
    let lost: std::collections::BTreeSet<_> =
        plan.lost.iter().map(|entry| (entry.who.to_string(), entry.node.clone())).collect();
    let has = |who: &str, node: &str| lost.contains(&(who.to_owned(), node.to_owned()));
    assert!(has("eli@github", "jellyfin") && has("dee@github", "jellyfin"), "{lost:?}");
    assert!(!has("dee@github", "minecraft"), "they never had it: {lost:?}");
}

#[test]
fn a_default_that_allows_everything_is_named_and_has_no_line() {
    let error =
        share(&file("neither.hujson"), &network(), &request("mc-1", "25565"), Mode::Exact, Reading::Proposed)
            .unwrap_err();
    assert!(
        error.to_string().starts_with("by the default, which allows everything of the policy"),
        "{error}"
    );
}

#[test]
fn narrowing_keeps_one_source_a_line_where_the_file_has_it_so() {
    let after = narrow(&file("wildcards_many.hujson"), &network(), Reading::Proposed).unwrap().after;
    assert!(after.contains(
        "        \"ana@example.com\", // me\n        \"autogroup:member\",\n        \"autogroup:tagged\",\n        \"192.168.7.0/24\",               // and whoever\n"
    ), "{after}");
    // `*` to one's own devices means each member by themselves already.
    assert!(after.contains(r#"{"action": "accept", "src": ["*"], "dst": ["autogroup:self:*"]}"#));
}

#[test]
fn a_wildcard_to_oneself_and_to_others_becomes_two_rules() {
    let text = "{\"acls\": [\n  {\"action\": \"accept\", \"src\": [\"*\"], \"dst\": [\"autogroup:self:*\", \"tag:server:22\"]},\n], \"tagOwners\": {\"tag:server\": []}}\n";
    let narrowed = narrow(text, &network(), Reading::Proposed).unwrap();
    assert!(narrowed.after.contains(
        "\"src\": [\"autogroup:member\"], \"dst\": [\"autogroup:self:*\", \"tag:server:22\"]},\n  {\"action\": \"accept\", \"src\": [\"autogroup:tagged\", \"192.168.7.0/24\"], \"dst\": [\"tag:server:22\"]},\n"
    ), "{}", narrowed.after);
}
