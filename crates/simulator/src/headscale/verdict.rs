//! Whether a Headscale takes a policy, and with which words it does not: what the policy engine says in its dialect.

use std::collections::BTreeSet;

use policy::network::{Node, Role, User, UserKind, routes};
use policy::{Network, Policy, PolicyErrorKind, Reading};

use super::{Dialect, Server};

/// Whether a server of a version takes a policy, with these people and machines.
///
/// # Errors
/// Why it is not taken, in the words that stand behind `setting policy: `.
pub fn policy_verdict(text: &str, dialect: Dialect, network: &Network) -> Result<(), String> {
    // One is stored without being read, but not checked so.
    if let ("", Err(error)) = (text, hujson::parse_str(text)) {
        return Err(format!("parsing policy: parsing HuJSON: {error}"));
    }
    let verdict = Policy::read(text, dialect.language()).and_then(|policy| policy::check(&policy, network));
    match verdict {
        // What is too much for the engine is none of the server's refusals.
        Err(refusal) if refusal.kind != PolicyErrorKind::TooLarge => Err(refusal.to_string()),
        _ => Ok(()),
    }
}

/// Accounts and machines as policies name them.
pub(crate) fn network(server: &Server) -> Network {
    let user = |user: &super::state::User| User {
        id: i64::try_from(user.id).unwrap_or(i64::MAX),
        name: user.name.clone(),
        login: match user.email.as_str() {
            "" if user.name.contains('@') => user.name.clone(),
            "" => format!("{}@", user.name),
            mail => mail.to_owned(),
        },
        mail: String::new(),
        provider_id: user.provider_id.clone(),
        role: Role::Member,
        kind: UserKind::Member,
    };
    let prefixes = |texts: &[String]| routes("", "", texts).unwrap_or_default();
    let node = |node: &super::state::Node| Node {
        name: node.given_name.clone(),
        ipv4: Some(node.ipv4),
        ipv6: Some(node.ipv6),
        tags: node.tags.clone(),
        user: server.users.iter().position(|user| Some(user.id) == node.user),
        advertised: prefixes(&node.available_routes),
        approved: prefixes(&node.approved_routes),
        shared_to: Vec::new(),
    };
    let (users, nodes) = (server.users.iter().map(user), server.nodes.iter().map(node));
    Network::new(Vec::new(), users.collect(), nodes.collect()).unwrap_or_default()
}

/// Tags that the policy gives owners to.
pub fn tags_of(text: &str) -> BTreeSet<String> {
    let in_force = policy::Dialect::Headscale029.read(Reading::InForce);
    let policy = Policy::read(text, in_force).unwrap_or_default();
    policy.tag_owners.into_iter().map(|tag| tag.name.value).collect()
}
