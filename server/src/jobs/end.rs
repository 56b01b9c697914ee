//! Takes access back: the host's own text first, then the rule, then the invite; then everything is read again.

use control_plane::{ControlPlaneError, InviteId, UserKind};
use model::{Step, StepPhase};

use super::policy::{Edit, read_policy, without_rule, write_policy};
use super::share::{Halt, Stepped, Work, at, at_change};
use super::{Outcome, attention};
use crate::revision::RevisionError;
use crate::store::shares::Along;
use crate::tailnet::policy_file::Written;

const PHASE: StepPhase = StepPhase::End;
const TRIES: u32 = 3;

pub async fn run(work: &mut Work) -> Stepped<Outcome> {
    let deeds = &work.share.deeds;
    let (rule, invite) = (deeds.rule_begun, deeds.invite.is_some() || deeds.invites_before.is_some());
    if rule {
        // First: it needs nothing from the control plane, so a host that fetches its text shuts at once.
        next_snippet(work).await?;
        let mut left = TRIES;
        while !rule_removed(work).await? {
            left -= 1;
            if left == 0 {
                return at(Step::RemoveRule, Err(ControlPlaneError::Conflict));
            }
        }
    }
    if invite {
        remove_invite(work).await?;
    }
    let open_question = if rule || invite { confirm(work).await? } else { None };
    work.share.state = work.share.state.clone().ended(work.services.now(), open_question)?;
    work.share.invite_url_sealed = None;
    let what = if rule {
        "has ended: nothing of it is in force any more"
    } else {
        "has ended before it was applied"
    };
    let entry = work.entry(what.into(), None, None);
    work.save(Along { entries: vec![entry], ..Along::default() }).await?;
    Ok(Outcome::Done)
}

/// One look at the policy and at most one write. True once the rule is gone.
async fn rule_removed(work: &mut Work) -> Stepped<bool> {
    let read = read_policy(work, Step::RemoveRule).await?;
    let recorded = work.is_done(PHASE, Step::RemoveRule).await?;
    // By content only until it was removed once: a like rule of the owner's, or of another share, stays.
    let text = without_rule(work, &read.text, !recorded)?;
    if text == read.text {
        if !recorded {
            work.done(PHASE, Step::RemoveRule, "The rule is not in the policy.").await?;
        }
        return Ok(true);
    }
    let edit = Edit {
        phase: PHASE,
        step: Step::RemoveRule,
        what: "took the rule out of the policy",
        detail: "Taken out; every other byte stayed.",
    };
    Ok(write_policy(work, edit, &read, &text).await? == Written::Done)
}

async fn remove_invite(work: &mut Work) -> Stepped<()> {
    let others = work.services.db.list_open_shares(work.share.tailnet).await?.whole()?;
    let of_others: Vec<String> = others
        .iter()
        .filter(|other| other.id != work.share.id)
        .filter_map(|other| other.deeds.invite.as_ref().map(|invite| invite.id.clone()))
        .collect();
    let ours = match &work.share.deeds.invite {
        Some(deed) => Some(deed.id.clone()),
        None => find_unrecorded(work, &of_others).await?,
    };
    let detail = match ours {
        None => "There was no invite.",
        Some(_) if work.share.deeds.invite.as_ref().is_some_and(|deed| !deed.ours) => {
            "Kept: it was not made here."
        }
        Some(id) if of_others.contains(&id) => "Kept: another share of the same friend uses it.",
        Some(id) => {
            work.before_change().await?;
            match work.plane.delete_invite(&InviteId::new(&id)).await {
                Ok(()) => "Deleted.",
                Err(ControlPlaneError::NotFound) => "It was gone already.",
                // Somebody may have deleted it by hand, where this credential may not.
                Err(_) if is_gone(work, &id).await => "Deleted by hand: it is no longer listed.",
                Err(error) => return at_change(Step::RemoveInvite, Err(error)),
            }
        }
    };
    work.done(PHASE, Step::RemoveInvite, detail).await
}

/// Whether the control plane lists the invite no more. False also if it does not tell.
async fn is_gone(work: &Work, id: &str) -> bool {
    match work.plane.list_invites(&work.device()).await {
        Ok(invites) => !invites.iter().any(|invite| invite.id.as_str() == id),
        // Without the machine there is no invite to it.
        Err(error) => error == ControlPlaneError::NotFound,
    }
}

/// The invite that was asked for without anybody being able to write down whether it was made.
async fn find_unrecorded(work: &Work, of_others: &[String]) -> Stepped<Option<String>> {
    let before = work.share.deeds.invites_before.clone().unwrap_or_default();
    let invites = match work.plane.list_invites(&work.device()).await {
        // Without the machine there is no invite to it.
        Err(ControlPlaneError::NotFound) => return Ok(None),
        answer => at(Step::RemoveInvite, answer)?,
    };
    let mut new = invites
        .iter()
        .filter(|invite| !invite.accepted)
        .map(|invite| invite.id.as_str().to_owned())
        .filter(|id| !before.contains(id) && !of_others.contains(id));
    let first = new.next();
    if new.next().is_some() {
        return Err(Halt::Attention(attention::look(
            Step::RemoveInvite,
            "There are several new invites for this machine, and it cannot be told which one is ours.",
            "Delete the open invites of this machine in the admin console, then try again.",
        )));
    }
    Ok(first)
}

/// Reads everything again. Gives what the control plane offers no proof of.
async fn confirm(work: &mut Work) -> Stepped<Option<String>> {
    let file = read_policy(work, Step::ConfirmEnd).await?;
    if without_rule(work, &file.text, false)? != file.text {
        return Err(Halt::Soon);
    }
    if let Some(deed) = work.share.deeds.invite.as_ref().filter(|deed| deed.ours) {
        let used =
            work.services.db.list_open_shares(work.share.tailnet).await?.whole()?.into_iter().any(|other| {
                other.id != work.share.id && other.deeds.invite.is_some_and(|invite| invite.id == deed.id)
            });
        let invites = match work.plane.list_invites(&work.device()).await {
            Err(ControlPlaneError::NotFound) => Vec::new(),
            answer => at(Step::ConfirmEnd, answer)?,
        };
        if !used && invites.iter().any(|invite| invite.id.as_str() == deed.id) {
            return Err(Halt::Attention(attention::look(
                Step::ConfirmEnd,
                "The invite of this share is still listed, although it was deleted.",
                "Delete it in the admin console, then try again.",
            )));
        }
    }
    let others = work.services.db.list_open_shares(work.share.tailnet).await?.whole()?;
    let mut theirs =
        others.iter().filter(|other| other.id != work.share.id && other.login == work.share.login);
    let users = at(Step::ConfirmEnd, work.plane.list_users().await)?;
    let listed = users.iter().any(|user| {
        user.kind == UserKind::Shared && user.login.eq_ignore_ascii_case(work.share.login.as_str())
    });
    let question = (listed && theirs.next().is_none()).then(|| {
        format!(
            "The rule and the invite are gone, so {} reaches nothing through them; the control plane still lists \
             them as a share recipient, and it has no call that proves the machine has left their list.",
            work.share.login
        )
    });
    work.done(
        PHASE,
        Step::ConfirmEnd,
        question.clone().unwrap_or_else(|| "Nothing of it was seen any more.".into()),
    )
    .await?;
    Ok(question)
}

async fn next_snippet(work: &mut Work) -> Stepped<()> {
    if work.is_done(PHASE, Step::Snippet).await? {
        return Ok(());
    }
    let detail = match work.services.renew_firewall(work.node.id).await {
        Ok(revision) => format!("Revision {revision} of the firewall text is without this share."),
        Err(error @ (RevisionError::Input(_) | RevisionError::Damaged(_))) => {
            format!("The firewall text is without this share, and otherwise as it was: {error}.")
        }
        Err(RevisionError::Store(error)) => return Err(error.into()),
    };
    work.done(PHASE, Step::Snippet, detail).await
}
