//! The share itself, as far as a decision needs it.

use std::collections::HashSet;
use std::time::Duration;

use model::{EndReason, Phase, ShareState, Step, StepPhase, Timestamp};

use crate::Journal;

/// A share as it is stored.
#[derive(Clone, Copy, Debug)]
pub struct Share<'a> {
    /// Where it stands.
    pub state: &'a ShareState,
    /// The login that was agreed.
    pub login: &'a str,
    /// What was agreed and begun.
    pub journal: &'a Journal,
    /// When it was last seen in force.
    pub seen_in_force: Option<Timestamp>,
    /// What is recorded as done.
    pub steps: &'a Steps,
    /// The machine's name, for words.
    pub node: &'a str,
}

/// Steps that are recorded as done.
pub type Steps = HashSet<(StepPhase, Step)>;

/// When a decision is made, and how long things take here.
#[derive(Clone, Copy, Debug)]
pub struct Moment {
    /// The time now.
    pub now: Timestamp,
    /// How long one call to the control plane may take.
    pub call: Duration,
    /// The shortest pause between two looks.
    pub pause: Duration,
    /// The longest that a control plane is believed when it says when to ask again: a share that is to end cannot
    /// wait for days.
    pub longest_wait: Duration,
}

impl Share<'_> {
    /// Whether a step is recorded.
    pub fn is_done(&self, way: StepPhase, step: Step) -> bool {
        self.steps.contains(&(way, step))
    }

    /// Why it ends, if it does.
    pub const fn ends(&self) -> Option<EndReason> {
        match self.state {
            ShareState::Ending { why } | ShareState::NeedsAttention { phase: Phase::End { why }, .. } => {
                Some(*why)
            }
            _ => None,
        }
    }
}
