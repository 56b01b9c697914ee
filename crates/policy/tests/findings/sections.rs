use policy::share::{Mode, ShareRequest, Warning, share};
use policy::{Query, Who, compile, diff};

use super::*;

const PING: &str = r#""grants": [{"src": ["autogroup:member"], "dst": ["tag:server"], "ip": ["icmp:*"]}]"#;

// Documentation of the policy file, `tests`, "proto": for ICMP use port 0. Captures refuse it with any other port.
#[test]
fn icmp_is_tested_with_port_0() {
    let own = r#"{"src": "cleo@example.com", "proto": "icmp", "accept": ["tag:server:0"]}"#;
    let text = found("04-tests-icmp", &format!(r#"{PING}, "tests": [{own}]"#));
    assert_eq!(taken(&text), Ok(()));
    let with = |test: &str| taken(&of(&format!(r#"{PING}, "tests": [{test}]"#))).is_ok();
    assert!(!with(&own.replace(":0", ":22")) && !with(&own.replace(":0", ":*")));
    assert!(!with(&own.replace("accept", "deny")));
    assert!(with(r#"{"src": "tag:router", "proto": "1", "deny": ["tag:server:0"]}"#));
    assert!(!with(r#"{"src": "tag:router", "proto": "icmp", "accept": ["tag:server:0"]}"#));
    assert!(with(r#"{"src": "cleo@example.com", "proto": "icmp", "accept": ["[fd7a:115c:a1e0::5]:0"]}"#));
    // "If traffic is allowed for a given pair of IP addresses, then ICMP will also be allowed."
    let web = PING.replace("icmp:*", "tcp:80");
    assert_eq!(taken(&of(&format!(r#"{web}, "tests": [{own}]"#))), Ok(()));
    let gre = r#"{"src": "cleo@example.com", "proto": "gre", "accept": ["tag:server:0"]}"#;
    assert!(taken(&of(&format!(r#"{web}, "tests": [{gre}]"#))).is_err());
}

const WEB: &str = r#""autoApprovers": {"services": {"svc:web": ["tag:server"]}},
    "grants": [{"src": ["autogroup:member"], "dst": ["svc:web"], "ip": ["tcp:443"]}]"#;

// The same page, "accept and deny destinations": a service is one of them.
#[test]
fn a_service_is_tested_by_its_name() {
    let own = r#"{"src": "cleo@example.com", "accept": ["svc:web:443"], "deny": ["svc:web:22"]}"#;
    let text = found("05-tests-svc", &format!(r#"{WEB}, "tests": [{own}]"#));
    assert_eq!(taken(&text), Ok(()));
    let with = |test: &str| taken(&of(&format!(r#"{WEB}, "tests": [{test}]"#))).is_ok();
    assert!(!with(r#"{"src": "cleo@example.com", "accept": ["svc:web:22"]}"#));
    assert!(!with(r#"{"src": "cleo@example.com", "deny": ["svc:web:443"]}"#));
    assert!(!with(r#"{"src": "tag:server", "accept": ["svc:web:443"]}"#));
    assert!(!with(r#"{"src": "cleo@example.com", "accept": ["svc:mail:443"]}"#));
    assert!(with(r#"{"src": "cleo@example.com", "deny": ["svc:mail:443"]}"#));
}

#[test]
fn a_service_is_a_destination_of_its_own() {
    let text = of(WEB);
    let engine = Engine::new(&text, &network()).unwrap();
    assert_eq!(engine.services(), ["svc:web"]);
    let listed = engine.reach(&Query::from(Who::Login("cleo@example.com".into())));
    let said: Vec<_> = listed.iter().map(|entry| (entry.node.as_str(), entry.ports.to_string())).collect();
    assert_eq!(said, [("svc:web", "443".to_owned())]);
    assert_eq!(told(&engine, "cleo@example.com", "svc:web", 443), Some(true));
    assert_eq!(told(&engine, "cleo@example.com", "svc:web", 22), Some(false));
    assert_eq!(told(&engine, "tag:server", "svc:web", 443), Some(false));
    let let_in = engine.let_in();
    assert_eq!(
        let_in.values().map(|told| (told.nodes.len(), told.services.len())).collect::<Vec<_>>(),
        [(0, 1)]
    );
    // `*` leads to it too, also where only the other of two policies names it.
    let wide = of(r#""grants": [{"src": ["cleo@example.com"], "dst": ["*"], "ip": ["tcp:443"]}]"#);
    let both =
        wide.replace("[{", r#"[{"src": ["cleo@example.com"], "dst": ["svc:web"], "ip": ["tcp:443"]}, {"#);
    let [wide, both] = [wide, both].map(|text| Engine::new(&text, &network()).unwrap());
    assert_eq!(told(&both, "cleo@example.com", "svc:web", 443), Some(true));
    assert!(diff(&wide, &both).is_empty());
}

// Nothing says whether services let people of other networks in: a review says that they may.
#[test]
fn that_a_friend_may_reach_a_service_is_told_where_a_share_is_made() {
    let text = of(r#""grants": [{"src": ["autogroup:shared"], "dst": ["svc:web"], "ip": ["tcp:443"]}]"#);
    assert_eq!(reaches(&text, "friend@elsewhere.example", "svc:web", 443), None);
    let request = ShareRequest {
        id: "p1".parse().unwrap(),
        who: "friend@elsewhere.example".parse().unwrap(),
        node: "mc".into(),
        ports: "tcp:25565".parse().unwrap(),
    };
    let plan = share(&text, &network(), &request, Mode::Exact, Reading::Proposed).unwrap();
    assert!(matches!(&plan.warnings[..], [Warning::Services(maybe)] if maybe[0].node == "svc:web"));
    let plan = share(&of(WEB), &network(), &request, Mode::Exact, Reading::Proposed).unwrap();
    assert!(plan.warnings.is_empty(), "it is for members only: {:?}", plan.warnings);
}

#[test]
fn a_service_that_nobody_is_led_to_is_told() {
    let idle = of(r#""autoApprovers": {"services": {"svc:web": ["tag:server"]}}, "grants": []"#);
    assert!(lints(&idle, Reading::Proposed).contains(&LintKind::IdleService { service: "svc:web".into() }));
    assert!(lints(&of(WEB), Reading::Proposed).is_empty());
}

// The same page, "Autogroups": one file may not have both. What the control plane says is not known.
#[test]
fn both_forms_of_the_members_in_one_file_are_told() {
    let rules = r#""acls": [{"action": "accept", "src": ["autogroup:member"], "dst": ["tag:server:22"]},
        {"action": "accept", "src": ["autogroup:members"], "dst": ["tag:server:80"]}]"#;
    let text = found("12-both-member-forms", rules);
    assert_eq!(taken(&text), Ok(()));
    assert!(lints(&text, Reading::Proposed).contains(&LintKind::BothMembers));
    assert_eq!(strange(&text, Reading::Proposed).len(), 1);
    for one in ["autogroup:member", "autogroup:members"] {
        let text = text.replace("autogroup:members", "autogroup:member").replace("autogroup:member", one);
        assert!(!lints(&text, Reading::Proposed).contains(&LintKind::BothMembers), "{one}");
    }
    // Wherever they are named.
    let apart = of(
        r#""ssh": [{"action": "accept", "src": ["autogroup:members"], "dst": ["tag:server"], "users": ["root"]}],
        "nodeAttrs": [{"target": ["autogroup:member"], "attr": ["funnel"]}]"#,
    );
    assert!(lints(&apart, Reading::Proposed).contains(&LintKind::BothMembers));
}

// "Each group member is specified by their full email address."
#[test]
fn what_a_group_holds_besides_logins_is_told() {
    let text = of(r#""groups": {"group:all": ["ben@example.com", "autogroup:member"]},
        "grants": [{"src": ["group:all"], "dst": ["tag:server"], "ip": ["tcp:80"]}]"#);
    assert_eq!(taken(&text), Ok(()));
    let said: Vec<String> = lints(&text, Reading::Proposed).iter().map(ToString::to_string).collect();
    assert!(said.iter().any(|lint| lint.starts_with("`autogroup:member` in a group")), "{said:?}");
    assert_eq!(strange(&text, Reading::Proposed).len(), 1, "no page has it, and no capture");
    assert_eq!(reaches(&text, "ben@example.com", "srv", 80), Some(true));
    assert_eq!(reaches(&text, "cleo@example.com", "srv", 80), None);
}

// Headscale's notes on what the control plane answers: without a source or a destination there is nothing; a group that
// is empty still makes a rule for its capabilities.
#[test]
fn a_grant_without_sources_makes_no_rule() {
    let network = network();
    let rules = |src: &str, dst: &str| {
        let text = of(&format!(
            r#""groups": {{"group:none": []}}, "grants": [{{"src": [{src}], "dst": [{dst}], "ip": ["*"], "app": {{"example.com/cap/x": [1]}}}}]"#
        ));
        let policy = Policy::parse(&text).unwrap();
        let compiled = compile(&policy, &network).unwrap();
        (0..network.nodes().len()).map(|node| compiled.filter(node).len()).sum::<usize>()
    };
    assert_eq!(rules("", r#""tag:server""#), 0);
    assert_eq!(rules(r#""cleo@example.com""#, ""), 0);
    assert_eq!(rules(r#""group:none""#, r#""tag:server""#), 1);
    assert_eq!(rules(r#""cleo@example.com""#, r#""tag:server""#), 2);
}

// A rule through routers is made for each of them; on any other node it is as if it were not there, also for the order
// (Headscale's compiler, which gives every capture in its order).
#[test]
fn a_rule_through_routers_orders_nothing_on_other_nodes() {
    let network = network();
    let order = |via: &str, node: &str| {
        let text = of(&format!(
            r#""grants": [{{"src": ["ben@example.com"], "dst": ["10.0.0.0/24"], "ip": ["*"], "via": ["{via}"]}},
            {{"src": ["cleo@example.com"], "dst": ["tag:server", "10.0.0.0/24"], "ip": ["*"]}},
            {{"src": ["ben@example.com"], "dst": ["tag:server", "10.0.0.0/24"], "ip": ["*"]}}]"#
        ));
        let policy = Policy::parse(&text).unwrap();
        let compiled = compile(&policy, &network).unwrap();
        let rules = compiled.filter(network.node_named(node).unwrap());
        rules.iter().map(|rule| rule.src_ips[0].clone()).collect::<Vec<_>>()
    };
    let (ben, cleo) = ("100.64.0.3", "100.64.0.4");
    assert_eq!(order("tag:router", "srv"), [cleo, ben]);
    assert_eq!(order("tag:router", "router"), [ben, cleo]);
    assert_eq!(order("tag:server", "router"), [cleo, ben]);
}

#[test]
fn anybody_is_no_login_name_of_ssh() {
    let text = of(
        r#""ssh": [{"action": "accept", "src": ["autogroup:member"], "dst": ["tag:server"], "users": ["*"]}]"#,
    );
    assert_eq!(taken(&text).unwrap_err().to_string(), "user \"*\" is not valid");
}
