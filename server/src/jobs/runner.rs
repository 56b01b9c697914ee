//! Takes due jobs and does them.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use model::{Id, Timestamp};
use tokio::sync::watch;
use uuid::Uuid;

use super::{Outcome, edits, end_what_is_over, joining, share, shut_out, sync};
use crate::services::Services;
use crate::store::jobs::{Claimed, Kind, LONGEST_WAIT};
use crate::store::trouble::Trouble;

/// The wait after trouble of the database, which passes for all jobs at once: one that was worked on for the tenth time
/// waits no longer than one that is new.
const AFTER_TROUBLE: Duration = Duration::from_secs(2);

/// Does queued work until it is told to stop.
pub struct Runner {
    services: Services,
    /// In the rows of the jobs that it has taken.
    holder: Uuid,
    /// A job may be locked of which it is not known what became of it: the database did not say, or did not take it.
    unsettled: AtomicBool,
}

impl Runner {
    pub fn new(services: Services) -> Self {
        let holder = services.new_id::<()>().uuid();
        Self { services, holder, unsettled: AtomicBool::new(false) }
    }

    /// Works until `stop` says so; a job that was begun is finished first.
    pub async fn run(self, mut stop: watch::Receiver<bool>) {
        while !*stop.borrow() {
            let wait = self.round().await.unwrap_or_else(|error| {
                tracing::error!("jobs could not be done: {error:#}");
                AFTER_TROUBLE.min(self.services.config.timing.retry)
            });
            tokio::select! {
                () = tokio::time::sleep(wait) => {}
                () = self.services.poke.notified() => {}
                _ = stop.changed() => {}
            }
        }
    }

    /// One look at the queue: what is over begins to end, what is due is done. Gives the time until the next look.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn round(&self) -> anyhow::Result<Duration> {
        // First: what cannot be ended is known then, whatever else cannot be done.
        end_what_is_over(&self.services).await?;
        if self.unsettled.load(Ordering::Relaxed) {
            // Every step of a job looks first whether it was done, so it may begin anew.
            self.services.db.let_go(self.holder).await?;
        }
        self.services.queue_syncs().await?;
        self.drain().await?;
        let next = self.services.db.next_job().await?;
        let ends = self.services.db.next_end(self.services.now()).await?;
        let soonest = next.into_iter().chain(ends).min().map_or(i64::MAX, Timestamp::micros);
        let wait = soonest.saturating_sub(self.services.now().micros()).max(1_000);
        Ok(Duration::from_micros(wait.unsigned_abs()).min(self.services.config.timing.jobs))
    }

    /// Does everything that is due at this moment, and gives how much that was. What becomes due meanwhile waits
    /// for the next round, so that jobs that come again cannot keep the rest from its turn.
    ///
    /// # Errors
    /// When the store fails; a failing job is no error here.
    pub async fn drain(&self) -> anyhow::Result<u32> {
        let due = self.services.now();
        let mut count = 0;
        while !*self.services.stop.borrow() {
            let until = self.services.after(self.services.config.timing.lease);
            self.unsettled.store(true, Ordering::Relaxed);
            let job = self.services.db.claim_job(self.holder, due, self.services.now(), until).await?;
            if let Some(job) = &job {
                count += 1;
                self.perform(job).await?;
            }
            self.unsettled.store(false, Ordering::Relaxed);
            if job.is_none() {
                break;
            }
        }
        Ok(count)
    }

    async fn perform(&self, job: &Claimed) -> anyhow::Result<()> {
        let services = &self.services;
        // In a task of its own: one that panics has failed, and is not the end of all others.
        let outcome = tokio::spawn(work_on(services.clone(), job.clone())).await;
        match outcome.map_err(anyhow::Error::new).flatten() {
            Ok(Outcome::Done) => services.db.finish_job(job, None).await?,
            Ok(Outcome::Again(at)) => {
                let at = at.min(services.after(LONGEST_WAIT));
                services.db.finish_job(job, Some(at)).await?;
            }
            Err(error) => {
                let wait = match Trouble::beneath(&error) {
                    Some(_) => AFTER_TROUBLE.min(services.config.timing.retry),
                    None => self.backoff(job.attempts),
                };
                let error = format!("{error:#}");
                tracing::warn!(kind = job.kind, attempts = job.attempts, "a job failed: {error}");
                services.db.retry_job(job, services.after(wait), &error).await?;
            }
        }
        Ok(())
    }

    /// Doubled with each failure, up to the longest wait.
    fn backoff(&self, attempts: i64) -> Duration {
        let doublings = u32::try_from(attempts.clamp(1, 12) - 1).unwrap_or(0);
        (self.services.config.timing.retry * 2_u32.pow(doublings)).min(LONGEST_WAIT)
    }
}

async fn work_on(services: Services, job: Claimed) -> anyhow::Result<Outcome> {
    let services = &services;
    match job.kind() {
        Ok(Kind::Sync) => sync::run(services, Id::new(job.subject)).await,
        Ok(Kind::Edit) => edits::run(services, Id::new(job.subject)).await,
        Ok(Kind::Joining) => joining::run(services, Id::new(job.subject)).await,
        Ok(Kind::Share) => share::run(services, Id::new(job.subject)).await,
        Ok(Kind::ShutOut) => shut_out::run(services, Id::new(job.subject)).await,
        // Nobody knows what it would do, so it is not done; whoever mends the row finds it waiting.
        Err(damaged) => Err(damaged.into()),
    }
}
