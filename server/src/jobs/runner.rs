//! Takes due jobs and does them.

use std::time::Duration;

use model::{Id, Timestamp};
use tokio::sync::watch;

use super::{Outcome, edits, end_what_is_over, joining, share, sync};
use crate::services::Services;
use crate::store::jobs::{Claimed, Kind, LONGEST_WAIT};

/// Does queued work until it is told to stop.
pub struct Runner {
    services: Services,
}

impl Runner {
    pub fn new(services: Services) -> Self {
        Self { services }
    }

    /// Works until `stop` says so; a job that was begun is finished first.
    pub async fn run(self, mut stop: watch::Receiver<bool>) {
        while !*stop.borrow() {
            let wait = match self.round().await {
                Ok(wait) => wait,
                Err(error) => {
                    tracing::error!("the job queue cannot be read: {error:#}");
                    self.services.config.timing.retry
                }
            };
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
        end_what_is_over(&self.services).await?;
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
            let Some(job) = self.services.db.claim_job(due, self.services.now(), until).await? else { break };
            count += 1;
            self.perform(&job).await?;
        }
        Ok(count)
    }

    async fn perform(&self, job: &Claimed) -> anyhow::Result<()> {
        let services = &self.services;
        let outcome = match job.kind() {
            Ok(Kind::Sync) => sync::run(services, Id::new(job.subject)).await,
            Ok(Kind::Edit) => edits::run(services, Id::new(job.subject)).await,
            Ok(Kind::Joining) => joining::run(services, Id::new(job.subject)).await,
            Ok(Kind::Share) => share::run(services, Id::new(job.subject)).await,
            // Nobody knows what it would do, so it is not done; whoever mends the row finds it waiting.
            Err(damaged) => Err(damaged.into()),
        };
        match outcome {
            Ok(Outcome::Done) => services.db.finish_job(job, None).await?,
            Ok(Outcome::Again(at)) => {
                let at = at.min(services.after(LONGEST_WAIT));
                services.db.finish_job(job, Some(at)).await?;
            }
            Err(error) => {
                let error = format!("{error:#}");
                tracing::warn!(kind = job.kind, attempts = job.attempts, "a job failed: {error}");
                services.db.retry_job(job, services.after(self.backoff(job.attempts)), &error).await?;
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
