//! Machines and accounts a page at a time: as much is asked of a tailnet with ten machines as of one with ten thousand.

use std::collections::HashMap;

use model::{NodeFilter, NodeId, TailnetId};
use uuid::Uuid;

use super::{Account, Node};
use crate::store::Db;
use crate::store::decode::{Damaged, FromRow, Row};

/// What stands first: machines that are online, those that are not, those that are gone. `nodes_in_order` is made of it.
macro_rules! rank {
    () => {
        "(CASE WHEN n.gone IS NOT NULL THEN 2 WHEN n.online THEN 0 ELSE 1 END)"
    };
}

/// What the list of machines is asked for.
#[derive(Clone, Debug, Default)]
pub struct NodeSearch {
    /// Lower case, with `%` around it and its own wildcards escaped by `!`; absent: everything.
    pub like: Option<String>,
    pub only: Option<NodeFilter>,
    /// The last row of the page before.
    pub after: Option<After>,
    pub limit: i64,
}

/// A row's place in the list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct After {
    pub rank: i64,
    pub name: String,
    pub id: Uuid,
}

impl After {
    /// `RANK.ID.NAME`, as [`std::fmt::Display`] writes it.
    pub fn parse(text: &str) -> Option<Self> {
        let (rank, rest) = text.split_once('.')?;
        let (id, name) = rest.split_once('.')?;
        Some(Self { rank: rank.parse().ok()?, name: name.to_owned(), id: Uuid::try_parse(id).ok()? })
    }

    pub fn of(node: &Node) -> Self {
        let rank = match (node.gone, node.online) {
            (Some(_), _) => 2,
            (None, true) => 0,
            (None, false) => 1,
        };
        Self { rank, name: node.name.clone(), id: node.id.uuid() }
    }
}

impl std::fmt::Display for After {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}.{}.{}", self.rank, self.id.simple(), self.name)
    }
}

/// A machine with how many listed services and how many shares that are not over it has.
#[derive(Clone, Debug)]
pub struct Counted {
    pub node: Node,
    pub services: i64,
    pub shares: i64,
}

impl FromRow for Counted {
    const TABLE: &'static str = "nodes";
    const KEY: &'static [&'static str] = &["id"];

    fn from_row(row: &Row<'_>) -> Result<Self, Damaged> {
        Ok(Self { node: row.part()?, services: row.get("services")?, shares: row.get("shares")? })
    }
}

macro_rules! counted {
    ($rest:literal $(, $more:expr)*) => {
        concat!(
            "SELECT n.id, n.tailnet_id, n.control_id, n.legacy_id, n.name, n.dns_name, n.os, n.user_login, n.tags,
                n.addresses, n.advertised_routes, n.enabled_routes, n.online, n.last_seen, n.external, n.gone,
                n.firewall_backend, n.firewall_interface, n.firewall_revision, n.firewall_made,
                (SELECT COUNT(*) FROM services s WHERE s.node_id = n.id AND s.removed IS NULL) AS services,
                (SELECT COUNT(*) FROM shares h WHERE h.node_id = n.id AND h.state <> 'ended') AS shares
             FROM nodes n WHERE ",
            $rest $(, $more)*
        )
    };
}

impl Db {
    /// One page of a tailnet's machines, also those that are gone: online first, then by name.
    pub async fn search_nodes(&self, tailnet: TailnetId, search: &NodeSearch) -> sqlx::Result<Vec<Counted>> {
        let after = search.after.clone().unwrap_or(After { rank: -1, name: String::new(), id: Uuid::nil() });
        let only = match search.only {
            None => 0_i64,
            Some(NodeFilter::Online) => 1,
            Some(NodeFilter::Away) => 2,
            Some(NodeFilter::Routers) => 3,
            Some(NodeFilter::Listed) => 4,
        };
        let sql = counted!(
            "n.tailnet_id = $1 AND (", rank!(), " > $2
                    OR (", rank!(), " = $2 AND (n.name > $3 OR (n.name = $3 AND n.id > $4))))
                AND ($5 = '' OR lower(n.name || ' ' || n.os || ' ' || n.user_login || ' ' || n.tags || ' '
                    || n.addresses || ' ' || n.enabled_routes) LIKE $5 ESCAPE '!')
                AND ($6 = 0 OR ($6 = 1 AND ", rank!(), " = 0) OR ($6 = 2 AND ", rank!(), " > 0)
                    OR ($6 = 3 AND n.enabled_routes <> '[]')
                    OR ($6 = 4 AND EXISTS (SELECT 1 FROM services s WHERE s.node_id = n.id AND s.removed IS NULL)))
             ORDER BY ", rank!(), ", n.name, n.id LIMIT $7"
        );
        let like = search.like.as_deref().unwrap_or_default();
        let values = (tailnet, after.rank, after.name, after.id, like, only, search.limit);
        Ok(self.query(sql, values).fetch_listed().await?.readable())
    }

    /// One machine, counted like those of a list.
    pub async fn find_counted_node(&self, id: NodeId) -> sqlx::Result<Option<Counted>> {
        self.query(counted!("n.id = $1"), (id,)).fetch_optional().await
    }

    /// What the machines are called that something made elsewhere is about.
    pub async fn names_of_nodes_with_unmanaged(
        &self,
        tailnet: TailnetId,
    ) -> sqlx::Result<HashMap<NodeId, String>> {
        let sql = "SELECT n.id, n.name FROM nodes n
            WHERE n.id IN (SELECT r.node_id FROM strays r WHERE r.tailnet_id = $1)";
        Ok(self.query(sql, (tailnet,)).fetch_all::<(NodeId, String)>().await?.into_iter().collect())
    }

    /// One page of a tailnet's accounts: members first, then share recipients, each by login.
    pub async fn search_accounts(
        &self,
        tailnet: TailnetId,
        like: Option<&str>,
        after: Option<(&str, &str)>,
        limit: i64,
    ) -> sqlx::Result<Vec<Account>> {
        let (kind, login) = after.unwrap_or_default();
        let sql = "SELECT tailnet_id, control_id, login, name, role, kind, devices FROM users
            WHERE tailnet_id = $1 AND (kind > $2 OR (kind = $2 AND login > $3))
                AND ($4 = '' OR lower(login || ' ' || name || ' ' || role) LIKE $4 ESCAPE '!')
            ORDER BY kind, login LIMIT $5";
        self.query(sql, (tailnet, kind, login, like.unwrap_or_default(), limit)).fetch_all().await
    }
}
