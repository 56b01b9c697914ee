//! Machines.

use std::net::IpAddr;

use calls::lenient;
use control_plane::{Device, DeviceId};
use model::Timestamp;
use serde::Deserialize;

use super::user::User;

#[derive(Deserialize)]
pub struct Nodes {
    #[serde(default, deserialize_with = "lenient::nullable")]
    pub nodes: Vec<Node>,
}

#[derive(Deserialize)]
pub struct One {
    pub node: Node,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Node {
    #[serde(deserialize_with = "lenient::id")]
    id: String,
    #[serde(default, deserialize_with = "lenient::nullable")]
    node_key: String,
    #[serde(default, deserialize_with = "lenient::addresses")]
    ip_addresses: Vec<IpAddr>,
    /// What it calls itself.
    #[serde(default, deserialize_with = "lenient::name")]
    name: String,
    /// What the network calls it.
    #[serde(default, deserialize_with = "lenient::name")]
    given_name: String,
    #[serde(default)]
    user: Option<User>,
    #[serde(default, deserialize_with = "lenient::time")]
    last_seen: Option<Timestamp>,
    #[serde(default, deserialize_with = "lenient::time")]
    expiry: Option<Timestamp>,
    #[serde(default)]
    pre_auth_key: Option<CameWith>,
    #[serde(default, deserialize_with = "lenient::time")]
    created_at: Option<Timestamp>,
    #[serde(default, deserialize_with = "lenient::nullable")]
    online: bool,
    #[serde(default, deserialize_with = "lenient::nullable")]
    approved_routes: Vec<String>,
    #[serde(default, deserialize_with = "lenient::nullable")]
    available_routes: Vec<String>,
    #[serde(default, deserialize_with = "lenient::names")]
    tags: Vec<String>,
}

/// The key that a machine came in with.
#[derive(Deserialize)]
struct CameWith {
    #[serde(default, deserialize_with = "lenient::nullable")]
    ephemeral: bool,
}

impl Node {
    /// Its name has the base domain where that is known.
    pub fn plain(self, base_domain: Option<&str>) -> Device {
        let id = DeviceId::new(self.id);
        let label = if self.given_name.is_empty() { &self.name } else { &self.given_name };
        // A machine with tags is nobody's; single answers may show who had it.
        let user = self.user.as_ref().filter(|user| user.is_somebody() && self.tags.is_empty());
        Device {
            legacy_id: id.clone(),
            id,
            name: base_domain.map_or_else(|| label.clone(), |domain| format!("{label}.{domain}")),
            hostname: self.name.clone(),
            addresses: self.ip_addresses,
            // No call of v1 tells either.
            os: String::new(),
            client_version: String::new(),
            user_login: user.map(User::login).unwrap_or_default(),
            user_id: user.map(User::id),
            node_key: Some(self.node_key).filter(|key| !key.is_empty()),
            tags: self.tags,
            created: self.created_at,
            last_seen: self.last_seen.filter(|_| !self.online),
            connected: self.online,
            external: false,
            authorized: true,
            ephemeral: self.pre_auth_key.is_some_and(|key| key.ephemeral),
            key_expires: self.expiry,
            blocks_incoming: false,
            advertised_routes: self.available_routes,
            enabled_routes: self.approved_routes,
        }
    }
}
