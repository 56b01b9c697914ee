//! Edits of a policy that are no share: narrowing it, taking out what is said in vain, and taking an edit back.
//! Each is planned, looked at, written and recorded by itself, and can be undone.

use async_trait::async_trait;
use model::ids::EditId;
use model::{EditKind, EditState, ShareId, TailnetId, Timestamp};

use super::audit::Entry;
use super::shares::{DiffLine, ReachLine};
use crate::fault::Fault;

/// An edit before it is made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PlanView {
    pub tailnet: TailnetId,
    pub tailnet_name: String,
    pub what: EditKind,
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
    async fn plan(&self, tailnet: TailnetId, what: EditKind) -> Result<PlanView, Fault>;
    /// Begins to write it. `plan` is from the page that was looked at.
    ///
    /// # Errors
    /// [`Fault::Conflict`] when the policy or what the edit changes in reach is no longer what was looked at.
    async fn apply(&self, tailnet: TailnetId, what: EditKind, plan: String) -> Result<EditId, Fault>;
    async fn get(&self, id: EditId) -> Result<EditView, Fault>;
    /// Of one tailnet, newest first.
    async fn list(&self, tailnet: TailnetId) -> Result<Vec<EditLine>, Fault>;
}
