//! Somebody leaves a circle at the very moment when they answer what was offered to them as one of it.

use std::time::Duration;

use app::fault::Fault;
use app::ports::circles::Leaver;
use app::ports::offers::OfferForm;
use model::OfferId;
use server::store::{Db, Tx};
use tokio::task::JoinHandle;

use super::{Stage, offer};
use crate::harness::Who::{Ana, Dario};
use crate::harness::database::TestDatabase;

/// Holds the offer's row on a PostgreSQL, so that whoever wants it stands in line. SQLite has one writer at a time anyway.
async fn held(db: &Db, offer: OfferId) -> Option<Tx> {
    if matches!(db, Db::Sqlite(_)) {
        return None;
    }
    let mut tx = db.begin().await.unwrap();
    let hold = "UPDATE offers SET uses_left = uses_left WHERE id = $1";
    assert_eq!(tx.query(hold, (offer,)).execute().await.unwrap(), 1);
    Some(tx)
}

/// Waits until so many stand in line on a PostgreSQL.
async fn waiting(db: &Db, count: i64) {
    let Db::Postgres(pool) = db else { return };
    let sql = "SELECT COUNT(*) FROM pg_stat_activity
         WHERE datname = current_database() AND wait_event_type = 'Lock'";
    let all = async {
        while sqlx::query_scalar::<_, i64>(sql).fetch_one(pool).await.unwrap() < count {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(30), all).await.expect("they wait for the row");
}

impl Stage {
    fn answers(&self, offer: OfferId, accepts: bool) -> JoinHandle<Result<(), Fault>> {
        let asked = self.all.ask(Dario).offers;
        tokio::spawn(async move {
            if accepts {
                asked.accept(offer.to_string(), Dario.login().into()).await.map(drop)
            } else {
                asked.decline(offer.to_string()).await
            }
        })
    }

    fn leaves(&self) -> JoinHandle<Result<String, Fault>> {
        let (asked, circle) = (self.all.ask(Ana).circles, self.circle);
        let dario = Leaver::One(self.all.people[Dario].id);
        tokio::spawn(async move { asked.leave(circle, dario, vec![]).await })
    }

    /// How often it was written down that the offer was withdrawn.
    async fn withdrawals(&self, offer: OfferId) -> usize {
        let db = &self.all.app_state().db;
        let entries = db.list_entries(self.all.people[Ana].id, offer.uuid()).await.unwrap();
        entries.iter().filter(|entry| entry.what.starts_with("withdrew")).count()
    }
}

/// Whoever holds the row first counts, and the other one is told of that.
///
/// Sabotage: `STILL` not asked in `withdrawing::withdraw`: a no is then withdrawn besides.
#[tokio::test(flavor = "multi_thread")]
async fn an_offer_that_is_answered_while_somebody_leaves_is_answered_or_withdrawn_and_that_once() {
    for (leaves_first, accepts) in [(false, false), (false, true), (true, false), (true, true)] {
        for database in TestDatabase::each().await {
            let told = format!("{leaves_first} {accepts}");
            let stage = Stage::on(database).await;
            let (all, db) = (&stage.all, stage.all.app_state().db.clone());
            let service = stage.listed("nobody", vec![]).await;
            let form = OfferForm { circle: stage.circle.to_string(), ..offer(service, "circle") };
            all.ask(Ana).offers.create_for_circle(form).await.unwrap();
            let offer = stage.waiting(Dario).await[0];

            let held = held(&db, offer).await;
            let in_line = held.is_some();
            let (answer, leaving) = if leaves_first {
                let leaving = stage.leaves();
                waiting(&db, 1).await;
                (stage.answers(offer, accepts), leaving)
            } else {
                let answer = stage.answers(offer, accepts);
                waiting(&db, 1).await;
                (answer, stage.leaves())
            };
            waiting(&db, 2).await;
            if let Some(tx) = held {
                tx.rollback().await.unwrap();
            }
            let (answer, said) = (answer.await.unwrap(), leaving.await.unwrap().unwrap());

            let withdrawn = db.find_offer(offer).await.unwrap().unwrap().withdrawn.is_some();
            if in_line {
                assert_eq!(withdrawn, leaves_first, "{told}: who was first counts");
            }
            assert_eq!(stage.withdrawals(offer).await, usize::from(withdrawn), "{told}");
            assert_eq!(said.contains("One offer is withdrawn"), withdrawn, "{told}: {said}");
            match answer {
                Ok(()) => assert!(!withdrawn, "{told}"),
                Err(Fault::Conflict(_)) => assert!(withdrawn, "{told}"),
                Err(fault) => panic!("{told}: {fault:?}"),
            }
            assert_eq!(stage.waiting(Dario).await, [], "{told}");
            all.app.left_over.may_be("what was accepted waits for a review");
        }
    }
}
