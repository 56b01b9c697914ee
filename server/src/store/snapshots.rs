//! What was last read of a tailnet whole: its policy, its network, and what could not be read.

use model::{TailnetId, Timestamp};

use super::Db;
use crate::on;
use crate::secrets::hash_token;

/// A snapshot without its texts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Head {
    pub revision: String,
    pub read: Timestamp,
    /// Why the policy may not be read, in words.
    pub policy_missing: Option<String>,
    /// Why it is not known with whom machines are shared, in words.
    pub sharing_missing: Option<String>,
    /// Since then it could not be read again, and why.
    pub trouble: Option<(Timestamp, String)>,
}

/// All of it.
#[derive(Clone, Debug)]
pub struct Snapshot {
    pub head: Head,
    pub policy: Option<String>,
    pub etag: Option<String>,
    /// A network file.
    pub network: String,
}

/// What a reading gave.
#[derive(Clone, Debug)]
pub struct Reading {
    /// The text with its mark, or why it may not be read.
    pub policy: Result<(String, Option<String>), String>,
    pub network: String,
    pub sharing_missing: Option<String>,
}

impl Reading {
    fn revision(&self) -> String {
        let policy = match &self.policy {
            Ok((text, _)) => format!("+{text}"),
            Err(why) => format!("-{why}"),
        };
        let sharing = self.sharing_missing.as_deref().unwrap_or_default();
        hash_token(&format!("{}\n{policy}\n{}\n{sharing}", policy.len(), self.network))
    }
}

#[derive(sqlx::FromRow)]
struct HeadRow {
    revision: String,
    read: Timestamp,
    policy_missing: Option<String>,
    sharing_missing: Option<String>,
    trouble_at: Option<Timestamp>,
    trouble: Option<String>,
}

impl From<HeadRow> for Head {
    fn from(row: HeadRow) -> Self {
        Self {
            revision: row.revision,
            read: row.read,
            policy_missing: row.policy_missing,
            sharing_missing: row.sharing_missing,
            trouble: row.trouble_at.zip(row.trouble),
        }
    }
}

impl Db {
    /// When it was read, and its revision.
    pub async fn find_snapshot(&self, tailnet: TailnetId) -> sqlx::Result<Option<Head>> {
        on!(self, pool => sqlx::query_as::<_, HeadRow>(
            "SELECT revision, read, policy_missing, sharing_missing, trouble_at, trouble FROM snapshots
             WHERE tailnet_id = $1").bind(tailnet).fetch_optional(pool).await)
        .map(|row| row.map(Head::from))
    }

    /// With its texts.
    pub async fn get_snapshot(&self, tailnet: TailnetId) -> sqlx::Result<Option<Snapshot>> {
        #[derive(sqlx::FromRow)]
        struct Row {
            #[sqlx(flatten)]
            head: HeadRow,
            policy: Option<String>,
            etag: Option<String>,
            network: String,
        }
        let row = on!(self, pool => sqlx::query_as::<_, Row>("SELECT * FROM snapshots WHERE tailnet_id = $1")
            .bind(tailnet).fetch_optional(pool).await)?;
        Ok(row.map(|row| Snapshot {
            head: row.head.into(),
            policy: row.policy,
            etag: row.etag,
            network: row.network,
        }))
    }

    /// Replaces what was read before.
    pub async fn put_snapshot(
        &self,
        tailnet: TailnetId,
        reading: &Reading,
        now: Timestamp,
    ) -> sqlx::Result<()> {
        let (text, etag, missing) = match &reading.policy {
            Ok((text, etag)) => (Some(text), etag.as_ref(), None),
            Err(why) => (None, None, Some(why)),
        };
        on!(self, pool => sqlx::query(
            "INSERT INTO snapshots (tailnet_id, policy, etag, policy_missing, network, sharing_missing, revision, read)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
             ON CONFLICT (tailnet_id) DO UPDATE SET policy = excluded.policy, etag = excluded.etag,
                policy_missing = excluded.policy_missing, network = excluded.network,
                sharing_missing = excluded.sharing_missing, revision = excluded.revision, read = excluded.read,
                trouble_at = NULL, trouble = NULL")
            .bind(tailnet).bind(text).bind(etag).bind(missing).bind(&reading.network)
            .bind(&reading.sharing_missing).bind(reading.revision()).bind(now)
            .execute(pool).await.map(drop))
    }

    /// It could not be read again: what is there stays, with the word that it is old.
    pub async fn mark_snapshot_old(&self, tailnet: TailnetId, why: &str, now: Timestamp) -> sqlx::Result<()> {
        on!(self, pool => sqlx::query("UPDATE snapshots SET trouble_at = $2, trouble = $3 WHERE tailnet_id = $1")
            .bind(tailnet).bind(now).bind(why).execute(pool).await.map(drop))
    }
}
