//! Does one thing that was decided: written down before, asked whether it may still be done, called, recorded.

use control_plane::{InviteId, NewInvite, Secret};
use model::{Attention, Decision, EditKind, EditState, Need, Step, StepPhase};
use sharing::words::of_review;
use sharing::{Accepting, Action, Deed, How, InviteDeed, InviteEnd, Reading, SeenInvite};

use super::observe::rule_text;
use super::work::{Flow, Halt, Work};
use crate::reach;
use crate::revision::RevisionError;
use crate::store::audit::{Actor, NewEntry};
use crate::store::edits;
use crate::store::shares::Along;
use crate::tailnet::policy_file::{Written, replace};

const NARROWED: &str = "narrowed the policy: wildcard sources name who they mean";
const WROTE_RULE: &str = "wrote the rule into the policy";
const WRITTEN: &str = "Written; nobody else had changed the policy meanwhile.";

impl Work {
    /// Does it.
    ///
    /// # Errors
    /// [`Halt`]. What the control plane refuses is the next decision's matter.
    pub async fn perform(&mut self, action: Action) -> Result<Flow, Halt> {
        match action {
            Action::Read(what) => self.observe(what).await?,
            Action::Record(step) => self.record(step).await?,
            Action::BeginRule => {
                self.journal().rule = self.desk.plan.as_ref().map(rule_text);
                self.journal().rule_begun = true;
                self.save(Along::default()).await?;
                self.look_again();
            }
            Action::Narrow => self.narrow().await?,
            Action::WriteRule => {
                let text = self.desk.plan.as_ref().map(|plan| plan.after.clone()).unwrap_or_default();
                let write =
                    Write { deed: Deed::WriteRule, step: Step::Rule, what: WROTE_RULE, detail: WRITTEN };
                self.write(write, &text).await?;
            }
            Action::RemoveRule => self.remove_rule().await?,
            Action::AskInvite => self.ask_invite().await?,
            Action::ForgetAsking => {
                self.journal().invites_before = None;
                self.journal().invite_asked = None;
                self.save(Along::default()).await?;
            }
            Action::Adopt { id, ours, how } => self.adopt_listed(&id, ours, how).await?,
            Action::RenewFirewall => self.renew_firewall().await?,
            Action::Accept => self.accept().await?,
            Action::OpenedBy(by) => {
                self.journal().accepted_by = Some(by);
                self.save(Along::default()).await?;
            }
            Action::DeleteInvite(id) => self.delete_invite(&id).await?,
            Action::InviteEnded(end) => {
                self.done(Step::RemoveInvite, invite_ended(end)).await?;
                self.seen.failed = None;
                self.changed(Some(Deed::DeleteInvite));
            }
            Action::Activate { by } => return self.activate(by).await,
            Action::WaitForFriend { until } => {
                let waiting = self.share.state.clone().wait_for_friend(self.services.now())?;
                if waiting != self.share.state {
                    self.share.state = waiting;
                    self.save(Along::default()).await?;
                }
                return Ok(Flow::Again(until));
            }
            Action::Ended { still_listed } => return self.ended(still_listed).await,
            Action::End(why) => {
                self.services.begin_end(&mut self.share.clone(), why, Actor::Acequia).await?;
                return Err(Halt::Soon);
            }
            Action::Review(why) => return self.review(of_review(&why)).await,
            Action::Stop(attention) => return Ok(self.stop(attention).await?),
            Action::Drifted(_) | Action::InForce | Action::Resume | Action::Rest => return Ok(Flow::Done),
            Action::Again => return Err(Halt::Soon),
        }
        Ok(Flow::On)
    }

    fn entry(&self, what: impl Into<String>, before: Option<String>, after: Option<String>) -> NewEntry {
        self.services.share_entry(&self.share, Actor::Acequia, what.into(), before, after)
    }

    /// A deed that was seen, and that nobody could write down when it was done.
    async fn record(&mut self, step: Step) -> Result<(), Halt> {
        let (what, detail) = match step {
            Step::Narrow => (Some(NARROWED), "Seen in the policy."),
            Step::RemoveRule => (None, "The rule is not in the policy."),
            _ => (Some(WROTE_RULE), "Seen in the policy."),
        };
        let entries = what.map(|what| self.entry(what, None, None)).into_iter().collect();
        let steps = vec![(self.way(), step, detail.to_owned())];
        self.save(Along { entries, steps, ..Along::default() }).await
    }

    /// Before every change of the control plane: is the tailnet still ours to work on, and the share still as read?
    async fn before_change(&mut self) -> Result<(), Halt> {
        let current = self.services.db.find_share(self.share.id).await?;
        let same = current.is_some_and(|share| share.version == self.share.version);
        // Somebody may have been shut out since this run began: the next one then ends it.
        let may = self.way() == StepPhase::End
            || (self.services.may_go_on(&self.share).await?
                && self.services.db.is_here(self.share.owner).await?);
        if same && may && self.lease.renew().await? { Ok(()) } else { Err(Halt::Soon) }
    }

    /// The narrowing is an edit of its own, with its own undo.
    async fn narrow(&mut self) -> Result<(), Halt> {
        let (Some(plan), Some(file)) = (&self.desk.plan, &self.desk.policy) else { return Err(Halt::Soon) };
        let Some(first) = plan.narrowing.clone() else { return Err(Halt::Soon) };
        let said = self.share.deeds.approved.as_ref().map(|yes| yes.decision);
        let (title, what) = match said {
            Some(Decision::WholeNode) => (
                "Write out that everything is allowed",
                "wrote the default of the policy out: everything is allowed, as before",
            ),
            Some(Decision::Apply | Decision::NarrowAndApply) | None => ("Narrow the wildcard", NARROWED),
        };
        let now = self.services.now();
        let edit = edits::Edit {
            id: self.services.random.new_id(now),
            tailnet: self.share.tailnet,
            what: EditKind::Narrow,
            title: title.into(),
            by: None,
            by_name: Actor::Acequia.name().to_owned(),
            share: Some(self.share.id),
            before: file.text.clone(),
            after: first.after.clone(),
            gained: Vec::new(),
            lost: edits::told(&reach::lines(&plan.lost, &file.text, ToString::to_string)),
            state: EditState::Applying { why: None },
            begun: now,
        };
        self.save(Along { edit: Some(edit), ..Along::default() }).await?;
        let write = Write { deed: Deed::Narrow, step: Step::Narrow, what, detail: WRITTEN };
        self.write(write, &first.after).await
    }

    async fn remove_rule(&mut self) -> Result<(), Halt> {
        let Some(file) = &self.desk.policy else { return Err(Halt::Soon) };
        let recorded = self.steps.contains(&(StepPhase::End, Step::RemoveRule));
        let rule = self.share.rule()?.filter(|_| !recorded);
        let Some(without) = sharing::rule::without(&file.text, self.share.id, rule.as_ref())? else {
            return Err(Halt::Soon);
        };
        let write = Write {
            deed: Deed::RemoveRule,
            step: Step::RemoveRule,
            what: "took the rule out of the policy",
            detail: "Taken out; every other byte stayed.",
        };
        self.write(write, &without).await
    }

    /// The write of a share's job: recorded with its lines and its step in one transaction.
    async fn write(&mut self, write: Write, text: &str) -> Result<(), Halt> {
        let Some(read) = self.desk.policy.clone() else { return Err(Halt::Soon) };
        self.before_change().await?;
        match replace(self.plane.as_ref(), &read, text).await {
            Ok(Written::Done(stored)) => {
                self.changed(Some(write.deed));
                let diff = crate::text_diff::changed_lines(&read.text, text);
                let entries = vec![self.entry(write.what, Some(diff.before), Some(diff.after))];
                let steps = vec![(self.way(), write.step, write.detail.to_owned())];
                self.save(Along { entries, steps, ..Along::default() }).await?;
                self.saw_policy(Ok(stored));
            }
            Ok(Written::Overtaken) => {
                self.seen.overtaken += 1;
                self.seen.policy = Reading::Unread;
            }
            Err(error) => self.seen.failed = Some((write.deed, error)),
        }
        Ok(())
    }

    async fn ask_invite(&mut self) -> Result<(), Halt> {
        if self.share.deeds.invites_before.is_none() {
            let before = self.desk.invites.iter().map(|invite| invite.id.as_str().to_owned()).collect();
            self.journal().invites_before = Some(before);
        }
        self.journal().invite_asked = Some(self.services.now());
        self.save(Along::default()).await?;
        self.before_change().await?;
        // Sent once. If the answer is lost, the next run finds the invite in the list and does not make another.
        match self.plane.create_invite(&self.device(), &NewInvite::default()).await {
            Ok(invite) => {
                self.changed(Some(Deed::AskInvite));
                let (id, url) = (invite.id.as_str().to_owned(), invite.url.clone());
                self.adopt(&id, url.as_ref(), true, "Made an invite for this one friend.").await?;
                if let Reading::Read(listed) = &mut self.seen.invites {
                    listed.push(SeenInvite::from(&invite));
                }
            }
            Err(error) => self.seen.failed = Some((Deed::AskInvite, error)),
        }
        Ok(())
    }

    async fn adopt_listed(&mut self, id: &str, ours: bool, how: How) -> Result<(), Halt> {
        let listed = self.desk.invites.iter().find(|invite| invite.id.as_str() == id);
        let url = listed.and_then(|invite| invite.url.clone());
        let (url, detail) = match how {
            How::SameFriend => (None, "The friend has this machine already."),
            How::Waiting => (url, "Uses the invite that waits already."),
            How::AskedFor => (url, "Found the invite that was asked for."),
        };
        self.adopt(id, url.as_ref(), ours, detail).await
    }

    async fn adopt(&mut self, id: &str, url: Option<&Secret>, ours: bool, detail: &str) -> Result<(), Halt> {
        self.share.deeds.invite = Some(InviteDeed { id: id.to_owned(), at: self.services.now(), ours });
        self.share.invite_url_sealed = url.map(|url| self.services.seal_invite(self.share.id, url.expose()));
        let what = match url {
            Some(_) => "made a device invite",
            None => "uses the invite that the friend has for this machine",
        };
        let entries = vec![self.entry(what, None, Some(format!("invite {id}")))];
        let steps = vec![(StepPhase::Apply, Step::Invite, detail.to_owned())];
        self.save(Along { entries, steps, ..Along::default() }).await
    }

    /// The machine's firewall text has to know of it: once.
    async fn renew_firewall(&mut self) -> Result<(), Halt> {
        let applying = self.way() == StepPhase::Apply;
        let detail = match self.services.renew_firewall(self.node.id).await {
            Ok(revision) if applying => format!("Revision {revision} of the firewall text has this share."),
            Ok(revision) => format!("Revision {revision} of the firewall text is without this share."),
            // The policy is the gate; a host without a second lock is told of on its own page.
            Err(error @ (RevisionError::Input(_) | RevisionError::Damaged(_))) if applying => {
                format!("The firewall text stays as it was: {error}.")
            }
            Err(error @ (RevisionError::Input(_) | RevisionError::Damaged(_))) => {
                format!("The firewall text is without this share, and otherwise as it was: {error}.")
            }
            Err(RevisionError::Store(error)) => return Err(error.into()),
        };
        self.done(Step::Snippet, detail).await
    }

    /// Accepts the invite for the friend, where a tailnet of theirs is connected with a user token of that login.
    async fn accept(&mut self) -> Result<(), Halt> {
        self.seen.accepting = Accepting::Impossible;
        let Some(url) = self.services.open_invite(&self.share)? else { return Ok(()) };
        let Some(plane) = self.services.plane_of_friend(&self.share).await? else { return Ok(()) };
        self.before_change().await?;
        self.seen.accepting = Accepting::Tried;
        let answer = plane.accept_invite(&Secret::new(url)).await;
        self.changed(None);
        match answer {
            Ok(accepted) => {
                self.journal().friend_sees = Some(accepted.name);
                self.journal().accepted_by = Some(accepted.accepted_by);
                self.done(Step::Accept, "Accepted for the friend, with their own token.").await?;
            }
            // The friend can still open the link themselves; if the answer was lost, the next look tells.
            Err(error) => {
                tracing::info!(share = %self.share.id, "the invite was not accepted for the friend: {error}");
            }
        }
        Ok(())
    }

    async fn delete_invite(&mut self, id: &InviteId) -> Result<(), Halt> {
        self.before_change().await?;
        let answer = self.plane.delete_invite(id).await;
        self.changed(Some(Deed::DeleteInvite));
        match answer {
            Ok(()) => self.done(Step::RemoveInvite, "Deleted.").await?,
            Err(error) => self.seen.failed = Some((Deed::DeleteInvite, error)),
        }
        Ok(())
    }

    async fn activate(&mut self, by: String) -> Result<Flow, Halt> {
        let now = self.services.now();
        self.share.seen_in_force = Some(now);
        self.share.state = self.share.state.clone().activate(now)?;
        let entries = vec![self.entry("is open: rule and invite were seen in force", None, None)];
        let way = StepPhase::Apply;
        let mut steps = vec![(way, Step::Confirm, "Rule and invite were read back.".to_owned())];
        if !self.steps.contains(&(StepPhase::Apply, Step::Accept)) {
            steps.push((way, Step::Accept, format!("Opened by {by}.")));
        }
        self.journal().accepted_by = Some(by);
        self.save(Along { entries, steps, ..Along::default() }).await?;
        Ok(Flow::Done)
    }

    async fn ended(&mut self, still_listed: bool) -> Result<Flow, Halt> {
        let journal = &self.share.deeds;
        let rule = journal.rule_begun;
        let anything = rule || journal.invite.is_some() || journal.invites_before.is_some();
        let question = still_listed.then(|| {
            format!(
                "The rule and the invite are gone, so {} reaches nothing through them; the control plane still lists \
                 them as a share recipient, and it has no call that proves the machine has left their list.",
                self.share.login
            )
        });
        let seen = question.clone().unwrap_or_else(|| "Nothing of it was seen any more.".into());
        let steps = if anything { vec![(StepPhase::End, Step::ConfirmEnd, seen)] } else { Vec::new() };
        self.share.state = self.share.state.clone().ended(self.services.now(), question)?;
        self.share.invite_url_sealed = None;
        let what = if rule {
            "has ended: nothing of it is in force any more"
        } else {
            "has ended before it was applied"
        };
        let entries = vec![self.entry(what, None, None)];
        self.save(Along { entries, steps, ..Along::default() }).await?;
        Ok(Flow::Done)
    }

    async fn review(&mut self, why: String) -> Result<Flow, Halt> {
        let entry = self.entry(format!("needs another review: {why}"), None, None);
        self.share.state = self.share.state.clone().review_again(why)?;
        self.services.store_share(&mut self.share, Along::of(entry)).await?;
        // Not agreed any more: the host's text may know of it already.
        self.services.try_renew_firewall(self.share.node).await;
        Ok(Flow::Done)
    }

    /// It stops here. What was open before and is to be reviewed goes on by itself when it is as before.
    pub async fn stop(&mut self, attention: Attention) -> anyhow::Result<Flow> {
        if attention.need == Need::Review && self.share.seen_in_force.is_some() {
            self.services.drifted(&self.share, attention).await?;
            return Ok(Flow::Done);
        }
        let again = self.services.stop_share(&mut self.share, attention).await?;
        Ok(again.map_or(Flow::Done, Flow::Again))
    }
}

/// One write of the policy, in words.
struct Write {
    deed: Deed,
    step: Step,
    /// For the audit trail: a sentence without its subject.
    what: &'static str,
    /// For the steps on the page of the share.
    detail: &'static str,
}

const fn invite_ended(end: InviteEnd) -> &'static str {
    match end {
        InviteEnd::None => "There was no invite.",
        InviteEnd::NotOurs => "Kept: it was not made here.",
        InviteEnd::Used => "Kept: another share of the same friend uses it.",
        InviteEnd::GoneAlready => "It was gone already.",
        InviteEnd::ByHand => "Deleted by hand: it is no longer listed.",
    }
}
