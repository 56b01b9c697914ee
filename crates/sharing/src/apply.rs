//! Gives access, in the order in which there is never more of it than agreed: narrow, rule, invite, accept,
//! confirm. Every step looks first whether it was done already, because the process may have been killed between
//! a deed and its record.

use std::time::Duration;

use control_plane::InviteId;
use model::{Attention, EndReason, Step, StepPhase, Trouble};

use crate::action::{Deed, ReviewWhy};
use crate::decide::{Decision, Next, look};
use crate::invite::{self, lapsed};
use crate::{Accepting, Action, Approval, PolicySeen, Proposal, SeenInvite, SeenPlan, What};

/// How long an unopened invite is looked at seldom at most.
const LONGEST_PAUSE: Duration = Duration::from_mins(15);

pub fn next(over: &Decision<'_>) -> Next<Action> {
    let Decision { share, seen, at } = over;
    refused(over)?;
    rule_stands(over)?;
    if seen.opens_by_rule {
        return by_rule(over);
    }
    let invite = invite::of(over)?;
    if !share.is_done(StepPhase::Apply, Step::Snippet) {
        return Ok(Action::RenewFirewall);
    }
    let invite = accepted(over, invite)?;
    over.read_back()?;
    if !invite.accepted {
        if lapsed(over) {
            return Ok(Action::End(EndReason::InviteLapsed));
        }
        // Often at first, while the friend may be at it; then seldom, for up to thirty days.
        let made = share.journal.invite.as_ref().map_or(at.now, |deed| deed.at);
        let age = u64::try_from(at.now.seconds() - made.seconds()).unwrap_or(0);
        let pause = Duration::from_secs(age / 20).min(LONGEST_PAUSE).max(at.pause);
        return Ok(Action::WaitForFriend { until: at.now.plus(pause) });
    }
    let by = invite.accepted_by.clone().unwrap_or_default();
    if by.eq_ignore_ascii_case(share.login) {
        return Ok(Action::Activate { by: Some(by) });
    }
    // Said by its owner for this invite, and only of one that is ours to delete.
    if let Some(deed) =
        share.journal.invite.as_ref().filter(|deed| share.journal.invite_is_wrong && deed.ours)
    {
        return Ok(Action::DeleteInvite(InviteId::new(&deed.id)));
    }
    if share.journal.accepted_by.as_ref() != Some(&by) {
        return Ok(Action::OpenedBy(by));
    }
    let trouble = Trouble::AnotherLogin { by, login: share.login.to_owned() };
    debug_assert!(seen.read_back);
    Ok(Action::Stop(Attention::review(Step::Confirm, trouble)))
}

/// Without invites the rule is all: what is missing is that it was read after the last deed, and is what is in force.
fn by_rule(over: &Decision<'_>) -> Next<Action> {
    if !over.share.is_done(StepPhase::Apply, Step::Snippet) {
        return Ok(Action::RenewFirewall);
    }
    over.read_back()?;
    // A file may stand there and not be loaded: only the machine itself tells.
    let not_proven = over.seen.in_file && !over.seen.told_open;
    Ok(if not_proven { look(Step::Confirm, Trouble::InFile) } else { Action::Activate { by: None } })
}

/// A deed of this run that was refused, or whose answer was lost, ends the run.
fn refused(over: &Decision<'_>) -> Next<()> {
    let Some((deed, error)) = &over.seen.failed else { return Ok(()) };
    Err(match deed {
        // Refused: nothing was made, and an invite that comes later is somebody else's.
        Deed::AskInvite if !error.leaves_effect_unknown() && over.share.journal.invite_asked.is_some() => {
            Action::ForgetAsking
        }
        Deed::AskInvite | Deed::DeleteInvite => over.undone(Step::Invite, error),
        Deed::Narrow => over.undone(Step::Narrow, error),
        Deed::MakeUser => over.undone(Step::Account, error),
        Deed::WriteRule | Deed::RemoveRule => over.undone(Step::Rule, error),
    })
}

/// The rule stands in the policy and is recorded; or what has to be done for that.
fn rule_stands(over: &Decision<'_>) -> Next<()> {
    let Decision { share, seen, .. } = over;
    let recorded = share.is_done(StepPhase::Apply, Step::Rule);
    let confirming = recorded && share.is_done(StepPhase::Apply, Step::Snippet);
    let step = if confirming { Step::Confirm } else { Step::Rule };
    let policy = seen.policy.or(Action::Read(What::Policy), over.unread(step))?;
    let stands = policy
        .stands(recorded)
        .map_err(|why| look(Step::Rule, Trouble::CannotEdit { why: why.to_owned() }))?;
    match (stands, recorded) {
        (true, true) => Ok(()),
        (true, false) => Err(Action::Record(Step::Rule)),
        // It was there. Whoever took it out had a reason; it is not written again without a word.
        (false, true) => Err(Action::Stop(Attention::review(Step::Rule, Trouble::RuleGone))),
        (false, false) => Err(write(over, policy)?),
    }
}

fn write(over: &Decision<'_>, policy: &PolicySeen) -> Next<Action> {
    let Decision { share, seen, .. } = over;
    let Some(approval) = &share.journal.approved else {
        return Ok(Action::Review(ReviewWhy::NotApproved));
    };
    let plan = match seen.plan.or(Action::Read(What::Plan), over.unread(Step::Rule))? {
        SeenPlan::Possible(plan) => plan,
        SeenPlan::MachineGone => {
            return Ok(look(Step::Rule, Trouble::MachineGone { node: share.node.to_owned() }));
        }
        SeenPlan::Impossible(why) => return Ok(Action::Review(ReviewWhy::NoPlan(why.clone()))),
        SeenPlan::AnotherQuestion => return Ok(changed(approval, &[])),
    };
    if !is_agreed(approval, plan) {
        return Ok(changed(approval, &plan.lines));
    }
    if plan.narrowing.is_some() {
        // Somebody widened the file since, and may have had that loaded: what is known is of a text from before.
        if seen.in_file && share.journal.loaded.is_some() {
            return Ok(Action::ForgetLoad);
        }
        over.may_write(Step::Narrow, policy.versioned)?;
        return Ok(Action::Narrow);
    }
    if approval.narrowing.is_some() && !share.is_done(StepPhase::Apply, Step::Narrow) {
        return Ok(Action::Record(Step::Narrow));
    }
    // After the narrowing, or they would come into what it closes; before the rule, or whoever got that name had it.
    if seen.user_to_make {
        // In a file it stands there, and is in force only when the server has loaded it.
        let not_loaded = seen.in_file && approval.narrowing.is_some() && share.journal.loaded.is_none();
        return Ok(if not_loaded { look(Step::Account, Trouble::InFile) } else { Action::MakeUser });
    }
    // What is about to be written is written down before, so that a rule is never left without a record.
    let journal = share.journal;
    if !journal.rule_begun || journal.taken_out || journal.rule.as_ref() != Some(&plan.rule) {
        return Ok(Action::BeginRule);
    }
    over.may_write(Step::Rule, policy.versioned)?;
    Ok(Action::WriteRule)
}

/// Whether a plan changes what was agreed, and nothing else. A narrowing that somebody else made meanwhile is fine.
fn is_agreed(approval: &Approval, plan: &Proposal) -> bool {
    approval.difference == plan.difference
        && (plan.narrowing.is_none() || approval.narrowing == plan.narrowing)
}

fn changed(approval: &Approval, now: &[crate::AgreedLine]) -> Action {
    Action::Review(ReviewWhy::Changed { agreed: approval.lines.clone(), now: now.to_vec() })
}

/// The invite, after it was accepted for the friend where that is possible.
fn accepted<'a>(over: &Decision<'a>, invite: &'a SeenInvite) -> Next<&'a SeenInvite> {
    match over.seen.accepting {
        _ if invite.accepted => Ok(invite),
        Accepting::Untried => Err(Action::Accept),
        Accepting::Impossible => Ok(invite),
        Accepting::Tried => {
            let read = Action::Read(What::Invite(InviteId::new(&invite.id)));
            over.seen.invite.or(read, over.unread(Step::Confirm))
        }
    }
}
