//! Browser sessions: found by the hash of their id, what they hold is sealed.

use std::time::Duration;

use async_trait::async_trait;
use model::{PersonId, Timestamp};
use sqlx::FromRow;
use tower_sessions::SessionStore;
use tower_sessions::session::{Id, Record};
use tower_sessions::session_store::{Error, Result};
use uuid::Uuid;

use super::{Db, audit};
use crate::secrets::hash_token;
use crate::services::Services;
use crate::{in_transaction, on};

/// Keys of a session's data that are columns as well.
pub const PERSON: &str = "person";
pub const AGENT: &str = "agent";

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
        .bind(person.uuid())
        .bind(now.micros())
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
        .bind(person.uuid())
        .bind(now.micros())
        .fetch_one(pool)
        .await)?;
    Ok(count == 1)
}

/// Ends one session of this person. Says whether there was one.
pub async fn end(db: &Db, person: PersonId, handle: &str, entry: &audit::NewEntry) -> sqlx::Result<bool> {
    let sql = "DELETE FROM sessions WHERE person_id = $1 AND handle = $2";
    let ended = in_transaction!(db, tx => {
        let done = sqlx::query(sql).bind(person.uuid()).bind(handle).execute(&mut *tx).await?;
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
        sqlx::query(sql).bind(person.uuid()).bind(but).execute(&mut *tx).await?;
        audit::insert!(tx, entry);
    });
    Ok(())
}

/// Removes those that are over.
pub async fn sweep(db: &Db, now: Timestamp, lifetime: Duration) -> sqlx::Result<u64> {
    let sql = "DELETE FROM sessions WHERE expires <= $1 OR expires > $2";
    on!(db, pool => sqlx::query(sql).bind(now.micros()).bind(latest(now, lifetime)).execute(pool).await
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
struct New<'a> {
    hash: String,
    handle: String,
    person: Option<Uuid>,
    sealed: String,
    agent: &'a str,
    now: Timestamp,
    expires: Timestamp,
}

/// Stores a session. Of one person there are at most `most`: those that were not used for longest go.
async fn insert(db: &Db, new: &New<'_>, most: u32) -> sqlx::Result<()> {
    let sql = "INSERT INTO sessions \
               (id_hash, handle, person_id, data_sealed, agent, created, last_seen, expires) \
               VALUES ($1, $2, $3, $4, $5, $6, $6, $7)";
    // Two at once would each count without the other: whoever holds the person's row counts first.
    let lock = "UPDATE people SET name = name WHERE id = $1";
    let surplus = "DELETE FROM sessions WHERE person_id = $1 AND id_hash NOT IN \
                   (SELECT id_hash FROM sessions WHERE person_id = $1 AND expires > $2 AND last_seen <= $4 \
                    ORDER BY last_seen DESC, handle DESC LIMIT $3)";
    in_transaction!(db, tx => {
        if let Some(person) = new.person {
            sqlx::query(lock).bind(person).execute(&mut *tx).await?;
        }
        sqlx::query(sql)
            .bind(&new.hash)
            .bind(&new.handle)
            .bind(new.person)
            .bind(&new.sealed)
            .bind(new.agent)
            .bind(new.now.micros())
            .bind(new.expires.micros())
            .execute(&mut *tx)
            .await?;
        if let Some(person) = new.person {
            sqlx::query(surplus)
                .bind(person)
                .bind(new.now.micros())
                .bind(i64::from(most))
                .bind(new.now.plus_seconds(Timestamp::SKEW_SECONDS).micros())
                .execute(&mut *tx)
                .await?;
        }
    });
    Ok(())
}

/// The store that the session layer uses.
#[derive(Clone, Debug)]
pub struct Sessions(Services);

impl Sessions {
    pub fn new(services: Services) -> Self {
        Self(services)
    }

    /// When a session that is used now is over if it is not used again, and for how long it may be used at all.
    fn life(&self, person: Option<Uuid>) -> (Timestamp, i64) {
        let config = &self.0.config;
        let idle = if person.is_some() { config.session_lifetime } else { config.visitor_lifetime };
        let micros = |time: Duration| i64::try_from(time.as_micros()).unwrap_or(i64::MAX);
        let now = self.0.now().micros();
        (Timestamp::from_micros(now.saturating_add(micros(idle))), micros(config.session_greatest_age))
    }

    fn seal(&self, hash: &str, record: &Record) -> Result<String> {
        let data = serde_json::to_vec(&record.data).map_err(|error| Error::Encode(error.to_string()))?;
        Ok(self.0.sealer.seal("sessions", "data_sealed", hash, &data))
    }
}

/// The hash under which the session is stored.
pub fn id_hash(id: &Id) -> String {
    hash_token(&id.to_string())
}

fn text<'a>(record: &'a Record, key: &str) -> Option<&'a str> {
    record.data.get(key).and_then(|value| value.as_str())
}

fn person(record: &Record) -> Option<Uuid> {
    text(record, PERSON).and_then(|text| Uuid::try_parse(text).ok())
}

fn backend(error: impl std::fmt::Display) -> Error {
    Error::Backend(error.to_string())
}

#[async_trait]
impl SessionStore for Sessions {
    async fn create(&self, record: &mut Record) -> Result<()> {
        let hash = id_hash(&record.id);
        let sealed = self.seal(&hash, record)?;
        let (idle, greatest) = self.life(person(record));
        let now = self.0.now();
        let new = New {
            // Sorts in the order in which sessions begin.
            handle: self.0.new_id::<()>().to_string(),
            person: person(record),
            agent: text(record, AGENT).unwrap_or_default(),
            now,
            expires: idle.min(Timestamp::from_micros(now.micros().saturating_add(greatest))),
            hash,
            sealed,
        };
        insert(&self.0.db, &new, self.0.config.limits.sessions_per_person).await.map_err(backend)
    }

    /// Changes a session that is there. One that was ended meanwhile stays ended.
    async fn save(&self, record: &Record) -> Result<()> {
        let sql = concat!(
            "UPDATE sessions SET person_id = $2, data_sealed = $3, agent = $4, last_seen = $5, expires = ",
            until!("$6", "$7"),
            " WHERE id_hash = $1"
        );
        let (idle, greatest) = self.life(person(record));
        let hash = id_hash(&record.id);
        let sealed = self.seal(&hash, record)?;
        on!(&self.0.db, pool => sqlx::query(sql)
            .bind(&hash)
            .bind(person(record))
            .bind(sealed)
            .bind(text(record, AGENT).unwrap_or_default())
            .bind(self.0.now().micros())
            .bind(idle.micros())
            .bind(greatest)
            .execute(pool)
            .await
            .map(drop))
        .map_err(backend)
    }

    async fn load(&self, id: &Id) -> Result<Option<Record>> {
        let find = "SELECT data_sealed, last_seen, person_id FROM sessions WHERE id_hash = $1 AND expires > $2 AND expires <= $3";
        let touch = concat!(
            "UPDATE sessions SET last_seen = $2, expires = ",
            until!("$3", "$4"),
            " WHERE id_hash = $1"
        );
        let hash = id_hash(id);
        let now = self.0.now();
        let row: Option<(String, i64, Option<Uuid>)> = on!(&self.0.db, pool => sqlx::query_as(find)
            .bind(&hash)
            .bind(now.micros())
            .bind(latest(now, self.0.config.longest_session()))
            .fetch_optional(pool)
            .await)
        .map_err(backend)?;
        let Some((sealed, last_seen, person)) = row else { return Ok(None) };
        let last_seen = Timestamp::from_micros(last_seen).happened(now);
        let seen_long_ago = last_seen.is_none_or(|seen| seen.plus_seconds(TOUCH_SECONDS) <= now);
        if seen_long_ago && self.0.health.trouble().is_none() {
            let (idle, greatest) = self.life(person);
            let touched = on!(&self.0.db, pool => sqlx::query(touch)
                .bind(&hash)
                .bind(now.micros())
                .bind(idle.micros())
                .bind(greatest)
                .execute(pool)
                .await
                .map(drop));
            // It was found: that its date stays old is no reason to keep its person out.
            if let Err(error) = touched {
                tracing::warn!("that a session was used could not be noted: {error}");
            }
        }
        let data = self.0.sealer.open("sessions", "data_sealed", &hash, &sealed).map_err(anyhow::Error::new);
        let data = match data.and_then(|data| Ok(serde_json::from_slice(&data)?)) {
            Ok(data) => data,
            Err(error) => {
                // The key file was replaced: these people sign in again, nothing else is lost.
                tracing::warn!("a session cannot be read, it counts as none: {error:#}");
                return Ok(None);
            }
        };
        // Our own clock has decided already; this date is only what the layer wants to see.
        let expiry_date = time::OffsetDateTime::now_utc() + time::Duration::DAY;
        Ok(Some(Record { id: *id, data, expiry_date }))
    }

    async fn delete(&self, id: &Id) -> Result<()> {
        let sql = "DELETE FROM sessions WHERE id_hash = $1";
        on!(&self.0.db, pool => sqlx::query(sql).bind(id_hash(id)).execute(pool).await.map(drop))
            .map_err(backend)
    }
}
