//! Taking a share's rule out of the policy again.

use crate::error::PolicyError;
use crate::share::{EditError, ShareId, ShareRule, edit};
use crate::splice::{Splice, between};
use crate::syntax::{Grant, Policy, RuleRef};

/// A policy without one share.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unshared {
    /// The text without the share's rule; the bytes from before the share, where nobody edited in between.
    pub after: String,
    /// The change, as ranges of the text before.
    pub splices: Vec<Splice>,
    /// The rule that goes, with its line in the text before.
    pub rule: RuleRef,
}

/// Why a share's rule was not taken out.
#[derive(Clone, Debug, thiserror::Error)]
pub enum UnshareError {
    /// The text is no policy.
    #[error("the policy is refused as it is: {0}")]
    Policy(#[from] PolicyError),
    /// Neither mark nor rule is there.
    #[error("the policy has no rule for this share")]
    NotFound,
    /// The mark stands above something that is no share's rule.
    #[error("line {line} is marked as a share but is no share's rule any more; change the policy by hand")]
    Changed {
        /// The line of the rule.
        line: usize,
    },
    /// The mark stands above several rules.
    #[error("lines {} are marked as the same share; change the policy by hand", listed(.lines))]
    Ambiguous {
        /// The lines of the rules.
        lines: Vec<usize>,
    },
    /// The edit found no place in the text.
    #[error(transparent)]
    Edit(#[from] EditError),
}

fn listed(lines: &[usize]) -> String {
    lines.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")
}

/// The rules that are marked as shares, with the share that each mark names.
///
/// # Errors
/// When the text is no policy.
pub fn marked_rules(text: &str) -> Result<Vec<(ShareId, RuleRef)>, UnshareError> {
    let policy = Policy::parse(text)?;
    Ok(edit::marked(text, &policy)?.into_iter().map(|(grant, id)| (id, grant.rule)).collect())
}

/// Takes out the rule that is marked with a share.
///
/// # Errors
/// [`UnshareError::NotFound`] if no rule has the mark (see [`unshare_matching`]); [`UnshareError::Changed`] if
/// what has it is no share's rule.
pub fn unshare(text: &str, id: &ShareId) -> Result<Unshared, UnshareError> {
    let policy = Policy::parse(text)?;
    let all = edit::marked(text, &policy)?;
    let ours: Vec<&Grant> = all.iter().filter(|(_, known)| known == id).map(|(grant, _)| *grant).collect();
    match ours.as_slice() {
        [] => Err(UnshareError::NotFound),
        [only] if !edit::is_share(only) => Err(UnshareError::Changed { line: only.rule.line }),
        [only] => without(text, only.rule),
        many => Err(UnshareError::Ambiguous { lines: many.iter().map(|grant| grant.rule.line).collect() }),
    }
}

/// Takes out the rule of a share by its content, where its mark is gone. Rules that are marked as other shares
/// are left alone; of several equal ones the last goes, because they say the same.
///
/// # Errors
/// [`UnshareError::NotFound`] if no rule says the same: then the policy has drifted.
pub fn unshare_matching(text: &str, rule: &ShareRule) -> Result<Unshared, UnshareError> {
    let policy = Policy::parse(text)?;
    let marked: Vec<RuleRef> = edit::marked(text, &policy)?.iter().map(|(grant, _)| grant.rule).collect();
    let free =
        policy.grants.as_deref().unwrap_or_default().iter().filter(|grant| !marked.contains(&grant.rule));
    let found = free.rev().find(|grant| rule.is(grant)).ok_or(UnshareError::NotFound)?;
    without(text, found.rule)
}

fn without(text: &str, rule: RuleRef) -> Result<Unshared, UnshareError> {
    let after = edit::remove_grant(text, rule.index)?;
    Ok(Unshared { splices: between(text, &after).into_iter().collect(), after, rule })
}
