//! Browser sessions: found by the hash of their id, what they hold is sealed.

use std::time::Duration;

use model::{PersonId, Timestamp};

use super::decode::{Damaged, FromRow, Row};
use super::people::Zones;
use super::{Db, audit, people};

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

impl FromRow for Listed {
    const TABLE: &'static str = "sessions";
    const KEY: &'static [&'static str] = &["handle"];

    fn from_row(row: &Row<'_>) -> Result<Self, Damaged> {
        Ok(Self {
            handle: row.get("handle")?,
            id_hash: row.get("id_hash")?,
            agent: row.get("agent")?,
            created: row.get("created")?,
            last_seen: row.get("last_seen")?,
        })
    }
}

/// One that begins.
pub struct New<'a> {
    pub hash: &'a str,
    pub handle: String,
    pub content: Content<'a>,
    pub now: Timestamp,
    pub life: Life,
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
    pub person: Option<PersonId>,
    pub sealed: &'a str,
    pub agent: &'a str,
}

/// A session that is not over.
pub struct Found {
    pub data_sealed: String,
    last_seen: Timestamp,
    pub person: Option<PersonId>,
    /// What its person is called, if they may come in.
    pub name: Option<String>,
    /// Whether they look after this instance.
    pub instance_owner: Option<bool>,
    /// The time zone that they chose, and the one that was told last.
    pub zones: Zones,
}

impl FromRow for Found {
    const TABLE: &'static str = "sessions";
    const KEY: &'static [&'static str] = &["handle"];

    fn from_row(row: &Row<'_>) -> Result<Self, Damaged> {
        Ok(Self {
            data_sealed: row.get("data_sealed")?,
            last_seen: row.get("last_seen")?,
            person: row.get("person_id")?,
            name: row.get("name")?,
            instance_owner: row.get("instance_owner")?,
            zones: Zones::from_row(row)?,
        })
    }
}

impl Found {
    /// Whether it is time to note that it was used.
    pub fn was_seen_long_ago(&self, now: Timestamp) -> bool {
        let last_seen = self.last_seen.happened(now);
        last_seen.is_none_or(|seen| seen.plus_seconds(TOUCH_SECONDS) <= now)
    }
}

/// The last end that a session may have now. One that goes on for longer was made by a clock that was wrong, and is over.
fn latest(now: Timestamp, lifetime: Duration) -> Timestamp {
    now.plus(lifetime).plus_seconds(Timestamp::SKEW_SECONDS)
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

impl Db {
    /// Stores a session. Of one person there are at most `most`: those that were not used for longest go. Of somebody
    /// who may no longer come in there is none.
    pub async fn insert_session(&self, new: &New<'_>, most: u32) -> sqlx::Result<()> {
        let New { hash, handle, content, now, life } = new;
        let oldest = Timestamp::from_micros(now.micros().saturating_add(life.greatest));
        let mut tx = self.begin().await?;
        // Two at once would each count without the other: whoever holds the person's row counts first.
        let here = match content.person {
            Some(person) => people::is_here(&mut tx, person).await?,
            None => true,
        };
        if here {
            let insert = "INSERT INTO sessions
                (id_hash, handle, person_id, data_sealed, agent, created, last_seen, expires)
                 VALUES ($1, $2, $3, $4, $5, $6, $6, $7)";
            let expires = life.idle.min(oldest);
            tx.query(insert, (*hash, handle, content.person, content.sealed, content.agent, now, expires))
                .execute()
                .await?;
        }
        if let Some(person) = content.person {
            let surplus = "DELETE FROM sessions WHERE person_id = $1 AND id_hash NOT IN
                (SELECT id_hash FROM sessions WHERE person_id = $1 AND expires > $2 AND last_seen <= $4
                 ORDER BY last_seen DESC, handle DESC LIMIT $3)";
            let seen = now.plus_seconds(Timestamp::SKEW_SECONDS);
            tx.query(surplus, (person, now, i64::from(most), seen)).execute().await?;
        }
        tx.commit().await
    }

    /// Changes a session that is there. One that was ended meanwhile stays ended.
    pub async fn save_session(
        &self,
        hash: &str,
        content: Content<'_>,
        life: Life,
        now: Timestamp,
    ) -> sqlx::Result<()> {
        let Content { person, sealed, agent } = content;
        let sql = concat!(
            "UPDATE sessions SET person_id = $2, data_sealed = $3, agent = $4, last_seen = $5, expires = ",
            until!("$6", "$7"),
            " WHERE id_hash = $1"
        );
        self.query(sql, (hash, person, sealed, agent, now, life.idle, life.greatest))
            .execute()
            .await
            .map(drop)
    }

    /// It was used.
    pub async fn touch_session(&self, hash: &str, life: Life, now: Timestamp) -> sqlx::Result<()> {
        let sql = concat!(
            "UPDATE sessions SET last_seen = $2, expires = ",
            until!("$3", "$4"),
            " WHERE id_hash = $1"
        );
        self.query(sql, (hash, now, life.idle, life.greatest)).execute().await.map(drop)
    }

    /// One that is not over, with its person: a page asks once who is looking.
    pub async fn find_session(
        &self,
        hash: &str,
        now: Timestamp,
        lifetime: Duration,
    ) -> sqlx::Result<Option<Found>> {
        let sql = "SELECT s.handle, s.data_sealed, s.last_seen, s.person_id, p.name, p.instance_owner,
                p.zone, p.zone_told
             FROM sessions s LEFT JOIN people p ON p.id = s.person_id AND p.standing = 'here'
             WHERE s.id_hash = $1 AND s.expires > $2 AND s.expires <= $3";
        self.query(sql, (hash, now, latest(now, lifetime))).fetch_optional().await
    }

    pub async fn delete_session(&self, hash: &str) -> sqlx::Result<()> {
        self.query("DELETE FROM sessions WHERE id_hash = $1", (hash,)).execute().await.map(drop)
    }

    /// Sessions that are not over, the last used first, behind the one that was used then and has that handle.
    pub async fn list_sessions(
        &self,
        person: PersonId,
        now: Timestamp,
        lifetime: Duration,
        after: Option<(Timestamp, &str)>,
        limit: usize,
    ) -> sqlx::Result<Vec<Listed>> {
        let sql = "SELECT handle, id_hash, agent, created, last_seen FROM sessions
             WHERE person_id = $1 AND expires > $2 AND expires <= $3
                AND (last_seen < $4 OR (last_seen = $4 AND handle > $5))
             ORDER BY last_seen DESC, handle LIMIT $6";
        let (seen, handle) = after.unwrap_or((Timestamp::from_micros(i64::MAX), ""));
        let limit = i64::try_from(limit).unwrap_or(i64::MAX);
        self.query(sql, (person, now, latest(now, lifetime), seen, handle, limit)).fetch_all().await
    }

    /// Whether a browser is still signed in as this person, who may still come in.
    pub async fn is_signed_in(&self, person: PersonId, id_hash: &str, now: Timestamp) -> sqlx::Result<bool> {
        let sql = "SELECT COUNT(*) FROM sessions s JOIN people p ON p.id = s.person_id
             WHERE s.id_hash = $1 AND p.id = $2 AND s.expires > $3 AND p.standing = 'here'";
        Ok(self.query(sql, (id_hash, person, now)).count().await? == 1)
    }

    /// Ends one session of this person. Says whether there was one.
    pub async fn end_session(
        &self,
        person: PersonId,
        handle: &str,
        entry: &audit::NewEntry,
    ) -> sqlx::Result<bool> {
        let sql = "DELETE FROM sessions WHERE person_id = $1 AND handle = $2";
        let mut tx = self.begin().await?;
        let ended = tx.query(sql, (person, handle)).execute().await? == 1;
        if ended {
            audit::insert(&mut tx, entry).await?;
        }
        tx.commit().await?;
        Ok(ended)
    }

    /// Ends all sessions of this person but one.
    pub async fn end_other_sessions(
        &self,
        person: PersonId,
        but: &str,
        entry: &audit::NewEntry,
    ) -> sqlx::Result<()> {
        let sql = "DELETE FROM sessions WHERE person_id = $1 AND id_hash <> $2";
        let mut tx = self.begin().await?;
        tx.query(sql, (person, but)).execute().await?;
        audit::insert(&mut tx, entry).await?;
        tx.commit().await
    }

    /// Removes those that are over.
    pub async fn sweep_sessions(&self, now: Timestamp, lifetime: Duration) -> sqlx::Result<u64> {
        let sql = "DELETE FROM sessions WHERE expires <= $1 OR expires > $2";
        self.query(sql, (now, latest(now, lifetime))).execute().await
    }
}
