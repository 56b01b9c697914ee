//! Jobs that a test leaves: what a page said would happen, and nobody looked whether it did.

use std::sync::atomic::{AtomicBool, Ordering};

use model::{JobKind, Timestamp};
use server::state::AppState;
use server::store::Db;

use super::database::on_its_own;

/// Fails when it is dropped and something was due that nobody did.
pub struct LeftOver {
    state: AppState,
    url: Option<String>,
    none: AtomicBool,
}

impl LeftOver {
    /// `url` is where a PostgreSQL is found: its connections belong to the test's runtime.
    pub fn new(state: AppState, url: Option<String>) -> Self {
        Self { state, url, none: AtomicBool::new(false) }
    }

    /// From now on: there is a control plane, so that everything can be done.
    pub fn must_be_none(&self) {
        self.none.store(true, Ordering::Relaxed);
    }

    /// Jobs may be left all the same, and why.
    pub fn may_be(&self, _why: &str) {
        self.none.store(false, Ordering::Relaxed);
    }
}

async fn due(db: &Db, now: Timestamp) -> Option<Vec<JobKind>> {
    // A test may have broken its database, or closed it.
    db.query("SELECT kind FROM jobs WHERE run_at <= $1 ORDER BY kind", (now,)).fetch_column().await.ok()
}

impl Drop for LeftOver {
    fn drop(&mut self) {
        if std::thread::panicking() || !self.none.load(Ordering::Relaxed) {
            return;
        }
        let (db, now, url) = (self.state.db.clone(), self.state.now(), self.url.take());
        let left = on_its_own(async move {
            match url {
                Some(url) => due(&Db::open_postgres(&url).await.ok()?, now).await,
                None => due(&db, now).await,
            }
        });
        let left = left.unwrap_or_default();
        assert!(left.is_empty(), "due and not done: {left:?}; drain them, or say why they may be left");
    }
}
