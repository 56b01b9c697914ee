//! Takes access back: rule first, then the invite, then everything is read again.

use control_plane::{ControlPlaneError, InviteId, Precondition, UserKind};
use model::Step;

use super::share::{Halt, Stepped, Work, at};
use super::{Outcome, attention};
use crate::rule;
use crate::store::shares::Along;

const PHASE: &str = "end";
const TRIES: u32 = 3;

pub async fn run(work: &mut Work) -> Stepped<Outcome> {
    let deeds = &work.share.deeds;
    let (rule, invite) = (deeds.rule_begun, deeds.invite.is_some() || deeds.invites_before.is_some());
    if rule {
        let mut left = TRIES;
        while !rule_removed(work).await? {
            left -= 1;
            if left == 0 {
                return Err(Halt::Attention(attention::of(Step::RemoveRule, &ControlPlaneError::Conflict)));
            }
        }
    }
    if invite {
        remove_invite(work).await?;
    }
    if rule {
        next_snippet(work).await?;
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
    let read = at(Step::RemoveRule, work.plane.get_policy().await)?;
    let rule = work.share.deeds.rule.as_deref().map(serde_json::from_str).transpose()?;
    let steps = work.services.db.list_steps(work.share.id).await?;
    let recorded = steps.iter().any(|done| done.phase == PHASE && done.step == Step::RemoveRule.as_str());
    // By content only until it was removed once: a like rule of the owner's, or of another share, stays.
    let text = without_rule(&read.text, work, rule.as_ref().filter(|_| !recorded))?;
    if text == read.text {
        if !recorded {
            work.done(PHASE, Step::RemoveRule, "The rule is not in the policy.").await?;
        }
        return Ok(true);
    }
    let Some(etag) = read.etag.clone() else {
        return Err(Halt::Attention(attention::look(
            Step::RemoveRule,
            "The control plane gave the policy without a version mark, so that it cannot be changed safely.",
            "Take the rule of this share out by hand, then try again.",
        )));
    };
    work.may_write(Step::RemoveRule).await?;
    work.before_change().await?;
    if at(Step::RemoveRule, work.plane.get_policy().await)?.text != read.text {
        return Ok(false);
    }
    match work.plane.set_policy(&text, &Precondition::Matches(etag)).await {
        Ok(stored) if stored.text != text => {
            let reason = "it answered with something else than the policy".to_owned();
            at(Step::RemoveRule, Err(ControlPlaneError::Garbled { reason }))
        }
        Ok(_) => {
            let diff = crate::text_diff::changed_lines(&read.text, &text);
            let entry =
                work.entry("took the rule out of the policy".into(), Some(diff.before), Some(diff.after));
            work.save(Along {
                entries: vec![entry],
                steps: vec![(PHASE, Step::RemoveRule, "Taken out; every other byte stayed.".to_owned())],
                ..Along::default()
            })
            .await?;
            Ok(true)
        }
        Err(ControlPlaneError::Conflict) => Ok(false),
        Err(error) => at(Step::RemoveRule, Err(error)),
    }
}

/// By its mark; where a tool pushed the file without comments, by its content.
fn without_rule(text: &str, work: &Work, rule: Option<&policy::share::ShareRule>) -> Stepped<String> {
    let unreadable = |error: &dyn std::fmt::Display| {
        Halt::Attention(attention::look(
            Step::RemoveRule,
            format!("The policy in force cannot be edited: {error}."),
            "Mend the policy, or take the rule of this share out by hand, then try again.",
        ))
    };
    let without = rule::without(text, work.share.id, rule).map_err(|error| unreadable(&error))?;
    Ok(without.unwrap_or_else(|| text.to_owned()))
}

async fn remove_invite(work: &mut Work) -> Stepped<()> {
    let others = work.services.db.list_open_shares(work.share.tailnet).await?;
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
                Err(error) => return at(Step::RemoveInvite, Err(error)),
            }
        }
    };
    work.done(PHASE, Step::RemoveInvite, detail).await
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
    let file = at(Step::ConfirmEnd, work.plane.get_policy().await)?;
    if without_rule(&file.text, work, None)? != file.text {
        return Err(Halt::Soon);
    }
    if let Some(deed) = work.share.deeds.invite.as_ref().filter(|deed| deed.ours) {
        let used = work.services.db.list_open_shares(work.share.tailnet).await?.into_iter().any(|other| {
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
    let others = work.services.db.list_open_shares(work.share.tailnet).await?;
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
    let steps = work.services.db.list_steps(work.share.id).await?;
    if steps.iter().any(|done| done.phase == PHASE && done.step == Step::Snippet.as_str()) {
        return Ok(());
    }
    let revision = work.services.db.next_revision(work.node.id, work.services.now()).await?;
    work.done(
        PHASE,
        Step::Snippet,
        format!("Revision {revision} of the firewall text is without this share."),
    )
    .await
}
