//! What the names of a policy stand for in a network: groups, tags, hosts, IP sets.

use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;

use super::Selector;
use super::ip_sets::{self, Built};
use crate::error::PolicyError;
use crate::headscale::{self, Accounts};
use crate::network::{Network, Node, Role, UserKind};
use crate::quote::quoted;
use crate::set::{IpRange, IpSet, NodeSet, UserSet};
use crate::syntax::{Dialect, Language, Named, Policy, RuleRef, Text};

/// People: known users, their untagged nodes, and logins that the network does not know (yet).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct People {
    /// Known users.
    pub users: UserSet,
    /// Their untagged nodes.
    pub nodes: NodeSet,
    /// Logins of nobody in the network, in lower case.
    pub strangers: BTreeSet<String>,
    /// Names of people of whom it is not known here who they are: any of them may be meant.
    pub unknown: BTreeSet<String>,
}

impl People {
    /// Somebody of whom it is not known here who it is.
    pub(crate) fn somebody(name: &str) -> Self {
        Self { unknown: std::iter::once(name.to_owned()).collect(), ..Self::default() }
    }

    /// Adds everything of `other`.
    pub fn union_with(&mut self, other: &Self) {
        self.users.union_with(&other.users);
        self.nodes.union_with(&other.nodes);
        self.strangers.extend(other.strangers.iter().cloned());
        self.unknown.extend(other.unknown.iter().cloned());
    }
}

/// The tables that selectors are looked up in; built once per policy and network.
#[derive(Clone, Debug)]
pub struct Names {
    language: Language,
    logins: BTreeMap<String, usize>,
    nodes_of: Vec<NodeSet>,
    groups: BTreeMap<String, People>,
    tags: BTreeMap<String, NodeSet>,
    hosts: BTreeMap<String, IpRange>,
    accounts: Accounts,
    ip_sets: BTreeMap<String, Built>,
    postures: BTreeSet<String>,
    members: People,
    shared: People,
    tagged: NodeSet,
    roles: BTreeMap<Role, People>,
    domains: BTreeMap<String, People>,
    addresses: BTreeMap<IpAddr, usize>,
}

impl Names {
    /// Reads `groups`, `tagOwners`, `hosts`, `ipsets` and the names of `postures`.
    ///
    /// # Errors
    /// The control plane's refusals of these sections.
    pub fn new(policy: &Policy, network: &Network) -> Result<Self, PolicyError> {
        let mut nodes_of = vec![NodeSet::new(); network.users().len()];
        let mut by_tag: BTreeMap<&str, NodeSet> = BTreeMap::new();
        let mut tagged = NodeSet::new();
        let mut addresses = BTreeMap::new();
        for (index, node) in network.nodes().iter().enumerate() {
            for address in node.addresses() {
                addresses.entry(address).or_insert(index);
            }
            if let Some(nodes) = node.owner().and_then(|user| nodes_of.get_mut(user)) {
                nodes.insert(index);
            }
            for tag in &node.tags {
                tagged.insert(index);
                by_tag.entry(tag).or_default().insert(index);
            }
        }
        let mut names = Self {
            language: policy.language,
            logins: BTreeMap::new(),
            nodes_of,
            groups: BTreeMap::new(),
            tags: BTreeMap::new(),
            hosts: BTreeMap::new(),
            accounts: if policy.language.dialect.is_headscale() {
                Accounts::of(network)
            } else {
                Accounts::default()
            },
            ip_sets: BTreeMap::new(),
            postures: policy.postures.iter().map(|posture| posture.name.value.clone()).collect(),
            members: People::default(),
            shared: People::default(),
            tagged,
            roles: BTreeMap::new(),
            domains: BTreeMap::new(),
            addresses,
        };
        for (index, user) in network.users().iter().enumerate() {
            if !user.login.is_empty() {
                names.logins.entry(user.login.to_lowercase()).or_insert(index);
            }
            let person = names.person(index);
            match user.kind {
                UserKind::Shared => names.shared.union_with(&person),
                UserKind::Member => {
                    names.members.union_with(&person);
                    names.roles.entry(user.role).or_default().union_with(&person);
                    if user.role == Role::Owner {
                        // Every capture has the owner among the admins; whoever else the other roles take in is
                        // documented nowhere, so that each holds those who have it.
                        names.roles.entry(Role::Admin).or_default().union_with(&person);
                    }
                    if let Some(domain) = user.domain() {
                        names.domains.entry(domain.to_ascii_lowercase()).or_default().union_with(&person);
                    }
                }
            }
        }
        if policy.language == Dialect::Headscale029.into() {
            headscale::one_account_each(policy, &names.accounts, network)?;
        }
        names.read_groups(&policy.groups)?;
        names.read_hosts(&policy.hosts)?;
        names.read_tags(&policy.tag_owners, &by_tag)?;
        names.ip_sets = ip_sets::read(&policy.ip_sets, &names)?;
        Ok(names)
    }

    /// Reported from the lexically last name on, as the control plane does (captures).
    fn read_groups(&mut self, groups: &[Named<Vec<Text>>]) -> Result<(), PolicyError> {
        let mut sorted: Vec<_> = groups.iter().collect();
        sorted.sort_by(|a, b| b.name.value.cmp(&a.name.value));
        for group in sorted {
            let name = group.name.as_str();
            let refuse = |what: String| {
                PolicyError::invalid(format!("groups[{}]: {what}", quoted(name))).within(group.rule)
            };
            if !name.starts_with("group:") && !self.is_taken() {
                return Err(refuse("group names must start with 'group:'".into()));
            }
            let mut people = People::default();
            for member in &group.value {
                let nested = matches!(Selector::parse(&member.value), Selector::Group(_));
                if nested && !self.is_taken() {
                    return Err(refuse(format!(
                        "{}: group members cannot be recursive",
                        quoted(&member.value)
                    )));
                }
                people.union_with(&self.member(&member.value));
            }
            self.groups.insert(name.to_owned(), people);
        }
        Ok(())
    }

    fn read_hosts(&mut self, hosts: &[Named<Text>]) -> Result<(), PolicyError> {
        for host in hosts {
            let range =
                host.value.value.parse().ok().filter(|range: &IpRange| range.prefix_length().is_some());
            let Some(range) = range else {
                if self.is_taken() {
                    continue;
                }
                let text = format!(
                    "hosts[{}]: {}: invalid address",
                    quoted(&host.name.value),
                    quoted(&host.value.value)
                );
                return Err(PolicyError::invalid(text).within(host.rule));
            };
            self.hosts.insert(host.name.value.clone(), range);
        }
        Ok(())
    }

    fn read_tags(
        &mut self,
        owners: &[Named<Vec<Text>>],
        nodes: &BTreeMap<&str, NodeSet>,
    ) -> Result<(), PolicyError> {
        for tag in owners {
            let name = tag.name.as_str();
            if let Err(what) = check_tag(name)
                && !self.is_taken()
            {
                let text = format!("tagOwners[{}]: {what}", quoted(name));
                return Err(PolicyError::invalid(text).within(tag.rule));
            }
            self.tags.insert(name.to_owned(), nodes.get(name).cloned().unwrap_or_default());
        }
        for tag in owners {
            // Cycles and self references are accepted (captures).
            for owner in &tag.value {
                let known = match owner.as_str() {
                    text if super::elsewhere(text).is_some() || self.is_taken() => true,
                    text if text.starts_with("tag:") => self.tags.contains_key(text),
                    text if text.starts_with("group:") => is_synced(text) || self.groups.contains_key(text),
                    _ => true,
                };
                if !known {
                    let kind = owner.value.split(':').next().unwrap_or_default();
                    let what = format!("{kind} not found: {}", quoted(&owner.value));
                    return Err(PolicyError::invalid(format!(
                        "tagOwners[{}]: {what}",
                        quoted(&tag.name.value)
                    ))
                    .within(tag.rule));
                }
            }
        }
        Ok(())
    }

    /// One known user.
    pub fn person(&self, user: usize) -> People {
        let nodes = self.nodes_of.get(user).cloned().unwrap_or_default();
        People { users: std::iter::once(user).collect(), nodes, ..People::default() }
    }

    /// Whether no name of the policy is wrong: the control plane has taken it, or it is in the language of Headscale,
    /// which was asked in its own words before anything is looked up (`crate::headscale`).
    pub(crate) const fn is_taken(&self) -> bool {
        self.language.reading.is_in_force() || self.language.dialect.is_headscale()
    }

    /// Whether Tailscale has taken the policy, so that what it is known to refuse has a place there now.
    pub(crate) const fn is_in_force(&self) -> bool {
        self.language.reading.is_in_force() && !self.language.dialect.is_headscale()
    }

    /// The accounts of a Headscale.
    pub(crate) const fn accounts(&self) -> &Accounts {
        &self.accounts
    }

    /// Whose language the policy is in.
    pub(crate) const fn dialect(&self) -> Dialect {
        self.language.dialect
    }

    /// A member of a group: a login. What else stands there is somebody not known here.
    fn member(&self, text: &str) -> People {
        match Selector::parse(text) {
            Selector::Login(_) | Selector::Host(_) => self.login(text),
            _ => People::somebody(text.trim()),
        }
    }

    /// The user of a login, or a stranger. On Headscale a name that two accounts have stands for nobody.
    pub fn login(&self, login: &str) -> People {
        if self.accounts.named(login.trim()).len() > 1 {
            return People::default();
        }
        match self.user(login) {
            Some(user) => self.person(user),
            None => People {
                strangers: std::iter::once(login.trim().to_lowercase()).collect(),
                ..People::default()
            },
        }
    }

    /// The index of the user with that login; on Headscale of the one account that a name means.
    pub fn user(&self, login: &str) -> Option<usize> {
        if self.dialect().is_headscale() {
            return match self.accounts.named(login.trim()) {
                [one] => Some(*one),
                _ => None,
            };
        }
        self.logins.get(&login.trim().to_lowercase()).copied()
    }

    /// The untagged nodes of a user.
    pub fn nodes_of(&self, user: usize) -> Option<&NodeSet> {
        self.nodes_of.get(user)
    }

    /// The members of a group, by its full name.
    pub fn group(&self, name: &str) -> Option<&People> {
        self.groups.get(name)
    }

    /// The nodes with a tag, by its full name; `None` if `tagOwners` does not have it.
    pub fn tag(&self, name: &str) -> Option<&NodeSet> {
        self.tags.get(name)
    }

    /// The range of a host name.
    pub fn host(&self, name: &str) -> Option<IpRange> {
        self.hosts.get(name).copied()
    }

    /// Ranges as the dialect has them: for Headscale 0.28 an address, also one with the length of a prefix behind it, is
    /// the machine that has it, with all of its addresses, and a host is so with every machine that is in it.
    pub(crate) fn widened(&self, text: &str, ranges: Vec<IpRange>, network: &Network) -> Vec<IpRange> {
        if self.dialect() != Dialect::Headscale028 {
            return ranges;
        }
        let written = written_address(text).map(|address| self.node_at(address));
        let means = |(index, node): &(usize, &Node)| match written {
            Some(meant) => meant == Some(*index),
            None => node.addresses().any(|address| ranges.iter().any(|range| range.contains(address))),
        };
        let nodes: Vec<&Node> =
            network.nodes().iter().enumerate().filter(means).map(|(_, node)| node).collect();
        let own = nodes.into_iter().flat_map(Node::addresses).map(IpRange::single);
        ranges.into_iter().chain(own).collect::<IpSet>().prefixes()
    }

    /// The addresses of an IP set, by its full name.
    pub fn ip_set(&self, name: &str) -> Option<&IpSet> {
        self.ip_sets.get(name).map(|built| &built.set)
    }

    /// Whether an IP set is cut out of `autogroup:internet`.
    pub(crate) fn is_of_internet(&self, name: &str) -> bool {
        self.ip_sets.get(name).is_some_and(|built| built.of_internet)
    }

    /// Whether a posture is defined.
    pub fn has_posture(&self, name: &str) -> bool {
        self.postures.contains(name)
    }

    /// The direct members.
    pub const fn members(&self) -> &People {
        &self.members
    }

    /// The share recipients.
    pub const fn shared(&self) -> &People {
        &self.shared
    }

    /// The tagged nodes.
    pub const fn tagged(&self) -> &NodeSet {
        &self.tagged
    }

    /// The members with a role; the owner is an admin too.
    pub fn role(&self, role: Role) -> People {
        self.roles.get(&role).cloned().unwrap_or_default()
    }

    /// The members with a login in a domain.
    pub fn domain(&self, domain: &str) -> People {
        self.domains.get(&domain.to_ascii_lowercase()).cloned().unwrap_or_default()
    }

    /// The node that has an address.
    pub fn node_at(&self, address: IpAddr) -> Option<usize> {
        self.addresses.get(&address).copied()
    }
}

/// The address in front of a prefix.
fn written_address(text: &str) -> Option<IpAddr> {
    text.split('/').next().unwrap_or_default().parse().ok()
}

/// The rules of `tailcfg.CheckTag`; the third text is also in a capture.
fn check_tag(name: &str) -> Result<(), &'static str> {
    let rest = name.strip_prefix("tag:").ok_or("tags must start with 'tag:'")?;
    let first = rest.bytes().next().ok_or("tag names must not be empty")?;
    if !first.is_ascii_alphabetic() {
        return Err("tag names must start with a letter, after 'tag:'");
    }
    if !rest.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-') {
        return Err("tag names can only contain numbers, letters, or dashes");
    }
    Ok(())
}

/// Whether a group comes from the identity provider: the file does not define it, and its members are not known here
/// (documentation of the policy file, "Synced groups").
pub(crate) fn is_synced(group: &str) -> bool {
    group.contains('@')
}

/// Refuses references to postures that the policy does not define.
pub(crate) fn check_postures(names: &Names, postures: &[Text], rule: RuleRef) -> Result<(), PolicyError> {
    let missing = postures.iter().find(|posture| !names.has_posture(&posture.value));
    match missing.filter(|_| !names.is_taken()) {
        None => Ok(()),
        Some(posture) => {
            Err(PolicyError::invalid(format!("posture not found: {}", quoted(&posture.value))).within(rule))
        }
    }
}
