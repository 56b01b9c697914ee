//! The simulated time.

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

/// Real time with an offset, or a moment that stands still.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub enum Clock {
    Running(SignedDuration),
    Pinned(Timestamp),
}

impl Clock {
    #[expect(clippy::disallowed_methods, reason = "this is the clock")]
    pub fn now(self) -> Timestamp {
        match self {
            Self::Running(offset) => Timestamp::now().checked_add(offset).unwrap_or(Timestamp::MAX),
            Self::Pinned(at) => at,
        }
    }

    pub fn advance(&mut self, by: SignedDuration) {
        match self {
            Self::Running(offset) => *offset = offset.saturating_add(by),
            Self::Pinned(at) => *at = at.checked_add(by).unwrap_or(Timestamp::MAX),
        }
    }
}

/// As the API writes times: whole seconds, UTC.
pub fn wire(time: Timestamp) -> String {
    time.strftime("%Y-%m-%dT%H:%M:%SZ").to_string()
}
