use policy::compile;
use policy::share::{Mode, ShareRequest, Warning, share};
use policy::{Query, RuleRef, Who};

use super::*;

/// The lines of the policy's rules that a share's review names as not understood.
fn warned(text: &str, who: &str, node: &str, reading: Reading) -> Vec<RuleRef> {
    let request = ShareRequest {
        id: "p1".parse().unwrap(),
        who: who.parse().unwrap(),
        node: node.into(),
        ports: "tcp:25565".parse().unwrap(),
    };
    let plan = share(text, &network(), &request, Mode::Exact, reading).unwrap();
    let rules = plan.warnings.into_iter().find_map(|warning| match warning {
        Warning::NotUnderstood(rules) => Some(rules),
        _ => None,
    });
    rules.unwrap_or_default()
}

fn grant(src: &str, dst: &str, rest: &str) -> String {
    of(&format!(r#""grants": [{{"src": ["{src}"], "dst": ["{dst}"], {rest}}}]"#))
}

// `cmd/proxy-to-grafana` of tailscale/tailscale and the README of ts-db-connector document two; captures refuse `funnel`
// and `relay-target`.
#[test]
fn capabilities_of_tailscale_that_are_documented_or_new_are_let_pass() {
    let text = found(
        "06-own-capabilities",
        r#""grants": [{"src": ["autogroup:member"], "dst": ["tag:server"], "ip": ["tcp:80"],
            "app": {"tailscale.com/cap/proxy-to-grafana": [{"role": "editor"}]}}]"#,
    );
    assert_eq!(taken(&text), Ok(()));
    assert!(strange(&text, Reading::Proposed).is_empty());
    let with = |name: &str| text.replace("tailscale.com/cap/proxy-to-grafana", name);
    assert_eq!(taken(&with("tailscale.com/cap/databases")), Ok(()));
    assert!(strange(&with("tailscale.com/cap/databases"), Reading::Proposed).is_empty());
    assert!(strange(&with("example.com/cap/own"), Reading::Proposed).is_empty(), "anybody's own");
    for new in ["tailscale.com/cap/brand-new", "tailscale.com/other/thing"] {
        assert_eq!(taken(&with(new)), Ok(()), "{new}");
        assert_eq!(strange(&with(new), Reading::Proposed).len(), 1, "{new}");
        assert_eq!(reaches(&with(new), "cleo@example.com", "srv", 80), Some(true));
    }
    for refused in ["tailscale.com/cap/funnel", "tailscale.com/cap/relay-target"] {
        let said = taken(&with(refused)).unwrap_err().to_string();
        assert_eq!(said, "capability name must not be in the tailscale.com domain");
        let engine = Engine::read(&with(refused), &network(), Reading::InForce).unwrap();
        assert_eq!(told(&engine, "cleo@example.com", "srv", 80), Some(true), "{refused} is in force");
    }
}

// Documentation of IP sets, "Customize autogroup:internet", and of grants, "Customize autogroup internet": such a set with
// `via` sends people through the exit nodes of the tag.
#[test]
fn a_set_cut_out_of_the_internet_goes_through_the_exit_nodes_that_via_names() {
    let rule = r#""grants": [{"src": ["ben@example.com"], "dst": ["ipset:net"], "ip": ["*"], "via": ["tag:router"]}]"#;
    let sets = r#""ipsets": {"ipset:net": ["add autogroup:internet", "remove ipset:cdn"],
        "ipset:cdn": ["198.51.100.6", "203.0.113.0/24"]}"#;
    let text = found("07-ipset-internet-via", &format!("{sets}, {rule}"));
    assert_eq!(reaches(&text, "ben@example.com", "8.8.8.8", 443), Some(true));
    assert_eq!(reaches(&text, "ben@example.com", "2606:4700::1", 443), Some(true));
    assert_eq!(reaches(&text, "ben@example.com", "198.51.100.6", 443), Some(false), "taken out");
    assert_eq!(reaches(&text, "ben@example.com", "203.0.113.9", 443), Some(false), "taken out");
    assert_eq!(reaches(&text, "ben@example.com", "10.0.0.5", 443), Some(false), "not public");
    assert_eq!(reaches(&text, "cleo@example.com", "8.8.8.8", 443), Some(false));
    let network = network();
    let parsed = Policy::parse(&text).unwrap();
    let compiled = compile(&parsed, &network).unwrap();
    let node = |name: &str| compiled.node(network.node_named(name).unwrap());
    assert_eq!(node("benlap").peers, ["router"]);
    let dsts = &node("router").packet_filter_rules[0].dst_ports;
    assert!(dsts.iter().any(|dst| dst.ip.starts_with("0.0.0.0-")), "{dsts:?}");
    // Without an exit node of that tag nobody gets out.
    let away = text.replace("\"via\": [\"tag:router\"]", "\"via\": [\"tag:server\"]");
    assert_eq!(reaches(&away, "ben@example.com", "8.8.8.8", 443), Some(false));
    // A set of public addresses that is not of the internet goes through subnet routers, as a literal does (captures).
    let plain = text.replace("add autogroup:internet", "add 8.0.0.0/8");
    assert_eq!(reaches(&plain, "ben@example.com", "8.8.8.8", 443), Some(false));
    // A private range right beside the public ones keeps none of them back.
    let beside = text.replace("\"remove ipset:cdn\"", "\"remove ipset:cdn\", \"add 10.0.0.0/8\"");
    assert_eq!(reaches(&beside, "ben@example.com", "9.255.255.255", 443), Some(true));
    assert_eq!(reaches(&beside, "ben@example.com", "10.0.0.5", 443), Some(true));
}

// Issue 8206 of tailscale/tailscale, `is-admin` beside `is-owner` in every capture, and public policies whose tests say
// so. The page on roles has a network admin manage no users and an IT admin no policy, so that neither is an admin; whether
// the owner or an admin is in their autogroups is documented nowhere, and each holds those who have the role.
#[test]
fn the_owner_is_an_admin_wherever_the_role_is_named() {
    let text = found(
        "11-owner-is-admin",
        r#""acls": [{"action": "accept", "src": ["autogroup:admin"], "dst": ["*:*"]}]"#,
    );
    assert_eq!(reaches(&text, "anna@example.com", "nas", 22), Some(true));
    assert_eq!(reaches(&text, "ben@example.com", "nas", 22), Some(true));
    assert_eq!(reaches(&text, "cleo@example.com", "nas", 22), Some(false));
    for role in ["owner", "it-admin", "network-admin", "billing-admin", "auditor"] {
        let text = text.replace("autogroup:admin", &format!("autogroup:{role}"));
        assert_eq!(reaches(&text, "ben@example.com", "nas", 22), Some(false), "{role}");
        assert_eq!(reaches(&text, "anna@example.com", "nas", 22), Some(role == "owner"), "{role}");
    }
    let led = grant("cleo@example.com", "autogroup:admin", r#""ip": ["22"]"#);
    assert_eq!(reaches(&led, "cleo@example.com", "nas", 22), Some(true));

    let network = network();
    let text = of(r#""grants": [],
        "ssh": [{"action": "accept", "src": ["autogroup:admin"], "dst": ["tag:server"], "users": ["root"]}],
        "nodeAttrs": [{"target": ["autogroup:admin"], "attr": ["x:y"]}],
        "autoApprovers": {"exitNode": ["autogroup:admin"]},
        "sshTests": [{"src": "anna@example.com", "dst": ["tag:server"], "accept": ["root"]}]"#);
    let parsed = Policy::parse(&text).unwrap();
    let compiled = compile(&parsed, &network).unwrap();
    let node = |name: &str| compiled.node(network.node_named(name).unwrap());
    assert!(node("nas").attributes.contains_key("x:y") && !node("cleolap").attributes.contains_key("x:y"));
    let principals = &node("srv").ssh_rules[0].principals;
    assert!(principals.iter().any(|principal| principal.node_ip == "100.64.0.2"), "{principals:?}");
}

const EXTERNAL: &str =
    r#""externalTailnets": {"fleet": {"externalID": "TxTEST", "allowIncomingConnections": true}}"#;

// Documentation of declarative node sharing (alpha): the section is read, the rule is named, and the rest is right.
#[test]
fn a_source_in_another_tailnet_is_somebody_not_known_here() {
    let rule = r#"{"src": ["group://fleet/foo"], "dst": ["tag:server"], "ip": ["tcp:80"]}"#;
    let text = found("13-declarative-sharing", &format!(r#"{EXTERNAL}, "grants": [{rule}]"#));
    assert_eq!(taken(&text), Ok(()));
    assert!(strange(&text, Reading::Proposed).is_empty(), "it is documented");
    let said: Vec<String> = lints(&text, Reading::Proposed).iter().map(ToString::to_string).collect();
    assert!(said.iter().any(|lint| lint.contains("`group://fleet/foo`")), "{said:?}");

    for reading in [Reading::Proposed, Reading::InForce] {
        let engine = Engine::read(&text, &network(), reading).unwrap();
        let listed = engine.reach(&Query::default());
        let who: Vec<String> = listed.iter().map(|entry| entry.who.to_string()).collect();
        assert_eq!(who, ["somebody not known here (group://fleet/foo)"]);
        assert_eq!((listed[0].node.as_str(), listed[0].ports.to_string().as_str()), ("srv", "80"));
        assert_eq!(who[0].parse::<Who>().unwrap(), listed[0].who, "an answer can be asked for again");
        assert_eq!(told(&engine, "group://fleet/foo", "srv", 80), Some(true));
        for from in ["cleo@example.com", "friend@elsewhere.example", "pal@github", "who@fleet.example"] {
            assert_eq!(told(&engine, from, "srv", 80), None, "{from}");
            assert_eq!(told(&engine, from, "srv", 81), Some(false), "{from}");
            assert_eq!(told(&engine, from, "nas", 80), Some(false), "{from}");
        }
        assert_eq!(warned(&text, "friend@elsewhere.example", "srv", reading).len(), 1);
        assert!(warned(&text, "friend@elsewhere.example", "mc", reading).is_empty());
    }
    // A name of a tailnet that the file does not have is nobody's word.
    let other = text.replace("group://fleet", "group://other");
    assert_eq!(strange(&other, Reading::Proposed).len(), 1);
    // What the rest of the file says holds.
    let rest = text.replacen(
        rule,
        &format!(r#"{rule}, {{"src": ["cleo@example.com"], "dst": ["tag:server"], "ip": ["*"]}}"#),
        1,
    );
    assert_eq!(reaches(&rest, "cleo@example.com", "srv", 80), Some(true));
    assert_eq!(reaches(&rest, "ben@example.com", "srv", 80), None);
}

// Documentation of the policy file, "Synced groups".
#[test]
fn who_is_in_a_group_of_the_identity_provider_is_not_known_here() {
    let text = grant("group:security@example.com", "tag:server", r#""ip": ["tcp:80"]"#);
    assert_eq!(taken(&text), Ok(()));
    assert!(strange(&text, Reading::Proposed).is_empty());
    assert_eq!(reaches(&text, "cleo@example.com", "srv", 80), None);
    let led = grant("cleo@example.com", "group:security@example.com", r#""ip": ["tcp:80"]"#);
    assert_eq!(reaches(&led, "cleo@example.com", "nas", 80), None, "it may be one of theirs");
    let with = |test: &str| taken(&text.replacen('{', &format!("{{\"tests\": [{test}], "), 1));
    assert!(with(r#"{"src": "cleo@example.com", "deny": ["group:security@example.com:80"]}"#).is_ok());
    assert!(with(r#"{"src": "group:security@example.com", "accept": ["tag:server:80"]}"#).is_ok());
    assert!(with(r#"{"src": "cleo@example.com", "accept": ["tag:server:81"]}"#).is_err());
}

/// Rules that nobody here understands, each with what a proposed policy would be refused for.
const NEW: [(&str, &str); 8] = [
    (r#"{"src": ["autogroup:new"], "dst": ["tag:server"], "ip": ["tcp:80"]}"#, "autogroup not found"),
    (r#"{"src": ["group:new"], "dst": ["tag:server"], "ip": ["tcp:80"]}"#, "group not found"),
    (r#"{"src": ["new host"], "dst": ["tag:server"], "ip": ["tcp:80"]}"#, "invalid address"),
    (r#"{"src": ["cleo@example.com"], "dst": ["autogroup:new"], "ip": ["tcp:80"]}"#, "autogroup not found"),
    (r#"{"src": ["cleo@example.com"], "dst": ["tag:server"], "ip": ["quic:80"]}"#, "proto name"),
    (r#"{"src": ["cleo@example.com"], "dst": ["tag:server"], "ip": ["tcp:http"]}"#, "invalid first integer"),
    (
        r#"{"src": ["cleo@example.com"], "dst": ["tag:server"], "ip": ["tcp:80"], "via": ["tag:new"]}"#,
        "not found",
    ),
    (
        r#"{"src": ["cleo@example.com"], "dst": ["tag:server"], "ip": ["tcp:80"], "srcPosture": ["posture:new"]}"#,
        "posture",
    ),
];

#[test]
fn in_a_policy_in_force_every_name_is_let_pass_and_the_rest_is_worked_out() {
    for (rule, refusal) in NEW {
        let rest = r#"{"src": ["ben@example.com"], "dst": ["tag:server"], "ip": ["tcp:22"]}"#;
        let text = of(&format!("\"grants\": [\n{rule},\n{rest}]"));
        let said = taken(&text).unwrap_err();
        assert!(said.to_string().contains(refusal) && said.line == Some(2), "{rule}: {said}");
        let engine = Engine::read(&text, &network(), Reading::InForce).unwrap();
        assert_eq!(told(&engine, "ben@example.com", "srv", 22), Some(true), "{rule}");
        assert_eq!(told(&engine, "cleo@example.com", "srv", 80), None, "{rule}");
        let all = lint(&text, &network(), Reading::InForce).unwrap();
        let told: Vec<_> = all.iter().filter(|lint| lint.kind.fails_strict()).map(|lint| lint.line).collect();
        assert_eq!(told, [2], "{rule}");
    }
}

#[test]
fn of_a_section_or_a_rule_for_ssh_that_is_not_known_only_a_note_is_left() {
    let rest = r#""grants": [{"src": ["cleo@example.com"], "dst": ["tag:server"], "ip": ["tcp:80"]}]"#;
    let ssh = r#"{"action": "accept", "src": ["autogroup:member"], "dst": ["tag:server"], "users": ["root"]"#;
    for (section, fails) in [
        (r#""brandNew": {"x": 1}"#.to_owned(), true),
        (format!(r#""ssh": [{ssh}, "brandNew": true}}]"#), true),
        (format!(r#""ssh": [{ssh}, "recorder": ["tag:server"], "enforceRecorder": true}}]"#), false),
        (r#""attrConfig": {}"#.to_owned(), false),
    ] {
        let text = of(&format!("{section}, {rest}"));
        assert_eq!(taken(&text), Ok(()), "{section}");
        assert_eq!(!strange(&text, Reading::Proposed).is_empty(), fails, "{section}");
        assert_eq!(reaches(&text, "cleo@example.com", "srv", 80), Some(true));
        assert_eq!(reaches(&text, "ben@example.com", "srv", 80), Some(false));
    }
    let text =
        of(&format!(r#""ssh": [{{"action": "record", "src": ["*"], "dst": ["nas"], "users": []}}], {rest}"#));
    assert!(taken(&text).is_err());
    assert_eq!(strange(&text, Reading::InForce).len(), 1);
    let named = of(&format!(r#""ssh": [{}}}], {rest}"#, ssh.replace("autogroup:member", "group:new")));
    assert_eq!(strange(&named, Reading::InForce).len(), 1, "{named}");
    let policy = Policy::read(&text, Reading::InForce).unwrap();
    assert!(policy::check(&policy, &network()).is_ok_and(|checked| checked.ssh.is_empty()));
}
