use policy::{Policy, PolicyErrorKind, Reading, compile, lint, run_tests, validate};
use proptest::prelude::*;

use crate::world::network;

/// Texts at the edges of what a field may hold.
fn odd() -> impl Strategy<Value = String> {
    let known = [
        "*",
        "",
        " ",
        ":",
        "tag:",
        "tag:web",
        "group:",
        "group:team",
        "autogroup:",
        "autogroup:self",
        "autogroup:internet",
        "autogroup:danger-all",
        "user:*@",
        "user:*@example.com",
        "localpart:*@example.com",
        "svc:x",
        "ipset:a",
        "box",
        "lan",
        "10.0.0.0/8",
        "0.0.0.0/0",
        "::",
        "::/0",
        "fd7a:115c:a1e0::4",
        "[::1]:22",
        "1.2.3.4-1.2.3.9",
        "255.255.255.255/32",
        "*:*",
        "tag:web:22",
        "box:0-65535",
        "lan:22,80-90",
        "a:b:c:65536",
        "tcp:1-2",
        "icmp:*",
        "256:*",
        "accept",
        "check",
        "168h",
        "-9223372036854775808ns",
        "ana@example.com",
        "@",
        "add lan",
        "remove ipset:a",
        "node:os == 'x'",
        "\u{202e}é",
    ];
    prop_oneof![4 => proptest::sample::select(known.to_vec()).prop_map(str::to_owned), 1 => ".{0,12}"]
}

fn list() -> impl Strategy<Value = String> {
    proptest::collection::vec(odd(), 0..4).prop_map(|texts| serde_json::json!(texts).to_string())
}

fn fields(names: &'static [&'static str]) -> impl Strategy<Value = String> {
    let value = prop_oneof![6 => list(), 2 => odd().prop_map(|text| serde_json::json!(text).to_string()), 1 => Just("null".into())];
    let values = proptest::collection::vec(value, names.len());
    values.prop_map(|values| {
        let fields: Vec<_> =
            names.iter().zip(values).map(|(name, value)| format!("\"{name}\": {value}")).collect();
        format!("{{{}}}", fields.join(", "))
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    #[test]
    fn no_policy_makes_the_engine_panic_and_none_in_force_is_refused(
        acl in fields(&["src", "dst", "srcPosture"]),
        grant in fields(&["src", "dst", "ip", "via"]),
        ssh in fields(&["src", "dst", "users", "acceptEnv"]),
        attr in fields(&["target", "attr", "ipPool"]),
        test in fields(&["accept", "deny"]),
        ssh_test in fields(&["dst", "accept", "deny", "check"]),
        (one, two, three) in (odd(), odd(), odd()),
        names in fields(&["group:team", "ipset:a", "tag:web", "posture:p", "routes"]),
        chosen in 0usize..9,
    ) {
        let put = |object: &str, more: &str| format!("{}, {more}}}", object.trim_end_matches('}'));
        let text = |value: &str| serde_json::json!(value).to_string();
        let sections = [
            format!("\"acls\": [{}]", put(&acl, &format!("\"action\": \"accept\", \"proto\": {}", text(&one)))),
            format!("\"grants\": [{}]", put(&grant, "\"app\": {\"a.com/x\": [1]}")),
            format!("\"ssh\": [{}]", put(&ssh, &format!("\"action\": {}, \"checkPeriod\": {}", text(&one), text(&two)))),
            format!("\"nodeAttrs\": [{attr}]"),
            format!("\"tests\": [{}]", put(&test, &format!("\"src\": {}, \"proto\": {}", text(&two), text(&three)))),
            format!("\"sshTests\": [{}]", put(&ssh_test, &format!("\"src\": {}", text(&one)))),
            format!("\"groups\": {names}"),
            format!("\"ipsets\": {names}, \"postures\": {names}"),
            format!("\"hosts\": {{\"lan\": {}}}, \"autoApprovers\": {{\"routes\": {names}}}", text(&one)),
        ];
        // Each section alone, so that one refusal does not hide the others, and all in one file.
        let tags = "\"tagOwners\": {\"tag:web\": []}";
        for policy in [format!("{{{tags}, {}}}", sections[chosen]), format!("{{{tags}, {}}}", sections.join(", "))] {
            let network = network();
            if let Ok(policy) = Policy::parse(&policy)
                && let Ok(compiled) = compile(&policy, &network)
            {
                serde_json::to_string(&compiled.output()).unwrap();
            }
            // What is in force is refused for nothing that it names.
            match Policy::read(&policy, Reading::InForce) {
                Ok(taken) => {
                    let checked = validate(&taken, &network).unwrap();
                    run_tests(&taken, &checked, &network).unwrap();
                    compile(&taken, &network).unwrap();
                    lint(&policy, &network, Reading::InForce).unwrap();
                }
                Err(error) => assert_eq!(error.kind, PolicyErrorKind::Syntax, "{error}: {policy}"),
            }
        }
    }
}
