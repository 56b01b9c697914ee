//! The life of an API key: how it is replaced by another one, so that whoever is killed in between loses nothing.
//!
//! [`next_step`] says from what is written down, and from the keys that the control plane lists, the one thing to do next.
//! Each thing is written down before it is done, as [`Renewal`] says; after each the question is asked again. The old key is
//! in use, and is kept, until the new one was tried.

use std::collections::BTreeSet;

use model::Timestamp;

use crate::{KeyId, ListedApiKey, Secret};

/// What is written down of one replacement.
#[derive(Clone, Debug, Default)]
pub struct Renewal {
    /// Before the new key is asked for: the ids of all keys that are there.
    pub before: Option<BTreeSet<KeyId>>,
    /// With it: when the new key is to end, to the second. It is how a key is known whose answer was lost.
    pub ends: Option<Timestamp>,
    /// The new key, sealed like every credential, as soon as its answer came.
    pub made: Option<Secret>,
    /// The new key was taken by the control plane, and is the one in use; from here on the old one is only ended.
    pub in_use: bool,
}

/// What to do next.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Step {
    /// Write down the ids of all keys, and when the new one is to end.
    Note {
        /// The ids.
        before: BTreeSet<KeyId>,
    },
    /// Ask for a key that ends then, and write it down. If the answer is lost, ask what is next again.
    Make {
        /// When it is to end.
        ends: Timestamp,
    },
    /// A key was made whose answer was lost, so nobody has it: end it.
    EndLost {
        /// Its id.
        id: KeyId,
    },
    /// Call with the new key; if it is taken, write down that it is in use, and forget the old one's secret once it is
    /// ended.
    Try,
    /// End the old key, with the new one.
    EndOld {
        /// Its id.
        id: KeyId,
    },
    /// The new key is not there: forget it and what was noted, and begin anew.
    Again,
    /// The replacement is over: forget what was noted.
    Done,
}

/// What to do next. `old` is the key that was in use when the replacement began; `keys` is what the control plane lists now.
pub fn next_step(noted: &Renewal, old: &Secret, keys: &[ListedApiKey], now: Timestamp) -> Step {
    let is_good = |key: &&ListedApiKey| key.expires.is_some_and(|end| end > now);
    let old = keys.iter().filter(is_good).find(|key| key.is(old));
    if let Some(made) = &noted.made {
        let new = keys.iter().filter(is_good).find(|key| key.is(made));
        return match (new, old) {
            (None, Some(_)) => Step::Again,
            // Also where neither is listed as good: nothing can be made any more with a key that is over, and whether the
            // new one is taken is found out by trying.
            _ if !noted.in_use => Step::Try,
            (Some(_), Some(old)) => Step::EndOld { id: old.id.clone() },
            (_, None) => Step::Done,
        };
    }
    let (Some(before), Some(ends)) = (&noted.before, noted.ends) else {
        return Step::Note { before: keys.iter().map(|key| key.id.clone()).collect() };
    };
    // Somebody else may have made a key in the meantime; theirs does not end in the same second.
    let mut new = keys.iter().filter(is_good).filter(|key| !before.contains(&key.id));
    match new.find(|key| key.expires.is_some_and(|end| end.seconds() == ends.seconds())) {
        Some(lost) => Step::EndLost { id: lost.id.clone() },
        None => Step::Make { ends },
    }
}

/// How long before its end a key is told to be near it, in days: longest first.
pub const NOTICES: [i64; 3] = [14, 7, 1];

/// Whole days that are left of a key, rounded down; 0 on its last day, negative when it is over.
pub fn days_left(expires: Timestamp, now: Timestamp) -> i64 {
    (expires.seconds() - now.seconds()).div_euclid(24 * 60 * 60)
}

/// The notice that is due: the shortest one whose time has come.
pub fn notice_due(expires: Timestamp, now: Timestamp) -> Option<i64> {
    let left = days_left(expires, now);
    NOTICES.into_iter().rev().find(|days| left < *days)
}

#[cfg(test)]
mod tests;
