//! Clocks that were wrong: what is stored ahead of now holds nothing up, and ends of shares come when they come.

use std::collections::BTreeSet;
use std::time::Duration;

use model::{JobKind, JoiningState, NewNode, ShareState, Timestamp};
use server::clock::Clock as _;
use server::jobs::{Runner, finish_endings};
use server::on;
use server::queue;
use server::state::AppState;
use server::store::Db;
use server::store::jobs::LONGEST_WAIT;
use simulator::{Fault, FaultRule, Moment, Operation};
use sqlx::AssertSqlSafe;

mod columns;

use columns::{NUMBERS, TIMES, Time};

use crate::harness::TestApp;
use crate::harness::Who::{Ana, Dario};
use crate::harness::app::{START, config};
use crate::harness::database::TestDatabase;
use crate::harness::neighbours::Neighbours;
use crate::harness::rest::{Rest, close, copy, words};

const DAY: i64 = 86_400;

#[tokio::test]
async fn every_time_that_is_stored_is_listed_with_what_it_is() {
    let database = TestDatabase::sqlite().await;
    let sql = "SELECT m.name, c.name FROM sqlite_master m JOIN pragma_table_info(m.name) c
               WHERE m.type = 'table' AND m.name NOT LIKE '\\_%' ESCAPE '\\' AND c.type = 'BIGINT'";
    let stored: Vec<(String, String)> =
        on!(&database.db, pool => sqlx::query_as(sql).fetch_all(pool).await).unwrap();
    let stored: BTreeSet<(&str, &str)> = stored.iter().map(|(t, c)| (t.as_str(), c.as_str())).collect();
    let times = TIMES.iter().map(|(table, column, _)| (*table, *column));
    let listed: BTreeSet<(&str, &str)> =
        times.chain(NUMBERS).filter(|(table, _)| !table.contains('.')).collect();
    let missing: Vec<_> = stored.difference(&listed).collect();
    assert!(missing.is_empty(), "say in TIMES what these are, or in NUMBERS that they are none: {missing:?}");
    let gone: Vec<_> = listed.difference(&stored).collect();
    assert!(gone.is_empty(), "not stored any more: {gone:?}");
}

/// All that happens by itself at a time: what was asked of control planes, and the jobs that are left.
async fn round(rest: &Rest, state: &AppState) -> (BTreeSet<String>, BTreeSet<String>) {
    rest.all.demo.simulator.clear_log();
    finish_endings(state, Duration::from_secs(20)).await.unwrap();
    Runner::new(state.clone()).round().await.unwrap();
    let asked = rest.all.demo.simulator.log().into_iter();
    let asked = asked.map(|entry| format!("{:?} {}", entry.operation, entry.path)).collect();
    (asked, words(&state.db, "SELECT kind FROM jobs").await.into_keys().collect())
}

#[tokio::test(flavor = "multi_thread")]
async fn no_time_that_is_stored_ahead_holds_anything_up() {
    let rest = Rest::new().await;
    let folder = tempfile::tempdir().unwrap();
    let whole = folder.path().join("whole.db");
    let services = rest.all.app_state();
    queue::enqueue(services, JobKind::Sync, rest.tailnet).await.unwrap();
    let holder = services.new_id::<()>().uuid();
    let until = services.now().plus_seconds(1);
    for name in [format!("tailnet/{}", rest.tailnet), "probing".into()] {
        assert!(services.db.take_lease(&name, holder, services.now(), until).await.unwrap());
    }
    rest.all.app.clock.set(START.plus_seconds(400));
    copy(services, &whole).await;
    // What happens without any damage; a token of the client is asked for the first time only.
    let at = |name: &str| folder.path().join(name);
    for warm in ["warm.db", "control.db"] {
        std::fs::copy(&whole, at(warm)).unwrap();
    }
    let with = |db| AppState { db, ..services.clone() };
    round(&rest, &with(Db::open_sqlite(&at("warm.db")).await.unwrap())).await;
    let control = round(&rest, &with(Db::open_sqlite(&at("control.db")).await.unwrap())).await;
    assert!(control.0.iter().any(|call| call.contains("ListDevices")), "{control:?}");

    let mut wrong = Vec::new();
    let moved = TIMES
        .iter()
        .filter(|(table, _, time)| !table.contains('.') && !matches!(time, Time::Agreed | Time::Theirs));
    for (number, (table, column, time)) in moved.enumerate() {
        for by in [DAY, 3650 * DAY, -3650 * DAY] {
            let file = at(&format!("{number}{by}.db"));
            std::fs::copy(&whole, &file).unwrap();
            let moved = with(Db::open_sqlite(&file).await.unwrap());
            // One that says that something is gone or done is moved where it says so.
            let only =
                if *time == Time::Shown { format!("WHERE {column} IS NOT NULL") } else { String::new() };
            let sql = format!("UPDATE {table} SET {column} = $1 {only}");
            let to = services.now().plus_seconds(by).micros();
            on!(&moved.db, pool => sqlx::query(AssertSqlSafe(sql)).bind(to).execute(pool).await.map(drop))
                .unwrap();
            let (asked, left) = round(&rest, &moved).await;
            let missing: Vec<_> = control.0.difference(&asked).collect();
            if !missing.is_empty() {
                wrong.push(format!("{table}.{column} {by:+} s: never asked {missing:?}"));
            }
            // A wait that is over is no job any more, but none may wait that did not wait before.
            let more: Vec<_> = left.difference(&control.1).collect();
            if !more.is_empty() {
                wrong.push(format!("{table}.{column} {by:+} s: {more:?} is left"));
            }
            close(&moved.db, &file).await;
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// The simulator goes with the app.
fn set(all: &Neighbours, time: Timestamp) {
    all.app.clock.set(time);
    all.demo.simulator.pin_clock(time.to_string().parse().unwrap());
}

#[tokio::test]
async fn a_clock_that_was_wrong_for_a_while_stops_neither_syncs_nor_the_look_for_drift_nor_an_end() {
    for jump in [DAY, 3 * DAY, -DAY, -400 * DAY] {
        let all = Neighbours::demo().await;
        // Our clock is wrong while everything is made; that of the control plane is not.
        all.app.clock.set(START.plus_seconds(jump));
        let (ana, _) = (all.connect(Ana).await, all.connect(Dario).await);
        let node = all.node(ana, "maple").await;
        let share = all.accepted(Ana, node, "tcp:25565", Dario).await;
        all.approved(Ana, share).await;
        all.drain().await;
        assert!(matches!(all.state(share).await, ShareState::Active { .. }), "{:?}", all.state(share).await);
        all.round().await;

        all.app.clock.set(START);
        // Somebody takes the rule out: found by the next sync, not by the one of the wrong day.
        let without: String = all
            .policy("ana")
            .split_inclusive('\n')
            .filter(|line| !line.contains(&share.to_string()) && !line.contains("dario@"))
            .collect();
        all.demo.simulator.edit_policy("ana", without).unwrap();
        all.app.clock.advance_seconds(301);
        all.round().await;
        let state = all.state(share).await;
        assert!(matches!(state, ShareState::Drifted { .. }), "{jump:+}: {state:?}");
        let tailnet = all.app_state().db.find_tailnet(ana).await.unwrap().unwrap();
        assert_eq!(tailnet.synced, Some(all.app_state().now()), "{jump:+}");
        // An end is an end.
        all.ask(Ana).shares.end(share).await.unwrap();
        all.round().await;
        assert!(matches!(all.state(share).await, ShareState::Ended { .. }), "{jump:+}");
    }
}

#[tokio::test]
async fn what_a_control_plane_asked_for_a_day_ahead_is_not_waited_for() {
    let all = Neighbours::demo().await;
    let (ana, _) = (all.connect(Ana).await, all.connect(Dario).await);
    let share = all.accepted(Ana, all.node(ana, "maple").await, "tcp:25565", Dario).await;
    all.approved(Ana, share).await;
    set(&all, START.plus_seconds(DAY));
    all.demo.simulator.fail(FaultRule {
        target: Operation::GetPolicy.into(),
        fault: Fault::RateLimit { retry_after: Some(3600) },
        times: 1,
        moment: Moment::BeforeEffect,
    });
    all.drain().await;
    let state = all.state(share).await;
    assert!(matches!(&state, ShareState::NeedsAttention { attention, .. } if attention.again.is_some()));
    set(&all, START.plus_seconds(10));
    // Also not after a restart, which looks into the state of the share.
    finish_endings(all.app_state(), Duration::from_secs(20)).await.unwrap();
    all.drain().await;
    assert!(matches!(all.state(share).await, ShareState::Active { .. }), "{:?}", all.state(share).await);
}

#[tokio::test]
async fn a_control_plane_that_asks_for_days_is_asked_again_after_the_longest_wait() {
    let all = Neighbours::demo().await;
    let (ana, _) = (all.connect(Ana).await, all.connect(Dario).await);
    let share = all.accepted(Ana, all.node(ana, "maple").await, "tcp:25565", Dario).await;
    all.approved(Ana, share).await;
    all.demo.simulator.fail(FaultRule {
        target: Operation::GetPolicy.into(),
        fault: Fault::RateLimit { retry_after: Some(30 * 86_400) },
        times: 1,
        moment: Moment::BeforeEffect,
    });
    all.drain().await;
    all.demo.simulator.clear_log();
    set(&all, START.plus_seconds(3599));
    all.drain().await;
    assert_eq!(all.demo.simulator.log(), [], "not before, and not in a loop");
    set(&all, START.plus(LONGEST_WAIT));
    all.drain().await;
    assert!(matches!(all.state(share).await, ShareState::Active { .. }), "{:?}", all.state(share).await);
}

/// Written while the clock was ten years ahead.
#[tokio::test]
async fn what_waits_until_a_time_that_nobody_waits_for_waits_no_longer() {
    let all = Neighbours::demo().await;
    let (ana, _) = (all.connect(Ana).await, all.connect(Dario).await);
    let machine = NewNode { system: "debian".into(), ..NewNode::default() };
    let wait = all.ask(Ana).joining.wait(ana, machine).await.unwrap();
    let share = all.accepted(Ana, all.node(ana, "maple").await, "tcp:25565", Dario).await;
    all.approved(Ana, share).await;
    let busy = Fault::RateLimit { retry_after: Some(600) };
    all.demo.simulator.fail_next(Operation::GetPolicy, busy);
    all.drain().await;
    let later = START.plus_seconds(3650 * DAY);
    let [again, text] = [START.plus_seconds(600), later].map(|at| serde_json::to_string(&at).unwrap());
    let db = &all.app_state().db;
    let told = "UPDATE shares SET state_data = replace(state_data, $1, $2)";
    on!(db, pool => sqlx::query(told).bind(&again).bind(&text).execute(pool).await.map(drop)).unwrap();
    let stored = db.find_share(share).await.unwrap().unwrap().state;
    let ShareState::NeedsAttention { attention, .. } = &stored else { panic!("{stored:?}") };
    assert_eq!(attention.again, Some(later));
    let ends = "UPDATE joinings SET ends = $1";
    on!(db, pool => sqlx::query(ends).bind(later).execute(pool).await.map(drop)).unwrap();

    // As at a start.
    set(&all, START.plus_seconds(60));
    finish_endings(all.app_state(), Duration::from_secs(20)).await.unwrap();
    all.drain().await;
    assert!(matches!(all.state(share).await, ShareState::Active { .. }), "{:?}", all.state(share).await);
    assert_eq!(all.ask(Ana).joining.get(wait).await.unwrap().state, JoiningState::Lapsed);
}

#[tokio::test]
async fn an_invite_that_was_asked_for_a_day_ahead_is_asked_for_again() {
    let all = Neighbours::demo().await;
    let (ana, _) = (all.connect(Ana).await, all.connect(Dario).await);
    let share = all.accepted(Ana, all.node(ana, "maple").await, "tcp:25565", Dario).await;
    all.approved(Ana, share).await;
    set(&all, START.plus_seconds(DAY));
    // The question is lost on its way.
    all.demo.simulator.fail(FaultRule {
        target: Operation::CreateInvites.into(),
        fault: Fault::Status { status: 500, message: None },
        times: 1,
        moment: Moment::BeforeEffect,
    });
    all.drain().await;
    let stored = all.app_state().db.find_share(share).await.unwrap().unwrap();
    assert!(stored.deeds.invite_asked.is_some(), "{:?}", stored.state);
    set(&all, START.plus_seconds(3600));
    all.drain().await;
    assert_eq!(all.invites("ana"), 1);
    assert!(matches!(all.state(share).await, ShareState::Active { .. }), "{:?}", all.state(share).await);
}

#[tokio::test]
async fn a_session_that_was_made_ahead_does_not_outlive_the_others() {
    for database in TestDatabase::each().await {
        let app = TestApp::on(config(), database);
        let ana = app.person("Ana").await;
        let lifetime = app.state.config.session_lifetime;
        app.clock.advance_seconds(DAY);
        let mut ahead = app.signed_in(ana).await;
        app.clock.advance_seconds(-DAY);
        assert_eq!(ahead.get("/account").await.status, 303, "it is over: whoever it is signs in again");
        assert_eq!(app.state.db.sweep_sessions(app.clock.now(), lifetime).await.unwrap(), 1);
        let mut now = app.signed_in(ana).await;
        assert_eq!(now.get("/account").await.status, 200);
        let listed = app.state.db.list_sessions(ana, app.clock.now(), lifetime, None, 100).await.unwrap();
        assert_eq!(listed.len(), 1);
        // Two machines whose clocks are some seconds apart.
        app.clock.advance_seconds(-30);
        assert_eq!(now.get("/account").await.status, 200);
    }
}

#[tokio::test]
async fn a_lease_or_a_job_of_a_process_whose_clock_was_ahead_is_free() {
    for database in TestDatabase::each().await {
        let app = TestApp::on(config(), database);
        let (services, db) = (&app.state, &app.state.db);
        let lease = services.config.timing.lease;
        let [one, two] = [services.new_id::<()>().uuid(), services.new_id::<()>().uuid()];
        let ahead = services.now().plus_seconds(DAY);
        assert!(db.take_lease("tailnet/1", one, ahead, ahead.plus(lease)).await.unwrap());
        let now = services.now();
        assert!(db.take_lease("tailnet/1", two, now, now.plus(lease)).await.unwrap());
        assert!(!db.take_lease("tailnet/1", one, now, now.plus(lease)).await.unwrap(), "that one counts");

        queue::enqueue(services, JobKind::Sync, services.new_id::<()>()).await.unwrap();
        let claimed =
            db.claim_job(uuid::Uuid::nil(), ahead, ahead, ahead.plus(lease)).await.unwrap().unwrap();
        let again = db.claim_job(uuid::Uuid::nil(), now, now, now.plus(lease)).await.unwrap();
        assert_eq!(again.map(|job| job.id), Some(claimed.id));
        assert_eq!(
            db.claim_job(uuid::Uuid::nil(), now, now, now.plus(lease)).await.unwrap(),
            None,
            "that lock counts"
        );
        db.retry_job(&claimed, ahead).await.unwrap();
        assert!(db.claim_job(uuid::Uuid::nil(), now, now, now.plus(lease)).await.unwrap().is_some());
    }
}
