//! The people and nodes that a policy is resolved against.

mod build;
mod file;
mod sharing;

use std::collections::HashMap;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use serde::{Deserialize, Serialize};

pub use build::routes;

use crate::set::{IpRange, IpSet};

/// A tailnet as a policy sees it: users, nodes with their routes, and the domains that belong to it.
///
/// Read from the network file of the command line (`acequia policy … --network F`); everything else in the
/// engine speaks of users and nodes by their index here. Nodes are sorted by name.
///
/// ```
/// let network = policy::Network::parse(r#"{
///   "users": [{"id": 1, "name": "ana", "email": "ana@example.com", "role": "owner"}],
///   "nodes": {"nas": {"ipv4": "100.64.0.1", "ipv6": "fd7a:115c:a1e0::1", "tags": [], "user": "ana"}}
/// }"#).unwrap();
/// assert_eq!(network.node_named("nas"), Some(0));
/// assert_eq!(network.nodes()[0].owner(), Some(0));
/// ```
#[derive(Clone, Debug, Default)]
pub struct Network {
    /// Those that belong to the tailnet.
    domains: Vec<String>,
    users: Vec<User>,
    nodes: Vec<Node>,
    routes: IpSet,
    /// Indexes of users by login, in lower case (ASCII) as logins are compared.
    logins: HashMap<String, usize>,
}

/// A person known to the tailnet.
#[derive(Clone, Debug)]
pub struct User {
    /// The control plane's number; SSH rules are ordered by it.
    pub id: i64,
    /// The short name by which nodes refer to their user.
    pub name: String,
    /// The login name, as policies write it: a mail, or for an account of a Headscale that has none, `name@`. May be empty.
    pub login: String,
    /// The mail of an account of a Headscale whose login it is not; policies name the account by it all the same. Else empty.
    pub mail: String,
    /// What the identity provider calls the user, where a Headscale says so; policies name it with an `@` behind it.
    pub provider_id: String,
    /// What the user may administer.
    pub role: Role,
    /// Member of the tailnet, or a guest to whom a node was shared.
    pub kind: UserKind,
}

/// The roles of a tailnet's members (Tailscale's user roles page).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Role {
    /// The one owner.
    Owner,
    /// Administrates everything.
    Admin,
    /// Administrates users and devices.
    ItAdmin,
    /// Administrates the policy and the network.
    NetworkAdmin,
    /// Administrates billing.
    BillingAdmin,
    /// Sees everything.
    Auditor,
    /// No administration.
    #[default]
    Member,
}

/// How a user belongs to the tailnet.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum UserKind {
    /// A direct member.
    #[default]
    Member,
    /// A share recipient from another tailnet.
    Shared,
}

/// A machine in the tailnet.
#[derive(Clone, Debug)]
pub struct Node {
    /// The key in the network file: unique.
    pub name: String,
    /// The tailnet IPv4 address.
    pub ipv4: Option<Ipv4Addr>,
    /// The tailnet IPv6 address.
    pub ipv6: Option<Ipv6Addr>,
    /// Its tags, with the prefix `tag:`, in the order given.
    pub tags: Vec<String>,
    /// The user who registered it, even when it is tagged now.
    pub user: Option<usize>,
    /// The routes it offers.
    pub advertised: Vec<IpRange>,
    /// The routes that somebody approved.
    pub approved: Vec<IpRange>,
    /// Logins of share recipients.
    pub shared_to: Vec<String>,
}

/// Why a network file was not understood.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NetworkError {
    /// Not JSON, or not of this shape.
    #[error("the network file was not understood: {0}")]
    Shape(String),
    /// A node names a user that the file does not list.
    #[error("node `{node}`: user `{user}` is not listed under users")]
    UnknownUser {
        /// The node's name.
        node: String,
        /// The user's name.
        user: String,
    },
    /// An address or a prefix that is none.
    #[error("node `{node}`: {field} `{value}` is not {expected}")]
    Address {
        /// The node's name.
        node: String,
        /// The field of the file.
        field: &'static str,
        /// What stands there.
        value: String,
        /// What should.
        expected: &'static str,
    },
    /// Two users with one name, so that nodes cannot say whose they are.
    #[error("two users are named `{0}`")]
    DuplicateUser(String),
    /// Larger than the engine takes.
    #[error("the network has {count} {what}; the engine takes up to {limit}")]
    TooLarge {
        /// `users` or `nodes`.
        what: &'static str,
        /// How many there are.
        count: usize,
        /// How many there may be.
        limit: usize,
    },
}

impl Network {
    /// All users, in the order of the file.
    pub fn users(&self) -> &[User] {
        &self.users
    }

    /// All nodes, sorted by name.
    pub fn nodes(&self) -> &[Node] {
        &self.nodes
    }

    /// One user.
    pub fn user(&self, index: usize) -> Option<&User> {
        self.users.get(index)
    }

    /// One node.
    pub fn node(&self, index: usize) -> Option<&Node> {
        self.nodes.get(index)
    }

    /// The index of the node with that name.
    pub fn node_named(&self, name: &str) -> Option<usize> {
        self.nodes.binary_search_by(|node| node.name.as_str().cmp(name)).ok()
    }

    /// The index of the user with that login, compared without regard to case.
    pub fn user_with_login(&self, login: &str) -> Option<usize> {
        self.logins.get(&login.to_ascii_lowercase()).copied()
    }

    /// Every approved subnet route (not exit routes).
    pub fn subnets(&self) -> &IpSet {
        &self.routes
    }

    /// Whether a domain belongs to the tailnet, so that `user:*@domain` may name it.
    ///
    /// Without `domains` in the file it is the domain of the owner, or of the user with the lowest id when no
    /// role is recorded: whoever opened the tailnet did it with a login in its domain.
    pub fn has_domain(&self, domain: &str) -> bool {
        self.domains.iter().any(|own| own.eq_ignore_ascii_case(domain))
    }
}

impl User {
    /// The mail: its own, or the login, if that is one and not the name of an account that has none.
    pub fn mail(&self) -> Option<&str> {
        if !self.mail.is_empty() {
            return Some(&self.mail);
        }
        let own_name = self.login.ends_with('@') || self.login == self.name;
        Some(self.login.as_str()).filter(|login| !login.is_empty() && !own_name)
    }

    /// What stands after the `@` of the login.
    pub fn domain(&self) -> Option<&str> {
        self.login.rsplit_once('@').map(|(_, domain)| domain).filter(|domain| !domain.is_empty())
    }

    /// What stands before the `@` of the login.
    pub fn local_part(&self) -> Option<&str> {
        self.login.rsplit_once('@').map(|(local, _)| local)
    }
}

impl Node {
    /// Whether it has a tag: then it belongs to no user any more.
    pub fn is_tagged(&self) -> bool {
        !self.tags.is_empty()
    }

    /// The user whose node it is; a tagged node has none.
    pub fn owner(&self) -> Option<usize> {
        if self.is_tagged() { None } else { self.user }
    }

    /// Its tailnet addresses, IPv4 first.
    pub fn addresses(&self) -> impl Iterator<Item = IpAddr> + '_ {
        self.ipv4.map(IpAddr::from).into_iter().chain(self.ipv6.map(IpAddr::from))
    }

    /// Its approved subnet routes, without exit routes.
    pub fn subnets(&self) -> impl Iterator<Item = IpRange> + '_ {
        self.approved.iter().copied().filter(|route| !route.is_everything())
    }

    /// Whether it is an approved exit node.
    pub fn is_exit(&self) -> bool {
        self.approved.iter().any(|route| route.is_everything())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn null_lists_are_empty_and_unknown_fields_are_ignored() {
        let network = Network::parse(
            r#"{"users": [{"id": 1, "name": "ana", "email": "", "extra": 1}],
                "nodes": {"b": {"ipv4": null, "tags": null, "user": "ana", "routable_ips": null, "hostname": "x"}}}"#,
        )
        .unwrap();
        assert_eq!(network.nodes()[0].tags, Vec::<String>::new());
        assert_eq!(network.user_with_login(""), None);
    }

    #[test]
    fn each_fault_of_a_network_file_is_named() {
        let fault = |text: &str| Network::parse(text).unwrap_err().to_string();
        assert_eq!(
            fault(r#"{"nodes": {"nas": {"user": "bo"}}}"#),
            "node `nas`: user `bo` is not listed under users"
        );
        assert_eq!(
            fault(r#"{"nodes": {"nas": {"ipv4": "1.2.3"}}}"#),
            "node `nas`: ipv4 `1.2.3` is not an IPv4 address"
        );
        assert_eq!(
            fault(r#"{"nodes": {"nas": {"approved_routes": ["10.0.0.0-10.0.0.2"]}}}"#),
            "node `nas`: approved_routes `10.0.0.0-10.0.0.2` is not a prefix such as 10.0.0.0/8"
        );
        assert_eq!(fault(r#"{"users": [{"name": "a"}, {"name": "a"}]}"#), "two users are named `a`");
        assert!(fault("[]").starts_with("the network file was not understood: "));
    }

    #[test]
    fn a_tagged_node_has_no_owner() {
        let network = Network::parse(
            r#"{"users": [{"id": 1, "name": "ana"}], "nodes": {"b": {"user": "ana", "tags": ["tag:x"]}}}"#,
        )
        .unwrap();
        assert_eq!(network.nodes()[0].owner(), None);
        assert_eq!(network.nodes()[0].user, Some(0));
    }

    #[test]
    fn without_domains_the_tailnet_has_that_of_its_owner() {
        let users = r#""users": [{"id": 1, "name": "a", "email": "a@one.org"}, {"id": 2, "name": "b", "email": "b@two.org", "role": "owner"}]"#;
        let network = Network::parse(&format!("{{{users}}}")).unwrap();
        assert!(network.has_domain("TWO.org") && !network.has_domain("one.org"));
        let network = Network::parse(&format!(r#"{{"domains": ["one.org"], {users}}}"#)).unwrap();
        assert!(network.has_domain("one.org") && !network.has_domain("two.org"));
    }
}
