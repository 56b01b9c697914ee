//! Where the rules in force and the rendered ones part.

use std::fmt;

use serde::{Deserialize, Serialize};

/// One way in which the host has something else than what was rendered.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "lowercase")]
pub enum Difference {
    /// Rendered, and not on the host.
    Missing {
        /// As rendered.
        wanted: String,
    },
    /// On the host, and not rendered.
    Extra {
        /// As the host lists it.
        found: String,
    },
    /// The host has something else in its place.
    Altered {
        /// As rendered.
        wanted: String,
        /// As the host lists it.
        found: String,
    },
    /// On the host, at another place in its chain: what stands first decides.
    Moved {
        /// As rendered.
        wanted: String,
    },
}

impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Missing { wanted } => write!(f, "missing: {wanted}"),
            Self::Extra { found } => write!(f, "not ours: {found}"),
            Self::Altered { wanted, found } => write!(f, "altered: {found}; it should be: {wanted}"),
            Self::Moved { wanted } => write!(f, "at another place: {wanted}"),
        }
    }
}

/// One rule, or one element of a set, in a form that is the same however the tool lists it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Statement {
    /// Without what changes by itself: counters, handles, the revision, the dates.
    pub canonical: String,
    /// As written, for people.
    pub shown: String,
    pub dates: Vec<Date>,
}

/// Seconds since 1970.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Date {
    pub seconds: i64,
    /// Listed as a date of the host's own zone, which the listing does not name.
    pub local: bool,
}

/// From the furthest zone behind to the furthest ahead of UTC.
const ZONES: std::ops::RangeInclusive<i64> = -12 * 3600..=14 * 3600;
/// Every zone's distance from UTC is a multiple of this.
const ZONE_STEP: i64 = 15 * 60;

impl Date {
    fn is(self, found: Self) -> bool {
        let apart = found.seconds - self.seconds;
        apart == 0 || (found.local && ZONES.contains(&apart) && apart % ZONE_STEP == 0)
    }
}

impl Statement {
    fn is(&self, found: &Self) -> bool {
        self.canonical == found.canonical
            && self.dates.len() == found.dates.len()
            && self.dates.iter().zip(&found.dates).all(|(wanted, found)| wanted.is(*found))
    }
}

/// The differences in the order of the rendered text.
pub(super) fn differences(wanted: &[Statement], found: &[Statement]) -> Vec<Difference> {
    let mut all = Vec::new();
    let mut missing: Vec<&Statement> = Vec::new();
    let mut rest = found;
    for statement in wanted {
        let Some(at) = rest.iter().position(|other| statement.is(other)) else {
            missing.push(statement);
            continue;
        };
        let (skipped, from) = rest.split_at(at);
        pair(&mut all, &std::mem::take(&mut missing), skipped);
        rest = from.get(1..).unwrap_or_default();
    }
    pair(&mut all, &missing, rest);
    moved(all)
}

/// What stands between two things that both have: one in the place of the other where there is one.
fn pair(all: &mut Vec<Difference>, missing: &[&Statement], extra: &[Statement]) {
    let both = missing.len().min(extra.len());
    for (wanted, found) in missing.iter().zip(extra) {
        all.push(Difference::Altered { wanted: wanted.shown.clone(), found: found.shown.clone() });
    }
    let wanted = missing.iter().skip(both);
    all.extend(wanted.map(|wanted| Difference::Missing { wanted: wanted.shown.clone() }));
    all.extend(extra.iter().skip(both).map(|found| Difference::Extra { found: found.shown.clone() }));
}

/// What is missing at one place and extra at another has moved.
fn moved(all: Vec<Difference>) -> Vec<Difference> {
    let mut left = all.clone();
    let mut told = Vec::new();
    for difference in all {
        let Difference::Missing { wanted } = &difference else { continue };
        let same = Difference::Extra { found: wanted.clone() };
        if let Some(at) = left.iter().position(|other| *other == same) {
            left.remove(at);
            left.retain(|other| *other != difference);
            told.push(Difference::Moved { wanted: wanted.clone() });
        }
    }
    left.extend(told);
    left
}
