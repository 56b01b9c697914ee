//! Whom machines are shared with, as it was told not long ago: a large network has thousands of them, and each is asked
//! about with a call of its own.

use std::collections::HashMap;

use control_plane::DeviceId;
use model::{TailnetId, Timestamp};
use sharing::SeenInvite;

use super::decode::{Damaged, FromRow, Listed, Row};
use super::{Db, Json};

/// The invites of one machine.
struct Told {
    control_id: String,
    list: Vec<SeenInvite>,
}

impl FromRow for Told {
    const TABLE: &'static str = "invites";
    const KEY: &'static [&'static str] = &["node_id"];

    fn from_row(row: &Row<'_>) -> Result<Self, Damaged> {
        Ok(Self { control_id: row.get("control_id")?, list: row.json("list")? })
    }
}

impl Db {
    /// What was told since `since` of machines without a share that is not over, by what the control plane calls them.
    /// What cannot be read, or is said to be of later than `now`, is asked again.
    pub async fn list_invites(
        &self,
        tailnet: TailnetId,
        since: Timestamp,
        now: Timestamp,
    ) -> sqlx::Result<HashMap<String, Vec<SeenInvite>>> {
        let sql = "SELECT i.node_id, n.control_id, i.list FROM invites i JOIN nodes n ON n.id = i.node_id
             WHERE n.tailnet_id = $1 AND i.read > $2 AND i.read <= $3
                AND NOT EXISTS (SELECT 1 FROM shares h WHERE h.node_id = n.id AND h.state <> 'ended')";
        let told: Listed<Told> = self.query(sql, (tailnet, since, now)).fetch_listed().await?;
        Ok(told.readable().into_iter().map(|told| (told.control_id, told.list)).collect())
    }

    /// Keeps what was told just now. Not of a machine with a share that is not over: it is asked about each time, and
    /// what was told before our last deed there is forgotten with it.
    pub async fn put_invites(
        &self,
        tailnet: TailnetId,
        told: &[(DeviceId, Vec<SeenInvite>)],
        now: Timestamp,
    ) -> sqlx::Result<()> {
        let put = "INSERT INTO invites (node_id, read, list)
             SELECT n.id, $3, $4 FROM nodes n WHERE n.tailnet_id = $1 AND n.control_id = $2
             ON CONFLICT (node_id) DO UPDATE SET read = excluded.read, list = excluded.list";
        let of_shares = "DELETE FROM invites WHERE node_id IN
             (SELECT node_id FROM shares WHERE tailnet_id = $1 AND state <> 'ended')";
        let mut tx = self.begin().await?;
        for (device, list) in told {
            tx.query(put, (tailnet, device.as_str(), now, Json::write(list))).execute().await?;
        }
        tx.query(of_shares, (tailnet,)).execute().await?;
        tx.commit().await
    }

    /// The next look asks about every machine.
    pub async fn forget_invites(&self, tailnet: TailnetId) -> sqlx::Result<()> {
        let sql = "DELETE FROM invites WHERE node_id IN (SELECT id FROM nodes WHERE tailnet_id = $1)";
        self.query(sql, (tailnet,)).execute().await.map(drop)
    }

    /// How far a look has come.
    pub async fn mark_look(&self, tailnet: TailnetId, done: usize, of: usize) -> sqlx::Result<()> {
        let number = |count: usize| i64::try_from(count).unwrap_or(i64::MAX);
        let sql = "UPDATE tailnets SET look_done = $2, look_of = $3 WHERE id = $1";
        self.query(sql, (tailnet, number(done), number(of))).execute().await.map(drop)
    }
}
