//! What is known of a machine's host: its token, what it fetched, what was seen in force, friends' addresses.

use firewall::TailnetAddress;
use model::{Login, NodeId, PersonId, Revision, TailnetId, Timestamp};
use uuid::Uuid;

use super::decode::{Listed, Row as Stored};
use super::tailnets::mine;
use super::{Db, Json, audit};
use crate::{in_transaction, on};

/// One host. Nothing known is all absent.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Host {
    pub token_made: Option<Timestamp>,
    /// With it the host may also tell which devices friends have.
    pub tells: bool,
    /// When it last asked for its text.
    pub asked: Option<Timestamp>,
    /// Then also what it had in force already, as it said.
    pub told: Option<(Timestamp, Revision)>,
    /// When rules were pasted, which revision they named, and whether they were all of it.
    pub seen: Option<(Timestamp, Revision, bool)>,
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
    tells: bool,
    fetched: Option<i64>,
    fetched_revision: Option<Revision>,
    seen: Option<i64>,
    seen_revision: Option<Revision>,
    seen_whole: Option<bool>,
}

/// With what an owner is told of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HostOfNode {
    pub node: NodeId,
    pub name: String,
    /// The current text, and since when.
    pub revision: Revision,
    pub made: Timestamp,
    pub host: Host,
}

#[derive(sqlx::FromRow)]
struct NamedRow {
    #[sqlx(flatten)]
    host: Row,
    name: String,
    firewall_revision: Revision,
    firewall_made: Timestamp,
}

#[derive(sqlx::FromRow)]
struct PlacedRow {
    #[sqlx(flatten)]
    host: NamedRow,
    tailnet_id: Uuid,
}

impl From<NamedRow> for HostOfNode {
    fn from(row: NamedRow) -> Self {
        Self {
            node: NodeId::new(row.host.node_id),
            name: row.name,
            revision: row.firewall_revision,
            made: row.firewall_made,
            host: row.host.into(),
        }
    }
}

impl From<Row> for Host {
    fn from(row: Row) -> Self {
        let at = |micros: Option<i64>| micros.map(Timestamp::from_micros);
        Self {
            token_made: at(row.token_made),
            tells: row.tells,
            asked: at(row.fetched),
            told: at(row.fetched).zip(row.fetched_revision),
            seen: at(row.seen)
                .zip(row.seen_revision)
                .zip(row.seen_whole)
                .map(|((at, revision), whole)| (at, revision, whole)),
        }
    }
}

impl Host {
    /// As of now: what is said to have happened later than that did not.
    #[must_use]
    pub fn as_of(self, now: Timestamp) -> Self {
        let happened = |at: Timestamp| at.happened(now);
        Self {
            asked: self.asked.and_then(happened),
            told: self.told.filter(|(at, _)| happened(*at).is_some()),
            seen: self.seen.filter(|(at, ..)| happened(*at).is_some()),
            ..self
        }
    }
}

impl Db {
    pub async fn find_host(&self, node: NodeId) -> sqlx::Result<Host> {
        let row = on!(self, pool => sqlx::query_as::<_, Row>(
            "SELECT * FROM hosts WHERE node_id = $1").bind(node).fetch_optional(pool).await)?;
        Ok(row.map(Host::from).unwrap_or_default())
    }

    /// Hosts of a tailnet of which something is known, of machines that have a text.
    pub async fn list_hosts(&self, tailnet: TailnetId) -> sqlx::Result<Vec<HostOfNode>> {
        on!(self, pool => sqlx::query_as::<_, NamedRow>(
            "SELECT h.*, n.name, n.firewall_revision, n.firewall_made
             FROM hosts h JOIN nodes n ON n.id = h.node_id
             WHERE n.tailnet_id = $1 AND n.gone IS NULL AND n.firewall_made IS NOT NULL ORDER BY n.name, n.id")
            .bind(tailnet).fetch_all(pool).await)
        .map(|rows| rows.into_iter().map(HostOfNode::from).collect())
    }

    /// The same of all tailnets that somebody owns or is a steward of, each with its tailnet.
    pub async fn list_hosts_of_person(&self, person: PersonId) -> sqlx::Result<Vec<(TailnetId, HostOfNode)>> {
        let rows = on!(self, pool => sqlx::query_as::<_, PlacedRow>(concat!(
            "SELECT h.*, n.name, n.firewall_revision, n.firewall_made, n.tailnet_id
             FROM hosts h JOIN nodes n ON n.id = h.node_id JOIN tailnets t ON t.id = n.tailnet_id
             WHERE n.gone IS NULL AND n.firewall_made IS NOT NULL AND ", mine!(), " ORDER BY n.name, n.id"))
            .bind(person).fetch_all(pool).await)?;
        Ok(rows.into_iter().map(|row| (TailnetId::new(row.tailnet_id), row.host.into())).collect())
    }

    /// A new token in the place of the one that was there; `None` takes it away.
    pub async fn put_pull_token(
        &self,
        node: NodeId,
        (hash, tells): (Option<&str>, bool),
        now: Timestamp,
        entry: &audit::NewEntry,
    ) -> sqlx::Result<()> {
        in_transaction!(self, tx => {
            sqlx::query(
                "INSERT INTO hosts (node_id, token_hash, token_made, tells, token_by) VALUES ($1, $2, $3, $4, $5)
                 ON CONFLICT (node_id) DO UPDATE SET token_hash = excluded.token_hash, tells = excluded.tells,
                    token_made = excluded.token_made, token_by = excluded.token_by,
                    fetched = CASE WHEN excluded.token_hash IS NULL THEN NULL ELSE hosts.fetched END,
                    fetched_revision =
                        CASE WHEN excluded.token_hash IS NULL THEN NULL ELSE hosts.fetched_revision END")
                .bind(node).bind(hash).bind(hash.map(|_| now)).bind(tells)
                // Whoever made it knows it.
                .bind(hash.and(entry.actor.id())).execute(&mut *tx).await?;
            audit::insert!(tx, entry);
        });
        Ok(())
    }

    /// Machines of a tailnet that fetch with a token that this person made, with when they made it.
    pub async fn list_tokens_by(
        &self,
        tailnet: TailnetId,
        person: PersonId,
    ) -> sqlx::Result<Vec<(NodeId, String, Timestamp)>> {
        on!(self, pool => sqlx::query_as::<_, (Uuid, String, i64)>(
            "SELECT n.id, n.name, h.token_made FROM hosts h JOIN nodes n ON n.id = h.node_id
             WHERE n.tailnet_id = $1 AND h.token_by = $2 AND h.token_hash IS NOT NULL AND h.token_made IS NOT NULL
             ORDER BY n.name, n.id")
            .bind(tailnet).bind(person).fetch_all(pool).await)
        .map(|rows| {
            let row = |(node, name, made)| (NodeId::new(node), name, Timestamp::from_micros(made));
            rows.into_iter().map(row).collect()
        })
    }

    /// Whether this is the token of that node. Of somebody who may not come in it is good as long as a share that they
    /// give is open: its host has to hear of its end.
    pub async fn is_pull_token(&self, node: NodeId, hash: &str) -> sqlx::Result<bool> {
        on!(self, pool => sqlx::query_as::<_, (i64,)>(
            "SELECT COUNT(*) FROM hosts h JOIN nodes n ON n.id = h.node_id JOIN tailnets t ON t.id = n.tailnet_id
             JOIN people p ON p.id = t.owner_id
             WHERE h.node_id = $1 AND h.token_hash = $2 AND n.gone IS NULL AND (p.standing = 'here'
                 OR EXISTS (SELECT 1 FROM shares x WHERE x.owner_id = p.id AND x.state <> 'ended'))")
            .bind(node).bind(hash).fetch_one(pool).await)
        .map(|(count,)| count > 0)
    }

    /// It asked, and said that it has this revision in force; none if it has nothing that was made here.
    pub async fn mark_asked(&self, node: NodeId, has: Option<Revision>, now: Timestamp) -> sqlx::Result<()> {
        on!(self, pool => sqlx::query("UPDATE hosts SET fetched = $2, fetched_revision = $3 WHERE node_id = $1")
            .bind(node).bind(now).bind(has).execute(pool).await.map(drop))
    }

    pub async fn mark_seen_on_host(
        &self,
        node: NodeId,
        (revision, whole): (Revision, bool),
        now: Timestamp,
        entry: &audit::NewEntry,
    ) -> sqlx::Result<()> {
        in_transaction!(self, tx => {
            sqlx::query(
                "INSERT INTO hosts (node_id, seen, seen_revision, seen_whole) VALUES ($1, $2, $3, $4)
                 ON CONFLICT (node_id) DO UPDATE SET seen = excluded.seen,
                    seen_revision = excluded.seen_revision, seen_whole = excluded.seen_whole")
                .bind(node).bind(now).bind(revision).bind(whole).execute(&mut *tx).await?;
            audit::insert!(tx, entry);
        });
        Ok(())
    }

    pub async fn list_friend_addresses(&self, node: NodeId) -> sqlx::Result<Listed<FriendAddresses>> {
        on!(self, pool => sqlx::query_as::<_, (String, String, i64)>(
            "SELECT login, addresses, read FROM friend_addresses WHERE node_id = $1 ORDER BY login")
            .bind(node).fetch_all(pool).await)
        .map(|rows| {
            let row = |(login, addresses, read): (String, String, i64)| {
                let stored =
                    Stored::named("friend_addresses", format_args!("{}/{login}", node.uuid().simple()));
                let addresses: Vec<TailnetAddress> = stored.json("addresses", &addresses)?;
                // A friend of whom no address is known has no row: without one their ports are open to all whom the
                // policy lets in.
                if addresses.is_empty() {
                    return Err(stored.damaged("addresses", "the list is empty"));
                }
                // As it is compared with the logins of shares.
                stored.parse::<Login>("login", &login)?;
                let addresses = addresses.iter().map(ToString::to_string).collect();
                Ok(FriendAddresses { login, addresses, read: Timestamp::from_micros(read) })
            };
            rows.into_iter().map(row).collect()
        })
    }

    /// The same devices of one friend were seen again.
    pub async fn mark_friend_read(&self, node: NodeId, login: &str, now: Timestamp) -> sqlx::Result<()> {
        on!(self, pool => sqlx::query("UPDATE friend_addresses SET read = $3 WHERE node_id = $1 AND login = $2")
            .bind(node).bind(login).bind(now).execute(pool).await.map(drop))
    }

    /// What was seen of some friends. `all`: in the place of whatever was known before; otherwise what is known of
    /// others stays.
    pub async fn put_friend_addresses(
        &self,
        node: NodeId,
        (friends, all): (&[FriendAddresses], bool),
        entry: &audit::NewEntry,
    ) -> sqlx::Result<()> {
        in_transaction!(self, tx => {
            if all {
                sqlx::query("DELETE FROM friend_addresses WHERE node_id = $1")
                    .bind(node).execute(&mut *tx).await?;
            }
            for friend in friends.iter().filter(|friend| !friend.addresses.is_empty()) {
                sqlx::query(
                    "INSERT INTO friend_addresses (node_id, login, addresses, read) VALUES ($1, $2, $3, $4)
                     ON CONFLICT (node_id, login) DO UPDATE SET addresses = excluded.addresses, read = excluded.read")
                    .bind(node).bind(&friend.login).bind(Json::write(&friend.addresses))
                    .bind(friend.read).execute(&mut *tx).await?;
            }
            audit::insert!(tx, entry);
        });
        Ok(())
    }
}
