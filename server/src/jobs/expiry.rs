//! What is over begins to end: at start, before the first page is served, and when its time comes.

use std::collections::BTreeMap;
use std::time::Duration;

use model::{EndReason, JobKind, ShareId, ShareState, TailnetId};
use tokio::task::JoinSet;

use crate::hosts;
use crate::jobs::overdue;
use crate::queue;
use crate::shares;
use crate::state::AppState;
use crate::store::audit::Actor;
use crate::store::jobs::LONGEST_WAIT;
use crate::store::trouble::Trouble;

/// Begins the end of every share whose agreed time is over. Gives how many there were.
///
/// # Errors
/// When the store fails: which ends could not be done is then known as [`crate::health::Overdue`].
pub async fn end_what_is_over(state: &AppState) -> anyhow::Result<usize> {
    let mut count = 0;
    let mut failed: Option<anyhow::Error> = None;
    let now = state.now();
    let expired = state.db.list_expired_shares(now).await.map_err(anyhow::Error::new);
    let expired = expired.inspect_err(|error| state.signals.overdue.cannot_be_read(now, error))?;
    state.signals.overdue.was_read();
    for due in expired {
        // Nobody waits for a database that is away once for each share.
        let ended = match failed.take() {
            Some(error) => Err(error),
            None => end_one(state, due.id).await,
        };
        match ended {
            Ok(true) => count += 1,
            // One that ends already for another reason stays with that.
            Ok(false) => {}
            Err(error) if Trouble::beneath(&error).is_some() => {
                state.signals.overdue.failed(due.id, &error);
                failed = Some(error);
            }
            // Each on its own: one that cannot be read does not keep the others open.
            Err(error) => {
                state.signals.overdue.failed(due.id, &error);
                // The host's own text shuts out what cannot be read, and its people are told.
                hosts::try_renew(state, due.node).await;
                state.db.notice_shares(&[due.id], now).await?;
            }
        }
    }
    if let Some(error) = failed {
        return Err(error);
    }
    overdue::forget_what_is_over(state).await?;
    Ok(count)
}

/// Begins the end of one whose time is over. False: it ends already, or somebody else changed it at the same moment.
async fn end_one(state: &AppState, id: ShareId) -> anyhow::Result<bool> {
    let Some(mut share) = state.db.find_share(id).await? else { return Ok(false) };
    match shares::begin_end(state, &mut share, EndReason::Expired, Actor::Acequia).await {
        Err(error) if error.is::<model::share::TransitionError>() => Ok(false),
        begun => begun,
    }
}

/// At start: every share that has work left gets its job again, and those that are ending are ended at once, the
/// tailnets beside each other. Gives when that is done, or after `patience`; what is not done then goes on.
///
/// # Errors
/// When the store fails.
pub async fn finish_endings(state: &AppState, patience: Duration) -> anyhow::Result<()> {
    let mut by_tailnet: BTreeMap<TailnetId, Vec<ShareId>> = BTreeMap::new();
    for due in state.db.list_unfinished_shares().await? {
        let share = match state.db.find_share(due.id).await {
            Ok(Some(share)) => share,
            Ok(None) => continue,
            Err(error) => {
                tracing::error!(share = %due.id, "it is not worked on: {error}");
                hosts::try_renew(state, due.node).await;
                state.db.notice_shares(&[due.id], state.now()).await?;
                continue;
            }
        };
        let mut job = queue::job(state, JobKind::Share, share.id);
        if let ShareState::NeedsAttention { attention, .. } = &share.state {
            // The control plane said not before: a restart is no reason.
            let again = attention.again.filter(|again| !again.is_over(state.now(), LONGEST_WAIT));
            job.run_at = again.unwrap_or(job.run_at);
        }
        state.db.enqueue(&job).await?;
        if matches!(share.state, ShareState::Ending { .. }) {
            by_tailnet.entry(share.tailnet).or_default().push(share.id);
        }
    }
    let mut tasks = JoinSet::new();
    for shares in by_tailnet.into_values() {
        let state = state.clone();
        tasks.spawn(async move {
            for share in shares {
                if let Err(error) = Box::pin(super::share::run(&state, share)).await {
                    tracing::warn!(%share, "a share could not be ended yet: {error:#}");
                }
            }
        });
    }
    // Never cancelled half-way: a call that is on its way is waited for by its own task.
    let all = tokio::spawn(async move { while tasks.join_next().await.is_some() {} });
    if tokio::time::timeout(patience, all).await.is_err() {
        tracing::warn!("shares whose time is over could not all be ended yet; they are tried again");
    }
    Ok(())
}
