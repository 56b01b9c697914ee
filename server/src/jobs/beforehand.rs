//! What somebody approved beforehand: the plan is made and proven as for a review, and only a clean one goes on by itself.
//! Anything else waits for the review, as if nothing had been approved.

use model::{Decision, ShareState, StepPhase, Timestamp};
use policy::share::SharePlan;
use sharing::Approval;

use crate::plan::{Plan, difference, lines, opens};
use crate::shares::{self, Planned, Unplanned};
use crate::state::AppState;
use crate::store::audit::Actor;
use crate::store::circles::Given;
use crate::store::decode::Damaged;
use crate::store::shares::{Along, Share};
use crate::words;

/// What became of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Said {
    /// The share goes on as after a review.
    Yes,
    /// It waits for one.
    No,
    /// It could not be looked at: not before this time again.
    Again(Timestamp),
}

/// Says the yes that somebody gave beforehand, if the share is covered by it and its plan is clean.
///
/// # Errors
/// When the store fails.
pub(super) async fn say_yes(state: &AppState, share: &mut Share) -> anyhow::Result<Said> {
    let Some(given) = covering(state, share).await? else { return Ok(Said::No) };
    if !shares::may_go_on(state, share).await? {
        return Ok(Said::No);
    }
    let planned = match shares::planned(state, share).await {
        Ok(planned) => planned,
        Err(Unplanned::Failed(error)) if Damaged::beneath(&error).is_none() && given_up(&error) => {
            return Ok(Said::No);
        }
        Err(Unplanned::Failed(error)) => return Err(error),
        Err(Unplanned::Plane(error)) => {
            tracing::info!(share = %share.id, "not looked at, what was approved beforehand waits: {error}");
            return Ok(Said::Again(state.after(state.config.timing.retry * 30)));
        }
        Err(Unplanned::MachineGone(_) | Unplanned::Plan(_)) => return Ok(Said::No),
    };
    let Some(plan) = clean(&planned) else { return Ok(Said::No) };
    if !may_do_all(state, share).await? || !would_be_taken(&planned, plan).await {
        return Ok(Said::No);
    }
    // Nobody took it back meanwhile.
    if covering(state, share).await?.as_ref() != Some(&given) {
        return Ok(Said::Again(state.now()));
    }
    let entry = shares::entry(share, Actor::Acequia, words::circle::said_yes_beforehand(&given)).at(state);
    share.state = share.state.clone().apply()?;
    share.deeds.approved = Some(Approval {
        by: given.by,
        by_name: given.by_name,
        at: entry.at,
        decision: Decision::Apply,
        difference: difference(plan),
        narrowing: None,
        lines: lines(plan),
        reach: Some(opens(plan)),
        beforehand: Some(given.circle),
        shared: Some(planned.shared_to),
    });
    let along = Along { entries: vec![entry], forget_steps: Some(StepPhase::Apply), ..Along::default() };
    let won = shares::store(state, share, along).await?;
    Ok(if won { Said::Yes } else { Said::Again(state.now()) })
}

/// What was approved for a share that waits for its first yes, and covers it.
async fn covering(state: &AppState, share: &Share) -> sqlx::Result<Option<Given>> {
    if !matches!(share.state, ShareState::Accepted { again: None }) || share.deeds.approved.is_some() {
        return Ok(None);
    }
    let given = state.db.find_given_beforehand(share.id).await?;
    Ok(given.filter(|given| given.covers(share.accepted, share.ends)))
}

/// Whether an error is about who owns the credentials, which a person has to mend.
fn given_up(error: &anyhow::Error) -> bool {
    error.is::<crate::planes::OwnerShutOut>() || error.is::<crate::secrets::OpenError>()
}

/// The plan, if it opens just the service and there is nothing that its owner should know.
fn clean(planned: &Planned) -> Option<&SharePlan> {
    let Plan::Exact(plan) = &planned.plan else { return None };
    let nothing_besides = planned.besides.as_ref().is_none_or(|besides| besides.entries.is_empty());
    let is_clean = plan.narrowing.is_none()
        && plan.lost.is_empty()
        && plan.warnings.is_empty()
        && plan.unknown_names.is_empty()
        && nothing_besides;
    is_clean.then_some(plan)
}

/// Whether nothing of it would have to be done by hand.
async fn may_do_all(state: &AppState, share: &Share) -> anyhow::Result<bool> {
    let Some(tailnet) = state.db.find_tailnet(share.tailnet).await? else { return Ok(false) };
    if tailnet.policy_is_elsewhere()? {
        return Ok(false);
    }
    let stored = state.db.list_credentials(tailnet.id).await?.readable();
    Ok(tailnet.kind.is_headscale() || words::credential::missing(&stored, state.now()).is_empty())
}

/// Whether the control plane has nothing to say against the text, where it can be asked.
async fn would_be_taken(planned: &Planned, plan: &SharePlan) -> bool {
    if !planned.plane.capabilities().validate {
        return true;
    }
    let said = planned.plane.validate_policy(&plan.after).await;
    said.is_ok_and(|said| said.passed && said.message.is_empty())
}
