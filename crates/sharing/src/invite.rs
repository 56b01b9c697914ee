//! Which invite is the share's, also when nobody could write that down.

use control_plane::{ControlPlaneError, Invite};
use model::{Attention, EndReason, Step, Trouble};

use crate::action::How;
use crate::decide::{Decision, Next, look};
use crate::{Action, SeenInvite, What};

/// The invite that the share has; or what has to be done for it to have one.
pub fn of<'a>(over: &Decision<'a>) -> Next<&'a SeenInvite> {
    let Decision { share, seen, .. } = over;
    let gone = |error: &ControlPlaneError| match error {
        ControlPlaneError::NotFound => {
            look(Step::Invite, Trouble::MachineGone { node: share.node.to_owned() })
        }
        error => over.unread(Step::Invite)(error),
    };
    let invites = seen.invites.or(Action::Read(What::Invites), gone)?;
    if let Some(deed) = &share.journal.invite {
        // It may be no longer listed because its time is over.
        return invites.iter().find(|invite| invite.id == deed.id).ok_or_else(|| {
            if share.journal.invite_is_wrong {
                return Action::ForgetInvite;
            }
            if lapsed(over) {
                return Action::End(EndReason::InviteLapsed);
            }
            let trouble = Trouble::InviteGone { login: share.login.to_owned() };
            Action::Stop(Attention::review(Step::Invite, trouble))
        });
    }
    let first = match of_others(over, invites)? {
        Some(theirs) => theirs,
        None => asked_for(over, invites)?,
    };
    Err(first)
}

/// One that other shares of the friend use.
fn of_others(over: &Decision<'_>, invites: &[SeenInvite]) -> Next<Option<Action>> {
    let (share, others) = (over.share, over.others()?);
    // A node is shared with a person once, however many of its services they have.
    let has_it = |invite: &&SeenInvite| {
        invite.accepted
            && invite.accepted_by.as_deref().is_some_and(|by| by.eq_ignore_ascii_case(share.login))
    };
    if let Some(SeenInvite { id, .. }) = invites.iter().find(has_it) {
        let ours = others.iter().any(|other| other.ours && other.invite.as_ref() == Some(id));
        return Ok(Some(Action::Adopt { id: id.clone(), ours, how: How::SameFriend }));
    }
    // Opened once, it serves all services of this machine that the friend is given.
    let waits = |id: &String| invites.iter().any(|invite| !invite.accepted && invite.id == *id);
    let mut theirs = others.iter().filter(|other| other.same_friend_and_node);
    Ok(theirs.find_map(|other| {
        let id = other.invite.clone().filter(waits)?;
        Some(Action::Adopt { id, ours: other.ours, how: How::Waiting })
    }))
}

/// One that was asked for without an answer having come; or one is asked for.
fn asked_for(over: &Decision<'_>, invites: &[SeenInvite]) -> Next<Action> {
    let Decision { share, at, .. } = over;
    Ok(match new_ones(over, invites)?.as_slice() {
        [] if share.journal.invites_before.is_none() => Action::AskInvite,
        [] => {
            // An answer was lost a moment ago: the call may still be on its way.
            let asked = share.journal.invite_asked.and_then(|asked| asked.happened(at.now));
            if asked.is_some_and(|asked| asked.plus(2 * at.call) > at.now) {
                let reason = "no answer to the call that asks for an invite".to_owned();
                return Ok(over.undone(Step::Invite, &ControlPlaneError::Unreachable { reason }));
            }
            Action::AskInvite
        }
        [only] => Action::Adopt { id: only.id.clone(), ours: true, how: How::AskedFor },
        _ => look(Step::Invite, Trouble::SeveralInvites),
    })
}

/// Unopened invites since one was asked for that are no other share's; none if none was asked for.
pub fn new_ones<'a>(over: &Decision<'_>, invites: &'a [SeenInvite]) -> Next<Vec<&'a SeenInvite>> {
    let Some(before) = &over.share.journal.invites_before else { return Ok(Vec::new()) };
    let others = over.others()?;
    let of_another = |id: &String| others.iter().any(|other| other.invite.as_ref() == Some(id));
    let new =
        |invite: &&SeenInvite| !invite.accepted && !before.contains(&invite.id) && !of_another(&invite.id);
    Ok(invites.iter().filter(new).collect())
}

/// Whether the friend has let the days pass in which the invite could be opened.
pub fn lapsed(over: &Decision<'_>) -> bool {
    let Decision { share, at, .. } = over;
    let made = share.journal.invite.as_ref().and_then(|deed| deed.at.happened(at.now));
    share.seen_in_force.is_none()
        && made.is_some_and(|made| made.plus_seconds(Invite::LIFETIME_SECONDS) <= at.now)
}
