//! Ends of shares that could not be done because the store did not take them. It cannot be written down there, so this
//! process remembers it.

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

use model::{ShareId, ShareState};

use crate::services::Services;
use crate::store::trouble::Trouble;

#[derive(Debug, Default)]
pub struct Overdue {
    shares: Mutex<BTreeSet<ShareId>>,
    failures: AtomicU64,
}

impl Overdue {
    /// How many shares should be over and are not.
    pub fn count(&self) -> usize {
        self.shares().len()
    }

    /// How often an end could not be done since the start of the process.
    pub fn failures(&self) -> u64 {
        self.failures.load(Ordering::Relaxed)
    }

    /// It is tried again within seconds.
    pub(super) fn failed(&self, share: ShareId, why: &anyhow::Error) {
        tracing::error!(%share, "its time is over, and its end could not be done: {why:#}");
        self.failures.fetch_add(1, Ordering::Relaxed);
        self.shares().insert(share);
    }

    pub(super) fn done(&self, share: ShareId) {
        self.shares().remove(&share);
    }

    fn shares(&self) -> MutexGuard<'_, BTreeSet<ShareId>> {
        self.shares.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Services {
    /// Those that were ended by somebody else, and those of which their own page tells why they are not over.
    pub(super) async fn forget_what_is_over(&self) -> sqlx::Result<()> {
        let known: Vec<ShareId> = self.overdue.shares().iter().copied().collect();
        for id in known {
            let told =
                |state: &ShareState| state.is_over() || matches!(state, ShareState::NeedsAttention { .. });
            match self.db.find_share(id).await {
                Ok(share) if share.as_ref().is_none_or(|share| told(&share.state)) => self.overdue.done(id),
                Err(error) if Trouble::of(&error).is_some() => return Err(error),
                // It goes on, or cannot be read: that is told elsewhere, and holds up nobody else.
                Ok(_) | Err(_) => {}
            }
        }
        Ok(())
    }
}
