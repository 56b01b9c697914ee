//! Whether the database takes writes: tried in one place, and told to whoever asks.

mod overdue;

use std::sync::Arc;
use std::time::Duration;

use model::Timestamp;
use tokio::sync::{Mutex, Notify, watch};
use tokio::time::Instant;

pub use self::overdue::Overdue;
use crate::clock::Clock;

use crate::store::Db;
use crate::store::heartbeat::Heartbeat;
use crate::store::trouble::Trouble;

/// Between two tries while all is well; each is one write that reaches the disk.
const QUIET: Duration = Duration::from_secs(5);
/// Between two tries while it is not, and the age from which on an answer is not told any more.
const SOON: Duration = Duration::from_secs(1);
/// A try that takes longer has failed.
const LONGEST: Duration = Duration::from_millis(1_500);

/// The last answer, and the means to ask again.
#[derive(Debug)]
pub struct Health {
    db: Db,
    /// One try at a time, and when the last one ended.
    trying: Mutex<(Heartbeat, Option<Instant>)>,
    known: watch::Sender<Option<Trouble>>,
}

impl Health {
    pub fn new(db: Db) -> Self {
        let heartbeat = Heartbeat::new(db.clone());
        Self { db, trying: Mutex::new((heartbeat, None)), known: watch::Sender::new(None) }
    }

    /// What the last try found, at once.
    pub fn trouble(&self) -> Option<Trouble> {
        *self.known.borrow()
    }

    /// What a try found that is not older than a second. However many ask, there is one try a second.
    pub async fn look(&self, now: Timestamp) -> Option<Trouble> {
        if self.db.is_closed() {
            return Some(Trouble::Away);
        }
        let mut trying = self.trying.lock().await;
        let (heartbeat, last) = &mut *trying;
        if last.is_none_or(|last| last.elapsed() >= SOON) {
            self.tell(tokio::time::timeout(LONGEST, heartbeat.beat(now)).await);
            *last = Some(Instant::now());
        }
        self.trouble()
    }

    fn tell(&self, tried: Result<sqlx::Result<()>, tokio::time::error::Elapsed>) {
        let found = match &tried {
            Ok(Ok(())) => None,
            // A statement that was right before fails for a reason of the place.
            Ok(Err(error)) => Some(Trouble::of(error).unwrap_or(Trouble::Broken)),
            Err(_) => Some(Trouble::Away),
        };
        match (self.known.send_replace(found), found, tried) {
            (None, Some(trouble), Ok(Err(error))) => {
                tracing::error!("the database takes no writes, {trouble}: {error}");
            }
            (None, Some(trouble), _) => tracing::error!("the database takes no writes, {trouble}"),
            (Some(_), None, _) => tracing::info!("the database takes writes again"),
            _ => {}
        }
    }
}

/// Tries again and again until it is told to stop, and wakes whoever waits for the database.
pub async fn watch(
    health: Arc<Health>,
    clock: Arc<dyn Clock>,
    poke: Arc<Notify>,
    mut stop: watch::Receiver<bool>,
) {
    while !*stop.borrow() {
        let before = health.trouble();
        let found = health.look(clock.now()).await;
        if before.is_some() && found.is_none() {
            poke.notify_one();
        }
        let wait = if found.is_none() { QUIET } else { SOON };
        tokio::select! {
            () = tokio::time::sleep(wait) => {}
            _ = stop.changed() => {}
        }
    }
}
