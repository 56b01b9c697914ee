//! Brings a share to where its state wants it, one recorded step at a time.

use std::sync::Arc;

use control_plane::{ControlPlane, ControlPlaneError, DeviceId};
use model::{Attention, EndReason, JobKind, Need, ObjectKind, Phase, ShareId, ShareState, Step, StepPhase};

use super::attention::Call;
use super::shut_out::is_ending;
use super::{Outcome, apply, attention, end};
use crate::planes::OwnerShutOut;
use crate::secrets::OpenError;
use crate::services::Services;
use crate::store::audit::{Actor, NewEntry, Object};
use crate::store::decode::Damaged;
use crate::store::nodes::Node;
use crate::store::shares::{Along, Share};
use crate::store::trouble::Trouble;
use crate::tailnet::Lease;

/// One run over one share: everything that its steps need.
pub struct Work {
    pub services: Services,
    pub plane: Arc<dyn ControlPlane>,
    pub lease: Lease,
    pub share: Share,
    pub node: Node,
}

/// Why a run stopped before its end.
#[derive(Debug)]
pub enum Halt {
    /// A person, or time, has to do something: stored in the share's state.
    Attention(Attention),
    /// The control plane did not do it.
    Refused(Step, Call, ControlPlaneError),
    /// Back to the owner's review.
    Review(String),
    /// Try again soon; nothing to tell anybody.
    Soon,
    /// Ours: the job is tried again and logged.
    Failed(anyhow::Error),
}

impl<E: Into<anyhow::Error>> From<E> for Halt {
    fn from(error: E) -> Self {
        Self::Failed(error.into())
    }
}

pub type Stepped<T> = Result<T, Halt>;

/// A call that reads, with its failure told as of this step.
pub fn at<T>(step: Step, answer: Result<T, ControlPlaneError>) -> Stepped<T> {
    answer.map_err(|error| Halt::Refused(step, Call::Read, error))
}

/// A call that changes something: its failure may leave open whether it did.
pub fn at_change<T>(step: Step, answer: Result<T, ControlPlaneError>) -> Stepped<T> {
    answer.map_err(|error| Halt::Refused(step, Call::Change, error))
}

pub async fn run(services: &Services, id: ShareId) -> anyhow::Result<Outcome> {
    let Some(share) = services.db.find_share(id).await? else { return Ok(Outcome::Done) };
    let phase = match &share.state {
        ShareState::Applying | ShareState::WaitingForFriend { .. } => Phase::Apply,
        ShareState::Ending { why } => Phase::End { why: *why },
        ShareState::NeedsAttention {
            attention: Attention { need: Need::Review | Need::Invite, .. }, ..
        }
        | ShareState::Accepted { .. }
        | ShareState::Active { .. }
        | ShareState::Ended { .. } => return Ok(Outcome::Done),
        ShareState::NeedsAttention { phase, .. } => *phase,
    };
    let outcome = go_on(services, share, phase).await;
    if let Phase::End { .. } = phase {
        match &outcome {
            Err(error) if Trouble::beneath(error).is_some() => services.overdue.failed(id, error),
            Ok(Outcome::Done) => services.overdue.done(id),
            _ => {}
        }
    }
    outcome
}

async fn go_on(services: &Services, share: Share, phase: Phase) -> anyhow::Result<Outcome> {
    let Some(node) = services.db.find_node(share.node).await? else { return Ok(Outcome::Done) };
    if matches!(phase, Phase::End { .. }) {
        // Before anything that needs a credential: whoever began the ending may have been killed before this.
        services.try_renew_firewall(share.node).await;
    }
    if phase == Phase::Apply && !services.may_go_on(&share).await? {
        let mut share = share;
        services.begin_end(&mut share, EndReason::ShutOut, Actor::Acequia).await?;
        return Ok(Outcome::Again(services.now()));
    }
    let plane = match phase {
        Phase::Apply => services.plane(share.tailnet).await,
        Phase::End { .. } => services.plane_to_end(share.tailnet).await,
    };
    let plane = match plane {
        Ok(plane) => plane,
        // It was open and goes on as it is; nobody looks after it.
        Err(error) if error.is::<OwnerShutOut>() => {
            return Ok(Outcome::Again(services.after(services.config.timing.retry * 30)));
        }
        Err(error) if error.is::<OpenError>() => {
            let mut share = share;
            return services.stop_share(&mut share, attention::unopened(phase)).await;
        }
        Err(error) if Damaged::beneath(&error).is_some() => {
            tracing::error!(share = %share.id, "it does not go on: {error:#}");
            let mut share = share;
            return services.stop_share(&mut share, attention::unread(phase)).await;
        }
        Err(error) => return Err(error),
    };
    let Some(lease) = Lease::take(services, share.tailnet).await? else {
        return Ok(services.until_let_go());
    };
    let mut work = Work { services: services.clone(), plane, lease, share, node };
    let halted = match phase {
        Phase::Apply => apply::run(&mut work).await,
        Phase::End { .. } => end::run(&mut work).await,
    };
    let outcome = match halted {
        Ok(outcome) => Ok(outcome),
        Err(halt) => work.halted(halt).await,
    };
    work.lease.give_back().await?;
    outcome
}

impl Work {
    fn phase(&self) -> Phase {
        match &self.share.state {
            ShareState::Ending { why } => Phase::End { why: *why },
            ShareState::NeedsAttention { phase, .. } => *phase,
            _ => Phase::Apply,
        }
    }

    pub fn device(&self) -> DeviceId {
        DeviceId::new(&self.node.control_id)
    }

    /// Stores the share as it is now, with what goes along. Whoever was quicker wins, and this run begins anew.
    pub async fn save(&mut self, along: Along) -> Stepped<()> {
        if self.services.store_share(&mut self.share, along).await? { Ok(()) } else { Err(Halt::Soon) }
    }

    /// A step is done: recorded with its time and one line of detail.
    pub async fn done(&mut self, phase: StepPhase, step: Step, detail: impl Into<String>) -> Stepped<()> {
        self.save(Along { steps: vec![(phase, step, detail.into())], ..Along::default() }).await
    }

    /// Whether a step is recorded.
    pub async fn is_done(&self, phase: StepPhase, step: Step) -> Stepped<bool> {
        let steps = self.services.db.list_steps(self.share.id).await?;
        Ok(steps.iter().any(|done| done.phase == phase && done.step == step))
    }

    /// Before every change of the control plane: is the tailnet still ours to work on, and the share still as read?
    pub async fn before_change(&mut self) -> Stepped<()> {
        let current = self.services.db.find_share(self.share.id).await?;
        let same = current.is_some_and(|share| share.version == self.share.version);
        // Somebody may have been shut out since this run began: the next one then ends it.
        let may = is_ending(&self.share.state)
            || (self.services.may_go_on(&self.share).await?
                && self.services.db.is_here(self.share.owner).await?);
        if same && may && self.lease.renew().await? { Ok(()) } else { Err(Halt::Soon) }
    }

    /// A policy that is kept elsewhere is not written here: it would be overwritten from there. The rule is seen
    /// as soon as it came in from there.
    pub async fn may_write(&self, step: Step) -> Stepped<()> {
        let tailnet = self.services.db.find_tailnet(self.share.tailnet).await?;
        if !tailnet.map_or(Ok(false), |tailnet| tailnet.policy_is_elsewhere())? {
            return Ok(());
        }
        Err(Halt::Attention(attention::by_hand(
            step,
            "The policy of this tailnet is kept elsewhere (a repository or Terraform), so it is not written from here. Nothing was changed.",
        )))
    }

    pub fn entry(&self, what: String, before: Option<String>, after: Option<String>) -> NewEntry {
        self.services.share_entry(&self.share, Actor::Acequia, what, before, after)
    }

    async fn halted(&mut self, halt: Halt) -> anyhow::Result<Outcome> {
        match halt {
            Halt::Soon => Ok(Outcome::Again(self.services.now())),
            // Told on the page of the share; when the row is mended it goes on.
            Halt::Failed(error) if Damaged::beneath(&error).is_some() => {
                tracing::error!(share = %self.share.id, "it does not go on: {error:#}");
                let attention = attention::unread(self.phase());
                self.services.stop_share(&mut self.share, attention).await
            }
            Halt::Failed(error) => Err(error),
            Halt::Review(why) => {
                let entry = self.entry(format!("needs another review: {why}"), None, None);
                self.share.state = self.share.state.clone().review_again(why)?;
                self.services.store_share(&mut self.share, Along::of(entry)).await?;
                // Not agreed any more: the host's text may know of it already.
                self.services.try_renew_firewall(self.share.node).await;
                Ok(Outcome::Done)
            }
            Halt::Attention(attention) => self.services.stop_share(&mut self.share, attention).await,
            Halt::Refused(step, call, error) => {
                let attention = attention::of(step, call, &error, self.services.now());
                self.services.stop_share(&mut self.share, attention).await
            }
        }
    }
}

impl Services {
    /// An entry about a share: its owner, stewards and friend may read it.
    pub fn share_entry(
        &self,
        share: &Share,
        actor: Actor,
        what: String,
        before: Option<String>,
        after: Option<String>,
    ) -> NewEntry {
        let now = self.now();
        NewEntry {
            id: self.random.new_id(now),
            at: now,
            actor,
            what,
            object: Object {
                kind: ObjectKind::Share,
                id: share.id.uuid(),
                name: format!("share with {}", share.login),
            },
            before,
            after,
            tailnet: Some(share.tailnet),
            owner: Some(share.owner),
            friend: Some(share.friend),
        }
    }

    /// A share stops where it is, and its owner is told why. Gives when it is looked at again by itself.
    pub(super) async fn stop_share(
        &self,
        share: &mut Share,
        attention: Attention,
    ) -> anyhow::Result<Outcome> {
        let retry = self.config.timing.retry;
        let wait = match attention.need {
            Need::Time => Some(retry),
            // Looked at now and then: somebody may have done it by hand.
            Need::Credential | Need::Look => Some(retry * 30),
            Need::Invite | Need::Review => None,
        };
        let outcome = wait.map_or(Outcome::Done, |wait| {
            // Not before the control plane said.
            let at = self.after(wait);
            Outcome::Again(attention.again.map_or(at, |again| again.max(at)))
        });
        // The same trouble as before is not told again.
        let told = matches!(&share.state,
            ShareState::NeedsAttention { attention: before, .. } if before.is_the_same_as(&attention));
        let entry = (!told).then(|| {
            self.share_entry(share, Actor::Acequia, format!("stopped: {}", attention.reason), None, None)
        });
        let state = share.state.clone().stop(attention)?;
        if state != share.state {
            share.state = state;
            self.store_share(share, Along { entries: entry.into_iter().collect(), ..Along::default() })
                .await?;
        }
        Ok(outcome)
    }

    /// Stores a share that a job changed, and tells the pages. If somebody else was quicker nothing is stored.
    pub(super) async fn store_share(&self, share: &mut Share, along: Along) -> anyhow::Result<bool> {
        let won = self.db.update_share(share, self.now(), &along).await?;
        if won {
            tracing::info!(share = %share.id, state = share.state.name(), "a share changed");
            let _ = self.share_changes.send(share.id);
        }
        Ok(won)
    }

    /// Begins to end a share, whoever wants it, and wakes the runner.
    ///
    /// `false`, and nothing is done, if somebody else changed it meanwhile: read it again.
    ///
    /// # Errors
    /// When it is ending or over already, or the store fails.
    pub async fn begin_end(&self, share: &mut Share, why: EndReason, actor: Actor) -> anyhow::Result<bool> {
        let what = match why {
            EndReason::Expired => "the agreed time is over: the share ends",
            EndReason::OwnerEnded => "ended the share",
            EndReason::FriendEnded => "gave the share back",
            EndReason::InviteLapsed => "the invite was not opened within its 30 days: the share ends",
            EndReason::ShutOut => "one of the two may no longer come in here: the share ends",
        };
        let before = share.state.name().to_owned();
        share.state = share.state.clone().end(why)?;
        let entry =
            self.share_entry(share, actor, what.into(), Some(before), Some(share.state.name().to_owned()));
        let along = Along {
            entries: vec![entry],
            jobs: vec![self.job(JobKind::Share, share.id)],
            ..Along::default()
        };
        if !self.db.update_share(share, self.now(), &along).await? {
            return Ok(false);
        }
        let _ = self.share_changes.send(share.id);
        self.try_renew_firewall(share.node).await;
        self.poke.notify_one();
        Ok(true)
    }
}
