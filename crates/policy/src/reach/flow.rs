//! One destination of one rule, in the form in which reach is worked out.

use std::sync::Arc;

use super::{Opening, PortRanges, atlas};
use crate::network::{Network, Node};
use crate::resolve::{ResolvedRule, Sources, Target};
use crate::set::{IpRange, IpSet, NodeSet, UserSet};

/// What a rule's destination selects.
#[derive(Clone, Debug)]
pub(crate) enum Aim {
    /// `*`
    Everything,
    /// `autogroup:internet`: public addresses, through exit nodes.
    Internet,
    /// `autogroup:self`: the untagged nodes of the source's own user.
    Own,
    /// The addresses of nodes.
    Nodes(NodeSet),
    /// An address, prefix or range as it is written.
    Literal(IpRange),
    /// A range of an IP set cut out of `autogroup:internet`: exit nodes lead to it also where the rule says which.
    Carved(IpRange),
    /// A service, by its name.
    Service(String),
    /// What is not known here: anything.
    Unknown,
}

/// One destination of one rule. Rules are only ever added up, so the order does not matter.
#[derive(Clone, Debug)]
pub(crate) struct Flow {
    /// Index into the rules of the [`Engine`](super::Engine).
    pub rule: usize,
    /// Source nodes.
    pub nodes: NodeSet,
    /// Source users, named by login, group, role or autogroup, with or without nodes.
    pub people: UserSet,
    /// Source addresses: literals, and what `*` stands for.
    pub ranges: IpSet,
    /// Whether the source is `*` or `autogroup:danger-all`.
    pub wide: bool,
    /// What is reached.
    pub aim: Aim,
    /// Only through these routers.
    pub via: Option<NodeSet>,
    /// Names of sources of which it is not known here who they are.
    pub somebody: Arc<[String]>,
    /// Whether the source device has to meet a posture.
    pub posture: bool,
    /// Whether that posture is not known here.
    pub posture_unknown: bool,
    /// What of the rule is not understood that decides where it leads or what it opens; then nothing by it is certain.
    pub doubts: Arc<[String]>,
    /// On which ports.
    pub opening: Opening,
}

impl Flow {
    /// The flows of a rule: one for each destination, and one to anywhere for those that are not known here.
    pub(crate) fn of(index: usize, rule: &ResolvedRule, network: &Network) -> Vec<Self> {
        let mut opening = Opening::default();
        for service in &rule.services {
            let ports: PortRanges = service.ports.iter().copied().collect();
            opening.union_with(&Opening::of(service.protocols(), &ports));
        }
        if opening.is_empty() {
            return Vec::new();
        }
        let ranges = source_ranges(&rule.sources, network);
        let somebody: Arc<[String]> = rule.sources.unknown.iter().cloned().collect();
        let not_understood: Vec<String> = rule.not_understood.iter().map(|text| text.value.clone()).collect();
        let unknown: Vec<String> =
            rule.destinations.iter().filter(|one| one.unknown).map(|one| one.text.clone()).collect();
        let nowhere: Arc<[String]> = not_understood.iter().chain(&unknown).cloned().collect();
        let not_understood: Arc<[String]> = not_understood.into();
        let flow = |aim| Self {
            rule: index,
            nodes: rule.sources.nodes.clone(),
            people: rule.sources.users.clone(),
            ranges: ranges.clone(),
            wide: rule.sources.wildcard || rule.sources.danger_all,
            doubts: Arc::clone(if matches!(aim, Aim::Unknown) { &nowhere } else { &not_understood }),
            aim,
            via: rule.via.clone(),
            somebody: Arc::clone(&somebody),
            posture: !rule.postures.is_empty(),
            posture_unknown: rule.posture_unknown,
            opening: opening.clone(),
        };
        let aims = rule.destinations.iter().flat_map(|destination| match &destination.target {
            Target::Any => vec![Aim::Everything],
            Target::Nodes(nodes) => vec![Aim::Nodes(nodes.clone())],
            Target::Ranges(ranges) => ranges.iter().copied().map(Aim::Literal).collect(),
            Target::Carved(ranges) => ranges.iter().copied().map(Aim::Carved).collect(),
            Target::SelfOwned => vec![Aim::Own],
            Target::Internet => vec![Aim::Internet],
            // Where its hosts are the network file does not say; that it is reached, the rule does.
            Target::Service(name) => vec![Aim::Service(name.clone())],
        });
        aims.chain((!unknown.is_empty()).then_some(Aim::Unknown)).map(flow).collect()
    }

    /// Whether it leads to a service, by its name.
    pub(crate) fn leads_to_service(&self, name: &str) -> bool {
        let direct = self.via.is_none();
        match &self.aim {
            Aim::Everything | Aim::Unknown => direct,
            Aim::Service(own) => direct && own == name,
            Aim::Internet | Aim::Own | Aim::Nodes(_) | Aim::Literal(_) | Aim::Carved(_) => false,
        }
    }

    /// Whether the control plane sends this destination to a node at all. A sent entry is sent whole, so that
    /// a router with one overlapping route opens everything that it routes and that the entry contains.
    pub(crate) fn is_sent_to(&self, index: usize, node: &Node, public: &IpSet) -> bool {
        if self.via.as_ref().is_some_and(|via| !via.contains(index)) {
            return false;
        }
        let direct = self.via.is_none();
        match &self.aim {
            Aim::Everything => direct,
            Aim::Internet => node.is_exit(),
            Aim::Own => direct && node.owner().is_some(),
            Aim::Nodes(nodes) => direct && nodes.contains(index),
            Aim::Unknown => true,
            Aim::Service(_) => false,
            Aim::Carved(range) => {
                let routed = node.subnets().any(|route| route.overlaps(*range));
                let own = direct && node.addresses().any(|address| range.contains(address));
                routed || own || (node.is_exit() && public.covers(*range))
            }
            Aim::Literal(range) => {
                let routed = node.subnets().any(|route| route.overlaps(*range));
                let own = direct && node.addresses().any(|address| range.contains(address));
                routed || own || (direct && node.is_exit() && public.covers(*range))
            }
        }
    }

    /// Whether a place on a node to which the destination was sent lies in it.
    pub(crate) fn contains(&self, place: IpRange, own: bool, public: &IpSet) -> bool {
        match &self.aim {
            Aim::Everything | Aim::Unknown => true,
            Aim::Service(_) => false,
            Aim::Internet => public.covers(place),
            Aim::Own | Aim::Nodes(_) => own,
            Aim::Literal(range) | Aim::Carved(range) => range.covers(place),
        }
    }
}

/// The addresses that a rule names as its source, and those that its wildcards stand for.
fn source_ranges(sources: &Sources, network: &Network) -> IpSet {
    if sources.danger_all {
        return IpSet::everything();
    }
    if sources.wildcard {
        return sources.ranges.union(&atlas::tailnet()).union(network.subnets());
    }
    sources.ranges.clone()
}
