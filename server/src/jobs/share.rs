//! Brings a share to where its state wants it, one recorded step at a time.

use std::sync::Arc;

use control_plane::{ControlPlane, ControlPlaneError, DeviceId};
use model::{Attention, EndReason, Need, Phase, ShareId, ShareState, Step};

use super::{Lease, Outcome, apply, attention, end};
use crate::services::Services;
use crate::store::audit::{Actor, NewEntry, Object};
use crate::store::jobs::Kind;
use crate::store::nodes::Node;
use crate::store::shares::{Along, Share};

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

/// A call to the control plane, with its failure told as of this step.
pub fn at<T>(step: Step, answer: Result<T, ControlPlaneError>) -> Stepped<T> {
    answer.map_err(|error| Halt::Attention(attention::of(step, &error)))
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
    let Some(node) = services.db.find_node(share.node).await? else { return Ok(Outcome::Done) };
    let plane = services.plane(share.tailnet).await?;
    let Some(lease) = Lease::take(services, share.tailnet).await? else {
        return Ok(Outcome::Again(services.after(services.config.timing.retry)));
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
    pub fn device(&self) -> DeviceId {
        DeviceId::new(&self.node.control_id)
    }

    /// Stores the share as it is now, with what goes along. Whoever was quicker wins, and this run begins anew.
    pub async fn save(&mut self, along: Along) -> Stepped<()> {
        let now = self.services.now();
        if !self.services.db.update_share(&mut self.share, now, &along).await? {
            return Err(Halt::Soon);
        }
        tracing::info!(share = %self.share.id, state = self.share.state.name(), "a share changed");
        let _ = self.services.share_changes.send(self.share.id);
        Ok(())
    }

    /// A step is done: recorded with its time and one line of detail.
    pub async fn done(&mut self, phase: &'static str, step: Step, detail: impl Into<String>) -> Stepped<()> {
        self.save(Along { steps: vec![(phase, step, detail.into())], ..Along::default() }).await
    }

    /// Before every change of the control plane: is the tailnet still ours to work on, and the share still as read?
    pub async fn before_change(&mut self) -> Stepped<()> {
        let current = self.services.db.find_share(self.share.id).await?;
        let same = current.is_some_and(|share| share.version == self.share.version);
        if same && self.lease.renew().await? { Ok(()) } else { Err(Halt::Soon) }
    }

    /// A policy that is kept elsewhere is not written here: it would be overwritten from there. The rule is seen
    /// as soon as it came in from there.
    pub async fn may_write(&self, step: Step) -> Stepped<()> {
        let tailnet = self.services.db.find_tailnet(self.share.tailnet).await?;
        if tailnet.is_none_or(|tailnet| tailnet.settings.policy_managed_elsewhere != Some(true)) {
            return Ok(());
        }
        Err(Halt::Attention(attention::look(
            step,
            "The policy of this tailnet is kept elsewhere (a repository or Terraform), so it is not written from here.",
            "Make this change there (the policy page and the review show the text); it is noticed by itself.",
        )))
    }

    pub fn entry(&self, what: String, before: Option<String>, after: Option<String>) -> NewEntry {
        self.services.share_entry(&self.share, Actor::Acequia, what, before, after)
    }

    async fn halted(&mut self, halt: Halt) -> anyhow::Result<Outcome> {
        let soon = self.services.after(self.services.config.timing.retry);
        let (state, entry, outcome) = match halt {
            Halt::Soon => return Ok(Outcome::Again(self.services.now())),
            Halt::Failed(error) => return Err(error),
            Halt::Review(why) => {
                let entry = self.entry(format!("needs another review: {why}"), None, None);
                (self.share.state.clone().review_again(why)?, Some(entry), Outcome::Done)
            }
            Halt::Attention(attention) => {
                // The same trouble as before is not told again.
                let new = !matches!(&self.share.state,
                    ShareState::NeedsAttention { attention: before, .. } if *before == attention);
                let what = format!("stopped: {}", attention.reason);
                let outcome = match attention.need {
                    Need::Time => Outcome::Again(soon),
                    Need::Credential | Need::Look => {
                        Outcome::Again(self.services.after(self.services.config.timing.retry * 30))
                    }
                    Need::Invite | Need::Review => Outcome::Done,
                };
                let entry = new.then(|| self.entry(what, None, None));
                (self.share.state.clone().stop(attention)?, entry, outcome)
            }
        };
        if state != self.share.state {
            self.share.state = state;
            let along = Along { entries: entry.into_iter().collect(), ..Along::default() };
            if let Err(Halt::Failed(error)) = self.save(along).await {
                return Err(error);
            }
        }
        Ok(outcome)
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
                kind: "share",
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

    /// Begins to end a share, whoever wants it, and wakes the runner.
    ///
    /// # Errors
    /// When it is ending or over already, or somebody else was quicker.
    pub async fn begin_end(&self, share: &mut Share, why: EndReason, actor: Actor) -> anyhow::Result<()> {
        let what = match why {
            EndReason::Expired => "the agreed time is over: the share ends",
            EndReason::OwnerEnded => "ended the share",
            EndReason::FriendEnded => "gave the share back",
            EndReason::InviteLapsed => "the invite was not opened within its 30 days: the share ends",
        };
        let before = share.state.name().to_owned();
        share.state = share.state.clone().end(why)?;
        let entry =
            self.share_entry(share, actor, what.into(), Some(before), Some(share.state.name().to_owned()));
        let along =
            Along { entries: vec![entry], jobs: vec![self.job(Kind::Share, share.id)], ..Along::default() };
        anyhow::ensure!(self.db.update_share(share, self.now(), &along).await?, "somebody else changed it");
        let _ = self.share_changes.send(share.id);
        self.poke.notify_one();
        Ok(())
    }
}
