//! Drops what is older than the settings say, in small portions, so that nobody waits for it. What is never dropped stands at
//! the statements (`store/retention.rs`, `store/looks.rs`). And what a clock that was ahead wrote down is brought back.

use std::time::Duration;

use model::retention::{Keep, STEP, believed, is_due};
use model::{TailnetId, Timestamp};

use crate::state::AppState;

/// Portions of one kind in one round; the next round goes on.
const PORTIONS: usize = 20;
/// What was told, or given up, is known for so long: longer than anything is told anew, or shown.
const DELIVERIES: Duration = Duration::from_hours(15 * 24);

/// One round, if it is due. Gives how many rows were dropped.
///
/// # Errors
/// When the store fails.
pub async fn drop_old(state: &AppState) -> anyhow::Result<u64> {
    let (db, now) = (&state.db, state.now());
    let before = db.retention_times().await?;
    if before.is_some_and(|(_, last)| !is_due(last, now)) {
        return Ok(0);
    }
    let time = match before {
        Some((time, _)) => believed(time, now),
        // The first round ever: it is no later than something happened.
        None => db.last_entry().await?.map_or(now, |last| now.min(last.plus(STEP))),
    };
    if !db.put_retention_times(before, (time, now)).await? {
        return Ok(0);
    }
    db.bring_back_times(now).await?;
    let keep = state.config.retention;
    let kinds = [(Kind::Entries, keep.audit), (Kind::Revisions, keep.revisions), (Kind::Probes, keep.probes)];
    let mut all: Vec<(Kind, Keep)> = kinds.to_vec();
    let tailnets = db.list_tailnets().await?.readable();
    all.push((Kind::Deliveries, Keep::For(DELIVERIES)));
    all.extend(tailnets.into_iter().map(|tailnet| (Kind::Looks(tailnet.id), keep.snapshots)));
    let mut dropped = 0;
    for (kind, keep) in all {
        let Some(old) = keep.dropped_before(time) else { continue };
        dropped += portions(state, kind, old).await?;
    }
    Ok(dropped)
}

/// What is dropped.
#[derive(Clone, Copy, Debug)]
enum Kind {
    Entries,
    Revisions,
    Probes,
    Deliveries,
    Looks(TailnetId),
}

/// One after the other, each a transaction of its own, until there is nothing more or it is enough for now.
async fn portions(state: &AppState, kind: Kind, old: Timestamp) -> sqlx::Result<u64> {
    let db = &state.db;
    let mut dropped = 0;
    for _ in 0..PORTIONS {
        let count = match kind {
            Kind::Entries => db.drop_entries(old).await?,
            Kind::Revisions => db.drop_revisions(old).await?,
            Kind::Probes => db.drop_probes(old).await?,
            Kind::Deliveries => db.drop_deliveries(old, state.now()).await?,
            Kind::Looks(tailnet) => db.drop_looks(tailnet, old, state.now()).await?,
        };
        dropped += count;
        if count == 0 {
            break;
        }
        tokio::task::yield_now().await;
    }
    Ok(dropped)
}
