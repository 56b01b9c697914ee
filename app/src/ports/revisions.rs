//! Firewall texts of a machine, one after the other: what each changed, and what the current one says differently.

use async_trait::async_trait;
use model::{NodeId, Revision, TailnetId, Timestamp};

use super::gate::Gate;
use super::shares::DiffLine;
use crate::fault::Fault;

/// One text in the list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RevisionRow {
    pub number: Revision,
    pub made: Timestamp,
    /// What it changed against the one before, in words.
    pub changes: Vec<String>,
    pub current: bool,
}

/// Another kind of host that a text was made for before: it may still be in place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EarlierKind {
    pub label: String,
    /// Takes it away, in a command.
    pub undo: String,
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RevisionList {
    /// Newest first.
    pub rows: Vec<RevisionRow>,
    /// There are older ones than these.
    pub more: bool,
    pub earlier: Option<EarlierKind>,
}

/// One text, whole.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RevisionView {
    pub tailnet: TailnetId,
    pub node_id: NodeId,
    pub node: String,
    pub row: RevisionRow,
    /// The number of the current one.
    pub newest: Revision,
    /// The kind of host in words; absent if none was chosen then, nor since.
    pub kind: Option<String>,
    pub text: String,
    /// What changed since then, in words.
    pub since: Vec<String>,
    /// From this text to the current one, but for the number.
    pub diff: Vec<DiffLine>,
    /// The shares that it covered, as they are now.
    pub gates: Vec<Gate>,
}

#[async_trait]
pub trait Revisions: Send + Sync {
    async fn list(&self, node: NodeId) -> Result<RevisionList, Fault>;
    async fn get(&self, node: NodeId, number: Revision) -> Result<RevisionView, Fault>;
}
