//! What was worked out, kept in memory: one for each tailnet, for as long as policy and network stay the same.

use std::collections::HashMap;
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

use model::TailnetId;
use tokio::sync::OnceCell;

use super::Evaluation;
use crate::store::Db;
use crate::store::snapshots::Head;

/// Tailnets whose answers are kept; the one that nobody asked about for longest goes first.
const KEPT: usize = 64;

/// Shared by all requests.
#[derive(Default)]
pub struct Cache(Mutex<Entries>);

#[derive(Default)]
struct Entries {
    asked: u64,
    entries: HashMap<TailnetId, Entry>,
}

struct Entry {
    revision: String,
    asked: u64,
    evaluation: Arc<OnceCell<Arc<Evaluation>>>,
}

impl fmt::Debug for Cache {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Cache")
    }
}

impl Cache {
    /// The place for this revision of a tailnet; another revision is evicted by asking.
    fn slot(&self, tailnet: TailnetId, revision: &str) -> Arc<OnceCell<Arc<Evaluation>>> {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        all.asked += 1;
        let asked = all.asked;
        if let Some(entry) = all.entries.get_mut(&tailnet).filter(|entry| entry.revision == revision) {
            entry.asked = asked;
            return Arc::clone(&entry.evaluation);
        }
        let evaluation = Arc::default();
        let entry = Entry { revision: revision.to_owned(), asked, evaluation: Arc::clone(&evaluation) };
        all.entries.insert(tailnet, entry);
        if all.entries.len() > KEPT
            && let Some(oldest) = all.entries.iter().min_by_key(|(_, entry)| entry.asked).map(|(id, _)| *id)
        {
            all.entries.remove(&oldest);
        }
        evaluation
    }

    /// The tailnet is no longer connected.
    pub fn forget(&self, tailnet: TailnetId) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).entries.remove(&tailnet);
    }
}

/// What was last read of a tailnet, judged.
#[derive(Clone, Debug)]
pub struct CachedReach {
    pub head: Head,
    pub evaluation: Arc<Evaluation>,
}

/// What is known of a tailnet's reach, without asking its control plane; nothing before the first reading.
///
/// # Errors
/// When the store fails.
pub async fn of(db: &Db, cache: &Cache, tailnet: TailnetId) -> anyhow::Result<Option<CachedReach>> {
    let Some(head) = db.find_snapshot(tailnet).await? else { return Ok(None) };
    let slot = cache.slot(tailnet, &head.revision);
    let evaluation = slot.get_or_try_init(|| evaluate(db, tailnet)).await?;
    Ok(Some(CachedReach { head, evaluation: Arc::clone(evaluation) }))
}

async fn evaluate(db: &Db, tailnet: TailnetId) -> anyhow::Result<Arc<Evaluation>> {
    let Some(snapshot) = db.get_snapshot(tailnet).await? else {
        anyhow::bail!("tailnet {tailnet} was disconnected meanwhile")
    };
    let Some(text) = snapshot.policy else {
        let why = snapshot.head.policy_missing.unwrap_or_else(|| "the policy was not read yet".into());
        return Ok(Arc::new(Evaluation::Refused { text: String::new(), why, line: None }));
    };
    let sharing_known = snapshot.head.sharing_missing.is_none();
    let dialect = snapshot.dialect?;
    let evaluation =
        tokio::task::spawn_blocking(move || Evaluation::of(text, &snapshot.network, sharing_known, dialect));
    Ok(Arc::new(evaluation.await?))
}
