//! What looks at a tailnet found, over time: the same texts once, and one row for as long as nothing changed.

use std::time::Duration;

use model::looks::Looks;
use model::{TailnetId, Timestamp};
use uuid::Uuid;

use super::decode::{Damaged, FromRow, Row};
use super::{Db, Tx};

/// The same was found from the first look to the last.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Look {
    pub id: Uuid,
    pub at: Looks,
    pub revision: String,
    /// The names of the texts, or why the policy may not be read.
    pub policy: Result<String, String>,
    pub network: String,
    pub sharing_missing: Option<String>,
}

impl FromRow for Look {
    const TABLE: &'static str = "looks";
    const KEY: &'static [&'static str] = &["id"];

    fn from_row(row: &Row<'_>) -> Result<Self, Damaged> {
        let (policy, missing): (Option<String>, Option<String>) =
            (row.get("policy")?, row.get("policy_missing")?);
        Ok(Self {
            id: row.get("id")?,
            at: Looks { first: row.get("first")?, last: row.get("last")? },
            revision: row.get("revision")?,
            policy: policy.ok_or_else(|| missing.unwrap_or_default()),
            network: row.get("network")?,
            sharing_missing: row.get("sharing_missing")?,
        })
    }
}

/// A text by its name, as it is stored.
#[derive(Clone, Debug)]
pub struct Packed {
    pub name: String,
    pub packed: String,
}

/// The newest of the tailnet `$1` as of `$2`. What lies further ahead was written by a clock that was wrong.
macro_rules! newest {
    () => {
        "(SELECT id FROM looks WHERE tailnet_id = $1 AND last <= $2 ORDER BY last DESC, id DESC LIMIT 1)"
    };
}

/// Rows that are taken away at a time, where there are too many.
const PORTION: i64 = 20;

impl Db {
    /// The look at `now` found the same as the one before it, and that was no longer ago than `patience`. False, and nothing
    /// is stored, if not.
    pub async fn extend_look(
        &self,
        tailnet: TailnetId,
        revision: &str,
        now: Timestamp,
        patience: Duration,
    ) -> sqlx::Result<bool> {
        let sql = concat!(
            "UPDATE looks SET last = CASE WHEN last > $3 THEN last ELSE $3 END
             WHERE revision = $4 AND last >= $5 AND id = ",
            newest!()
        );
        let ahead = now.plus_seconds(Timestamp::SKEW_SECONDS);
        let micros = i64::try_from(patience.as_micros()).unwrap_or(i64::MAX);
        let since = Timestamp::from_micros(now.micros().saturating_sub(micros));
        Ok(self.query(sql, (tailnet, ahead, now, revision, since)).execute().await? == 1)
    }

    /// Of these names those whose texts are not stored yet.
    pub async fn missing_texts(&self, tailnet: TailnetId, names: &[&str]) -> sqlx::Result<Vec<String>> {
        let mut missing = Vec::new();
        for name in names {
            let sql = "SELECT COUNT(*) FROM look_texts WHERE tailnet_id = $1 AND name = $2";
            if self.query(sql, (tailnet, name)).count().await? == 0 {
                missing.push((*name).to_owned());
            }
        }
        Ok(missing)
    }

    /// Stores a look that found something else, with the texts that were missing. False, and nothing is stored, if one of its
    /// texts was dropped meanwhile: the next look tries again.
    pub async fn add_look(&self, tailnet: TailnetId, look: &Look, texts: &[Packed]) -> sqlx::Result<bool> {
        let put =
            "INSERT INTO look_texts (tailnet_id, name, packed, size, stored) VALUES ($1, $2, $3, $4, $5)
             ON CONFLICT (tailnet_id, name) DO NOTHING";
        let there = "SELECT COUNT(*) FROM look_texts WHERE tailnet_id = $1 AND name IN ($2, $3)";
        let insert =
            "INSERT INTO looks (id, tailnet_id, first, last, revision, policy, policy_missing, network,
                sharing_missing)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)";
        let mut tx = self.begin().await?;
        lock(&mut tx, tailnet).await?;
        for Packed { name, packed } in texts {
            let size = i64::try_from(packed.len()).unwrap_or(i64::MAX);
            tx.query(put, (tailnet, name, packed, size, look.at.last)).execute().await?;
        }
        let policy = look.policy.as_ref().unwrap_or(&look.network);
        let wanted = if *policy == look.network { 1 } else { 2 };
        if tx.query(there, (tailnet, policy, &look.network)).count().await? < wanted {
            tx.rollback().await?;
            return Ok(false);
        }
        let (policy, missing) = (look.policy.as_ref().ok(), look.policy.as_ref().err());
        let Look { id, at, revision, network, sharing_missing, .. } = look;
        tx.query(
            insert,
            (id, tailnet, at.first, at.last, revision, policy, missing, network, sharing_missing),
        )
        .execute()
        .await?;
        tx.commit().await?;
        Ok(true)
    }

    /// Those that tell of the time from `from` until `to`, oldest first, with the last one before it.
    pub async fn list_looks(
        &self,
        tailnet: TailnetId,
        (from, to): (Timestamp, Timestamp),
        limit: i64,
    ) -> sqlx::Result<Vec<Look>> {
        let sql =
            "SELECT id, first, last, revision, policy, policy_missing, network, sharing_missing FROM looks
             WHERE tailnet_id = $1 AND first < $3
                AND last >= COALESCE((SELECT MAX(last) FROM looks WHERE tailnet_id = $1 AND last < $2), $2)
             ORDER BY first, id LIMIT $4";
        self.query(sql, (tailnet, from, to, limit)).fetch_all().await
    }

    /// When it was first looked at, as far as that is kept.
    pub async fn first_look(&self, tailnet: TailnetId) -> sqlx::Result<Option<Timestamp>> {
        let sql = "SELECT first FROM looks WHERE tailnet_id = $1 ORDER BY first LIMIT 1";
        Ok(self.query(sql, (tailnet,)).fetch_column().await?.pop())
    }

    /// A text as it is stored.
    pub async fn get_look_text(&self, tailnet: TailnetId, name: &str) -> sqlx::Result<Option<String>> {
        let sql = "SELECT packed FROM look_texts WHERE tailnet_id = $1 AND name = $2";
        Ok(self.query(sql, (tailnet, name)).fetch_column().await?.pop())
    }

    /// Takes away the oldest of a tailnet, if its texts take up more than `most` bytes; never the newest. Says
    /// whether it did.
    pub async fn bound_looks(&self, tailnet: TailnetId, most: i64, now: Timestamp) -> sqlx::Result<bool> {
        let size = "SELECT CAST(COALESCE(SUM(size), 0) AS BIGINT) FROM look_texts WHERE tailnet_id = $1";
        if self.query(size, (tailnet,)).count().await? <= most {
            return Ok(false);
        }
        let oldest = concat!(
            "DELETE FROM looks WHERE id IN (SELECT id FROM looks WHERE tailnet_id = $1 AND id <> ",
            newest!(),
            " ORDER BY last, id LIMIT $3)"
        );
        let mut tx = self.begin().await?;
        lock(&mut tx, tailnet).await?;
        let ahead = now.plus_seconds(Timestamp::SKEW_SECONDS);
        let dropped = tx.query(oldest, (tailnet, ahead, 1_i64)).execute().await?;
        drop_texts(&mut tx, tailnet).await?;
        tx.commit().await?;
        Ok(dropped > 0)
    }

    /// Takes away a portion of those that were last found so before `before`; never the newest. Gives how many.
    pub async fn drop_looks(
        &self,
        tailnet: TailnetId,
        before: Timestamp,
        now: Timestamp,
    ) -> sqlx::Result<u64> {
        let old = concat!(
            "DELETE FROM looks WHERE id IN (SELECT id FROM looks WHERE tailnet_id = $1 AND last < $3 AND id <> ",
            newest!(),
            " ORDER BY last, id LIMIT $4)"
        );
        let mut tx = self.begin().await?;
        lock(&mut tx, tailnet).await?;
        let ahead = now.plus_seconds(Timestamp::SKEW_SECONDS);
        let dropped = tx.query(old, (tailnet, ahead, before, PORTION)).execute().await?;
        if dropped > 0 {
            drop_texts(&mut tx, tailnet).await?;
        }
        tx.commit().await?;
        Ok(dropped)
    }
}

/// Whoever adds a look waits for whoever takes texts away.
async fn lock(tx: &mut Tx, tailnet: TailnetId) -> sqlx::Result<()> {
    tx.query("UPDATE tailnets SET id = id WHERE id = $1", (tailnet,)).execute().await.map(drop)
}

async fn drop_texts(tx: &mut Tx, tailnet: TailnetId) -> sqlx::Result<()> {
    let unused = "DELETE FROM look_texts WHERE tailnet_id = $1 AND NOT EXISTS (
            SELECT 1 FROM looks l WHERE l.tailnet_id = $1 AND (l.policy = look_texts.name OR l.network = look_texts.name))";
    tx.query(unused, (tailnet,)).execute().await.map(drop)
}
