//! Ends of shares that could not be done because the store did not take them. It cannot be written down there, so this
//! process remembers it.

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

use model::{ShareId, Timestamp};

#[derive(Debug, Default)]
pub struct Overdue {
    shares: Mutex<BTreeSet<ShareId>>,
    failures: AtomicU64,
    /// When the next share is over, as far as was read.
    next: Mutex<Option<Timestamp>>,
    /// Something is over, and it could not even be read what.
    unread: AtomicBool,
}

impl Overdue {
    /// How many shares should be over and are not; at least so many.
    pub fn count(&self) -> usize {
        self.shares().len().max(usize::from(self.unread.load(Ordering::Relaxed)))
    }

    /// The end that comes next.
    pub fn expect(&self, next: Option<Timestamp>) {
        *self.next.lock().unwrap_or_else(PoisonError::into_inner) = next;
    }

    /// It could not be read what is over now.
    pub fn cannot_be_read(&self, now: Timestamp, why: &anyhow::Error) {
        let next = *self.next.lock().unwrap_or_else(PoisonError::into_inner);
        if next.is_some_and(|next| next <= now) {
            tracing::error!("the time of a share is over, and it cannot be read which: {why:#}");
            self.failures.fetch_add(1, Ordering::Relaxed);
            self.unread.store(true, Ordering::Relaxed);
        }
    }

    /// It could.
    pub fn was_read(&self) {
        self.unread.store(false, Ordering::Relaxed);
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_end_that_cannot_even_be_read_is_counted_once_its_time_is_over() {
        let (overdue, at) = (Overdue::default(), Timestamp::from_seconds(1_800_000_000));
        let away = anyhow::anyhow!("the database is away");
        overdue.cannot_be_read(at, &away);
        assert_eq!((overdue.count(), overdue.failures()), (0, 0), "nothing is known to end");
        overdue.expect(Some(at));
        overdue.cannot_be_read(at.plus_seconds(-1), &away);
        assert_eq!((overdue.count(), overdue.failures()), (0, 0), "not yet");
        overdue.cannot_be_read(at, &away);
        assert_eq!((overdue.count(), overdue.failures()), (1, 1));
        overdue.was_read();
        assert_eq!((overdue.count(), overdue.failures()), (0, 1));
    }
}
