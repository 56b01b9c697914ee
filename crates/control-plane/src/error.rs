//! How a call to a control plane can fail.

use std::time::Duration;

use model::CallError;

/// What went wrong, as far as the caller can act on it. Texts never hold a secret.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ControlPlaneError {
    /// Understood and refused: an invalid policy, failing tests, a used invite code.
    #[error("the control plane refused: {message}")]
    Rejected {
        /// The control plane's own words.
        message: String,
        /// What it said about single tests or people; often empty.
        details: Vec<Detail>,
    },
    /// No such device, invite, user or tailnet, or none that the credential may know of.
    #[error("not found at the control plane")]
    NotFound,
    /// The policy was changed by somebody else since it was read (HTTP 412): read again, plan again.
    #[error("the policy was changed by somebody else in the meantime; read it again")]
    Conflict,
    /// The credential is wrong, expired or revoked.
    #[error("the control plane does not take the credential; it is wrong, expired or revoked")]
    Unauthorised,
    /// The credential is good, and lacks the right.
    #[error("the credential may not do this: {message}")]
    Forbidden {
        /// The control plane's own words.
        message: String,
    },
    /// Too many calls.
    #[error("the control plane asks to wait before the next call")]
    RateLimited {
        /// How long, where it said so.
        retry_after: Option<Duration>,
    },
    /// No answer, or an answer that is about the control plane's own trouble (5xx).
    #[error("the control plane cannot be reached: {reason}")]
    Unreachable {
        /// What happened: `connection refused`, `no answer within 30 s`, `it answered 502`.
        reason: String,
    },
    /// An answer that is not understood.
    #[error("the control plane's answer was not understood: {reason}")]
    InvalidResponse {
        /// What was expected and not found; never the answer itself.
        reason: String,
    },
    /// This control plane, or the credentials at hand, have no such call.
    #[error("not possible here: {what}")]
    Unsupported {
        /// What is missing, such as `a user token is needed to create invites`.
        what: String,
    },
}

/// What the control plane said about one test or one person.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Detail {
    /// Whom or what it is about: a login, a tag, an address.
    pub subject: String,
    /// Errors, in the control plane's words.
    pub errors: Vec<String>,
    /// Warnings, which do not fail anything.
    pub warnings: Vec<String>,
}

impl ControlPlaneError {
    /// Whether a write that failed so may nevertheless have happened: look before doing it again.
    pub fn leaves_effect_unknown(&self) -> bool {
        matches!(self, Self::Unreachable { .. } | Self::InvalidResponse { .. })
    }

    /// Whether the same call may succeed later without anybody changing anything.
    pub fn is_transient(&self) -> bool {
        matches!(self, Self::RateLimited { .. } | Self::Unreachable { .. } | Self::InvalidResponse { .. })
    }
}

impl From<&ControlPlaneError> for CallError {
    fn from(error: &ControlPlaneError) -> Self {
        match error {
            ControlPlaneError::Rejected { message, details } => {
                let errors = details.iter().flat_map(|detail| &detail.errors).take(3);
                let said: Vec<&str> = std::iter::once(message).chain(errors).map(String::as_str).collect();
                Self::Rejected { said: said.join("; ") }
            }
            ControlPlaneError::NotFound => Self::NotFound,
            ControlPlaneError::Conflict => Self::Conflict,
            ControlPlaneError::Unauthorised => Self::Unauthorised,
            ControlPlaneError::Forbidden { message } => Self::Forbidden { said: message.clone() },
            ControlPlaneError::RateLimited { .. } => Self::RateLimited,
            ControlPlaneError::Unreachable { reason } => Self::Unreachable { reason: reason.clone() },
            ControlPlaneError::InvalidResponse { .. } => Self::InvalidResponse,
            ControlPlaneError::Unsupported { what } => Self::Unsupported { what: what.clone() },
        }
    }
}
