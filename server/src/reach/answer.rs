//! The answer to one question in the form that programs get, from the command line and from the app alike.

use policy::RuleRef;
use policy::explain::{Explanation, Nearest, Obstacle};
use policy::reach::Entry;
use policy::syntax::protocol;
use serde::Serialize;

/// Whether somebody reaches something, by which rules, or what is missing.
#[derive(Debug, Serialize)]
pub struct Answer<'a> {
    /// Null where it is not known.
    allowed: Option<bool>,
    protocol: String,
    rules: Vec<Place>,
    nearest: &'a [Nearest],
    entries: &'a [Entry],
    /// The rules on which it rests that it is not known.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    unknown: Vec<Place>,
    #[serde(skip_serializing_if = "Option::is_none")]
    obstacle: Option<&'a Obstacle>,
}

#[derive(Debug, Serialize)]
struct Place {
    section: &'static str,
    index: usize,
    line: usize,
}

impl<'a> Answer<'a> {
    /// `number` is the protocol that the explanation is about.
    pub fn of(number: u8, explanation: &'a Explanation) -> Self {
        let place =
            |rule: &RuleRef| Place { section: rule.section.name(), index: rule.index, line: rule.line };
        Self {
            allowed: explanation.verdict(),
            protocol: protocol::name(number),
            rules: explanation.rules.iter().map(place).collect(),
            nearest: &explanation.nearest,
            entries: &explanation.entries,
            unknown: explanation.unknown.iter().map(place).collect(),
            obstacle: explanation.obstacle.as_ref(),
        }
    }
}
