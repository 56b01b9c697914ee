//! A machine's host on which another firewall text is in force than the current one, or for which none can be made. For
//! the owner and stewards.

use model::host::{Found, Pasted, Told, in_place};
use model::{PersonId, Revision, Timestamp};

use crate::{Notice, What};

/// A host that fetches does so every five minutes; after three times something is wrong.
const FETCHES_WITHIN: i64 = 15 * 60;

/// What is stored of a host.
#[derive(Clone, Copy, Debug)]
pub struct HostFacts {
    /// The current text; none: there is none yet.
    pub revision: Revision,
    /// Since when.
    pub made: Timestamp,
    /// It fetches by itself, since when.
    pub fetches: Option<Timestamp>,
    /// What it said when it last fetched.
    pub told: Option<Told>,
    /// Rules that somebody pasted.
    pub pasted: Option<Pasted>,
    /// Since when no text can be made for it.
    pub refused: Option<Timestamp>,
}

impl HostFacts {
    /// What waits of it: nothing where nobody knows what is in force.
    pub fn notices(&self, people: &[PersonId]) -> Vec<Notice> {
        let always = Timestamp::from_micros(0);
        let refused = self.refused.map(|since| (What::HostText { revision: self.revision }, since, always));
        let all = refused.into_iter().chain(self.in_force());
        all.flat_map(|(what, since, opens)| Notice::for_all(people, what, since, opens)).collect()
    }

    /// What is wrong with what is in force: that, since when, and from when on it is told.
    fn in_force(&self) -> Option<(What, Timestamp, Timestamp)> {
        let Self { revision, made, .. } = *self;
        // One that fetches by itself is given the time for it, also from a time that lies ahead, by a clock that was wrong:
        // that is brought back in the store.
        let in_time = |from: Timestamp| from.plus_seconds(FETCHES_WITHIN);
        let Some(known) = in_place(revision, self.told, self.pasted) else {
            let since = self.fetches.filter(|_| !revision.is_none())?.max(made);
            return Some((What::HostSilent { revision }, since, in_time(since)));
        };
        let opens = match known.found {
            Found::Current => return None,
            Found::Older if self.fetches.is_some() => in_time(made),
            Found::Older
            | Found::Altered
            | Found::Nothing
            | Found::Flushed
            | Found::NoInterface
            | Found::Blind => Timestamp::from_micros(0),
        };
        let what = What::Host { found: known.found, revision, seen: known.revision };
        Some((what, made.max(known.at), opens))
    }
}
