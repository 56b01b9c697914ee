//! What a machine tells of the filter that its own client holds: then *open* and *ended* are said also where the policy is a
//! file that may not be loaded, and a difference is told.

use axum::body::Body;
use axum::http::{Request, StatusCode};
use model::host::Held;
use model::host::May;
use model::{NodeId, ShareId, ShareState, TailnetId, Trouble};
use simulator::Dialect;
use simulator::headscale::world::Headscale;
use tower::ServiceExt as _;

use crate::harness::community::{Community, POLICY, world};

pub fn in_file() -> Headscale {
    Headscale { policy_path: Some("/etc/headscale/policy.hujson".into()), ..world(Dialect::V0_29) }
}

/// As a client prints it while a rule for Bruno's laptop stands, or none.
pub fn netmap(ports: Option<&str>) -> String {
    let rule = ports.map(|ports| {
        let (first, last) = ports.split_once('-').unwrap_or((ports, ports));
        let to = |address: &str| {
            format!(r#"{{"IP": "{address}", "Ports": {{"First": {first}, "Last": {last}}}}}"#)
        };
        format!(
            r#"[{{"DstPorts": [{}, {}], "IPProto": [6], "SrcIPs": ["100.64.0.3", "fd7a:115c:a1e0::3"]}}]"#,
            to("100.64.0.1"),
            to("fd7a:115c:a1e0::1")
        )
    });
    format!("{{\n\t\"PacketFilterRules\": {}\n}}\n", rule.unwrap_or_else(|| "null".into()))
}

pub async fn tell(all: &Community, node: NodeId, token: &str, body: String) -> StatusCode {
    let request = Request::post(app::paths::filter(node))
        .header("host", "gate.example.org")
        .header("authorization", format!("Bearer {token}"))
        .body(Body::from(body))
        .unwrap();
    let status = all.app.router.clone().oneshot(request).await.unwrap().status();
    all.drain().await;
    status
}

pub async fn dune(all: &Community, mill: TailnetId, tells: bool) -> (NodeId, String) {
    let node = all.node(mill, "dune").await;
    let asked = all.ask(all.ana);
    asked.firewall.choose(node, "nftables".into(), String::new()).await.unwrap();
    (node, asked.hosts.make_token(node, May { tells, ..May::default() }).await.unwrap())
}

/// What waits for Ana of this share; her host has not fetched, which is another thing.
async fn inbox(all: &Community) -> Vec<String> {
    let items = all.ask(all.ana).inbox.home().await.unwrap().items;
    items.into_iter().map(|item| item.title).filter(|title| title.contains("Minecraft")).collect()
}

/// The text by hand goes into the file; nobody has it loaded.
pub async fn by_hand(all: &Community, share: ShareId) {
    let manual = all.ask(all.ana).shares.get(share).await.unwrap().manual.expect("the text");
    all.simulator.headscale_policy("mill", Some(&manual.whole.unwrap())).unwrap();
    all.ask(all.ana).shares.retry(share).await.unwrap();
    all.drain().await;
}

/// A host that is switched to another network holds the filter of a machine there, with the same addresses.
///
/// Sabotage: `is_of_another` not asked in `told_filter`.
#[tokio::test]
async fn the_filter_of_another_machine_proves_nothing() {
    for all in Community::each(in_file).await {
        let mill = all.connect().await;
        let (node, token) = dune(&all, mill, true).await;
        let share = all.accepted(mill, "tcp:25565", all.bruno, "bruno").await;
        all.approved(share, "bruno").await;
        all.drain().await;
        by_hand(&all, share).await;
        let keys = all.app.state.db.list_node_keys(mill).await.unwrap();
        let own = all.app.state.db.find_node_key(node).await.unwrap().expect("Headscale tells it");
        let with = |key: &str| netmap(Some("25565")).replacen('{', &format!("{{\"NodeKey\": \"{key}\", "), 1);
        let others = keys.iter().filter(|key| **key != own).map(String::as_str);
        for key in others.chain(["nodekey:0", ""]) {
            let answer = tell(&all, node, &token, with(key)).await;
            assert_eq!(answer, StatusCode::UNPROCESSABLE_ENTITY, "{key}");
            assert_eq!(all.state(share).await.attention().unwrap().trouble, Trouble::InFile, "{key}");
        }
        assert_eq!(tell(&all, node, &token, with(&own)).await, StatusCode::NO_CONTENT);
        assert!(matches!(all.state(share).await, ShareState::Active { .. }), "{:?}", all.state(share).await);
    }
}

#[tokio::test]
async fn in_a_file_a_share_is_open_and_over_when_its_machine_says_so() {
    for all in Community::each(in_file).await {
        let mill = all.connect().await;
        let (node, token) = dune(&all, mill, true).await;
        let share = all.accepted(mill, "tcp:25565", all.bruno, "bruno").await;
        all.approved(share, "bruno").await;
        all.drain().await;
        by_hand(&all, share).await;
        assert_eq!(all.state(share).await.attention().unwrap().trouble, Trouble::InFile);
        assert!(!all.ask(all.bruno).shares.get(share).await.unwrap().join.is_empty(), "he may try");

        // Not loaded: nothing is open, and nothing is said to be.
        assert_eq!(tell(&all, node, &token, netmap(None)).await, StatusCode::NO_CONTENT);
        assert_eq!(all.state(share).await.attention().unwrap().trouble, Trouble::InFile);
        // What is not understood proves nothing either.
        assert_eq!(tell(&all, node, &token, "{}".into()).await, StatusCode::UNPROCESSABLE_ENTITY);
        assert_eq!(
            tell(&all, node, &token, netmap(Some("25565-25566")).replace("100.64.0.3", "carla")).await,
            422
        );
        assert_eq!(all.state(share).await.attention().unwrap().trouble, Trouble::InFile);

        all.later(300).await;
        assert_eq!(tell(&all, node, &token, netmap(Some("25565"))).await, StatusCode::NO_CONTENT);
        assert!(matches!(all.state(share).await, ShareState::Active { .. }), "{:?}", all.state(share).await);
        let since = all.app.state.now();
        all.later(300).await;
        tell(&all, node, &token, netmap(Some("25565"))).await;
        let told = all.ask(all.ana).shares.get(share).await.unwrap().told.expect("it tells");
        assert_eq!((told.node.as_str(), told.held, told.since), ("dune", Held::All, since));
        let page = all.app.signed_in(all.ana).await.get(&app::paths::share(share)).await.text();
        assert!(page.contains("in force on dune since") && page.contains("told by dune"), "{page}");

        all.ask(all.ana).shares.end(share).await.unwrap();
        all.drain().await;
        by_hand(&all, share).await;
        assert_eq!(all.policy(), POLICY);
        let ShareState::Ended { open_question: Some(question), .. } = all.state(share).await else {
            panic!("{:?}", all.state(share).await)
        };
        assert!(question.contains("not proven"), "{question}");
        // Still in force, an hour later: somebody has to look.
        all.later(3600).await;
        tell(&all, node, &token, netmap(Some("25565"))).await;
        assert_eq!(inbox(&all).await, ["Minecraft for Bruno may still be open"]);
        tell(&all, node, &token, netmap(None)).await;
        let state = all.state(share).await;
        assert!(matches!(state, ShareState::Ended { open_question: None, .. }), "{state:?}");
        assert!(inbox(&all).await.is_empty());
    }
}

#[tokio::test]
async fn a_machine_that_does_not_let_in_what_is_open_is_told_and_over_when_it_does() {
    let all = Community::of(Dialect::V0_29).await;
    let mill = all.connect().await;
    let (node, token) = dune(&all, mill, true).await;
    let share = all.accepted(mill, "tcp:25565", all.bruno, "bruno").await;
    all.approved(share, "bruno").await;
    all.drain().await;
    assert!(matches!(all.state(share).await, ShareState::Active { .. }), "the control plane says so");
    tell(&all, node, &token, netmap(None)).await;
    assert!(inbox(&all).await.is_empty(), "it may not have heard of it yet");
    all.later(300).await;
    tell(&all, node, &token, netmap(None)).await;
    assert_eq!(inbox(&all).await, ["Minecraft for Bruno is not in force on its machine"]);
    tell(&all, node, &token, netmap(Some("25565"))).await;
    assert!(inbox(&all).await.is_empty());
    assert!(matches!(all.state(share).await, ShareState::Active { .. }));
}

/// What is out of a file may be in force still. Sabotage: `paused` without `in_file`.
#[tokio::test]
async fn a_pause_in_a_file_is_not_said_to_be_in_force() {
    let all = Community::on(in_file()).await;
    let mill = all.connect().await;
    let (node, token) = dune(&all, mill, true).await;
    let share = all.accepted(mill, "tcp:25565", all.bruno, "bruno").await;
    all.approved(share, "bruno").await;
    all.drain().await;
    by_hand(&all, share).await;
    tell(&all, node, &token, netmap(Some("25565"))).await;
    assert!(matches!(all.state(share).await, ShareState::Active { .. }), "{:?}", all.state(share).await);
    all.ask(all.ana).shares.pause(share).await.unwrap();
    all.drain().await;
    by_hand(&all, share).await;
    assert!(matches!(all.state(share).await, ShareState::Paused { .. }), "{:?}", all.state(share).await);
    let history = all.ask(all.ana).shares.get(share).await.unwrap().history;
    let said = history.iter().find(|entry| entry.what.starts_with("is paused")).expect("it is written down");
    assert!(said.what.contains("not proven"), "{}", said.what);
}

/// What a machine told before a pause says nothing of the file that has the rule again. Sabotage: `since` without `rule.at`.
#[tokio::test]
async fn opened_again_in_a_file_it_waits_for_what_the_machine_tells_from_then_on() {
    let all = Community::on(in_file()).await;
    let mill = all.connect().await;
    let (node, token) = dune(&all, mill, true).await;
    let share = all.accepted(mill, "tcp:25565", all.bruno, "bruno").await;
    all.approved(share, "bruno").await;
    all.drain().await;
    by_hand(&all, share).await;
    tell(&all, node, &token, netmap(Some("25565"))).await;
    assert!(matches!(all.state(share).await, ShareState::Active { .. }), "{:?}", all.state(share).await);
    all.later(60).await;
    all.ask(all.ana).shares.pause(share).await.unwrap();
    all.drain().await;
    by_hand(&all, share).await;
    assert!(matches!(all.state(share).await, ShareState::Paused { .. }), "{:?}", all.state(share).await);
    all.ask(all.ana).shares.open_again(share).await.unwrap();
    all.drain().await;
    by_hand(&all, share).await;
    let state = all.state(share).await;
    assert_eq!(state.attention().map(|why| &why.trouble), Some(&Trouble::InFile), "{state:?}");
    tell(&all, node, &token, netmap(Some("25565"))).await;
    assert!(matches!(all.state(share).await, ShareState::Active { .. }), "{:?}", all.state(share).await);
}

#[tokio::test]
async fn only_a_token_that_may_tell_is_believed() {
    let all = Community::on(in_file()).await;
    let mill = all.connect().await;
    let share = all.accepted(mill, "tcp:25565", all.bruno, "bruno").await;
    all.approved(share, "bruno").await;
    all.drain().await;
    by_hand(&all, share).await;
    let (node, token) = dune(&all, mill, false).await;
    assert_eq!(tell(&all, node, &token, netmap(Some("25565"))).await, StatusCode::UNAUTHORIZED);
    assert_eq!(tell(&all, node, "wrong", netmap(Some("25565"))).await, StatusCode::UNAUTHORIZED);
    assert_eq!(all.ask(all.ana).shares.get(share).await.unwrap().told, None);
    assert_eq!(all.state(share).await.attention().unwrap().trouble, Trouble::InFile);
    let (_, tells) = dune(&all, mill, true).await;
    assert_eq!(tell(&all, node, &tells, netmap(Some("25565"))).await, StatusCode::NO_CONTENT);
    assert!(matches!(all.state(share).await, ShareState::Active { .. }));

    let text = all.ask(all.ana).hosts.get(node).await.unwrap();
    let pull: String = text.pulls.iter().flat_map(|pull| &pull.lines).map(|line| line.text.clone()).collect();
    assert!(pull.contains(&app::paths::filter(node)) && pull.contains("tailscale debug netmap"), "{pull}");
}
