//! From a failed call to what a person reads and can do.

use control_plane::ControlPlaneError;
use model::{Attention, Need, Phase, Step, Timestamp};

use crate::failure::CANNOT_BE_READ;
use crate::planes::in_words;
use crate::store::jobs::LONGEST_WAIT;

/// Whether a failed call can have changed anything, for the sentence that says so.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Call {
    Read,
    Change,
}

/// Why a step stopped, whether anything was changed, and what makes it go on.
pub fn of(step: Step, call: Call, error: &ControlPlaneError, now: Timestamp) -> Attention {
    let (need, next_step) = need(step, error);
    let changed = if call == Call::Change && error.leaves_effect_unknown() {
        "Whether it was done all the same is not known; that is looked at before anything else."
    } else {
        "Nothing was changed by it."
    };
    let again = match error {
        ControlPlaneError::RateLimited { retry_after: Some(wait) } => {
            // Whoever asks for more is asked again then: a share that is to end cannot wait for days.
            Some(now.plus((*wait).min(LONGEST_WAIT)))
        }
        _ => None,
    };
    Attention {
        step,
        need,
        reason: format!("{} {changed}", in_words(error)),
        next_step: next_step.into(),
        again,
    }
}

fn need(step: Step, error: &ControlPlaneError) -> (Need, &'static str) {
    let by_hand = matches!(step, Step::Narrow | Step::Rule | Step::RemoveRule | Step::RemoveInvite);
    match error {
        ControlPlaneError::Unsupported { .. } if step == Step::Invite => (
            Need::Invite,
            "Make the invite in the admin console (machine, Share, copy link) and paste its link here.",
        ),
        ControlPlaneError::Unauthorised
        | ControlPlaneError::Forbidden { .. }
        | ControlPlaneError::Unsupported { .. }
            if by_hand =>
        {
            (
                Need::Credential,
                "Put in a credential that may do this, on the page of the tailnet, or do it by hand as below; this then goes on by itself.",
            )
        }
        ControlPlaneError::Unauthorised
        | ControlPlaneError::Forbidden { .. }
        | ControlPlaneError::Unsupported { .. } => (
            Need::Credential,
            "Put in a credential that may do this, on the page of the tailnet; this then goes on by itself.",
        ),
        ControlPlaneError::RateLimited { .. }
        | ControlPlaneError::Unreachable { .. }
        | ControlPlaneError::Garbled { .. }
        | ControlPlaneError::Conflict => {
            (Need::Time, "Nothing to do: it is tried again by itself, and nothing is lost.")
        }
        ControlPlaneError::NotFound => {
            (Need::Look, "Look whether the machine is still in the tailnet, then try again or end the share.")
        }
        ControlPlaneError::Rejected { .. } if step == Step::RemoveRule => (
            Need::Look,
            "The control plane does not take the policy without the rule. Mend what it names in the policy, then try again.",
        ),
        ControlPlaneError::Rejected { .. } => {
            (Need::Look, "Mend what the control plane names, then try again, or end the share.")
        }
    }
}

/// Something that only a person can sort out.
pub fn look(step: Step, reason: impl Into<String>, next_step: impl Into<String>) -> Attention {
    let (reason, next_step) = (reason.into(), next_step.into());
    Attention { step, need: Need::Look, reason, next_step, again: None }
}

/// A change of the policy that has to be made elsewhere; it is noticed by itself.
pub fn by_hand(step: Step, reason: impl Into<String>) -> Attention {
    look(step, reason, "Make the change below by hand; it is noticed by itself, and this then goes on.")
}

/// What was agreed is no longer in force: only the owner can say what is to be.
pub fn review(step: Step, reason: impl Into<String>, next_step: impl Into<String>) -> Attention {
    Attention { need: Need::Review, ..look(step, reason, next_step) }
}

/// The machine is not in the list: nobody reaches it, and nothing about it can be done.
pub fn machine_gone(step: Step, node: &str) -> Attention {
    look(
        step,
        format!("{node} is no longer in the tailnet, so nobody reaches it. Nothing was changed."),
        "When the machine comes back this goes on by itself; or end the share.",
    )
}

/// The stored credentials are sealed with another key than the one at hand.
pub fn unopened(phase: Phase) -> Attention {
    let reason =
        "The stored credentials cannot be opened with the key file of this server. Nothing was changed.";
    let next = "Bring the key file back, or put the credentials in again on the page of the tailnet; this then goes on by itself.";
    Attention { need: Need::Credential, ..look(first(phase), reason, next) }
}

/// A row that this depends on is damaged.
pub fn unread(phase: Phase) -> Attention {
    let next = "Whoever runs this Acequia finds the row in the log, and can mend it or bring a backup back; this then goes on by itself.";
    look(first(phase), format!("{CANNOT_BE_READ} Nothing was changed."), next)
}

const fn first(phase: Phase) -> Step {
    match phase {
        Phase::Apply => Step::Rule,
        Phase::End { .. } => Step::RemoveRule,
    }
}
