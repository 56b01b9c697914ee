//! What answers is asked first, and a server is looked after once.

use app::fault::Fault;
use app::ports::tailnets::{ConnectForm, Sync};
use model::{PersonId, PlaneKind, TailnetId};
use simulator::headscale::world::Headscale;
use simulator::{Dialect, Operation};

use super::VERSIONS;
use crate::harness::community::{Community, world};

async fn refused(all: &Community, who: PersonId, form: ConnectForm) -> (String, String) {
    let answer = all.ask(who).tailnets.connect(form).await;
    match answer {
        Err(Fault::Invalid(errors)) if errors.len() == 1 => errors.into_iter().next().unwrap(),
        Err(Fault::Unavailable(why)) => (String::new(), why.to_string()),
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn a_server_says_itself_what_it_is_and_that_is_asked_anew() {
    let kinds = [PlaneKind::Headscale028, PlaneKind::Headscale029, PlaneKind::Headscale030];
    for (version, kind) in VERSIONS.into_iter().zip(kinds) {
        let all = Community::of(version).await;
        let mill = all.connect().await;
        assert_eq!(all.tailnet(mill).await.kind, kind);
        let view = all.ask(all.ana).tailnets.get(mill).await.unwrap();
        assert!(matches!(view.card.sync, Sync::Done { .. }), "{:?}", view.card.sync);
        assert_eq!((view.card.nodes, view.card.online), (4, 4));
        let users: Vec<&str> = view.users.items.iter().map(|user| user.login.as_str()).collect();
        assert_eq!(users, ["ana@", "bruno@", "https://id.example.com/u-carla@"]);
        assert!(view.may_write);
        assert!(view.notes.iter().any(|note| note.contains("without a condition")), "{:?}", view.notes);
        let names: Vec<&str> = view.nodes.items.iter().map(|node| node.dns_name.as_str()).collect();
        assert!(names.contains(&"dune.hs.example"), "{names:?}");

        // As if it had been another one when it was connected.
        all.app.state.db.put_plane_kind(mill, PlaneKind::HeadscaleOlder).await.unwrap();
        all.sync(mill).await;
        assert_eq!(all.tailnet(mill).await.kind, kind);
    }
}

#[tokio::test]
async fn what_is_wrong_is_said_at_its_field_and_nothing_is_stored() {
    let all = Community::of(Dialect::V0_29).await;
    let form = || all.form();
    let other = ConnectForm { base_url: all.simulator.api_url(), ..form() };
    let (field, why) = refused(&all, all.ana, other).await;
    assert!(field == "base_url" && why.contains("no Headscale"), "{field}: {why}");
    let wrong = ConnectForm { api_key: "hskey-api-wrong-wrong".into(), ..form() };
    let (field, why) = refused(&all, all.ana, wrong).await;
    assert!(field == "api_key" && why.contains("wrong, expired"), "{field}: {why}");
    for key in ["tskey-api-k1-x", "tskey-client-k1-x", "tskey-auth-k1-x"] {
        let (field, why) = refused(&all, all.ana, ConnectForm { api_key: key.into(), ..form() }).await;
        assert!(
            field == "api_key" && why.contains("key of Tailscale") && !why.contains("k1"),
            "{field}: {why}"
        );
    }
    let odd = ConnectForm { api_key: "two words".into(), ..form() };
    assert_eq!(refused(&all, all.ana, odd).await.0, "api_key");
    let strange = ConnectForm { base_url: "https://elsewhere.example".into(), ..form() };
    assert_eq!(refused(&all, all.ana, strange).await.0, "base_url");
    let command = ConnectForm { login_server: "https://x.example/;reboot".into(), ..form() };
    assert_eq!(refused(&all, all.ana, command).await.0, "login_server");
    let domain = ConnectForm { base_domain: "a b".into(), ..form() };
    assert_eq!(refused(&all, all.ana, domain).await.0, "base_domain");
    let client = ConnectForm {
        api_key: String::new(),
        client_id: "k1".into(),
        client_secret: "tskey-client-k1-x".into(),
        ..form()
    };
    let (field, why) = refused(&all, all.ana, client).await;
    assert!(field == "client_secret" && why.contains("API key"), "{field}: {why}");
    assert!(all.ask(all.ana).tailnets.list().await.unwrap().is_empty());
}

#[tokio::test]
async fn a_server_that_somebody_connected_is_not_connected_by_another_whatever_its_address() {
    let all = Community::of(Dialect::V0_29).await;
    let mill = all.connect().await;
    let (field, why) = refused(&all, all.ana, all.form()).await;
    assert!(field == "base_url" && why.contains("“The mill”"), "{why}");
    let why = owner_asked(&all, all.bruno).await;
    assert!(why.contains("steward") && !why.contains("mill"), "{why}");

    // The same machines behind another address.
    let state = &all.app.state;
    let rename = "UPDATE tailnets SET base_url = 'http://127.0.0.1:1' WHERE id = $1";
    assert_eq!(state.db.query(rename, (mill,)).execute().await.unwrap(), 1);
    let why = owner_asked(&all, all.bruno).await;
    assert!(why.contains("steward"), "{why}");

    // One that was empty when it was connected is found at its first look.
    let hide = "UPDATE nodes SET node_key = NULL WHERE tailnet_id = $1";
    state.db.query(hide, (mill,)).execute().await.unwrap();
    let second = all.ask(all.bruno).tailnets.connect(all.form()).await.unwrap();
    let back = "UPDATE nodes SET node_key = 'nodekey:' || control_id WHERE tailnet_id = $1";
    state.db.query(back, (mill,)).execute().await.unwrap();
    let keys: Vec<(String, String)> = {
        let own = server::planes::of(state, second).await.unwrap().list_devices().await.unwrap().devices;
        own.into_iter().filter_map(|one| Some((one.id.as_str().to_owned(), one.node_key?))).collect()
    };
    for (id, key) in keys {
        let put = "UPDATE nodes SET node_key = $2 WHERE control_id = $1";
        state.db.query(put, (id, key)).execute().await.unwrap();
    }
    all.drain().await;
    let card = all.ask(all.bruno).tailnets.get(second).await.unwrap().card;
    let Sync::Failed { why, .. } = card.sync else { panic!("{:?}", card.sync) };
    assert!(why.contains("connected here already"), "{why}");
    assert_eq!(card.nodes, 0, "nobody sees others' machines as theirs");
    assert_eq!(one_lease(&all, mill, second).await, (true, false), "whoever works on one works on both");
}

/// What somebody is told who connects the server a second time.
async fn owner_asked(all: &Community, who: PersonId) -> String {
    match all.ask(who).tailnets.connect(all.form()).await {
        Err(Fault::Conflict(why)) => why.to_string(),
        other => panic!("{other:?}"),
    }
}

async fn one_lease(all: &Community, first: TailnetId, second: TailnetId) -> (bool, bool) {
    let state = &all.app.state;
    let held = server::tailnet::Lease::take(state, first).await.unwrap();
    let other = server::tailnet::Lease::take(state, second).await.unwrap();
    let both = (held.is_some(), other.is_some());
    for lease in [held, other].into_iter().flatten() {
        lease.give_back().await.unwrap();
    }
    both
}

#[tokio::test]
async fn an_older_server_is_read_and_nothing_is_changed_on_it() {
    let all = Community::of(Dialect::V0_28).await;
    let mill = all.connect().await;
    all.app.state.db.put_plane_kind(mill, PlaneKind::HeadscaleOlder).await.unwrap();
    let view = all.ask(all.ana).tailnets.get(mill).await.unwrap();
    assert!(view.notes.iter().any(|note| note.contains("older than 0.28")), "{:?}", view.notes);
    let plane = server::planes::of(&all.app.state, mill).await.unwrap();
    let read = plane.get_policy().await.unwrap();
    all.simulator.clear_log();
    let mark = control_plane::Precondition::Matches(read.etag.unwrap());
    assert!(plane.set_policy(&format!("{}// more\n", read.text), &mark).await.is_err());
    assert!(!all.calls().contains(&Operation::V1SetPolicy));
}

#[tokio::test]
async fn reach_graph_findings_and_the_policy_are_read_in_the_servers_language() {
    for version in VERSIONS {
        let all = Community::of(version).await;
        let mill = all.connect().await;
        let asked = all.ask(all.ana);
        let policy = asked.tailnets.policy(mill).await.unwrap();
        assert_eq!((policy.refused, policy.silent), (None, None), "{version:?}");
        let lets: Vec<String> = policy.lines.into_iter().filter_map(|line| line.lets_in).collect();
        assert!(lets.iter().any(|line| line.contains("ana@")), "{lets:?}");
        let snapshot = all.app.state.db.get_snapshot(mill).await.unwrap().unwrap();
        assert!(snapshot.dialect.unwrap().is_headscale());
        assert!(snapshot.network.contains("carla@example.com"), "policies name her by it too");
    }
}

#[tokio::test]
async fn a_server_without_a_policy_lets_everybody_in_and_that_is_seen() {
    let all = Community::on(Headscale { policy: None, ..world(Dialect::V0_29) }).await;
    let mill = all.connect().await;
    let share = all.accepted(mill, "tcp:25565", all.bruno, "bruno").await;
    let decision = all.approved(share, "bruno").await;
    assert_eq!(decision, model::Decision::NarrowAndApply);
    all.drain().await;
    let state = all.state(share).await;
    assert!(matches!(state, model::ShareState::Active { .. }), "{state:?}");
    all.ask(all.ana).shares.end(share).await.unwrap();
    all.drain().await;
    assert!(all.state(share).await.is_over());
    assert!(all.policy().contains("acls"), "the last rule does not go with its list: {}", all.policy());
}
