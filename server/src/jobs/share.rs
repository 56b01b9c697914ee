//! Brings a share to where its state wants it: look, decide, do one thing, until nothing is left to do now.

use model::{Attention, EndReason, Need, Phase, ShareId, ShareState};
use sharing::trouble;

use super::Outcome;
use crate::planes::OwnerShutOut;
use crate::secrets::OpenError;
use crate::services::Services;
use crate::shares::{Flow, Halt, Work};
use crate::store::audit::Actor;
use crate::store::decode::Damaged;
use crate::store::shares::Share;
use crate::store::trouble::Trouble;
use crate::tailnet::Lease;

/// More than any way from one end of a share's life to the other takes: a run that does not end is a mistake of ours.
const LONGEST_RUN: usize = 100;

pub async fn run(services: &Services, id: ShareId) -> anyhow::Result<Outcome> {
    let Some(share) = services.db.find_share(id).await? else { return Ok(Outcome::Done) };
    let phase = match &share.state {
        ShareState::Applying | ShareState::WaitingForFriend { .. } => Phase::Apply,
        ShareState::Ending { why } => Phase::End { why: *why },
        ShareState::NeedsAttention {
            attention: Attention { need: Need::Review | Need::Invite, .. }, ..
        }
        | ShareState::Accepted { .. }
        | ShareState::Active { .. }
        | ShareState::Drifted { .. }
        | ShareState::Ended { .. } => return Ok(Outcome::Done),
        ShareState::NeedsAttention { phase, .. } => *phase,
    };
    let outcome = go_on(services, share, phase).await;
    if let Phase::End { .. } = phase {
        match &outcome {
            Err(error) if Trouble::beneath(error).is_some() => services.overdue.failed(id, error),
            Ok(Outcome::Done) => services.overdue.done(id),
            _ => {}
        }
    }
    outcome
}

async fn go_on(services: &Services, mut share: Share, phase: Phase) -> anyhow::Result<Outcome> {
    let Some(node) = services.db.find_node(share.node).await? else { return Ok(Outcome::Done) };
    if matches!(phase, Phase::End { .. }) {
        // Before anything that needs a credential: whoever began the ending may have been killed before this.
        services.try_renew_firewall(share.node).await;
    }
    if phase == Phase::Apply && !services.may_go_on(&share).await? {
        services.begin_end(&mut share, EndReason::ShutOut, Actor::Acequia).await?;
        return Ok(Outcome::Again(services.now()));
    }
    let plane = match phase {
        Phase::Apply => services.plane(share.tailnet).await,
        Phase::End { .. } => services.plane_to_end(share.tailnet).await,
    };
    let plane = match plane {
        Ok(plane) => plane,
        // It was open and goes on as it is; nobody looks after it.
        Err(error) if error.is::<OwnerShutOut>() => {
            return Ok(Outcome::Again(services.after(services.config.timing.retry * 30)));
        }
        Err(error) if error.is::<OpenError>() => {
            return Ok(services.stop_share(&mut share, trouble::key_file(phase)).await?.into());
        }
        Err(error) if Damaged::beneath(&error).is_some() => {
            tracing::error!(share = %share.id, "it does not go on: {error:#}");
            return Ok(services.stop_share(&mut share, trouble::damaged(phase)).await?.into());
        }
        Err(error) => return Err(error),
    };
    let Some(lease) = Lease::take(services, share.tailnet).await? else {
        return Ok(services.until_let_go());
    };
    let mut work = Work::new(services, plane, lease, share, node);
    let outcome = match run_through(&mut work).await {
        Ok(outcome) => Ok(outcome),
        Err(Halt::Soon) => Ok(Outcome::Again(services.now())),
        // Told on the page of the share; when the row is mended it goes on.
        Err(Halt::Failed(error)) if Damaged::beneath(&error).is_some() => {
            tracing::error!(share = %work.share.id, "it does not go on: {error:#}");
            let attention = trouble::damaged(work.phase());
            services.stop_share(&mut work.share, attention).await.map(Outcome::from)
        }
        Err(Halt::Failed(error)) => Err(error),
    };
    work.lease.give_back().await?;
    outcome
}

async fn run_through(work: &mut Work) -> Result<Outcome, Halt> {
    work.look_around().await?;
    for _ in 0..LONGEST_RUN {
        match work.perform(work.decide()).await? {
            Flow::On => {}
            Flow::Done => return Ok(Outcome::Done),
            Flow::Again(at) => return Ok(Outcome::Again(at)),
        }
    }
    Err(Halt::Failed(anyhow::anyhow!("share {}: its run does not end", work.share.id)))
}
