//! Shares on policy files of many styles: exactly the share is added, and ending it gives the bytes back.
#![expect(clippy::unwrap_used, reason = "helpers of tests")]

use std::net::IpAddr;

use proptest::prelude::*;
use proptest::sample::{Index, select};

use policy::reach::Part;
use policy::share::{EditError, Mode, ShareError, ShareId, ShareRequest, Warning, share};
use policy::unshare::UnshareError;
use policy::{Engine, Network, Query, Reading, Target, Who, diff, narrow, unshare, unshare_matching};

/// A house with a subnet router, an exit node, and a share recipient from before.
mod narrowing;

const NETWORK: &str = r#"{
  "domains": ["example.com"],
  "users": [
    {"id": 1, "name": "ana", "email": "ana@example.com", "role": "owner"},
    {"id": 2, "name": "ben", "email": "ben@example.com", "role": "admin"},
    {"id": 3, "name": "carla", "email": "carla@example.com"},
    {"id": 4, "name": "eli", "email": "eli@github", "type": "shared"}
  ],
  "nodes": {
    "laptop": {"ipv4": "100.64.0.1", "ipv6": "fd7a:115c:a1e0::1", "tags": [], "user": "ana"},
    "phone": {"ipv4": "100.64.0.2", "ipv6": "fd7a:115c:a1e0::2", "tags": [], "user": "ben"},
    "minecraft": {"ipv4": "100.64.0.10", "ipv6": "fd7a:115c:a1e0::10", "tags": ["tag:server"]},
    "jellyfin": {"ipv4": "100.64.0.11", "ipv6": "fd7a:115c:a1e0::11", "tags": ["tag:media"], "shared_to": ["eli@github"]},
    "router": {"ipv4": "100.64.0.12", "ipv6": "fd7a:115c:a1e0::12", "tags": [], "user": "ana",
               "approved_routes": ["192.168.7.0/24"]},
    "exit": {"ipv4": "100.64.0.13", "ipv6": "fd7a:115c:a1e0::13", "tags": [], "user": "ana",
             "approved_routes": ["0.0.0.0/0", "::/0"]}
  }
}"#;

fn network() -> Network {
    Network::parse(NETWORK).unwrap()
}

fn request(id: &str, ports: &str) -> ShareRequest {
    ShareRequest {
        id: id.parse().unwrap(),
        who: "dee@github".parse().unwrap(),
        node: "minecraft".into(),
        ports: ports.parse().unwrap(),
    }
}

fn id(text: &str) -> ShareId {
    text.parse().unwrap()
}

/// Every file of the folder by name.
fn files() -> Vec<(String, String)> {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/policies");
    let mut files: Vec<(String, String)> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .map(|path| {
            let name = path.file_name().unwrap().to_string_lossy().into_owned();
            (name, std::fs::read_to_string(path).unwrap())
        })
        .collect();
    files.sort();
    assert!(files.len() >= 20);
    files
}

fn file(name: &str) -> String {
    files().into_iter().find(|(known, _)| known == name).unwrap().1
}

/// The text from which a share counts: narrowed where that is needed.
fn base(text: &str, request: &ShareRequest) -> String {
    let plan = share(text, &network(), request, Mode::Narrow, Reading::Proposed).unwrap();
    plan.narrowing.map_or_else(|| text.to_owned(), |narrowing| narrowing.after)
}

#[test]
fn share_then_unshare_gives_the_same_bytes_on_every_file() {
    for (name, text) in files() {
        let request = request("mc-1", "tcp:25565,udp:19132-19133");
        let base = base(&text, &request);
        let plan = share(&text, &network(), &request, Mode::Narrow, Reading::Proposed).unwrap();
        assert!(plan.after.contains("acequia:share=mc-1"), "{name}");
        assert!(plan.after.lines().count() >= base.lines().count(), "{name}");
        let back = unshare(&plan.after, &request.id)
            .unwrap_or_else(|error| panic!("{name}: {error}\n{}", plan.after));
        assert_eq!(back.after, base, "{name}");
        assert_eq!(policy::splice::apply(&base, &plan.splices).as_ref(), Some(&plan.after), "{name}");
        assert_eq!(policy::splice::apply(&plan.after, &back.splices), Some(base), "{name}");
    }
}

#[test]
fn two_shares_end_in_either_order_with_the_same_bytes() {
    for (name, text) in files() {
        let (first, second) = (request("mc-1", "25565"), request("web_2", "443"));
        let base = base(&text, &first);
        let one = share(&base, &network(), &first, Mode::Exact, Reading::Proposed).unwrap().after;
        let both = share(&one, &network(), &second, Mode::Exact, Reading::Proposed).unwrap().after;
        let only_second = unshare(&both, &first.id).unwrap().after;
        assert_eq!(unshare(&only_second, &second.id).unwrap().after, base, "{name}");
        let only_first = unshare(&both, &second.id).unwrap().after;
        assert_eq!(only_first, one, "{name}");
    }
}

#[test]
fn the_proof_of_a_share_holds_on_every_file() {
    for (name, text) in files() {
        let request = request("mc-1", "tcp:25565,udp:19132-19133");
        let plan = share(&text, &network(), &request, Mode::Narrow, Reading::Proposed).unwrap();
        let base = plan.narrowing.as_ref().map_or(text.as_str(), |narrowing| narrowing.after.as_str());
        let told: Vec<String> =
            plan.gained.iter().map(|entry| serde_json::to_string(entry).unwrap()).collect();
        assert_eq!(told.len(), 2, "{name}: {told:?}");
        assert!(
            told[0].contains(r#""who":"dee@github","node":"minecraft","protocol":"tcp","ports":["25565"]"#)
        );
        assert!(told[1].contains(r#""protocol":"udp","ports":["19132-19133"]"#));
        // Asked again without the plan: nobody of the house, and no other recipient, sees a difference.
        let shared = network().with_share(network().node_named("minecraft").unwrap(), "dee@github");
        let (before, after) =
            (Engine::new(base, &shared).unwrap(), Engine::new(&plan.after, &shared).unwrap());
        let change = diff(&before, &after);
        assert!(change.lost.is_empty(), "{name}");
        assert!(change.gained.iter().all(|entry| entry.who == Who::Login("dee@github".into())), "{name}");
        assert!(after.allows(
            &Who::Login("dee@github".into()),
            &Target::Node("minecraft".into()),
            6,
            Some(25565)
        ));
        assert!(!after.allows(
            &Who::Login("dee@github".into()),
            &Target::Node("minecraft".into()),
            6,
            Some(22)
        ));
        assert!(!after.allows(
            &Who::Login("dee@github".into()),
            &Target::Node("jellyfin".into()),
            6,
            Some(25565)
        ));
    }
}

#[test]
fn the_rule_stands_in_the_style_of_the_file() {
    let after = |name: &str| {
        share(&file(name), &network(), &request("mc-1", "25565"), Mode::Narrow, Reading::Proposed)
            .unwrap()
            .after
    };
    let rule =
        r#"{"src": ["dee@github"], "dst": ["100.64.0.10", "fd7a:115c:a1e0::10"], "ip": ["tcp:25565"]}"#;
    assert!(
        after("deep_tabs.hujson").contains(&format!("\n\t\t\t\t// acequia:share=mc-1\n\t\t\t\t{rule},\n"))
    );
    assert!(
        after("crlf.hujson").contains(&format!("\r\n    // acequia:share=mc-1\r\n    {rule},\r\n  ],\r\n"))
    );
    assert!(
        after("strict_grants.hujson")
            .contains(&format!("}},  // telly\n\t\t// acequia:share=mc-1\n\t\t{rule}\n\t]\n"))
    );
    assert!(
        after("one_line_grants_no_newline.hujson")
            .ends_with(&format!(", /* acequia:share=mc-1 */ {rule}]}}"))
    );
    assert!(after("one_line_acls.hujson").contains(&format!("[/* acequia:share=mc-1 */ {rule}]")));
    assert!(!after("crlf_acls_only.hujson").replace("\r\n", "").contains('\n'));
}

#[test]
fn edits_of_other_people_in_between_stay() {
    let text = file("grouped_with_blocks.hujson");
    let after =
        share(&text, &network(), &request("mc-1", "25565"), Mode::Exact, Reading::Proposed).unwrap().after;
    let edit = |text: &str| {
        text.replace("// behind the router", "// in the cellar")
            .replace("[\"tcp:22\"],\n    },\n", "[\"tcp:22\", \"tcp:873\"],\n    },\n")
    };
    assert_ne!(edit(&after), after);
    assert_eq!(unshare(&edit(&after), &id("mc-1")).unwrap().after, edit(&text));
    // A rule put below the share's.
    let mine = r#"{"src": ["ana@example.com"], "dst": ["100.64.0.1"], "ip": ["22"]},"#;
    let below =
        after.replace("[\"tcp:25565\"]},\n", &format!("[\"tcp:25565\"]}},\n    // mine\n    {mine}\n"));
    let expected = text.replace(
        "      \"ip\":  [\"tcp:22\"],\n    },\n",
        &format!("      \"ip\":  [\"tcp:22\"],\n    }},\n    // mine\n    {mine}\n"),
    );
    assert_ne!(expected, text);
    assert_eq!(unshare(&below, &id("mc-1")).unwrap().after, expected);
}

#[test]
fn a_rule_whose_mark_is_gone_is_found_by_its_content() {
    let text = file("strict_grants.hujson");
    let plan = share(&text, &network(), &request("mc-1", "25565"), Mode::Exact, Reading::Proposed).unwrap();
    let pushed =
        serde_json::to_string_pretty(&hujson::parse_str(&plan.after).unwrap().to_json().unwrap()).unwrap();
    assert!(matches!(unshare(&pushed, &id("mc-1")), Err(UnshareError::NotFound)));
    let back = unshare_matching(&pushed, &plan.rule).unwrap().after;
    let original = hujson::parse_str(&text).unwrap().to_json().unwrap();
    assert_eq!(hujson::parse_str(&back).unwrap().to_json().unwrap(), original);
    assert!(matches!(unshare_matching(&back, &plan.rule), Err(UnshareError::NotFound)));
    // The rule of another share is not taken for it.
    assert!(matches!(unshare_matching(&plan.after, &plan.rule), Err(UnshareError::NotFound)));
}

#[test]
fn a_mark_above_somebody_elses_rule_is_left_alone() {
    let text = "{\"grants\": [\n  // acequia:share=mc-1\n  {\"src\": [\"group:x\"], \"dst\": [\"*\"], \"ip\": [\"*\"]},\n]}\n";
    assert!(matches!(unshare(text, &id("mc-1")), Err(UnshareError::Changed { line: 3 })));
    assert!(matches!(unshare(text, &id("mc")), Err(UnshareError::NotFound)));
}

#[test]
fn a_mark_makes_no_share_of_a_rule_that_gives_more() {
    for rule in [
        "{\"src\": [\"dee@github\"], \"dst\": [\"*\"], \"ip\": [\"*\"]}",
        "{\"src\": [\"dee@github\", \"group:x\"], \"dst\": [\"100.64.0.10\"], \"ip\": [\"22\"]}",
        "{\"src\": [\"Dee@GitHub\"], \"dst\": [\"tag:server\"], \"ip\": [\"22\"]}",
    ] {
        let text = format!(
            "{{\"groups\": {{\"group:x\": [\"ben@example.com\"]}}, \"tagOwners\": {{\"tag:server\": []}},\n \
             \"grants\": [\n  // acequia:share=mc-1\n  {rule},\n]}}\n"
        );
        let refused =
            share(&text, &network(), &request("mc-2", "25565"), Mode::Exact, Reading::Proposed).unwrap_err();
        assert!(matches!(refused, ShareError::ReachesMore { .. }), "{rule}: {refused}");
    }
}

#[test]
fn the_last_share_takes_the_list_along_only_where_acls_stay() {
    let mine = "// acequia:share=a\n    {\"src\": [\"dee@github\"], \"dst\": [\"100.64.0.10\"], \"ip\": [\"tcp:1\"]},\n";
    let alone = format!("{{\n  \"grants\": [\n    {mine}  ],\n}}\n");
    assert_eq!(unshare(&alone, &id("a")).unwrap().after, "{\n  \"grants\": [\n  ],\n}\n");
    let beside = format!("{{\n  \"acls\": [],\n  \"grants\": [\n    {mine}  ],\n}}\n");
    assert_eq!(unshare(&beside, &id("a")).unwrap().after, "{\n  \"acls\": [],\n}\n");
}

#[test]
fn an_empty_list_that_was_there_is_there_again_to_the_byte() {
    const NOTE: &str = "acequia:grants-were-empty";
    let (one, two) = (request("a", "25565"), request("b", "443"));
    let added = |text: &str, request: &ShareRequest| {
        share(text, &network(), request, Mode::Exact, Reading::Proposed)
            .unwrap_or_else(|error| panic!("{error}: {text}"))
            .after
    };
    for text in [
        "{\n  \"acls\": [],\n  \"grants\": [],\n}\n",
        "{\n  \"grants\": [], // later\n  \"acls\": [],\n}\n",
        "{\n\t\"acls\": [], // none\n\n\t// nothing yet\n\t\"grants\": [\n\t],\n}\n",
        "{\n    \"acls\": [],\n    /* one */ \"grants\": []\n}",
        "{\"acls\": [], \"grants\": []}",
        "{\"acls\":[],\"grants\":[]}",
        "{/* one */ \"grants\": [ ], \"acls\": []}",
    ] {
        let first = added(text, &one);
        assert_eq!(first.matches(NOTE).count(), 1, "{first}");
        assert_eq!(unshare(&first, &one.id).unwrap().after, text);
        // The note is there once, and goes with the last of them.
        let both = added(&first, &two);
        assert_eq!(both.matches(NOTE).count(), 1, "{both}");
        assert_eq!(unshare(&unshare(&both, &one.id).unwrap().after, &two.id).unwrap().after, text);
        // Somebody else's editor took the space behind it away.
        let tight = first.replace("*/ \"grants\"", "*/\"grants\"");
        let back = unshare(&tight, &one.id).unwrap().after;
        assert_eq!(back.replace(' ', ""), text.replace(' ', ""), "{tight}");
        // Somebody else's comment behind the note is theirs.
        let noted =
            first.replace("empty */ ", "empty */ /* mine */ ").replace("empty\n", "empty\n  // mine\n");
        let back = unshare(&noted, &one.id).unwrap().after;
        let mine = |text: &str| text.matches("/* mine */ ").count() + text.matches("// mine\n").count();
        assert_eq!(mine(&back), mine(&noted), "{noted}{back}");
    }
    let null = "{\"acls\": [], \"grants\": null}";
    let refused = share(null, &network(), &one, Mode::Exact, Reading::Proposed).unwrap_err();
    assert!(matches!(refused, ShareError::Edit(EditError::Null("grants"))), "{refused}");
}

#[test]
fn recipients_reach_only_what_is_shared_with_them_and_nothing_behind_it() {
    let engine = Engine::new(&file("wildcard_acl.hujson"), &network()).unwrap();
    let eli = Who::Login("eli@github".into());
    let nodes: Vec<String> =
        engine.reach(&Query::from(eli.clone())).into_iter().map(|entry| entry.node).collect();
    assert_eq!(nodes, ["jellyfin", "jellyfin"]);
    assert!(!engine.allows(&eli, &Target::Address("192.168.7.9".parse().unwrap()), 6, Some(80)));
    assert!(engine.allows(
        &Who::Login("ben@example.com".into()),
        &Target::Address("192.168.7.9".parse().unwrap()),
        6,
        Some(80)
    ));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// Whatever is shared on whichever file: the friend reaches just those ports, nobody else gains or loses
    /// anything, and the end of the share gives every byte back.
    #[test]
    fn exactly_what_is_shared_is_added_and_exactly_that_goes_again(
        file in any::<Index>(),
        node in select(vec!["minecraft", "jellyfin", "laptop", "router"]),
        ranges in prop::collection::vec((any::<bool>(), 1_u16..65_000, 0_u16..400), 1..5),
        probes in prop::collection::vec((any::<bool>(), 1_u16..=65_535), 20),
    ) {
        let files = files();
        let (name, text) = &files[file.index(files.len())];
        let protocol = |udp: bool| if udp { ("udp", 17) } else { ("tcp", 6) };
        let ports: Vec<String> = ranges
            .iter()
            .map(|(udp, from, more)| format!("{}:{from}-{}", protocol(*udp).0, from + more))
            .collect();
        let request = ShareRequest { node: node.into(), ..request("p-1", &ports.join(",")) };
        let base = match share(text, &network(), &request, Mode::Narrow, Reading::Proposed) {
            Ok(plan) => plan.narrowing.map_or_else(|| text.clone(), |narrowing| narrowing.after),
            Err(ShareError::ReachesMore { .. }) => return Ok(()),
            Err(error) => panic!("{name}: {error}"),
        };
        let plan = match share(&base, &network(), &request, Mode::Exact, Reading::Proposed) {
            Ok(plan) => plan,
            // Other rules let the friend reach more of this machine: that is not what is asked here.
            Err(ShareError::ReachesMore { .. }) => return Ok(()),
            Err(error) => panic!("{name}: {error}"),
        };
        prop_assert_eq!(&unshare(&plan.after, &request.id).unwrap().after, &base, "{}", name);

        let shared = network().with_share(network().node_named(node).unwrap(), "dee@github");
        let (before, after) =
            (Engine::new(&base, &shared).unwrap(), Engine::new(&plan.after, &shared).unwrap());
        let change = diff(&before, &after);
        let dee = Who::Login("dee@github".into());
        prop_assert!(change.lost.is_empty(), "{name}: {:?}", change.lost);
        prop_assert!(change.gained.iter().all(|entry| entry.who == dee && entry.node == node), "{name}");
        let edges = ranges.iter().flat_map(|(udp, from, more)| {
            [*from, from + more, from.saturating_sub(1), from + more + 1].map(|port| (*udp, port))
        });
        for (udp, port) in probes.iter().copied().chain(edges).filter(|(_, port)| *port > 0) {
            let meant = ranges
                .iter()
                .any(|(other, from, more)| *other == udp && (*from..=from + more).contains(&port));
            let target = Target::Node(node.into());
            let reaches = after.allows(&dee, &target, protocol(udp).1, Some(port));
            let anyway = before.allows(&dee, &target, protocol(udp).1, Some(port));
            prop_assert_eq!(reaches, meant || anyway, "{} {} {}", name, protocol(udp).0, port);
        }
    }
}
