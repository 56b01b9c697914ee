//! What became of something that was asked for and not done.

use serde::{Deserialize, Serialize};

/// What was changed. This is the one place in which it is said.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Changed {
    /// Nothing.
    Nothing,
    /// A call was sent, and nobody knows whether it had its effect.
    Unknown,
    /// What happened tells it, or nothing was asked to change.
    AsSaid,
}

impl Changed {
    /// What happened, as a sentence, and behind it what was changed.
    pub fn after(self, why: &str) -> String {
        match self {
            Self::Nothing => format!("{why} Nothing was changed."),
            Self::Unknown => format!(
                "{why} Whether it was done all the same is not known: read the tailnet afresh before trying again."
            ),
            Self::AsSaid => why.to_owned(),
        }
    }
}
