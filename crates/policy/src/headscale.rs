//! What Headscale refuses, in its own words: recorded answers of 0.28.0 and 0.29.2, see `tests/dialects`.
//!
//! It asks in three steps, and so do we: whether each value has its type and form (`types`, which stops at the first
//! fault), whether what the sections say fits together (`sections`, which tells all faults), and, once the people and
//! machines are known, whether a name is of one account only and whether the tests hold. What is left after these steps is
//! taken, so that the common engine works with it as with a policy in force.

mod access;
mod alias;
mod named;
mod nodes;
mod ports;
mod protocol;
mod scalars;
mod ssh;
mod tables;
mod trials;
mod types;
mod users;

pub(crate) use ports::{destination, entry};
pub(crate) use protocol::numbers;
pub(crate) use scalars::check_name;
pub(crate) use types::check_types;
pub(crate) use users::{Accounts, named, one_account_each, token, unresolved};

use std::borrow::Borrow;

use crate::error::{PolicyError, PolicyErrorKind};
use crate::syntax::{Dialect, Policy, Section, Text};

/// The refusal of a text that is no HuJSON.
pub(crate) fn not_hujson(error: &hujson::ParseError) -> String {
    format!("parsing policy: parsing HuJSON: {error}")
}

/// Whether a field of an entry says nothing: those of an acl whose names begin with `#` are comments.
pub(crate) fn is_comment(section: Section, name: &str) -> bool {
    section == Section::Acls && name.starts_with('#')
}

/// Refuses what a policy says that does not fit together, whatever the network.
pub(crate) fn check(policy: &Policy) -> Result<(), PolicyError> {
    let mut faults = Faults { dialect: policy.language.dialect, found: Vec::new() };
    access::acls(policy, &mut faults);
    ssh::rules(policy, &mut faults);
    access::grants(policy, &mut faults);
    nodes::attributes(policy, &mut faults);
    named::sections(policy, &mut faults);
    trials::shape(policy, &mut faults);
    faults.refusal()?;
    access::actions(policy)
}

/// A refusal with its place.
fn refused(kind: PolicyErrorKind, message: String, at: Option<&std::ops::Range<usize>>) -> PolicyError {
    PolicyError { kind, message, span: at.cloned(), line: None }
}

/// Everything that is wrong with the sections of one policy.
struct Faults {
    dialect: Dialect,
    found: Vec<(String, std::ops::Range<usize>)>,
}

impl Faults {
    fn add(&mut self, at: &Text, message: impl Into<String>) {
        self.add_at(at.span.clone(), message);
    }

    fn add_at(&mut self, span: std::ops::Range<usize>, message: impl Into<String>) {
        self.found.push((message.into(), span));
    }

    /// In the words of the old version or of the new one.
    fn either(&mut self, at: &Text, old: impl Into<String>, new: impl Into<String>) {
        if self.dialect == Dialect::Headscale028 { self.add(at, old) } else { self.add(at, new) }
    }

    fn refusal(self) -> Result<(), PolicyError> {
        let Some((first, span)) = self.found.first() else { return Ok(()) };
        let tested = first.starts_with(TESTS_FAILED);
        let kind = if tested { PolicyErrorKind::TestsFailed } else { PolicyErrorKind::Invalid };
        let all: Vec<&str> = self.found.iter().map(|(message, _)| message.as_str()).collect();
        Err(refused(kind, format!("parsing policy: {}", together(&all)), Some(span)))
    }
}

const TESTS_FAILED: &str = "test(s) failed:";

/// Some faults as one: several are told as a list.
pub(crate) fn together<S: Borrow<str>>(faults: &[S]) -> String {
    let all = faults.join("\n\t");
    if faults.len() == 1 { all } else { format!("multiple errors:\n\t{all}") }
}
