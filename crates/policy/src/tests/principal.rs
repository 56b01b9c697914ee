//! Whom and what a test speaks of: real addresses where there are any, else the name itself, because a test
//! must hold before the first device has joined.

use std::net::IpAddr;

use super::{Context, Fault};
use crate::compile::address::TAILNET;
use crate::network::UserKind;
use crate::posture::DeviceAttributes;
use crate::resolve::{Autogroup, Destination, People, Selected, Selector, Sources, Target, people_or_nodes};
use crate::set::{IpRange, NodeSet};

/// One thing that must be let in, or reached.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Principal {
    /// An address, and the node that has it.
    Address(IpAddr, Option<usize>),
    /// Every address of a prefix; as a source only.
    Range(IpRange),
    /// A user without nodes.
    User(usize),
    /// A login that a group names and the network does not know.
    Stranger(String),
    /// A tag without nodes.
    Tag(String),
    /// A service; as a destination only.
    Service(String),
}

impl Context<'_> {
    pub(super) fn address(&self, address: IpAddr) -> Principal {
        Principal::Address(address, self.resolved.names.node_at(address))
    }

    pub(super) fn of_nodes(&self, nodes: &NodeSet) -> Vec<Principal> {
        let of = |index: usize| {
            let addresses = self.network.node(index).into_iter().flat_map(crate::network::Node::addresses);
            addresses.map(move |address| Principal::Address(address, Some(index)))
        };
        nodes.iter().flat_map(of).collect()
    }

    pub(super) fn people(&self, people: &People) -> Vec<Principal> {
        let mut principals = self.of_nodes(&people.nodes);
        let names = &self.resolved.names;
        let bare = people.users.iter().filter(|user| names.nodes_of(*user).is_none_or(NodeSet::is_empty));
        principals.extend(bare.map(Principal::User));
        principals.extend(people.strangers.iter().cloned().map(Principal::Stranger));
        principals
    }

    /// Everything that a destination of a test stands for: also a service, by its name.
    pub(super) fn destinations(&self, text: &str) -> Result<Vec<Principal>, Fault> {
        match Selector::parse(text) {
            Selector::Service(name) => Ok(vec![Principal::Service(name)]),
            _ => self.principals(text),
        }
    }

    /// Whether a source meets one of the postures, `None` if that is not known. Postures are asked of devices of the
    /// own tailnet only, not of share recipients or of what is behind a subnet router.
    pub(super) fn meets(
        &self,
        postures: &[String],
        device: &DeviceAttributes,
        from: &Principal,
    ) -> Option<bool> {
        if self.is_own(from) { self.postures.met(postures, device) } else { Some(true) }
    }

    fn is_own(&self, principal: &Principal) -> bool {
        let nobodys = matches!(principal, Principal::Address(_, None) | Principal::Range(_));
        !nobodys && !self.is_recipient(principal)
    }

    /// Whether it is a share recipient, or a device of one.
    pub(super) fn is_recipient(&self, principal: &Principal) -> bool {
        let shared = |user: usize| self.network.user(user).is_some_and(|user| user.kind == UserKind::Shared);
        match principal {
            Principal::Address(..) | Principal::User(_) => self.owner(principal).is_some_and(shared),
            Principal::Stranger(login) => {
                let invited = |to: &String| to.eq_ignore_ascii_case(login);
                self.network.nodes().iter().any(|node| node.shared_to.iter().any(invited))
            }
            Principal::Range(_) | Principal::Tag(_) | Principal::Service(_) => false,
        }
    }

    /// Everything that a selector of a test stands for.
    pub(super) fn principals(&self, text: &str) -> Result<Vec<Principal>, Fault> {
        let selector = Selector::parse(text);
        let selected = people_or_nodes(&selector, &self.resolved.names, self.network);
        let principals =
            match selected.map_err(|error| error.message)? {
                Some(Selected::People(people)) => {
                    if matches!(selector, Selector::Login(_)) && people.users.is_empty() {
                        if self.resolved.names.is_in_force() {
                            return Err(Fault::Unknown);
                        }
                        return Err(format!("nobody has the login `{text}`").into());
                    }
                    let known = self.people(&people);
                    if known.is_empty() && !people.unknown.is_empty() {
                        return Err(Fault::Unknown);
                    }
                    known
                }
                Some(Selected::Nodes(nodes)) => match &selector {
                    Selector::Tag(name) if nodes.is_empty() => vec![Principal::Tag(name.clone())],
                    _ => self.of_nodes(&nodes),
                },
                Some(Selected::Ranges(ranges)) => ranges
                    .into_iter()
                    .map(|range| {
                        if range.is_single() { self.address(range.first()) } else { Principal::Range(range) }
                    })
                    .collect(),
                _ => return Err(format!("`{text}` cannot be tested").into()),
            };
        if principals.is_empty() {
            return Err(format!("`{text}` stands for nobody").into());
        }
        Ok(principals)
    }

    /// Whether a rule's sources hold a principal.
    pub(super) fn lets_in(&self, sources: &Sources, principal: &Principal) -> bool {
        if sources.danger_all {
            return true;
        }
        let wide = |range: IpRange| {
            let routed = || self.network.subnets().covers(range);
            sources.ranges.covers(range)
                || (sources.wildcard && (TAILNET.iter().any(|own| own.covers(range)) || routed()))
        };
        match principal {
            Principal::Address(address, node) => {
                node.is_some_and(|node| sources.nodes.contains(node)) || wide(IpRange::single(*address))
            }
            Principal::Range(range) => wide(*range),
            Principal::User(user) => sources.wildcard || sources.users.contains(*user),
            Principal::Stranger(login) => sources.wildcard || sources.strangers.contains(login),
            Principal::Tag(name) => {
                let named = |text: &str| names_tag(&Selector::parse(text), name);
                sources.wildcard || sources.selections.iter().any(|selection| named(&selection.text))
            }
            Principal::Service(_) => false,
        }
    }

    /// Whether a rule's destination holds `to`, for a packet of `from`.
    pub(super) fn opens(&self, destination: &Destination, from: &Principal, to: &Principal) -> bool {
        match (&destination.target, to) {
            (Target::Any, _) => true,
            (Target::SelfOwned, _) => {
                let owner = self.owner(from);
                owner.is_some() && owner == self.owner(to)
            }
            (Target::Nodes(nodes), Principal::Address(_, Some(node))) => nodes.contains(*node),
            (Target::Nodes(_), Principal::Tag(name)) => names_tag(&Selector::parse(&destination.text), name),
            (Target::Nodes(_), Principal::User(user)) => self.names_user(&destination.text, *user),
            (Target::Service(name), Principal::Service(asked)) => name == asked,
            (Target::Ranges(ranges) | Target::Carved(ranges), Principal::Address(address, _)) => {
                ranges.iter().any(|r| r.contains(*address))
            }
            (Target::Internet, Principal::Address(address, _)) => self.internet.contains(*address),
            _ => false,
        }
    }

    /// Whose a principal is.
    pub(super) fn owner(&self, principal: &Principal) -> Option<usize> {
        match principal {
            Principal::User(user) => Some(*user),
            Principal::Address(_, node) => self.network.node((*node)?)?.owner(),
            _ => None,
        }
    }

    fn names_user(&self, text: &str, user: usize) -> bool {
        let selected = people_or_nodes(&Selector::parse(text), &self.resolved.names, self.network);
        matches!(selected, Ok(Some(Selected::People(people))) if people.users.contains(user))
    }
}

/// Whether a selector holds every node with a tag.
pub(super) fn names_tag(selector: &Selector, tag: &str) -> bool {
    match selector {
        Selector::Tag(name) => name == tag,
        selector => *selector == Selector::Autogroup(Autogroup::Tagged),
    }
}
