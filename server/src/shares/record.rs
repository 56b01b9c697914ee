//! Changes of a share as they are stored and told, whoever makes them.

use model::{Attention, EndReason, JobKind, Need, ObjectKind, Timestamp};
use sharing::words::words;

use crate::hosts;
use crate::queue;
use crate::state::AppState;
use crate::store::audit::{Actor, NewEntry, Object};
use crate::store::shares::{Along, Share};

/// An entry about a share: its owner, stewards and friend may read it.
pub fn entry(
    state: &AppState,
    share: &Share,
    actor: Actor,
    what: String,
    before: Option<String>,
    after: Option<String>,
) -> NewEntry {
    let now = state.now();
    NewEntry {
        id: state.random.new_id(now),
        at: now,
        actor,
        what,
        object: Object {
            kind: ObjectKind::Share,
            id: share.id.uuid(),
            name: format!("share with {}", share.login),
        },
        before,
        after,
        tailnet: Some(share.tailnet),
        owner: Some(share.owner),
        friend: Some(share.friend),
    }
}

/// A share stops where it is, and its owner is told why. Gives when it is looked at again by itself.
///
/// # Errors
/// When nothing is going on with it, or the store fails.
pub async fn stop(
    state: &AppState,
    share: &mut Share,
    attention: Attention,
) -> anyhow::Result<Option<Timestamp>> {
    let retry = state.config.timing.retry;
    let wait = match attention.need {
        Need::Time => Some(retry),
        // Looked at now and then: somebody may have done it by hand.
        Need::Credential | Need::Look => Some(retry * 30),
        Need::Invite | Need::Review => None,
    };
    // Not before the control plane said.
    let again = wait.map(|wait| {
        let at = state.after(wait);
        attention.again.map_or(at, |again| again.max(at))
    });
    let next = share.state.clone().stop(attention.clone())?;
    let entries = told_once(state, share, &attention, "stopped");
    if next != share.state {
        share.state = next;
        store(state, share, Along { entries, ..Along::default() }).await?;
    }
    Ok(again)
}

/// What was open is not in force as agreed any more: its owner is told why.
///
/// # Errors
/// When it was not open, or the store fails.
pub async fn drifted(state: &AppState, share: &Share, attention: Attention) -> anyhow::Result<()> {
    let next = share.state.clone().drift(attention.clone())?;
    let entries = told_once(state, share, &attention, "is no longer in force as agreed");
    if !entries.is_empty() {
        let mut changed = Share { state: next, ..share.clone() };
        store(state, &mut changed, Along { entries, ..Along::default() }).await?;
    }
    Ok(())
}

/// The same trouble as before is not told again.
fn told_once(state: &AppState, share: &Share, attention: &Attention, what: &str) -> Vec<NewEntry> {
    if share.state.attention().is_some_and(|before| before.is_the_same_as(attention)) {
        return Vec::new();
    }
    let what = format!("{what}: {}", words(attention).reason);
    vec![entry(state, share, Actor::Acequia, what, None, None)]
}

/// Stores a share that a job changed, and tells the pages. If somebody else was quicker nothing is stored.
///
/// # Errors
/// When the store fails.
pub async fn store(state: &AppState, share: &mut Share, along: Along) -> anyhow::Result<bool> {
    let won = state.db.update_share(share, state.now(), &along).await?;
    if won {
        tracing::info!(share = %share.id, state = share.state.name(), "a share changed");
        let _ = state.signals.share_changes.send(share.id);
    }
    Ok(won)
}

/// Begins to end a share, whoever wants it, and wakes the runner.
///
/// `false`, and nothing is done, if somebody else changed it meanwhile: read it again.
///
/// # Errors
/// When it is ending or over already, or the store fails.
pub async fn begin_end(
    state: &AppState,
    share: &mut Share,
    why: EndReason,
    actor: Actor,
) -> anyhow::Result<bool> {
    let what = match why {
        EndReason::Expired => "the agreed time is over: the share ends",
        EndReason::OwnerEnded => "ended the share",
        EndReason::FriendEnded => "gave the share back",
        EndReason::InviteLapsed => "the invite was not opened within its 30 days: the share ends",
        EndReason::ShutOut => "one of the two may no longer come in here: the share ends",
    };
    let before = share.state.name().to_owned();
    share.state = share.state.clone().end(why)?;
    let entry = entry(state, share, actor, what.into(), Some(before), Some(share.state.name().to_owned()));
    let along = Along {
        entries: vec![entry],
        jobs: vec![queue::job(state, JobKind::Share, share.id)],
        ..Along::default()
    };
    if !state.db.update_share(share, state.now(), &along).await? {
        return Ok(false);
    }
    let _ = state.signals.share_changes.send(share.id);
    hosts::try_renew(state, share.node).await;
    state.signals.poke.notify_one();
    Ok(true)
}
