//! Everything that is worked out once per policy and network.

mod building;
mod naming;
mod passing;

use std::collections::{BTreeSet, HashMap};
use std::net::IpAddr;
use std::sync::Arc;

use building::OwnAddresses;

use super::atlas::{self, Atlas, Cuts, Origin};
use super::flow::{Aim, Flow};
use super::{Opening, Target, Who};
use crate::compile;
use crate::error::PolicyError;
use crate::network::{Network, UserKind};
use crate::resolve::{Resolved, Target as Selected, resolve};
use crate::set::{Bits, IpSet, NodeSet};
use crate::syntax::{Language, Policy, Reading, RuleRef};

pub(crate) use passing::{PassageKey, SourceKind};

/// Answers who can reach what, under one policy in one network.
///
/// A person or tag is followed by device; share recipients, whose devices the owner's control plane does not
/// show, by login name.
#[derive(Clone, Debug)]
pub struct Engine {
    pub(crate) network: Network,
    pub(crate) rules: Vec<RuleRef>,
    pub(crate) flows: Vec<Flow>,
    /// The services that the policy names, sorted.
    pub(crate) services: Vec<String>,
    /// The names of sources of which it is not known here who they are, sorted.
    pub(crate) somebody: Vec<String>,
    pub(crate) cuts: Cuts,
    pub(crate) atlas: Atlas,
    /// Flows by origin of the atlas.
    by_origin: Vec<Outset>,
    /// Flows by spot of the atlas.
    by_spot: Vec<Arc<Bits>>,
    /// Numbers that are equal for sources with equal flows, by address family.
    origin_classes: Vec<(usize, usize)>,
    /// Numbers that are equal for spots with equal flows.
    pub(super) spot_classes: Vec<usize>,
    /// By flow: the nodes with a spot that it leads to.
    nodes_of_flow: Vec<NodeSet>,
    /// Flows from a user to that user's own nodes.
    own: Bits,
    /// By user: their untagged nodes.
    owned: Vec<Vec<usize>>,
    /// The nodes that are shared with a login, by that login in lower case.
    shared: HashMap<String, NodeSet>,
    /// By flow: whether it names source addresses that no listed node has, IPv4 and IPv6.
    hidden: Vec<(bool, bool)>,
    public: IpSet,
    /// Everybody with their sources, sorted.
    everyone: Vec<(Who, Vec<Origin>)>,
    /// Sources by login in lower case.
    people: HashMap<String, Vec<Origin>>,
    addresses: OwnAddresses,
    tailnet: IpSet,
}

/// The flows that a source may use, in the address family of the destination.
#[derive(Clone, Debug, Default)]
pub(crate) struct Outset {
    v4: Arc<Grades>,
    v6: Arc<Grades>,
}

/// The flows that a source may use, by what is known about the source.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub(crate) struct Grades {
    /// Certainly.
    pub certain: Bits,
    /// If its device meets the posture of the rule.
    pub posture: Bits,
    /// If it has an address that the rule names, which cannot be seen.
    pub literal: Bits,
    /// If the invite allows use as an exit node.
    pub exit: Bits,
    /// Perhaps: it rests on what is not known here.
    pub unknown: Bits,
}

impl Grades {
    fn each(&self) -> [&Bits; 5] {
        [&self.certain, &self.posture, &self.literal, &self.exit, &self.unknown]
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.each().iter().all(|bits| bits.is_empty())
    }

    pub(crate) fn all(&self) -> Bits {
        let mut all = Bits::new();
        self.each().iter().for_each(|bits| all.union_with(bits));
        all
    }

    /// Whether any of the flows is among them, whatever is known about the source.
    pub(crate) fn intersects(&self, flows: &Bits) -> bool {
        self.each().iter().any(|bits| bits.intersects(flows))
    }

    /// Takes out flows, whatever is known about the source.
    pub(crate) fn subtract(&mut self, flows: &Bits) {
        let Self { certain, posture, literal, exit, unknown } = self;
        for bits in [certain, posture, literal, exit, unknown] {
            bits.subtract(flows);
        }
    }

    /// Where a flow belongs for a source that it names. `held`: postures are asked of the source; `named`: surely, or
    /// only by an address that it may have.
    pub(crate) fn of_flow(&mut self, flow: &Flow, held: bool, named: bool) -> &mut Bits {
        let posture = held && flow.posture;
        match (named, posture) {
            _ if !flow.doubts.is_empty() => &mut self.unknown,
            (false, _) => &mut self.literal,
            (true, true) if flow.posture_unknown => &mut self.unknown,
            (true, true) => &mut self.posture,
            (true, false) => &mut self.certain,
        }
    }
}

impl Engine {
    /// Parses and resolves a policy text that somebody means to bring in force, and works out everything that questions
    /// need.
    ///
    /// # Errors
    /// The control plane's refusal of the text.
    pub fn new(text: &str, network: &Network) -> Result<Self, PolicyError> {
        Self::read(text, network, Reading::Proposed)
    }

    /// As [`Self::new`], of a text in the language of one control plane, read in one of the two ways.
    ///
    /// # Errors
    /// As [`Self::new`].
    pub fn read(text: &str, network: &Network, language: impl Into<Language>) -> Result<Self, PolicyError> {
        Self::of(&Policy::read(text, language)?, network)
    }

    /// As [`Self::new`], from a parsed policy.
    ///
    /// # Errors
    /// The control plane's refusal of a rule.
    pub fn of(policy: &Policy, network: &Network) -> Result<Self, PolicyError> {
        let network = network.with_recipients();
        let resolved = resolve(policy, &network)?;
        let without_v4 = compile::without_v4(policy, &resolved, &network)?;
        let network = network.without_v4(&without_v4);
        let rules = resolved.rules.iter().map(|rule| rule.rule).collect();
        let services = services(policy, &resolved);
        let numbered = resolved.rules.iter().enumerate();
        let flows = numbered.flat_map(|(index, rule)| Flow::of(index, rule, &network)).collect();
        Ok(Self::of_flows(network, rules, flows, services, &Cuts::new()))
    }

    pub(crate) fn of_flows(
        network: Network,
        rules: Vec<RuleRef>,
        flows: Vec<Flow>,
        services: Vec<String>,
        more: &Cuts,
    ) -> Self {
        let somebody: BTreeSet<String> =
            flows.iter().flat_map(|flow| flow.somebody.iter().cloned()).collect();
        let mut cuts = atlas::cuts(&network, &flows);
        cuts.extend(more);
        let atlas = Atlas::of(&network, &cuts, services.len(), somebody.len());
        let own = flows.iter().enumerate().filter(|(_, flow)| matches!(flow.aim, Aim::Own));
        let own = own.map(|(at, _)| at).collect();
        let mut engine = Self {
            by_origin: Vec::new(),
            by_spot: Vec::new(),
            origin_classes: Vec::new(),
            spot_classes: Vec::new(),
            nodes_of_flow: Vec::new(),
            owned: Vec::new(),
            shared: HashMap::new(),
            hidden: Vec::new(),
            everyone: Vec::new(),
            people: HashMap::new(),
            addresses: OwnAddresses::of(&network),
            public: atlas::public(),
            tailnet: atlas::tailnet(),
            network,
            rules,
            flows,
            services,
            somebody: somebody.into_iter().collect(),
            cuts,
            atlas,
            own,
        };
        engine.build();
        engine
    }

    /// The same policy and network, cut also at the places of another engine and with its services, so that answers line
    /// up: a rule that leads everywhere leads to a service too that only the other policy names.
    pub(crate) fn cut_at(&self, more: &Cuts, services: &[String]) -> Self {
        let (rules, flows) = (self.rules.clone(), self.flows.clone());
        Self::of_flows(self.network.clone(), rules, flows, services.to_vec(), more)
    }

    /// The login of a source that is a share recipient's.
    pub(crate) fn recipient(&self, origin: &Origin) -> Option<&str> {
        let user = match origin {
            Origin::Node(index) => self.network.node(*index)?.owner()?,
            Origin::Unseen(user) => *user,
            Origin::Range(_) | Origin::Somebody(_) => return None,
        };
        let user = self.network.user(user)?;
        (user.kind == UserKind::Shared).then_some(user.login.as_str())
    }

    /// Whether postures are asked of a source at all: of devices of the own tailnet only. Share recipients and what is
    /// behind a subnet router get in whatever a posture says (documentation of device posture, "Posture conditions",
    /// "Shared Nodes and Posture Conditions").
    pub(crate) fn is_held_to_postures(&self, origin: &Origin) -> bool {
        matches!(origin, Origin::Node(_) | Origin::Unseen(_)) && self.recipient(origin).is_none()
    }

    /// Whether a node belongs to a share recipient: quarantined, nobody here can open a connection to it.
    pub(crate) fn is_shared_in(&self, node: usize) -> bool {
        let owner = self.network.node(node).and_then(crate::network::Node::owner);
        owner.and_then(|user| self.network.user(user)).is_some_and(|user| user.kind == UserKind::Shared)
    }

    /// Everything that the flows open together.
    pub(crate) fn opening(&self, flows: &Bits) -> Opening {
        let mut opening = Opening::default();
        flows.iter().filter_map(|at| self.flows.get(at)).for_each(|flow| opening.union_with(&flow.opening));
        opening
    }

    /// Whether a packet gets through for certain, from some device of `from` to some address of `to` itself.
    ///
    /// `port` is ignored for protocols without ports; without one, any open port counts.
    pub fn allows(&self, from: &Who, to: &Target, protocol: u8, port: Option<u16>) -> bool {
        let spots = self.spots_of(to, false);
        self.origins_of(from).iter().any(|origin| {
            let outset = self.outset_of(origin);
            spots.iter().any(|(at, spot)| {
                let (Some(gate), Some(inward)) = (self.gate(origin, spot), self.flows_to(*at)) else {
                    return false;
                };
                let out = if spot.place.first().is_ipv4() { &outset.v4 } else { &outset.v6 };
                let opens = |at: usize| {
                    inward.contains(at)
                        && (gate.same_user || !self.own.contains(at))
                        && self.flows.get(at).is_some_and(|flow| flow.opening.allows(protocol, port))
                };
                gate.is_plain() && out.certain.intersects(inward) && out.certain.iter().any(opens)
            })
        })
    }

    /// The network that the answers are about. Logins in `shared_to` that the file does not list are in it as
    /// share recipients.
    pub fn network(&self) -> &Network {
        &self.network
    }

    /// The services that the policy names, sorted: destinations of their own, by whose names [`Target::Node`] asks.
    pub fn services(&self) -> &[String] {
        &self.services
    }

    /// The names by which rules mean somebody who is not known here, sorted: whom [`Who::Unknown`] asks about.
    pub fn somebody(&self) -> &[String] {
        &self.somebody
    }

    /// The name of a node or, behind those, of a service.
    pub(crate) fn place_name(&self, index: usize) -> Option<&str> {
        let nodes = self.network.nodes();
        match index.checked_sub(nodes.len()) {
            None => nodes.get(index).map(|node| node.name.as_str()),
            Some(number) => self.services.get(number).map(String::as_str),
        }
    }

    /// The node of that name, or the service.
    pub(crate) fn place_named(&self, name: &str) -> Option<usize> {
        self.network.node_named(name).or_else(|| {
            let number = self.services.iter().position(|service| service == name)?;
            Some(self.network.nodes().len() + number)
        })
    }

    /// Whether a login is a share recipient here.
    pub fn is_recipient(&self, login: &str) -> bool {
        let user = self.network.user_with_login(login).and_then(|user| self.network.user(user));
        user.is_some_and(|user| user.kind == UserKind::Shared)
    }

    /// The rules with `*` or `autogroup:danger-all` as a source.
    pub(crate) fn wide_rules(&self) -> Vec<RuleRef> {
        let wide = self.flows.iter().filter(|flow| flow.wide);
        wide.filter_map(|flow| self.rules.get(flow.rule).copied()).collect()
    }

    /// Whether a node has an address of the family of another.
    pub(crate) fn has_address_like(&self, node: usize, other: IpAddr) -> bool {
        let node = self.network.node(node);
        node.is_some_and(|node| node.addresses().any(|own| own.is_ipv4() == other.is_ipv4()))
    }

    /// The flows of some rules.
    pub(crate) fn flows_of(&self, rules: &[RuleRef]) -> Bits {
        let of_one = |flow: &Flow| self.rules.get(flow.rule).is_some_and(|rule| rules.contains(rule));
        self.flows.iter().enumerate().filter(|(_, flow)| of_one(flow)).map(|(at, _)| at).collect()
    }
}

/// The services that the policy names: those that rules lead to, those that tests ask about, and those whose hosts need no
/// approval by hand.
fn services(policy: &Policy, resolved: &Resolved) -> Vec<String> {
    let targets = resolved.rules.iter().flat_map(|rule| &rule.destinations).map(|one| &one.target);
    let named = targets.filter_map(|target| match target {
        Selected::Service(name) => Some(name.clone()),
        _ => None,
    });
    let approved = policy.auto_approvers.services.iter().map(|entry| entry.name.value.clone());
    let tested = policy.tests.iter().flat_map(|test| test.accept.iter().chain(&test.deny));
    let tested = tested.filter_map(|text| Some(text.value.rsplit_once(':')?.0.to_owned()));
    let other = approved.chain(tested).filter(|name| name.starts_with("svc:"));
    let all: BTreeSet<String> = named.chain(other).collect();
    all.into_iter().collect()
}

pub(crate) fn is_shared_with(shared_to: &[String], login: &str) -> bool {
    shared_to.iter().any(|entry| entry.eq_ignore_ascii_case(login))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::syntax::protocol::TCP;

    #[test]
    fn a_node_that_the_policy_leaves_no_ipv4_address_is_not_reached_there() {
        let network = Network::parse(
            r#"{"nodes": {"a": {"ipv4": "100.64.0.1", "ipv6": "fd7a:115c:a1e0::1"},
                          "b": {"ipv4": "100.64.0.2", "ipv6": "fd7a:115c:a1e0::2"}}}"#,
        )
        .unwrap();
        let engine = Engine::new(r#"{"disableIPv4": true}"#, &network).unwrap();
        let allows = |to: &str| engine.allows(&Who::Node("a".into()), &Target::of(to), TCP, Some(80));
        assert!(allows("fd7a:115c:a1e0::2") && allows("b") && !allows("100.64.0.2"));
    }
}
