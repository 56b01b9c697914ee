//! Who did what, when, before and after. Rows are only ever added.

use model::{PersonId, TailnetId, Timestamp, ids::AuditId};
use uuid::Uuid;

use super::Db;
use crate::on;

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
    /// `person`, `tailnet`, `node`, `service`, `offer` or `share`.
    pub kind: &'static str,
    pub id: Uuid,
    /// In words, as of then.
    pub name: String,
}

/// A stored entry.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct Entry {
    pub id: Uuid,
    pub at: i64,
    pub actor_id: Option<Uuid>,
    pub actor: String,
    pub what: String,
    pub object_kind: String,
    pub object_id: Option<Uuid>,
    pub object: String,
    pub before_text: Option<String>,
    pub after_text: Option<String>,
    pub tailnet_id: Option<Uuid>,
    pub owner_id: Option<Uuid>,
    pub friend_id: Option<Uuid>,
}

/// Writes an entry in the transaction of the change that it is about.
macro_rules! insert {
    ($tx:expr, $entry:expr) => {{
        let entry: &$crate::store::audit::NewEntry = $entry;
        sqlx::query(
            "INSERT INTO audit (id, at, actor_id, actor, what, object_kind, object_id, object, before_text,
                after_text, tailnet_id, owner_id, friend_id)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)",
        )
        .bind(entry.id)
        .bind(entry.at)
        .bind(entry.actor.id().map(model::PersonId::uuid))
        .bind(entry.actor.name())
        .bind(&entry.what)
        .bind(entry.object.kind)
        .bind(entry.object.id)
        .bind(&entry.object.name)
        .bind(&entry.before)
        .bind(&entry.after)
        .bind(entry.tailnet.map(model::TailnetId::uuid))
        .bind(entry.owner.map(model::PersonId::uuid))
        .bind(entry.friend.map(model::PersonId::uuid))
        .execute(&mut *$tx)
        .await?;
    }};
}
pub(super) use insert;

impl Db {
    /// For changes that are not one transaction with their entry, such as those at a control plane.
    pub async fn insert_entry(&self, entry: &NewEntry) -> sqlx::Result<()> {
        on!(self, pool => {
            let mut connection = pool.acquire().await?;
            insert!(connection, entry);
            Ok(())
        })
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
        on!(self, pool => sqlx::query_as::<_, Entry>(
            "SELECT a.id, a.at, a.actor_id, a.actor, a.what, a.object_kind, a.object_id, a.object,
                a.before_text, a.after_text, a.tailnet_id, a.owner_id, a.friend_id
             FROM audit a
             WHERE (a.actor_id = $1 OR a.owner_id = $1 OR a.friend_id = $1
                 OR a.tailnet_id IN (SELECT tailnet_id FROM stewards WHERE person_id = $1))
                AND ($2 = 0 OR a.object_id = $3)
                AND ($4 = '' OR lower(a.actor || ' ' || a.what || ' ' || a.object) LIKE $4 ESCAPE '!')
                AND a.id < $5
             ORDER BY a.id DESC LIMIT $6")
            .bind(viewer).bind(i64::from(object.is_some())).bind(object.unwrap_or_default())
            .bind(like).bind(before).bind(limit).fetch_all(pool).await)
    }
}
