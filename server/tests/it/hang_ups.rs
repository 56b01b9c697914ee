//! Clients hang up at each moment at which a write waits for something: the server drops it there.

use std::time::Duration;

use crate::access::table::{Access, Role, Row, TABLE};
use server::config::Config;
use server::on;
use server::store::Db;
use server::tailnet::Lease;

use crate::access::Scene;
use crate::harness::TestApp;
use crate::harness::app::config;
use crate::harness::connections::left_in_a_transaction;
use crate::harness::database::TestDatabase;
use crate::harness::hang_up::hang_up_at;

const GLANCE: Duration = Duration::from_millis(10);
/// More than any write waits.
const MOST_WAITS: usize = 2_000;

/// What is typed besides what the table names, so that there is something to write.
const TYPED: &[(&str, &str)] = &[
    ("name", "Wiki"),
    ("kind", "web"),
    ("ports", "tcp:443"),
    ("audience", "everybody"),
    ("to", "link"),
    ("until", "ended"),
    ("backend", "nftables"),
    ("interface", "tailscale0"),
    ("system", "nixos"),
    ("routing", "none"),
    ("theme", "dark"),
    ("tells", "true"),
    ("login", "dario@example.com"),
    ("client_id", "k1"),
    ("client_secret", "tskey-client-k1-s"),
];

/// Every write, as somebody who may do it; those come last after which there is nothing left to write.
fn writes() -> Vec<(&'static Row, Role)> {
    let allowed = |row: &Row| Role::ALL.into_iter().rev().find(|role| row.access(*role) == Access::Allowed);
    let rows = TABLE.iter().filter(|row| row.method == "POST");
    let mut writes: Vec<_> = rows.filter_map(move |row| Some((row, allowed(row)?))).collect();
    let ends = ["remove", "end", "withdraw", "unlink", "revoke", "forget", "decline", "cancel", "out"];
    writes.sort_by_key(|(row, _)| {
        (row.path.contains("disconnect"), ends.iter().any(|word| row.path.contains(word)))
    });
    writes
}

/// Hangs up at the first wait, the second, and so on until the answer is there. Gives at how many.
async fn hang_up_everywhere(scene: &Scene, row: &Row, role: Role) -> usize {
    let db = &scene.app.state.db;
    for wait in 1..MOST_WAITS {
        let mut browser = scene.browser(role).await;
        let mut fields = Vec::new();
        for name in row.fields {
            fields.push(((*name).to_owned(), scene.value(name, role).await));
        }
        let typed = TYPED.iter().filter(|(name, _)| !row.fields.contains(name));
        fields.extend(typed.map(|(name, value)| ((*name).to_owned(), (*value).to_owned())));
        let answer = hang_up_at(wait, scene.send(&mut browser, row, &fields, true)).await;
        let left = left_in_a_transaction(db).await;
        assert_eq!(left, None, "{} {} as {role:?}, hung up at wait {wait}", row.method, row.path);
        if let Some(answer) = answer {
            // A control plane that does not answer may be told of.
            assert_ne!(answer.status.as_u16(), 500, "{}: {answer:?}", row.path);
            return wait - 1;
        }
    }
    panic!("{} {} waits for ever", row.method, row.path);
}

async fn leases(app: &TestApp) -> i64 {
    let (leases,): (i64,) =
        on!(&app.state.db, pool => sqlx::query_as("SELECT COUNT(*) FROM leases").fetch_one(pool).await)
            .unwrap();
    leases
}

/// Asks the database, which tells nobody of itself, until it is so.
async fn until(what: &str, is_so: impl AsyncFn() -> bool) {
    let waits = async {
        while !is_so().await {
            tokio::time::sleep(GLANCE).await;
        }
    };
    tokio::time::timeout(Duration::from_mins(1), waits).await.expect(what);
}

/// They are given back in tasks of their own.
async fn are_given_back(app: &TestApp) {
    until("every lease is given back", async || leases(app).await == 0).await;
}

async fn audit_entries(scene: &Scene) -> i64 {
    let (entries,): (i64,) =
        on!(&scene.app.state.db, pool => sqlx::query_as("SELECT COUNT(*) FROM audit").fetch_one(pool).await)
            .unwrap();
    entries
}

#[tokio::test]
async fn a_client_that_hangs_up_leaves_no_connection_in_a_transaction_and_no_lease() {
    for database in TestDatabase::each().await {
        let scene = Scene::of(TestApp::on(Config { demo: true, ..config() }, database)).await;
        let before = audit_entries(&scene).await;
        let mut waits = 0;
        for (row, role) in writes() {
            waits += hang_up_everywhere(&scene, row, role).await;
        }
        assert!(waits > 200, "only {waits} waits were found");
        let written = audit_entries(&scene).await - before;
        assert!(written > 10, "only {written} changes were written down");
        are_given_back(&scene.app).await;
        eprintln!("hung up at {waits} waits of {} writes", writes().len());
    }
}

#[tokio::test]
async fn a_lease_that_the_database_writes_after_its_taker_hung_up_is_given_back() {
    let Some(database) = TestDatabase::postgres().await else { return };
    let app = TestApp::on(config(), database);
    let Db::Postgres(pool) = app.state.db.clone() else { unreachable!("it was asked for") };
    // How many connections have that as their last statement, and are or are not done with it.
    let statements = |query: &'static str, state: &'static str| {
        let count = "SELECT COUNT(*) FROM pg_stat_activity
            WHERE datname = current_database() AND query LIKE $1 AND state LIKE $2";
        sqlx::query_scalar::<_, i64>(count).bind(query).bind(state).fetch_one(&pool)
    };
    let waits = "INSERT INTO leases%ON CONFLICT%";

    // Somebody else writes the same row and is not done.
    let tailnet = app.state.new_id::<()>();
    let mut other = pool.begin().await.unwrap();
    let row = "INSERT INTO leases (name, holder, until) VALUES ($1, gen_random_uuid(), 0)";
    sqlx::query(row).bind(format!("tailnet/{tailnet}")).execute(&mut *other).await.unwrap();
    let state = app.state.clone();
    let taking = tokio::spawn(async move { Lease::take(&state, tailnet).await.map(drop) });
    until("the database is asked, and waits", async || statements(waits, "active").await.unwrap() > 0).await;
    taking.abort();
    assert!(taking.await.unwrap_err().is_cancelled());
    // Whoever gives it back at once finds nothing to give back yet.
    for _ in 0..100 {
        if statements("DELETE FROM leases%", "%").await.unwrap() > 0 {
            break;
        }
        tokio::time::sleep(GLANCE).await;
    }
    other.rollback().await.unwrap();
    until("the database is done", async || statements(waits, "active").await.unwrap() == 0).await;
    are_given_back(&app).await;
}
