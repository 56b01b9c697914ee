//! Gives access, in the order in which there is never more of it than agreed: narrow, rule, invite, accept,
//! confirm. Every step looks first whether it was done already, because the process may have been killed between
//! a deed and its record.

use std::time::Duration;

use control_plane::{ControlPlaneError, Invite, InviteId, NewInvite, Secret};
use model::{Decision, EditState, EndReason, Step, StepPhase};

use model::EditKind;
use policy::share::SharePlan;

use super::policy::{Edit, read_policy, rule_stands, write_policy};
use super::share::{Halt, Stepped, Work, at, at_change};
use super::{Outcome, attention, drift};
use crate::plan::{Plan, difference, narrowing};
use crate::reach;
use crate::revision::RevisionError;
use crate::store::audit::Actor;
use crate::store::edits;
use crate::store::shares::{Along, InviteDeed};
use crate::tailnet::policy_file::Written;
use crate::tailnet::{self, Inventory};

const PHASE: StepPhase = StepPhase::Apply;

const NARROWED: &str = "narrowed the policy: wildcard sources name who they mean";

const WROTE_RULE: &str = "wrote the rule into the policy";

const WRITTEN: &str = "Written; nobody else had changed the policy meanwhile.";

/// How often a policy that others change meanwhile is planned anew before the run waits.
const TRIES: u32 = 3;

pub async fn run(work: &mut Work) -> Stepped<Outcome> {
    let mut left = TRIES;
    while !policy_written(work).await? {
        left -= 1;
        if left == 0 {
            return at(Step::Rule, Err(ControlPlaneError::Conflict));
        }
    }
    let invite = match find_invite(work).await? {
        Some(invite) => invite,
        None => make_invite(work).await?,
    };
    next_snippet(work).await?;
    let invite = if invite.accepted { invite } else { accept(work, invite).await? };
    confirm(work, &invite).await
}

/// One look at the policy and at most one write. True once the rule stands there.
async fn policy_written(work: &mut Work) -> Stepped<bool> {
    let file = read_policy(work, Step::Rule).await?;
    if rule_stands(work, &file).await? {
        record(work, Step::Rule, WROTE_RULE).await?;
        return Ok(true);
    }
    if work.is_done(PHASE, Step::Rule).await? {
        // It was there. Whoever took it out had a reason; it is not written again without a word.
        return Err(Halt::Attention(drift::rule_gone()));
    }
    let inventory = at(Step::Rule, Inventory::read(work.plane.as_ref()).await)?;
    let Some(approval) = work.share.deeds.approved.clone() else {
        return Err(Halt::Review("nobody said yes to it".into()));
    };
    let again =
        || Halt::Review("the policy or the machines changed since you looked, and so would reach".into());
    let device = inventory
        .device(&work.device())
        .map(tailnet::name_of)
        .ok_or_else(|| Halt::Attention(attention::machine_gone(Step::Rule, &work.node.name)))?;
    let plan = Plan::make(&file.text, &inventory, &work.share, &device)
        .map_err(|error| Halt::Review(error.to_string()))?;
    let decision = approval.decision;
    let chosen = plan.chosen(decision).ok_or_else(again)?.clone();
    if difference(&chosen) != approval.difference {
        return Err(again());
    }
    if let Some(first) = &chosen.narrowing {
        if narrowing(&chosen) != approval.narrowing {
            return Err(again());
        }
        let what = match decision {
            Decision::WholeNode => "wrote the default of the policy out: everything is allowed, as before",
            Decision::Apply | Decision::NarrowAndApply => NARROWED,
        };
        let narrowing = narrowing_edit(work, decision, &file.text, &chosen);
        work.save(Along { edit: Some(narrowing), ..Along::default() }).await?;
        let edit = Edit { phase: PHASE, step: Step::Narrow, what, detail: WRITTEN };
        write_policy(work, edit, &file, &first.after).await?;
        return Ok(false);
    }
    if approval.narrowing.is_some() {
        record(work, Step::Narrow, NARROWED).await?;
    }
    // What is about to be written is written down before, so that a rule is never left without a record.
    work.share.deeds.rule = serde_json::to_string(&chosen.rule).ok();
    work.share.deeds.rule_begun = true;
    work.save(Along::default()).await?;
    if rule_stands(work, &file).await? {
        // Put there by hand, together with the narrowing.
        record(work, Step::Rule, WROTE_RULE).await?;
        return Ok(true);
    }
    let edit = Edit { phase: PHASE, step: Step::Rule, what: WROTE_RULE, detail: WRITTEN };
    Ok(write_policy(work, edit, &file, &chosen.after).await? == Written::Done)
}

/// The narrowing as an edit of its own, with its own undo.
fn narrowing_edit(work: &Work, decision: Decision, before: &str, plan: &SharePlan) -> edits::Edit {
    let now = work.services.now();
    let title = match decision {
        Decision::WholeNode => "Write out that everything is allowed",
        Decision::Apply | Decision::NarrowAndApply => "Narrow the wildcard",
    };
    edits::Edit {
        id: work.services.random.new_id(now),
        tailnet: work.share.tailnet,
        what: EditKind::Narrow,
        title: title.into(),
        by: None,
        by_name: Actor::Acequia.name().to_owned(),
        share: Some(work.share.id),
        before: before.to_owned(),
        after: plan.narrowing.as_ref().map_or_else(|| before.to_owned(), |first| first.after.clone()),
        gained: Vec::new(),
        lost: edits::told(&reach::lines(&plan.lost, before, ToString::to_string)),
        state: EditState::Applying { why: None },
        begun: now,
    }
}

/// A deed that was seen, and that nobody could write down when it was done.
async fn record(work: &mut Work, step: Step, what: &str) -> Stepped<()> {
    if work.is_done(PHASE, step).await? {
        return Ok(());
    }
    let entry = work.entry(what.to_owned(), None, None);
    let steps = vec![(PHASE, step, "Seen in the policy.".to_owned())];
    work.save(Along { entries: vec![entry], steps, ..Along::default() }).await
}

/// The invite that this share has already, also when nobody could write that down.
async fn find_invite(work: &mut Work) -> Stepped<Option<Invite>> {
    let invites = match work.plane.list_invites(&work.device()).await {
        Err(ControlPlaneError::NotFound) => {
            return Err(Halt::Attention(attention::machine_gone(Step::Invite, &work.node.name)));
        }
        answer => at(Step::Invite, answer)?,
    };
    if let Some(deed) = &work.share.deeds.invite {
        if let Some(invite) = invites.into_iter().find(|invite| invite.id.as_str() == deed.id) {
            return Ok(Some(invite));
        }
        if has_lapsed(work) {
            // It is no longer listed because its time is over.
            return Err(lapse(work).await);
        }
        return Err(Halt::Attention(drift::invite_gone(&work.share)));
    }
    let others = work.services.db.list_open_shares(work.share.tailnet).await?.whole()?;
    let others: Vec<_> = others.into_iter().filter(|other| other.id != work.share.id).collect();
    let taken: Vec<&str> =
        others.iter().filter_map(|s| s.deeds.invite.as_ref()).map(|i| i.id.as_str()).collect();
    // A node is shared with a person once, however many of its services they have.
    let same_friend = invites.iter().find(|invite| {
        invite.accepted
            && invite
                .accepted_by
                .as_deref()
                .is_some_and(|by| by.eq_ignore_ascii_case(work.share.login.as_str()))
    });
    if let Some(invite) = same_friend {
        let (id, invite) = (invite.id.as_str().to_owned(), invite.clone());
        let ours =
            others.iter().filter_map(|s| s.deeds.invite.as_ref()).any(|deed| deed.id == id && deed.ours);
        adopt(work, &id, None, ours, "The friend has this machine already.").await?;
        return Ok(Some(invite));
    }
    // Opened once, it serves all services of this machine that the friend is given.
    let pending = others.iter().find_map(|other| {
        let theirs = other.node == work.share.node && other.friend == work.share.friend;
        let deed = other.deeds.invite.as_ref().filter(|_| theirs)?;
        invites.iter().find(|invite| !invite.accepted && invite.id.as_str() == deed.id).zip(Some(deed.ours))
    });
    if let Some((invite, ours)) = pending {
        let invite = invite.clone();
        adopt(work, invite.id.as_str(), invite.url.as_ref(), ours, "Uses the invite that waits already.")
            .await?;
        return Ok(Some(invite));
    }
    let Some(before) = &work.share.deeds.invites_before else { return Ok(None) };
    let new: Vec<&Invite> = invites
        .iter()
        .filter(|invite| !invite.accepted)
        .filter(|invite| {
            !before.iter().any(|id| id == invite.id.as_str()) && !taken.contains(&invite.id.as_str())
        })
        .collect();
    match new.as_slice() {
        // An answer was lost a moment ago: the call may still be on its way.
        [] if work
            .share
            .deeds
            .invite_asked
            .and_then(|asked| asked.happened(work.services.now()))
            .is_some_and(|asked| {
                let patience =
                    i64::try_from(work.services.config.timing.control_plane.as_secs()).unwrap_or(60);
                asked.plus_seconds(2 * patience) > work.services.now()
            }) =>
        {
            let reason = "no answer to the call that asks for an invite".to_owned();
            at_change(Step::Invite, Err(ControlPlaneError::Unreachable { reason }))
        }
        [] => Ok(None),
        [only] => {
            let invite = (*only).clone();
            adopt(
                work,
                invite.id.as_str(),
                invite.url.as_ref(),
                true,
                "Found the invite that was asked for.",
            )
            .await?;
            Ok(Some(invite))
        }
        _ => Err(Halt::Attention(attention::look(
            Step::Invite,
            "There are several new invites for this machine, and it cannot be told which one is ours.",
            "Delete the open invites of this machine in the admin console, then try again.",
        ))),
    }
}

async fn make_invite(work: &mut Work) -> Stepped<Invite> {
    let invites = at(Step::Invite, work.plane.list_invites(&work.device()).await)?;
    if work.share.deeds.invites_before.is_none() {
        work.share.deeds.invites_before = Some(invites.iter().map(|i| i.id.as_str().to_owned()).collect());
    }
    work.share.deeds.invite_asked = Some(work.services.now());
    work.save(Along::default()).await?;
    work.before_change().await?;
    // Sent once. If the answer is lost, the next run finds the invite in the list and does not make another.
    let asked = work.plane.create_invite(&work.device(), &NewInvite::default()).await;
    if asked.as_ref().is_err_and(|error| !error.leaves_effect_unknown()) {
        // Refused: nothing was made, and an invite that comes later is somebody else's.
        work.share.deeds.invites_before = None;
        work.share.deeds.invite_asked = None;
        work.save(Along::default()).await?;
    }
    let invite = at_change(Step::Invite, asked)?;
    adopt(work, invite.id.as_str(), invite.url.as_ref(), true, "Made an invite for this one friend.").await?;
    Ok(invite)
}

async fn adopt(work: &mut Work, id: &str, url: Option<&Secret>, ours: bool, detail: &str) -> Stepped<()> {
    let now = work.services.now();
    work.share.deeds.invite = Some(InviteDeed { id: id.to_owned(), at: now, ours });
    work.share.invite_url_sealed = url.map(|url| work.services.seal_invite(work.share.id, url.expose()));
    let entry = work.entry(
        if url.is_some() {
            "made a device invite"
        } else {
            "uses the invite that the friend has for this machine"
        }
        .into(),
        None,
        Some(format!("invite {id}")),
    );
    work.save(Along {
        entries: vec![entry],
        steps: vec![(PHASE, Step::Invite, detail.to_owned())],
        ..Along::default()
    })
    .await
}

/// Accepts the invite for the friend, where a tailnet of theirs is connected with a user token of that login.
async fn accept(work: &mut Work, invite: Invite) -> Stepped<Invite> {
    let Some(url) = work.services.open_invite(&work.share)? else { return Ok(invite) };
    let Some(plane) = work.services.plane_of_friend(&work.share).await? else { return Ok(invite) };
    work.before_change().await?;
    match plane.accept_invite(&Secret::new(url)).await {
        Ok(accepted) => {
            work.share.deeds.friend_sees = Some(accepted.name);
            work.share.deeds.accepted_by = Some(accepted.accepted_by);
            work.done(PHASE, Step::Accept, "Accepted for the friend, with their own token.").await?;
        }
        // The friend can still open the link themselves; if the answer was lost, the next look tells.
        Err(error) => {
            tracing::info!(share = %work.share.id, "the invite was not accepted for the friend: {error}");
        }
    }
    at(Step::Confirm, work.plane.get_invite(&InviteId::new(invite.id.as_str())).await)
}

/// Reads back what is in force. `active` is never said of anything that was not seen.
async fn confirm(work: &mut Work, invite: &Invite) -> Stepped<Outcome> {
    let file = read_policy(work, Step::Confirm).await?;
    if !rule_stands(work, &file).await? {
        return Err(Halt::Soon);
    }
    let now = work.services.now();
    if !invite.accepted {
        if has_lapsed(work) {
            return Err(lapse(work).await);
        }
        let made = work.share.deeds.invite.as_ref().map_or(now, |deed| deed.at);
        let waiting = work.share.state.clone().wait_for_friend(now)?;
        if waiting != work.share.state {
            work.share.state = waiting;
            work.save(Along::default()).await?;
        }
        // Often at first, while the friend may be at it; then seldom, for up to thirty days.
        let age = u64::try_from(now.seconds() - made.seconds()).unwrap_or(0);
        let pause = Duration::from_secs(age / 20).min(Duration::from_mins(15));
        return Ok(Outcome::Again(work.services.after(pause.max(work.services.config.timing.jobs))));
    }
    let by = invite.accepted_by.clone().unwrap_or_default();
    work.share.deeds.accepted_by = Some(by.clone());
    if !by.eq_ignore_ascii_case(work.share.login.as_str()) {
        work.save(Along::default()).await?;
        return Err(Halt::Attention(drift::another_login(&by, &work.share)));
    }
    work.share.seen_in_force = Some(now);
    work.share.state = work.share.state.clone().activate(now)?;
    let entry = work.entry("is open: rule and invite were seen in force".into(), None, None);
    let mut steps = vec![(PHASE, Step::Confirm, "Rule and invite were read back.".to_owned())];
    if !work.is_done(PHASE, Step::Accept).await? {
        steps.push((PHASE, Step::Accept, format!("Opened by {by}.")));
    }
    work.save(Along { entries: vec![entry], steps, ..Along::default() }).await?;
    Ok(Outcome::Done)
}

/// Whether the friend has let the days pass in which the invite could be opened.
fn has_lapsed(work: &Work) -> bool {
    let made = work.share.deeds.invite.as_ref().and_then(|deed| deed.at.happened(work.services.now()));
    work.share.seen_in_force.is_none()
        && made.is_some_and(|made| made.plus_seconds(Invite::LIFETIME_SECONDS) <= work.services.now())
}

/// The share ends; its job goes on with that.
async fn lapse(work: &Work) -> Halt {
    let mut share = work.share.clone();
    match work.services.begin_end(&mut share, EndReason::InviteLapsed, Actor::Acequia).await {
        Ok(_) => Halt::Soon,
        Err(error) => Halt::Failed(error),
    }
}

/// The node's firewall text has to know of this share: once.
async fn next_snippet(work: &mut Work) -> Stepped<()> {
    if work.is_done(PHASE, Step::Snippet).await? {
        return Ok(());
    }
    let detail = match work.services.renew_firewall(work.node.id).await {
        Ok(revision) => format!("Revision {revision} of the firewall text has this share."),
        // The policy is the gate; a host without a second lock is told of on its own page.
        Err(error @ (RevisionError::Input(_) | RevisionError::Damaged(_))) => {
            format!("The firewall text stays as it was: {error}.")
        }
        Err(RevisionError::Store(error)) => return Err(error.into()),
    };
    work.done(PHASE, Step::Snippet, detail).await
}
