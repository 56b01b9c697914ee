use super::*;

#[test]
fn old_capitalised_files_with_users_and_ports_are_read() {
    let policy = Policy::parse(
        r#"{"ACLs": [{"Action": "accept", "Users": ["*"], "Ports": ["*:22"]}], "Tests": [{"User": "a@b.c", "Allow": ["h:1"]}]}"#,
    )
    .unwrap();
    let acl = &policy.acls.as_ref().unwrap()[0];
    assert_eq!((acl.src[0].as_str(), acl.dst[0].as_str()), ("*", "*:22"));
    assert_eq!(policy.tests[0].accept[0].as_str(), "h:1");
    assert!(!policy.allows_by_default());
}

#[test]
fn what_is_unknown_is_reported_with_its_line() {
    let policy =
        Policy::parse("{\n  \"extra\": 1,\n  \"acls\": [{\n    \"note\": \"x\",\n  }],\n}\n").unwrap();
    let seen: Vec<_> = policy.unknown.iter().map(|field| (field.path.as_str(), field.line)).collect();
    assert_eq!(seen, [("extra", 2), ("acls[0].note", 4)]);
}

#[test]
fn a_rule_knows_its_lines_and_bytes() {
    let text = "{\n  \"acls\": [\n    // why\n    {\n      \"src\": [\"*\"],\n    },\n  ],\n}\n";
    let policy = Policy::parse(text).unwrap();
    let rule = policy.acls.unwrap()[0].rule;
    assert_eq!((rule.line, rule.end_line), (4, 6));
    let source = text.get(rule.span()).unwrap();
    assert!(source.starts_with('{') && source.ends_with('}'));
}

#[test]
fn values_of_the_wrong_type_and_keys_given_twice_are_refused_with_their_place() {
    let refusal = |text: &str| {
        let error = Policy::parse(text).unwrap_err();
        (error.to_string(), error.line)
    };
    assert_eq!(
        refusal("{\"acls\": [{\n\"src\": \"*\"}]}"),
        ("acls[0].src: expected a list, found a string".into(), Some(2))
    );
    assert_eq!(refusal("{\"acls\": [],\n\"ACLs\": []}"), ("duplicate key \"ACLs\"".into(), Some(2)));
    assert_eq!(refusal("[]").0, "the policy: expected an object, found a list");
    assert!(refusal("{").0.starts_with("hujson: "));
}
