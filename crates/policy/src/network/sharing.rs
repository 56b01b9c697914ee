//! A network with more share recipients than its file lists.

use crate::set::NodeSet;

use super::{Network, Role, User, UserKind};

impl Network {
    /// The same network in which every login of `shared_to` is a user: a share recipient, unless it is known.
    #[must_use]
    pub fn with_recipients(&self) -> Self {
        let mut network = self.clone();
        for login in self.nodes.iter().flat_map(|node| &node.shared_to) {
            network.add_recipient(login);
        }
        network
    }

    /// The same network in which a node, by index, is also shared with a login.
    #[must_use]
    pub fn with_share(&self, node: usize, login: &str) -> Self {
        let mut network = self.clone();
        network.add_recipient(login);
        if let Some(node) = network.nodes.get_mut(node)
            && !node.shared_to.iter().any(|entry| entry.eq_ignore_ascii_case(login))
        {
            node.shared_to.push(login.to_owned());
        }
        network
    }

    /// The same network in which somebody is a member besides, as an account of a Headscale by the name that policies have
    /// for them: `name@`, a mail, or what the identity provider calls them with an `@` behind it. No device of theirs is
    /// known yet. Gives also their index.
    #[must_use]
    pub(crate) fn with_newcomer(&self, login: &str) -> (Self, usize) {
        let mut network = self.clone();
        let index = network.users.len();
        let named = login.strip_suffix('@').unwrap_or(login);
        let provider = named.contains("://") || named.contains('/');
        network.logins.insert(login.to_ascii_lowercase(), index);
        network.users.push(User {
            id: network.users.iter().map(|user| user.id).max().unwrap_or_default().saturating_add(1),
            name: if provider { String::new() } else { named.to_owned() },
            login: login.to_owned(),
            mail: String::new(),
            provider_id: if provider { named.to_owned() } else { String::new() },
            role: Role::Member,
            kind: UserKind::Member,
        });
        (network, index)
    }

    /// The same network in which some nodes have no IPv4 address.
    #[must_use]
    pub(crate) fn without_v4(mut self, nodes: &NodeSet) -> Self {
        for index in nodes.iter() {
            if let Some(node) = self.nodes.get_mut(index) {
                node.ipv4 = None;
            }
        }
        self
    }

    fn add_recipient(&mut self, login: &str) {
        if login.is_empty() || self.user_with_login(login).is_some() {
            return;
        }
        self.logins.insert(login.to_ascii_lowercase(), self.users.len());
        // Only nodes refer to users by `name`, and no node refers to this one.
        self.users.push(User {
            id: 0,
            name: login.to_owned(),
            login: login.to_owned(),
            mail: String::new(),
            provider_id: String::new(),
            role: Role::Member,
            kind: UserKind::Shared,
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_login_that_a_node_is_shared_with_becomes_a_recipient_once() {
        let network = Network::parse(
            r#"{"users": [{"name": "ana", "email": "ana@example.com"}],
                "nodes": {"a": {"shared_to": ["dee@github", "Dee@GitHub", "ana@example.com"]}, "b": {}}}"#,
        )
        .unwrap();
        let kinds = |network: &Network| network.users().iter().map(|user| user.kind).collect::<Vec<_>>();
        assert_eq!(kinds(&network.with_recipients()), [UserKind::Member, UserKind::Shared]);
        let shared = network.with_share(1, "eli@github");
        assert_eq!(shared.nodes()[1].shared_to, ["eli@github"]);
        assert_eq!(kinds(&shared), [UserKind::Member, UserKind::Shared]);
    }
}
