//! Everything that is worked out once per policy and network.

mod naming;
mod passing;

use std::borrow::Cow;
use std::collections::HashMap;
use std::hash::Hash;
use std::net::IpAddr;

use super::atlas::{self, Atlas, Cuts, Origin, SpotKind};
use super::flow::{Aim, Flow};
use super::{Opening, Target, Who};
use crate::compile;
use crate::error::PolicyError;
use crate::network::{Network, UserKind};
use crate::resolve::resolve;
use crate::set::{Bits, IpRange, IpSet};
use crate::syntax::{Policy, RuleRef};

pub(crate) use passing::PassageKey;

/// Answers who can reach what, under one policy in one network.
///
/// A person or tag is followed by device; share recipients, whose devices the owner's control plane does not
/// show, by login name.
#[derive(Clone, Debug)]
pub struct Engine {
    pub(crate) network: Network,
    pub(crate) rules: Vec<RuleRef>,
    pub(crate) flows: Vec<Flow>,
    pub(crate) cuts: Cuts,
    pub(crate) atlas: Atlas,
    /// Flows by origin of the atlas.
    by_origin: Vec<Outset>,
    /// Flows by spot of the atlas.
    by_spot: Vec<Bits>,
    /// Numbers that are equal for sources with equal flows, by address family.
    origin_classes: Vec<(usize, usize)>,
    /// Numbers that are equal for spots with equal flows.
    spot_classes: Vec<usize>,
    /// Flows from a user to that user's own nodes.
    own: Bits,
    public: IpSet,
    /// Sources by login in lower case.
    people: HashMap<String, Vec<Origin>>,
    /// Tailnet addresses, and those that no listed node has.
    tailnet: IpSet,
    unlisted: IpSet,
}

/// The flows that a source may use, in the address family of the destination.
#[derive(Clone, Debug, Default)]
pub(crate) struct Outset {
    v4: Grades,
    v6: Grades,
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
}

impl Grades {
    pub(crate) fn is_empty(&self) -> bool {
        self.certain.is_empty() && self.posture.is_empty() && self.literal.is_empty() && self.exit.is_empty()
    }

    pub(crate) fn all(&self) -> Bits {
        let mut all = self.certain.clone();
        for bits in [&self.posture, &self.literal, &self.exit] {
            all.union_with(bits);
        }
        all
    }
}

impl Engine {
    /// Parses and resolves a policy text, and works out everything that questions need.
    ///
    /// # Errors
    /// The control plane's refusal of the text.
    pub fn new(text: &str, network: &Network) -> Result<Self, PolicyError> {
        Self::of(&Policy::parse(text)?, network)
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
        let flows =
            resolved.rules.iter().enumerate().flat_map(|(index, rule)| Flow::of(index, rule, &network));
        let flows = flows.collect();
        Ok(Self::of_flows(network, rules, flows, &Cuts::new()))
    }

    pub(crate) fn of_flows(network: Network, rules: Vec<RuleRef>, flows: Vec<Flow>, more: &Cuts) -> Self {
        let mut cuts = atlas::cuts(&network, &flows);
        cuts.extend(more);
        let atlas = Atlas::of(&network, &cuts);
        let listed = network.nodes().iter().flat_map(|node| node.addresses().map(IpRange::single)).collect();
        let own =
            (0..flows.len()).filter(|index| matches!(flows.get(*index), Some(Flow { aim: Aim::Own, .. })));
        let own = own.collect();
        let mut engine = Self {
            unlisted: atlas::tailnet().difference(&listed),
            tailnet: atlas::tailnet(),
            origin_classes: Vec::new(),
            people: HashMap::new(),
            spot_classes: Vec::new(),
            public: atlas::public(),
            by_origin: Vec::new(),
            by_spot: Vec::new(),
            network,
            rules,
            flows,
            cuts,
            atlas,
            own,
        };
        engine.by_origin = engine.atlas.origins.iter().map(|origin| engine.outset(origin)).collect();
        engine.by_spot = engine.spot_flows();
        engine.people = engine.sources_by_person();
        let v4 = classes(engine.by_origin.iter().map(|outset| &outset.v4));
        let v6 = classes(engine.by_origin.iter().map(|outset| &outset.v6));
        engine.origin_classes = v4.into_iter().zip(v6).collect();
        engine.spot_classes = classes(engine.by_spot.iter());
        engine
    }

    /// The same policy and network, cut also at the places of another engine, so that answers line up.
    pub(crate) fn cut_at(&self, more: &Cuts) -> Self {
        Self::of_flows(self.network.clone(), self.rules.clone(), self.flows.clone(), more)
    }

    fn spot_flows(&self) -> Vec<Bits> {
        let mut all = Vec::with_capacity(self.atlas.spots.len());
        for (index, node) in self.network.nodes().iter().enumerate() {
            let sent: Vec<(usize, &Flow)> = self
                .flows
                .iter()
                .enumerate()
                .filter(|(_, flow)| flow.is_sent_to(index, node, &self.public))
                .collect();
            for spot in self.atlas.spots_of(index).1 {
                let own = spot.kind == SpotKind::Own;
                let inside = sent.iter().filter(|(_, flow)| flow.contains(spot.place, own, &self.public));
                all.push(inside.map(|(at, _)| *at).collect());
            }
        }
        all
    }

    fn outset(&self, origin: &Origin) -> Outset {
        let family = |v4: bool| {
            let mut grades = Grades::default();
            for (at, flow) in self.flows.iter().enumerate() {
                match self.source(origin, flow, v4) {
                    Some(false) => grades.literal.insert(at),
                    Some(true) if flow.posture => grades.posture.insert(at),
                    Some(true) => grades.certain.insert(at),
                    None => false,
                };
            }
            grades
        };
        Outset { v4: family(true), v6: family(false) }
    }

    /// Whether a rule lets the source out: surely, possibly, or not.
    fn source(&self, origin: &Origin, flow: &Flow, v4: bool) -> Option<bool> {
        match origin {
            Origin::Node(index) => {
                let node = self.network.node(*index)?;
                let address = node.addresses().find(|address| address.is_ipv4() == v4)?;
                (flow.nodes.contains(*index) || flow.ranges.contains(address)).then_some(true)
            }
            Origin::Range(range) => {
                (range.first().is_ipv4() == v4 && flow.ranges.covers(*range)).then_some(true)
            }
            Origin::Unseen(user) => {
                let of_family = |set: &IpSet| set.ranges().any(|range| range.first().is_ipv4() == v4);
                let mut whole = self.tailnet.ranges().filter(|range| range.first().is_ipv4() == v4);
                if flow.people.contains(*user) || whole.all(|range| flow.ranges.covers(range)) {
                    return Some(true);
                }
                of_family(&flow.ranges.intersection(&self.unlisted)).then_some(false)
            }
        }
    }

    /// The login of a source that is a share recipient's.
    pub(crate) fn recipient(&self, origin: &Origin) -> Option<&str> {
        let user = match origin {
            Origin::Node(index) => self.network.node(*index)?.owner()?,
            Origin::Unseen(user) => *user,
            Origin::Range(_) => return None,
        };
        let user = self.network.user(user)?;
        (user.kind == UserKind::Shared).then_some(user.login.as_str())
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
            let known = self.origin_index(origin).and_then(|index| self.by_origin.get(index));
            let outset = known.map_or_else(|| Cow::Owned(self.outset(origin)), Cow::Borrowed);
            spots.iter().any(|(at, spot)| {
                let (Some(gate), Some(inward)) = (self.gate(origin, spot), self.by_spot.get(*at)) else {
                    return false;
                };
                let out = if spot.place.first().is_ipv4() { &outset.v4 } else { &outset.v6 };
                let opens = |at: usize| {
                    inward.contains(at)
                        && (gate.same_user || !self.own.contains(at))
                        && self.flows.get(at).is_some_and(|flow| flow.opening.allows(protocol, port))
                };
                !gate.exit_invite && out.certain.intersects(inward) && out.certain.iter().any(opens)
            })
        })
    }

    /// The network that the answers are about. Logins in `shared_to` that the file does not list are in it as
    /// share recipients.
    pub fn network(&self) -> &Network {
        &self.network
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

    /// The same policy without some of its rules.
    pub(crate) fn without(&self, rules: &[RuleRef]) -> Self {
        let gone = |flow: &Flow| self.rules.get(flow.rule).is_some_and(|rule| rules.contains(rule));
        let flows = self.flows.iter().filter(|flow| !gone(flow)).cloned().collect();
        Self::of_flows(self.network.clone(), self.rules.clone(), flows, &Cuts::new())
    }
}

/// Numbers items so that equal ones have the same number.
fn classes<'a, T: Hash + Eq + 'a>(items: impl Iterator<Item = &'a T>) -> Vec<usize> {
    let mut numbers: HashMap<&T, usize> = HashMap::new();
    items
        .map(|item| {
            let next = numbers.len();
            *numbers.entry(item).or_insert(next)
        })
        .collect()
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
