//! kill -9 between the steps of the outbox that nobody outside sees: written down, queued, claimed, settled. Each is one
//! transaction, so that what a kill leaves behind is what the steps before it made; the next process goes on from there.

use std::time::Duration;

use model::PersonId;
use server::jobs::telling;
use server::store::Db;
use uuid::Uuid;

use super::kills::Written;
use crate::harness::receiver::id;

/// What was done last before the kill.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Last {
    Committed,
    Queued,
    Claimed,
    Settled,
}

const ALL: [Last; 4] = [Last::Committed, Last::Queued, Last::Claimed, Last::Settled];

impl Written {
    async fn killed_after(&self, last: Last) {
        let (state, db) = (&self.app.state, self.db());
        if last == Last::Committed {
            return;
        }
        telling::queue_due(state).await.unwrap();
        if last == Last::Queued {
            return;
        }
        let (now, holder) = (state.now(), state.new_id::<()>().uuid());
        let claimed = db.claim_job(holder, now, now, now.plus_seconds(2)).await.unwrap();
        let claimed = claimed.expect("it was queued");
        if last == Last::Settled {
            telling::run(state, PersonId::new(claimed.subject)).await.unwrap();
        }
    }

    async fn count(&self, sql: &'static str) -> i64 {
        self.db().query(sql, ()).count().await.unwrap()
    }

    /// The id of what is to be told: by three ways.
    async fn id(&self) -> Uuid {
        assert_eq!(self.count("SELECT COUNT(*) FROM deliveries WHERE settled IS NULL").await, 3);
        let ids: Vec<Uuid> =
            self.db().query("SELECT DISTINCT id FROM deliveries", ()).fetch_column().await.unwrap();
        assert_eq!(ids.len(), 1);
        ids[0]
    }

    /// It comes by each way, under its id.
    async fn is_seen(&mut self, expected: Uuid, told: &str) {
        let expected = expected.simple().to_string();
        let mail = self.mail.mail().await;
        assert_eq!(mail.header("Message-ID").unwrap(), format!("<{expected}@gate.example.org>"), "{told}");
        assert_eq!(id(&self.ntfy.received().await), expected, "{told}");
        assert_eq!(id(&self.hook.received().await), expected, "{told}");
    }

    /// Also a job that a killed process had in its hands is done once.
    async fn no_job_is_left(&self) {
        let left = async {
            while self.count("SELECT COUNT(*) FROM jobs WHERE kind = 'tell'").await > 0 {
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
        };
        tokio::time::timeout(Duration::from_mins(1), left).await.expect("the job is done");
    }

    /// From now on no row can be settled, or it can again.
    async fn settles(&self, can: bool) {
        let sql = match (self.db(), can) {
            (Db::Sqlite(_), false) => {
                "CREATE TRIGGER held BEFORE UPDATE OF settled ON deliveries BEGIN SELECT RAISE(ABORT, 'held'); END"
            }
            (Db::Sqlite(_), true) => "DROP TRIGGER held",
            (Db::Postgres(_), false) => "ALTER TABLE deliveries ADD CONSTRAINT held CHECK (settled IS NULL)",
            (Db::Postgres(_), true) => "ALTER TABLE deliveries DROP CONSTRAINT held",
        };
        self.db().query(sql, ()).execute().await.unwrap();
    }
}

/// Sabotage: `queue_due` left out of `before_work` (after the commit); jobs of others not taken in `claim_job` (after the queue),
/// or not even when their lock is over (after the claim); a row not settled in `telling::run` (after that).
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_kill_between_any_two_steps_loses_nothing_by_any_way() {
    for last in ALL {
        for mut written in Written::each("nowhere").await {
            let (told, expected) = (format!("{last:?}"), written.id().await);
            written.killed_after(last).await;
            let jobs = i64::from(last != Last::Committed);
            assert_eq!(written.count("SELECT COUNT(*) FROM jobs WHERE kind = 'tell'").await, jobs, "{told}");
            if last == Last::Settled {
                written.is_seen(expected, &told).await;
            }
            let _next = written.serving().await;
            if last != Last::Settled {
                written.is_seen(expected, &told).await;
            }
            written.all_told().await;
            written.no_job_is_left().await;
            assert!(written.ntfy.more().is_none() && written.hook.more().is_none(), "{told}: told once");
        }
    }
}

/// The mail server has it, and that cannot be written down: the second mail says so.
///
/// Sabotage: a row settled before it is sent in `telling::run`.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_kill_after_the_answer_of_a_mail_server_sends_it_again_rather_than_never() {
    for mut written in Written::each("nowhere").await {
        let expected = written.id().await;
        written.settles(false).await;
        let mut child = written.serving().await;
        let mut ids = Vec::new();
        for _ in 0..2 {
            ids.push(written.mail.mail().await.header("Message-ID").unwrap());
        }
        child.kill().await.unwrap();
        assert_eq!(written.count("SELECT COUNT(*) FROM deliveries WHERE settled IS NULL").await, 3);
        written.settles(true).await;
        let _next = written.serving().await;
        written.is_seen(expected, "after two tries").await;
        assert!(ids.iter().all(|one| *one == format!("<{}@gate.example.org>", expected.simple())), "{ids:?}");
        written.all_told().await;
    }
}
