//! How long what is written down is kept, and what is never dropped.

use model::ShareState;
use model::retention::Keep;
use server::config::Retention;
use server::jobs::drop_old;
use server::on;
use server::store::Db;
use sqlx::AssertSqlSafe;

use crate::harness::Who::{Ana, Dario};
use crate::harness::app::START;
use crate::harness::database::TestDatabase;
use crate::harness::neighbours::Neighbours;

const DAY: i64 = 86_400;
const HOUR: i64 = 3_600;

fn short() -> Retention {
    let week = Keep::For(std::time::Duration::from_hours(7 * 24));
    Retention { audit: week, revisions: week, probes: week, snapshots: week, snapshots_mib: 64 }
}

async fn count(db: &Db, what: &str) -> i64 {
    let sql = AssertSqlSafe(format!("SELECT COUNT(*) FROM {what}"));
    let count: (i64,) = on!(db, pool => sqlx::query_as(sql).fetch_one(pool).await).unwrap();
    count.0
}

/// Rounds every hour, as the server makes them, until so many seconds from the start.
async fn rounds(all: &Neighbours, from: i64, to: i64) {
    for seconds in (from..=to).step_by(usize::try_from(HOUR).unwrap()) {
        all.app.clock.set(START.plus_seconds(seconds));
        drop_old(all.app_state()).await.unwrap();
    }
}

/// One share that is open, and one that is over.
async fn two_shares(all: &Neighbours) -> [model::ShareId; 2] {
    let (ana, _) = (all.connect(Ana).await, all.connect(Dario).await);
    let node = all.node(ana, "maple").await;
    let mut shares = Vec::new();
    for _ in 0..2 {
        let share = all.accepted(Ana, node, "tcp:25565", Dario).await;
        all.approved(Ana, share).await;
        all.drain().await;
        shares.push(share);
        if shares.len() == 1 {
            all.ask(Ana).shares.end(share).await.unwrap();
            all.drain().await;
            assert!(matches!(all.state(share).await, ShareState::Ended { .. }));
        }
    }
    assert!(matches!(all.state(shares[1]).await, ShareState::Active { .. }));
    [shares[0], shares[1]]
}

#[tokio::test]
async fn what_is_old_goes_and_what_open_shares_rest_on_stays() {
    for database in TestDatabase::each().await {
        let all = Neighbours::on(database, |config| config.retention = short()).await;
        let [over, open] = two_shares(&all).await;
        let db = &all.app_state().db;
        let of = |share: model::ShareId| {
            let share = share.uuid();
            async move {
                let sql = "SELECT COUNT(*) FROM audit WHERE share_id = $1";
                let count: (i64,) =
                    on!(db, pool => sqlx::query_as(sql).bind(share).fetch_one(pool).await).unwrap();
                count.0
            }
        };
        let (of_open, of_over) = (of(open).await, of(over).await);
        assert!(of_over > 3 && of_open > 3, "{of_over} {of_open}");
        let objects = count(db, "(SELECT DISTINCT object_id FROM audit) AS o").await;
        let earlier = "revisions r JOIN nodes n ON n.id = r.node_id WHERE r.revision <> n.firewall_revision";
        let current = "revisions r JOIN nodes n ON n.id = r.node_id WHERE r.revision = n.firewall_revision";
        let texts = count(db, current).await;
        assert!(count(db, earlier).await > 0 && texts > 0);

        rounds(&all, 0, 6 * DAY).await;
        assert_eq!((of(open).await, of(over).await), (of_open, of_over), "nothing is a week old");
        rounds(&all, 6 * DAY + HOUR, 9 * DAY).await;
        assert_eq!(of(open).await, of_open, "all of a share that is open");
        assert_eq!(of(over).await, 1, "the last entry of one that is over");
        assert_eq!(
            count(db, "(SELECT DISTINCT object_id FROM audit) AS o").await,
            objects,
            "something of each thing"
        );
        assert_eq!((count(db, earlier).await, count(db, current).await), (0, texts), "the current text");
        assert_eq!(count(db, "snapshots").await, 2);
        assert_eq!(count(db, "looks").await, 2, "the last look of each tailnet");
        assert!(count(db, "look_texts").await >= 3, "with its texts");
        // The share goes on as before.
        assert!(matches!(all.state(open).await, ShareState::Active { .. }));
        assert!(db.find_share(open).await.unwrap().unwrap().deeds.approved.is_some());
    }
}

#[tokio::test]
async fn a_clock_that_jumps_ahead_drops_nothing_at_once_and_what_it_dropped_too_early_is_hours_old() {
    let all = Neighbours::on(TestDatabase::sqlite().await, |config| config.retention = short()).await;
    two_shares(&all).await;
    let db = &all.app_state().db;
    rounds(&all, 0, 2 * HOUR).await;
    let before = (count(db, "audit").await, count(db, "revisions").await, count(db, "looks").await);
    // Ten years ahead for a day.
    rounds(&all, 3650 * DAY, 3651 * DAY).await;
    let after = (count(db, "audit").await, count(db, "revisions").await, count(db, "looks").await);
    assert_eq!(after, before);
    // And right again: as if nothing had been.
    rounds(&all, 3 * HOUR, 6 * DAY).await;
    assert_eq!(count(db, "audit").await, before.0);
    // A server that is started again and again does not make it faster.
    for _ in 0..500 {
        all.app.clock.set(START.plus_seconds(3650 * DAY));
        drop_old(all.app_state()).await.unwrap();
    }
    assert_eq!(count(db, "audit").await, before.0);
    rounds(&all, 6 * DAY + HOUR, 9 * DAY).await;
    assert!(count(db, "audit").await < before.0, "what is old goes all the same");
}

#[tokio::test]
async fn for_ever_is_for_ever() {
    let all = Neighbours::on(TestDatabase::sqlite().await, |_| {}).await;
    two_shares(&all).await;
    let db = &all.app_state().db;
    let before = (count(db, "audit").await, count(db, "revisions").await);
    rounds(&all, 0, 30 * DAY).await;
    assert_eq!((count(db, "audit").await, count(db, "revisions").await), before);
}

#[tokio::test]
async fn a_great_deal_goes_in_portions() {
    for database in TestDatabase::each().await {
        let all = Neighbours::on(database, |config| config.retention = short()).await;
        let state = all.app_state();
        let now = state.now();
        let insert = "INSERT INTO audit (id, at, actor, what, object_kind, object_id, object) VALUES ($1, $2, 'a', 'b', 'person', $3, 'c')";
        let object = state.new_id::<()>().uuid();
        for _ in 0..1_200 {
            let id = state.new_id::<()>().uuid();
            on!(&state.db, pool => sqlx::query(insert).bind(id).bind(now).bind(object).execute(pool).await.map(drop))
                .unwrap();
        }
        let before = count(&state.db, "audit").await;
        let later = now.plus_seconds(8 * DAY);
        assert_eq!(state.db.drop_entries(later).await.unwrap(), 500, "one transaction is short");
        rounds(&all, 0, 8 * DAY).await;
        assert!(count(&state.db, "audit").await < before - 1_190);
    }
}
