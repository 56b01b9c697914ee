//! Whom a name means: an account by its provider id, else those with that name or mail. Case counts.

use std::collections::BTreeMap;

use super::alias::Alias;
use super::{refused, together};
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

/// Refuses names that two accounts have: the server would not start again with them. Of grants and node attributes it
/// does not ask.
pub(crate) fn one_account_each(
    policy: &Policy,
    accounts: &Accounts,
    network: &Network,
) -> Result<(), PolicyError> {
    let mut found = Vec::new();
    let mut first = None;
    for text in asked(policy) {
        let several = token(text).and_then(|token| several(token, accounts, network));
        first = first.or(several.is_some().then_some(&text.span));
        found.extend(several);
    }
    if found.is_empty() {
        return Ok(());
    }
    let message = format!("validating policy user references: {}", together(&found));
    Err(refused(PolicyErrorKind::Invalid, message, first))
}

/// The words for a name that several accounts have, if they do.
fn several(token: &str, accounts: &Accounts, network: &Network) -> Option<String> {
    let found = accounts.named(token);
    if found.len() < 2 {
        return None;
    }
    let user =
        |index: &usize| network.user(*index).map(|user: &User| format!("{}: {}, ", user.id, user.name));
    let found: String = found.iter().filter_map(user).collect();
    Some(format!("multiple users found: token {} found: [ {found} ]", quoted(token)))
}

/// Why a name cannot be looked up: nobody or more than one has it, or somebody of its group.
pub(crate) fn unresolved(text: &str, policy: &Policy, accounts: &Accounts, network: &Network) -> Vec<String> {
    let one = |token: &str| match accounts.named(token) {
        [] => Some(format!("user not found: token {}", quoted(token))),
        _ => several(token, accounts, network),
    };
    match Alias::of(text) {
        Some(Alias::User) => one(text).into_iter().collect(),
        Some(Alias::Group) => {
            let group = policy.groups.iter().filter(|group| group.name.value == text);
            group.flat_map(|group| &group.value).filter_map(|member| one(&member.value)).collect()
        }
        _ => Vec::new(),
    }
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
    let grants = policy.grants.iter().flatten().flat_map(|grant| grant.src.iter().chain(&grant.dst));
    let targets = policy.node_attrs.iter().flat_map(|entry| &entry.target);
    asked(policy).chain(grants).chain(targets)
}

/// Those whose accounts the server counts, in its order.
fn asked(policy: &Policy) -> impl Iterator<Item = &Text> {
    let groups = policy.groups.iter().flat_map(|group| &group.value);
    let tags = policy.tag_owners.iter().flat_map(|tag| &tag.value);
    let routes = policy.auto_approvers.routes.iter().flat_map(|route| &route.value);
    let exits = &policy.auto_approvers.exit_node;
    let acls = policy.acls.iter().flatten().flat_map(|acl| acl.src.iter().chain(&acl.dst));
    let ssh = policy.ssh.iter().flat_map(|rule| rule.src.iter().chain(&rule.dst));
    groups.chain(tags).chain(routes).chain(exits).chain(acls).chain(ssh)
}
