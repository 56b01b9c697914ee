//! Does one thing that was decided: written down before, asked whether it may still be done, called, recorded.

use model::{Attention, Need, Step, StepPhase};
use sharing::words::of_review;
use sharing::{Action, Deed};

use super::invite::invite_ended;
use super::observe::rule_text;
use super::work::{Flow, Halt, Work};
use super::write::{NARROWED, WROTE_RULE};
use crate::hosts;
use crate::hosts::RevisionError;
use crate::shares;
use crate::store::audit::{Actor, NewEntry};
use crate::store::shares::Along;

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
                let Some(rule) = self.desk.plan.as_ref().map(rule_text) else { return Err(Halt::Soon) };
                self.journal().rule = Some(rule);
                self.journal().rule_begun = true;
                self.save(Along::default()).await?;
                self.look_again();
            }
            Action::Narrow => self.narrow().await?,
            Action::WriteRule => self.write_rule().await?,
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
                let waiting = self.share.state.clone().wait_for_friend(self.state.now())?;
                if waiting != self.share.state {
                    self.share.state = waiting;
                    self.save(Along::default()).await?;
                }
                return Ok(Flow::Again(until));
            }
            Action::Ended { still_listed } => return self.ended(still_listed).await,
            Action::End(why) => {
                shares::begin_end(&self.state, &mut self.share.clone(), why, Actor::Acequia).await?;
                return Err(Halt::Soon);
            }
            Action::Review(why) => return self.review(of_review(&why)).await,
            Action::Stop(attention) => return Ok(self.stop(attention).await?),
            Action::Drifted(_) | Action::InForce | Action::Resume | Action::Rest => return Ok(Flow::Done),
            Action::Again => return Err(Halt::Soon),
        }
        Ok(Flow::On)
    }

    pub(super) fn entry(
        &self,
        what: impl Into<String>,
        before: Option<String>,
        after: Option<String>,
    ) -> NewEntry {
        shares::entry(&self.state, &self.share, Actor::Acequia, what.into(), before, after)
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
    pub(super) async fn before_change(&mut self) -> Result<(), Halt> {
        let current = self.state.db.find_share(self.share.id).await?;
        let same = current.is_some_and(|share| share.version == self.share.version);
        // Somebody may have been shut out since this run began: the next one then ends it.
        let may = self.way() == StepPhase::End
            || (shares::may_go_on(&self.state, &self.share).await?
                && self.state.db.is_here(self.share.owner).await?);
        if same && may && self.lease.renew().await? { Ok(()) } else { Err(Halt::Soon) }
    }

    /// The machine's firewall text has to know of it: once.
    async fn renew_firewall(&mut self) -> Result<(), Halt> {
        let applying = self.way() == StepPhase::Apply;
        let detail = match hosts::renew(&self.state, self.node.id).await {
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

    async fn activate(&mut self, by: String) -> Result<Flow, Halt> {
        let now = self.state.now();
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
        self.share.state = self.share.state.clone().ended(self.state.now(), question)?;
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
        shares::store(&self.state, &mut self.share, Along::of(entry)).await?;
        // Not agreed any more: the host's text may know of it already.
        hosts::try_renew(&self.state, self.share.node).await;
        Ok(Flow::Done)
    }

    /// It stops here. What was open before and is to be reviewed goes on by itself when it is as before.
    pub async fn stop(&mut self, attention: Attention) -> anyhow::Result<Flow> {
        if attention.need == Need::Review && self.share.seen_in_force.is_some() {
            shares::drifted(&self.state, &self.share, attention).await?;
            return Ok(Flow::Done);
        }
        let again = shares::stop(&self.state, &mut self.share, attention).await?;
        Ok(again.map_or(Flow::Done, Flow::Again))
    }
}
