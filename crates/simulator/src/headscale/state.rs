//! Everything that one server knows, and how it changes.

mod events;
mod keys;
mod nodes;
mod policy;

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

pub use keys::{AccessToken, Actor, ApiKey, OauthClient, PreAuthKey, TOKEN_LIFETIME};
pub use nodes::{Node, is_exit};
pub use policy::Policy;

use super::world::Headscale;
use super::{Dialect, ids};

/// A server.
#[derive(Debug, Serialize, Deserialize)]
pub struct Server {
    pub name: String,
    pub dialect: Dialect,
    pub base_domain: String,
    pub policy: Policy,
    pub users: Vec<User>,
    pub nodes: Vec<Node>,
    pub preauth_keys: Vec<PreAuthKey>,
    pub api_keys: Vec<ApiKey>,
    pub clients: Vec<OauthClient>,
    pub tokens: Vec<AccessToken>,
    /// Machines that wait at their sign-in address: id, and name of the machine.
    pub waiting: BTreeMap<String, String>,
    last: Last,
}

/// The last id given out of each kind; none is given twice.
#[derive(Debug, Default, Serialize, Deserialize)]
struct Last {
    user: u64,
    node: u64,
    preauth_key: u64,
    api_key: u64,
}

/// An account.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct User {
    pub id: u64,
    pub name: String,
    pub display_name: String,
    pub email: String,
    pub provider_id: String,
    pub picture: String,
    pub created: Timestamp,
}

impl User {
    /// What v2 calls a login.
    pub fn login(&self) -> &str {
        if self.email.is_empty() { &self.name } else { &self.email }
    }
}

/// What a new account is made of.
#[derive(Clone, Debug, Default)]
pub struct NewUser {
    pub name: String,
    pub display_name: String,
    pub email: String,
    pub provider_id: String,
    pub picture: String,
}

fn next(last: &mut u64, wanted: Option<u64>) -> u64 {
    let id = wanted.unwrap_or(*last + 1);
    *last = id.max(*last);
    id
}

impl Server {
    pub fn new(world: &Headscale, now: Timestamp) -> Self {
        let year_ago = now.checked_sub(SignedDuration::from_hours(24 * 365)).unwrap_or(now);
        let mut server = Self {
            name: world.name.clone(),
            dialect: world.version,
            base_domain: world.base_domain.clone(),
            policy: Policy::of_world(world, year_ago),
            users: Vec::new(),
            nodes: Vec::new(),
            preauth_keys: Vec::new(),
            api_keys: Vec::new(),
            clients: Vec::new(),
            tokens: Vec::new(),
            waiting: world.waiting.iter().map(|one| (one.id.clone(), one.name.clone())).collect(),
            last: Last::default(),
        };
        for user in &world.users {
            let id = next(&mut server.last.user, user.id);
            server.users.push(User {
                id,
                name: user.name.clone(),
                display_name: user.display_name.clone(),
                email: user.email.clone(),
                provider_id: user.provider_id.clone(),
                picture: user.picture.clone(),
                created: user.created.unwrap_or(year_ago),
            });
        }
        server.take_keys(world, now);
        for node in &world.nodes {
            let id = next(&mut server.last.node, node.id);
            let user = node.user.as_deref().and_then(|name| server.user_named(name));
            server.nodes.push(Node::of_world(node, id, user.map(|user| user.id), year_ago, now));
        }
        server
    }

    pub fn user(&self, id: u64) -> Option<&User> {
        self.users.iter().find(|user| user.id == id)
    }

    /// By the name that policies use, without `@`.
    pub fn user_named(&self, name: &str) -> Option<&User> {
        self.users.iter().find(|user| user.name == name)
    }

    pub fn node(&self, id: u64) -> Option<&Node> {
        self.nodes.iter().find(|node| node.id == id)
    }

    pub fn node_mut(&mut self, id: u64) -> Option<&mut Node> {
        self.nodes.iter_mut().find(|node| node.id == id)
    }

    /// Makes an account. A name stands once among local ones; no name becomes the number, as the database does it.
    ///
    /// # Errors
    /// The database's words where the name is taken.
    pub fn add_user(&mut self, new: NewUser, now: Timestamp) -> Result<&User, String> {
        let local = new.provider_id.is_empty();
        // An account without a name shows its number; another one without a name is taken for the same.
        let is_taken =
            |user: &User| user.name == new.name || new.name.is_empty() && user.name == user.id.to_string();
        if local && self.users.iter().filter(|user| user.provider_id.is_empty()).any(is_taken) {
            return Err(TAKEN.to_owned());
        }
        let id = next(&mut self.last.user, None);
        let name = if new.name.is_empty() { id.to_string() } else { new.name };
        let NewUser { display_name, email, provider_id, picture, .. } = new;
        self.users.push(User { id, name, display_name, email, provider_id, picture, created: now });
        self.users.last().ok_or_else(String::new)
    }

    /// # Errors
    /// The database's words where the name is taken.
    pub fn rename_user(&mut self, id: u64, name: String) -> Result<&User, String> {
        let local = self.user(id).is_some_and(|user| user.provider_id.is_empty());
        let same = |user: &&User| user.id != id && user.name == name && user.provider_id.is_empty();
        if local && self.users.iter().any(|user| same(&user)) {
            return Err(TAKEN.to_owned());
        }
        let user = self.users.iter_mut().find(|user| user.id == id).ok_or_else(String::new)?;
        user.name = name;
        Ok(user)
    }

    /// Takes an account out, with its keys.
    pub fn remove_user(&mut self, id: u64) {
        self.users.retain(|user| user.id != id);
        self.preauth_keys.retain(|key| key.user != Some(id));
    }

    pub fn next_preauth_key(&mut self) -> u64 {
        next(&mut self.last.preauth_key, None)
    }

    pub fn next_api_key(&mut self) -> u64 {
        next(&mut self.last.api_key, None)
    }

    pub fn next_node(&mut self) -> u64 {
        next(&mut self.last.node, None)
    }

    /// A new secret in the letters of this version.
    pub fn secret(&self, kind: &str) -> String {
        ids::secret(self.dialect, kind)
    }
}

const TAKEN: &str = "constraint failed: UNIQUE constraint failed: users.name (2067)";
