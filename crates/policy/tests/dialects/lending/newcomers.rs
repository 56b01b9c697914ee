//! A friend whom the server does not have yet reaches the share and nothing else, and nobody loses anything.

use super::*;
use policy::membership::{besides, narrow};
use policy::narrow::NarrowError;
use policy::reach::Who;

const ZOE: &str = "zoe@";

/// Who may do what today stays so, packet by packet, and the newcomer's machine gets the share and nothing else.
pub fn assert_only_the_share(
    case: (&str, &Network),
    plan: &SharePlan,
    node: &str,
    dialect: Dialect,
    at: &str,
) {
    let (text, network) = case;
    let more = with_device(network, ZOE);
    let (was, is) = (World::of(text, network, dialect), World::of(&plan.after, &more, dialect));
    let compiled = filters(&plan.after, &more, dialect);
    each_packet(&more, |packet| {
        let allowed = is.lets_in(packet);
        let filter = &compiled[more.node_named(&packet.to.name).unwrap()];
        let filtered =
            packets::lets_in(filter, packet.protocol, (packet.source, packet.address), packet.port);
        assert_eq!(allowed, filtered, "{at}: {packet:?}\n{}", plan.after);
        if packet.to.name == DEVICE {
            return;
        }
        let want = if packet.from.name == DEVICE {
            let asked = matches!((packet.protocol, packet.port), (6, 25_565) | (17, 19_132));
            packet.to.name == node && asked
        } else {
            was.lets_in(packet)
        };
        assert_eq!(allowed, want, "{at}: {packet:?}\n{text}\n{}", plan.after);
    });
}

#[test]
fn on_every_recorded_policy_a_newcomer_gains_just_the_share_and_nobody_loses_anything() {
    for dialect in DIALECTS {
        let (mut exact, mut narrowed, mut refused) = (0, 0, 0);
        for (number, case) in taken(dialect).iter().enumerate().filter(|(number, _)| number % 3 == 0) {
            let nodes = case.network.nodes();
            let node = &nodes[number % nodes.len()].name;
            let at = format!("{dialect} {}: {node}", case.id);
            let ask = |mode| share(&case.policy, &case.network, &request(ZOE, node), mode, dialect);
            let plan = match ask(Mode::Narrow) {
                Ok(plan) => plan,
                Err(ShareError::NoAddress(_)) => continue,
                Err(error) => {
                    // There an address is the machine with all of its own, so that a range cannot say who has one today.
                    let unproven = matches!(error, ShareError::Narrow(NarrowError::Unproven { .. }));
                    assert!(unproven && dialect == Dialect::Headscale028, "{at}: {error}\n{}", case.policy);
                    assert!(case.policy.contains("100.64.0.0/"), "{at}: {error}\n{}", case.policy);
                    refused += 1;
                    continue;
                }
            };
            if plan.narrowing.is_some() {
                narrowed += 1;
                assert!(
                    matches!(ask(Mode::Exact), Err(ShareError::MemberReachesMore { here: false, .. })),
                    "{at}"
                );
                assert!(matches!(ask(Mode::WholeNode), Err(ShareError::OpensNetwork { .. })), "{at}");
            } else {
                exact += 1;
            }
            assert!(plan.lost.is_empty() && !plan.gained.is_empty(), "{at}");
            assert_only_the_share((&case.policy, &case.network), &plan, node, dialect, &at);
            assert!(
                besides(&plan.after, &case.network, &request(ZOE, node).who, dialect)
                    .unwrap()
                    .entries
                    .is_empty()
            );
        }
        println!("{dialect}: {exact} as they are, {narrowed} narrowed, {refused} refused");
        if exact + narrowed > 0 {
            assert!(narrowed > 10 && exact > 5, "{dialect}: {narrowed} narrowed, {exact} exact");
        }
    }
}

const NETWORK: &str = r#"{
  "users": [
    {"id": 1, "name": "ana"}, {"id": 2, "name": "bruno"},
    {"id": 3, "name": "carla", "email": "carla@example.com", "provider_id": "https://id.example.com/u-carla"}
  ],
  "nodes": {
    "dune": {"ipv4": "100.64.0.1", "ipv6": "fd7a:115c:a1e0::1", "user": "ana"},
    "game": {"ipv4": "100.64.0.2", "ipv6": "fd7a:115c:a1e0::2", "tags": ["tag:game"]},
    "reed": {"ipv4": "100.64.0.3", "ipv6": "fd7a:115c:a1e0::3", "user": "bruno"},
    "pine": {"ipv4": "100.64.0.4", "ipv6": "fd7a:115c:a1e0::4", "user": "carla"},
    "gate": {"ipv4": "100.64.0.5", "ipv6": "fd7a:115c:a1e0::5", "user": "ana", "approved_routes": ["192.168.7.0/24"]}
  }
}"#;

fn network() -> Network {
    Network::parse(NETWORK).unwrap()
}

#[test]
fn a_server_that_allowed_everything_gets_the_rules_that_keep_everybodys_reach() {
    for dialect in DIALECTS {
        for text in [
            "",
            "{}",
            "null",
            "{\n  // ours\n  \"tagOwners\": {\"tag:game\": [\"ana@\"]},\n}\n",
            "{\"acls\":null}",
        ] {
            let plan = share(text, &network(), &request(ZOE, "dune"), Mode::Narrow, dialect);
            if text.contains("null}") {
                assert!(plan.unwrap_err().to_string().contains("`acls` is null"), "{dialect}");
                continue;
            }
            let plan = plan.unwrap();
            let first = plan.narrowing.as_ref().unwrap();
            assert!(
                first.after.contains(
                    r#""group:acequia-members": ["ana@", "bruno@", "https://id.example.com/u-carla@"]"#
                ),
                "{}",
                first.after
            );
            let sources =
                r#""src": ["group:acequia-members", "autogroup:tagged", "192.168.7.0/24"], "dst": ["*:*"]"#;
            // The rules of the old version are for TCP and UDP alone.
            let rules = if dialect == Dialect::Headscale028 { 2 } else { 1 };
            assert_eq!(first.after.matches(sources).count(), rules, "{}", first.after);
            assert!(
                text.is_empty()
                    || text == "null"
                    || first.after.starts_with(text.trim_end_matches(['}', '\n']))
            );
            // The naive evaluator takes nothing from an empty text.
            let before = if text.is_empty() || text == "null" { "{}" } else { text };
            assert_only_the_share((before, &network()), &plan, "dune", dialect, text);
            assert_eq!(unshare(&plan.after, &request(ZOE, "dune").id).unwrap().after, first.after);
        }
    }
}

#[test]
fn whatever_holds_a_newcomers_address_is_said_and_narrowed() {
    let rule = |src: &str, dst: &str| {
        format!(
            "{{\n  \"hosts\": {{\"all\": \"100.64.0.0/24\"}},\n  \"acls\": [\n    {{\"action\": \"accept\", \"src\": [{src}], \"dst\": [{dst}]}},\n  ],\n}}\n"
        )
    };
    let others = "\"dune:22\", \"autogroup:tagged:80\"".replace("dune", "100.64.0.1");
    for (src, dialects) in [
        ("\"*\"", &DIALECTS[..]),
        ("\"autogroup:member\"", &DIALECTS),
        ("\"ana@\", \"autogroup:member\", \"bruno@\"", &DIALECTS),
        ("\"autogroup:danger-all\"", &DIALECTS[1..]),
        ("\"100.64.0.0/10\"", &DIALECTS[1..]),
        ("\"100.64.0.0/29\"", &DIALECTS[1..]),
        ("\"0.0.0.0/0\", \"::/0\"", &DIALECTS),
        ("\"all\"", &DIALECTS[1..]),
        ("\"100.64.0.0/10\", \"fd7a:115c:a1e0::/48\"", &DIALECTS),
    ] {
        for dialect in dialects {
            let text = rule(src, &others);
            let at = format!("{dialect} {src}");
            let request = request(ZOE, "dune");
            let told = besides(&text, &network(), &request.who, *dialect).unwrap();
            assert!(
                !told.here && told.entries.iter().all(|entry| entry.who == Who::Login(ZOE.into())),
                "{at}"
            );
            let places: Vec<&str> = told.entries.iter().map(|entry| entry.node.as_str()).collect();
            assert!(places.contains(&"dune") && places.contains(&"game"), "{at}: {places:?}");
            let error = share(&text, &network(), &request, Mode::Exact, *dialect).unwrap_err().to_string();
            assert_eq!(
                error,
                "by line 4 of the policy a new user would reach more than the ports; narrow the policy",
                "{at}"
            );
            let plan = share(&text, &network(), &request, Mode::Narrow, *dialect)
                .unwrap_or_else(|error| panic!("{at}: {error}"));
            assert_only_the_share((&text, &network()), &plan, "dune", *dialect, &at);
        }
    }
    // What is everybody's own is nothing to others.
    for dialect in DIALECTS {
        let own = rule("\"autogroup:member\"", "\"autogroup:self:*\"");
        let plan = share(&own, &network(), &request(ZOE, "dune"), Mode::Exact, dialect).unwrap();
        assert!(plan.narrowing.is_none());
        let mixed = rule("\"*\"", "\"autogroup:self:*\", \"100.64.0.2:22\"");
        let plan = share(&mixed, &network(), &request(ZOE, "dune"), Mode::Narrow, dialect).unwrap();
        assert!(
            plan.after.contains(
                "\"src\": [\"192.168.7.0/24\", \"autogroup:tagged\"], \"dst\": [\"100.64.0.2:22\"]"
            ),
            "{}",
            plan.after
        );
        assert_only_the_share((&mixed, &network()), &plan, "dune", dialect, "mixed");
    }
}

#[test]
fn a_member_who_is_here_is_told_what_they_reach_anyway_and_taken_out_of_it() {
    let text = "{\"acls\": [{\"action\": \"accept\", \"src\": [\"*\"], \"dst\": [\"*:22\"]}, {\"action\": \"accept\", \"src\": [\"bruno@\"], \"dst\": [\"100.64.0.4:80\"]}]}";
    for dialect in DIALECTS {
        let bruno = request("bruno@", "dune");
        let told = besides(text, &network(), &bruno.who, dialect).unwrap();
        let places: std::collections::BTreeSet<&str> =
            told.entries.iter().map(|entry| entry.node.as_str()).collect();
        assert!(told.here && !places.contains("reed"), "{places:?}");
        assert_eq!(places.len(), 4, "{places:?}");
        let taken = narrow(text, &network(), Some(&bruno.who), dialect).unwrap();
        assert!(taken.after.contains(r#"["ana@", "https://id.example.com/u-carla@"]"#), "{}", taken.after);
        assert!(
            !taken.lost.is_empty() && taken.lost.iter().all(|entry| entry.who == Who::Login("bruno@".into()))
        );
        let left = besides(&taken.after, &network(), &bruno.who, dialect).unwrap().entries;
        assert!(left.iter().all(|entry| entry.node == "pine" && entry.ports.texts() == ["80"]), "{left:?}");
        // What a rule gives them by name is theirs: of another's machine it is nothing to this lender, of this lender's it is
        // said again.
        let plan = share(text, &network(), &bruno, Mode::Narrow, dialect).unwrap();
        assert!(plan.narrowing.is_some() && plan.anyway.iter().all(|entry| entry.node == "pine"));
        let by_name = text.replace("100.64.0.4:80", "100.64.0.5:80");
        let error = share(&by_name, &network(), &bruno, Mode::Narrow, dialect).unwrap_err();
        assert!(
            matches!(error, ShareError::MemberReachesMore { here: true, narrowing: None, .. }),
            "{error}"
        );
        let plan = share(text, &network(), &bruno, Mode::WholeNode, dialect).unwrap();
        assert!(plan.narrowing.is_none() && plan.anyway.len() == told.entries.len());
        assert_adds_the_share(text, &plan, &network(), "bruno@", "dune", dialect, "anyway");
        // Somebody of the group of today is taken out of the group.
        let later = narrow(text, &network(), None, dialect).unwrap().after;
        let taken = narrow(
            &later,
            &network(),
            Some(&request("https://id.example.com/u-carla@", "dune").who),
            dialect,
        )
        .unwrap();
        assert!(taken.after.contains(r#""group:acequia-members": ["ana@", "bruno@"]"#), "{}", taken.after);
        assert!(taken.lost.iter().all(|entry| entry.who == Who::Login("carla@example.com".into())));
        assert!(narrow(&later, &network(), None, dialect).unwrap().is_empty(), "narrowed once");
    }
}

/// Sabotage: leave `is_of_lender` out of `excess`, or `only` out of the narrowing.
#[test]
fn of_a_member_only_what_leads_to_the_lenders_machines_is_told_and_narrowed() {
    let text = "{\n  \"groups\": {\"group:guild\": [\"bruno@\"]},\n  \"acls\": [\n    {\"action\": \"accept\", \"src\": [\"group:guild\"], \"dst\": [\"100.64.0.4:80\"]},\n    {\"action\": \"accept\", \"src\": [\"autogroup:member\"], \"dst\": [\"100.64.0.4:443\"]},\n    {\"action\": \"accept\", \"src\": [\"autogroup:member\"], \"dst\": [\"100.64.0.5:22\"]},\n  ],\n}\n";
    for dialect in DIALECTS {
        let (bruno, network) = (request("bruno@", "dune"), network());
        let error = share(text, &network, &bruno, Mode::Exact, dialect).unwrap_err();
        let ShareError::MemberReachesMore { here: true, excess, narrowing: Some(_) } = &error else {
            panic!("{dialect}: {error}")
        };
        let lines: Vec<usize> = excess.iter().flat_map(|entry| &entry.rules).map(|rule| rule.line).collect();
        assert!(!lines.is_empty() && lines.iter().all(|line| *line == 6), "{dialect}: {lines:?}");
        let told = besides(text, &network, &bruno.who, dialect).unwrap();
        assert!(told.entries.iter().any(|entry| entry.node == "pine"), "{dialect}");
        let told = told.for_lender_of(&network, "dune").entries;
        assert!(!told.is_empty() && told.iter().all(|entry| entry.node == "gate"), "{dialect}: {told:?}");

        let plan = share(text, &network, &bruno, Mode::Narrow, dialect).unwrap();
        assert!(plan.lost.iter().all(|entry| entry.node == "gate") && !plan.lost.is_empty(), "{dialect}");
        assert!(
            plan.after.contains(r#""src": ["autogroup:member"], "dst": ["100.64.0.4:443"]"#),
            "{}",
            plan.after
        );
        assert!(
            !plan.after.contains(r#""src": ["autogroup:member"], "dst": ["100.64.0.5:22"]"#),
            "{}",
            plan.after
        );
        // Where nothing leads there, nothing is asked.
        let elsewhere = text.replace("100.64.0.5:22", "100.64.0.4:22");
        let plan = share(&elsewhere, &network, &bruno, Mode::Exact, dialect).unwrap();
        assert!(plan.narrowing.is_none(), "{dialect}");
    }
}
