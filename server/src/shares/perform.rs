//! Does one thing that was decided: written down before, asked whether it may still be done, called, recorded.

use model::{Attention, Need, OpenBy, ShareEvent, ShareState, Step, StepPhase};
use sharing::words::of_review;
use sharing::{Action, Deed, Former};

use super::observe::rule_text;
use super::work::{Flow, Halt, Work};
use crate::hosts;
use crate::hosts::RevisionError;
use crate::shares;
use crate::store::audit::Actor;
use crate::store::shares::Along;
use crate::trail::Draft;
use crate::words;
use crate::words::share::steps::AS_BEFORE;

impl Work {
    /// Does it.
    ///
    /// # Errors
    /// [`Halt`]. What the control plane refuses is the next decision's matter.
    pub async fn perform(&mut self, action: Action) -> Result<Flow, Halt> {
        match action {
            Action::Read(what) => self.observe(what).await?,
            Action::Record(step) => self.record(step).await?,
            Action::MakeUser => return self.make_user().await,
            Action::BeginRule => {
                let Some(rule) = self.desk.plan.as_ref().map(rule_text) else { return Err(Halt::Soon) };
                self.journal().rule = Some(rule);
                self.journal().rule_begun = true;
                self.journal().taken_out = false;
                self.save(Along::default()).await?;
                self.observe_policy_again();
            }
            Action::Narrow => self.narrow().await?,
            Action::ForgetLoad => {
                self.journal().loaded = None;
                self.save(Along::default()).await?;
            }
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
                self.done(Step::RemoveInvite, words::share::steps::invite_ended(end)).await?;
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
            Action::Paused => return self.paused().await,
            Action::ForgetInvite => {
                self.journal().forget_invite();
                self.share.invite_url_sealed = None;
                self.save(Along::default()).await?;
            }
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

    pub(super) fn entry(&self, event: ShareEvent) -> Draft {
        shares::entry(&self.share, Actor::Acequia, event)
    }

    /// A deed that was seen, and that nobody could write down when it was done.
    async fn record(&mut self, step: Step) -> Result<(), Halt> {
        let (event, detail) = match step {
            Step::Narrow => (Some(ShareEvent::PolicyNarrowed), words::share::steps::SEEN_IN_POLICY),
            Step::RemoveRule => (None, words::share::steps::RULE_NOT_IN_POLICY),
            _ => (Some(ShareEvent::RuleWritten), words::share::steps::SEEN_IN_POLICY),
        };
        let entries = event.map(|event| self.entry(event).at(&self.state)).into_iter().collect();
        let steps = vec![(self.way(), step, detail.to_owned())];
        self.rule_stands(step);
        self.save(Along { entries, steps, again: self.again(), ..Along::default() }).await
    }

    /// Before every change of the control plane: is the tailnet still ours to work on, and the share still as read?
    pub(super) async fn before_change(&mut self) -> Result<(), Halt> {
        let current = self.state.db.find_share(self.share.id).await?;
        let same = current.is_some_and(|share| share.version == self.share.version);
        // Somebody may have been shut out since this run began: the next one then ends it.
        let may = self.way() != StepPhase::Apply
            || (shares::may_go_on(&self.state, &self.share).await?
                && self.state.db.is_here(self.share.owner).await?);
        if same && may && self.lease.renew().await? { Ok(()) } else { Err(Halt::Soon) }
    }

    /// The rule that was agreed last is in the policy: the one before is no longer. Or it was taken out for a pause.
    pub(super) fn rule_stands(&mut self, step: Step) {
        if step == Step::Rule {
            self.journal().former = None;
        }
        if step == Step::RemoveRule && self.way() == StepPhase::Pause {
            self.journal().taken_out = true;
        }
    }

    /// The machine's firewall text has to know of it: once.
    async fn renew_firewall(&mut self) -> Result<(), Halt> {
        let applying = self.way() == StepPhase::Apply;
        let detail = match hosts::renew(&self.state, self.node.id).await {
            Ok(revision)
                if applying
                    && !hosts::lets_in(&self.state, self.node.id, revision, self.share.id).await? =>
            {
                words::share::steps::text_waits_for_device(revision)
            }
            Ok(revision) if applying => words::share::steps::text_has_share(revision),
            Ok(revision) => words::share::steps::text_is_without(revision),
            // The policy is the gate; a host without a second lock is told of on its own page.
            Err(
                error @ (RevisionError::Input(_) | RevisionError::Household(_) | RevisionError::Damaged(_)),
            ) if applying => words::share::steps::text_stays(&error),
            Err(
                error @ (RevisionError::Input(_) | RevisionError::Household(_) | RevisionError::Damaged(_)),
            ) => words::share::steps::text_otherwise_as_it_was(&error),
            Err(RevisionError::Store(error)) => return Err(error.into()),
        };
        self.done(Step::Snippet, detail).await
    }

    async fn activate(&mut self, by: Option<String>) -> Result<Flow, Halt> {
        let now = self.state.now();
        self.share.seen_in_force = Some(now);
        self.share.state = self.share.state.clone().activate(now)?;
        let (seen, read_back) = match by {
            Some(_) => (OpenBy::Invite, words::share::steps::READ_BACK),
            None if self.seen.in_file => (OpenBy::Machine, words::share::steps::TOLD_OPEN),
            None => (OpenBy::Rule, words::share::steps::RULE_READ_BACK),
        };
        let entries = vec![self.entry(ShareEvent::Opened { by: seen }).at(&self.state)];
        let way = StepPhase::Apply;
        let mut steps = vec![(way, Step::Confirm, read_back.to_owned())];
        if let Some(by) = &by
            && !self.steps.contains(&(StepPhase::Apply, Step::Accept))
        {
            steps.push((way, Step::Accept, format!("Opened by {by}.")));
        }
        self.journal().accepted_by = by;
        self.save(Along { entries, steps, again: self.again(), ..Along::default() }).await?;
        Ok(Flow::Done)
    }

    async fn ended(&mut self, still_listed: bool) -> Result<Flow, Halt> {
        if let Some(flow) = self.take_leave().await? {
            return Ok(flow);
        }
        let journal = &self.share.deeds;
        let rule = journal.rule_begun;
        let anything = rule || journal.invite.is_some() || journal.invites_before.is_some();
        let in_file = (rule && self.seen.in_file).then(|| words::headscale::OUT_OF_THE_FILE.to_owned());
        let question = still_listed.then(|| words::share::steps::still_listed(&self.share.login)).or(in_file);
        let seen = question.clone().unwrap_or_else(|| words::share::steps::NOTHING_SEEN.into());
        let steps = if anything { vec![(StepPhase::End, Step::ConfirmEnd, seen)] } else { Vec::new() };
        self.share.state = self.share.state.clone().ended(self.state.now(), question)?;
        self.share.invite_url_sealed = None;
        let entries = vec![self.entry(ShareEvent::Ended { was_applied: rule }).at(&self.state)];
        self.save(Along { entries, steps, again: self.again(), ..Along::default() }).await?;
        Ok(Flow::Done)
    }

    async fn paused(&mut self) -> Result<Flow, Halt> {
        self.share.state = self.share.state.clone().paused(self.state.now())?;
        // What is out of a file may be in force still.
        let in_file = self.seen.in_file;
        let seen =
            if in_file { words::headscale::OUT_OF_THE_FILE } else { words::share::steps::RULE_NOT_IN_POLICY };
        let steps = vec![(StepPhase::Pause, Step::ConfirmEnd, seen.into())];
        let entries = vec![self.entry(ShareEvent::Paused { in_file }).at(&self.state)];
        self.save(Along { entries, steps, again: self.again(), ..Along::default() }).await?;
        Ok(Flow::Done)
    }

    pub(super) async fn review(&mut self, why: String) -> Result<Flow, Halt> {
        let entry = self.entry(ShareEvent::ReviewAgain { why: why.clone() }).at(&self.state);
        let mut along = Along::of(entry);
        let next = self.share.state.clone();
        self.share.state = match self.journal().former.take() {
            Some(former) => {
                let done = done_before(&former.state);
                along.steps = done.map(|step| (StepPhase::Apply, step, AS_BEFORE.to_owned())).collect();
                self.as_before(former, why)?
            }
            None => next.review_again(why)?,
        };
        shares::store(&self.state, &mut self.share, along).await?;
        // Not agreed any more: the host's text may know of it already.
        hosts::try_renew(&self.state, self.share.node).await;
        Ok(Flow::Done)
    }

    /// What was agreed before is still in the policy: it goes on, and the new ports wait for another look.
    fn as_before(&mut self, former: Former, why: String) -> Result<ShareState, Halt> {
        self.share.asked = Some(std::mem::replace(&mut self.share.ports, former.ports));
        self.journal().rule = former.rule;
        self.journal().approved = former.approved;
        let now = self.share.state.clone();
        Ok(now.clone().stay(former.state).or_else(|_| now.review_again(why))?)
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

/// The steps of a share that stood like this, but for those that tell what became of others.
fn done_before(state: &ShareState) -> impl Iterator<Item = Step> + use<> {
    let open = matches!(state, ShareState::Active { .. });
    let waits = matches!(state, ShareState::WaitingForFriend { .. });
    let done = move |step: &Step| match step {
        Step::Rule | Step::Invite | Step::Snippet => open || waits,
        Step::Accept | Step::Confirm => open,
        _ => false,
    };
    Step::APPLY.into_iter().filter(done)
}
