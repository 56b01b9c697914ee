//! Machines and accounts of a tailnet, as last read from its control plane.

use std::collections::HashMap;

use control_plane::UserKind;
use firewall::Backend;
use model::{NodeId, ObjectKind, Revision, TailnetId, Timestamp};

use super::decode::{Damaged, FromRow, Listed, Row};
use super::{Db, audit};

mod inventory;
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
    /// What kind of host it is; absent until it was chosen. One that cannot be read keeps nobody from being shut out.
    pub firewall_backend: Result<Option<Backend>, Damaged>,
    /// What the tailnet's interface is called on the host.
    pub firewall_interface: String,
    pub firewall_revision: Revision,
    pub firewall_made: Option<Timestamp>,
}

/// For the audit trail.
impl From<&Node> for audit::Object {
    fn from(node: &Node) -> Self {
        Self::new(ObjectKind::Node, node.id, &node.name)
    }
}

impl FromRow for Node {
    const TABLE: &'static str = "nodes";
    const KEY: &'static [&'static str] = &["id"];

    fn from_row(row: &Row<'_>) -> Result<Self, Damaged> {
        Ok(Self {
            id: row.get("id")?,
            tailnet: row.get("tailnet_id")?,
            control_id: row.get("control_id")?,
            legacy_id: row.get("legacy_id")?,
            name: row.get("name")?,
            dns_name: row.get("dns_name")?,
            os: row.get("os")?,
            user_login: row.get("user_login")?,
            tags: row.json("tags")?,
            addresses: row.json("addresses")?,
            advertised_routes: row.json("advertised_routes")?,
            enabled_routes: row.json("enabled_routes")?,
            online: row.get("online")?,
            last_seen: row.get("last_seen")?,
            external: row.get("external")?,
            gone: row.get("gone")?,
            firewall_backend: row.parse_optional("firewall_backend"),
            firewall_interface: row.get("firewall_interface")?,
            firewall_revision: row.get("firewall_revision")?,
            firewall_made: row.get("firewall_made")?,
        })
    }
}

macro_rules! nodes {
    ($rest:literal) => {
        concat!(
            "SELECT id, tailnet_id, control_id, legacy_id, name, dns_name, os, user_login, tags, addresses,
                advertised_routes, enabled_routes, online, last_seen, external, gone, firewall_backend,
                firewall_interface, firewall_revision, firewall_made FROM nodes WHERE ",
            $rest
        )
    };
}

const USER_KINDS: [UserKind; 2] = [UserKind::Member, UserKind::Shared];

/// As stored in `users.kind`.
const fn user_kind(kind: UserKind) -> &'static str {
    match kind {
        UserKind::Member => "member",
        UserKind::Shared => "shared",
    }
}

/// An account of a tailnet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Account {
    pub login: String,
    pub name: String,
    pub role: String,
    pub kind: UserKind,
    pub devices: i64,
}

impl Account {
    /// Its place in the list, for [`Db::search_accounts`].
    pub fn place(&self) -> String {
        format!("{}.{}", user_kind(self.kind), self.login)
    }
}

impl FromRow for Account {
    const TABLE: &'static str = "users";
    const KEY: &'static [&'static str] = &["tailnet_id", "control_id"];

    fn from_row(row: &Row<'_>) -> Result<Self, Damaged> {
        Ok(Self {
            login: row.get("login")?,
            name: row.get("name")?,
            role: row.get("role")?,
            kind: row.word("kind", USER_KINDS, user_kind)?,
            devices: row.get("devices")?,
        })
    }
}

/// The addresses of one machine.
struct Addresses(Vec<String>);

impl FromRow for Addresses {
    const TABLE: &'static str = "nodes";
    const KEY: &'static [&'static str] = &["id"];

    fn from_row(row: &Row<'_>) -> Result<Self, Damaged> {
        row.json("addresses").map(Self)
    }
}

impl Db {
    pub async fn find_node(&self, id: NodeId) -> sqlx::Result<Option<Node>> {
        self.query(nodes!("id = $1"), (id,)).fetch_optional().await
    }

    /// All machines that can be read, also those that are gone: online first, then by name.
    pub async fn list_nodes(&self, tailnet: TailnetId) -> sqlx::Result<Vec<Node>> {
        let sql = nodes!(
            "tailnet_id = $1
             ORDER BY CASE WHEN gone IS NULL THEN 0 ELSE 1 END, CASE WHEN online THEN 0 ELSE 1 END, name, id"
        );
        self.query(sql, (tailnet,)).fetch_listed().await.map(Listed::readable)
    }

    /// The machine that is called so; of namesakes the one that is there.
    pub async fn find_node_named(&self, tailnet: TailnetId, name: &str) -> sqlx::Result<Option<NodeId>> {
        let sql = "SELECT id FROM nodes WHERE tailnet_id = $1 AND name = $2
            ORDER BY CASE WHEN gone IS NULL THEN 0 ELSE 1 END, CASE WHEN online THEN 0 ELSE 1 END, id LIMIT 1";
        Ok(self.query(sql, (tailnet, name)).fetch_optional::<(NodeId,)>().await?.map(|(id,)| id))
    }

    /// What the control plane calls the machines of shares that are not over.
    pub async fn control_ids_of_shared_nodes(
        &self,
        tailnet: TailnetId,
    ) -> sqlx::Result<HashMap<NodeId, String>> {
        let sql = "SELECT n.id, n.control_id FROM nodes n
            WHERE n.id IN (SELECT h.node_id FROM shares h WHERE h.tailnet_id = $1 AND h.state <> 'ended')";
        Ok(self.query(sql, (tailnet,)).fetch_all::<(NodeId, String)>().await?.into_iter().collect())
    }

    /// What the machines of shares that are not over are called.
    pub async fn names_of_shared_nodes(&self, tailnet: TailnetId) -> sqlx::Result<HashMap<NodeId, String>> {
        let sql = "SELECT n.id, n.name FROM nodes n
            WHERE n.id IN (SELECT h.node_id FROM shares h WHERE h.tailnet_id = $1 AND h.state <> 'ended')";
        Ok(self.query(sql, (tailnet,)).fetch_all::<(NodeId, String)>().await?.into_iter().collect())
    }

    /// Machines whose host somebody asked about, or that have a firewall text already.
    pub async fn list_hosts_to_renew(&self, tailnet: TailnetId) -> sqlx::Result<Vec<NodeId>> {
        let sql = "SELECT id FROM nodes WHERE tailnet_id = $1 AND gone IS NULL
            AND (firewall_revision > 0 OR firewall_backend IS NOT NULL) ORDER BY id";
        self.query(sql, (tailnet,)).fetch_column().await
    }

    /// The addresses of each of a tailnet's own machines that are there.
    pub async fn list_own_addresses(&self, tailnet: TailnetId) -> sqlx::Result<Listed<Vec<String>>> {
        let sql = "SELECT id, addresses FROM nodes
            WHERE tailnet_id = $1 AND external = $2 AND gone IS NULL ORDER BY id";
        let Listed { rows, damaged } = self.query(sql, (tailnet, false)).fetch_listed().await?;
        Ok(Listed { rows: rows.into_iter().map(|Addresses(all)| all).collect(), damaged })
    }

    pub async fn choose_host(
        &self,
        node: NodeId,
        backend: Backend,
        interface: &str,
        entry: &audit::NewEntry,
    ) -> sqlx::Result<()> {
        let sql = "UPDATE nodes SET firewall_backend = $2, firewall_interface = $3 WHERE id = $1";
        let mut tx = self.begin().await?;
        tx.query(sql, (node, backend.as_str(), interface)).execute().await?;
        audit::insert(&mut tx, entry).await?;
        tx.commit().await
    }
}
