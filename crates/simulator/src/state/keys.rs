//! Keys of every kind: access tokens, OAuth clients, auth keys.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{Device, State, days_from, made_up};
use crate::world;

/// What a key is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Kind {
    Api,
    Client,
    Auth,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Key {
    pub kind: Kind,
    pub id: String,
    pub secret: String,
    pub description: String,
    /// Index into the users of the tailnet; not for clients.
    pub user: Option<usize>,
    pub created: Timestamp,
    pub expires: Option<Timestamp>,
    pub revoked: Option<Timestamp>,
    pub scopes: Vec<String>,
    pub tags: Vec<String>,
    /// What an auth key asked for.
    pub capabilities: Option<serde_json::Value>,
}

impl Key {
    pub fn is_auth(&self) -> bool {
        self.kind == Kind::Auth
    }

    pub fn is_valid(&self, now: Timestamp) -> bool {
        self.revoked.is_none() && self.expires.is_none_or(|expires| expires > now)
    }
}

/// The credentials that a world starts with.
pub fn of_world(tailnet: &world::Tailnet, user: &impl Fn(&str) -> usize, now: Timestamp) -> Vec<Key> {
    let clients = tailnet.clients.iter().map(|client| Key {
        kind: Kind::Client,
        id: client.id.clone(),
        secret: client.secret.clone(),
        description: client.description.clone(),
        user: None,
        created: days_from(now, -30),
        expires: None,
        revoked: None,
        scopes: client.scopes.clone(),
        tags: client.tags.clone(),
        capabilities: None,
    });
    let tokens = tailnet.tokens.iter().map(|token| {
        let id = token.secret.strip_prefix("tskey-api-").and_then(|rest| rest.split_once('-'));
        Key {
            kind: Kind::Api,
            id: id.map_or(token.login.as_str(), |(id, _)| id).to_owned(),
            secret: token.secret.clone(),
            description: token.description.clone(),
            user: Some(user(&token.login)),
            created: days_from(now, token.expires_in_days - 90),
            expires: Some(days_from(now, token.expires_in_days)),
            revoked: None,
            scopes: Vec::new(),
            tags: Vec::new(),
            capabilities: None,
        }
    });
    clients.chain(tokens).collect()
}

impl State {
    /// A new auth key.
    pub fn add_auth_key(
        &mut self,
        tailnet: usize,
        user: Option<usize>,
        description: String,
        expires: Timestamp,
        capabilities: serde_json::Value,
        tags: Vec<String>,
    ) -> Option<&Key> {
        let id = format!("k{}CNTRL", self.next_number());
        let created = self.now();
        let keys = &mut self.tailnets.get_mut(tailnet)?.keys;
        keys.push(Key {
            kind: Kind::Auth,
            secret: format!("tskey-auth-{id}-{}", made_up::secret()),
            id,
            description,
            user,
            created,
            expires: Some(expires),
            revoked: None,
            scopes: Vec::new(),
            tags,
            capabilities: Some(capabilities),
        });
        keys.last()
    }

    /// A machine joins with an auth key, as `tailscale up --auth-key` does. Takes the secret of the key or its id.
    /// A key for one machine is good for nothing afterwards. `None`: no such key, or it is over, or the name is taken.
    pub fn join(&mut self, secret_or_id: &str, hostname: &str, os: &str) -> Option<&Device> {
        let now = self.now();
        let (index, key) = self.tailnets.iter().enumerate().find_map(|(index, tailnet)| {
            let wanted = |key: &&Key| key.is_auth() && (key.secret == secret_or_id || key.id == secret_or_id);
            Some((index, tailnet.keys.iter().find(wanted)?.clone()))
        })?;
        if !key.is_valid(now) || self.tailnets.get(index)?.devices.iter().any(|d| d.hostname == hostname) {
            return None;
        }
        let asked = |name: &str| {
            let path = format!("/devices/create/{name}");
            key.capabilities.as_ref().and_then(|all| all.pointer(&path)?.as_bool()).unwrap_or(false)
        };
        let number = self.next_number();
        let tailnet = self.tailnets.get_mut(index)?;
        let approval = tailnet.settings.get("devicesApprovalOn").and_then(serde_json::Value::as_bool);
        let (ipv4, ipv6) = made_up::addresses(&tailnet.name, hostname);
        if !asked("reusable") {
            tailnet
                .keys
                .iter_mut()
                .filter(|other| other.id == key.id)
                .for_each(|key| key.revoked = Some(now));
        }
        tailnet.devices.push(Device {
            number,
            node_id: format!("n{number}kg92CNTRL"),
            hostname: hostname.to_owned(),
            user: key.user.unwrap_or_default(),
            os: os.to_owned(),
            key_expires: key.tags.is_empty().then(|| days_from(now, 180)),
            tags: key.tags,
            ipv4,
            ipv6,
            advertised_routes: Vec::new(),
            enabled_routes: Vec::new(),
            last_seen: None,
            created: now,
            authorized: asked("preauthorized") || approval != Some(true),
            blocks_incoming: false,
        });
        tailnet.devices.last()
    }

    /// Revokes the key with this secret or id, wherever it is. It stays readable, as invalid.
    pub fn revoke(&mut self, secret_or_id: &str) -> bool {
        let now = self.now();
        let mut keys = self.tailnets.iter_mut().flat_map(|tailnet| &mut tailnet.keys);
        let Some(key) = keys.find(|key| key.secret == secret_or_id || key.id == secret_or_id) else {
            return false;
        };
        key.revoked.get_or_insert(now);
        true
    }
}
