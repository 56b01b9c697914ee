//! What happens to a server other than over its API: machines come and go, people sign in.

use jiff::Timestamp;

use super::{NewUser, Server};
use crate::headscale::{Dialect, ids};

impl Server {
    /// A machine comes in with a pre-auth key. Gives its id.
    ///
    /// # Errors
    /// In the words that the client shows.
    pub fn join(&mut self, secret: &str, name: &str, now: Timestamp) -> Result<u64, String> {
        let invalid = if self.dialect == Dialect::V0_28 {
            "handling register with auth key: auth-key not found"
        } else {
            "invalid pre auth key"
        };
        let key = self.preauth_keys.iter_mut().find(|key| key.secret == secret);
        let key = key.filter(|key| key.revoked.is_none()).ok_or(invalid)?;
        if key.used && !key.reusable {
            return Err("authkey already used".into());
        }
        if !key.is_good(now) {
            return Err("authkey expired".into());
        }
        // Keys for several machines stay as they are.
        key.used = !key.reusable;
        let key = key.clone();
        let node = self.add_node(name, now, |node| {
            node.preauth_key = Some(key.id);
            node.registered_by = "AUTH_KEY".into();
            node.ephemeral = key.ephemeral;
            // A key with a user and a tag makes a tagged machine, without its user.
            node.user = key.user.filter(|_| key.tags.is_empty());
            node.tags.clone_from(&key.tags);
        });
        Ok(node.id)
    }

    /// Somebody signs in at the server's own provider, the first time or again. Gives the account's id.
    pub fn sign_in(&mut self, new: NewUser, now: Timestamp) -> u64 {
        if let Some(user) = self.users.iter().find(|user| user.provider_id == new.provider_id) {
            return user.id;
        }
        // It is no local account, so no name is taken for it.
        self.add_user(new, now).map(|user| user.id).unwrap_or_default()
    }

    /// A machine of somebody who signed in at the provider. Gives its id.
    pub fn join_as(&mut self, user: u64, name: &str, now: Timestamp) -> u64 {
        let node = self.add_node(name, now, |node| {
            node.user = Some(user);
            node.registered_by = "OIDC".into();
        });
        node.id
    }

    /// A machine without a key asks to come in. Gives what stands in its sign-in address.
    pub fn wait(&mut self, name: &str) -> String {
        let id = ids::auth_id(self.dialect);
        self.waiting.insert(id.clone(), name.to_owned());
        id
    }

    /// A machine leaves for good: an ephemeral one is gone, another one is logged out.
    pub fn leave(&mut self, id: u64, now: Timestamp) {
        self.nodes.retain(|node| node.id != id || !node.ephemeral);
        if let Some(node) = self.node_mut(id) {
            node.online = false;
            node.last_seen = now;
            node.expiry = Some(now);
        }
    }
}
