//! From a failed call to what makes it go on.

use control_plane::ControlPlaneError;
use model::{Attention, CallError, Need, Phase, Step, Trouble};

use crate::Moment;

/// A call that reads, or one that changes something: its failure may leave open whether it did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Call {
    /// Nothing can have been changed by it.
    Read,
    /// It may have been done although no answer came.
    Change,
}

/// Why a step stopped, and what makes it go on.
pub fn of(step: Step, call: Call, error: &ControlPlaneError, at: &Moment) -> Attention {
    let again = match error {
        ControlPlaneError::RateLimited { retry_after: Some(wait) } => {
            Some(at.now.plus((*wait).min(at.longest_wait)))
        }
        _ => None,
    };
    let maybe_done = call == Call::Change && error.leaves_effect_unknown();
    let error = CallError::from(error);
    Attention { step, need: need(step, &error), trouble: Trouble::Call { error, maybe_done }, again }
}

const fn need(step: Step, error: &CallError) -> Need {
    match error {
        CallError::Unsupported { .. } if matches!(step, Step::Invite) => Need::Invite,
        CallError::Unauthorised | CallError::Forbidden { .. } | CallError::Unsupported { .. } => {
            Need::Credential
        }
        CallError::RateLimited
        | CallError::Unreachable { .. }
        | CallError::InvalidResponse
        | CallError::Conflict => Need::Time,
        CallError::NotFound | CallError::Rejected { .. } => Need::Look,
    }
}

/// The stored credentials cannot be opened.
pub fn key_file(phase: Phase) -> Attention {
    Attention { need: Need::Credential, ..Attention::look(first(phase), Trouble::KeyFile) }
}

/// A row that this depends on is damaged.
pub const fn damaged(phase: Phase) -> Attention {
    Attention::look(first(phase), Trouble::Damaged)
}

const fn first(phase: Phase) -> Step {
    match phase {
        Phase::Apply => Step::Rule,
        Phase::Pause | Phase::End { .. } => Step::RemoveRule,
    }
}
