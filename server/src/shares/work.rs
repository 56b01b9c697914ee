//! One run over one share.

use std::sync::Arc;

use control_plane::{ControlPlane, DeviceId, Invite, PolicyFile, User};
use model::host::Held;
use model::{Phase, PlaneKind, ShareState, Step, StepPhase, Timestamp};
use policy::Language;
use policy::share::SharePlan;
use sharing::{Action, Deed, Journal, Moment, Observation, Other, Reading, Share, Steps};

use crate::planes::headscale::in_force;
use crate::state::AppState;
use crate::store::guests::Guest;
use crate::store::jobs::LONGEST_WAIT;
use crate::store::nodes::Node;
use crate::store::shares::{self, Along};
use crate::store::snapshots::Again;
use crate::tailnet::{Inventory, Lease, snapshot};

/// So long what a machine has told proves something: it tells every five minutes.
const PROVES_FOR: i64 = 15 * 60;

/// One run over one share: everything that its steps need.
pub struct Work {
    pub state: AppState,
    pub plane: Arc<dyn ControlPlane>,
    pub lease: Lease,
    pub share: shares::Share,
    pub node: Node,
    pub(super) steps: Steps,
    pub(super) seen: Observation,
    pub(super) desk: Desk,
    /// In which the policy is.
    pub(super) language: Language,
    /// What the control plane was found to be.
    pub(super) kind: PlaneKind,
    /// How the friend comes into the server, where they had no account there.
    pub(super) guest: Option<Guest>,
    /// What is kept of the reach in the tailnet was renewed in this run.
    pub renewed: bool,
}

/// What was read in this run, whole: a decision needs less of it, a deed all.
#[derive(Default)]
pub(super) struct Desk {
    pub policy: Option<PolicyFile>,
    pub inventory: Option<Inventory>,
    /// All accounts of the server, also of whoever comes in by this share.
    pub accounts: Vec<User>,
    pub plan: Option<SharePlan>,
    pub invites: Vec<Invite>,
}

/// How it goes on after a deed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Flow {
    /// Decide again.
    On,
    /// There is nothing to do until somebody does something.
    Done,
    /// Not before this time.
    Again(Timestamp),
}

/// Why a run stopped in the middle.
#[derive(Debug)]
pub enum Halt {
    /// Somebody else was quicker: begin anew, with everything read afresh.
    Soon,
    /// Ours: the job is tried again and logged.
    Failed(anyhow::Error),
}

impl<E: Into<anyhow::Error>> From<E> for Halt {
    fn from(error: E) -> Self {
        Self::Failed(error.into())
    }
}

impl Work {
    /// A run that has looked at nothing yet.
    pub fn new(
        state: &AppState,
        plane: Arc<dyn ControlPlane>,
        lease: Lease,
        share: shares::Share,
        node: Node,
    ) -> Self {
        let (steps, seen, desk) = (Steps::new(), Observation::default(), Desk::default());
        let (language, kind) = (Language::default(), PlaneKind::Tailscale);
        let (state, guest, renewed) = (state.clone(), None, false);
        Self { state, plane, lease, share, node, steps, seen, desk, language, kind, guest, renewed }
    }

    /// Reads what is stored of the share and of its neighbours.
    ///
    /// # Errors
    /// When the store fails or holds something damaged.
    pub async fn observe_store(&mut self) -> Result<(), Halt> {
        let done = self.state.db.list_steps(self.share.id).await?;
        self.steps = done.iter().map(|done| (done.phase, done.step)).collect();
        let tailnet = self.state.db.find_tailnet(self.share.tailnet).await?;
        self.language = tailnet.as_ref().map_or_else(Default::default, |tailnet| in_force(tailnet.kind));
        self.kind = tailnet.as_ref().map_or(PlaneKind::Tailscale, |tailnet| tailnet.kind);
        if self.kind.is_headscale() {
            self.guest = self.state.db.find_guest(self.share.tailnet, self.share.friend).await?;
        }
        self.seen.policy_elsewhere = tailnet.map_or(Ok(false), |tailnet| tailnet.policy_is_elsewhere())?;
        self.seen.opens_by_rule = !self.plane.capabilities().invites;
        self.seen.in_file = self.seen.opens_by_rule && self.seen.policy_elsewhere;
        let now = self.state.now();
        let told = self.state.db.find_proof(self.share.id, now).await?;
        let lately = now.plus_seconds(-PROVES_FOR);
        // What was told before the rule stood is of a text from before: of a pause, or of other rules.
        let rule = done.iter().find(|done| (done.phase, done.step) == (StepPhase::Apply, Step::Rule));
        let since = rule.map(|rule| rule.at.happened(now).map_or(lately, |at| at.max(lately)));
        self.seen.told_open =
            told.is_some_and(|told| told.held == Held::All && since.is_some_and(|since| told.told >= since));
        Ok(())
    }

    /// Other shares of the tailnet that are not over.
    pub(super) async fn others(&self) -> anyhow::Result<Vec<Other>> {
        let all = self.state.db.list_open_shares(self.share.tailnet).await?.whole()?;
        Ok(all.iter().filter(|other| other.id != self.share.id).map(|other| self.other(other)).collect())
    }

    fn other(&self, other: &shares::Share) -> Other {
        let deed = other.deeds.invite.as_ref();
        Other {
            invite: deed.map(|deed| deed.id.clone()),
            ours: deed.is_some_and(|deed| deed.ours),
            same_friend_and_node: other.node == self.share.node && other.friend == self.share.friend,
            same_login: other.login == self.share.login,
        }
    }

    /// The one thing to do next.
    pub fn decide(&self) -> Action {
        sharing::decide(&plain(&self.share, &self.steps, &self.node), &self.seen, &moment(&self.state))
    }

    /// Which direction it goes.
    pub fn phase(&self) -> Phase {
        match &self.share.state {
            ShareState::Ending { why } => Phase::End { why: *why },
            ShareState::Pausing => Phase::Pause,
            ShareState::NeedsAttention { phase, .. } => *phase,
            _ => Phase::Apply,
        }
    }

    pub(super) const fn way(&self) -> StepPhase {
        match self.share.state {
            ShareState::Ending { .. } | ShareState::NeedsAttention { phase: Phase::End { .. }, .. } => {
                StepPhase::End
            }
            ShareState::Pausing | ShareState::NeedsAttention { phase: Phase::Pause, .. } => StepPhase::Pause,
            _ => StepPhase::Apply,
        }
    }

    pub(super) const fn journal(&mut self) -> &mut Journal {
        &mut self.share.deeds
    }

    pub(super) fn device(&self) -> DeviceId {
        DeviceId::new(&self.node.control_id)
    }

    /// Stores the share as it is now, with what goes along. Whoever was quicker wins, and this run begins anew.
    pub(super) async fn save(&mut self, along: Along) -> Result<(), Halt> {
        self.renewed |= along.again.is_some();
        let done: Vec<(StepPhase, Step)> =
            along.steps.iter().map(|(phase, step, _)| (*phase, *step)).collect();
        if !super::record::store(&self.state, &mut self.share, along).await? {
            return Err(Halt::Soon);
        }
        self.steps.extend(done);
        Ok(())
    }

    /// What this run read of policy and invites, for what pages say of reach: it goes along with whatever it changes.
    pub(super) fn again(&self) -> Option<Again> {
        let policy = snapshot::policy_of(self.desk.policy.as_ref()?);
        let shared = match &self.seen.invites {
            Reading::Read(listed) => {
                let mut logins = snapshot::accepted_by(listed);
                if let Reading::Read(invite) = &self.seen.invite {
                    logins.extend(snapshot::accepted_by(std::slice::from_ref(invite)));
                }
                Some((self.node.name.clone(), logins))
            }
            Reading::Unread | Reading::Failed(_) => None,
        };
        Some(Again { policy, shared })
    }

    /// A step is done: recorded with its time and one line of detail.
    pub(super) async fn done(&mut self, step: Step, detail: impl Into<String>) -> Result<(), Halt> {
        let steps = vec![(self.way(), step, detail.into())];
        self.save(Along { steps, ..Along::default() }).await
    }

    /// A call changed something, or may have: what it can have changed is not known any more.
    pub(super) fn changed(&mut self, deed: Option<Deed>) {
        self.seen.read_back = false;
        self.seen.done.extend(deed);
        match deed {
            Some(Deed::DeleteInvite) => self.seen.invites = Reading::Unread,
            Some(Deed::Narrow | Deed::MakeUser | Deed::WriteRule | Deed::RemoveRule | Deed::AskInvite)
            | None => {}
        }
    }
}

/// When something is decided, and how long things take here.
pub fn moment(state: &AppState) -> Moment {
    let timing = &state.config.timing;
    let (call, pause) = (timing.control_plane, timing.jobs);
    Moment { now: state.now(), call, pause, longest_wait: LONGEST_WAIT }
}

/// What is recorded as done for a share.
///
/// # Errors
/// When the store fails, or names a step that there is not.
pub async fn steps(state: &AppState, id: model::ShareId) -> sqlx::Result<Steps> {
    let done = state.db.list_steps(id).await?;
    Ok(done.into_iter().map(|done| (done.phase, done.step)).collect())
}

/// A stored share as decisions see it.
pub fn plain<'a>(share: &'a shares::Share, steps: &'a Steps, node: &'a Node) -> Share<'a> {
    Share {
        state: &share.state,
        login: share.login.as_str(),
        journal: &share.deeds,
        seen_in_force: share.seen_in_force,
        steps,
        node: &node.name,
    }
}
