//! What one page says about reach is what every page and the command line say.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::process::Command;

use app::ports::graph::{GraphView, Question};
use app::ports::reach::ReachQuery;
use axum::http::StatusCode;
use model::{ShareState, TailnetId};
use serde_json::Value;
use simulator::World;

use crate::harness::Who::{Ana, Dario};
use crate::harness::neighbours::Neighbours;

/// Between one and one: the lines of the rules, and whether it is certain.
type Answers = BTreeMap<(String, String), (BTreeSet<u64>, bool)>;

/// What the command line says about the files that the pages answer from.
async fn by_command(all: &Neighbours, tailnet: TailnetId) -> Vec<Value> {
    let snapshot = all.app_state().db.get_snapshot(tailnet).await.unwrap().unwrap();
    let folder = tempfile::tempdir().unwrap();
    let file = |name: &str, text: &str| {
        let path = folder.path().join(name);
        std::fs::write(&path, text).unwrap();
        path
    };
    let (policy, network) =
        (file("policy.hujson", &snapshot.policy.unwrap()), file("network.json", &snapshot.network));
    let output = Command::new(env!("CARGO_BIN_EXE_acequia"))
        .args(["policy", "reach", "--policy"])
        .arg(policy)
        .arg("--network")
        .arg(network)
        .env_clear()
        .output()
        .unwrap();
    assert!(output.status.success(), "{output:?}");
    serde_json::from_slice(&output.stdout).unwrap()
}

fn is_echo(entry: &Value) -> bool {
    entry["protocol"].as_str().is_some_and(|name| name.contains("icmp"))
}

fn text<'a>(entry: &'a Value, key: &str) -> &'a str {
    entry[key].as_str().unwrap()
}

fn ports(entry: &Value) -> String {
    let list = entry["ports"].as_array().unwrap();
    list.iter().map(|range| range.as_str().unwrap()).collect::<Vec<_>>().join(",")
}

/// Pings count only where nothing else is open.
fn answers(entries: &[Value]) -> Answers {
    let key = |entry: &Value| (text(entry, "who").to_owned(), text(entry, "node").to_owned());
    let open: BTreeSet<_> = entries.iter().filter(|entry| !is_echo(entry)).map(key).collect();
    let mut all = Answers::new();
    for entry in entries.iter().filter(|entry| !is_echo(entry) || !open.contains(&key(entry))) {
        let (lines, certain) = all.entry(key(entry)).or_default();
        lines.extend(entry["rules"].as_array().unwrap().iter().map(|rule| rule["line"].as_u64().unwrap()));
        *certain |= !entry["note"].as_str().is_some_and(|note| note.contains("unproven"));
    }
    all
}

/// Every page of one drawing.
async fn drawn(all: &Neighbours, tailnet: TailnetId, who: &str, node: &str) -> Answers {
    let mut found = Answers::new();
    for page in 0.. {
        let question = Question { who: who.into(), node: node.into(), page, ..Question::default() };
        let view: GraphView = all.ask(Ana).graph.get(tailnet, question).await.unwrap();
        assert_eq!(view.unknown, None);
        for arrow in &view.arrows {
            for line in &arrow.lines {
                let key = (line.who.clone(), line.node.clone());
                let (lines, certain) = found.entry(key).or_default();
                lines.extend(line.rules.iter().map(|rule| u64::from(rule.line.unwrap_or(0))));
                *certain |= arrow.certain;
            }
        }
        if view.before + view.arrows.len() >= view.total {
            return found;
        }
    }
    found
}

/// Gives how many pairs were compared.
async fn compare(all: &Neighbours, tailnet: TailnetId) -> usize {
    let told = answers(&by_command(all, tailnet).await);
    let names = |of: fn(&(String, String)) -> &String| told.keys().map(of).cloned().collect::<BTreeSet<_>>();
    for who in names(|(who, _)| who) {
        // A range of addresses is cut otherwise when it is asked for by itself.
        if who.parse::<policy::Who>().is_ok_and(|who| matches!(who, policy::Who::Address(_))) {
            continue;
        }
        let expected: Answers = told.clone().into_iter().filter(|((from, _), _)| *from == who).collect();
        assert_eq!(drawn(all, tailnet, &who, "").await, expected, "from {who}");
    }
    for node in names(|(_, node)| node) {
        let expected: Answers = told.clone().into_iter().filter(|((_, to), _)| *to == node).collect();
        assert_eq!(drawn(all, tailnet, "", &node).await, expected, "to {node}");
    }
    told.len()
}

/// The ask box against the graph of the same two, and the exported file against the command line, to the last word.
async fn compare_page_and_export(all: &Neighbours, tailnet: TailnetId) {
    let entries = by_command(all, tailnet).await;
    let mut owner = all.app.signed_in(all.people[Ana].id).await;
    let exported = owner.get(&app::paths::reach_json(tailnet)).await;
    assert_eq!(serde_json::from_str::<Vec<Value>>(&exported.body).unwrap(), entries);

    let told = answers(&entries);
    let reach = all.ask(Ana).reach;
    let view = reach.get(tailnet, ReachQuery::default()).await.unwrap();
    assert!(view.everyone.len() > 2 && view.nodes.len() > 1, "{view:?}");
    for who in &view.everyone {
        for node in &view.nodes {
            let question =
                app::ports::reach::Question { who: who.clone(), node: node.clone(), ..Default::default() };
            let answer = reach.get(tailnet, ReachQuery { question, ..ReachQuery::default() }).await.unwrap();
            let allowed = answer.answer.unwrap().unwrap().allowed;
            let certain = told.get(&(who.clone(), node.clone())).is_some_and(|(_, certain)| *certain);
            assert_eq!(allowed, Some(certain), "{who} to {node}");
        }
    }
}

#[tokio::test]
async fn graph_ask_box_and_export_say_what_the_command_line_says() {
    let all = Neighbours::demo().await;
    let ana = all.connect(Ana).await;
    assert!(compare(&all, ana).await > 3);
    compare_page_and_export(&all, ana).await;
}

#[tokio::test]
async fn so_it_is_on_captured_tailnets() {
    let Ok(vectors) = std::env::var("ACEQUIA_VECTORS") else {
        eprintln!("skipping captured tailnets: ACEQUIA_VECTORS is not set");
        return;
    };
    let mut compared = 0;
    for name in ["acl/acl-s07.json", "grant/grant-p02-1.json", "routes/routes-a1.json", "grant/grant-k1.json"]
    {
        let file = Path::new(&vectors).join("headscale-compat").join(name);
        let Ok(capture) = std::fs::read_to_string(&file) else { continue };
        let all = Neighbours::of(World::from_capture(&capture).unwrap()).await;
        let tailnet = all.connect(Ana).await;
        compared += compare(&all, tailnet).await;
        compare_page_and_export(&all, tailnet).await;
    }
    assert!(compared > 20, "{compared}");
}

#[tokio::test]
async fn a_friend_sees_their_own_reach_on_the_share_and_nothing_of_the_tailnet() {
    let all = Neighbours::demo().await;
    let (ana, _) = (all.connect(Ana).await, all.connect(Dario).await);
    let node =
        all.app_state().db.list_nodes(ana).await.unwrap().into_iter().find(|node| !node.external).unwrap();
    let share = all.accepted(Ana, node.id, "tcp:25565", Dario).await;
    assert_eq!(all.ask(Dario).shares.get(share).await.unwrap().own_reach, None, "a typed login is no proof");
    all.approved(Ana, share).await;
    all.drain().await;
    assert!(matches!(all.state(share).await, ShareState::Active { .. }));
    all.ask(Ana).tailnets.sync(ana).await.unwrap();
    all.drain().await;

    let login = all.ask(Dario).shares.get(share).await.unwrap().login;
    let entries = by_command(&all, ana).await;
    let told: BTreeSet<(String, String)> = entries
        .iter()
        .filter(|entry| text(entry, "who") == login && !is_echo(entry))
        .map(|entry| {
            (text(entry, "node").to_owned(), format!("{} {}", text(entry, "protocol"), ports(entry)))
        })
        .collect();
    let seen = all.ask(Dario).shares.get(share).await.unwrap().own_reach.unwrap();
    let shown: BTreeSet<(String, String)> =
        seen.lines.iter().map(|line| (line.node.clone(), line.what.clone())).collect();
    assert!(told.iter().any(|(_, what)| what == "tcp 25565"), "{told:?}");
    assert_eq!((shown, seen.unknown.as_deref()), (told, None));
    assert!(seen.lines.iter().all(|line| line.rules.is_empty()), "{seen:?}");
    assert_eq!(
        all.ask(Ana).shares.get(share).await.unwrap().own_reach,
        None,
        "the owner has the whole graph"
    );

    let mut friend = all.app.signed_in(all.people[Dario].id).await;
    let page = friend.get(&app::paths::share(share)).await;
    assert_eq!(page.status, StatusCode::OK);
    assert!(page.body.contains("What you reach there"), "{}", page.body);
    for path in [app::paths::graph(ana), app::paths::graph_of_who(ana, &login)] {
        assert_eq!(friend.get(&path).await.status, StatusCode::NOT_FOUND, "{path}");
    }
}
