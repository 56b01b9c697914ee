//! Random policies in random networks: whoever comes in gains the share and nothing else.

use super::newcomers::assert_only_the_share;
use super::*;
use proptest::prelude::*;
use proptest::sample::{select, subsequence};

const NODES: [(&str, &str); 7] = [
    ("ash", r#""user": "ana""#),
    ("birch", r#""user": "ana", "approved_routes": ["192.168.7.0/24"]"#),
    ("cedar", r#""user": "bruno""#),
    ("dogwood", r#""user": "carla""#),
    ("elm", r#""tags": ["tag:game"]"#),
    ("fir", r#""tags": ["tag:game", "tag:web"], "approved_routes": ["10.20.0.0/24"]"#),
    ("gum", r#""user": "bruno", "approved_routes": ["0.0.0.0/0", "::/0"]"#),
];

const SOURCES: [&str; 14] = [
    "*",
    "*",
    "autogroup:member",
    "autogroup:member",
    "autogroup:tagged",
    "ana@",
    "carla@example.com",
    "https://id.example.com/c@",
    "group:some",
    "tag:game",
    "100.64.0.3",
    "192.168.7.0/24",
    "lan",
    "nobody@",
];

const DESTINATIONS: [&str; 10] = [
    "*",
    "autogroup:member",
    "autogroup:tagged",
    "ana@",
    "group:some",
    "tag:game",
    "100.64.0.2",
    "fd7a:115c:a1e0::3",
    "10.20.0.0/24",
    "lan",
];

fn network(nodes: &[(&str, &str)]) -> Network {
    let nodes: Vec<String> = nodes
        .iter()
        .map(|(name, rest)| {
            let number = NODES.iter().position(|(known, _)| known == name).unwrap() + 1;
            format!(
                r#""{name}": {{"ipv4": "100.64.0.{number}", "ipv6": "fd7a:115c:a1e0::{number}", {rest}}}"#
            )
        })
        .collect();
    let users = r#"[{"id": 1, "name": "ana"}, {"id": 2, "name": "bruno"},
        {"id": 3, "name": "carla", "email": "carla@example.com", "provider_id": "https://id.example.com/c"}]"#;
    Network::parse(&format!(r#"{{"users": {users}, "nodes": {{{}}}}}"#, nodes.join(", "))).unwrap()
}

type Rule = (Vec<&'static str>, Vec<&'static str>, &'static str, Option<&'static str>);

fn rule() -> impl Strategy<Value = Rule> {
    let sources = prop::collection::vec(select(SOURCES.to_vec()), 1..4);
    let destinations = prop::collection::vec(select(DESTINATIONS.to_vec()), 1..3);
    (
        sources,
        destinations,
        select(vec!["*", "22", "80,8000-8010"]),
        select(vec![None, Some("tcp"), Some("udp")]),
    )
}

fn text(rules: &[Rule], lines: bool) -> String {
    let quoted =
        |items: Vec<String>| items.iter().map(|item| format!("\"{item}\"")).collect::<Vec<_>>().join(", ");
    let rules: Vec<String> = rules
        .iter()
        .map(|(src, dst, ports, proto)| {
            let src = quoted(src.iter().map(ToString::to_string).collect());
            let dst = quoted(dst.iter().map(|host| format!("{host}:{ports}")).collect());
            let proto = proto.map(|proto| format!("\"proto\": \"{proto}\", ")).unwrap_or_default();
            format!("{{\"action\": \"accept\", {proto}\"src\": [{src}], \"dst\": [{dst}]}}")
        })
        .collect();
    let head = r#""groups": {"group:some": ["bruno@"]}, "hosts": {"lan": "10.20.0.0/24"}, "tagOwners": {"tag:game": [], "tag:web": []}"#;
    if lines && !rules.is_empty() {
        format!("{{\n  {head},\n  // who may\n  \"acls\": [\n    {},\n  ],\n}}\n", rules.join(",\n    "))
    } else {
        format!("{{{head}, \"acls\": [{}]}}", rules.join(", "))
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    #[test]
    fn a_newcomer_gains_just_the_share_in_random_worlds_and_its_end_gives_the_bytes_back(
        nodes in subsequence(NODES.to_vec(), 2..=7),
        rules in prop::collection::vec(rule(), 0..4),
        (lines, old) in any::<(bool, bool)>(),
    ) {
        let dialect = DIALECTS[usize::from(!old)];
        let (network, text) = (network(&nodes), text(&rules, lines));
        let node = nodes[nodes.len() / 2].0;
        let request = request("zoe@", node);
        let plan = share(&text, &network, &request, Mode::Narrow, dialect);
        let plan = plan.unwrap_or_else(|error| panic!("{dialect} {node} {error}: {error:?}\n{text}"));
        let base = plan.narrowing.as_ref().map_or(text.as_str(), |first| &first.after);
        prop_assert_eq!(&unshare(&plan.after, &request.id).unwrap().after, base);
        let narrowing = policy::narrow(&text, &network, dialect).unwrap();
        prop_assert!(narrowing.lost.is_empty());
        assert_only_the_share((&text, &network), &plan, node, dialect, &text);
    }
}
