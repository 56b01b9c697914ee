//! Taking a share's rule out of the policy again.

use std::collections::{BTreeMap, HashMap, HashSet};

use crate::error::PolicyError;
use crate::share::entry::{Entry, is_one_share};
use crate::share::{EditError, ShareId, ShareRule, edit};
use crate::splice::{Splice, between};
use crate::syntax::{Dialect, Policy, Reading, RuleRef};

/// A policy without one share.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unshared {
    /// The text without the share's rule; the bytes from before the share, where nobody edited in between.
    pub after: String,
    /// The change, as ranges of the text before.
    pub splices: Vec<Splice>,
    /// The rule that goes, with its line in the text before: one, or on a Headscale one for each protocol.
    pub rules: Vec<RuleRef>,
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

/// The rules of shares in one policy text, read once for as many questions as there are shares.
///
/// On a Headscale a share for two protocols is two rules under one mark; the first of them stands for both.
#[derive(Debug)]
pub struct ShareRules {
    policy: Policy,
    /// The rules with a mark, in the order of the file.
    marks: Vec<(ShareId, RuleRef)>,
    of_share: HashMap<ShareId, Vec<RuleRef>>,
}

impl ShareRules {
    /// Reads a policy text.
    ///
    /// # Errors
    /// When the text is no policy.
    pub fn read(text: &str) -> Result<Self, UnshareError> {
        // A share's rule is known by its mark in every dialect, and is taken out also of a text that only a Headscale
        // takes.
        let headscale = Dialect::Headscale029.read(Reading::InForce);
        let policy = Policy::parse(text).or_else(|error| Policy::read(text, headscale).map_err(|_| error))?;
        let marks: Vec<(ShareId, RuleRef)> =
            edit::marked(text, &policy)?.into_iter().map(|(entry, id)| (id, entry.rule())).collect();
        let mut of_share: HashMap<ShareId, Vec<RuleRef>> = HashMap::new();
        for (id, rule) in &marks {
            of_share.entry(id.clone()).or_default().push(*rule);
        }
        Ok(Self { policy, marks, of_share })
    }

    /// The marks in the order of the file, each with its rule.
    pub fn marks(&self) -> impl Iterator<Item = (&ShareId, RuleRef)> {
        let first = |id: &ShareId, rule: &RuleRef| {
            self.of_share.get(id).is_none_or(|all| !self.is_one(all) || all.first() == Some(rule))
        };
        self.marks.iter().filter(move |(id, rule)| first(id, rule)).map(|(id, rule)| (id, *rule))
    }

    /// The rule with the mark of a share; nothing if there is none.
    ///
    /// # Errors
    /// [`UnshareError::Changed`] if what has it is no share's rule, [`UnshareError::Ambiguous`] if several have it.
    pub fn marked(&self, id: &ShareId) -> Result<Option<RuleRef>, UnshareError> {
        Ok(self.all_marked(id)?.first().copied())
    }

    fn all_marked(&self, id: &ShareId) -> Result<&[RuleRef], UnshareError> {
        let found = self.of_share.get(id).map_or(&[][..], Vec::as_slice);
        match found {
            [] => Ok(&[]),
            all if self.is_one(all) => Ok(all),
            [only] => Err(UnshareError::Changed { line: only.line }),
            many => Err(UnshareError::Ambiguous { lines: many.iter().map(|rule| rule.line).collect() }),
        }
    }

    fn is_one(&self, rules: &[RuleRef]) -> bool {
        is_one_share(&self.entries(rules))
    }

    fn entries(&self, rules: &[RuleRef]) -> Vec<Entry<'_>> {
        rules.iter().filter_map(|rule| Entry::of(&self.policy, *rule)).collect()
    }

    /// A rule without any mark that says the same; of several the last, because they say the same.
    pub fn unmarked(&self, rule: &ShareRule) -> Option<RuleRef> {
        self.all_unmarked(rule)?.first().copied()
    }

    /// The entries without any mark that say the same together.
    fn all_unmarked(&self, rule: &ShareRule) -> Option<Vec<RuleRef>> {
        let marked: HashSet<RuleRef> = self.marks.iter().map(|(_, rule)| *rule).collect();
        let grants = self.policy.grants.iter().flatten().map(Entry::Grant);
        let acls = self.policy.acls.iter().flatten().map(Entry::Acl);
        let mut parts: BTreeMap<usize, RuleRef> = BTreeMap::new();
        for entry in grants.chain(acls).filter(|entry| !marked.contains(&entry.rule())) {
            parts.extend(rule.part(&entry).map(|part| (part, entry.rule())));
        }
        (parts.len() == rule.len()).then(|| parts.into_values().collect())
    }

    /// Whether a rule that was found here says this.
    pub fn says(&self, found: RuleRef, rule: &ShareRule) -> bool {
        let mark = self.marks.iter().find(|(_, marked)| *marked == found);
        match mark.and_then(|(id, _)| self.of_share.get(id)) {
            Some(together) => rule.is(&self.entries(together)),
            None => self.all_unmarked(rule).is_some_and(|all| all.contains(&found)),
        }
    }
}

/// The rules that are marked as shares, with the share that each mark names.
///
/// # Errors
/// When the text is no policy.
pub fn marked_rules(text: &str) -> Result<Vec<(ShareId, RuleRef)>, UnshareError> {
    Ok(ShareRules::read(text)?.marks().map(|(id, rule)| (id.clone(), rule)).collect())
}

/// Takes out the rule that is marked with a share.
///
/// # Errors
/// [`UnshareError::NotFound`] if no rule has the mark (see [`unshare_matching`]); [`UnshareError::Changed`] if
/// what has it is no share's rule.
pub fn unshare(text: &str, id: &ShareId) -> Result<Unshared, UnshareError> {
    let rules = ShareRules::read(text)?;
    match rules.all_marked(id)? {
        [] => Err(UnshareError::NotFound),
        found => without(text, found),
    }
}

/// Takes out the rule of a share by its content, where its mark is gone. Rules that are marked as other shares
/// are left alone; of several equal ones the last goes, because they say the same.
///
/// # Errors
/// [`UnshareError::NotFound`] if no rule says the same: then the policy has drifted.
pub fn unshare_matching(text: &str, rule: &ShareRule) -> Result<Unshared, UnshareError> {
    let found = ShareRules::read(text)?.all_unmarked(rule).ok_or(UnshareError::NotFound)?;
    without(text, &found)
}

fn without(text: &str, rules: &[RuleRef]) -> Result<Unshared, UnshareError> {
    let after = edit::remove_rules(text, rules)?;
    Ok(Unshared { splices: between(text, &after).into_iter().collect(), after, rules: rules.to_vec() })
}
