//! Machines.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::Server;
use crate::headscale::world;

/// A machine.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Node {
    pub id: u64,
    /// What it calls itself.
    pub name: String,
    /// What the network calls it.
    pub given_name: String,
    pub user: Option<u64>,
    pub tags: Vec<String>,
    pub ipv4: Ipv4Addr,
    pub ipv6: Ipv6Addr,
    /// Of the machine, of its connections, and for finding others.
    pub keys: [String; 3],
    /// `AUTH_KEY`, `CLI`, `OIDC`.
    pub registered_by: String,
    pub preauth_key: Option<u64>,
    pub created: Timestamp,
    pub expiry: Option<Timestamp>,
    pub last_seen: Timestamp,
    pub online: bool,
    pub ephemeral: bool,
    pub available_routes: Vec<String>,
    pub approved_routes: Vec<String>,
    pub os: String,
    pub client_version: String,
}

impl Node {
    /// One that has just come in.
    pub fn new(id: u64, name: &str, now: Timestamp) -> Self {
        Self {
            id,
            name: name.to_owned(),
            given_name: name.to_owned(),
            user: None,
            tags: Vec::new(),
            ipv4: address_v4(id),
            ipv6: address_v6(id),
            keys: [format!("mkey:{id:064x}"), format!("nodekey:{id:064x}"), format!("discokey:{id:064x}")],
            registered_by: "CLI".into(),
            preauth_key: None,
            created: now,
            expiry: None,
            last_seen: now,
            online: true,
            ephemeral: false,
            available_routes: Vec::new(),
            approved_routes: Vec::new(),
            os: "linux".into(),
            client_version: "1.98.2-t5f3a2c1e8-g1d2c3b4a5".into(),
        }
    }

    pub fn of_world(
        from: &world::Node,
        id: u64,
        user: Option<u64>,
        year_ago: Timestamp,
        now: Timestamp,
    ) -> Self {
        let plain = Self::new(id, &from.name, from.created.unwrap_or(year_ago));
        Self {
            given_name: from.given_name.clone().unwrap_or_else(|| from.name.clone()),
            user,
            tags: from.tags.clone(),
            ipv4: from.ipv4.unwrap_or(plain.ipv4),
            ipv6: from.ipv6.unwrap_or(plain.ipv6),
            keys: from.keys.clone().unwrap_or_else(|| plain.keys.clone()),
            registered_by: from.registered_by.clone(),
            preauth_key: from.preauth_key,
            expiry: from.expiry,
            last_seen: from.last_seen.unwrap_or(now),
            online: from.online,
            ephemeral: from.ephemeral,
            available_routes: from.available_routes.clone(),
            approved_routes: from.approved_routes.clone(),
            os: from.os.clone(),
            client_version: from.client_version.clone(),
            ..plain
        }
    }

    /// IPv4 first.
    pub fn addresses(&self) -> [IpAddr; 2] {
        [self.ipv4.into(), self.ipv6.into()]
    }

    /// Approved routes that it offers; with the exit or without.
    pub fn routes_in_force(&self, with_exit: bool) -> Vec<String> {
        let offered = |route: &&String| self.available_routes.contains(route);
        let (exits, subnets): (Vec<&String>, Vec<&String>) =
            self.approved_routes.iter().filter(offered).partition(|route| is_exit(route));
        subnets.into_iter().chain(exits.into_iter().filter(|_| with_exit)).cloned().collect()
    }
}

pub fn is_exit(route: &str) -> bool {
    matches!(route, "0.0.0.0/0" | "::/0")
}

/// In sequence, as Headscale gives them out: two servers collide.
fn address_v4(id: u64) -> Ipv4Addr {
    let low = u32::try_from(id % (1 << 22)).unwrap_or_default();
    Ipv4Addr::from(u32::from(Ipv4Addr::new(100, 64, 0, 0)) + low)
}

fn address_v6(id: u64) -> Ipv6Addr {
    Ipv6Addr::from(u128::from(Ipv6Addr::new(0xfd7a, 0x115c, 0xa1e0, 0, 0, 0, 0, 0)) + u128::from(id))
}

impl Server {
    /// Lets a machine in. A name that is taken gets a number.
    pub fn add_node(&mut self, name: &str, now: Timestamp, about: impl FnOnce(&mut Node)) -> &Node {
        let id = self.next_node();
        let mut node = Node::new(id, name, now);
        let taken = |given: &str| self.nodes.iter().any(|node| node.given_name == given);
        let mut number = 0;
        while taken(&node.given_name) {
            number += 1;
            node.given_name = format!("{name}-{number}");
        }
        about(&mut node);
        self.nodes.push(node);
        let last = self.nodes.len() - 1;
        &self.nodes[last]
    }
}
