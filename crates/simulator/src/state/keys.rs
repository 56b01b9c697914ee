//! Keys of every kind: access tokens, OAuth clients, auth keys.

use jiff::Timestamp;

use super::{State, days_from, made_up};
use crate::world;

/// What a key is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Api,
    Client,
    Auth,
}

#[derive(Clone, Debug)]
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
