//! Takes due jobs and does them.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use model::{Id, JobKind, Timestamp};
use tokio::sync::watch;
use tokio::task::{JoinError, JoinSet};
use uuid::Uuid;

use super::{Outcome, edits, end_what_is_over, joining, renewal, share, shut_out, sync, telling};
use crate::state::AppState;
use crate::store::jobs::{Claimed, LONGEST_WAIT};
use crate::store::trouble::Trouble;

/// The wait after trouble of the database, which passes for all jobs at once: one that was worked on for the tenth time
/// waits no longer than one that is new.
const AFTER_TROUBLE: Duration = Duration::from_secs(2);

/// How many jobs are worked on beside each other, of as many owners: a control plane that never answers keeps one of
/// these places for some minutes. An instance is for 15 to 20 people.
const AT_ONCE: usize = 24;

/// Does queued work until it is told to stop. Cheap to clone.
#[derive(Clone)]
pub struct Runner {
    state: AppState,
    /// Holders of jobs of which it is not known what became of them: the database did not say, or did not take it.
    lost: Arc<Mutex<Vec<Uuid>>>,
}

/// Jobs that are being worked on, each with its holder.
type Work = JoinSet<Result<(), (Uuid, anyhow::Error)>>;

impl Runner {
    pub fn new(state: AppState) -> Self {
        Self { state, lost: Arc::default() }
    }

    /// Works until `stop` says so; jobs that were begun are finished first.
    pub async fn run(self, mut stop: watch::Receiver<bool>) {
        let mut work = Work::new();
        while !*stop.borrow() {
            let wait = self.look(&mut work).await.unwrap_or_else(|error| {
                tracing::error!("jobs could not be done: {error:#}");
                AFTER_TROUBLE.min(self.state.config.timing.retry)
            });
            tokio::select! {
                () = tokio::time::sleep(wait) => {}
                () = self.state.signals.poke.notified() => {}
                Some(done) = work.join_next() => {
                    if let Err(error) = self.settle(done) {
                        tracing::error!("a job could not be settled: {error:#}");
                    }
                }
                _ = stop.changed() => {}
            }
        }
        while work.join_next().await.is_some() {}
    }

    /// What is over begins to end, what is due begins. Gives the time until the next look.
    async fn look(&self, work: &mut Work) -> anyhow::Result<Duration> {
        self.before_work().await?;
        self.begin(work, self.state.now()).await?;
        let wait = self.until_next().await?;
        // Without a place it is looked again when a job is done.
        Ok(if work.len() < AT_ONCE { wait } else { self.state.config.timing.jobs })
    }

    /// One look at the queue and all that comes of it: what is over begins to end, what is due is done. Gives the time
    /// until the next look.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn round(&self) -> anyhow::Result<Duration> {
        self.before_work().await?;
        self.drain().await?;
        self.until_next().await
    }

    async fn before_work(&self) -> anyhow::Result<()> {
        // First: what cannot be ended is known then, whatever else cannot be done.
        end_what_is_over(&self.state).await?;
        let mut lost = std::mem::take(&mut *self.lost());
        while let Some(holder) = lost.pop() {
            // Every step of a job looks first whether it was done, so it may begin anew.
            if let Err(error) = self.state.db.let_go(holder).await {
                lost.push(holder);
                self.lost().append(&mut lost);
                return Err(error.into());
            }
        }
        sync::queue_all(&self.state).await?;
        telling::queue_due(&self.state).await?;
        Ok(())
    }

    async fn until_next(&self) -> anyhow::Result<Duration> {
        let next = self.state.db.next_job(self.state.now()).await?;
        let ends = self.state.db.next_end(self.state.now()).await?;
        self.state.signals.overdue.expect(ends);
        let soonest = next.into_iter().chain(ends).min().map_or(i64::MAX, Timestamp::micros);
        let wait = soonest.saturating_sub(self.state.now().micros()).max(1_000);
        Ok(Duration::from_micros(wait.unsigned_abs()).min(self.state.config.timing.jobs))
    }

    /// Does everything that is due at this moment, and gives how much that was. What becomes due meanwhile waits
    /// for the next round, so that jobs that come again cannot keep the rest from its turn.
    ///
    /// # Errors
    /// When the store fails; a failing job is no error here.
    pub async fn drain(&self) -> anyhow::Result<u32> {
        let due = self.state.now();
        let (mut work, mut count, mut failed) = (Work::new(), 0, None);
        loop {
            if failed.is_none() {
                match self.begin(&mut work, due).await {
                    Ok(begun) => count += begun,
                    Err(error) => failed = Some(error),
                }
            }
            // What was begun is finished, whatever else goes wrong.
            match work.join_next().await {
                Some(done) => failed = self.settle(done).err().or(failed),
                None => return failed.map_or(Ok(count), Err),
            }
        }
    }

    /// Begins what was due then, as far as there are places. Gives how many jobs that were.
    async fn begin(&self, work: &mut Work, due: Timestamp) -> anyhow::Result<u32> {
        let mut count = 0;
        while work.len() < AT_ONCE && !*self.state.signals.stop.borrow() {
            let until = self.state.after(self.state.config.timing.lease);
            let holder = self.state.new_id::<()>().uuid();
            let claimed = self.state.db.claim_job(holder, due, self.state.now(), until).await;
            let Some(job) = claimed.inspect_err(|_| self.lost().push(holder))? else { break };
            count += 1;
            let runner = self.clone();
            work.spawn(async move { runner.perform(&job).await.map_err(|error| (holder, error)) });
        }
        Ok(count)
    }

    fn settle(&self, done: Result<Result<(), (Uuid, anyhow::Error)>, JoinError>) -> anyhow::Result<()> {
        match done? {
            Ok(()) => Ok(()),
            Err((holder, error)) => {
                self.lost().push(holder);
                Err(error)
            }
        }
    }

    fn lost(&self) -> MutexGuard<'_, Vec<Uuid>> {
        self.lost.lock().unwrap_or_else(PoisonError::into_inner)
    }

    async fn perform(&self, job: &Claimed) -> anyhow::Result<()> {
        let state = &self.state;
        // In a task of its own: one that panics has failed, and is not the end of all others.
        let outcome = tokio::spawn(work_on(state.clone(), job.clone())).await;
        match outcome.map_err(anyhow::Error::new).flatten() {
            Ok(Outcome::Done) => state.db.finish_job(job, None).await?,
            Ok(Outcome::Again(at)) => {
                let at = at.min(state.after(LONGEST_WAIT));
                state.db.finish_job(job, Some(at)).await?;
            }
            Err(error) => {
                let wait = match Trouble::beneath(&error) {
                    Some(_) => AFTER_TROUBLE.min(state.config.timing.retry),
                    None => self.backoff(job.attempts),
                };
                let kind = job.kind.as_ref().map_or("unknown", |kind| kind.as_str());
                tracing::warn!(kind, attempts = job.attempts, "a job failed: {error:#}");
                state.db.retry_job(job, state.after(wait)).await?;
            }
        }
        Ok(())
    }

    /// Doubled with each failure, up to the longest wait.
    fn backoff(&self, attempts: i64) -> Duration {
        let doublings = u32::try_from(attempts.clamp(1, 12) - 1).unwrap_or(0);
        (self.state.config.timing.retry * 2_u32.pow(doublings)).min(LONGEST_WAIT)
    }
}

async fn work_on(state: AppState, job: Claimed) -> anyhow::Result<Outcome> {
    let state = &state;
    match job.kind {
        Ok(JobKind::Sync) => sync::run(state, Id::new(job.subject)).await,
        Ok(JobKind::Edit) => edits::run(state, Id::new(job.subject)).await,
        Ok(JobKind::Joining) => joining::run(state, Id::new(job.subject)).await,
        Ok(JobKind::Share) => Box::pin(share::run(state, Id::new(job.subject))).await,
        Ok(JobKind::Renewal) => renewal::run(state, Id::new(job.subject)).await,
        Ok(JobKind::Tell) => telling::run(state, Id::new(job.subject)).await,
        Ok(JobKind::ShutOut) => shut_out::run(state, Id::new(job.subject)).await,
        // Nobody knows what it would do, so it is not done; whoever mends the row finds it waiting.
        Err(damaged) => Err(damaged.into()),
    }
}
