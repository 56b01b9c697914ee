//! Brings a share to where its state wants it: look, decide, do one thing, until nothing is left to do now.

use model::{Attention, EndReason, Need, Phase, ShareId, ShareState};
use sharing::trouble;

use super::Outcome;
use super::beforehand::{self, Said};
use crate::hosts;
use crate::jobs;
use crate::planes;
use crate::planes::OwnerShutOut;
use crate::secrets::OpenError;
use crate::shares::{self, Flow, Halt, Work};
use crate::state::AppState;
use crate::store::audit::Actor;
use crate::store::decode::Damaged;
use crate::store::shares::Share;
use crate::store::trouble::Trouble;
use crate::tailnet::{Lease, exposures};

/// More than any way from one end of a share's life to the other takes: a run that does not end is a mistake of ours.
const LONGEST_RUN: usize = 100;

pub async fn run(state: &AppState, id: ShareId) -> anyhow::Result<Outcome> {
    let Some(mut share) = state.db.find_share(id).await? else { return Ok(Outcome::Done) };
    if let ShareState::Accepted { .. } = share.state {
        match Box::pin(beforehand::say_yes(state, &mut share)).await? {
            Said::Yes => {}
            Said::No => return Ok(Outcome::Done),
            Said::Again(at) => return Ok(Outcome::Again(at)),
        }
    }
    let phase = match &share.state {
        ShareState::Applying | ShareState::WaitingForFriend { .. } => Phase::Apply,
        ShareState::Ending { why } => Phase::End { why: *why },
        ShareState::Pausing => Phase::Pause,
        ShareState::NeedsAttention {
            attention: Attention { need: Need::Review | Need::Invite, .. }, ..
        }
        | ShareState::AccountMissing { .. }
        | ShareState::Accepted { .. }
        | ShareState::Paused { .. }
        | ShareState::Active { .. }
        | ShareState::Drifted { .. }
        | ShareState::Ended { .. } => return Ok(Outcome::Done),
        ShareState::NeedsAttention { phase, .. } => *phase,
    };
    let outcome = Box::pin(go_on(state, share, phase)).await;
    if let Phase::End { .. } = phase {
        match &outcome {
            Err(error) if Trouble::beneath(error).is_some() => state.signals.overdue.failed(id, error),
            Ok(Outcome::Done) => state.signals.overdue.done(id),
            _ => {}
        }
    }
    outcome
}

async fn go_on(state: &AppState, mut share: Share, phase: Phase) -> anyhow::Result<Outcome> {
    let Some(node) = state.db.find_node(share.node).await? else { return Ok(Outcome::Done) };
    if phase != Phase::Apply {
        // Before anything that needs a credential: whoever began this may have been killed before this.
        hosts::try_renew(state, share.node).await;
    }
    if phase == Phase::Apply && !shares::may_go_on(state, &share).await? {
        shares::begin_end(state, &mut share, EndReason::ShutOut, Actor::Acequia).await?;
        return Ok(Outcome::Again(state.now()));
    }
    let plane = match phase {
        Phase::Apply => planes::of(state, share.tailnet).await,
        Phase::Pause | Phase::End { .. } => planes::to_end(state, share.tailnet).await,
    };
    let plane = match plane {
        Ok(plane) => plane,
        // It was open and goes on as it is; nobody looks after it.
        Err(error) if error.is::<OwnerShutOut>() => {
            return Ok(Outcome::Again(state.after(state.config.timing.retry * 30)));
        }
        Err(error) if error.is::<OpenError>() => {
            return Ok(shares::stop(state, &mut share, trouble::key_file(phase)).await?.into());
        }
        Err(error) if Damaged::beneath(&error).is_some() => {
            tracing::error!(share = %share.id, "it does not go on: {error:#}");
            return Ok(shares::stop(state, &mut share, trouble::damaged(phase)).await?.into());
        }
        Err(error) => return Err(error),
    };
    let Some(lease) = Lease::take(state, share.tailnet).await? else {
        return Ok(jobs::until_let_go(state));
    };
    let mut work = Work::new(state, plane, lease, share, node);
    let outcome = match run_through(&mut work).await {
        Ok(outcome) => Ok(outcome),
        Err(Halt::Soon) => Ok(Outcome::Again(state.now())),
        // Told on the page of the share; when the row is mended it goes on.
        Err(Halt::Failed(error)) if Damaged::beneath(&error).is_some() => {
            tracing::error!(share = %work.share.id, "it does not go on: {error:#}");
            let attention = trouble::damaged(work.phase());
            shares::stop(state, &mut work.share, attention).await.map(Outcome::from)
        }
        Err(Halt::Failed(error)) => Err(error),
    };
    if work.renewed
        && let Err(error) = exposures::renew(state, work.share.tailnet).await
    {
        // The next look works it out.
        tracing::warn!(share = %work.share.id, "who reaches more than agreed was not worked out: {error:#}");
    }
    work.lease.give_back().await?;
    outcome
}

async fn run_through(work: &mut Work) -> Result<Outcome, Halt> {
    work.observe_store().await?;
    for _ in 0..LONGEST_RUN {
        match Box::pin(work.perform(work.decide())).await? {
            Flow::On => {}
            Flow::Done => return Ok(Outcome::Done),
            Flow::Again(at) => return Ok(Outcome::Again(at)),
        }
    }
    Err(Halt::Failed(anyhow::anyhow!("share {}: its run does not end", work.share.id)))
}
