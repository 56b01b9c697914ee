//! Work that outlives a request: queued with the change that needs it, done by the runner, resumed after a crash.

use std::time::Duration;

use model::{Id, Timestamp};
use uuid::Uuid;

use crate::services::Services;
use crate::store::jobs::{Kind, NewJob};

mod apply;
mod attention;
pub mod drift;
mod edits;
mod end;
mod expiry;
mod inventory;
mod joining;
pub mod policy;
mod runner;
mod share;
mod snapshot;
mod sync;

pub use edits::run as write_edit;
pub use expiry::{end_what_is_over, finish_endings};
pub use inventory::{Inventory, name_of};
pub use joining::{LONGEST_WAITING, newcomers};
pub use runner::Runner;
pub use sync::{credential_words, look_now};

/// What becomes of a job that did not fail.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    Done,
    /// There is more to do, not before this time.
    Again(Timestamp),
}

impl Services {
    /// A job that is due at once. Poke the runner after the transaction.
    pub fn job<T>(&self, kind: Kind, subject: Id<T>) -> NewJob {
        let now = self.now();
        NewJob { id: self.random.new_id(now), kind, subject: subject.uuid(), run_at: now }
    }

    /// Queues a job on its own and wakes the runner.
    ///
    /// # Errors
    /// When it cannot be stored.
    pub async fn enqueue<T>(&self, kind: Kind, subject: Id<T>) -> sqlx::Result<()> {
        self.db.enqueue(&self.job(kind, subject)).await?;
        self.poke.notify_one();
        Ok(())
    }

    pub(crate) fn after(&self, wait: Duration) -> Timestamp {
        self.now().plus(wait)
    }
}

/// The one at a time who works on a tailnet, over all processes.
pub struct Lease {
    services: Services,
    name: String,
    holder: Uuid,
}

impl Lease {
    /// Nobody else's, or none.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn take<T>(services: &Services, tailnet: Id<T>) -> sqlx::Result<Option<Self>> {
        let holder = services.new_id::<()>().uuid();
        let lease = Self { services: services.clone(), name: format!("tailnet/{tailnet}"), holder };
        Ok(lease.renew().await?.then_some(lease))
    }

    /// For a person who waits at a page: a look at the tailnet that is going on is over in moments.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn take_soon<T>(services: &Services, tailnet: Id<T>) -> sqlx::Result<Option<Self>> {
        const GLANCE: Duration = Duration::from_millis(100);
        for _ in 0..50 {
            if let Some(lease) = Self::take(services, tailnet).await? {
                return Ok(Some(lease));
            }
            tokio::time::sleep(GLANCE).await;
        }
        Ok(None)
    }

    /// Still ours: ask before every change of the control plane.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn renew(&self) -> sqlx::Result<bool> {
        let (now, until) = (self.services.now(), self.services.after(self.services.config.timing.lease));
        self.services.db.take_lease(&self.name, self.holder, now, until).await
    }

    /// Gives it back.
    ///
    /// # Errors
    /// When the store fails; it then ends by itself.
    pub async fn give_back(self) -> sqlx::Result<()> {
        self.services.db.drop_lease(&self.name, self.holder).await
    }
}
