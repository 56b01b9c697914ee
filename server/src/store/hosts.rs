//! What is known of a machine's host: its token, what it fetched, what was seen in force, friends' addresses.

use model::{NodeId, TailnetId, Timestamp};
use uuid::Uuid;

use super::{Db, Json, audit};
use crate::{in_transaction, on};

/// One host. Nothing known is all absent.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Host {
    pub token_made: Option<Timestamp>,
    /// When it fetched, and what it then had.
    pub fetched: Option<(Timestamp, i64)>,
    /// When rules were pasted, which revision they named, and whether they were all of it.
    pub seen: Option<(Timestamp, i64, bool)>,
}

/// A friend's devices as the machine saw them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FriendAddresses {
    pub login: String,
    pub addresses: Vec<String>,
    pub read: Timestamp,
}

#[derive(sqlx::FromRow)]
struct Row {
    node_id: Uuid,
    token_made: Option<i64>,
    fetched: Option<i64>,
    fetched_revision: Option<i64>,
    seen: Option<i64>,
    seen_revision: Option<i64>,
    seen_whole: Option<bool>,
}

impl From<Row> for Host {
    fn from(row: Row) -> Self {
        let at = |micros: Option<i64>| micros.map(Timestamp::from_micros);
        Self {
            token_made: at(row.token_made),
            fetched: at(row.fetched).zip(row.fetched_revision),
            seen: at(row.seen)
                .zip(row.seen_revision)
                .zip(row.seen_whole)
                .map(|((at, revision), whole)| (at, revision, whole)),
        }
    }
}

impl Db {
    pub async fn find_host(&self, node: NodeId) -> sqlx::Result<Host> {
        let row = on!(self, pool => sqlx::query_as::<_, Row>(
            "SELECT * FROM hosts WHERE node_id = $1").bind(node.uuid()).fetch_optional(pool).await)?;
        Ok(row.map(Host::from).unwrap_or_default())
    }

    /// Hosts of a tailnet of which something is known, with their machines.
    pub async fn list_hosts(&self, tailnet: TailnetId) -> sqlx::Result<Vec<(NodeId, Host)>> {
        on!(self, pool => sqlx::query_as::<_, Row>(
            "SELECT hosts.* FROM hosts JOIN nodes ON nodes.id = hosts.node_id
             WHERE nodes.tailnet_id = $1 AND nodes.gone IS NULL ORDER BY nodes.name, nodes.id")
            .bind(tailnet.uuid()).fetch_all(pool).await)
        .map(|rows| rows.into_iter().map(|row| (NodeId::new(row.node_id), row.into())).collect())
    }

    /// A new token in the place of the one that was there; `None` takes it away.
    pub async fn put_pull_token(
        &self,
        node: NodeId,
        hash: Option<&str>,
        now: Timestamp,
        entry: &audit::NewEntry,
    ) -> sqlx::Result<()> {
        in_transaction!(self, tx => {
            sqlx::query(
                "INSERT INTO hosts (node_id, token_hash, token_made) VALUES ($1, $2, $3)
                 ON CONFLICT (node_id) DO UPDATE SET token_hash = excluded.token_hash,
                    token_made = excluded.token_made, fetched = NULL, fetched_revision = NULL")
                .bind(node.uuid()).bind(hash).bind(hash.map(|_| now.micros())).execute(&mut *tx).await?;
            audit::insert!(tx, entry);
        });
        Ok(())
    }

    /// Whether this is the token of that node.
    pub async fn is_pull_token(&self, node: NodeId, hash: &str) -> sqlx::Result<bool> {
        on!(self, pool => sqlx::query_as::<_, (i64,)>(
            "SELECT COUNT(*) FROM hosts h JOIN nodes n ON n.id = h.node_id
             WHERE h.node_id = $1 AND h.token_hash = $2 AND n.gone IS NULL")
            .bind(node.uuid()).bind(hash).fetch_one(pool).await)
        .map(|(count,)| count > 0)
    }

    pub async fn mark_fetched(&self, node: NodeId, revision: i64, now: Timestamp) -> sqlx::Result<()> {
        on!(self, pool => sqlx::query("UPDATE hosts SET fetched = $2, fetched_revision = $3 WHERE node_id = $1")
            .bind(node.uuid()).bind(now.micros()).bind(revision).execute(pool).await.map(drop))
    }

    pub async fn mark_seen_on_host(
        &self,
        node: NodeId,
        (revision, whole): (i64, bool),
        now: Timestamp,
        entry: &audit::NewEntry,
    ) -> sqlx::Result<()> {
        in_transaction!(self, tx => {
            sqlx::query(
                "INSERT INTO hosts (node_id, seen, seen_revision, seen_whole) VALUES ($1, $2, $3, $4)
                 ON CONFLICT (node_id) DO UPDATE SET seen = excluded.seen,
                    seen_revision = excluded.seen_revision, seen_whole = excluded.seen_whole")
                .bind(node.uuid()).bind(now.micros()).bind(revision).bind(whole).execute(&mut *tx).await?;
            audit::insert!(tx, entry);
        });
        Ok(())
    }

    pub async fn list_friend_addresses(&self, node: NodeId) -> sqlx::Result<Vec<FriendAddresses>> {
        on!(self, pool => sqlx::query_as::<_, (String, String, i64)>(
            "SELECT login, addresses, read FROM friend_addresses WHERE node_id = $1 ORDER BY login")
            .bind(node.uuid()).fetch_all(pool).await)
        .map(|rows| {
            let row = |(login, addresses, read): (String, String, i64)| FriendAddresses {
                login,
                addresses: Json::read(&addresses).unwrap_or_default(),
                read: Timestamp::from_micros(read),
            };
            rows.into_iter().map(row).collect()
        })
    }

    /// All that was seen, in the place of what was seen before.
    pub async fn put_friend_addresses(
        &self,
        node: NodeId,
        friends: &[FriendAddresses],
        entry: &audit::NewEntry,
    ) -> sqlx::Result<()> {
        in_transaction!(self, tx => {
            sqlx::query("DELETE FROM friend_addresses WHERE node_id = $1")
                .bind(node.uuid()).execute(&mut *tx).await?;
            for friend in friends {
                sqlx::query(
                    "INSERT INTO friend_addresses (node_id, login, addresses, read) VALUES ($1, $2, $3, $4)")
                    .bind(node.uuid()).bind(&friend.login).bind(Json::write(&friend.addresses))
                    .bind(friend.read.micros()).execute(&mut *tx).await?;
            }
            audit::insert!(tx, entry);
        });
        Ok(())
    }
}
