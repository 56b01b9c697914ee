//! Edits of a policy that are no share: narrowing it, taking out what is said in vain, and taking an edit back.
//! Each is planned, looked at, written and recorded by itself, and can be undone.

use std::fmt;
use std::str::FromStr;

use async_trait::async_trait;
use model::ids::EditId;
use model::{ShareId, TailnetId, Timestamp};

use super::audit::Entry;
use super::shares::{DiffLine, ReachLine};
use crate::fault::Fault;

/// What an edit does. Its text form stands in addresses and forms.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum What {
    /// Wildcard sources name who they mean.
    Narrow,
    /// Ends one finding about rules in vain, by its fingerprint.
    Lint(String),
    /// Takes out the rule of a share that is over, by its mark.
    TakeOut(String),
    /// Takes back an edit that was made here.
    Undo(EditId),
}

impl fmt::Display for What {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Narrow => f.write_str("narrow"),
            Self::Lint(finding) => write!(f, "lint:{finding}"),
            Self::TakeOut(mark) => write!(f, "take-out:{mark}"),
            Self::Undo(edit) => write!(f, "undo:{edit}"),
        }
    }
}

/// The text names no edit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct WhatError;

impl FromStr for What {
    type Err = WhatError;

    fn from_str(text: &str) -> Result<Self, WhatError> {
        let plain = |rest: &str| rest.len() <= 80 && rest.bytes().all(|b| b.is_ascii_graphic());
        match text.split_once(':') {
            None if text == "narrow" => Ok(Self::Narrow),
            Some(("lint", rest)) if plain(rest) => Ok(Self::Lint(rest.into())),
            Some(("take-out", rest)) if plain(rest) => Ok(Self::TakeOut(rest.into())),
            Some(("undo", rest)) => rest.parse().map(Self::Undo).map_err(|_| WhatError),
            _ => Err(WhatError),
        }
    }
}

/// An edit before it is made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PlanView {
    pub tailnet: TailnetId,
    pub tailnet_name: String,
    pub what: What,
    pub title: String,
    /// What it is for, in a sentence.
    pub about: String,
    /// Names what the owner looked at; posted back.
    pub plan: String,
    pub read: Timestamp,
    pub gains: Vec<ReachLine>,
    pub loses: Vec<ReachLine>,
    pub diff: Vec<DiffLine>,
    /// What the control plane says about the new text.
    pub verdict: String,
    /// What to know first, most important first.
    pub warnings: Vec<String>,
    /// The whole new text, where it may not be written from here.
    pub manual: Option<String>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum EditState {
    /// It is being written; `why` tells what it waits for, if it waits.
    Applying {
        why: Option<String>,
    },
    Applied {
        at: Timestamp,
    },
    /// Nothing was written.
    Stopped {
        why: String,
    },
}

/// An edit in a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EditLine {
    pub id: EditId,
    pub title: String,
    pub by: String,
    pub begun: Timestamp,
    pub state: EditState,
    pub undone: bool,
}

/// The page of one edit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EditView {
    pub tailnet: TailnetId,
    pub tailnet_name: String,
    pub line: EditLine,
    /// The share that it was needed for.
    pub share: Option<ShareId>,
    pub gains: Vec<ReachLine>,
    pub loses: Vec<ReachLine>,
    pub diff: Vec<DiffLine>,
    pub can_undo: bool,
    /// The edit that took this one back.
    pub undone_by: Option<EditId>,
    pub history: Vec<Entry>,
}

#[async_trait]
pub trait Edits: Send + Sync {
    /// Reads policy and network afresh and plans the edit.
    ///
    /// # Errors
    /// [`Fault::Conflict`] when there is nothing to do, or it cannot be done safely: with the reason.
    async fn plan(&self, tailnet: TailnetId, what: What) -> Result<PlanView, Fault>;
    /// Begins to write it. `plan` is from the page that was looked at.
    ///
    /// # Errors
    /// [`Fault::Conflict`] when the policy or what the edit changes in reach is no longer what was looked at.
    async fn apply(&self, tailnet: TailnetId, what: What, plan: String) -> Result<EditId, Fault>;
    async fn get(&self, id: EditId) -> Result<EditView, Fault>;
    /// Of one tailnet, newest first.
    async fn list(&self, tailnet: TailnetId) -> Result<Vec<EditLine>, Fault>;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_an_edit_does_is_read_back_from_its_address() {
        let edit = "0".repeat(32).parse().unwrap();
        for what in [What::Narrow, What::Lint("0a1b".into()), What::TakeOut("mc-1".into()), What::Undo(edit)]
        {
            assert_eq!(what.to_string().parse(), Ok(what));
        }
        for wrong in ["", "narrow:", "widen", "lint", "undo:x", "lint:a b", "lint:\u{e9}"] {
            assert_eq!(wrong.parse::<What>(), Err(WhatError), "{wrong:?}");
        }
    }
}
