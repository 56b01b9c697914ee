//! Work that outlives a request: queued with the change that needs it, done by the runner, resumed after a crash.

use std::time::Duration;

use model::{Id, JobKind, Timestamp};

use crate::services::Services;
use crate::store::jobs::NewJob;

pub mod drift;
mod edits;
mod expiry;
mod joining;
mod overdue;
mod probing;
mod runner;
mod share;
mod shut_out;
mod sync;

pub use edits::run as write_edit;
pub use expiry::{end_what_is_over, finish_endings};
pub use joining::{LONGEST_WAITING, newcomers};
pub use probing::{Prober, round as probe_all};
pub use runner::Runner;
pub use sync::{credential_words, look_now};

/// What becomes of a job that did not fail.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    Done,
    /// There is more to do, not before this time.
    Again(Timestamp),
}

impl From<Option<Timestamp>> for Outcome {
    fn from(again: Option<Timestamp>) -> Self {
        again.map_or(Self::Done, Self::Again)
    }
}

impl Services {
    /// A job that is due at once. Poke the runner after the transaction.
    pub fn job<T>(&self, kind: JobKind, subject: Id<T>) -> NewJob {
        let now = self.now();
        NewJob { id: self.random.new_id(now), kind, subject: subject.uuid(), run_at: now }
    }

    /// Queues a job on its own and wakes the runner.
    ///
    /// # Errors
    /// When it cannot be stored.
    pub async fn enqueue<T>(&self, kind: JobKind, subject: Id<T>) -> sqlx::Result<()> {
        self.db.enqueue(&self.job(kind, subject)).await?;
        self.poke.notify_one();
        Ok(())
    }

    /// Somebody else works on the tailnet, or its lease is about to be given back: looked at again within seconds.
    fn until_let_go(&self) -> Outcome {
        const GLANCE: Duration = Duration::from_secs(2);
        Outcome::Again(self.after(self.config.timing.retry.min(GLANCE)))
    }
}
