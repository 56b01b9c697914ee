//! Who did what, when, before and after. Rows are only ever added, and dropped when they are old (`retention.rs`). Who reads them
//! as the owner of a tailnet changes with its owner (`tailnets/handover.rs`).

use std::fmt::Display;

use model::ids::{AuditId, Id};
use model::{ObjectKind, OfferId, PersonId, ShareEvent, ShareId, TailnetId, Timestamp};
use uuid::Uuid;

use super::Db;
use super::decode::{Damaged, FromRow, Row};

mod change;
mod named;
mod search;
mod what;
mod writing;

pub use change::{ChangedLine, PolicyChange, ReachSummary, summaries};
pub use named::Named;
pub use search::{Reader, Search};
pub use what::{What, parameters};
pub(super) use writing::insert;

/// What is written down about one change.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewEntry {
    pub id: AuditId,
    pub at: Timestamp,
    pub actor: Actor,
    pub what: What,
    pub object: Object,
    pub before: Option<String>,
    pub after: Option<String>,
    /// What became of the policy, if it was written.
    pub policy: Option<PolicyChange>,
    pub tailnet: Option<TailnetId>,
    pub owner: Option<PersonId>,
    pub friend: Option<PersonId>,
}

/// Who did it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Actor {
    Person(PersonId, String),
    /// A job, by itself.
    Acequia,
    /// Whoever runs commands on the machine.
    CommandLine,
}

impl Actor {
    pub const fn id(&self) -> Option<PersonId> {
        match self {
            Self::Person(id, _) => Some(*id),
            Self::Acequia | Self::CommandLine => None,
        }
    }

    pub fn name(&self) -> &str {
        match self {
            Self::Person(_, name) => name,
            Self::Acequia => "Acequia",
            Self::CommandLine => "The command line",
        }
    }
}

/// What it was done to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Object {
    pub kind: ObjectKind,
    pub id: Uuid,
    /// In words, as of then.
    pub name: String,
}

impl Object {
    /// Of this kind, called so now.
    pub fn new<T>(kind: ObjectKind, id: Id<T>, name: impl Into<String>) -> Self {
        Self { kind, id: id.uuid(), name: name.into() }
    }

    pub fn person(id: PersonId, name: &str) -> Self {
        Self::new(ObjectKind::Person, id, name)
    }

    pub fn offer(id: OfferId, service: &str) -> Self {
        Self::new(ObjectKind::Offer, id, format!("offer of {service}"))
    }

    pub fn share(id: ShareId, login: impl Display) -> Self {
        Self::new(ObjectKind::Share, id, format!("share with {login}"))
    }
}

/// A stored entry.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    pub id: AuditId,
    pub at: Timestamp,
    pub actor_id: Option<PersonId>,
    pub actor: String,
    pub what: String,
    /// What happened to a share. Absent in entries from before there were codes, and where it cannot be read.
    pub event: Option<ShareEvent>,
    pub object_kind: ObjectKind,
    pub object_id: Option<Uuid>,
    pub object: String,
    pub before: Option<String>,
    pub after: Option<String>,
    /// Absent where the policy was not written, and where what was kept of it cannot be read: the rest can.
    pub policy: Option<PolicyChange>,
    pub tailnet: Option<TailnetId>,
    /// What it is called now; absent where it is no longer connected.
    pub tailnet_name: Option<String>,
}

impl FromRow for Entry {
    const TABLE: &'static str = "audit";
    const KEY: &'static [&'static str] = &["id"];

    fn from_row(row: &Row<'_>) -> Result<Self, Damaged> {
        Ok(Self {
            id: row.get("id")?,
            at: row.get("at")?,
            actor_id: row.get("actor_id")?,
            actor: row.get("actor")?,
            what: row.get("what")?,
            event: what::read(row.get("code")?, row.get::<Option<String>>("parameters")?.as_deref()),
            object_kind: row.get("object_kind")?,
            object_id: row.get("object_id")?,
            object: row.get("object")?,
            before: row.get("before_text")?,
            after: row.get("after_text")?,
            policy: row.get::<Option<String>>("policy_change")?.and_then(|kept| PolicyChange::read(&kept)),
            tailnet: row.get("tailnet_id")?,
            tailnet_name: row.get("tailnet_name")?,
        })
    }
}

impl Db {
    /// For changes that are not one transaction with their entry, such as those at a control plane.
    pub async fn insert_entry(&self, entry: &NewEntry) -> sqlx::Result<()> {
        let mut tx = self.begin().await?;
        insert(&mut tx, entry).await?;
        tx.commit().await
    }
}
