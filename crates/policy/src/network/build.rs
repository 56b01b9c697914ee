//! A network from its parts, checked.

use std::collections::HashMap;

use super::{Network, NetworkError, Node, Role, User, UserKind};
use crate::set::IpRange;

impl Network {
    /// The most nodes that the engine takes: beyond it answers would take minutes and gigabytes.
    pub const MAX_NODES: usize = 20_000;
    /// The most users that the engine takes.
    pub const MAX_USERS: usize = 20_000;

    /// From parts; nodes are sorted by name, so their `user` indexes refer to `users` as given.
    ///
    /// # Errors
    /// [`NetworkError::TooLarge`], or [`NetworkError::UnknownUser`] for an index beyond `users`.
    pub fn new(domains: Vec<String>, users: Vec<User>, mut nodes: Vec<Node>) -> Result<Self, NetworkError> {
        let sizes = [("users", users.len(), Self::MAX_USERS), ("nodes", nodes.len(), Self::MAX_NODES)];
        for (what, count, limit) in sizes {
            if count > limit {
                return Err(NetworkError::TooLarge { what, count, limit });
            }
        }
        if let Some((node, index)) =
            nodes.iter().find_map(|n| n.user.filter(|index| *index >= users.len()).map(|index| (n, index)))
        {
            return Err(NetworkError::UnknownUser { node: node.name.clone(), user: format!("#{index}") });
        }
        nodes.sort_by(|a, b| a.name.cmp(&b.name));
        let routes = nodes.iter().flat_map(Node::subnets).collect();
        let domains = if domains.is_empty() { founders_domain(&users) } else { domains };
        let mut logins = HashMap::new();
        for (index, user) in users.iter().enumerate().filter(|(_, user)| !user.login.is_empty()) {
            logins.entry(user.login.to_ascii_lowercase()).or_insert(index);
        }
        // Names that only Headscale knows; a login goes before them.
        for (index, user) in users.iter().enumerate() {
            for name in [&user.name, &user.provider_id].into_iter().filter(|name| !name.is_empty()) {
                logins.entry(format!("{}@", name.to_ascii_lowercase())).or_insert(index);
            }
        }
        Ok(Self { domains, users, nodes, routes, logins })
    }
}

fn founders_domain(users: &[User]) -> Vec<String> {
    let members = || users.iter().filter(|user| user.kind == UserKind::Member);
    let owner = members().find(|user| user.role == Role::Owner);
    let founder = owner.or_else(|| members().min_by_key(|user| user.id));
    founder.and_then(User::domain).map(str::to_owned).into_iter().collect()
}

/// Routes of a node as they are written. `field` is their name in a network file.
///
/// # Errors
/// [`NetworkError::Address`] for one that is no prefix.
pub fn routes(node: &str, field: &'static str, values: &[String]) -> Result<Vec<IpRange>, NetworkError> {
    let parse = |value: &String| {
        value.parse().ok().filter(|range: &IpRange| range.prefix_length().is_some()).ok_or_else(|| {
            NetworkError::Address {
                node: node.into(),
                field,
                value: value.clone(),
                expected: "a prefix such as 10.0.0.0/8",
            }
        })
    };
    values.iter().map(parse).collect()
}
