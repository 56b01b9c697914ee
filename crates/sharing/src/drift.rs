//! Whether what is open is still in force as agreed. Nothing is written: an outside edit is somebody's will.

use control_plane::ControlPlaneError;
use model::{Attention, Need, ShareState, Step, Trouble};

use crate::decide::{Decision, Next};
use crate::{Action, Observation, Reading, SeenMachine, Share, Under, What};

pub fn next(over: &Decision<'_>) -> Next<Action> {
    let found = found(over)?;
    let open = matches!(over.share.state, ShareState::Active { .. });
    Ok(match found {
        Some(attention) => Action::Drifted(attention),
        None if open => Action::InForce,
        None => Action::Resume,
    })
}

/// The same of what stands in a file and that nothing proves to be in force: all but its friend is for the job of the share,
/// which looks at the file again and again.
pub fn look_at_filed(share: &Share<'_>, seen: &Observation) -> Action {
    match (of_friend(share, seen), share.state.attention()) {
        (Some(attention), _) => Action::Stop(attention),
        (None, Some(stopped)) if stopped.need == Need::Review => Action::Resume,
        (None, _) => Action::Rest,
    }
}

/// What keeps its friend out, whatever the rule says: they are not there, or would have more than the rule gives.
fn of_friend(share: &Share<'_>, seen: &Observation) -> Option<Attention> {
    if seen.account_gone {
        let login = share.login.to_owned();
        return Some(Attention::review(Step::Rule, Trouble::AccountGone { login }));
    }
    let lines = seen.opens_more.clone()?;
    Some(Attention::review(Step::Narrow, Trouble::OpensMore { lines }))
}

/// The first thing that is not as it was agreed.
fn found(over: &Decision<'_>) -> Next<Option<Attention>> {
    let Decision { share, seen, .. } = over;
    let gone = Trouble::MachineGone { node: share.node.to_owned() };
    let machine = *seen.machine.or(Action::Read(What::Machine), over.unread(Step::Confirm))?;
    if machine == SeenMachine::Gone || seen.invites == Reading::Failed(ControlPlaneError::NotFound) {
        return Ok(Some(Attention::look(Step::Confirm, gone)));
    }
    let policy = seen.policy.or(Action::Read(What::Policy), over.unread(Step::Confirm))?;
    if let Under::Unreadable(why) = &policy.marked {
        return Ok(Some(Attention::look(Step::Rule, Trouble::NotUnderstood { why: why.clone() })));
    }
    if !policy.stands(true).unwrap_or(false) {
        return Ok(Some(Attention::review(Step::Rule, Trouble::RuleGone)));
    }
    if let Some(attention) = of_friend(share, seen) {
        return Ok(Some(attention));
    }
    if machine == SeenMachine::OtherAddresses {
        let node = share.node.to_owned();
        return Ok(Some(Attention::review(Step::Rule, Trouble::OtherAddresses { node })));
    }
    let Some(deed) = &share.journal.invite else { return Ok(None) };
    let invites = seen.invites.or(Action::Read(What::Invites), over.unread(Step::Confirm))?;
    let Some(invite) = invites.iter().find(|invite| invite.id == deed.id) else {
        let trouble = Trouble::InviteGone { login: share.login.to_owned() };
        return Ok(Some(Attention::review(Step::Invite, trouble)));
    };
    let by = invite.accepted_by.as_deref().unwrap_or_default();
    let trouble = Trouble::AnotherLogin { by: by.to_owned(), login: share.login.to_owned() };
    Ok((!by.eq_ignore_ascii_case(share.login)).then(|| Attention::review(Step::Confirm, trouble)))
}
