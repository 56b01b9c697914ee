//! Machines and accounts of a tailnet, as last read from its control plane.

use std::collections::{HashMap, HashSet};

use control_plane::{Device, User, UserKind};
use model::{NodeId, Revision, TailnetId, Timestamp};
use uuid::Uuid;

use super::decode::{Listed, Row};
use super::{Db, Json, audit};
use crate::{in_transaction, on};

mod search;

pub use search::{After, Counted, NodeSearch};

/// One machine.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Node {
    pub id: NodeId,
    pub tailnet: TailnetId,
    /// The control plane's id for calls, and the one that invites carry.
    pub control_id: String,
    pub legacy_id: String,
    /// Short name.
    pub name: String,
    pub dns_name: String,
    pub os: String,
    pub user_login: String,
    pub tags: Vec<String>,
    pub addresses: Vec<String>,
    pub advertised_routes: Vec<String>,
    pub enabled_routes: Vec<String>,
    pub online: bool,
    pub last_seen: Option<Timestamp>,
    pub external: bool,
    pub gone: Option<Timestamp>,
    pub firewall_backend: Option<String>,
    /// What the tailnet's interface is called on the host.
    pub firewall_interface: String,
    pub firewall_revision: Revision,
    pub firewall_made: Option<Timestamp>,
}

#[derive(sqlx::FromRow)]
struct NodeRow {
    id: NodeId,
    tailnet_id: TailnetId,
    control_id: String,
    legacy_id: String,
    name: String,
    dns_name: String,
    os: String,
    user_login: String,
    tags: String,
    addresses: String,
    advertised_routes: String,
    enabled_routes: String,
    online: bool,
    last_seen: Option<Timestamp>,
    external: bool,
    gone: Option<Timestamp>,
    firewall_backend: Option<String>,
    firewall_interface: String,
    firewall_revision: Revision,
    firewall_made: Option<Timestamp>,
}

impl From<NodeRow> for Node {
    fn from(row: NodeRow) -> Self {
        let list = |text: &str| Json::read(text).unwrap_or_default();
        Self {
            id: row.id,
            tailnet: row.tailnet_id,
            tags: list(&row.tags),
            addresses: list(&row.addresses),
            advertised_routes: list(&row.advertised_routes),
            enabled_routes: list(&row.enabled_routes),
            control_id: row.control_id,
            legacy_id: row.legacy_id,
            name: row.name,
            dns_name: row.dns_name,
            os: row.os,
            user_login: row.user_login,
            online: row.online,
            last_seen: row.last_seen,
            external: row.external,
            gone: row.gone,
            firewall_backend: row.firewall_backend,
            firewall_interface: row.firewall_interface,
            firewall_revision: row.firewall_revision,
            firewall_made: row.firewall_made,
        }
    }
}

/// An account of a tailnet.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct Account {
    pub login: String,
    pub name: String,
    pub role: String,
    /// `member` or `shared`
    pub kind: String,
    pub devices: i64,
}

impl Db {
    /// Makes the list of machines and accounts what the control plane says. A machine that is no longer there is
    /// marked as gone; one that comes back is itself again.
    ///
    /// `external_known` is false where machines shared in are not listed at all: their absence says nothing.
    pub async fn put_inventory(
        &self,
        tailnet: TailnetId,
        devices: &[Device],
        external_known: bool,
        users: &[User],
        now: Timestamp,
        mut new_id: impl FnMut() -> Uuid,
    ) -> sqlx::Result<()> {
        let fresh: Vec<Uuid> = devices.iter().map(|_| new_id()).collect();
        let known: HashSet<&str> = devices.iter().map(|device| device.id.as_str()).collect();
        let mut of_user: HashMap<&str, i64> = HashMap::new();
        for device in devices.iter().filter(|device| !device.external && device.tags.is_empty()) {
            *of_user.entry(&device.user_login).or_default() += 1;
        }
        in_transaction!(self, tx => {
            for (device, id) in devices.iter().zip(fresh) {
                sqlx::query(
                    "INSERT INTO nodes (id, tailnet_id, control_id, legacy_id, name, dns_name, os, user_login,
                        tags, addresses, advertised_routes, enabled_routes, online, last_seen, external,
                        firewall_revision)
                     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, 0)
                     ON CONFLICT (tailnet_id, control_id) DO UPDATE SET legacy_id = excluded.legacy_id,
                        name = excluded.name, dns_name = excluded.dns_name, os = excluded.os,
                        user_login = excluded.user_login, tags = excluded.tags,
                        addresses = excluded.addresses, advertised_routes = excluded.advertised_routes,
                        enabled_routes = excluded.enabled_routes, online = excluded.online,
                        last_seen = excluded.last_seen, external = excluded.external, gone = NULL")
                    .bind(id).bind(tailnet).bind(device.id.as_str()).bind(device.legacy_id.as_str())
                    .bind(short_name(device)).bind(&device.name).bind(&device.os).bind(&device.user_login)
                    .bind(Json::write(&device.tags)).bind(Json::write(&device.addresses))
                    .bind(Json::write(&device.advertised_routes)).bind(Json::write(&device.enabled_routes))
                    .bind(device.connected)
                    .bind(if device.connected { Some(now) } else { device.last_seen })
                    .bind(device.external)
                    .execute(&mut *tx).await?;
            }
            let rows = sqlx::query_as::<_, (Uuid, String)>(
                "SELECT id, control_id FROM nodes WHERE tailnet_id = $1 AND gone IS NULL
                    AND (external = $2 OR external = $3)")
                .bind(tailnet).bind(false).bind(external_known).fetch_all(&mut *tx).await?;
            for (id, control_id) in rows {
                if !known.contains(control_id.as_str()) {
                    sqlx::query("UPDATE nodes SET gone = $2, online = $3 WHERE id = $1")
                        .bind(id).bind(now).bind(false).execute(&mut *tx).await?;
                }
            }
            sqlx::query("DELETE FROM users WHERE tailnet_id = $1")
                .bind(tailnet).execute(&mut *tx).await?;
            for user in users {
                let count = of_user.get(user.login.as_str()).copied().unwrap_or(0);
                sqlx::query(
                    "INSERT INTO users (tailnet_id, control_id, login, name, role, kind, devices)
                     VALUES ($1, $2, $3, $4, $5, $6, $7)
                     ON CONFLICT (tailnet_id, control_id) DO NOTHING")
                    .bind(tailnet).bind(user.id.as_str()).bind(&user.login).bind(&user.display_name)
                    .bind(&user.role).bind(if user.kind == UserKind::Shared { "shared" } else { "member" })
                    .bind(count)
                    .execute(&mut *tx).await?;
            }
        });
        Ok(())
    }

    pub async fn find_node(&self, id: NodeId) -> sqlx::Result<Option<Node>> {
        on!(self, pool => sqlx::query_as::<_, NodeRow>("SELECT * FROM nodes WHERE id = $1")
            .bind(id).fetch_optional(pool).await)
        .map(|row| row.map(Node::from))
    }

    /// All machines, also those that are gone: online first, then by name.
    pub async fn list_nodes(&self, tailnet: TailnetId) -> sqlx::Result<Vec<Node>> {
        on!(self, pool => sqlx::query_as::<_, NodeRow>(
            "SELECT * FROM nodes WHERE tailnet_id = $1
             ORDER BY CASE WHEN gone IS NULL THEN 0 ELSE 1 END, CASE WHEN online THEN 0 ELSE 1 END, name, id")
            .bind(tailnet).fetch_all(pool).await)
        .map(|rows| rows.into_iter().map(Node::from).collect())
    }

    /// Machines whose host somebody asked about, or that have a firewall text already.
    pub async fn list_hosts_to_renew(&self, tailnet: TailnetId) -> sqlx::Result<Vec<NodeId>> {
        on!(self, pool => sqlx::query_as::<_, (NodeId,)>(
            "SELECT id FROM nodes WHERE tailnet_id = $1 AND gone IS NULL
                AND (firewall_revision > 0 OR firewall_backend IS NOT NULL) ORDER BY id")
            .bind(tailnet).fetch_all(pool).await)
        .map(|rows| rows.into_iter().map(|(id,)| id).collect())
    }

    /// The addresses of each of a tailnet's own machines that are there.
    pub async fn list_own_addresses(&self, tailnet: TailnetId) -> sqlx::Result<Listed<Vec<String>>> {
        let rows = on!(self, pool => sqlx::query_as::<_, (NodeId, String)>(
            "SELECT id, addresses FROM nodes WHERE tailnet_id = $1 AND external = $2 AND gone IS NULL ORDER BY id")
            .bind(tailnet).bind(false).fetch_all(pool).await)?;
        Ok(rows.into_iter().map(|(id, text)| Row::of("nodes", id).json("addresses", &text)).collect())
    }

    pub async fn choose_host(
        &self,
        node: NodeId,
        backend: &str,
        interface: &str,
        entry: &audit::NewEntry,
    ) -> sqlx::Result<()> {
        in_transaction!(self, tx => {
            sqlx::query("UPDATE nodes SET firewall_backend = $2, firewall_interface = $3 WHERE id = $1")
                .bind(node).bind(backend).bind(interface).execute(&mut *tx).await?;
            audit::insert!(tx, entry);
        });
        Ok(())
    }
}

/// The first label of the MagicDNS name: unique within a tailnet, unlike what the machine calls itself.
fn short_name(device: &Device) -> String {
    let label = device.name.split('.').next().unwrap_or_default();
    if label.is_empty() { device.hostname.clone() } else { label.to_owned() }
}
