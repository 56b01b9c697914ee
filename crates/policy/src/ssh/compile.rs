//! SSH rules of one node.

use std::collections::BTreeMap;

use super::{ResolvedSsh, SshTarget, SshUsers};
use crate::compile::address::Addresses;
use crate::compile::wire::{SshAction, SshPrincipal, SshRule};
use crate::resolve::Names;
use crate::set::NodeSet;

/// Where a check is answered; the client fills in the names.
const CHECK_URL: &str =
    "https://unused/machine/ssh/action/$SRC_NODE_ID/to/$DST_NODE_ID?local_user=$LOCAL_USER";

/// The rules of a node: checks first, else in the order of the policy.
pub(crate) fn rules(index: usize, ssh: &[ResolvedSsh], names: &Names, addresses: &Addresses) -> Vec<SshRule> {
    let node = Node { index, names, addresses };
    let of =
        |check: bool| ssh.iter().filter(move |rule| rule.check == check).flat_map(|rule| node.rules(rule));
    of(true).chain(of(false)).collect()
}

#[derive(Clone, Copy)]
struct Node<'a> {
    index: usize,
    names: &'a Names,
    addresses: &'a Addresses<'a>,
}

impl Node<'_> {
    fn rules(self, rule: &ResolvedSsh) -> Vec<SshRule> {
        let network = self.addresses.network();
        let owner = network.node(self.index).and_then(crate::network::Node::owner);
        let mut rules = Vec::new();
        let to_all = rule
            .targets
            .iter()
            .any(|target| matches!(target, SshTarget::Nodes(nodes) if nodes.contains(self.index)));
        let to_own = rule.targets.contains(&SshTarget::SelfOwned);
        if to_all {
            self.add(&mut rules, rule, |_| true);
        } else if let Some(owner) = owner.filter(|_| to_own || !rule.users.domains.is_empty()) {
            // Rules with `localpart` are also sent to the source users' own nodes, each limited to that user;
            // what for is unknown (captures).
            self.add(&mut rules, rule, |user| user == Some(owner));
        } else if !rule.users.domains.is_empty() && rule.sources.nodes.contains(self.index) {
            self.add(&mut rules, rule, |user| user.is_none());
        }
        rules
    }

    /// Adds the wire rules for those sources that `keep` keeps: users, and `None` for the tagged nodes.
    fn add(self, rules: &mut Vec<SshRule>, rule: &ResolvedSsh, keep: impl Fn(Option<usize>) -> bool) {
        let network = self.addresses.network();
        let mut tagged = rule.sources.nodes.clone();
        let mut people: Vec<(usize, NodeSet)> = Vec::new();
        for user in rule.sources.users.iter() {
            let nodes = self.names.nodes_of(user).cloned().unwrap_or_default();
            tagged.subtract(&nodes);
            if keep(Some(user)) {
                people.push((user, nodes));
            }
        }
        people.sort_by_key(|(user, _)| network.user(*user).map(|user| user.id));
        if !keep(None) {
            tagged = NodeSet::new();
        }
        let common = common_users(&rule.users);
        if rule.users.domains.is_empty() {
            let mut nodes = tagged;
            for (_, own) in &people {
                nodes.union_with(own);
            }
            push(rules, rule, self.principals(&nodes), common);
            return;
        }
        for (user, nodes) in &people {
            push(rules, rule, self.principals(nodes), common.clone());
            let Some(user) = network.user(*user) else { continue };
            let in_domain =
                |domain: &String| user.domain().is_some_and(|own| own.eq_ignore_ascii_case(domain));
            if let Some(name) = user.local_part().filter(|_| rule.users.domains.iter().any(in_domain)) {
                let own = std::iter::once((name.to_owned(), name.to_owned())).collect();
                push(rules, rule, self.principals(nodes), own);
            }
        }
        push(rules, rule, self.principals(&tagged), common);
    }

    /// One entry for each address; a node with several tags comes once for each of them (captures).
    fn principals(self, nodes: &NodeSet) -> Vec<SshPrincipal> {
        let mut principals = Vec::new();
        for index in nodes.iter() {
            let times = self.addresses.network().node(index).map_or(1, |node| node.tags.len().max(1));
            for _ in 0..times {
                let of = self.addresses.of(index);
                principals.extend(of.map(|address| SshPrincipal { node_ip: address.to_string() }));
            }
        }
        principals.sort();
        principals
    }
}

fn common_users(users: &SshUsers) -> BTreeMap<String, String> {
    let mut map: BTreeMap<String, String> =
        users.names.iter().map(|name| (name.clone(), name.clone())).collect();
    map.insert("root".into(), if users.root { "root".into() } else { String::new() });
    if users.nonroot {
        map.insert("*".into(), "=".into());
    }
    map
}

fn push(
    rules: &mut Vec<SshRule>,
    rule: &ResolvedSsh,
    principals: Vec<SshPrincipal>,
    ssh_users: BTreeMap<String, String>,
) {
    if principals.is_empty() {
        return;
    }
    let action = if rule.check {
        SshAction { hold_and_delegate: Some(CHECK_URL.into()), ..SshAction::default() }
    } else {
        SshAction {
            accept: true,
            allow_agent_forwarding: true,
            allow_local_port_forwarding: true,
            allow_remote_port_forwarding: true,
            hold_and_delegate: None,
        }
    };
    rules.push(SshRule { principals, ssh_users, action, accept_env: rule.accept_env.clone() });
}
