//! Who did what, when, before and after.

use async_trait::async_trait;
use model::{Timestamp, ids::AuditId};

use crate::fault::Fault;

/// One change.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    pub id: AuditId,
    pub at: Timestamp,
    /// A person's name, or "Acequia" for what a job did by itself.
    pub actor: String,
    /// A sentence without the actor, such as "offered Minecraft to Dario".
    pub what: String,
    /// The object's page, if the viewer may see it.
    pub href: Option<String>,
    /// The object in words.
    pub object: String,
    /// Plain text, secrets masked; absent where there was nothing before.
    pub before: Option<String>,
    pub after: Option<String>,
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Query {
    /// Words that must appear in what happened, or the object.
    pub q: String,
    /// The id of the last entry of the page before.
    pub after: Option<AuditId>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Page {
    pub entries: Vec<Entry>,
    pub next: Option<AuditId>,
}

#[async_trait]
pub trait Audit: Send + Sync {
    /// What the viewer may see, newest first, fifty at a time.
    async fn list(&self, query: Query) -> Result<Page, Fault>;
}
