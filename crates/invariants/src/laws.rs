//! The laws, each with its sentence.

mod asks;
mod circles;
mod invites;
mod offers;
mod owners;
mod policies;
mod reach;
mod records;
mod rules;
mod secrets;

use crate::{Baseline, Moment, Observation, Violation};

/// Every sentence that [`crate::check`] can find broken.
pub const LAWS: [&str; 28] = [
    policies::UNDERSTOOD,
    policies::OUTSIDE,
    rules::OPEN,
    rules::AGREED,
    rules::ACTIVE,
    rules::PAUSED,
    invites::ACTIVE,
    invites::ACCOUNTED,
    invites::ONE,
    invites::GONE,
    reach::NO_MORE,
    reach::NO_LESS,
    records::YES,
    records::WRITTEN,
    records::TOLD,
    records::GOES_ON,
    records::IN_TIME,
    records::STATES,
    records::UNMANAGED,
    offers::ANSWERED,
    asks::ASKED,
    asks::ONCE,
    circles::BEFOREHAND,
    circles::LEFT,
    circles::SHOWN,
    owners::HANDED,
    owners::FOLLOWS,
    secrets::SEALED,
];

/// Where laws put what they find.
pub(crate) struct Found(Vec<Violation>);

impl Found {
    pub fn broken(&mut self, law: &'static str, seen: String) {
        self.0.push(Violation { law, seen });
    }

    /// Broken unless it is so.
    pub fn must(&mut self, so: bool, law: &'static str, seen: impl FnOnce() -> String) {
        if !so {
            self.broken(law, seen());
        }
    }
}

pub(crate) fn all(start: &Baseline, seen: &Observation, moment: Moment) -> Vec<Violation> {
    let mut found = Found(Vec::new());
    policies::check(start, seen, &mut found);
    rules::check(seen, &mut found);
    invites::check(start, seen, moment, &mut found);
    reach::check(seen, &mut found);
    records::check(seen, moment, &mut found);
    offers::check(seen, &mut found);
    asks::check(start, seen, &mut found);
    circles::check(start, seen, &mut found);
    owners::check(start, seen, &mut found);
    secrets::check(seen, &mut found);
    found.0
}
