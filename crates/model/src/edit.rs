//! Edits of a policy that are no share.

use std::fmt;
use std::str::FromStr;

use crate::Timestamp;
use crate::ids::{EditId, ExposureId};

/// What an edit does. Its text form is stored, and stands in addresses and forms.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum EditKind {
    /// Wildcard sources name who they mean.
    Narrow,
    /// Ends one finding about rules in vain, by its fingerprint.
    Lint(String),
    /// Takes out the rule of a share that is over, by its mark.
    TakeOut(String),
    /// Takes back what somebody reaches beyond what was agreed.
    Withhold(ExposureId),
    /// Takes back an edit that was made here.
    Undo(EditId),
}

impl fmt::Display for EditKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Narrow => f.write_str("narrow"),
            Self::Lint(finding) => write!(f, "lint:{finding}"),
            Self::TakeOut(mark) => write!(f, "take-out:{mark}"),
            Self::Withhold(exposure) => write!(f, "withhold:{exposure}"),
            Self::Undo(edit) => write!(f, "undo:{edit}"),
        }
    }
}

/// The text names no edit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("there is no such edit")]
pub struct EditKindError;

impl FromStr for EditKind {
    type Err = EditKindError;

    fn from_str(text: &str) -> Result<Self, EditKindError> {
        let plain = |rest: &str| rest.len() <= 80 && rest.bytes().all(|b| b.is_ascii_graphic());
        match text.split_once(':') {
            None if text == "narrow" => Ok(Self::Narrow),
            Some(("lint", rest)) if plain(rest) => Ok(Self::Lint(rest.into())),
            Some(("take-out", rest)) if plain(rest) => Ok(Self::TakeOut(rest.into())),
            Some(("withhold", rest)) => rest.parse().map(Self::Withhold).map_err(|_| EditKindError),
            Some(("undo", rest)) => rest.parse().map(Self::Undo).map_err(|_| EditKindError),
            _ => Err(EditKindError),
        }
    }
}

/// How far an edit is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum EditState {
    /// It is being written.
    Applying {
        /// What it waits for, in words, if it waits.
        why: Option<String>,
    },
    /// It stands in the policy.
    Applied {
        /// When it was seen there first.
        at: Timestamp,
    },
    /// Nothing was written.
    Stopped {
        /// Why, in words.
        why: String,
    },
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_an_edit_does_is_read_back_from_its_address() {
        let edit = "0".repeat(32).parse().unwrap();
        let exposure = "0".repeat(32).parse().unwrap();
        for kind in [
            EditKind::Narrow,
            EditKind::Lint("0a1b".into()),
            EditKind::TakeOut("mc-1".into()),
            EditKind::Withhold(exposure),
            EditKind::Undo(edit),
        ] {
            assert_eq!(kind.to_string().parse(), Ok(kind));
        }
        for wrong in ["", "narrow:", "widen", "lint", "undo:x", "lint:a b", "lint:\u{e9}"] {
            assert_eq!(wrong.parse::<EditKind>(), Err(EditKindError), "{wrong:?}");
        }
    }
}
