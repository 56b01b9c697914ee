//! Whom a name means: an account by its provider id, else those with that name or mail. Case counts.

use std::collections::BTreeMap;

use super::refused;
use crate::error::{PolicyError, PolicyErrorKind};
use crate::network::{Network, User};
use crate::quote::quoted;
use crate::syntax::{Policy, Text};

/// The accounts of a server by the names that policies have for them.
#[derive(Clone, Debug, Default)]
pub(crate) struct Accounts {
    by_provider: BTreeMap<String, usize>,
    by_name: BTreeMap<String, Vec<usize>>,
}

impl Accounts {
    pub(crate) fn of(network: &Network) -> Self {
        let mut accounts = Self::default();
        for (index, user) in network.users().iter().enumerate() {
            if !user.provider_id.is_empty() {
                accounts.by_provider.entry(user.provider_id.clone()).or_insert(index);
            }
            let mut names = vec![user.name.clone(), user.mail().unwrap_or_default().to_owned()];
            names.dedup();
            for name in names {
                accounts.by_name.entry(name).or_default().push(index);
            }
        }
        accounts
    }

    /// `name@`, a mail, `providerId@`: none if nobody is meant, more than one if it is not known who.
    pub(crate) fn named(&self, token: &str) -> &[usize] {
        let token = token.strip_suffix('@').unwrap_or(token);
        match self.by_provider.get(token) {
            Some(index) => std::slice::from_ref(index),
            None => self.by_name.get(token).map_or(&[], Vec::as_slice),
        }
    }
}

/// Refuses a name that two accounts have: the server would not start again with it.
pub(crate) fn one_account_each(
    policy: &Policy,
    accounts: &Accounts,
    network: &Network,
) -> Result<(), PolicyError> {
    for text in named(policy) {
        let Some(token) = token(text) else { continue };
        let found = accounts.named(token);
        if found.len() < 2 {
            continue;
        }
        let user =
            |index: &usize| network.user(*index).map(|user: &User| format!("{}: {}, ", user.id, user.name));
        let found: String = found.iter().filter_map(user).collect();
        let message = format!(
            "validating policy user references: multiple users found: token {} found: [ {found} ]",
            quoted(token)
        );
        return Err(refused(PolicyErrorKind::Invalid, message, Some(&text.span)));
    }
    Ok(())
}

/// The name of somebody, if that is what stands there; of a destination without its ports.
pub(crate) fn token(text: &Text) -> Option<&str> {
    let token = text.value.rsplit_once(':').map_or(text.as_str(), |(host, ports)| {
        // The colon of a provider id is no such colon.
        if host.contains('@') && !ports.contains('@') { host } else { text.as_str() }
    });
    token.contains('@').then_some(token)
}

/// Everybody whom a policy names, in any section.
pub(crate) fn named(policy: &Policy) -> impl Iterator<Item = &Text> {
    let groups = policy.groups.iter().flat_map(|group| &group.value);
    let tags = policy.tag_owners.iter().flat_map(|tag| &tag.value);
    let acls = policy.acls.iter().flatten().flat_map(|acl| acl.src.iter().chain(&acl.dst));
    let grants = policy.grants.iter().flatten().flat_map(|grant| grant.src.iter().chain(&grant.dst));
    let ssh = policy.ssh.iter().flat_map(|rule| rule.src.iter().chain(&rule.dst));
    let routes = policy.auto_approvers.routes.iter().flat_map(|route| &route.value);
    let exits = &policy.auto_approvers.exit_node;
    let targets = policy.node_attrs.iter().flat_map(|entry| &entry.target);
    groups.chain(tags).chain(acls).chain(grants).chain(ssh).chain(routes).chain(exits).chain(targets)
}
