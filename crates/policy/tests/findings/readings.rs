//! Names of every kind in every section, in both readings.
//!
//! A proposed text is refused for what captures refuse and for what the documentation says cannot be; what neither speaks
//! of is told, and an error with `--strict`. One in force is never refused for a name: what rests on it is told, and the
//! rest of the file is worked out.

use policy::{run_tests, validate};

use super::*;

/// Each kind of name, with what is not known of it.
const NAMES: [&str; 12] = [
    "tag:gone",
    "group:gone",
    "autogroup:gone",
    "cellar",
    "ipset:gone",
    "user:*@gone.example",
    // Documentation of the policy file, "Synced groups".
    "group:staff@example.com",
    // Documentation of declarative node sharing, which has them as sources of grants. The file names `fleet` only.
    "group://fleet/players",
    "tag://fleet/runner",
    "tag://other/runner",
    // Known by themselves, but not in place everywhere.
    "svc:web",
    "*",
];

/// A section with a gap, and what becomes of each name there: refused, told and an error with `--strict`, told, nothing;
/// in force also a test that fails because it asks for what no test can.
struct Row {
    source: &'static str,
    section: &'static str,
    proposed: &'static str,
    in_force: &'static str,
}

const fn row(
    source: &'static str,
    section: &'static str,
    proposed: &'static str,
    in_force: &'static str,
) -> Row {
    Row { source, section, proposed, in_force }
}

const ROWS: [Row; 17] = [
    row(
        "policy-file, grants, src; captures: tag not found",
        r#""acls": [], "grants": [{"src": ["<>"], "dst": ["tag:server"], "ip": ["tcp:80"]}, REST]"#,
        "RRRRRRTTTSRN",
        "SSSSSSTTTSSN",
    ),
    row(
        "policy-file, grants, dst; no page has another tailnet there",
        r#""grants": [{"src": ["cleo@example.com"], "dst": ["<>"], "ip": ["tcp:80"]}, REST]"#,
        "RRRRRRTSSSNN",
        "SSSSSSTSSSNN",
    ),
    row(
        "policy-file, acls, src; captures: tag not found",
        r#""acls": [{"action": "accept", "src": ["<>"], "dst": ["tag:server:80"]}], "grants": [REST]"#,
        "RRRRRRTTTSRN",
        "SSSSSSTTTSSN",
    ),
    row(
        "policy-file, acls, dst; captures: tag not found",
        r#""acls": [{"action": "accept", "src": ["cleo@example.com"], "dst": ["<>:80"]}], "grants": [REST]"#,
        "RRRRRRTSSSNN",
        "SSSSSSTSSSNN",
    ),
    row(
        "policy-file, ssh, src: users, groups, tags and autogroups",
        r#""grants": [REST], "ssh": [{"action": "accept", "src": ["<>"], "dst": ["tag:server"], "users": ["root"]}]"#,
        "RRRRRRTTTSRR",
        "SSSSSSTTTSSS",
    ),
    row(
        "policy-file, ssh, dst: users, tags and autogroups; captures: invalid dst",
        r#""grants": [REST], "ssh": [{"action": "accept", "src": ["autogroup:member"], "dst": ["<>"], "users": ["root"]}]"#,
        "RRRRRRRSSSRR",
        "SSSSSSTSSSSS",
    ),
    row(
        "session-recording: recorders by their tags; no capture has one",
        r#""grants": [REST], "ssh": [{"action": "accept", "src": ["autogroup:member"], "dst": ["tag:server"], "users": ["root"], "recorder": ["<>"]}]"#,
        "SSSSSSTSSSSS",
        "SSSSSSTSSSSS",
    ),
    row(
        "policy-file, node attributes; captures: tag not found, invalid address",
        r#""grants": [REST], "nodeAttrs": [{"target": ["<>"], "attr": ["x:y"]}]"#,
        "RRRRRRTSSSRN",
        "SSSSSSTSSSSN",
    ),
    row(
        "policy-file, auto approvers, routes",
        r#""grants": [REST], "autoApprovers": {"routes": {"192.0.2.0/24": ["<>"]}}"#,
        "RRRRRRTSSSRR",
        "SSSSSSTSSSSS",
    ),
    row(
        "policy-file, auto approvers, exitNode",
        r#""grants": [REST], "autoApprovers": {"exitNode": ["<>"]}"#,
        "RRRRRRTSSSRR",
        "SSSSSSTSSSSS",
    ),
    row(
        "services, auto approval",
        r#""grants": [REST], "autoApprovers": {"services": {"svc:web": ["<>"]}}"#,
        "RRRRRRTSSSRR",
        "SSSSSSTSSSSS",
    ),
    row(
        "policy-file, tag owners: users, groups, autogroups and tags, each defined; nothing says what becomes of others",
        r#""grants": [REST], "tagOwners": {"tag:server": ["<>"], "tag:router": []}"#,
        "RRSSSSTSSSSS",
        "SSSSSSTSSSSS",
    ),
    row(
        "policy-file, groups: full email addresses; captures: group members cannot be recursive",
        r#""grants": [REST], "groups": {"group:house": ["<>"]}"#,
        "SRSNSSRSSSSS",
        "SSSNSSSSSSSS",
    ),
    row(
        "policy-file, tests, src; captures: test(s) failed",
        r#""grants": [REST], "tests": [{"src": "<>", "accept": ["tag:server:22"]}]"#,
        "RRRRRRTSSSRR",
        "SSSSSSTSSSFF",
    ),
    row(
        "policy-file, tests, accept; captures: test(s) failed",
        r#""grants": [REST], "tests": [{"src": "ben@example.com", "accept": ["<>:22"]}]"#,
        "RRRRRRTSSSRR",
        "SSSSSSTSSSFF",
    ),
    row(
        "policy-file, sshTests, src; captures: test(s) failed",
        r#""grants": [REST], "sshTests": [{"src": "<>", "dst": ["tag:server"], "deny": ["root"]}]"#,
        "RRRRRRTSSSRR",
        "SSSSSSTSSSFF",
    ),
    row(
        "policy-file, sshTests, dst; captures: SSH tests dst contains unknown tag, disallowed element",
        r#""grants": [REST], "sshTests": [{"src": "ben@example.com", "dst": ["<>"], "deny": ["root"]}]"#,
        "RRRRRRTSSSRR",
        "SSSSSSTSSSFF",
    ),
];

/// What every text here says besides, and what has to be worked out of it.
const REST: &str = r#"{"src": ["ben@example.com"], "dst": ["tag:server"], "ip": ["tcp:22"]}"#;
const TAILNETS: &str = r#""externalTailnets": {"fleet": {"externalID": "TxTEST"}}"#;

/// The section is in the second line.
fn text(section: &str) -> String {
    let own = section.replace("REST", REST);
    let tags = if own.contains("\"tagOwners\"") { String::new() } else { format!(", {TAGS}") };
    format!("{{\n{own},\n{TAILNETS}{tags}}}")
}

/// What becomes of a text, by a letter, and what is told of it.
fn outcome(text: &str, reading: Reading) -> (char, Vec<String>) {
    let network = network();
    let checked = Policy::read(text, reading).and_then(|policy| {
        let checked = validate(&policy, &network)?;
        run_tests(&policy, &checked, &network)
    });
    let failures = match checked {
        Ok(failures) => failures,
        Err(error) => return ('R', vec![error.to_string()]),
    };
    if !failures.is_empty() {
        let fails = if reading.is_in_force() { 'F' } else { 'R' };
        return (fails, failures.into_iter().map(|failure| failure.reason).collect());
    }
    let mut all = lint(text, &network, reading).unwrap();
    all.retain(|lint| matches!(lint.kind, LintKind::NotKnown(_) | LintKind::Unknown { .. }));
    assert!(all.iter().all(|lint| lint.line == 2), "{all:?}: {text}");
    let letter = if all.iter().any(|lint| lint.kind.fails_strict()) {
        'S'
    } else if all.is_empty() {
        'N'
    } else {
        'T'
    };
    (letter, all.into_iter().map(|lint| lint.kind.to_string()).collect())
}

/// That the rest of the file is worked out.
fn works(text: &str, reading: Reading) {
    let engine = Engine::read(text, &network(), reading).unwrap();
    assert_eq!(told(&engine, "ben@example.com", "srv", 22), Some(true), "{text}");
    assert_eq!(told(&engine, "tag:router", "nas", 23), Some(false), "{text}");
}

#[test]
fn a_name_of_any_kind_is_refused_told_or_known_in_any_section() {
    let mut wrong = Vec::new();
    for row in ROWS {
        for (reading, wanted) in [(Reading::Proposed, row.proposed), (Reading::InForce, row.in_force)] {
            assert_eq!(wanted.len(), NAMES.len(), "{}", row.source);
            for (name, wanted) in NAMES.iter().zip(wanted.chars()) {
                let text = text(&row.section.replace("<>", name));
                let (letter, said) = outcome(&text, reading);
                if letter != wanted {
                    wrong
                        .push(format!("{} {reading:?} {name}: {letter}, not {wanted}: {said:?}", row.source));
                } else if letter != 'R' {
                    works(&text, reading);
                }
                if matches!(letter, 'S' | 'T') {
                    assert!(said.iter().any(|lint| lint.contains(&format!("`{name}`"))), "{said:?}");
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

// What it is stands in its form: `group` or `tag`, and the tailnet by the name that the file has for it.
#[test]
fn a_name_of_another_tailnet_is_told_for_what_it_is() {
    for row in ROWS {
        for reading in [Reading::Proposed, Reading::InForce] {
            for (name, wanted) in [
                ("group://fleet/players", "`group://fleet/players` is a group of another tailnet, `fleet`;"),
                ("tag://fleet/runner", "`tag://fleet/runner` is a tag of another tailnet, `fleet`;"),
                ("tag://other/runner", "`externalTailnets` has no `other`"),
            ] {
                let in_group = if name.starts_with("group") {
                    "is a group of another tailnet, no login"
                } else {
                    "is a tag of another tailnet, no login"
                };
                let wanted = if row.section.contains("\"groups\"") { in_group } else { wanted };
                let (_, said) = outcome(&text(&row.section.replace("<>", name)), reading);
                assert!(said.iter().any(|lint| lint.contains(wanted)), "{}: {said:?}", row.source);
            }
        }
    }
}

#[test]
fn what_a_rule_for_ssh_in_force_says_of_others_is_worked_out() {
    let network = network();
    for name in NAMES {
        let rule = format!(
            r#"{{"action": "accept", "src": ["ben@example.com", "{name}"], "dst": ["tag:server", "{name}"], "users": ["root", "localpart:*@gone.example"]}}"#
        );
        let tests = r#"{"src": "ben@example.com", "dst": ["tag:server"], "accept": ["root"]}"#;
        // Nobody knows whether they get in there.
        let perhaps = r#"{"src": "cleo@example.com", "dst": ["tag:server"], "deny": ["root"]}"#;
        let text = text(&format!(r#""grants": [REST], "ssh": [{rule}], "sshTests": [{tests}, {perhaps}]"#));
        let policy = Policy::read(&text, Reading::InForce).unwrap();
        let compiled = policy::compile(&policy, &network).unwrap();
        let rules = compiled.ssh_rules(network.node_named("srv").unwrap());
        let from = |rule: &policy::compile::wire::SshRule| rule.principals[0].node_ip.clone();
        assert_eq!(rules.iter().map(from).next().unwrap(), "100.64.0.3", "{name}");
        let failures = run_tests(&policy, compiled.checked(), &network).unwrap();
        assert!(failures.is_empty(), "{name}: {failures:?}");
    }
}

// A test in force says nothing of what is not known here, but what it says of others it says.
#[test]
fn a_test_in_force_is_judged_as_far_as_it_is_known() {
    for (test, holds) in [
        (r#"{"src": "ben@example.com", "accept": ["tag:gone:22", "tag:server:22"]}"#, true),
        (r#"{"src": "ben@example.com", "accept": ["tag:gone:22", "tag:server:23"]}"#, false),
        (r#"{"src": "gone@example.com", "accept": ["tag:server:23"]}"#, true),
        // Whom the rule names and where it leads is not known.
        (r#"{"src": "cleo@example.com", "accept": ["tag:router:80"], "deny": ["tag:router:81"]}"#, true),
        (r#"{"src": "anna@example.com", "accept": ["tag:router:90"], "deny": ["tag:router:90"]}"#, true),
        (r#"{"src": "anna@example.com", "accept": ["tag:router:91"]}"#, false),
    ] {
        let rules = r#"{"src": ["cleo@example.com"], "dst": ["autogroup:gone"], "ip": ["tcp:80"]},
            {"src": ["autogroup:gone"], "dst": ["tag:router"], "ip": ["tcp:90"]}"#
            .replace('\n', " ");
        let text = text(&format!(r#""grants": [{rules}, REST], "tests": [{test}]"#));
        let policy = Policy::read(&text, Reading::InForce).unwrap();
        let network = network();
        let checked = validate(&policy, &network).unwrap();
        assert_eq!(run_tests(&policy, &checked, &network).unwrap().is_empty(), holds, "{test}");
        assert_eq!(check(&policy, &network).is_ok(), holds, "the next write is refused: {test}");
        assert!(policy::compile(&policy, &network).is_ok(), "what is in force is sent: {test}");
    }
}

// A value of another shape than is known is a refusal, but not of what is in force, where it decides about no reach.
#[test]
fn a_value_of_another_shape_in_force_is_left_out_and_told() {
    for section in [
        r#""tagOwners": {"tag:server": "ben@example.com", "tag:router": []}"#,
        r#""tagOwners": {"tag:server": {"owners": []}, "tag:router": []}"#,
        r#""nodeAttrs": {"all": 1}"#,
        r#""nodeAttrs": ["all"]"#,
        r#""nodeAttrs": [{"target": "*", "attr": ["x:y"]}]"#,
        r#""autoApprovers": []"#,
        r#""autoApprovers": {"routes": []}"#,
        r#""autoApprovers": {"routes": {"10.0.0.0/24": "tag:server"}}"#,
        r#""autoApprovers": {"exitNode": "tag:server"}"#,
        r#""autoApprovers": {"services": {"svc:web": 1}}"#,
        r#""ssh": {"all": 1}"#,
        r#""ssh": [{"action": 1}]"#,
        r#""tests": {"all": 1}"#,
        r#""tests": [{"src": ["ben@example.com"], "accept": ["tag:server:22"]}]"#,
        r#""sshTests": ["all"]"#,
        r#""randomizeClientPort": "yes""#,
        r#""OneCGNATRoute": true"#,
    ] {
        let text = text(&format!("\"grants\": [REST], {section}"));
        assert_eq!(outcome(&text, Reading::Proposed).0, 'R', "{section}");
        assert_eq!(outcome(&text, Reading::InForce).0, 'S', "{section}");
        works(&text, Reading::InForce);
    }
    for section in [
        r#""groups": []"#,
        r#""hosts": {"nas": 1}"#,
        r#""acls": {}"#,
        r#""postures": 1"#,
        r#""disableIPv4": "x""#,
    ] {
        let text = text(&format!("\"grants\": [REST], {section}"));
        for reading in [Reading::Proposed, Reading::InForce] {
            assert_eq!(outcome(&text, reading).0, 'R', "{section} is needed for an answer");
        }
    }
}

// Documentation of the policy file, "Autogroups": one file may not have both.
#[test]
fn both_forms_of_the_members_are_told_wherever_they_stand() {
    for row in ROWS {
        for [old, new] in [["members", "member"], ["member", "members"]] {
            let one = row.section.replace("<>", &format!("autogroup:{old}"));
            let other = format!(r#"{{"src": ["autogroup:{new}"], "dst": ["tag:server"], "ip": ["tcp:22"]}}"#);
            let text = format!("{{{}, {TAILNETS}, {TAGS}}}", one.replace("REST", &other));
            let text =
                if one.contains("\"tagOwners\"") { text.replace(&format!(", {TAGS}"), "") } else { text };
            let alone = text.replace("autogroup:members", "autogroup:member");
            for reading in [Reading::Proposed, Reading::InForce] {
                let told = |text: &str| lints(text, reading).contains(&LintKind::BothMembers);
                assert!(told(&text) && !told(&alone), "{}: {text}", row.source);
            }
        }
    }
    assert!(LintKind::BothMembers.fails_strict());
}
