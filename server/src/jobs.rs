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
mod overdue;
pub mod policy;
mod runner;
mod share;
mod shut_out;
mod snapshot;
mod sync;

pub use edits::run as write_edit;
pub use expiry::{end_what_is_over, finish_endings};
pub use inventory::{Inventory, name_of};
pub use joining::{LONGEST_WAITING, newcomers};
pub use overdue::Overdue;
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

    /// Somebody else works on the tailnet, or its lease is about to be given back: looked at again within seconds.
    fn until_let_go(&self) -> Outcome {
        const GLANCE: Duration = Duration::from_secs(2);
        Outcome::Again(self.after(self.config.timing.retry.min(GLANCE)))
    }

    pub(crate) fn after(&self, wait: Duration) -> Timestamp {
        self.now().plus(wait)
    }
}

/// The one at a time who works on a tailnet, over all processes. Dropped, it is given back, however that came about.
pub struct Lease {
    services: Services,
    name: String,
    holder: Uuid,
    /// It may stand in the store.
    held: bool,
}

impl Lease {
    /// Nobody else's, or none.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn take<T>(services: &Services, tailnet: Id<T>) -> sqlx::Result<Option<Self>> {
        let holder = services.new_id::<()>().uuid();
        // Held as soon as it is asked for: whoever asks may be gone when the answer comes.
        let mut lease =
            Self { services: services.clone(), name: format!("tailnet/{tailnet}"), holder, held: true };
        lease.held = lease.renew().await?;
        Ok(lease.held.then_some(lease))
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
    /// When the store fails; it is then tried again until it would have ended by itself.
    pub async fn give_back(mut self) -> sqlx::Result<()> {
        self.services.db.drop_lease(&self.name, self.holder).await?;
        self.held = false;
        Ok(())
    }
}

impl Drop for Lease {
    /// Its holder failed, or a client hung up: nobody else has to wait until it ends by itself.
    fn drop(&mut self) {
        const PAUSE: Duration = Duration::from_secs(1);
        let Ok(runtime) = tokio::runtime::Handle::try_current() else { return };
        if !self.held {
            return;
        }
        let (services, name, holder) = (self.services.clone(), std::mem::take(&mut self.name), self.holder);
        runtime.spawn(async move {
            let give_back = async {
                while let Err(error) = services.db.drop_lease(&name, holder).await {
                    tracing::warn!("the lease {name} could not be given back: {error}");
                    tokio::time::sleep(PAUSE).await;
                }
            };
            let _ = tokio::time::timeout(services.config.timing.lease, give_back).await;
        });
    }
}
