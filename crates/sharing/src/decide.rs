//! The one thing to do next.

use control_plane::ControlPlaneError;
use model::{Attention, Need, Phase, ShareState, Step, Trouble};

use crate::trouble::{self, Call};
use crate::{Action, Moment, Observation, Other, Share, What, apply, drift, end, pause};

/// How often a policy that others change meanwhile is planned anew before the run waits.
const TRIES: u32 = 3;

/// The one thing to do next for a share, as far as it was looked at in this run.
pub fn decide(share: &Share<'_>, seen: &Observation, at: &Moment) -> Action {
    let over = Decision { share, seen, at };
    let next = match share.state {
        ShareState::Applying | ShareState::WaitingForFriend { .. } => apply::next(&over),
        ShareState::Ending { .. } => end::next(&over),
        ShareState::Pausing => pause::next(&over),
        ShareState::Paused { .. } => pause::look(&over),
        ShareState::Active { .. } | ShareState::Drifted { .. } => drift::next(&over),
        ShareState::NeedsAttention { phase, attention } => match (phase, attention.need) {
            (Phase::End { .. }, _) => end::next(&over),
            // Somebody put the rule back: only its owner says what is to be.
            (Phase::Pause, Need::Review) => pause::look(&over),
            (Phase::Pause, _) => pause::next(&over),
            (Phase::Apply, Need::Review | Need::Invite) => Ok(Action::Rest),
            (Phase::Apply, Need::Time | Need::Credential | Need::Look) => apply::next(&over),
        },
        ShareState::AccountMissing { .. } | ShareState::Accepted { .. } | ShareState::Ended { .. } => {
            Ok(Action::Rest)
        }
    };
    next.unwrap_or_else(|first| first)
}

/// What is next, or what has to be done before it.
pub type Next<T> = Result<T, Action>;

/// What a decision goes by.
#[derive(Clone, Copy, Debug)]
pub struct Decision<'a> {
    pub share: &'a Share<'a>,
    pub seen: &'a Observation,
    pub at: &'a Moment,
}

impl Decision<'_> {
    /// A read that failed stops this step.
    pub fn unread(&self, step: Step) -> impl Fn(&ControlPlaneError) -> Action {
        move |error| Action::Stop(trouble::of(step, Call::Read, error, self.at))
    }

    /// A deed that was refused, or whose answer was lost, stops this step.
    pub fn undone(&self, step: Step, error: &ControlPlaneError) -> Action {
        Action::Stop(trouble::of(step, Call::Change, error, self.at))
    }

    /// Other shares of the tailnet that are not over.
    pub fn others(&self) -> Next<&[Other]> {
        let stored = self.seen.others.or(Action::Read(What::Others), |_| Action::Again);
        stored.map(Vec::as_slice)
    }

    /// The policy may be written from here, if nobody else is quicker again and again.
    pub fn may_write(&self, step: Step, versioned: bool) -> Next<()> {
        if self.seen.overtaken >= TRIES {
            let conflict_at = if step == Step::Narrow { Step::Rule } else { step };
            return Err(self.unread(conflict_at)(&ControlPlaneError::Conflict));
        }
        if !versioned {
            return Err(look(step, Trouble::NoVersionMark));
        }
        if self.seen.policy_elsewhere { Err(look(step, Trouble::PolicyElsewhere)) } else { Ok(()) }
    }

    /// The policy is read again at the end, if this run did anything since.
    pub fn read_back(&self) -> Next<()> {
        if self.seen.read_back { Ok(()) } else { Err(Action::Read(What::Policy)) }
    }
}

pub const fn look(step: Step, trouble: Trouble) -> Action {
    Action::Stop(Attention::look(step, trouble))
}
