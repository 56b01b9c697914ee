//! Why a policy is refused.

use std::ops::Range;

use crate::syntax::RuleRef;

/// A refusal. Its `Display` is the control plane's own text, word for word where a capture of it exists.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct PolicyError {
    /// What kind of refusal it is.
    pub kind: PolicyErrorKind,
    /// The exact text.
    pub message: String,
    /// The bytes of the policy text at fault, where one place is.
    pub span: Option<Range<usize>>,
    /// The line of the policy text at fault, counted from 1.
    pub line: Option<usize>,
}

/// The kinds of refusal.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum PolicyErrorKind {
    /// Not HuJSON, or a value of the wrong type.
    Syntax,
    /// A section says something that is not allowed.
    Invalid,
    /// An entry of `tests` or `sshTests` failed.
    TestsFailed,
    /// Larger than the engine takes; the message says the limit.
    TooLarge,
}

impl PolicyError {
    pub(crate) fn invalid(message: impl Into<String>) -> Self {
        Self { kind: PolicyErrorKind::Invalid, message: message.into(), span: None, line: None }
    }

    /// Points at a rule, unless a closer place is known already.
    #[must_use]
    pub(crate) fn within(mut self, rule: RuleRef) -> Self {
        if self.span.is_none() {
            self.span = Some(rule.start..rule.end);
            self.line = Some(rule.line);
        }
        self
    }
}
