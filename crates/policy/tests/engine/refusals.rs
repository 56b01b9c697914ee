use crate::world::refusal;

/// The text, and the line within the sections given.
fn refused(sections: &str) -> String {
    let error = refusal(sections);
    assert!(error.line.is_some() && error.span.is_some(), "{error} has no place");
    error.to_string()
}

fn grant(fields: &str) -> String {
    refused(&format!("\"grants\": [{{{fields}}}]"))
}

fn acl(src: &str, dst: &str) -> String {
    refused(&format!("\"acls\": [{{\"action\": \"accept\", \"src\": [\"{src}\"], \"dst\": [\"{dst}\"]}}]"))
}

fn ssh(fields: &str) -> String {
    let rest = "\"src\": [\"tag:web\"], \"dst\": [\"tag:server\"]";
    refused(&format!("\"ssh\": [{{{fields}, {rest}}}]"))
}

// Each text is from a capture of the hosted control plane, or is its pattern with another name.
#[test]
fn acls_are_refused_in_the_words_of_the_control_plane() {
    assert_eq!(acl("tag:none", "*:*"), "src=tag not found: \"tag:none\"");
    assert_eq!(acl("*", "tag:none:22"), "dst=\"tag:none\": tag not found: \"tag:none\"");
    assert_eq!(acl("autogroup:self", "*:*"), "\"autogroup:self\" not valid on the src side of a rule");
    assert_eq!(
        acl("*", "autogroup:self"),
        "dst=\"autogroup:self\": port range \"self\": invalid first integer"
    );
    assert_eq!(acl("*", "tag:web:ssh"), "dst=\"tag:web:ssh\": port range \"ssh\": invalid first integer");
    let own = "autogroup:self can only be used with users, groups, or supported autogroups";
    assert_eq!(acl("tag:web", "autogroup:self:*"), own);
    assert_eq!(acl("box", "autogroup:self:*"), own);
    assert_eq!(
        refused(r#""acls": [{"action": "deny", "src": ["*"], "dst": ["*:*"]}]"#),
        "action=\"deny\" is not supported"
    );
}

#[test]
fn grants_are_refused_in_the_words_of_the_control_plane() {
    let all = r#""src": ["*"], "dst": ["*"]"#;
    assert_eq!(grant(all), "ip and app can not both be empty");
    assert_eq!(grant(&format!(r#"{all}, "ip": [], "app": {{}}"#)), "ip and app can not both be empty");
    assert_eq!(
        grant(&format!(r#"{all}, "ip": ["tcp:0"]"#)),
        "port range \"0\": first port must be >0, or use '*' for wildcard"
    );
    let domain = "capability name must not be in the tailscale.com domain";
    assert_eq!(grant(&format!(r#"{all}, "app": {{"tailscale.com/cap/funnel": [{{}}]}}"#)), domain);
    assert_eq!(
        grant(&format!(r#"{all}, "ip": ["*"], "via": ["autogroup:tagged"]"#)),
        "via can only be a tag"
    );
    assert_eq!(
        grant(&format!(r#"{all}, "ip": ["*"], "via": ["tag:web", "tag:none"]"#)),
        "tag \"tag:none\" not found"
    );
    let everything = "dst \"::/0\": to allow all IP addresses, use \"*\" or \"autogroup:internet\"";
    assert_eq!(grant(r#""src": ["*"], "dst": ["::/0"], "ip": ["*"]"#), everything);
    assert_eq!(
        grant(r#""src": ["*"], "dst": ["autogroup:danger-all"], "ip": ["*"]"#),
        "cannot use autogroup:danger-all as a dst"
    );
    assert_eq!(
        grant(r#""src": ["*"], "dst": ["autogroup:internet"], "app": {"a.com/x": []}"#),
        "cannot use app grants with autogroup:internet"
    );
    assert_eq!(
        grant(r#""src": ["*"], "dst": ["autogroup:self"], "ip": ["22"]"#),
        "autogroup:self can only be used with users, groups, or supported autogroups"
    );
}

#[test]
fn ssh_rules_are_refused_in_the_words_of_the_control_plane() {
    assert_eq!(ssh(r#""users": ["root"]"#), "action must be specified");
    assert_eq!(ssh(r#""action": "ACCEPT", "users": ["root"]"#), "\"ACCEPT\" is not a valid action");
    assert_eq!(ssh(r#""action": "accept", "users": null"#), "users must be specified");
    assert_eq!(ssh(r#""action": "accept", "users": ["root", ""]"#), "user \"\" is not valid");
    assert_eq!(
        ssh(r#""action": "accept", "users": ["root"], "acceptEnv": [""]"#),
        "acceptEnv values cannot be empty"
    );
    let period =
        |text: &str| ssh(&format!(r#""action": "check", "users": ["root"], "checkPeriod": "{text}""#));
    assert_eq!(period("-1m"), "checkPeriod -1m0s must be a positive duration");
    assert_eq!(period("168h0m1s"), "checkPeriod 168h0m1s is above the max (168h)");
    assert_eq!(period("abc"), "time: invalid duration \"abc\"");
    assert_eq!(
        ssh(r#""action": "accept", "users": ["localpart:*@example.org"]"#),
        "example.org is not associated with this Tailnet and cannot be used in user:*@<domain> expressions"
    );
    assert_eq!(
        refused(
            r#""ssh": [{"action": "accept", "src": ["user:*@x.org"], "dst": ["tag:web"], "users": ["a"]}]"#
        ),
        "[ssh] x.org is not associated with this Tailnet and cannot be used in user:*@<domain> expressions"
    );
    assert_eq!(
        refused(r#""ssh": [{"action": "accept", "src": ["tag:web"], "dst": ["box"], "users": ["a"]}]"#),
        "invalid dst \"box\""
    );
}

#[test]
fn names_and_attributes_are_refused_in_the_words_of_the_control_plane() {
    let plain = |text: &str| {
        let policy = policy::Policy::parse(text).unwrap();
        policy::validate(&policy, &crate::world::network()).unwrap_err().to_string()
    };
    assert_eq!(
        plain(r#"{"groups": {"group:a": ["group:b"], "group:b": ["group:a"]}}"#),
        "groups[\"group:b\"]: \"group:a\": group members cannot be recursive"
    );
    assert_eq!(
        plain("{\"tagOwners\": {\"tag:сервер\": []}}"),
        "tagOwners[\"tag:сервер\"]: tag names must start with a letter, after 'tag:'"
    );
    assert_eq!(
        refused(r#""nodeAttrs": [{"target": ["%bogus%"], "attr": ["x"]}]"#),
        "\"%bogus%\": invalid address"
    );
    assert_eq!(
        refused(r#""nodeAttrs": [{"target": ["tag:none"], "attr": ["x"]}]"#),
        "tag not found: \"tag:none\""
    );
    assert_eq!(
        refused(r#""nodeAttrs": [{"target": ["*"], "ipPool": ["100.100.100.0/24"]}]"#),
        "IPPool(100.100.100.0/24): network within reserved range"
    );
}

#[test]
fn too_large_a_policy_is_an_error_and_not_a_wait() {
    let rule = r#"{"action":"accept","src":["*"],"dst":["*:*"]}"#;
    let text = format!("{{\"acls\": [{}]}}", vec![rule; policy::Policy::MAX_RULES + 1].join(","));
    let error = policy::Policy::parse(&text).unwrap_err();
    assert_eq!(error.kind, policy::PolicyErrorKind::TooLarge);
    assert_eq!(error.to_string(), "the policy has 20001 rules; the engine takes up to 20000");
    let long = " ".repeat(policy::Policy::MAX_BYTES + 1);
    assert_eq!(policy::Policy::parse(&long).unwrap_err().kind, policy::PolicyErrorKind::TooLarge);
    let nodes: Vec<_> = (0..=policy::Network::MAX_NODES).map(|n| format!("\"n{n}\": {{}}")).collect();
    let error = policy::Network::parse(&format!("{{\"nodes\": {{{}}}}}", nodes.join(","))).unwrap_err();
    assert_eq!(error.to_string(), "the network has 20001 nodes; the engine takes up to 20000");
}

#[test]
fn a_short_text_that_asks_for_much_work_is_an_error_too() {
    let nobody: Vec<_> = (0..40_000).map(|n| format!("\"x{n}@a.org\"")).collect();
    let rule = r#"{"action":"accept","src":["group:x"],"dst":["*:*"]}"#;
    let rules = format!("\"acls\": [{}]", vec![rule; 2000].join(","));
    let text = format!("{{\"groups\": {{\"group:x\": [{}]}}, {rules}}}", nobody.join(","));
    let refused = |text: &str, network: &policy::Network| {
        let error = policy::compile(&policy::Policy::parse(text).unwrap(), network).unwrap_err();
        assert_eq!(error.kind, policy::PolicyErrorKind::TooLarge);
        error.to_string()
    };
    assert_eq!(
        refused(&text, &crate::world::network()),
        "the rules of the policy need more than 16777216 steps, the limit of the engine; use fewer or simpler rules"
    );
    let nodes: Vec<_> =
        (0..20_000).map(|n| format!("\"n{n}\": {{\"ipv4\": \"100.64.{}.{}\"}}", n / 256, n % 256)).collect();
    let network = policy::Network::parse(&format!("{{\"nodes\": {{{}}}}}", nodes.join(","))).unwrap();
    let open: Vec<_> =
        (1..300).map(|n| format!(r#"{{"action":"accept","src":["*"],"dst":["*:{n}"]}}"#)).collect();
    let text = format!("{{\"acls\": [{}]}}", open.join(","));
    assert!(refused(&text, &network).starts_with("the packet filters need more than 5000000 steps"));
}
