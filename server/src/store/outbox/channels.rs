//! How somebody is reached, and what they want to hear.

use model::{Channel, HeardAs, HeardKind, PersonId, Timestamp};

use super::settle::forget_failures;
use crate::store::decode::{Damaged, FromRow, Row};
use crate::store::notices::{self, Subject};
use crate::store::{Db, audit};

/// A way that somebody set up.
#[derive(Clone, Debug)]
pub struct Reached {
    pub channel: Channel,
    pub target_sealed: String,
}

impl FromRow for Reached {
    const TABLE: &'static str = "channels";
    const KEY: &'static [&'static str] = &["person_id", "channel"];

    fn from_row(row: &Row<'_>) -> Result<Self, Damaged> {
        Ok(Self { channel: row.get("channel")?, target_sealed: row.get("target_sealed")? })
    }
}

/// What somebody chose about one kind and way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Choice {
    pub heard_as: HeardAs,
    pub kind: HeardKind,
    pub channel: Channel,
    pub wanted: bool,
}

impl FromRow for Choice {
    const TABLE: &'static str = "heard_choices";
    const KEY: &'static [&'static str] = &["person_id", "heard_as", "kind", "channel"];

    fn from_row(row: &Row<'_>) -> Result<Self, Damaged> {
        Ok(Self {
            heard_as: row.get("heard_as")?,
            kind: row.get("kind")?,
            channel: row.get("channel")?,
            wanted: row.get("wanted")?,
        })
    }
}

const PUT_CHOICE: &str = "INSERT INTO heard_choices (person_id, heard_as, kind, channel, wanted)
     VALUES ($1, $2, $3, $4, $5)
     ON CONFLICT (person_id, heard_as, kind, channel) DO UPDATE SET wanted = excluded.wanted";

impl Db {
    /// The ways that somebody set up.
    pub async fn list_channels(&self, person: PersonId) -> sqlx::Result<Vec<Reached>> {
        let sql =
            "SELECT person_id, channel, target_sealed FROM channels WHERE person_id = $1 ORDER BY channel";
        Ok(self.query(sql, (person,)).fetch_listed::<Reached>().await?.readable())
    }

    /// The address to which mails for somebody go: that of the way to sign in that they have for longest.
    pub async fn mail_address(&self, person: PersonId) -> sqlx::Result<Option<String>> {
        let sql =
            "SELECT email FROM identities WHERE person_id = $1 AND email IS NOT NULL ORDER BY id LIMIT 1";
        Ok(self.query(sql, (person,)).fetch_column().await?.pop())
    }

    /// What somebody chose, where they did.
    pub async fn list_choices(&self, person: PersonId) -> sqlx::Result<Vec<Choice>> {
        let sql = "SELECT person_id, heard_as, kind, channel, wanted FROM heard_choices WHERE person_id = $1";
        Ok(self.query(sql, (person,)).fetch_listed::<Choice>().await?.readable())
    }

    /// Keeps what somebody chose.
    pub async fn put_choices(&self, person: PersonId, choices: &[Choice]) -> sqlx::Result<()> {
        let mut tx = self.begin().await?;
        for Choice { heard_as, kind, channel, wanted } in choices {
            tx.query(PUT_CHOICE, (person, heard_as, kind, channel, wanted)).execute().await?;
        }
        tx.commit().await
    }

    /// Sets a way up, or takes it away; what could not be told by the one before is forgotten, and so is what still was to
    /// be told by it.
    pub async fn put_channel(
        &self,
        person: PersonId,
        channel: Channel,
        target_sealed: Option<&str>,
        entry: &audit::NewEntry,
        now: Timestamp,
    ) -> sqlx::Result<()> {
        let mut tx = self.begin().await?;
        if let Some(sealed) = target_sealed {
            let sql =
                "INSERT INTO channels (person_id, channel, target_sealed, chosen) VALUES ($1, $2, $3, $4)
                     ON CONFLICT (person_id, channel) DO UPDATE SET target_sealed = excluded.target_sealed,
                        chosen = excluded.chosen";
            tx.query(sql, (person, channel, sealed, now)).execute().await?;
        } else {
            let sql = "DELETE FROM channels WHERE person_id = $1 AND channel = $2";
            tx.query(sql, (person, channel)).execute().await?;
            let sql = "DELETE FROM deliveries WHERE person_id = $1 AND channel = $2 AND settled IS NULL
                     AND to_address IS NULL";
            tx.query(sql, (person, channel)).execute().await?;
        }
        if forget_failures(&mut tx, person, channel).await? {
            notices::renew(&mut tx, Subject::Untold(person), now).await?;
        }
        audit::insert(&mut tx, entry).await?;
        tx.commit().await
    }

    /// Whoever reads at an address wants no offers there.
    pub async fn leave_address_alone(&self, address_hash: &str, now: Timestamp) -> sqlx::Result<()> {
        let sql = "INSERT INTO unwritten_addresses (address_hash, asked) VALUES ($1, $2)
             ON CONFLICT (address_hash) DO NOTHING";
        self.query(sql, (address_hash, now)).execute().await.map(drop)
    }
}
