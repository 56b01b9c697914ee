//! What is old is dropped, in small portions; and what is never dropped.

use model::Timestamp;

use super::Db;

/// Rows of one portion: one short transaction.
const PORTION: i64 = 500;

/// Where the time by which things are dropped is kept, and when the last round was.
const TIME: &str = "retention";

impl Db {
    /// Entries of the trail from before then. Never: those about a share that is not over, and the last one about each thing.
    /// Gives how many were dropped.
    pub async fn drop_entries(&self, before: Timestamp) -> sqlx::Result<u64> {
        let sql = "DELETE FROM audit WHERE id IN (
                SELECT a.id FROM audit a WHERE a.at < $1
                    AND EXISTS (SELECT 1 FROM audit b WHERE b.object_id = a.object_id AND b.id > a.id)
                    AND NOT EXISTS (SELECT 1 FROM shares h WHERE h.id = a.share_id AND h.state <> 'ended')
                ORDER BY a.at, a.id LIMIT $2)";
        self.query(sql, (before, PORTION)).execute().await
    }

    /// Firewall texts from before then. Never: the current one of a machine, and those that its host was last seen with.
    pub async fn drop_revisions(&self, before: Timestamp) -> sqlx::Result<u64> {
        // Both databases take pairs of columns.
        let sql = "DELETE FROM revisions WHERE (node_id, revision) IN (
                SELECT r.node_id, r.revision FROM revisions r JOIN nodes n ON n.id = r.node_id
                    LEFT JOIN hosts o ON o.node_id = r.node_id
                WHERE r.made < $1 AND r.revision <> n.firewall_revision
                    AND (o.fetched_revision IS NULL OR o.fetched_revision <> r.revision)
                    AND (o.seen_revision IS NULL OR o.seen_revision <> r.revision)
                ORDER BY r.made LIMIT $2)";
        self.query(sql, (before, PORTION)).execute().await
    }

    /// What was last found of services that nobody asked since then. It goes sooner where it no longer counts (`probes.rs`).
    pub async fn drop_probes(&self, before: Timestamp) -> sqlx::Result<u64> {
        let sql =
            "DELETE FROM probes WHERE service_id IN (SELECT service_id FROM probes WHERE at < $1 LIMIT $2)";
        self.query(sql, (before, PORTION)).execute().await
    }

    /// The time by which things were last dropped, and when that was by the clock.
    pub async fn retention_times(&self) -> sqlx::Result<Option<(Timestamp, Timestamp)>> {
        let sql = "SELECT value FROM settings WHERE name = $1";
        let kept: Option<String> = self.query(sql, (TIME,)).fetch_column().await?.pop();
        Ok(kept.as_deref().and_then(|kept| {
            let (time, at) = kept.split_once(' ')?;
            Some((time.parse().ok()?, at.parse().ok()?))
        }))
    }

    /// Puts both in the place of the ones that were read. False if another process was quicker: the round is theirs.
    pub async fn put_retention_times(
        &self,
        before: Option<(Timestamp, Timestamp)>,
        (time, at): (Timestamp, Timestamp),
    ) -> sqlx::Result<bool> {
        let text = |(time, at): (Timestamp, Timestamp)| format!("{time} {at}");
        let next = text((time, at));
        let Some(before) = before else {
            // Also where something stands that cannot be read.
            let sql = "INSERT INTO settings (name, value) VALUES ($1, $2)
                 ON CONFLICT (name) DO UPDATE SET value = excluded.value";
            return Ok(self.query(sql, (TIME, next)).execute().await? == 1);
        };
        let sql = "UPDATE settings SET value = $2 WHERE name = $1 AND value = $3";
        Ok(self.query(sql, (TIME, next, text(before))).execute().await? == 1)
    }

    /// The newest entry of the trail: what time it was when something last happened.
    pub async fn last_entry(&self) -> sqlx::Result<Option<Timestamp>> {
        let sql = "SELECT at FROM audit ORDER BY id DESC LIMIT 1";
        Ok(self.query(sql, ()).fetch_column().await?.pop())
    }
}
