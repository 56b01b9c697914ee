//! Other files of the kinds that were found: what documentation says of them, and that commands agree about them.

use policy::share::{Mode, ShareRequest, Warning, share};
use policy::{run_tests, validate};

use super::*;

/// The network above, with the exit node shared with a friend whom it lists and with one whom it does not.
fn lent() -> Network {
    let router = r#""tags":["tag:router"]"#;
    let shared = format!(r#"{router},"shared_to":["friend@elsewhere.example","new@far.example"]"#);
    assert!(NETWORK.contains(router));
    Network::parse(&NETWORK.replace(router, &shared)).unwrap()
}

fn holds(text: &str, network: &Network) -> Vec<String> {
    let policy = Policy::parse(text).unwrap();
    let checked = validate(&policy, network).unwrap();
    let failures = run_tests(&policy, &checked, network).unwrap();
    failures.into_iter().map(|failure| failure.reason).collect()
}

// Documentation of application capabilities, "Built-in Tailscale capabilities", of tsidp, PAM and Aperture; the domains of
// Tailscale are reserved, and a name has a domain and a path ("Requirements and limitations").
// Sabotage: take `tailsql` out of KNOWN_CAPABILITIES, or `tailscale.io` out of RESERVED.
#[test]
fn capabilities_are_known_by_their_pages_and_told_where_none_has_them() {
    let with = |name: &str| {
        of(&format!(
            r#""grants": [{{"src": ["autogroup:member"], "dst": ["tag:server"], "ip": ["tcp:80"], "app": {{"{name}": [{{}}]}}}}]"#
        ))
    };
    for known in
        ["drive", "drive-sharer", "kubernetes", "secrets", "tailsql", "golink", "tsidp", "pam", "aperture"]
    {
        let text = with(&format!("tailscale.com/cap/{known}"));
        assert_eq!(taken(&text), Ok(()), "{known}");
        assert!(strange(&text, Reading::Proposed).is_empty(), "{known}: it has a page");
    }
    for own in ["example.com/cap/x", "sub.tailscale.com/cap/x", "mytailscale.com/x"] {
        assert!(strange(&with(own), Reading::Proposed).is_empty(), "{own} is anybody's");
    }
    for odd in
        ["tailscale.io/cap/drive", "Tailscale.com/cap/drive", "tailscale.com/drive", "tailscale.com/cap/new"]
    {
        assert_eq!(taken(&with(odd)), Ok(()), "{odd}");
        assert_eq!(strange(&with(odd), Reading::Proposed).len(), 1, "{odd}");
    }
    for bad in ["", "example.com", "example.com/", "/cap/x", "https://example.com/cap/x"] {
        let said = taken(&with(bad)).unwrap_err().to_string();
        assert_eq!(said, "capability name must have the form {domain}/{path}", "{bad:?}");
        assert!(Engine::read(&with(bad), &network(), Reading::InForce).is_ok(), "{bad:?} is in force");
    }
}

// The network file says of some friends only to whom a machine is shared: they are somebody for tests, as for reach.
// Sabotage: in `run_tests`, run them on the network as it was given.
#[test]
fn whom_only_a_machine_names_as_a_recipient_can_be_tested() {
    for (src, accept) in
        [("new@far.example", true), ("autogroup:shared", true), ("*", true), ("autogroup:member", false)]
    {
        let rule = format!(r#"{{"src": ["{src}"], "dst": ["tag:router"], "ip": ["tcp:22"]}}"#);
        let with = |test: &str| {
            of(&format!(r#""grants": [{rule}], "tests": [{{"src": "new@far.example", {test}}}]"#))
        };
        let [open, shut] = [r#""accept": ["tag:router:22"]"#, r#""deny": ["tag:router:22"]"#].map(with);
        assert_eq!(holds(&open, &lent()).is_empty(), accept, "{src}: {:?}", holds(&open, &lent()));
        assert_eq!(holds(&shut, &lent()).is_empty(), !accept, "{src}: {:?}", holds(&shut, &lent()));
        let engine = Engine::new(&open, &lent()).unwrap();
        assert_eq!(told(&engine, "new@far.example", "router", 22), Some(accept), "{src}");
    }
    // Of whom neither the file nor a machine knows a test fails (captures).
    let stranger = of(r#""grants": [], "tests": [{"src": "who@far.example", "deny": ["tag:router:22"]}]"#);
    assert_eq!(holds(&stranger, &lent()), ["nobody has the login `who@far.example`"]);
}

// Captures: through routers a rule leads to prefixes and to the internet; tags, users and groups give nothing.
// Sabotage: in `leads` of the tests, leave `is_on_the_way` out.
#[test]
fn tests_and_reach_say_the_same_of_rules_through_routers() {
    let sets = r#""ipsets": {"ipset:net": ["add autogroup:internet", "remove 9.0.0.0/8"], "ipset:lab": ["10.0.0.0/24", "100.64.0.2"]},
        "groups": {"group:g": ["anna@example.com"]}, "hosts": {"nashost": "100.64.0.2"}"#;
    let mut open = 0;
    for dst in [
        "tag:server",
        "anna@example.com",
        "group:g",
        "autogroup:member",
        "autogroup:self",
        "*",
        "nashost",
        "100.64.0.0/24",
        "ipset:lab",
        "ipset:net",
        "10.0.0.0/24",
        "10.0.0.5",
        "autogroup:internet",
        "svc:web",
    ] {
        for to in ["100.64.0.2", "100.64.0.5", "10.0.0.5", "8.8.8.8", "svc:web"] {
            let with = |side: &str| {
                of(&format!(
                    r#"{sets}, "grants": [{{"src": ["cleo@example.com"], "dst": ["{dst}"], "ip": ["22"], "via": ["tag:router"]}}],
                    "tests": [{{"src": "cleo@example.com", "{side}": ["{to}:22"]}}]"#
                ))
            };
            let reached = reaches(&with("deny"), "cleo@example.com", to, 22).unwrap();
            open += usize::from(reached);
            for (side, wanted) in [("accept", reached), ("deny", !reached)] {
                let failures = holds(&with(side), &network());
                assert_eq!(failures.is_empty(), wanted, "{dst} to {to}: {failures:?}");
            }
        }
    }
    // Both prefixes and the set behind the router, the internet and the set cut out of it.
    assert_eq!(open, 5, "the table shows too little");
}

// Documentation of sharing, "Sharing and Exit Nodes": the invite has to allow it; of the policy file, "Subnet routers and
// exit nodes": only who has access to `autogroup:internet` can use them. No network file has invites.
// Sabotage: in `perhaps`, leave the arm of `exit_invite` out.
#[test]
fn whether_a_friend_gets_out_by_an_exit_node_is_in_their_invite() {
    let sets = r#""ipsets": {"ipset:net": ["add autogroup:internet", "remove 9.0.0.0/8"]},
        "postures": {"posture:mac": ["node:os == 'macos'"]}"#;
    let network = lent();
    for (src, dst, rest, named) in [
        ("autogroup:shared", "autogroup:internet", "", true),
        ("friend@elsewhere.example", "autogroup:internet", r#", "srcPosture": ["posture:mac"]"#, true),
        ("*", "*", "", true),
        ("autogroup:danger-all", "ipset:net", "", true),
        ("autogroup:shared", "ipset:net", r#", "via": ["tag:router"]"#, true),
        ("autogroup:shared", "ipset:net", r#", "via": ["tag:server"]"#, false),
        ("autogroup:member", "autogroup:internet", "", false),
        ("autogroup:shared", "tag:router", "", false),
    ] {
        let text = of(&format!(
            r#"{sets}, "grants": [{{"src": ["{src}"], "dst": ["{dst}"], "ip": ["443"]{rest}}}]"#
        ));
        let engine = Engine::new(&text, &network).unwrap();
        let at = format!("{src} {dst} {rest}");
        for friend in ["friend@elsewhere.example", "new@far.example"] {
            // A rule that names one friend says nothing of the other.
            let named = named && (src != "friend@elsewhere.example" || friend == src);
            let wanted = if named { None } else { Some(false) };
            assert_eq!(told(&engine, friend, "8.8.8.8", 443), wanted, "{friend}: {at}");
            assert_eq!(told(&engine, friend, "8.8.8.8", 22), Some(false), "{friend}: {at}");
            assert_eq!(
                told(&engine, friend, "10.0.0.5", 443),
                Some(false),
                "what is behind is not shared: {at}"
            );
            let told = engine.explain(&friend.parse().unwrap(), &Target::of("8.8.8.8"), 6, Some(443));
            assert_eq!((told.allowed, told.unknown.len()), (false, usize::from(named)), "{friend}: {at}");
        }
        assert_eq!(
            told(&engine, "pal@github", "8.8.8.8", 443),
            Some(false),
            "nothing is shared with them: {at}"
        );
    }
    // That it is an exit node is no reason against a share of a port of it.
    let text = of(r#""grants": [{"src": ["autogroup:shared"], "dst": ["autogroup:internet"], "ip": ["*"]}]"#);
    let request = ShareRequest {
        id: "p1".parse().unwrap(),
        who: "friend@elsewhere.example".parse().unwrap(),
        node: "router".into(),
        ports: "tcp:25565".parse().unwrap(),
    };
    let plan = share(&text, &network, &request, Mode::Exact, Reading::Proposed).unwrap();
    assert!(matches!(&plan.warnings[..], [Warning::Unproven(_)]), "{:?}", plan.warnings);
}

// A field that is not known may narrow a rule, as `srcPosture` does: what rests on it is neither yes nor no, and told once.
// Sabotage: give no fields in `Policy::unknown_fields`.
#[test]
fn by_a_rule_with_a_field_that_is_not_known_nothing_is_certain() {
    let rules = [
        r#""grants": [{"src": ["autogroup:member", "friend@elsewhere.example"], "dst": ["tag:server"], "ip": ["22"], "brandNew": ["x"]}]"#,
        r#""acls": [{"action": "accept", "src": ["autogroup:member", "friend@elsewhere.example"], "dst": ["tag:server:22"], "brandNew": 1}]"#,
    ];
    for rule in rules {
        for reading in [Reading::Proposed, Reading::InForce] {
            let engine = |text: &str| Engine::read(text, &network(), reading).unwrap();
            for from in ["cleo@example.com", "friend@elsewhere.example"] {
                assert_eq!(told(&engine(&of(rule)), from, "srv", 22), None, "{from}: {rule}");
                assert_eq!(told(&engine(&of(rule)), from, "srv", 23), Some(false), "{from}: {rule}");
            }
            assert_eq!(told(&engine(&of(rule)), "tag:router", "srv", 22), Some(false), "{rule}");
            assert_eq!(strange(&of(rule), reading).len(), 1, "{:?}", strange(&of(rule), reading));
            // Another rule without such a field is as certain as ever.
            let plain = rule
                .replace("}]", r#"}, {"src": ["cleo@example.com"], "dst": ["tag:server"], "ip": ["22"]}]"#);
            if plain.contains("grants") {
                assert_eq!(told(&engine(&of(&plain)), "cleo@example.com", "srv", 22), Some(true), "{plain}");
            }
        }
        for test in [r#""accept": ["tag:server:22"]"#, r#""deny": ["tag:server:22"]"#] {
            let tests = format!(r#"{rule}, "tests": [{{"src": "cleo@example.com", {test}}}]"#);
            assert!(holds(&of(&tests), &network()).is_empty(), "nothing is said of it: {tests}");
        }
        let request = ShareRequest {
            id: "p1".parse().unwrap(),
            who: "friend@elsewhere.example".parse().unwrap(),
            node: "srv".into(),
            ports: "tcp:25565".parse().unwrap(),
        };
        let plan = share(&of(rule), &network(), &request, Mode::Exact, Reading::InForce).unwrap();
        assert!(matches!(&plan.warnings[..], [Warning::NotUnderstood(rules)] if rules.len() == 1), "{rule}");
    }
}

// `ServiceName` of tailscale/tailcfg: a label of DNS. What `svc:*` would lead to no page says.
// Sabotage: give true in `is_one_service`.
#[test]
fn a_service_of_which_the_name_is_none_may_be_any() {
    let approved = r#""autoApprovers": {"services": {"svc:web": ["tag:server"]}}"#;
    let reached = |rule: &str, port: u16| {
        let text = of(&format!("{approved}, {rule}"));
        assert_eq!(taken(&text), Ok(()), "{rule}");
        (reaches(&text, "cleo@example.com", "svc:web", port), strange(&text, Reading::Proposed).len())
    };
    for (dst, wanted) in [
        ("svc:web", (Some(true), 0)),
        ("svc:web-2", (Some(false), 0)),
        ("svc:*", (None, 1)),
        ("svc:", (None, 1)),
        ("svc:web.x", (None, 1)),
        ("svc:-web", (None, 1)),
    ] {
        let grant =
            format!(r#""grants": [{{"src": ["autogroup:member"], "dst": ["{dst}"], "ip": ["443"]}}]"#);
        let acl =
            format!(r#""acls": [{{"action": "accept", "src": ["autogroup:member"], "dst": ["{dst}:443"]}}]"#);
        for rule in [grant, acl] {
            assert_eq!(reached(&rule, 443), wanted, "{rule}");
            assert_eq!(reached(&rule, 22).0, Some(false), "{rule}");
        }
    }
    let hosts = of(r#""grants": [], "autoApprovers": {"services": {"svc:*": ["tag:server"]}}"#);
    assert_eq!(strange(&hosts, Reading::Proposed).len(), 1);
}
