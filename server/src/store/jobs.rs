//! Queued work and leases.

use std::time::Duration;

use model::{JobKind, Timestamp, ids::JobId};
use uuid::Uuid;

use super::decode::{Damaged, FromRow, Row};
use super::{Db, Tx};

/// The most that a job waits: nothing that it is about is left alone for longer, whoever asked for that.
pub const LONGEST_WAIT: Duration = Duration::from_hours(1);

/// Work to be done once.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewJob {
    pub id: JobId,
    pub kind: JobKind,
    /// The id of what it is about.
    pub subject: Uuid,
    pub run_at: Timestamp,
}

/// A job that was claimed: nobody else has it until the lock ends.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Claimed {
    pub id: JobId,
    /// One of an unknown kind is not done, and not lost.
    pub kind: Result<JobKind, Damaged>,
    pub subject: Uuid,
    pub attempts: i64,
}

impl FromRow for Claimed {
    const TABLE: &'static str = "jobs";
    const KEY: &'static [&'static str] = &["id"];

    fn from_row(row: &Row<'_>) -> Result<Self, Damaged> {
        Ok(Self {
            id: row.get("id")?,
            kind: row.get("kind"),
            subject: row.get("subject")?,
            attempts: row.get("attempts")?,
        })
    }
}

/// Stores a job with the owner of the tailnet that it is about; what is about a person alone has none.
macro_rules! insert {
    ($rest:literal) => {
        concat!(
            "INSERT INTO jobs (id, kind, subject, run_at, attempts, created, owner_id)
             VALUES ($1, $2, $3, $4, 0, $4, (SELECT t.owner_id FROM tailnets t WHERE t.id = CASE CAST($2 AS TEXT)
                WHEN 'sync' THEN $3
                WHEN 'share' THEN (SELECT h.tailnet_id FROM shares h WHERE h.id = $3)
                WHEN 'edit' THEN (SELECT e.tailnet_id FROM edits e WHERE e.id = $3)
                WHEN 'joining' THEN (SELECT j.tailnet_id FROM joinings j WHERE j.id = $3) END))
             ON CONFLICT (kind, subject) ",
            $rest
        )
    };
}

/// Queues a job in the transaction of the change that needs it; one that is queued already runs at the earlier
/// time. Jobs are never given up: what they are about would be stuck for good.
pub(super) async fn enqueue(tx: &mut Tx, job: &NewJob) -> sqlx::Result<()> {
    let sql = insert!(
        "DO UPDATE SET attempts = 0,
            run_at = CASE WHEN excluded.run_at < jobs.run_at THEN excluded.run_at ELSE jobs.run_at END"
    );
    tx.query(sql, (job.id, job.kind, job.subject, job.run_at)).execute().await.map(drop)
}

macro_rules! claim {
    ($lock:literal) => {
        concat!(
            "UPDATE jobs SET locked_until = $2, locked_by = $6, attempts = attempts + 1 WHERE id = (
                SELECT j.id FROM jobs j WHERE (j.run_at <= $1 OR j.run_at > $4)
                    AND (j.locked_until IS NULL OR j.locked_until <= $3 OR j.locked_until > $5)
                    AND NOT EXISTS (SELECT 1 FROM jobs b WHERE b.owner_id = j.owner_id AND b.id <> j.id
                        AND b.locked_until > $3 AND b.locked_until <= $5)
                ORDER BY j.run_at, j.id LIMIT 1 ",
            $lock,
            ") RETURNING id, kind, subject, attempts"
        )
    };
}

impl Db {
    pub async fn enqueue(&self, job: &NewJob) -> sqlx::Result<()> {
        let mut tx = self.begin().await?;
        enqueue(&mut tx, job).await?;
        tx.commit().await
    }

    /// Queues a job, unless one is queued for this already.
    pub async fn enqueue_new(&self, job: &NewJob) -> sqlx::Result<()> {
        self.query(insert!("DO NOTHING"), (job.id, job.kind, job.subject, job.run_at))
            .execute()
            .await
            .map(drop)
    }

    /// Takes the job that has waited longest, if one was due then: of owners of whose jobs none is being worked on.
    /// `holder` is whoever does this one. A time or a lock further ahead than any is ever set is that of a clock that
    /// was wrong, and holds nothing up.
    pub async fn claim_job(
        &self,
        holder: Uuid,
        due: Timestamp,
        now: Timestamp,
        until: Timestamp,
    ) -> sqlx::Result<Option<Claimed>> {
        let never = now.plus(LONGEST_WAIT).plus_seconds(Timestamp::SKEW_SECONDS);
        let no_lock = until.plus_seconds(Timestamp::SKEW_SECONDS);
        let claim = match self {
            Self::Sqlite(_) => claim!(""),
            Self::Postgres(_) => claim!("FOR UPDATE SKIP LOCKED"),
        };
        self.query(claim, (due, until, now, never, no_lock, holder)).fetch_optional().await
    }

    /// The job is done, or is to run again at a time. If it was queued again while it ran, it runs at once.
    pub async fn finish_job(&self, job: &Claimed, again: Option<Timestamp>) -> sqlx::Result<()> {
        if again.is_none() {
            let gone =
                self.query("DELETE FROM jobs WHERE id = $1 AND attempts > 0", (job.id,)).execute().await?;
            if gone == 1 {
                return Ok(());
            }
        }
        self.release_job(job, again.unwrap_or(Timestamp::from_micros(0)), 0).await
    }

    /// It failed and is tried again at `at`.
    pub async fn retry_job(&self, job: &Claimed, at: Timestamp) -> sqlx::Result<()> {
        self.release_job(job, at, job.attempts).await
    }

    async fn release_job(&self, job: &Claimed, at: Timestamp, attempts: i64) -> sqlx::Result<()> {
        // `attempts` is 0 only if it was queued again meanwhile: then its time is the one set there.
        self.query(
            "UPDATE jobs SET locked_until = NULL,
                run_at = CASE WHEN attempts = 0 THEN run_at ELSE $2 END,
                attempts = CASE WHEN attempts = 0 THEN 0 ELSE $3 END WHERE id = $1",
            (job.id, at, attempts),
        )
        .execute()
        .await
        .map(drop)
    }

    /// Nobody has the jobs any more that this holder took and of which it does not know, or could not write down, what
    /// became of them.
    pub async fn let_go(&self, holder: Uuid) -> sqlx::Result<()> {
        self.query("UPDATE jobs SET locked_until = NULL WHERE locked_by = $1", (holder,))
            .execute()
            .await
            .map(drop)
    }

    /// When the next job is due that can be taken then.
    pub async fn next_job(&self, now: Timestamp) -> sqlx::Result<Option<Timestamp>> {
        self.query(
            "SELECT MIN(CASE WHEN j.locked_until > j.run_at THEN j.locked_until ELSE j.run_at END) FROM jobs j
             WHERE NOT EXISTS (SELECT 1 FROM jobs b WHERE b.owner_id = j.owner_id AND b.id <> j.id
                 AND b.locked_until > $1)", (now,)).fetch_one::<(Option<Timestamp>,)>().await
        .map(|(at,)| at)
    }

    /// Locks of processes that were killed are of no use to anybody: called once at start of a single process.
    pub async fn unlock_jobs(&self) -> sqlx::Result<()> {
        self.query("UPDATE jobs SET locked_until = NULL", ()).execute().await.map(drop)?;
        self.query("DELETE FROM leases", ()).execute().await.map(drop)
    }

    /// Takes or extends a lease. False: somebody else has it, for no longer than leases of this name are taken for.
    pub async fn take_lease(
        &self,
        name: &str,
        holder: Uuid,
        now: Timestamp,
        until: Timestamp,
    ) -> sqlx::Result<bool> {
        self.query(
            "INSERT INTO leases (name, holder, until) VALUES ($1, $2, $4)
             ON CONFLICT (name) DO UPDATE SET holder = excluded.holder, until = excluded.until
                WHERE leases.holder = excluded.holder OR leases.until <= $3 OR leases.until > $5",
            (name, holder, now, until, until.plus_seconds(Timestamp::SKEW_SECONDS)),
        )
        .execute()
        .await
        .map(|done| done == 1)
    }

    pub async fn drop_lease(&self, name: &str, holder: Uuid) -> sqlx::Result<()> {
        self.query("DELETE FROM leases WHERE name = $1 AND holder = $2", (name, holder))
            .execute()
            .await
            .map(drop)
    }
}
