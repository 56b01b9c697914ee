//! What a provider says of a person who signed in through it.

use model::ids::IdentityId;
use model::{PersonId, Timestamp};
use sqlx::FromRow;

use super::{Db, audit, people};
use crate::{in_transaction, on};

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Identity {
    pub id: IdentityId,
    pub person: PersonId,
    pub provider: String,
    pub subject: String,
    pub label: String,
    /// Verified by the provider.
    pub email: Option<String>,
    pub linked: Timestamp,
}

#[derive(FromRow)]
struct Row {
    id: IdentityId,
    person_id: PersonId,
    provider: String,
    subject: String,
    label: String,
    email: Option<String>,
    linked: Timestamp,
}

impl From<Row> for Identity {
    fn from(row: Row) -> Self {
        Self {
            id: row.id,
            person: row.person_id,
            provider: row.provider,
            subject: row.subject,
            label: row.label,
            email: row.email,
            linked: row.linked,
        }
    }
}

pub(super) const INSERT: &str = "INSERT INTO identities (id, person_id, provider, subject, label, email, linked) \
                                 VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (provider, subject) DO NOTHING";

/// Says whether it is new: two sign-ins at once may bring the same one.
macro_rules! insert_row {
    ($identity:expr, $to:expr) => {
        sqlx::query($crate::store::identities::INSERT)
            .bind($identity.id)
            .bind($identity.person)
            .bind(&$identity.provider)
            .bind(&$identity.subject)
            .bind(&$identity.label)
            .bind(&$identity.email)
            .bind($identity.linked)
            .execute($to)
            .await
            .map(|done| done.rows_affected() == 1)
    };
}
pub(super) use insert_row;

/// Links one more identity to a person who is there already.
pub async fn insert(db: &Db, identity: &Identity) -> sqlx::Result<()> {
    on!(db, pool => insert_row!(identity, pool).map(drop))
}

/// The same with the entry about it. `false`: somebody has it by now, perhaps they themselves; or its person may no
/// longer come in.
pub async fn link(db: &Db, identity: &Identity, entry: &audit::NewEntry) -> sqlx::Result<bool> {
    Ok(in_transaction!(db, tx => {
        let linked = people::is_here!(tx, identity.person) && insert_row!(identity, &mut *tx)?;
        if linked {
            audit::insert!(tx, entry);
        }
        linked
    }))
}

pub async fn find(db: &Db, provider: &str, subject: &str) -> sqlx::Result<Option<Identity>> {
    let sql = "SELECT id, person_id, provider, subject, label, email, linked FROM identities \
               WHERE provider = $1 AND subject = $2";
    let row: Option<Row> =
        on!(db, pool => sqlx::query_as(sql).bind(provider).bind(subject).fetch_optional(pool).await)?;
    Ok(row.map(Identity::from))
}

/// A person's identities, the oldest first.
pub async fn list(db: &Db, person: PersonId) -> sqlx::Result<Vec<Identity>> {
    let sql = "SELECT id, person_id, provider, subject, label, email, linked FROM identities \
               WHERE person_id = $1 ORDER BY id";
    let rows: Vec<Row> = on!(db, pool => sqlx::query_as(sql).bind(person).fetch_all(pool).await)?;
    Ok(rows.into_iter().map(Identity::from).collect())
}

/// The provider has new words for the same person.
pub async fn refresh(db: &Db, id: IdentityId, label: &str, email: Option<&str>) -> sqlx::Result<()> {
    let sql = "UPDATE identities SET label = $2, email = $3 WHERE id = $1";
    on!(db, pool => sqlx::query(sql).bind(id).bind(label).bind(email).execute(pool).await.map(drop))
}

/// Removes an identity of this person, unless it is the only one. Says whether it did.
pub async fn remove_unless_last(
    db: &Db,
    person: PersonId,
    id: IdentityId,
    entry: &audit::NewEntry,
) -> sqlx::Result<bool> {
    let sql = "DELETE FROM identities WHERE id = $1 AND person_id = $2 \
               AND (SELECT COUNT(*) FROM identities WHERE person_id = $2) > 1";
    // Two at once could each see the other's; whoever holds the person's row goes first.
    let lock = "UPDATE people SET name = name WHERE id = $1";
    let removed = in_transaction!(db, tx => {
        sqlx::query(lock).bind(person).execute(&mut *tx).await?;
        let removed = sqlx::query(sql).bind(id).bind(person).execute(&mut *tx).await?;
        let removed = removed.rows_affected() == 1;
        if removed {
            audit::insert!(tx, entry);
        }
        removed
    });
    Ok(removed)
}
