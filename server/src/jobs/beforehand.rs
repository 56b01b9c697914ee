//! What somebody approved beforehand: the plan is made and proven as for a review, and only a clean one goes on by itself.
//! Anything else waits for the review, as if nothing had been approved.

use control_plane::ControlPlaneError;
use model::{Decision, ShareEvent, ShareState, StepPhase, Timestamp};
use policy::share::SharePlan;
use sharing::Approval;

use crate::plan::{Plan, difference, lines, opens};
use crate::planes::OwnerShutOut;
use crate::secrets::OpenError;
use crate::shares::{self, Planned, Unplanned};
use crate::state::AppState;
use crate::store::audit::Actor;
use crate::store::circles::Given;
use crate::store::decode::Damaged;
use crate::store::jobs::LONGEST_WAIT;
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

/// Says the yes that somebody gave beforehand, if the share is covered by it and its plan is clean. If not, its owner is asked.
///
/// # Errors
/// When the store fails.
pub(super) async fn say_yes(state: &AppState, share: &mut Share) -> anyhow::Result<Said> {
    let said = match judge(state, share).await {
        Ok(Judged::Clean(given, agreed)) => yes(state, share, given, *agreed).await?,
        Ok(Judged::Ask) => Said::No,
        Ok(Judged::Later(at)) => Said::Again(at),
        // Told where it stops others too; a person has to mend it.
        Err(error) if Damaged::beneath(&error).is_some() || is_for_its_owner(&error) => {
            tracing::error!(share = %share.id, "what was approved beforehand waits for a review: {error:#}");
            Said::No
        }
        Err(error) => return Err(error),
    };
    if said == Said::No && share.deeds.unasked {
        share.deeds.unasked = false;
        if !shares::store(state, share, Along::default()).await? {
            return Ok(Said::Again(state.now()));
        }
    }
    Ok(said)
}

/// What a look comes to.
enum Judged {
    /// With the share for the login that is its friend's, of which nothing is stored before the yes.
    Clean(Given, Box<(Share, Planned)>),
    Ask,
    Later(Timestamp),
}

async fn judge(state: &AppState, share: &Share) -> anyhow::Result<Judged> {
    let Some(given) = covering(state, share).await? else { return Ok(Judged::Ask) };
    if !shares::may_go_on(state, share).await? {
        return Ok(Judged::Ask);
    }
    let Some(login) = shares::login_of_friend(state, share).await? else { return Ok(Judged::Ask) };
    let theirs = Share { login, ..share.clone() };
    let planned = match shares::planned(state, &theirs).await {
        Ok(planned) => planned,
        Err(Unplanned::Failed(error)) => return Err(error),
        Err(Unplanned::Plane(error)) => return Ok(later(state, &error)),
        Err(Unplanned::MachineGone(_) | Unplanned::Plan(_)) => return Ok(Judged::Ask),
    };
    let Some(plan) = clean(&planned) else { return Ok(Judged::Ask) };
    if !may_do_all(state, share).await? {
        return Ok(Judged::Ask);
    }
    if planned.plane.capabilities().validate {
        match planned.plane.validate_policy(&plan.after).await {
            Ok(said) if said.passed && said.message.is_empty() => {}
            Ok(_) => return Ok(Judged::Ask),
            Err(error) => return Ok(later(state, &error)),
        }
    }
    Ok(Judged::Clean(given, Box::new((theirs, planned))))
}

/// What passes is waited for, not before the control plane said; what does not is for whoever looks after it.
fn later(state: &AppState, error: &ControlPlaneError) -> Judged {
    let usual = state.config.timing.retry * 30;
    let wait = match error {
        ControlPlaneError::RateLimited { retry_after } => {
            retry_after.unwrap_or(usual).clamp(usual, LONGEST_WAIT)
        }
        ControlPlaneError::Unreachable { .. } | ControlPlaneError::Conflict => usual,
        _ => return Judged::Ask,
    };
    Judged::Later(state.after(wait))
}

async fn yes(
    state: &AppState,
    share: &mut Share,
    given: Given,
    (mut agreed, planned): (Share, Planned),
) -> anyhow::Result<Said> {
    let Some(plan) = clean(&planned) else { return Ok(Said::No) };
    let event = ShareEvent::ApprovedBeforehand { by: given.by_name.clone(), days: given.days };
    let entry = shares::entry(&agreed, Actor::Acequia, event).at(state);
    agreed.state = agreed.state.apply()?;
    agreed.deeds.unasked = false;
    agreed.deeds.approved = Some(Approval {
        by: given.by,
        by_name: given.by_name.clone(),
        at: entry.at,
        decision: Decision::Apply,
        difference: difference(plan),
        narrowing: None,
        lines: lines(plan),
        reach: Some(opens(plan)),
        beforehand: Some(given.circle),
        shared: Some(planned.shared_to.clone()),
    });
    let along = Along {
        entries: vec![entry],
        forget_steps: Some(StepPhase::Apply),
        beforehand: Some(given),
        ..Along::default()
    };
    if !shares::store(state, &mut agreed, along).await? {
        // Taken back meanwhile, or changed by somebody: looked at anew.
        return Ok(Said::Again(state.now()));
    }
    *share = agreed;
    Ok(Said::Yes)
}

/// What was approved for a share that waits for its first yes, and covers it. Only of what was accepted since.
async fn covering(state: &AppState, share: &Share) -> sqlx::Result<Option<Given>> {
    if !matches!(share.state, ShareState::Accepted { again: None }) || !share.deeds.unasked {
        return Ok(None);
    }
    let given = state.db.find_given_beforehand(share.id).await?;
    Ok(given.filter(|given| given.covers(share.accepted, share.ends)))
}

/// Whether an error is about who owns the credentials, or the key file.
fn is_for_its_owner(error: &anyhow::Error) -> bool {
    error.is::<OwnerShutOut>() || error.is::<OpenError>()
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
