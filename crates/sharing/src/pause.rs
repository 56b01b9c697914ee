//! Takes access back for a while: the host's own text first, then the rule. The invite stays, so that nobody has to open
//! another one.

use model::{Attention, ShareState, Step, StepPhase, Trouble};

use crate::decide::{Decision, Next};
use crate::end::{rule_removed, rule_seen_gone};
use crate::{Action, What};

pub fn next(over: &Decision<'_>) -> Next<Action> {
    // First: it needs nothing from the control plane, so a host that fetches its text shuts at once.
    if !over.share.is_done(StepPhase::Pause, Step::Snippet) {
        return Ok(Action::RenewFirewall);
    }
    rule_removed(over, StepPhase::Pause)?;
    rule_seen_gone(over)?;
    Ok(Action::Paused)
}

/// Whether it is still out of the policy. Nothing is written: an outside edit is somebody's will.
pub fn look(over: &Decision<'_>) -> Next<Action> {
    let policy = over.seen.policy.or(Action::Read(What::Policy), |_| Action::Rest)?;
    let paused = matches!(over.share.state, ShareState::Paused { .. });
    Ok(match (policy.holds(false), paused) {
        (Ok(true), true) => Action::Stop(Attention::review(Step::RemoveRule, Trouble::RuleBack)),
        (Ok(false), false) => Action::Paused,
        // As it was known, or not known now.
        (Ok(true), false) | (Ok(false), true) | (Err(_), _) => Action::Rest,
    })
}
