//! How long a share is open, as it stands in a rule.

use model::Timestamp;
use serde::{Deserialize, Serialize};

/// 2026-01-01T00:00:00Z. A share with an end opens from here on and not before, so that a host whose clock
/// starts in 1970 opens nothing. A constant, so that the bytes depend on the input only.
pub const NOT_BEFORE: Timestamp = Timestamp::from_seconds(1_767_225_600);

/// 2255-03-14T16:00:00Z. A later end is written as this one: nft counts nanoseconds in 64 bits.
pub const LAST_END: Timestamp = Timestamp::from_seconds(9_000_000_000);

/// When a share is open.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Opening {
    /// Until a later revision leaves the share out.
    Always,
    /// From [`NOT_BEFORE`] up to and including this time.
    Until(Timestamp),
    /// It ended before [`NOT_BEFORE`]: never open, no rule is written.
    Ended,
}

impl Opening {
    pub(crate) fn new(until: Option<Timestamp>) -> Self {
        match until {
            None => Self::Always,
            Some(until) if until.seconds() > NOT_BEFORE.seconds() => Self::Until(until.min(LAST_END)),
            Some(_) => Self::Ended,
        }
    }

    /// Whether it is open at `time`, to the second.
    pub fn contains(self, time: Timestamp) -> bool {
        match self {
            Self::Always => true,
            Self::Until(until) => (NOT_BEFORE.seconds()..=until.seconds()).contains(&time.seconds()),
            Self::Ended => false,
        }
    }
}
