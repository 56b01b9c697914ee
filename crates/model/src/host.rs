//! What is known of the text in force on a machine's host.

use serde::{Deserialize, Serialize};

use crate::words::words;
use crate::{Revision, Timestamp};

/// What a host may say with its token, besides fetching its text.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct May {
    /// Which devices friends have.
    pub tells: bool,
    /// What runs there, as its own configuration lists it.
    pub lists: bool,
}

words! {
    /// Whether a guard that is in force holds anything: whether what comes in through the tailnet comes by it.
    Hold, "hold of a guard":
    /// It does.
    Holds = "holds",
    /// Something had taken its table out: it was put back.
    Flushed = "flushed",
    /// The interface that it looks at is not there: it has another name, or there is none.
    NoInterface = "no_interface",
    /// Its counter stays at nothing while packets come in.
    Blind = "blind",
}

words! {
    /// How much of a share the filter holds that the machine's own client has.
    Held, "hold of a filter":
    /// All of its ports are let in.
    All = "all",
    /// Some of them are.
    Some = "some",
    /// Nothing of it is.
    None = "none",
}

/// What a machine told of a share.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ToldOfShare {
    /// How much of it is let in.
    pub held: Held,
    /// Since when it has told the same.
    pub since: Timestamp,
    /// When it told so last.
    pub told: Timestamp,
}

/// What was found on a host, against the current text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Found {
    /// It is in place, and whole.
    Current,
    /// An older one.
    Older,
    /// It is the current one by its number, but its rules are others.
    Altered,
    /// No rule of ours was there.
    Nothing,
    /// Something took the rules out, and the host has put them back.
    Flushed,
    /// There is no such interface as the one that the guard looks at.
    NoInterface,
    /// The guard sees nothing of what comes in.
    Blind,
}

/// What a host said of itself when it fetched.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Told {
    /// When.
    pub at: Timestamp,
    /// What it had in force; none if that was nothing that was made here.
    pub revision: Revision,
    /// Whether its guard holds anything; absent: it does not tell.
    pub hold: Option<Hold>,
}

/// Rules that somebody pasted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pasted {
    /// When.
    pub at: Timestamp,
    /// The revision that they name.
    pub revision: Revision,
    /// Whether they were all of it, unaltered.
    pub whole: bool,
    /// Whether they hold anything, if what was pasted tells.
    pub hold: Option<Hold>,
}

/// Who said what is in place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Proof {
    /// The host, when it fetched.
    Told,
    /// Rules that were pasted.
    Pasted,
}

/// What was last known to be in force on the host.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct InPlace {
    /// When that was.
    pub at: Timestamp,
    /// Which text.
    pub revision: Revision,
    /// Against the current one.
    pub found: Found,
    /// Who said so.
    pub proof: Proof,
}

/// What is in place, if anybody knows, from what the host said when it fetched and from what was pasted: the newer one
/// counts. But a number that a host says does not outweigh rules that were looked at and found to be others.
pub fn in_place(current: Revision, told: Option<Told>, pasted: Option<Pasted>) -> Option<InPlace> {
    let found = |revision: Revision, whole: bool, hold| match hold {
        Some(Hold::Flushed) => Found::Flushed,
        Some(Hold::NoInterface) => Found::NoInterface,
        Some(Hold::Blind) => Found::Blind,
        Some(Hold::Holds) | None if !whole && revision.is_none() => Found::Nothing,
        Some(Hold::Holds) | None if revision != current => Found::Older,
        Some(Hold::Holds) | None if whole => Found::Current,
        Some(Hold::Holds) | None => Found::Altered,
    };
    let holds = |hold: Option<Hold>| matches!(hold, None | Some(Hold::Holds));
    let altered = pasted.and_then(|pasted| (!pasted.whole && holds(pasted.hold)).then_some(pasted.revision));
    // Who has nothing of ours in force says nothing of it, unless it is that a guard holds nothing.
    let told =
        told.filter(|told| !holds(told.hold) || !told.revision.is_none() && altered != Some(told.revision));
    let told = told.map(|Told { at, revision, hold }| InPlace {
        at,
        revision,
        found: found(revision, true, hold),
        proof: Proof::Told,
    });
    let pasted = pasted.map(|Pasted { at, revision, whole, hold }| InPlace {
        at,
        revision,
        found: found(revision, whole, hold),
        proof: Proof::Pasted,
    });
    told.into_iter().chain(pasted).max_by_key(|known| known.at)
}
