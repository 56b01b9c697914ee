//! Who did what, when, before and after.

use async_trait::async_trait;
use model::ids::AuditId;
use model::{ObjectKind, ShareEvent, Timestamp};
use serde::Deserialize;

use super::export::{Export, Format};
use super::shares::{DiffLine, ReachLine};
use crate::fault::{Fault, FieldErrors};

/// One change.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    pub id: AuditId,
    pub at: Timestamp,
    /// A person's name, or "Acequia" for what a job did by itself.
    pub actor: String,
    /// A sentence without the actor, such as "offered Minecraft to Dario".
    pub what: String,
    /// What the sentence is made of, where it happened to a share; absent for its friend, and in entries from before.
    pub event: Option<ShareEvent>,
    /// The object's page, if the viewer may see it.
    pub href: Option<String>,
    pub kind: ObjectKind,
    /// The object in words.
    pub object: String,
    /// The tailnet in which it happened, as it is called now; absent where it is no longer connected.
    pub tailnet: Option<String>,
    /// Plain text, secrets masked; absent where there was nothing before.
    pub before: Option<String>,
    pub after: Option<String>,
    /// What became of the policy, where it was written.
    pub policy: Option<PolicyChange>,
}

/// What one write of a policy changed: its text, and who reaches what. Bounded; what is left out is counted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PolicyChange {
    pub diff: Vec<DiffLine>,
    pub more_lines: usize,
    pub gained: Vec<ReachLine>,
    pub more_gained: usize,
    pub lost: Vec<ReachLine>,
    pub more_lost: usize,
}

/// What is asked of the trail, as typed; what is empty filters nothing. Names or ids, but for a share, which has no name.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub struct Filters {
    /// Words that must appear in what happened, or the object.
    pub q: String,
    pub person: String,
    pub tailnet: String,
    pub machine: String,
    pub service: String,
    pub share: String,
    /// One of `model::EntryKind`.
    pub kind: String,
    /// The first and the last day, like `2026-12-24`, in UTC.
    pub from: String,
    pub until: String,
}

impl Filters {
    /// Names as in the address, with what was typed.
    pub fn pairs(&self) -> [(&'static str, &str); 9] {
        [
            ("q", self.q.as_str()),
            ("person", self.person.as_str()),
            ("tailnet", self.tailnet.as_str()),
            ("machine", self.machine.as_str()),
            ("service", self.service.as_str()),
            ("share", self.share.as_str()),
            ("kind", self.kind.as_str()),
            ("from", self.from.as_str()),
            ("until", self.until.as_str()),
        ]
    }

    pub fn is_empty(&self) -> bool {
        self.pairs().iter().all(|(_, value)| value.is_empty())
    }
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Query {
    pub filters: Filters,
    /// The id of the last entry of the page before.
    pub after: Option<AuditId>,
}

/// A filter that holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Active {
    /// As in the address.
    pub name: &'static str,
    /// In words, such as "Machine: maple".
    pub words: String,
}

/// One of several that have the name that was typed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Choice {
    /// The filter, as in the address.
    pub name: &'static str,
    /// What it would be set to.
    pub value: String,
    pub words: String,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Page {
    /// None where a filter is not understood.
    pub entries: Vec<Entry>,
    pub next: Option<AuditId>,
    pub active: Vec<Active>,
    /// What is wrong with a filter, by its name.
    pub errors: FieldErrors,
    pub choices: Vec<Choice>,
    /// How long entries are kept, and which are never dropped, as sentences.
    pub kept: Vec<String>,
}

#[async_trait]
pub trait Audit: Send + Sync {
    /// What the viewer may see, newest first, fifty at a time.
    async fn list(&self, query: Query) -> Result<Page, Fault>;
    /// One of them.
    async fn get(&self, id: AuditId) -> Result<Entry, Fault>;
    /// All of what [`Self::list`] lists page by page, as a file.
    ///
    /// # Errors
    /// [`Fault::Invalid`] where a filter is not understood.
    async fn export(&self, filters: Filters, format: Format) -> Result<Box<dyn Export>, Fault>;
}
