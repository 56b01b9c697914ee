//! Ends of shares that could not be done because the store did not take them. It cannot be written down there, so this
//! process remembers it.

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

use model::ShareId;

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
    pub fn failed(&self, share: ShareId, why: &anyhow::Error) {
        tracing::error!(%share, "its time is over, and its end could not be done: {why:#}");
        self.failures.fetch_add(1, Ordering::Relaxed);
        self.shares().insert(share);
    }

    pub fn done(&self, share: ShareId) {
        self.shares().remove(&share);
    }

    /// Which ones.
    pub fn all(&self) -> Vec<ShareId> {
        self.shares().iter().copied().collect()
    }

    fn shares(&self) -> MutexGuard<'_, BTreeSet<ShareId>> {
        self.shares.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
