//! One selector of one rule, and what it stands for.

use std::collections::BTreeSet;
use std::ops::Range;

use super::{Autogroup, Names, People, Selector, is_one_service, is_synced};
use crate::error::PolicyError;
use crate::network::Network;
use crate::quote::quoted;
use crate::set::{IpRange, IpSet, NodeSet, UserSet};
use crate::syntax::{Dialect, Text};

/// A source selector with its place in the policy text.
#[derive(Clone, Debug)]
pub struct Selection {
    /// As written.
    pub text: String,
    /// Its bytes in the policy text; empty for the default rule.
    pub span: Range<usize>,
    /// What it stands for.
    pub selected: Selected,
}

/// What a source selector stands for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Selected {
    /// `*`: everything in the tailnet, share recipients and approved subnet routes included.
    Wildcard,
    /// `autogroup:danger-all`: every address there is.
    DangerAll,
    /// Logins, groups, members, roles, share recipients.
    People(People),
    /// Tags and `autogroup:tagged`.
    Nodes(NodeSet),
    /// Addresses as written: literals and hosts one range, IP sets as many as they need.
    Ranges(Vec<IpRange>),
}

/// The sources of a rule: each selector, and all of them together.
#[derive(Clone, Debug, Default)]
pub struct Sources {
    /// Each selector in the order of the rule.
    pub selections: Vec<Selection>,
    /// Nodes named by who or what they are: tags and untagged nodes of the people. Not those that merely
    /// have an address in `ranges`.
    pub nodes: NodeSet,
    /// Users named by login, group, domain, role or autogroup, with or without visible nodes.
    pub users: UserSet,
    /// Logins of nobody in the network, in lower case.
    pub strangers: BTreeSet<String>,
    /// `*` is among them. It covers share recipients and approved subnet routes.
    pub wildcard: bool,
    /// `autogroup:danger-all` is among them.
    pub danger_all: bool,
    /// `autogroup:shared` is among them, also when the network knows no share recipient.
    pub shared: bool,
    /// Literal addresses and prefixes, hosts and IP sets.
    pub ranges: IpSet,
    /// Names of which it is not known here whom they stand for: anybody may be meant.
    pub unknown: BTreeSet<String>,
}

/// A destination selector with its place in the policy text.
#[derive(Clone, Debug)]
pub struct Destination {
    /// As written, without ports.
    pub text: String,
    /// Its bytes in the policy text, with ports; empty for the default rule.
    pub span: Range<usize>,
    /// What it stands for.
    pub target: Target,
    /// Whether it may stand for more nodes than are known here.
    pub unknown: bool,
}

/// What a destination selector stands for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Target {
    /// `*`: every address, also those behind routes and exit nodes.
    Any,
    /// Nodes by tag, login, group or autogroup. Their own addresses, not their routes.
    Nodes(NodeSet),
    /// Addresses as written.
    Ranges(Vec<IpRange>),
    /// An IP set cut out of `autogroup:internet`, its public addresses in ranges of their own: these are reached
    /// through exit nodes, also where the rule says through which (documentation of IP sets, "Customize
    /// autogroup:internet").
    Carved(Vec<IpRange>),
    /// `autogroup:self`: for each user the untagged nodes of that user.
    SelfOwned,
    /// `autogroup:internet`: public addresses through approved exit nodes.
    Internet,
    /// `svc:x`: a service whose addresses the network file does not have (documentation only).
    Service(String),
}

/// What a selector stands for; nothing if it does not belong where people or nodes are named.
///
/// # Errors
/// A name that does not exist. The texts are the control plane's for tags and `%bogus%` (captures); the others follow
/// their pattern. In a policy in force such a name is somebody not known here.
pub(crate) fn people_or_nodes(
    selector: &Selector,
    names: &Names,
    network: &Network,
) -> Result<Option<Selected>, PolicyError> {
    match (named(selector, names, network), selector.name()) {
        (Err(_), Some(name)) if names.is_taken() => Ok(Some(Selected::People(People::somebody(name)))),
        (found, _) => found,
    }
}

fn named(selector: &Selector, names: &Names, network: &Network) -> Result<Option<Selected>, PolicyError> {
    let missing =
        |kind: &str, name: &str| PolicyError::invalid(format!("{kind} not found: {}", quoted(name)));
    let headscale = names.dialect().is_headscale();
    Ok(Some(match selector {
        Selector::Login(login) => Selected::People(names.login(login)),
        // On Headscale whatever has an `@` is somebody.
        Selector::Domain(domain) if headscale => Selected::People(names.login(&format!("user:*@{domain}"))),
        Selector::Group(name) | Selector::Tag(name) if headscale && name.contains('@') => {
            Selected::People(names.login(name))
        }
        Selector::Domain(domain) => {
            check_domain(network, domain)?;
            Selected::People(names.domain(domain))
        }
        Selector::Group(name) => match names.group(name) {
            Some(people) => Selected::People(people.clone()),
            None if is_synced(name) => Selected::People(People::somebody(name)),
            None => return Err(missing("group", name)),
        },
        Selector::Tag(name) => Selected::Nodes(names.tag(name).ok_or_else(|| missing("tag", name))?.clone()),
        Selector::Range(range) => Selected::Ranges(vec![*range]),
        Selector::Host(name) => {
            let invalid = || PolicyError::invalid(format!("{}: invalid address", quoted(name)));
            Selected::Ranges(vec![names.host(name).ok_or_else(invalid)?])
        }
        Selector::IpSet(name) => {
            Selected::Ranges(names.ip_set(name).ok_or_else(|| missing("ipset", name))?.ranges().collect())
        }
        Selector::UnknownAutogroup(name) => return Err(missing("autogroup", name)),
        Selector::Elsewhere(name) => Selected::People(People::somebody(name)),
        Selector::Autogroup(Autogroup::Member) => Selected::People(names.members().clone()),
        Selector::Autogroup(Autogroup::Tagged) => Selected::Nodes(names.tagged().clone()),
        Selector::Autogroup(Autogroup::Role(role)) => Selected::People(names.role(*role)),
        Selector::Wildcard | Selector::Service(_) | Selector::Autogroup(_) => return Ok(None),
    }))
}

/// Whether it is known here for whom or what a selector stands, whatever place it has.
pub(crate) fn is_known(selector: &Selector, names: &Names, network: &Network) -> bool {
    let headscale = names.dialect().is_headscale();
    match selector {
        // On Headscale whatever has an `@` is somebody.
        Selector::Domain(_) if headscale => true,
        Selector::Group(name) | Selector::Tag(name) if headscale && name.contains('@') => true,
        Selector::Domain(domain) => network.has_domain(domain),
        Selector::Group(name) => names.group(name).is_some(),
        Selector::Tag(name) => names.tag(name).is_some(),
        Selector::Host(name) => names.host(name).is_some(),
        Selector::IpSet(name) => names.ip_set(name).is_some(),
        Selector::UnknownAutogroup(_) | Selector::Elsewhere(_) => false,
        Selector::Wildcard
        | Selector::Login(_)
        | Selector::Range(_)
        | Selector::Service(_)
        | Selector::Autogroup(_) => true,
    }
}

/// `user:*@domain` and `localpart:*@domain` take domains of the tailnet only (captures).
pub(crate) fn check_domain(network: &Network, domain: &str) -> Result<(), PolicyError> {
    if network.has_domain(domain) {
        return Ok(());
    }
    let text = "is not associated with this Tailnet and cannot be used in user:*@<domain> expressions";
    Err(PolicyError::invalid(format!("{domain} {text}")))
}

impl Selection {
    /// How many words of memory it takes, roughly.
    pub(crate) fn weight(&self) -> usize {
        16 + match &self.selected {
            Selected::Wildcard | Selected::DangerAll => 0,
            Selected::People(people) => {
                let named = people.strangers.len() + people.unknown.len();
                people.users.words() + people.nodes.words() + 32 * named
            }
            Selected::Nodes(nodes) => nodes.words(),
            Selected::Ranges(ranges) => 5 * ranges.len(),
        }
    }

    pub(crate) fn source(text: &Text, names: &Names, network: &Network) -> Result<Self, PolicyError> {
        let selector = Selector::parse(&text.value);
        let selected = match people_or_nodes(&selector, names, network)? {
            Some(Selected::Ranges(ranges)) => Selected::Ranges(names.widened(&text.value, ranges, network)),
            Some(selected) => selected,
            None => match selector {
                // 0.0.0.0/0 and ::/0 there.
                Selector::Wildcard if names.dialect() == Dialect::Headscale028 => Selected::DangerAll,
                Selector::Wildcard => Selected::Wildcard,
                Selector::Autogroup(Autogroup::DangerAll) => Selected::DangerAll,
                Selector::Autogroup(Autogroup::Shared) => Selected::People(names.shared().clone()),
                _ if names.is_taken() => Selected::People(People::somebody(&text.value)),
                _ => {
                    let text = format!("{} not valid on the src side of a rule", quoted(&text.value));
                    return Err(PolicyError::invalid(text));
                }
            },
        };
        Ok(Self { text: text.value.clone(), span: text.span.clone(), selected })
    }
}

impl Sources {
    /// How many words of memory it takes, roughly.
    pub(crate) fn weight(&self) -> usize {
        self.selections.iter().map(Selection::weight).sum()
    }

    /// From the selectors of a rule.
    pub fn new(selections: Vec<Selection>) -> Self {
        let mut sources = Self::default();
        let mut ranges = Vec::new();
        for selection in &selections {
            match &selection.selected {
                Selected::Wildcard => sources.wildcard = true,
                Selected::DangerAll => sources.danger_all = true,
                Selected::Nodes(nodes) => sources.nodes.union_with(nodes),
                Selected::Ranges(literal) => ranges.extend(literal.iter().copied()),
                Selected::People(people) => {
                    sources.users.union_with(&people.users);
                    sources.nodes.union_with(&people.nodes);
                    sources.strangers.extend(people.strangers.iter().cloned());
                    sources.unknown.extend(people.unknown.iter().cloned());
                }
            }
            sources.shared |=
                matches!(Selector::parse(&selection.text), Selector::Autogroup(Autogroup::Shared));
        }
        sources.ranges = ranges.into_iter().collect();
        sources.selections = selections;
        sources
    }

    /// Whether the rule can let nobody in: no selector, or only ones that stand for nothing.
    pub fn is_empty(&self) -> bool {
        !self.wildcard
            && !self.danger_all
            && !self.shared
            && self.nodes.is_empty()
            && self.users.is_empty()
            && self.strangers.is_empty()
            && self.unknown.is_empty()
            && self.ranges.is_empty()
    }
}

impl Destination {
    /// How many words of memory it takes, roughly.
    pub(crate) fn weight(&self) -> usize {
        16 + match &self.target {
            Target::Nodes(nodes) => nodes.words(),
            Target::Ranges(ranges) | Target::Carved(ranges) => 5 * ranges.len(),
            Target::Any | Target::SelfOwned | Target::Internet | Target::Service(_) => 0,
        }
    }

    pub(crate) fn new(
        host: &str,
        span: Range<usize>,
        names: &Names,
        network: &Network,
    ) -> Result<Self, PolicyError> {
        let selector = Selector::parse(host);
        let mut unknown = false;
        let target = match people_or_nodes(&selector, names, network)? {
            Some(Selected::People(people)) => {
                // What is in another tailnet is not here.
                unknown = !people.unknown.is_empty() && !matches!(selector, Selector::Elsewhere(_));
                Target::Nodes(people.nodes)
            }
            Some(Selected::Nodes(nodes)) => Target::Nodes(nodes),
            Some(Selected::Ranges(ranges)) => {
                let everything = ranges.iter().any(|range| range.is_everything());
                if everything && matches!(selector, Selector::Range(_)) && !names.is_taken() {
                    let text = format!(
                        "dst {}: to allow all IP addresses, use \"*\" or \"autogroup:internet\"",
                        quoted(host)
                    );
                    return Err(PolicyError::invalid(text));
                }
                let ranges = names.widened(host, ranges, network);
                match &selector {
                    Selector::IpSet(name) if names.is_of_internet(name) => Target::Carved(carved(&ranges)),
                    _ => Target::Ranges(ranges),
                }
            }
            _ => match selector {
                Selector::Wildcard => Target::Any,
                Selector::Autogroup(Autogroup::SelfOwned) => Target::SelfOwned,
                Selector::Autogroup(Autogroup::Internet) => Target::Internet,
                Selector::Autogroup(Autogroup::DangerAll) if !names.is_taken() => {
                    return Err(PolicyError::invalid("cannot use autogroup:danger-all as a dst"));
                }
                Selector::Service(name) if is_one_service(&name) => Target::Service(name),
                // Such as `svc:*`: nothing says what it would be.
                Selector::Service(_) => {
                    unknown = true;
                    Target::Nodes(NodeSet::new())
                }
                _ if names.is_taken() => {
                    unknown = true;
                    Target::Nodes(NodeSet::new())
                }
                _ => {
                    let text = format!("{} not valid on the dst side of a rule", quoted(host));
                    return Err(PolicyError::invalid(text));
                }
            },
        };
        Ok(Self { text: host.to_owned(), span, target, unknown })
    }

    /// One of which nothing is known but its text.
    pub(crate) fn not_understood(text: &Text) -> Self {
        let target = Target::Nodes(NodeSet::new());
        Self { text: text.value.clone(), span: text.span.clone(), target, unknown: true }
    }
}

/// Public addresses in ranges of their own, so that a range that ends where a private one begins stays public.
fn carved(ranges: &[IpRange]) -> Vec<IpRange> {
    let (set, internet) = (ranges.iter().copied().collect::<IpSet>(), crate::compile::address::internet());
    let public = set.intersection(&internet);
    public.ranges().chain(set.difference(&internet).ranges()).collect()
}
