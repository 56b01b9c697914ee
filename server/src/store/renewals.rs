//! API keys that are being replaced: what is written down of each, before it is done.

use model::{TailnetId, Timestamp};

use super::decode::{Damaged, FromRow, Row};
use super::notices::{self, Subject};
use super::tailnets::{Credential, put_credential};
use super::{Db, Json, audit};

/// One replacement.
#[derive(Clone, Debug)]
pub struct Renewal {
    /// The key that was in use when it began.
    pub old_sealed: String,
    /// Ids of all keys before the new one was asked for.
    pub known: Option<Vec<String>>,
    pub ends: Option<Timestamp>,
    pub made_sealed: Option<String>,
    pub in_use: bool,
}

impl FromRow for Renewal {
    const TABLE: &'static str = "renewals";
    const KEY: &'static [&'static str] = &["tailnet_id"];

    fn from_row(row: &Row<'_>) -> Result<Self, Damaged> {
        let known = row.get::<Option<String>>("known")?;
        Ok(Self {
            old_sealed: row.get("old_sealed")?,
            known: known.map(|_| row.json("known")).transpose()?,
            ends: row.get("ends")?,
            made_sealed: row.get("made_sealed")?,
            in_use: row.get("in_use")?,
        })
    }
}

impl Db {
    pub async fn find_renewal(&self, tailnet: TailnetId) -> sqlx::Result<Option<Renewal>> {
        let sql = "SELECT tailnet_id, old_sealed, known, ends, made_sealed, in_use FROM renewals
            WHERE tailnet_id = $1";
        self.query(sql, (tailnet,)).fetch_optional().await
    }

    /// Begins one, unless one is going on.
    pub async fn begin_renewal(
        &self,
        tailnet: TailnetId,
        old_sealed: &str,
        now: Timestamp,
    ) -> sqlx::Result<()> {
        let sql = "INSERT INTO renewals (tailnet_id, begun, old_sealed, in_use) VALUES ($1, $2, $3, $4)
            ON CONFLICT (tailnet_id) DO NOTHING";
        self.query(sql, (tailnet, now, old_sealed, false)).execute().await.map(drop)
    }

    /// What is written down before a key is asked for, and when it came.
    pub async fn put_renewal(&self, tailnet: TailnetId, renewal: &Renewal) -> sqlx::Result<()> {
        let Renewal { known, ends, made_sealed, in_use, .. } = renewal;
        let sql = "UPDATE renewals SET known = $2, ends = $3, made_sealed = $4, in_use = $5
            WHERE tailnet_id = $1";
        let known = known.as_ref().map(Json::write);
        self.query(sql, (tailnet, known, ends, made_sealed, in_use)).execute().await.map(drop)
    }

    /// The new key was tried: it is the credential from now on.
    pub async fn use_renewed(
        &self,
        tailnet: TailnetId,
        credential: &Credential,
        entry: &audit::NewEntry,
    ) -> sqlx::Result<()> {
        let in_use = "UPDATE renewals SET in_use = $2 WHERE tailnet_id = $1";
        let mut tx = self.begin().await?;
        Subject::Credentials(tailnet).lock(&mut tx).await?;
        put_credential(&mut tx, tailnet, credential).await?;
        tx.query(in_use, (tailnet, true)).execute().await?;
        notices::renew(&mut tx, Subject::Credentials(tailnet), entry.at).await?;
        audit::insert(&mut tx, entry).await?;
        tx.commit().await
    }

    /// It is over, or given up: somebody put in a key of their own.
    pub async fn forget_renewal(&self, tailnet: TailnetId) -> sqlx::Result<()> {
        self.query("DELETE FROM renewals WHERE tailnet_id = $1", (tailnet,)).execute().await.map(drop)
    }
}
