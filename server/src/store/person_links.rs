//! Links with which somebody who lost their way to sign in comes back: good once, kept as a hash.

use model::{PersonId, Timestamp};
use uuid::Uuid;

use super::identities::{self, Identity};
use super::standing::{Deed, Refusal};
use super::{Db, audit};
use crate::{in_transaction, on};

/// How long a link is good. One whose end lies further ahead was made by a clock that was wrong, and is over.
pub const LIFETIME_SECONDS: i64 = 86_400;

/// What became of a link that somebody came with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Used {
    Done,
    /// It is used, over, replaced, or its person may not come in.
    Gone,
    /// The way to sign in belongs to another person here. The link is still good.
    OfSomebodyElse,
}

/// Whose link it is, while it can be used.
///
/// # Errors
/// When the store fails.
pub async fn find(db: &Db, token_hash: &str, now: Timestamp) -> sqlx::Result<Option<(PersonId, String)>> {
    let sql = "SELECT p.id, p.name FROM person_links l JOIN people p ON p.id = l.person_id \
               WHERE l.token_hash = $1 AND l.ends > $2 AND l.ends <= $3 AND p.standing = 'here'";
    let longest = now.plus_seconds(LIFETIME_SECONDS + Timestamp::SKEW_SECONDS);
    let row: Option<(Uuid, String)> = on!(db, pool => sqlx::query_as(sql).bind(token_hash).bind(now).bind(longest).fetch_optional(pool).await)?;
    Ok(row.map(|(id, name)| (PersonId::new(id), name)))
}

/// Keeps a new link; the one before is good no more.
///
/// # Errors
/// When the store fails; then nothing was done.
pub async fn put(
    db: &Db,
    deed: &Deed,
    token_hash: &str,
    ends: Timestamp,
) -> sqlx::Result<Result<(), Refusal>> {
    let Deed { person, now, entry } = deed;
    let sql = "INSERT INTO person_links (person_id, token_hash, made, ends) \
               SELECT id, $2, $3, $4 FROM people WHERE id = $1 AND standing = 'here' \
               ON CONFLICT (person_id) DO UPDATE SET token_hash = excluded.token_hash, made = excluded.made, \
               ends = excluded.ends";
    let made = in_transaction!(db, tx => {
        let made = sqlx::query(sql).bind(person).bind(token_hash).bind(now).bind(ends)
            .execute(&mut *tx).await?.rows_affected() == 1;
        if made {
            audit::insert!(tx, entry);
        }
        made
    });
    Ok(if made { Ok(()) } else { Err(Refusal::Unknown) })
}

/// Uses a link up: the identity is its person's from now on, and all their sessions end.
///
/// # Errors
/// When the store fails; then nothing was done.
pub async fn take(
    db: &Db,
    token_hash: &str,
    identity: &Identity,
    now: Timestamp,
    entry: &audit::NewEntry,
) -> sqlx::Result<Used> {
    let person = identity.person.uuid();
    // Whoever holds the person's row goes first: of two who come with the same link at once, one finds it used.
    let lock = "UPDATE people SET name = name WHERE id = $1 AND standing = 'here'";
    let good = "SELECT COUNT(*) FROM person_links WHERE person_id = $1 AND token_hash = $2 AND ends > $3 AND ends <= $4";
    let longest = now.plus_seconds(LIFETIME_SECONDS + Timestamp::SKEW_SECONDS);
    let whose = "SELECT person_id FROM identities WHERE provider = $1 AND subject = $2";
    let used = in_transaction!(db, tx => {
        sqlx::query(lock).bind(person).execute(&mut *tx).await?;
        let (good,): (i64,) = sqlx::query_as(good).bind(person).bind(token_hash).bind(now).bind(longest)
            .fetch_one(&mut *tx).await?;
        if good == 1 {
            identities::insert_row!(identity, &mut *tx)?;
            let (whose,): (Uuid,) = sqlx::query_as(whose).bind(&identity.provider).bind(&identity.subject)
                .fetch_one(&mut *tx).await?;
            if whose == person {
                for sql in ["DELETE FROM person_links WHERE person_id = $1", "DELETE FROM sessions WHERE person_id = $1"] {
                    sqlx::query(sql).bind(person).execute(&mut *tx).await?;
                }
                audit::insert!(tx, entry);
                Used::Done
            } else {
                Used::OfSomebodyElse
            }
        } else {
            Used::Gone
        }
    });
    Ok(used)
}
