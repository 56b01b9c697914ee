//! Which text of a policy the audit trail accounts for, and which one is about to be written from here. Texts are named by
//! their hashes.

use model::TailnetId;

use super::audit::{self, NewEntry};
use super::{Db, Tx};

impl Db {
    /// The text that is accounted for; nothing if none was read yet.
    pub async fn find_accounted(&self, tailnet: TailnetId) -> sqlx::Result<Option<String>> {
        let sql = "SELECT accounted FROM policies_seen WHERE tailnet_id = $1 AND accounted IS NOT NULL";
        Ok(self.query(sql, (tailnet,)).fetch_column().await?.pop())
    }

    /// The first text that is read needs no explanation.
    pub async fn account_first(&self, tailnet: TailnetId, text: &str) -> sqlx::Result<()> {
        let sql = "INSERT INTO policies_seen (tailnet_id, accounted) VALUES ($1, $2)
             ON CONFLICT (tailnet_id) DO UPDATE SET accounted = COALESCE(policies_seen.accounted, excluded.accounted)";
        self.query(sql, (tailnet, text)).execute().await.map(drop)
    }

    /// Before a write: this text is ours, whatever becomes of us.
    pub async fn will_write(&self, tailnet: TailnetId, text: &str) -> sqlx::Result<()> {
        let sql = "INSERT INTO policies_seen (tailnet_id, writing) VALUES ($1, $2)
             ON CONFLICT (tailnet_id) DO UPDATE SET writing = excluded.writing";
        self.query(sql, (tailnet, text)).execute().await.map(drop)
    }

    /// What was to be written stands there. False if it was another text.
    pub async fn account_written(&self, tailnet: TailnetId, text: &str) -> sqlx::Result<bool> {
        let mut tx = self.begin().await?;
        let written = account_written(&mut tx, tailnet, text).await?;
        tx.commit().await?;
        Ok(written)
    }

    /// A text that somebody else put in the place of `old`, with the entry that says so. Nothing happens if another one was
    /// quicker to say it.
    pub async fn account_elsewhere(
        &self,
        tailnet: TailnetId,
        (old, text): (&str, &str),
        entry: &NewEntry,
    ) -> sqlx::Result<()> {
        let sql = "UPDATE policies_seen SET accounted = $3 WHERE tailnet_id = $1 AND accounted = $2";
        let mut tx = self.begin().await?;
        if tx.query(sql, (tailnet, old, text)).execute().await? == 0 {
            return tx.rollback().await;
        }
        audit::insert(&mut tx, entry).await?;
        tx.commit().await
    }
}

/// In the transaction that stores what was written. The same text later on is somebody else's.
pub(super) async fn account_written(tx: &mut Tx, tailnet: TailnetId, text: &str) -> sqlx::Result<bool> {
    let sql =
        "UPDATE policies_seen SET accounted = $2, writing = NULL WHERE tailnet_id = $1 AND writing = $2";
    Ok(tx.query(sql, (tailnet, text)).execute().await? == 1)
}
