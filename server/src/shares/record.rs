//! Changes of a share as they are stored and told, whoever makes them.

use model::{Attention, CallError, EndReason, JobKind, Need, ShareEvent, Step, Timestamp, Trouble};
use sharing::words::words;

use crate::hosts;
use crate::queue;
use crate::state::AppState;
use crate::store::audit::{Actor, NewEntry, Object};
use crate::store::shares::{Along, Share};
use crate::trail::{self, Draft};
use crate::words;

/// An entry about a share: its owner, stewards and friend may read it.
pub fn entry(share: &Share, actor: Actor, event: ShareEvent) -> Draft {
    let object = if share.login.is_known() {
        Object::share(share.id, &share.login)
    } else {
        Object::share(share.id, words::share::NO_ACCOUNT_YET)
    };
    trail::about(object).by(actor).says(event).between(share)
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
    let entries = unless_logged(state, share, &attention, |step, need, reason| ShareEvent::Stopped {
        step,
        need,
        reason,
    });
    if next != share.state {
        share.state = next;
        // Which credential is not taken is found out at once: that is told, and not each share that it stops.
        let refused = matches!(attention.trouble, Trouble::Call { error: CallError::Unauthorised, .. });
        let jobs = refused.then(|| queue::job(state, JobKind::Sync, share.tailnet)).into_iter().collect();
        store(state, share, Along { entries, jobs, ..Along::default() }).await?;
    }
    Ok(again)
}

/// What was open is not in force as agreed any more: its owner is told why.
///
/// # Errors
/// When it was not open, or the store fails.
pub async fn drifted(state: &AppState, share: &Share, attention: Attention) -> anyhow::Result<()> {
    let next = share.state.clone().drift(attention.clone())?;
    let entries = unless_logged(state, share, &attention, |step, need, reason| ShareEvent::Drifted {
        step,
        need,
        reason,
    });
    if !entries.is_empty() {
        let mut changed = Share { state: next, ..share.clone() };
        store(state, &mut changed, Along { entries, ..Along::default() }).await?;
    }
    Ok(())
}

/// Only its owner can say what is to be: what was in force goes on by itself when it is as before, what never was stops.
///
/// # Errors
/// When it ends or nobody said yes to it, or the store fails.
pub async fn to_review(state: &AppState, share: &mut Share, attention: Attention) -> anyhow::Result<()> {
    if share.seen_in_force.is_some() {
        drifted(state, share, attention).await
    } else {
        stop(state, share, attention).await.map(drop)
    }
}

/// The same trouble as before is not told again.
fn unless_logged(
    state: &AppState,
    share: &Share,
    attention: &Attention,
    event: fn(Step, Need, String) -> ShareEvent,
) -> Vec<NewEntry> {
    if share.state.attention().is_some_and(|before| before.is_the_same_as(attention)) {
        return Vec::new();
    }
    let event = event(attention.step, attention.need, words(attention).reason);
    vec![entry(share, Actor::Acequia, event).at(state)]
}

/// Stores a share that a job changed, and tells the pages. If somebody else was quicker nothing is stored.
///
/// # Errors
/// When the store fails.
pub async fn store(state: &AppState, share: &mut Share, along: Along) -> anyhow::Result<bool> {
    // With all that goes along it is large, and many deeds end with it: on the heap, so that each of them stays small.
    let won = Box::pin(state.db.update_share(share, state.now(), &along)).await?;
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
    let before = share.state.name().to_owned();
    share.state = share.state.clone().end(why)?;
    let entry = entry(share, actor, ShareEvent::Ending { why })
        .before(before)
        .after(share.state.name().to_owned())
        .at(state);
    let along = Along {
        entries: vec![entry],
        jobs: vec![queue::job(state, JobKind::Share, share.id)],
        ..Along::default()
    };
    if !Box::pin(state.db.update_share(share, state.now(), &along)).await? {
        return Ok(false);
    }
    let _ = state.signals.share_changes.send(share.id);
    hosts::try_renew(state, share.node).await;
    state.signals.poke.notify_one();
    Ok(true)
}
