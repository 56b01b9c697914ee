//! What was worked out, kept in memory: one for each tailnet, for as long as policy and network stay the same.

use std::collections::HashMap;
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

use model::TailnetId;
use tokio::sync::OnceCell;

use super::Judged;
use crate::store::Db;
use crate::store::snapshots::Head;

/// Tailnets whose answers are kept; the one that nobody asked about for longest goes first.
const KEPT: usize = 64;

/// Shared by all requests.
#[derive(Default)]
pub struct Cache(Mutex<Shelf>);

#[derive(Default)]
struct Shelf {
    asked: u64,
    kept: HashMap<TailnetId, Kept>,
}

struct Kept {
    revision: String,
    asked: u64,
    judged: Arc<OnceCell<Arc<Judged>>>,
}

impl fmt::Debug for Cache {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Cache")
    }
}

impl Cache {
    /// The place for this revision of a tailnet; another revision is evicted by asking.
    fn place(&self, tailnet: TailnetId, revision: &str) -> Arc<OnceCell<Arc<Judged>>> {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        all.asked += 1;
        let asked = all.asked;
        if let Some(kept) = all.kept.get_mut(&tailnet).filter(|kept| kept.revision == revision) {
            kept.asked = asked;
            return Arc::clone(&kept.judged);
        }
        let judged = Arc::default();
        let kept = Kept { revision: revision.to_owned(), asked, judged: Arc::clone(&judged) };
        all.kept.insert(tailnet, kept);
        if all.kept.len() > KEPT
            && let Some(oldest) = all.kept.iter().min_by_key(|(_, kept)| kept.asked).map(|(id, _)| *id)
        {
            all.kept.remove(&oldest);
        }
        judged
    }

    /// The tailnet is no longer connected.
    pub fn forget(&self, tailnet: TailnetId) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).kept.remove(&tailnet);
    }
}

/// What was last read of a tailnet, judged.
#[derive(Clone, Debug)]
pub struct Seen {
    pub head: Head,
    pub judged: Arc<Judged>,
}

/// What is known of a tailnet's reach, without asking its control plane; nothing before the first reading.
///
/// # Errors
/// When the store fails.
pub async fn of(db: &Db, cache: &Cache, tailnet: TailnetId) -> anyhow::Result<Option<Seen>> {
    let Some(head) = db.find_snapshot(tailnet).await? else { return Ok(None) };
    let place = cache.place(tailnet, &head.revision);
    let judged = place.get_or_try_init(|| judge(db, tailnet)).await?;
    Ok(Some(Seen { head, judged: Arc::clone(judged) }))
}

async fn judge(db: &Db, tailnet: TailnetId) -> anyhow::Result<Arc<Judged>> {
    let Some(snapshot) = db.get_snapshot(tailnet).await? else {
        anyhow::bail!("tailnet {tailnet} was disconnected meanwhile")
    };
    let Some(text) = snapshot.policy else {
        let why = snapshot.head.policy_missing.unwrap_or_else(|| "the policy was not read yet".into());
        return Ok(Arc::new(Judged::Refused { text: String::new(), why, line: None }));
    };
    let sharing_known = snapshot.head.sharing_missing.is_none();
    let judged = tokio::task::spawn_blocking(move || Judged::of(text, &snapshot.network, sharing_known));
    Ok(Arc::new(judged.await?))
}
