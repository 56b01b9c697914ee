//! Who did what, when, before and after. Rows are only ever added.

use model::{ObjectKind, PersonId, TailnetId, Timestamp, ids::AuditId};
use uuid::Uuid;

use super::decode::{Damaged, FromRow, Listed, Row};
use super::{Db, Tx};

/// What is written down about one change.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewEntry {
    pub id: AuditId,
    pub at: Timestamp,
    pub actor: Actor,
    /// A sentence without the actor.
    pub what: String,
    pub object: Object,
    pub before: Option<String>,
    pub after: Option<String>,
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

/// A stored entry.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    pub id: AuditId,
    pub at: Timestamp,
    pub actor_id: Option<PersonId>,
    pub actor: String,
    pub what: String,
    pub object_kind: ObjectKind,
    pub object_id: Option<Uuid>,
    pub object: String,
    pub before: Option<String>,
    pub after: Option<String>,
    pub tailnet: Option<TailnetId>,
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
            object_kind: row.get("object_kind")?,
            object_id: row.get("object_id")?,
            object: row.get("object")?,
            before: row.get("before_text")?,
            after: row.get("after_text")?,
            tailnet: row.get("tailnet_id")?,
        })
    }
}

/// Writes an entry in the transaction of the change that it is about.
pub(super) async fn insert(tx: &mut Tx, entry: &NewEntry) -> sqlx::Result<()> {
    tx.query(
        "INSERT INTO audit (id, at, actor_id, actor, what, object_kind, object_id, object, before_text,
            after_text, tailnet_id, owner_id, friend_id)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)",
        (
            entry.id,
            entry.at,
            entry.actor.id(),
            entry.actor.name(),
            &entry.what,
            entry.object.kind,
            entry.object.id,
            &entry.object.name,
            &entry.before,
            &entry.after,
            entry.tailnet,
            entry.owner,
            entry.friend,
        ),
    )
    .execute()
    .await
    .map(drop)
}

impl Db {
    /// For changes that are not one transaction with their entry, such as those at a control plane.
    pub async fn insert_entry(&self, entry: &NewEntry) -> sqlx::Result<()> {
        let mut tx = self.begin().await?;
        insert(&mut tx, entry).await?;
        tx.commit().await
    }

    /// Entries that somebody may read, newest first: their own deeds, those in their tailnets, and those about
    /// their shares. `like` is lower case with wildcards; empty for everything.
    pub async fn list_entries(
        &self,
        viewer: PersonId,
        object: Option<Uuid>,
        like: &str,
        after: Option<AuditId>,
        limit: i64,
    ) -> sqlx::Result<Vec<Entry>> {
        // Newest first, and uuid v7 sorts by time: one key does both.
        let before = after.map_or(Uuid::max(), AuditId::uuid);
        let all = self
            .query(
                "SELECT a.id, a.at, a.actor_id, a.actor, a.what, a.object_kind, a.object_id, a.object,
                a.before_text, a.after_text, a.tailnet_id
             FROM audit a
             WHERE (a.actor_id = $1 OR a.owner_id = $1 OR a.friend_id = $1
                 OR a.tailnet_id IN (SELECT tailnet_id FROM stewards WHERE person_id = $1))
                AND ($2 = 0 OR a.object_id = $3)
                AND ($4 = '' OR lower(a.actor || ' ' || a.what || ' ' || a.object) LIKE $4 ESCAPE '!')
                AND a.id < $5
             ORDER BY a.id DESC LIMIT $6",
                (viewer, i64::from(object.is_some()), object.unwrap_or_default(), like, before, limit),
            )
            .fetch_listed();
        // One that cannot be read hides none of the others.
        all.await.map(Listed::readable)
    }
}
