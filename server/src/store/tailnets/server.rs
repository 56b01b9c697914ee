//! The server behind a Headscale's tailnet: which it is, what it was found to be, and what its owner wrote of it.

use std::collections::BTreeSet;

use model::{NodeId, PlaneKind, TailnetId, Timestamp};
use uuid::Uuid;

use super::NameClash;
use crate::store::notices::{self, Subject};
use crate::store::{Db, Json, audit};

impl Db {
    /// What the control plane was found to be.
    pub async fn put_plane_kind(&self, id: TailnetId, kind: PlaneKind) -> sqlx::Result<()> {
        let sql = "UPDATE tailnets SET kind = $2 WHERE id = $1 AND kind <> $2";
        self.query(sql, (id, kind)).execute().await.map(drop)
    }

    /// What its owner wrote, since no call tells it.
    pub async fn put_names_of_server(
        &self,
        id: TailnetId,
        base_domain: Option<&str>,
        login_server: Option<&str>,
        entry: &audit::NewEntry,
    ) -> sqlx::Result<()> {
        let sql = "UPDATE tailnets SET base_domain = $2, login_server = $3 WHERE id = $1";
        let mut tx = self.begin().await?;
        tx.query(sql, (id, base_domain, login_server)).execute().await?;
        audit::insert(&mut tx, entry).await?;
        tx.commit().await
    }

    /// Which names of its policy several accounts have, as a sync found it. Since when stays, as long as there is one.
    pub async fn mark_names(&self, id: TailnetId, clashes: &[NameClash], now: Timestamp) -> sqlx::Result<()> {
        let known = "SELECT COUNT(*) FROM tailnets WHERE id = $1 AND names_clashed IS NOT NULL";
        // As almost always.
        if clashes.is_empty() && self.query(known, (id,)).count().await? == 0 {
            return Ok(());
        }
        let forget = "UPDATE tailnets SET names_clashed = NULL, names_clash = NULL WHERE id = $1";
        let put =
            "UPDATE tailnets SET names_clashed = COALESCE(names_clashed, $2), names_clash = $3 WHERE id = $1";
        let mut tx = self.begin().await?;
        if clashes.is_empty() {
            tx.query(forget, (id,)).execute().await?;
        } else {
            tx.query(put, (id, now, Json::write(&clashes))).execute().await?;
        }
        notices::renew(&mut tx, Subject::Server(id), now).await?;
        tx.commit().await
    }

    /// The server that a tailnet is on, where that is one of its owner's own; for whoever works on it alone.
    pub async fn find_server(&self, tailnet: Uuid) -> sqlx::Result<Option<Uuid>> {
        let sql = "SELECT server_id FROM tailnets WHERE id = $1 AND server_id IS NOT NULL";
        Ok(self.query(sql, (tailnet,)).fetch_column().await?.pop())
    }

    /// The tailnet is on the same server as another one: whoever works on one of them works on both.
    pub async fn put_server(&self, id: TailnetId, server: Uuid) -> sqlx::Result<()> {
        let sql = "UPDATE tailnets SET server_id = $2 WHERE id = $1";
        self.query(sql, (id, server)).execute().await.map(drop)
    }

    /// The keys of a tailnet's machines, also of those that are gone.
    pub async fn list_node_keys(&self, id: TailnetId) -> sqlx::Result<Vec<String>> {
        let sql = "SELECT node_key FROM nodes WHERE tailnet_id = $1 AND node_key IS NOT NULL";
        self.query(sql, (id,)).fetch_column().await
    }

    /// The public key of a machine as its control plane told it last (`nodekey:…`), if it does.
    pub async fn find_node_key(&self, id: NodeId) -> sqlx::Result<Option<String>> {
        let sql = "SELECT node_key FROM nodes WHERE id = $1 AND node_key IS NOT NULL";
        Ok(self.query(sql, (id,)).fetch_column().await?.pop())
    }

    /// The tailnet that was connected first with the server at this address, or with a server that has one of these
    /// machines; not this one itself.
    pub async fn find_same_server(
        &self,
        but: TailnetId,
        base_url: &str,
        node_keys: &BTreeSet<&str>,
    ) -> sqlx::Result<Option<TailnetId>> {
        let there = "SELECT t.id FROM tailnets t WHERE t.id <> $1 AND t.kind <> $2 AND t.base_url = $3";
        let there: Vec<TailnetId> =
            self.query(there, (but, PlaneKind::Tailscale, base_url)).fetch_column().await?;
        let keys = "SELECT n.tailnet_id, n.node_key FROM nodes n JOIN tailnets t ON t.id = n.tailnet_id
            WHERE t.id <> $1 AND t.kind <> $2 AND n.node_key IS NOT NULL";
        let keys: Vec<(TailnetId, String)> =
            self.query(keys, (but, PlaneKind::Tailscale)).fetch_all().await?;
        let same = keys.into_iter().filter(|(_, key)| node_keys.contains(key.as_str())).map(|(id, _)| id);
        Ok(there.into_iter().chain(same).min())
    }
}
