//! From a failed call to what a person reads and can do.

use control_plane::ControlPlaneError;
use model::{Attention, Need, Step};

use crate::planes::in_words;

/// Why a step stopped, and what makes it go on.
pub fn of(step: Step, error: &ControlPlaneError) -> Attention {
    let (need, next_step) = match error {
        ControlPlaneError::Unauthorised | ControlPlaneError::Forbidden { .. } => (
            Need::Credential,
            "Put in a credential that may do this, on the page of the tailnet; this then goes on by itself.",
        ),
        ControlPlaneError::Unsupported { .. } if step == Step::Invite => (
            Need::Invite,
            "Make the invite in the admin console (machine, Share, copy link) and paste its link here.",
        ),
        ControlPlaneError::Unsupported { .. } => (
            Need::Credential,
            "Add the credential that is missing, on the page of the tailnet; this then goes on by itself.",
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
        ControlPlaneError::Rejected { .. } if matches!(step, Step::RemoveRule) => (
            Need::Look,
            "The control plane does not take the policy without the rule. Mend what it names in the policy, then try again.",
        ),
        ControlPlaneError::Rejected { .. } => {
            (Need::Look, "Mend what the control plane names, then try again, or end the share.")
        }
    };
    Attention { step, need, reason: in_words(error), next_step: next_step.into() }
}

/// Something that only a person can sort out.
pub fn look(step: Step, reason: impl Into<String>, next_step: impl Into<String>) -> Attention {
    Attention { step, need: Need::Look, reason: reason.into(), next_step: next_step.into() }
}
