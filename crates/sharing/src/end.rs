//! Takes access back: the host's own text first, then the rule, then the invite; then everything is read again.

use control_plane::{ControlPlaneError, InviteId};
use model::{Step, StepPhase, Trouble};

use crate::action::{Deed, InviteEnd};
use crate::decide::{Decision, Next, look};
use crate::invite::new_ones;
use crate::{Action, Other, SeenInvite, What};

pub fn next(over: &Decision<'_>) -> Next<Action> {
    let journal = over.share.journal;
    let invite = journal.invite.is_some() || journal.invites_before.is_some();
    if journal.rule_begun {
        // First: it needs nothing from the control plane, so a host that fetches its text shuts at once.
        if !over.share.is_done(StepPhase::End, Step::Snippet) {
            return Ok(Action::RenewFirewall);
        }
        rule_removed(over, StepPhase::End)?;
    }
    if invite {
        invite_removed(over)?;
    }
    if !journal.rule_begun && !invite {
        return Ok(Action::Ended { still_listed: false });
    }
    rule_seen_gone(over)?;
    invite_seen_gone(over)?;
    if over.seen.opens_by_rule {
        return Ok(Action::Ended { still_listed: false });
    }
    let recipient = over.seen.recipient.or(Action::Read(What::Recipients), over.unread(Step::ConfirmEnd))?;
    let accounted = over.others()?.iter().any(|other| other.same_login);
    Ok(Action::Ended { still_listed: *recipient && !accounted })
}

/// The rule is not in the policy, and that is recorded; or what has to be done for that.
pub fn rule_removed(over: &Decision<'_>, way: StepPhase) -> Next<()> {
    let Decision { share, seen, .. } = over;
    if let Some((Deed::RemoveRule, error)) = &seen.failed {
        return Err(over.undone(Step::RemoveRule, error));
    }
    let recorded = share.is_done(way, Step::RemoveRule);
    let step = if recorded { Step::ConfirmEnd } else { Step::RemoveRule };
    let policy = seen.policy.or(Action::Read(What::Policy), over.unread(step))?;
    // By content only until it was removed once: a like rule of the owner's, or of another share, stays.
    let by_content = !recorded && !share.journal.taken_out;
    let holds = policy.holds(by_content).map_err(cannot_edit)?;
    match (holds, recorded) {
        (false, true) => Ok(()),
        (false, false) => Err(Action::Record(Step::RemoveRule)),
        // Taken out, and there again: somebody writes it back, or the write was none.
        (true, _) if seen.done.contains(&Deed::RemoveRule) => Err(Action::Again),
        (true, _) => {
            over.may_write(Step::RemoveRule, policy.versioned)?;
            Err(Action::RemoveRule)
        }
    }
}

fn cannot_edit(why: &str) -> Action {
    look(Step::RemoveRule, Trouble::CannotEdit { why: why.to_owned() })
}

/// The invite was deleted or has to stay, and that is recorded; or what has to be done for that.
fn invite_removed(over: &Decision<'_>) -> Next<()> {
    let Decision { share, seen, .. } = over;
    if let Some((Deed::DeleteInvite, error)) = &seen.failed {
        return Err(not_deleted(over, error)?);
    }
    if share.is_done(StepPhase::End, Step::RemoveInvite) {
        return Ok(());
    }
    let id = match &share.journal.invite {
        Some(deed) if !deed.ours => return Err(Action::InviteEnded(InviteEnd::NotOurs)),
        Some(deed) => deed.id.clone(),
        // Asked for without anybody being able to write down whether it was made.
        None => match new_ones(over, listed(over, Step::RemoveInvite)?)? {
            new if new.len() > 1 => return Err(look(Step::RemoveInvite, Trouble::SeveralInvites)),
            new => match new.first() {
                Some(only) => only.id.clone(),
                None => return Err(Action::InviteEnded(InviteEnd::None)),
            },
        },
    };
    if is_used(over.others()?, &id) {
        return Err(Action::InviteEnded(InviteEnd::Used));
    }
    Err(Action::DeleteInvite(InviteId::new(id)))
}

/// Somebody may have deleted it by hand, where this credential may not.
fn not_deleted(over: &Decision<'_>, error: &ControlPlaneError) -> Next<Action> {
    if *error == ControlPlaneError::NotFound {
        return Ok(Action::InviteEnded(InviteEnd::GoneAlready));
    }
    let stop = || over.undone(Step::RemoveInvite, error);
    let listed = match over.seen.invites.or(Action::Read(What::Invites), |_| stop()) {
        Ok(listed) => listed,
        // Without the machine there is no invite to it.
        Err(_) if over.seen.invites == crate::Reading::Failed(ControlPlaneError::NotFound) => &Vec::new(),
        Err(first) => return Ok(first),
    };
    let still = match &over.share.journal.invite {
        Some(deed) => listed.iter().any(|invite| invite.id == deed.id),
        None => !new_ones(over, listed)?.is_empty(),
    };
    Ok(if still { stop() } else { Action::InviteEnded(InviteEnd::ByHand) })
}

fn is_used(others: &[Other], id: &str) -> bool {
    others.iter().any(|other| other.invite.as_deref() == Some(id))
}

/// Invites of the machine. Without it there are none.
fn listed<'a>(over: &Decision<'a>, step: Step) -> Next<&'a [SeenInvite]> {
    match over.seen.invites.or(Action::Read(What::Invites), over.unread(step)) {
        Err(_) if over.seen.invites == crate::Reading::Failed(ControlPlaneError::NotFound) => Ok(&[]),
        answer => answer.map(Vec::as_slice),
    }
}

/// Nothing has the share's mark, as read after the last deed.
pub fn rule_seen_gone(over: &Decision<'_>) -> Next<()> {
    over.read_back()?;
    let policy = over.seen.policy.or(Action::Read(What::Policy), over.unread(Step::ConfirmEnd))?;
    if policy.holds(false).map_err(cannot_edit)? { Err(Action::Again) } else { Ok(()) }
}

/// An invite that was made for this share alone is not listed any more.
fn invite_seen_gone(over: &Decision<'_>) -> Next<()> {
    let Some(deed) = over.share.journal.invite.as_ref().filter(|deed| deed.ours) else { return Ok(()) };
    let listed = listed(over, Step::ConfirmEnd)?;
    if is_used(over.others()?, &deed.id) || !listed.iter().any(|invite| invite.id == deed.id) {
        return Ok(());
    }
    // Recorded as deleted by an earlier run, and there again: once more.
    if over.seen.done.contains(&Deed::DeleteInvite) {
        return Err(look(Step::ConfirmEnd, Trouble::InviteStillListed));
    }
    Err(Action::DeleteInvite(InviteId::new(&deed.id)))
}
