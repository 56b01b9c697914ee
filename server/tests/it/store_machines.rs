//! What is kept of machines: whether their services answer, who waits for new ones, what their hosts told. On each
//! database that there is.

use model::host::May;
use model::host::{Hold, Pasted, Told};
use model::{JobKind, JoiningState, NewNode, NodeId, Revision, Timestamp, ids::JoiningId};
use server::hosts;
use server::queue;
use server::store::Db;
use server::store::audit::NewEntry;
use server::store::hosts::{FriendAddresses, Seen};
use server::store::joinings::Joining;
use server::store::probes::Found;
use server::store::probes::ProbeResult;

use crate::harness::app::config;
use crate::harness::database::TestDatabase;
use crate::harness::{TestApp, World};

async fn each() -> Vec<(TestApp, World)> {
    let mut all = Vec::new();
    for database in TestDatabase::each().await {
        let app = TestApp::on(config(), database);
        let world = World::seed(&app).await;
        all.push((app, world));
    }
    all
}

#[tokio::test]
async fn a_finding_keeps_since_when_it_is_so_and_is_forgotten_when_it_is_old() {
    for (app, world) in each().await {
        let db = &app.state.db;
        let (start, address) = (app.state.now(), "100.64.0.1:25565".parse().unwrap());
        let at = |seconds| start.plus_seconds(seconds);
        let result =
            ProbeResult { version: Some("1.21".into()), players: Some((2, 20)), ..ProbeResult::default() };
        let put = async |result: Option<&ProbeResult>, now| {
            db.put_probe(world.service, address, result, (at(now), at(now + 60))).await.unwrap();
            db.find_probe(world.service).await.unwrap().unwrap()
        };
        let found = |answered, now, since, result: &ProbeResult| Found {
            answered,
            at: at(now),
            since: at(since),
            result: result.clone(),
        };
        assert_eq!(put(Some(&result), 0).await, found(true, 0, 0, &result));
        assert_eq!(put(Some(&result), 10).await, found(true, 10, 0, &result));
        assert_eq!(put(None, 20).await, found(false, 20, 20, &ProbeResult::default()));

        let elsewhere = "100.64.0.9:25565".parse().unwrap();
        db.put_probe(world.service, elsewhere, Some(&result), (at(30), at(90))).await.unwrap();
        assert!(!db.find_probe(world.service).await.unwrap().unwrap().answered, "not where it is now");

        db.forget_old_probes(at(79)).await.unwrap();
        assert!(db.find_probe(world.service).await.unwrap().is_some());
        db.forget_old_probes(at(80)).await.unwrap();
        assert_eq!(db.find_probe(world.service).await.unwrap(), None);
        assert!(db.list_probed().await.unwrap().iter().any(|probed| probed.service == world.service));
    }
}

fn intended(app: &TestApp, world: &World) -> Joining {
    let now = app.state.now();
    Joining {
        id: app.state.new_id(),
        tailnet: world.tailnet,
        chosen: NewNode { tags: vec!["tag:game".into()], ..NewNode::default() },
        key: None,
        description: "acequia test".into(),
        known: vec!["n1".into(), "n2".into()],
        created: now,
        ends: now.plus_seconds(3600),
        state: JoiningState::Making,
        observed_at: None,
        trouble: None,
        arrived: Vec::new(),
    }
}

/// Written down before its key is asked for.
async fn begin(app: &TestApp, world: &World) -> Joining {
    let joining = intended(app, world);
    let job = queue::job(&app.state, JobKind::Joining, joining.id);
    app.state.db.insert_joining(&joining, u32::MAX, &job, None).await.unwrap();
    joining
}

async fn found(db: &Db, id: JoiningId) -> Joining {
    db.find_joining(id).await.unwrap().unwrap()
}

#[tokio::test]
async fn a_key_is_intended_then_waited_with_then_over_once() {
    for (app, world) in each().await {
        let db = &app.state.db;
        let joining = begin(&app, &world).await;
        assert_eq!(found(db, joining.id).await, joining);
        let (job, ends) =
            (queue::job(&app.state, JobKind::Joining, joining.id), joining.created.plus_seconds(60));
        let entry = || world.entry(&app);
        let end = async |state| db.end_joining(joining.id, state, &[], &entry()).await.unwrap();
        assert!(!end(JoiningState::Lapsed).await, "what is not known to be there does not end");
        assert!(db.put_joining_key(joining.id, ("k9CNTRL", ends), &job, &entry()).await.unwrap());
        assert!(!db.undo_joining(joining.id, &job).await.unwrap(), "it is known");
        db.set_observed(joining.id, ends, Some("no answer")).await.unwrap();
        let waiting = Joining {
            key: Some("k9CNTRL".into()),
            ends,
            state: JoiningState::Waiting,
            observed_at: Some(ends),
            trouble: Some("no answer".into()),
            ..joining.clone()
        };
        assert_eq!(found(db, joining.id).await, waiting);
        assert!(db.list_joinings(world.tailnet).await.unwrap().whole().unwrap().contains(&waiting));
        assert!(end(JoiningState::Cancelled).await && !end(JoiningState::Lapsed).await);
        let over = Joining { state: JoiningState::Cancelled, trouble: None, ..waiting };
        assert_eq!(found(db, joining.id).await, over);
        assert!(!db.list_joinings(world.tailnet).await.unwrap().whole().unwrap().contains(&over));
    }
}

#[tokio::test]
async fn a_key_that_is_being_undone_is_kept_by_nobody() {
    for (app, world) in each().await {
        let db = &app.state.db;
        let (late, refused) = (begin(&app, &world).await, begin(&app, &world).await);
        let job = queue::job(&app.state, JobKind::Joining, late.id);
        assert!(db.undo_joining(late.id, &job).await.unwrap());
        let put = db.put_joining_key(late.id, ("k9CNTRL", late.ends), &job, &world.entry(&app)).await;
        assert!(!put.unwrap());
        db.forget_joining(late.id).await.unwrap();
        assert_eq!(found(db, late.id).await.state, JoiningState::Undoing, "not refused: unknown");
        db.forget_joining(refused.id).await.unwrap();
        assert_eq!(db.find_joining(refused.id).await.unwrap(), None);
    }
}

#[tokio::test]
async fn of_two_waits_that_see_the_same_machine_at_once_one_ends() {
    for (app, world) in each().await {
        let db = &app.state.db;
        let other = begin(&app, &world).await.id;
        let job = queue::job(&app.state, JobKind::Joining, other);
        let ends = app.state.now();
        assert!(db.put_joining_key(other, ("k9CNTRL", ends), &job, &world.entry(&app)).await.unwrap());
        let arrived: [NodeId; 1] = [world.node];
        let (one_entry, two_entry): (NewEntry, NewEntry) = (world.entry(&app), world.entry(&app));
        let (one, two) = tokio::join!(
            db.end_joining(world.joining, JoiningState::Arrived, &arrived, &one_entry),
            db.end_joining(other, JoiningState::Arrived, &arrived, &two_entry)
        );
        assert!(one.unwrap() ^ two.unwrap());
        assert_eq!(db.list_arrived(world.tailnet).await.unwrap(), arrived);
        assert_eq!(db.list_joinings(world.tailnet).await.unwrap().whole().unwrap().len(), 1);
    }
}

#[tokio::test]
async fn a_host_has_one_token_and_tells_what_it_fetched_and_what_was_seen() {
    for (app, world) in each().await {
        let (db, node, now) = (&app.state.db, world.node, app.state.now());
        let put = async |hash| {
            db.put_pull_token(node, (hash, May::default()), now, &world.entry(&app)).await.unwrap();
        };
        let good = async |hash| db.is_pull_token(node, hash).await.unwrap();
        assert!(!good("one").await);
        put(Some("one")).await;
        db.mark_asked(node, (None, None), now).await.unwrap();
        let host = db.find_host(node).await.unwrap();
        assert_eq!((host.asked, host.told), (Some(now), None));
        let has = (Some(Revision::new(7)), Some(Hold::Holds));
        db.mark_asked(node, has, now.plus_seconds(5)).await.unwrap();
        let told = Told { at: now.plus_seconds(5), revision: Revision::new(7), hold: Some(Hold::Holds) };
        assert_eq!(db.find_host(node).await.unwrap().told, Some(told));
        let listed = db.list_hosts(world.tailnet).await.unwrap();
        assert_eq!(listed, [], "it has no text yet");
        db.choose_host(node, firewall::Backend::Nftables, "tailscale0", &world.entry(&app)).await.unwrap();
        hosts::renew(&app.state, node).await.unwrap();
        let listed = db.list_hosts(world.tailnet).await.unwrap();
        assert_eq!(
            listed.iter().map(|host| (host.node, host.revision)).collect::<Vec<_>>(),
            [(node, Revision::new(1))]
        );
        put(Some("two")).await;
        assert!(!good("one").await && good("two").await);
        let host = db.find_host(node).await.unwrap();
        let told = host.told.map(|told| told.revision);
        assert_eq!(
            (host.token_made, told),
            (Some(now), Some(Revision::new(7))),
            "what is in force there is the same"
        );
        put(None).await;
        let host = db.find_host(node).await.unwrap();
        assert_eq!((host.asked, host.told), (None, None), "nobody asks any more");
        assert!(!good("two").await);
        assert_eq!(db.find_host(node).await.unwrap().token_made, None);

        let seen = |number, whole| Seen {
            revision: Revision::new(number),
            whole,
            hold: Some(Hold::Blind),
            unseen: Some(i64::from(number)),
        };
        db.mark_seen_on_host(node, seen(7, false), now, &world.entry(&app)).await.unwrap();
        db.mark_seen_on_host(node, seen(8, true), now, &world.entry(&app)).await.unwrap();
        let pasted = Pasted { at: now, revision: Revision::new(8), whole: true, hold: Some(Hold::Blind) };
        let host = db.find_host(node).await.unwrap();
        assert_eq!((host.pasted, host.unseen), (Some(pasted), Some(8)));
    }
}

#[tokio::test]
async fn addresses_of_friends_are_replaced_whole() {
    for (app, world) in each().await {
        let (db, node, now) = (&app.state.db, world.node, app.state.now());
        let seen = |login: &str, read: Timestamp| FriendAddresses {
            login: login.into(),
            addresses: vec!["100.64.9.20".into(), "fd7a:115c:a1e0::9".into()],
            read,
        };
        let put = async |all: &[FriendAddresses]| {
            db.put_friend_addresses(node, (all, true), &world.entry(&app)).await.unwrap();
            db.list_friend_addresses(node).await.unwrap().whole().unwrap()
        };
        let both = [seen("dario@example.com", now), seen("eve@example.com", now)];
        assert_eq!(put(&both).await, both);
        assert_eq!(put(&both[1..]).await, both[1..]);
        assert_eq!(put(&[]).await, []);
    }
}
