//! What is over begins to end: at start, before the first page is served, and when its time comes.

use std::collections::BTreeMap;
use std::time::Duration;

use model::{EndReason, JobKind, ShareId, ShareState, TailnetId};
use tokio::task::JoinSet;

use crate::services::Services;
use crate::store::audit::Actor;
use crate::store::jobs::LONGEST_WAIT;
use crate::store::trouble::Trouble;

/// Begins the end of every share whose agreed time is over. Gives how many there were.
///
/// # Errors
/// When the store fails: which ends could not be done is then known as [`crate::health::Overdue`].
pub async fn end_what_is_over(services: &Services) -> anyhow::Result<usize> {
    let mut count = 0;
    let mut failed: Option<anyhow::Error> = None;
    let now = services.now();
    let expired = services.db.list_expired_shares(now).await.map_err(anyhow::Error::new);
    let expired = expired.inspect_err(|error| services.overdue.cannot_be_read(now, error))?;
    services.overdue.was_read();
    for due in expired {
        // Nobody waits for a database that is away once for each share.
        let ended = match failed.take() {
            Some(error) => Err(error),
            None => end_one(services, due.id).await,
        };
        match ended {
            Ok(true) => count += 1,
            // One that ends already for another reason stays with that.
            Ok(false) => {}
            Err(error) if Trouble::beneath(&error).is_some() => {
                services.overdue.failed(due.id, &error);
                failed = Some(error);
            }
            // Each on its own: one that cannot be read does not keep the others open.
            Err(error) => {
                services.overdue.failed(due.id, &error);
                // The host's own text shuts out what cannot be read.
                services.try_renew_firewall(due.node).await;
            }
        }
    }
    if let Some(error) = failed {
        return Err(error);
    }
    services.forget_what_is_over().await?;
    Ok(count)
}

/// Begins the end of one whose time is over. False: it ends already, or somebody else changed it at the same moment.
async fn end_one(services: &Services, id: ShareId) -> anyhow::Result<bool> {
    let Some(mut share) = services.db.find_share(id).await? else { return Ok(false) };
    match services.begin_end(&mut share, EndReason::Expired, Actor::Acequia).await {
        Err(error) if error.is::<model::share::TransitionError>() => Ok(false),
        begun => begun,
    }
}

/// At start: every share that has work left gets its job again, and those that are ending are ended at once, the
/// tailnets beside each other. Gives when that is done, or after `patience`; what is not done then goes on.
///
/// # Errors
/// When the store fails.
pub async fn finish_endings(services: &Services, patience: Duration) -> anyhow::Result<()> {
    let mut by_tailnet: BTreeMap<TailnetId, Vec<ShareId>> = BTreeMap::new();
    for due in services.db.list_unfinished_shares().await? {
        let share = match services.db.find_share(due.id).await {
            Ok(Some(share)) => share,
            Ok(None) => continue,
            Err(error) => {
                tracing::error!(share = %due.id, "it is not worked on: {error}");
                services.try_renew_firewall(due.node).await;
                continue;
            }
        };
        let mut job = services.job(JobKind::Share, share.id);
        if let ShareState::NeedsAttention { attention, .. } = &share.state {
            // The control plane said not before: a restart is no reason.
            let again = attention.again.filter(|again| !again.is_over(services.now(), LONGEST_WAIT));
            job.run_at = again.unwrap_or(job.run_at);
        }
        services.db.enqueue(&job).await?;
        if matches!(share.state, ShareState::Ending { .. }) {
            by_tailnet.entry(share.tailnet).or_default().push(share.id);
        }
    }
    let mut tasks = JoinSet::new();
    for shares in by_tailnet.into_values() {
        let services = services.clone();
        tasks.spawn(async move {
            for share in shares {
                if let Err(error) = super::share::run(&services, share).await {
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
