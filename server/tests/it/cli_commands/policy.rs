//! `policy …`.

use serde_json::json;

use super::{Answer, Folder, acequia, acequia_with};

const NETWORK: &str = r#"{
  "users": [
    {"id": 1, "name": "ana", "email": "ana@example.com", "role": "owner"},
    {"id": 2, "name": "dee", "email": "dee@github", "type": "shared"}
  ],
  "nodes": {
    "laptop": {"hostname": "laptop", "ipv4": "100.64.0.1", "tags": [], "user": "ana"},
    "mc": {"hostname": "mc", "ipv4": "100.64.0.2", "ipv6": "fd7a:115c:a1e0::2", "tags": ["tag:game"], "shared_to": ["dee@github"]},
    "nas": {"hostname": "nas", "ipv4": "100.64.0.3", "tags": null, "user": "ana", "routable_ips": null}
  }
}"#;

const POLICY: &str = r#"{
  // who may do what
  "tagOwners": {"tag:game": ["ana@example.com"]},
  "grants": [
    {"src": ["autogroup:member"], "dst": ["*"], "ip": ["*"]},
    {"src": ["dee@github"], "dst": ["tag:game"], "ip": ["tcp:25565", "udp:19132-19133"]},
  ],
}
"#;

const WIDE: &str = "{\n\t\"acls\": [\n\t\t// all\n\t\t{\"action\": \"accept\", \"src\": [\"*\"], \"dst\": [\"*:*\"]},\n\t],\n}\n";

/// A command on one policy and the network above.
fn policy(command: &str, text: &str, more: &[&str]) -> Answer {
    let folder = Folder::new();
    let network = folder.write("network.json", NETWORK);
    let arguments = [&["policy", command, "--policy", "-", "--network", &network], more].concat();
    acequia_with(&arguments, text)
}

fn reach(more: &[&str]) -> Answer {
    policy("reach", POLICY, more)
}

#[test]
fn compile_prints_what_every_node_gets() {
    let nodes = policy("compile", POLICY, &[]).json()["nodes"].clone();
    assert_eq!(nodes.as_object().unwrap().keys().collect::<Vec<_>>(), ["laptop", "mc", "nas"]);
    let mc = &nodes["mc"];
    for part in ["packet_filter_rules", "ssh_rules", "peers", "capabilities", "attributes"] {
        assert!(!mc[part].is_null(), "{part}");
    }
    assert_eq!(mc["peers"], json!(["laptop", "nas"]));
    let words = policy("compile", POLICY, &["--format", "text"]);
    assert!(words.good().contains("mc\n  sees all others\n  lets 100.64.0.1, 100.64.0.3"), "{}", words.out);
}

#[test]
fn a_refused_policy_is_an_answer_with_the_exact_text_and_its_place() {
    let wrong = "{\"grants\": [\n  {\"src\": [\"tag:gone\"], \"dst\": [\"*\"], \"ip\": [\"*\"]},\n]}";
    let answer = policy("compile", wrong, &[]);
    assert_eq!(answer.code, 1);
    assert_eq!(answer.json(), json!({"error": "src=tag not found: \"tag:gone\""}));
    assert!(answer.err.contains(" --> standard input:2:"), "{}", answer.err);
    assert!(answer.err.contains("^^^"), "{}", answer.err);
    assert_eq!(answer.last_words(), "error: src=tag not found: \"tag:gone\"");
    assert!(!answer.err.contains('\u{1b}'), "colours only on a terminal");

    let syntax = policy("compile", "{\"acls\": [", &[]);
    let text = "hujson: line 1, column 11: parsing value: unexpected EOF";
    assert_eq!((syntax.code, syntax.json()), (1, json!({ "error": text })));
    assert_eq!(policy("compile", "{\"acls\": [", &["--format", "text"]).out, "");
    for command in ["reach", "check", "narrow"] {
        assert_eq!(policy(command, wrong, &[]).code, 1, "{command}");
    }
}

#[test]
fn check_runs_the_tests_and_finds_what_is_said_in_vain() {
    let good = policy("check", POLICY, &[]);
    assert_eq!((good.code, good.out.as_str()), (0, ""), "{good:?}");
    let failing = POLICY.replacen(
        '{',
        r#"{
  "groups": {"group:nobody": []},
  "tests": [{"src": "dee@github", "deny": ["tag:game:25565"]}],"#,
        1,
    );
    let words = policy("check", &failing, &[]);
    assert_eq!((words.code, words.out.as_str()), (1, ""));
    for part in
        ["tests[0]", "standard input:3:", "`group:nobody` in groups is named nowhere", "standard input:2:"]
    {
        assert!(words.err.contains(part), "{part}: {}", words.err);
    }
    let report = policy("check", &failing, &["--format", "json"]);
    assert_eq!(report.code, 1);
    let report = report.json();
    assert_eq!((&report["ok"], &report["error"]), (&json!(false), &json!("test(s) failed")));
    assert_eq!(report["tests"][0]["line"], 3);
    let lint = &report["lints"][0];
    assert_eq!((&lint["kind"], &lint["line"]), (&json!("unused"), &json!(2)));
    // The fix can be applied: the bytes are those of the text.
    let change = &lint["fix"][0];
    let at = |end: &str| usize::try_from(change[end].as_u64().unwrap()).unwrap();
    let mut fixed = failing.clone();
    fixed.replace_range(at("start")..at("end"), change["replacement"].as_str().unwrap());
    assert!(!fixed.contains("group:nobody"), "{fixed}");

    let wide = policy("check", WIDE, &["--format", "json"]);
    assert_eq!((wide.code, &wide.json()["exposures"][0]["narrowing_helps"]), (0, &json!(true)));
}

#[test]
fn reach_lists_who_reaches_what_by_which_rules() {
    let answer = reach(&["--from", "dee@github", "--to", "mc"]);
    assert_eq!(answer.code, 0, "{answer:?}");
    let list = reach(&["--from", "dee@github"]).json();
    assert_eq!(
        list,
        json!([
            {"who": "dee@github", "node": "mc", "protocol": "tcp", "ports": ["25565"],
             "rules": [{"section": "grants", "index": 1, "line": 6}]},
            {"who": "dee@github", "node": "mc", "protocol": "udp", "ports": ["19132-19133"],
             "rules": [{"section": "grants", "index": 1, "line": 6}]},
        ])
    );
    let to_port = reach(&["--to", "mc:19132", "--proto", "udp"]).json();
    let who: Vec<&str> =
        to_port.as_array().unwrap().iter().map(|entry| entry["who"].as_str().unwrap()).collect();
    assert_eq!(who, ["ana@example.com", "dee@github"]);
    let words = reach(&["--from", "dee@github", "--format", "text"]);
    assert_eq!(words.good(), "dee@github\n  mc  tcp 25565  (line 6)\n  mc  udp 19132-19133  (line 6)\n");
}

#[test]
fn a_question_is_answered_by_the_exit_code_too() {
    for (from, to, proto, code) in [
        ("dee@github", "mc:25565", None, 0),
        ("dee@github", "100.64.0.2:25565", Some("tcp"), 0),
        ("dee@github", "[fd7a:115c:a1e0::2]:25565", None, 0),
        ("dee@github", "mc:19133", Some("udp"), 0),
        ("dee@github", "mc", Some("udp"), 0),
        ("dee@github", "mc:19133", None, 1),
        ("dee@github", "mc:22", None, 1),
        ("dee@github", "nas:25565", None, 1),
        ("ana@example.com", "nas:22", None, 0),
        ("laptop", "nas:22", None, 0),
        ("tag:game", "nas:22", None, 1),
        ("eve@example.com", "mc:25565", None, 1),
        ("dee@github", "gone:25565", None, 2),
        ("gone", "mc:25565", None, 2),
        // Of many at once neither yes nor no is true.
        ("group:pals", "mc:25565", None, 2),
        ("autogroup:member", "mc:25565", None, 2),
    ] {
        let mut question = vec!["--from", from, "--to", to];
        question.extend(proto.iter().flat_map(|proto| ["--proto", proto]));
        let answer = reach(&question);
        assert_eq!(answer.code, code, "{question:?}: {answer:?}");
        if code < 2 {
            assert_eq!(answer.json()["allowed"], code == 0, "{question:?}");
            assert_eq!(answer.json()["rules"].as_array().unwrap().is_empty(), code == 1, "{question:?}");
        }
    }
    let no = reach(&["--from", "dee@github", "--to", "mc:22"]).json();
    let near = |rule: &serde_json::Value| (rule["line"].clone(), rule["missing"].clone());
    let nearest: Vec<_> = no["nearest"].as_array().unwrap().iter().map(near).collect();
    assert_eq!(nearest, [(json!(5), json!(["source"])), (json!(6), json!(["port"]))]);
    let words = reach(&["--from", "dee@github", "--to", "mc:22", "--format", "text"]);
    assert_eq!(words.code, 1);
    assert!(words.out.starts_with("no: dee@github does not reach mc by tcp 22\n"), "{}", words.out);
    assert!(words.out.contains("nearest: line 6 is for other ports\n"), "{}", words.out);
    let words = reach(&["--from", "dee@github", "--to", "nas:22", "--format", "text"]);
    assert!(words.out.contains("`nas` is not shared with dee@github"), "{}", words.out);
}

#[test]
fn diff_tells_gained_and_lost() {
    let folder = Folder::new();
    let network = folder.write("network.json", NETWORK);
    let old = folder.write("old", POLICY);
    let new = folder.write("new", POLICY.replace("25565", "25566"));
    let diff = |old: &str, new: &str, more: &[&str]| {
        acequia(&[&["policy", "diff", "--old", old, "--new", new, "--network", &network], more].concat())
    };
    let changed = diff(&old, &new, &[]).json();
    for (way, port) in [("gained", "25566"), ("lost", "25565")] {
        let entries = changed[way].as_array().unwrap();
        assert_eq!(entries.len(), 1, "{changed}");
        for (field, want) in [
            ("who", json!("dee@github")),
            ("node", json!("mc")),
            ("protocol", json!("tcp")),
            ("ports", json!([port])),
        ] {
            assert_eq!(entries[0][field], want, "{way}");
        }
    }
    assert_eq!(
        diff(&old, &new, &["--format", "text"]).good(),
        "dee@github\n  + mc  tcp 25566  (line 6)\n  - mc  tcp 25565  (line 6)\n"
    );
    assert_eq!(diff(&old, &old, &[]).json(), json!({"gained": [], "lost": []}));
    let broken = folder.write("broken", "{");
    let answer = diff(&old, &broken, &[]);
    assert_eq!(answer.code, 1);
    assert!(answer.err.contains(&broken) && answer.json()["error"].is_string(), "{answer:?}");
}

#[test]
fn a_share_goes_in_and_comes_out_again() {
    let share = |text: &str, more: &[&str]| {
        let fixed =
            ["--who", "dee@github", "--node", "mc", "--ports", "tcp:8080,udp:9000-9001", "--id", "s1"];
        policy("share", text, &[&fixed, more].concat())
    };
    let only_members = POLICY.replace("25565", "8080").replace("19132-19133", "9000-9001");
    let answer = share(&only_members, &[]);
    assert!(answer.good().contains("acequia:share=s1"), "{}", answer.out);
    assert!(answer.err.contains("ending the share takes nothing away"), "{}", answer.err);

    let out = acequia_with(&["policy", "unshare", "--policy", "-", "--id", "s1"], &answer.out);
    assert_eq!(out.good(), only_members);
    let again = acequia_with(&["policy", "unshare", "--policy", "-", "--id", "s1"], &only_members);
    assert_eq!((again.code, again.out.as_str()), (1, ""));
    assert_eq!(share(&answer.out, &[]).code, 1, "it is there already");

    let refused = share(WIDE, &[]);
    assert_eq!((refused.code, refused.out.as_str()), (1, ""));
    assert!(
        refused.last_words().starts_with("error: by line 4 of the policy the friend would reach more"),
        "{}",
        refused.err
    );
    let narrowed = share(WIDE, &["--narrow"]);
    assert!(
        narrowed.good().contains("autogroup:member") && narrowed.out.contains("// all"),
        "{}",
        narrowed.out
    );
    assert!(share(WIDE, &["--whole-node"]).good().contains("\"src\": [\"*\"]"));
    assert_eq!(share(WIDE, &["--whole-node", "--narrow"]).code, 2);
}

#[test]
fn an_edit_that_breaks_a_test_of_the_file_says_so() {
    let tests = r#""tests": [{"src": "dee@github", "deny": ["tag:game:8080"]}],"#;
    let text = POLICY.replacen('{', &format!("{{\n  {tests}"), 1);
    let share = |ports| {
        let share = ["--who", "dee@github", "--node", "mc", "--ports", ports, "--id", "s1", "--whole-node"];
        policy("share", &text, &share)
    };
    let broken = share("tcp:8080");
    assert_eq!(broken.code, 0);
    assert!(broken.err.contains("would refuse this file: test(s) failed (line 2)"), "{}", broken.err);
    assert!(!share("tcp:8081").err.contains("would refuse"));
}

#[test]
fn a_share_has_a_login_a_node_ports_and_an_id() {
    let share = |who, node, ports, id| {
        policy("share", POLICY, &["--who", who, "--node", node, "--ports", ports, "--id", id]).code
    };
    assert_eq!(share("eve@github", "mc", "tcp:1", "s1"), 0);
    assert_eq!(share("eve", "mc", "tcp:1", "s1"), 2);
    assert_eq!(share("eve@github", "gone", "tcp:1", "s1"), 2);
    assert_eq!(share("eve@github", "mc", "tcp:0", "s1"), 2);
    assert_eq!(share("eve@github", "mc", "", "s1"), 2);
    assert_eq!(share("eve@github", "mc", "tcp:1", "s 1"), 2);
}

#[test]
fn narrow_changes_what_is_wide_and_nothing_else() {
    let narrowed = policy("narrow", WIDE, &[]);
    assert_eq!(
        narrowed.good(),
        WIDE.replace("\"src\": [\"*\"]", "\"src\": [\"autogroup:member\", \"autogroup:tagged\"]")
    );
    assert!(
        narrowed.err.contains("changed: line 4") && narrowed.err.contains("dee@github"),
        "{}",
        narrowed.err
    );
    let before = policy("narrow", POLICY, &[]);
    assert_eq!(before.good(), POLICY);
    assert!(before.err.contains("nothing was wide"), "{}", before.err);
}

const ELSEWHERE: &str = r#"{
  "tagOwners": {"tag:game": []},
  "externalTailnets": {"fleet": {"externalID": "T1"}},
  "grants": [
    {"src": ["group://fleet/players"], "dst": ["tag:game"], "ip": ["tcp:25565"]},
    {"src": ["ana@example.com"], "dst": ["svc:web"], "ip": ["tcp:443"], "app": {"tailscale.com/cap/brand-new": []}}
  ]
}
"#;

#[test]
fn what_rests_on_something_that_is_not_known_is_neither_yes_nor_no() {
    let ask = |from: &str, to: &str| policy("reach", ELSEWHERE, &["--from", from, "--to", to]);
    let answer = ask("dee@github", "mc:25565");
    assert_eq!((answer.code, &answer.json()["allowed"]), (3, &json!(null)), "{}", answer.out);
    assert_eq!(answer.json()["unknown"][0]["line"], 5);
    assert_eq!(ask("dee@github", "mc:22").code, 1);
    assert_eq!(ask("group://fleet/players", "mc:25565").code, 0);
    let words = policy("reach", ELSEWHERE, &["--from", "dee@github", "--to", "mc:25565", "--format", "text"]);
    assert!(words.code == 3 && words.out.starts_with("not known"), "{words:?}");
    assert!(acequia(&["policy", "reach", "--help"]).good().contains("3 is that it is not known"));
    let listed = policy("reach", ELSEWHERE, &[]);
    assert!(listed.good().contains("somebody not known here (group://fleet/players)"), "{}", listed.out);
}

// Sabotage: in `perhaps` of the engine, leave the arm of `exit_invite` out.
#[test]
fn whether_a_friend_may_use_an_exit_node_is_not_known() {
    let folder = Folder::new();
    let tags = r#""tags": ["tag:game"]"#;
    let exit = NETWORK.replace(tags, &format!(r#"{tags}, "approved_routes": ["0.0.0.0/0"]"#));
    let network = folder.write("network.json", &exit);
    let text = r#"{"tagOwners": {"tag:game": []},
        "grants": [{"src": ["autogroup:shared"], "dst": ["autogroup:internet"], "ip": ["443"]}]}"#;
    let ask = |to: &str, more: &[&str]| {
        let asked =
            ["policy", "reach", "--policy", "-", "--network", &network, "--from", "dee@github", "--to", to];
        acequia_with(&[&asked[..], more].concat(), text)
    };
    let answer = ask("8.8.8.8:443", &[]);
    assert_eq!((answer.code, &answer.json()["allowed"]), (3, &json!(null)), "{}", answer.out);
    assert_eq!((ask("8.8.8.8:22", &[]).code, ask("mc:443", &[]).code), (1, 1));
    let words = ask("8.8.8.8:443", &["--format", "text"]);
    assert!(
        words.out.starts_with("not known") && words.out.contains("only if the invite allows"),
        "{words:?}"
    );
}

#[test]
fn a_service_is_asked_for_by_its_name() {
    let ask = |to: &str| policy("reach", ELSEWHERE, &["--from", "ana@example.com", "--to", to]).code;
    assert_eq!([ask("svc:web:443"), ask("svc:web"), ask("svc:web:22"), ask("svc:gone:443")], [0, 0, 1, 2]);
}

#[test]
fn what_is_documented_nowhere_is_an_error_where_one_is_strict() {
    let check = |text: &str, more: &[&str]| policy("check", text, more);
    let lenient = check(ELSEWHERE, &[]);
    lenient.good();
    assert!(
        lenient.err.contains("cap/brand-new") && lenient.err.contains("group://fleet/players"),
        "{}",
        lenient.err
    );
    let strict = check(ELSEWHERE, &["--strict", "--format", "json"]);
    assert_eq!((strict.code, &strict.json()["ok"]), (1, &json!(false)));
    assert_eq!(strict.json()["line"], 6, "{}", strict.out);
    let documented = ELSEWHERE.replace("brand-new", "databases");
    check(&documented, &["--strict"]).good();
}

#[test]
fn a_policy_in_force_is_worked_out_whatever_it_names() {
    let text = ELSEWHERE.replace("group://fleet/players", "group:gone");
    for command in ["check", "compile", "reach", "narrow"] {
        assert_eq!(policy(command, &text, &[]).code, 1, "{command}");
        policy(command, &text, &["--in-force"]).good();
    }
    let share = ["--who", "dee@github", "--node", "mc", "--ports", "tcp:8080", "--id", "s1"];
    assert_eq!(policy("share", &text, &share).code, 1);
    let shared = policy("share", &text, &[&share[..], &["--in-force"]].concat());
    assert!(
        shared.good().contains("acequia:share=s1") && shared.err.is_empty() != shared.err.contains("gained"),
        "{shared:?}"
    );
}
