//! How calls went, counted for whoever watches.

use std::sync::atomic::{AtomicU64, Ordering};

/// How a call went.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Outcome {
    /// It was done.
    Done,
    /// The answer is a no, such as a credential that is not taken.
    Refused,
    /// The other side broke, or asks for patience.
    Failed,
    /// There was no answer, or none that can be read.
    Unanswered,
}

impl Outcome {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Done, Self::Refused, Self::Failed, Self::Unanswered];

    /// As in figures.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Done => "done",
            Self::Refused => "refused",
            Self::Failed => "failed",
            Self::Unanswered => "unanswered",
        }
    }

    /// What the status of an answer says; `None`: there was none.
    pub(crate) fn of(status: Option<u16>) -> Self {
        match status {
            None => Self::Unanswered,
            Some(429 | 500..) => Self::Failed,
            Some(400..) => Self::Refused,
            Some(_) => Self::Done,
        }
    }
}

/// Counted since it was made. Every attempt counts.
#[derive(Debug, Default)]
pub struct Tally([AtomicU64; 4]);

impl Tally {
    pub(crate) fn add(&self, outcome: Outcome) {
        self.0[outcome as usize].fetch_add(1, Ordering::Relaxed);
    }

    /// How many calls went so.
    pub fn count(&self, outcome: Outcome) -> u64 {
        self.0[outcome as usize].load(Ordering::Relaxed)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_that_asks_for_patience_is_no_refusal() {
        let tally = Tally::default();
        for status in [Some(200), Some(304), Some(404), Some(412), Some(429), Some(503), None] {
            tally.add(Outcome::of(status));
        }
        assert_eq!(Outcome::ALL.map(|outcome| tally.count(outcome)), [2, 2, 2, 1]);
    }
}
