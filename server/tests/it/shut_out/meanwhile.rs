//! Whoever is shut out while a request of theirs is under way leaves nothing behind, and is no reason to wait.

use model::NewNode;
use model::host::May;
use server::session::Sessions;
use server::store::identities::Identity;
use server::store::standing::Deed as Change;
use tower_sessions::Session;

use super::*;

async fn count(app: &TestApp, sql: &'static str) -> i64 {
    let (count,): (i64,) = on!(&app.state.db, pool => sqlx::query_as(sql).fetch_one(pool).await).unwrap();
    count
}

#[tokio::test]
async fn a_tailnet_that_is_being_connected_when_its_owner_is_removed_is_not_kept() {
    for deed in [Deed::Block, Deed::Remove] {
        let all = Neighbours::demo().await;
        let ben = all.ask(Ben);
        let hold = all.demo.simulator.hold(Operation::ListDevices, Moment::BeforeEffect);
        let out = async {
            hold.held().await;
            act(&all.app, all.people[Ben].id, deed).await.unwrap();
            all.drain().await;
            hold.release();
        };
        let (answer, ()) = tokio::join!(ben.tailnets.connect(all.form(Ben)), out);
        assert_eq!(answer, Err(Fault::SignedOut), "{deed:?}");
        for sql in ["SELECT COUNT(*) FROM tailnets", "SELECT COUNT(*) FROM credentials"] {
            assert_eq!(count(&all.app, sql).await, 0, "{deed:?}: {sql}");
        }
    }
}

#[tokio::test]
async fn a_way_to_sign_in_a_session_and_a_stewardship_come_to_nobody_who_is_out() {
    for database in TestDatabase::each().await {
        let app = TestApp::on(config(), database);
        let world = World::seed(&app).await;
        let (db, out) = (&app.state.db, world.other);
        act(&app, out, Deed::Block).await.unwrap();
        let identity = Identity {
            id: app.state.new_id(),
            person: out,
            provider: "forge".into(),
            subject: "late".into(),
            label: "late".into(),
            email: None,
            linked: app.state.now(),
        };
        assert!(!db.link_identity(&identity, &world.entry(&app)).await.unwrap());
        assert!(db.find_identity("forge", "late").await.unwrap().is_none());

        let session = Session::new(None, Arc::new(Sessions::new(app.state.clone())), None);
        session.insert("person", out.to_string()).await.unwrap();
        session.save().await.unwrap();
        act(&app, out, Deed::Unblock).await.unwrap();
        let mut browser = app.browser();
        browser.set_cookie(app.cookie_name(), &session.id().unwrap().to_string());
        assert!(browser.get("/account").await.location().is_some(), "nobody is signed in by it later either");

        act(&app, out, Deed::Block).await.unwrap();
        db.add_steward(world.tailnet, out, &world.entry(&app)).await.unwrap();
        let stewards = db.list_stewards(world.tailnet).await.unwrap();
        assert!(stewards.iter().all(|(id, _)| *id != out), "{stewards:?}");
    }
}

#[tokio::test]
async fn who_waits_by_hand_for_a_machine_is_removed_all_the_same() {
    let all = Neighbours::demo().await;
    let ben = all.connect(Ben).await;
    let machine = NewNode { system: "debian".into(), ..NewNode::default() };
    all.ask(Ben).joining.wait(ben, machine).await.unwrap();
    all.drain().await;
    act(&all.app, all.people[Ben].id, Deed::Remove).await.unwrap();
    for _ in 0..3 {
        all.app.clock.advance_seconds(60);
        all.drain().await;
    }
    assert_eq!(standing_of(&all.app, all.people[Ben].id).await, Standing::Removed);
}

#[tokio::test]
async fn whose_machine_fetches_with_a_token_of_somebody_who_is_out_reads_it_there() {
    for deed in [Deed::Block, Deed::Remove] {
        let all = Neighbours::demo().await;
        let ana = all.connect(Ana).await;
        let (node, chiara) = (all.node(ana, "maple").await, all.people[Chiara].id);
        let steward = "INSERT INTO stewards (tailnet_id, person_id) VALUES ($1, $2)";
        on!(&all.app_state().db, pool => sqlx::query(steward).bind(ana).bind(chiara).execute(pool).await.map(drop))
            .unwrap();
        all.app_state().db.rebuild_notices(all.app_state().now()).await.unwrap();
        all.ask(Chiara).hosts.make_token(node, May::default()).await.unwrap();
        act(&all.app, chiara, deed).await.unwrap();
        all.drain().await;
        let page = all.ask(Ana).tailnets.node(node).await.unwrap();
        let told = page.history.iter().filter(|entry| entry.what.contains("asks for a new token")).count();
        assert_eq!(told, 1, "{deed:?}: {:?}", page.history);
    }
}

/// The command line may run where the clock is a little ahead.
#[tokio::test]
async fn a_link_to_come_back_is_good_at_once_where_two_clocks_differ_by_seconds() {
    let app = TestApp::start().await;
    let world = World::seed(&app).await;
    let ahead = app.state.now().plus_seconds(20);
    let deed = Change { person: world.other, now: ahead, entry: world.entry(&app) };
    let ends = ahead.plus_seconds(86_400);
    app.state.db.put_person_link(&deed, "hash", ends).await.unwrap().unwrap();
    let found = app.state.db.find_person_link("hash", app.state.now()).await.unwrap();
    assert_eq!(found.map(|(id, _)| id), Some(world.other));
}
