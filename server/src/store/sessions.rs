//! Browser sessions: found by the hash of their id, what they hold is sealed.

use std::time::Duration;

use model::{PersonId, Timestamp};
use sqlx::FromRow;
use uuid::Uuid;

use super::{Db, audit, people};
use crate::{in_transaction, on};

/// A session is written at most this often only because it was used.
const TOUCH_SECONDS: i64 = 60;

/// One session in the list of its person.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Listed {
    pub handle: String,
    pub id_hash: String,
    pub agent: String,
    pub created: Timestamp,
    pub last_seen: Timestamp,
}

#[derive(FromRow)]
struct ListedRow {
    handle: String,
    id_hash: String,
    agent: String,
    created: i64,
    last_seen: i64,
}

/// Sessions that are not over, the last used first, behind the one that was used then and has that handle. One that goes
/// on for longer than `lifetime` was made by a clock that was wrong, and is over.
pub async fn list(
    db: &Db,
    person: PersonId,
    now: Timestamp,
    lifetime: Duration,
    after: Option<(Timestamp, &str)>,
    limit: usize,
) -> sqlx::Result<Vec<Listed>> {
    let sql = "SELECT handle, id_hash, agent, created, last_seen FROM sessions \
               WHERE person_id = $1 AND expires > $2 AND expires <= $3 \
                   AND (last_seen < $4 OR (last_seen = $4 AND handle > $5)) \
               ORDER BY last_seen DESC, handle LIMIT $6";
    let (seen, handle) = after.map_or((i64::MAX, ""), |(at, handle)| (at.micros(), handle));
    let rows: Vec<ListedRow> = on!(db, pool => sqlx::query_as(sql)
        .bind(person)
        .bind(now)
        .bind(latest(now, lifetime))
        .bind(seen)
        .bind(handle)
        .bind(i64::try_from(limit).unwrap_or(i64::MAX))
        .fetch_all(pool)
        .await)?;
    let listed = |row: ListedRow| Listed {
        handle: row.handle,
        id_hash: row.id_hash,
        agent: row.agent,
        created: Timestamp::from_micros(row.created),
        last_seen: Timestamp::from_micros(row.last_seen),
    };
    Ok(rows.into_iter().map(listed).collect())
}

/// Whether a browser is still signed in as this person, who may still come in.
pub async fn stands(db: &Db, person: PersonId, id_hash: &str, now: Timestamp) -> sqlx::Result<bool> {
    let sql = "SELECT COUNT(*) FROM sessions s JOIN people p ON p.id = s.person_id \
               WHERE s.id_hash = $1 AND p.id = $2 AND s.expires > $3 AND p.standing = 'here'";
    let (count,): (i64,) = on!(db, pool => sqlx::query_as(sql)
        .bind(id_hash)
        .bind(person)
        .bind(now)
        .fetch_one(pool)
        .await)?;
    Ok(count == 1)
}

/// Ends one session of this person. Says whether there was one.
pub async fn end(db: &Db, person: PersonId, handle: &str, entry: &audit::NewEntry) -> sqlx::Result<bool> {
    let sql = "DELETE FROM sessions WHERE person_id = $1 AND handle = $2";
    let ended = in_transaction!(db, tx => {
        let done = sqlx::query(sql).bind(person).bind(handle).execute(&mut *tx).await?;
        let ended = done.rows_affected() == 1;
        if ended {
            audit::insert!(tx, entry);
        }
        ended
    });
    Ok(ended)
}

/// Ends all sessions of this person but one.
pub async fn end_others(db: &Db, person: PersonId, but: &str, entry: &audit::NewEntry) -> sqlx::Result<()> {
    let sql = "DELETE FROM sessions WHERE person_id = $1 AND id_hash <> $2";
    in_transaction!(db, tx => {
        sqlx::query(sql).bind(person).bind(but).execute(&mut *tx).await?;
        audit::insert!(tx, entry);
    });
    Ok(())
}

/// Removes those that are over.
pub async fn sweep(db: &Db, now: Timestamp, lifetime: Duration) -> sqlx::Result<u64> {
    let sql = "DELETE FROM sessions WHERE expires <= $1 OR expires > $2";
    on!(db, pool => sqlx::query(sql).bind(now).bind(latest(now, lifetime)).execute(pool).await
        .map(|done| done.rows_affected()))
}

/// The last end that a session may have now.
fn latest(now: Timestamp, lifetime: Duration) -> i64 {
    now.plus(lifetime).plus_seconds(Timestamp::SKEW_SECONDS).micros()
}

/// The end of a session: `$idle` if it is not used again, but at its greatest age in any case.
macro_rules! until {
    ($idle:literal, $greatest:literal) => {
        concat!(
            "CASE WHEN ",
            $idle,
            " < created + ",
            $greatest,
            " THEN ",
            $idle,
            " ELSE created + ",
            $greatest,
            " END"
        )
    };
}

/// One that begins.
pub struct New<'a> {
    pub hash: &'a str,
    pub handle: String,
    pub content: Content<'a>,
    pub now: Timestamp,
    pub life: Life,
}

/// Stores a session. Of one person there are at most `most`: those that were not used for longest go. Of somebody who
/// may no longer come in there is none.
pub async fn insert(db: &Db, new: &New<'_>, most: u32) -> sqlx::Result<()> {
    let sql = "INSERT INTO sessions \
               (id_hash, handle, person_id, data_sealed, agent, created, last_seen, expires) \
               VALUES ($1, $2, $3, $4, $5, $6, $6, $7)";
    let surplus = "DELETE FROM sessions WHERE person_id = $1 AND id_hash NOT IN \
                   (SELECT id_hash FROM sessions WHERE person_id = $1 AND expires > $2 AND last_seen <= $4 \
                    ORDER BY last_seen DESC, handle DESC LIMIT $3)";
    let oldest = Timestamp::from_micros(new.now.micros().saturating_add(new.life.greatest));
    let expires = new.life.idle.min(oldest);
    in_transaction!(db, tx => {
        // Two at once would each count without the other: whoever holds the person's row counts first.
        let here = match new.content.person {
            Some(person) => people::is_here!(tx, person),
            None => true,
        };
        if here {
            sqlx::query(sql)
                .bind(new.hash)
                .bind(&new.handle)
                .bind(new.content.person)
                .bind(new.content.sealed)
                .bind(new.content.agent)
                .bind(new.now)
                .bind(expires)
                .execute(&mut *tx)
                .await?;
        }
        if let Some(person) = new.content.person {
            sqlx::query(surplus)
                .bind(person)
                .bind(new.now)
                .bind(i64::from(most))
                .bind(new.now.plus_seconds(Timestamp::SKEW_SECONDS))
                .execute(&mut *tx)
                .await?;
        }
    });
    Ok(())
}

/// When a session that is used now is over if it is not used again, and for how long it may be used at all, in
/// microseconds.
#[derive(Clone, Copy, Debug)]
pub struct Life {
    pub idle: Timestamp,
    pub greatest: i64,
}

/// What a session holds now.
#[derive(Clone, Copy, Debug)]
pub struct Content<'a> {
    pub person: Option<Uuid>,
    pub sealed: &'a str,
    pub agent: &'a str,
}

/// Changes a session that is there. One that was ended meanwhile stays ended.
pub async fn save(db: &Db, hash: &str, content: Content<'_>, life: Life, now: Timestamp) -> sqlx::Result<()> {
    let sql = concat!(
        "UPDATE sessions SET person_id = $2, data_sealed = $3, agent = $4, last_seen = $5, expires = ",
        until!("$6", "$7"),
        " WHERE id_hash = $1"
    );
    on!(db, pool => sqlx::query(sql)
        .bind(hash)
        .bind(content.person)
        .bind(content.sealed)
        .bind(content.agent)
        .bind(now)
        .bind(life.idle)
        .bind(life.greatest)
        .execute(pool)
        .await
        .map(drop))
}

/// A session that is not over.
#[derive(FromRow)]
pub struct Found {
    pub data_sealed: String,
    last_seen: i64,
    pub person_id: Option<Uuid>,
    /// What its person is called, if they may come in.
    pub name: Option<String>,
    /// Whether they look after this instance.
    pub instance_owner: Option<bool>,
}

impl Found {
    /// Whether it is time to note that it was used.
    pub fn was_seen_long_ago(&self, now: Timestamp) -> bool {
        let last_seen = Timestamp::from_micros(self.last_seen).happened(now);
        last_seen.is_none_or(|seen| seen.plus_seconds(TOUCH_SECONDS) <= now)
    }
}

/// With its person, so that a page asks once who is looking. One that goes on for longer than `longest` was made by a
/// clock that was wrong, and is over.
pub async fn find(db: &Db, hash: &str, now: Timestamp, longest: Duration) -> sqlx::Result<Option<Found>> {
    let sql = "SELECT s.data_sealed, s.last_seen, s.person_id, p.name, p.instance_owner
               FROM sessions s LEFT JOIN people p ON p.id = s.person_id AND p.standing = 'here'
               WHERE s.id_hash = $1 AND s.expires > $2 AND s.expires <= $3";
    on!(db, pool => sqlx::query_as(sql)
        .bind(hash)
        .bind(now)
        .bind(latest(now, longest))
        .fetch_optional(pool)
        .await)
}

/// It was used.
pub async fn touch(db: &Db, hash: &str, life: Life, now: Timestamp) -> sqlx::Result<()> {
    let sql =
        concat!("UPDATE sessions SET last_seen = $2, expires = ", until!("$3", "$4"), " WHERE id_hash = $1");
    on!(db, pool => sqlx::query(sql)
        .bind(hash)
        .bind(now)
        .bind(life.idle)
        .bind(life.greatest)
        .execute(pool)
        .await
        .map(drop))
}

pub async fn delete(db: &Db, hash: &str) -> sqlx::Result<()> {
    let sql = "DELETE FROM sessions WHERE id_hash = $1";
    on!(db, pool => sqlx::query(sql).bind(hash).execute(pool).await.map(drop))
}
