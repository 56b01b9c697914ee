use policy::{check, run_tests, validate};
use serde_json::json;

use crate::world::{network, output, policy, refusal};

const SSH: &str = r#""ssh": [
    {"action": "accept", "src": ["group:team"], "dst": ["tag:server"], "users": ["root", "autogroup:nonroot"]},
    {"action": "check", "src": ["ana@example.com"], "dst": ["tag:server"], "users": ["ubuntu"], "acceptEnv": ["LANG"]},
    {"action": "accept", "src": ["autogroup:member"], "dst": ["autogroup:self"], "users": ["localpart:*@example.com"]}
  ]"#;

#[test]
fn ssh_checks_come_before_accepts_and_own_names_only_to_own_devices() {
    let output = output(SSH);
    let rules = &output["server"].ssh_rules;
    assert!(rules[0].action.hold_and_delegate.is_some() && rules[1].action.accept);
    assert_eq!(rules[0].accept_env, ["LANG"]);
    assert_eq!(json!(rules[0].ssh_users), json!({"root": "", "ubuntu": "ubuntu"}));
    assert_eq!(json!(rules[1].ssh_users), json!({"*": "=", "root": "root"}));
    assert_eq!(rules[1].principals.len(), 6);
    let own = &output["laptop"].ssh_rules;
    assert_eq!(
        own.iter().map(|rule| json!(rule.ssh_users)).collect::<Vec<_>>(),
        [json!({"root": ""}), json!({"ana": "ana"})]
    );
    // bo's login is of another domain, so no name of its own.
    assert_eq!(output["desktop"].ssh_rules.len(), 1);
}

#[test]
fn ssh_tests_ask_every_name_at_every_destination() {
    let with =
        |tests: &str| check(&policy(&format!("{SSH}, \"sshTests\": [{tests}]")), &network()).map(|_| ());
    assert_eq!(with(r#"{"src": "bo@example.org", "dst": ["tag:server"], "accept": ["root", "x"]}"#), Ok(()));
    assert_eq!(
        with(r#"{"src": "ana@example.com", "dst": ["box"], "check": ["ubuntu"], "accept": ["root"]}"#),
        Ok(())
    );
    assert_eq!(with(r#"{"src": "dee@example.com", "dst": ["tag:server"], "deny": ["root"]}"#), Ok(()));
    assert_eq!(with(r#"{"src": "ana@example.com", "dst": ["ana@example.com"], "accept": ["ana"]}"#), Ok(()));
    let failed = |tests: &str| with(tests).unwrap_err().to_string();
    assert_eq!(
        failed(r#"{"src": "bo@example.org", "dst": ["tag:server"], "check": ["root"]}"#),
        "test(s) failed"
    );
    assert_eq!(
        failed(r#"{"src": "bo@example.org", "dst": ["fd7a:115c:a1e0::4"], "accept": ["root"]}"#),
        "test(s) failed"
    );
    assert_eq!(
        failed(r#"{"src": "bo@example.org", "dst": ["tag:none"], "accept": ["root"]}"#),
        "SSH tests dst contains unknown tag \"tag:none\""
    );
    assert_eq!(
        failed(r#"{"src": "bo@example.org", "dst": ["10.0.0.0/8"], "accept": ["root"]}"#),
        "SSH tests dst contains disallowed element \"10.0.0.0/8\""
    );
}

const RULES: &str = r#"
  "postures": {"posture:new": ["node:os == 'linux'", "node:tsVersion >= '1.60'"]},
  "grants": [
    {"src": ["group:team"], "dst": ["tag:server", "tag:spare"], "ip": ["tcp:22", "udp:53"]},
    {"src": ["tag:server"], "dst": ["lan"], "ip": ["443"], "srcPosture": ["posture:new"]}
  ]"#;

#[test]
fn every_failing_test_is_told_with_its_line_and_reason() {
    let text = format!(
        r#"{RULES}, "tests": [
    {{"src": "ana@example.com", "accept": ["tag:server:22", "tag:spare:53"], "deny": ["tag:router:22"]}},
    {{"src": "ana@example.com", "proto": "tcp", "accept": ["box:53"]}},
    {{"src": "dee@example.com", "deny": ["box:22"]}},
    {{"src": "group:team", "deny": ["[fd7a:115c:a1e0::4]:53"]}},
    {{"src": "tag:server", "accept": ["10.1.0.1:443"]}},
    {{"src": "tag:server", "accept": ["10.1.0.1:443"], "srcPostureAttrs": {{"node:os": "linux", "node:tsVersion": "1.100"}}}},
    {{"src": "ana@example.com", "accept": ["lan:443"]}}
  ]"#
    );
    let policy = policy(&text);
    let checked = validate(&policy, &network()).unwrap();
    let failures = run_tests(&policy, &checked, &network()).unwrap();
    let told: Vec<_> = failures.iter().map(|failure| (failure.rule.index, failure.reason.as_str())).collect();
    assert_eq!(
        told,
        [
            (1, "`ana@example.com` does not reach `box:53`"),
            (3, "`group:team` reaches `[fd7a:115c:a1e0::4]:53`"),
            (4, "`tag:server` does not reach `10.1.0.1:443`"),
            (6, "`lan:443`: a test takes no name for more than one address"),
        ]
    );
    let first = check(&policy, &network()).unwrap_err();
    assert_eq!((first.to_string().as_str(), first.line), ("test(s) failed", Some(failures[0].rule.line)));
}

#[test]
fn what_a_test_cannot_say_fails_it() {
    for test in [
        r#"{"accept": ["box:22"]}"#,
        r#"{"src": "ana@example.com"}"#,
        r#"{"src": "nobody@example.com", "deny": ["box:22"]}"#,
        r#"{"src": "ana@example.com", "accept": ["box:22-23"]}"#,
        r#"{"src": "ana@example.com", "accept": ["*:22"]}"#,
        r#"{"src": "ana@example.com", "accept": ["100.64.0.4/32:22"]}"#,
        r#"{"src": "ana@example.com", "accept": ["autogroup:internet:22"]}"#,
        r#"{"src": "ana@example.com", "proto": "icmp", "accept": ["box:22"]}"#,
        r#"{"src": "group:none", "deny": ["box:22"]}"#,
    ] {
        assert_eq!(refusal(&format!("{RULES}, \"tests\": [{test}]")).to_string(), "test(s) failed", "{test}");
    }
}

#[test]
fn attributes_are_the_union_of_all_entries_and_may_take_ipv4_away() {
    let output = output(
        r#""randomizeClientPort": true, "grants": [{"src": ["tag:web"], "dst": ["tag:router"], "ip": ["*"]}],
           "nodeAttrs": [
             {"target": ["autogroup:admin", "100.64.0.1"], "attr": ["x:y"]},
             {"target": ["tag:server"], "attr": ["disable-ipv4", "funnel"]},
             {"target": ["*"]}
           ]"#,
    );
    let keys = |node: &str| output[node].attributes.keys().cloned().collect::<Vec<_>>();
    assert_eq!(keys("laptop"), ["randomize-client-port", "x:y"]);
    assert_eq!(keys("desktop"), ["randomize-client-port", "x:y"]);
    // The owner is an admin too.
    assert_eq!(keys("phone"), ["randomize-client-port", "x:y"]);
    assert_eq!(keys("router"), ["randomize-client-port"]);
    assert!(
        keys("server").contains(&"https://tailscale.com/cap/funnel-ports?ports=443,8443,10000".to_owned())
    );
    assert_eq!(output["router"].packet_filter_rules[0].src_ips[..], ["fd7a:115c:a1e0::4"]);
}

#[test]
fn exit_nodes_are_approved_by_their_own_list_only() {
    let policy = policy(
        r#""autoApprovers": {"routes": {"10.0.0.0/8": ["tag:router"], "0.0.0.0/0": ["tag:exit"]}, "exitNode": ["tag:web"]}"#,
    );
    let network = network();
    let checked = validate(&policy, &network).unwrap();
    let of = |name: &str| {
        let index = network.node_named(name).unwrap();
        checked.approvals[index].iter().map(ToString::to_string).collect::<Vec<_>>()
    };
    assert_eq!(of("router"), ["10.1.0.0/16", "10.2.0.0/16"]);
    assert!(of("exit").is_empty());
}

#[test]
fn the_output_has_the_spelling_of_the_wire() {
    let output =
        output(r#""acls": [{"action": "accept", "proto": "udp", "src": ["tag:web"], "dst": ["lan:53"]}]"#);
    assert_eq!(
        json!(output["router"]),
        json!({
            "packet_filter_rules": [{
                "SrcIPs": ["100.64.0.4", "fd7a:115c:a1e0::4"],
                "DstPorts": [{"IP": "10.1.0.0/16", "Ports": {"First": 53, "Last": 53}}],
                "IPProto": [17]
            }],
            "ssh_rules": [],
            "peers": ["server"],
            "capabilities": {},
            "attributes": {}
        })
    );
}
