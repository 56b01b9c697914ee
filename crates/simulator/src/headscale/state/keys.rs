//! Keys of every kind.

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use super::{Server, next};
use crate::headscale::ids;
use crate::headscale::world::Headscale;

/// A key for new machines.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct PreAuthKey {
    pub id: u64,
    pub user: Option<u64>,
    pub secret: String,
    pub reusable: bool,
    pub ephemeral: bool,
    pub used: bool,
    pub expiration: Option<Timestamp>,
    pub created: Timestamp,
    pub revoked: Option<Timestamp>,
    pub tags: Vec<String>,
    pub description: String,
}

impl PreAuthKey {
    pub fn is_good(&self, now: Timestamp) -> bool {
        self.revoked.is_none()
            && self.expiration.is_some_and(|end| end > now)
            && (self.reusable || !self.used)
    }
}

/// A key for this API.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct ApiKey {
    pub id: u64,
    pub secret: String,
    pub expiration: Option<Timestamp>,
    pub created: Timestamp,
    pub user: Option<u64>,
}

impl ApiKey {
    pub fn prefix(&self) -> String {
        ids::shown(&self.secret, "api").unwrap_or_default()
    }
}

/// A client of v2.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct OauthClient {
    pub id: String,
    pub secret: String,
    pub scopes: Vec<String>,
    pub tags: Vec<String>,
    pub description: String,
    pub created: Timestamp,
}

/// What a client minted.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct AccessToken {
    pub secret: String,
    pub client: String,
    pub scopes: Vec<String>,
    pub expires: Timestamp,
}

/// How long an access token is good.
pub const TOKEN_LIFETIME: SignedDuration = SignedDuration::from_hours(1);

/// Who is calling.
#[derive(Clone, Debug)]
pub enum Actor {
    /// May everything.
    ApiKey { user: Option<u64> },
    /// May what its scopes give, over v2 only.
    Token { scopes: Vec<String>, tags: Vec<String> },
}

impl Server {
    pub(super) fn take_keys(&mut self, world: &Headscale, now: Timestamp) {
        let in_days = |days: i64| now.checked_add(SignedDuration::from_hours(24 * days)).unwrap_or(now);
        let user = |server: &Self, name: &Option<String>| {
            name.as_deref().and_then(|name| server.user_named(name)).map(|user| user.id)
        };
        for key in &world.preauth_keys {
            let id = next(&mut self.last.preauth_key, key.id);
            self.preauth_keys.push(PreAuthKey {
                id,
                user: user(self, &key.user),
                secret: key.secret.clone(),
                reusable: key.reusable,
                ephemeral: key.ephemeral,
                used: key.used,
                expiration: key.expiration,
                created: key.created.unwrap_or(now),
                revoked: key.revoked,
                tags: key.tags.clone(),
                description: key.description.clone(),
            });
        }
        for key in &world.api_keys {
            let id = self.next_api_key();
            self.api_keys.push(ApiKey {
                id,
                secret: key.secret.clone(),
                expiration: Some(key.expires.unwrap_or_else(|| in_days(90))),
                created: now,
                user: user(self, &key.user),
            });
        }
        self.clients = world
            .clients
            .iter()
            .map(|client| OauthClient {
                id: ids::shown(&client.secret, "client").unwrap_or_default(),
                secret: client.secret.clone(),
                scopes: client.scopes.clone(),
                tags: client.tags.clone(),
                description: client.description.clone(),
                created: now,
            })
            .collect();
        for token in &world.tokens {
            let client = self.clients.iter().find(|client| client.id == token.client);
            let scopes = client.map(|client| client.scopes.clone()).unwrap_or_default();
            let expires = token.expires.unwrap_or_else(|| now.checked_add(TOKEN_LIFETIME).unwrap_or(now));
            self.tokens.push(AccessToken {
                secret: token.secret.clone(),
                client: token.client.clone(),
                scopes,
                expires,
            });
        }
    }

    /// Who has this API key, if it is good now.
    pub fn holder(&self, secret: &str, now: Timestamp) -> Option<Actor> {
        let key = self.api_keys.iter().find(|key| key.secret == secret)?;
        key.expiration.is_some_and(|end| end > now).then_some(Actor::ApiKey { user: key.user })
    }

    /// Who minted this token, if it is good now and its client is there.
    pub fn bearer_of(&self, secret: &str, now: Timestamp) -> Option<Actor> {
        let token = self.tokens.iter().find(|token| token.secret == secret && token.expires > now)?;
        let client = self.clients.iter().find(|client| client.id == token.client)?;
        Some(Actor::Token { scopes: token.scopes.clone(), tags: client.tags.clone() })
    }
}
