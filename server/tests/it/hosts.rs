//! The host of a machine: it fetches its text with a token, rules that are pasted are compared, friends are held to
//! their addresses.

use app::fault::Fault;
use app::ports::hosts::{Found, Proof};
use axum::body::Body;
use axum::http::{Request, StatusCode};
use model::NodeId;
use model::host::May;
use server::jobs::drop_old;
use tower::ServiceExt as _;

use crate::harness::Who::{Ana, Dario};
use crate::harness::neighbours::Neighbours;

struct Fetched {
    status: StatusCode,
    etag: String,
    kind: String,
    text: String,
}

async fn fetch(all: &Neighbours, path: &str, token: Option<&str>, known: Option<&str>) -> Fetched {
    let mut request = Request::get(path);
    if let Some(token) = token {
        // As some programs write it: the scheme has no case.
        request = request.header("authorization", format!("bearer {token}"));
    }
    if let Some(etag) = known {
        request = request.header("if-none-match", etag);
    }
    let answer = all.app.router.clone().oneshot(request.body(Body::empty()).unwrap()).await.unwrap();
    let header = |name: &str| {
        answer.headers().get(name).map(|value| value.to_str().unwrap().to_owned()).unwrap_or_default()
    };
    let (status, etag, kind) = (answer.status(), header("etag"), header("content-type"));
    let body = axum::body::to_bytes(answer.into_body(), 1 << 20).await.unwrap();
    Fetched { status, etag, kind, text: String::from_utf8(body.to_vec()).unwrap() }
}

/// Ana's maple with one share of Dario's in force.
pub async fn shared() -> (Neighbours, NodeId) {
    let all = Neighbours::demo().await;
    let (ana, _) = (all.connect(Ana).await, all.connect(Dario).await);
    let node = all.node(ana, "maple").await;
    let share = all.accepted(Ana, node, "tcp:25565", Dario).await;
    all.approved(Ana, share).await;
    all.drain().await;
    all.ask(Ana).firewall.choose(node, "nftables".into(), String::new()).await.unwrap();
    (all, node)
}

/// What is known to be in place: revision, what was found, and how.
async fn found(all: &Neighbours, node: NodeId) -> Option<(u32, Found, Proof)> {
    let known = all.ask(Ana).hosts.get(node).await.unwrap().standing.in_place?;
    Some((known.revision.number(), known.found, known.proof))
}

#[tokio::test]
async fn a_host_fetches_its_text_with_its_own_token_only() {
    let (all, node) = shared().await;
    let path = app::paths::pull(node);
    let token = all.ask(Ana).hosts.make_token(node, May::default()).await.unwrap();
    let first = fetch(&all, &path, Some(&token), None).await;
    assert_eq!(first.status, StatusCode::OK);
    assert!(first.text.starts_with("# acequia:begin ") && first.text.contains("25565"), "{}", first.text);
    assert_eq!(first.text, all.ask(Ana).firewall.text(node).await.unwrap(), "what its page shows");

    let view = all.ask(Ana).hosts.get(node).await.unwrap();
    assert!(view.fetched.is_some());
    assert_eq!(view.standing.in_place, None, "what it was given it may not have put in force yet");

    let again = fetch(&all, &path, Some(&token), Some(&first.etag)).await;
    assert_eq!((again.status, again.text.as_str()), (StatusCode::NOT_MODIFIED, ""));
    assert_eq!(found(&all, node).await, Some((2, Found::Current, Proof::Told)));
    for unheard_of in ["\"2-0000000000000000\"", "\"9-x\"", "*", "W/\"\""] {
        fetch(&all, &path, Some(&token), Some(unheard_of)).await;
        assert_eq!(found(&all, node).await, None, "{unheard_of}");
    }

    // Unknown node, wrong token, no token: the same answer, word for word.
    let other = all.node(all.app_state().db.find_node(node).await.unwrap().unwrap().tailnet, "maple").await;
    assert_eq!(other, node);
    let unknown = app::paths::pull("0".repeat(32).parse().unwrap());
    let mut told = Vec::new();
    for (path, token) in [(&path, Some("wrong")), (&path, None), (&unknown, Some(token.as_str()))] {
        let refused = fetch(&all, path, token, None).await;
        assert_eq!(refused.status, StatusCode::UNAUTHORIZED);
        assert_eq!(refused.kind, "application/problem+json");
        told.push(refused.text);
    }
    assert!(told.windows(2).all(|pair| pair[0] == pair[1]), "{told:?}");
    let kind = fetch(&all, &path.replace("nftables", "pf"), Some(&token), None).await;
    assert_eq!(kind.status, StatusCode::NOT_FOUND);

    all.ask(Ana).hosts.revoke_token(node).await.unwrap();
    assert_eq!(fetch(&all, &path, Some(&token), None).await.status, StatusCode::UNAUTHORIZED);
    let described = fetch(&all, "/api/v1/openapi.json", None, None).await.text;
    assert!(described.contains("/api/v1/nodes/{id}/firewall/{backend}"), "{described}");
}

#[tokio::test]
async fn the_end_of_a_share_is_another_text_with_another_mark() {
    let (all, node) = shared().await;
    let (path, token) =
        (app::paths::pull(node), all.ask(Ana).hosts.make_token(node, May::default()).await.unwrap());
    let open = fetch(&all, &path, Some(&token), None).await;
    let share = all.ask(Ana).shares.list().await.unwrap().given[0].clone();
    let id = share.href.rsplit('/').next().unwrap().parse().unwrap();
    all.ask(Ana).shares.end(id).await.unwrap();
    all.drain().await;
    let ended = fetch(&all, &path, Some(&token), Some(&open.etag)).await;
    assert_eq!(ended.status, StatusCode::OK);
    assert!(!ended.text.contains("25565"), "{}", ended.text);
}

#[tokio::test]
async fn pasted_rules_are_compared_and_what_is_in_place_is_remembered() {
    let (all, node) = shared().await;
    let hosts = all.ask(Ana).hosts;
    let text = all.ask(Ana).firewall.text(node).await.unwrap();
    let good = hosts.read_rules(node, text.clone()).await.unwrap();
    assert!(good.good && good.words.contains("the rules are those of the text"), "{good:?}");
    assert_eq!(found(&all, node).await, Some((2, Found::Current, Proof::Pasted)));

    let wider = hosts.read_rules(node, text.replace("25565", "22")).await.unwrap();
    assert!(!wider.good && wider.words.contains("rules were changed"), "{wider:?}");
    assert_eq!(found(&all, node).await, Some((2, Found::Altered, Proof::Pasted)));

    // Rules that were looked at outweigh a number that the host says of itself.
    let (path, token) = (app::paths::pull(node), hosts.make_token(node, May::default()).await.unwrap());
    let etag = fetch(&all, &path, Some(&token), None).await.etag;
    all.app.clock.advance_seconds(300);
    fetch(&all, &path, Some(&token), Some(&etag)).await;
    assert_eq!(found(&all, node).await, Some((2, Found::Altered, Proof::Pasted)));
    let home = all.ask(Ana).inbox.home().await.unwrap().items;
    assert!(home.iter().any(|item| item.title == "The firewall rules of maple were changed"), "{home:?}");

    for unclear in ["Operation not permitted (you must be root)", "table inet filter {\n}\n"] {
        let unclear = hosts.read_rules(node, unclear.into()).await.unwrap();
        assert!(!unclear.good && unclear.words.contains("Nothing was noted"), "{unclear:?}");
        assert_eq!(found(&all, node).await, Some((2, Found::Altered, Proof::Pasted)));
    }
    let gone = hosts.read_rules(node, "Error: No such file or directory".into()).await.unwrap();
    assert!(!gone.good && gone.words.contains("not in force"), "{gone:?}");
    assert_eq!(found(&all, node).await, Some((0, Found::Nothing, Proof::Pasted)));
    let home = all.ask(Ana).inbox.home().await.unwrap().items;
    assert!(home.iter().any(|item| item.title == "maple has no guard in force"), "{home:?}");
    for empty in [String::new(), "x".repeat(2 << 20)] {
        assert!(matches!(hosts.read_rules(node, empty).await, Err(Fault::Invalid(_))));
    }
}

#[tokio::test]
async fn friends_are_held_to_their_addresses_once_the_machine_has_told_them() {
    let (all, node) = shared().await;
    let hosts = all.ask(Ana).hosts;
    let before = hosts.get(node).await.unwrap();
    assert!(before.friends.is_empty());
    let revision = async || all.app_state().db.find_node(node).await.unwrap().unwrap().firewall_revision;
    let first = revision().await;
    let status = r#"{"Peer":{"nodekey:a":{"UserID":7,"TailscaleIPs":["100.64.9.20"],"ShareeNode":true}},
        "User":{"7":{"ID":7,"LoginName":"dario@nopal.example"}}}"#;
    assert_eq!(hosts.read_status(node, status.into()).await.unwrap(), 1);
    assert_eq!(revision().await, first.next(), "another text is another revision");
    assert!(all.ask(Ana).firewall.text(node).await.unwrap().contains("100.64.9.20"));
    assert_eq!(hosts.read_status(node, status.into()).await.unwrap(), 1);
    assert_eq!(revision().await, first.next(), "the same addresses change nothing");
    for wrong in ["", "100.64.9.20 dario", "{}"] {
        assert!(matches!(hosts.read_status(node, wrong.into()).await, Err(Fault::Invalid(_))), "{wrong:?}");
    }
    // A device that is the owner's by now is no friend's any more, and stops no text.
    let own = all.app_state().db.find_node(node).await.unwrap().unwrap().addresses[0].clone();
    let theirs = status.replace("\"100.64.9.20\"", &format!("\"100.64.9.20\",\"{own}\""));
    hosts.read_status(node, theirs).await.unwrap();
    assert!(all.ask(Ana).firewall.text(node).await.unwrap().contains("100.64.9.20"));
    hosts.forget_friends(node).await.unwrap();
    assert!(!all.ask(Ana).firewall.text(node).await.unwrap().contains("100.64.9.20"));
    let theirs = all.ask(Dario).hosts;
    assert_eq!(theirs.get(node).await.unwrap_err(), Fault::NotFound);
    assert_eq!(theirs.make_token(node, May::default()).await.unwrap_err(), Fault::NotFound);
}

#[tokio::test]
async fn an_owner_is_told_of_a_host_that_has_an_older_text() {
    let (all, node) = shared().await;
    let ana = all.ask(Ana);
    let waiting = async || -> Vec<String> {
        let items = ana.inbox.home().await.unwrap().items;
        items.into_iter().map(|item| item.title).filter(|title| title.contains("firewall text")).collect()
    };
    let text = ana.firewall.text(node).await.unwrap();
    ana.hosts.read_rules(node, text).await.unwrap();
    assert_eq!(waiting().await, [""; 0]);
    let share = ana.shares.list().await.unwrap().given[0].share.unwrap();
    ana.shares.end(share).await.unwrap();
    assert_eq!(waiting().await, ["maple waits for its new firewall text"]);
    let told = ana.shares.get(share).await.unwrap().host.unwrap();
    assert_eq!(told.in_place.unwrap().found, Found::Older);

    // One that fetches by itself is given the time to come by.
    let token = ana.hosts.make_token(node, May::default()).await.unwrap();
    assert_eq!(waiting().await, [""; 0]);
    all.app.clock.advance_seconds(3600);
    assert_eq!(waiting().await, ["maple waits for its new firewall text"]);
    let etag = fetch(&all, &app::paths::pull(node), Some(&token), None).await.etag;
    assert_eq!(waiting().await, ["maple waits for its new firewall text"]);
    fetch(&all, &app::paths::pull(node), Some(&token), Some(&etag)).await;
    assert_eq!(waiting().await, [""; 0]);
    assert_eq!(all.ask(Dario).inbox.home().await.unwrap().items, []);
    all.drain().await;
}

/// The time stands in the row, so nobody has to look and no job has to come by. Fails if a new text (`put_revision`) or a visit
/// (`mark_asked`) renews no notice, or if the time is counted from anything else than the text.
#[tokio::test]
async fn a_text_that_is_not_in_force_is_told_a_quarter_of_an_hour_after_it_was_made() {
    const QUARTER: i64 = 15 * 60;
    let (all, node) = shared().await;
    let ana = all.ask(Ana);
    let waiting = async || -> Vec<String> {
        all.check_notices().await;
        let items = ana.inbox.home().await.unwrap().items;
        items.into_iter().map(|item| item.title).filter(|title| title.contains("firewall text")).collect()
    };
    let (path, token) = (app::paths::pull(node), ana.hosts.make_token(node, May::default()).await.unwrap());
    all.app.clock.advance_seconds(QUARTER - 1);
    assert_eq!(waiting().await, [""; 0]);
    all.app.clock.advance_seconds(1);
    assert_eq!(waiting().await, ["maple has not fetched its firewall text"]);
    // It was given the text, and has not said that it is in force.
    let etag = fetch(&all, &path, Some(&token), None).await.etag;
    assert_eq!(waiting().await, ["maple has not fetched its firewall text"]);
    fetch(&all, &path, Some(&token), Some(&etag)).await;
    assert_eq!(waiting().await, [""; 0], "with its word");

    // Another text, an hour later. What the host says of the old one meanwhile puts nothing off.
    all.app.clock.advance_seconds(3600);
    let share = ana.shares.list().await.unwrap().given[0].share.unwrap();
    ana.shares.end(share).await.unwrap();
    all.drain().await;
    for _ in 0..2 {
        all.app.clock.advance_seconds(QUARTER / 2 - 1);
        fetch(&all, &path, Some(&token), Some(&etag)).await;
        assert_eq!(waiting().await, [""; 0]);
    }
    all.app.clock.advance_seconds(2);
    assert_eq!(waiting().await, ["maple waits for its new firewall text"]);
    let newest = fetch(&all, &path, Some(&token), Some(&etag)).await.etag;
    fetch(&all, &path, Some(&token), Some(&newest)).await;
    assert_eq!(waiting().await, [""; 0], "with its word");
}

/// Sabotage: `from.happened(now)` in `HostFacts::in_force` again, or `bring_back_times` left out of `drop_old`.
#[tokio::test]
async fn a_text_that_was_made_by_a_clock_ahead_waits_as_it_is_stored_and_is_told_of_in_time() {
    let (all, node) = shared().await;
    let (ana, now) = (all.ask(Ana), all.app_state().now());
    let waiting = async || {
        all.check_notices().await;
        let items = ana.inbox.home().await.unwrap().items;
        items.into_iter().any(|item| item.title == "maple waits for its new firewall text")
    };
    let token = ana.hosts.make_token(node, May::default()).await.unwrap();
    let etag = fetch(&all, &app::paths::pull(node), Some(&token), None).await.etag;
    fetch(&all, &app::paths::pull(node), Some(&token), Some(&etag)).await;
    all.app.clock.set(now.plus_seconds(86_400));
    let share = ana.shares.list().await.unwrap().given[0].share.unwrap();
    ana.shares.end(share).await.unwrap();
    all.app.clock.set(now);
    assert!(!waiting().await);
    drop_old(all.app_state()).await.unwrap();
    assert!(!waiting().await, "it is given the time to come by");
    all.app.clock.advance_seconds(15 * 60);
    assert!(waiting().await);
    all.drain().await;
}
