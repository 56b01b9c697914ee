//! Clients hang up at each moment at which a write waits for something: the server drops it there.

use crate::access::table::{Access, Role, Row, TABLE};
use server::config::Config;
use server::on;

use crate::access::Scene;
use crate::harness::TestApp;
use crate::harness::app::config;
use crate::harness::connections::left_in_a_transaction;
use crate::harness::database::TestDatabase;
use crate::harness::hang_up::hang_up_at;

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
        // Given back in tasks of their own.
        let leases = async {
            loop {
                let (leases,): (i64,) =
                    on!(&scene.app.state.db, pool => sqlx::query_as("SELECT COUNT(*) FROM leases")
                    .fetch_one(pool).await)
                    .unwrap();
                if leases == 0 {
                    return;
                }
                tokio::time::sleep(std::time::Duration::from_millis(10)).await;
            }
        };
        let given_back = tokio::time::timeout(std::time::Duration::from_mins(1), leases).await;
        assert!(given_back.is_ok(), "a lease stays");
        eprintln!("hung up at {waits} waits of {} writes", writes().len());
    }
}
