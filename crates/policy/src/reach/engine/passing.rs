//! What passes from a source to a place, and what is missing where nothing does.

use super::{Engine, Grades, Outset, is_shared_with};
use crate::explain::Missing;
use crate::network::Node;
use crate::reach::atlas::{Origin, Spot, SpotKind};
use crate::reach::flow::Flow;
use crate::set::Bits;
use crate::syntax::RuleRef;

/// What counts besides the rules.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Gate {
    pub(super) same_user: bool,
    pub(super) exit_invite: bool,
    /// A share recipient before a service: whether these let them in is documented nowhere.
    pub(super) guest_at_service: bool,
}

impl Gate {
    /// Whether the rules alone decide.
    pub(super) const fn is_plain(self) -> bool {
        !self.exit_invite && !self.guest_at_service
    }
}

/// Class of the source, class of the spot, IPv4 or not, and what counts besides.
pub(crate) type PassageKey = (usize, usize, bool, Gate);

/// Classes of the source by address family, the families that it speaks, its owner, and whose unlisted device it is.
pub(crate) type SourceKind = ((usize, usize), Option<(bool, bool)>, Option<usize>, Option<usize>);

impl Engine {
    /// What the rules let through from a source to a spot.
    pub(crate) fn passes(&self, origin: &Origin, outset: &Outset, at: usize, spot: &Spot) -> Grades {
        match (self.gate(origin, spot), self.flows_to(at)) {
            (Some(gate), Some(inward)) => self.through(gate, outset, spot, inward),
            _ => Grades::default(),
        }
    }

    /// The flows that lead to a spot, by its index.
    pub(crate) fn flows_to(&self, at: usize) -> Option<&Bits> {
        self.by_spot.get(at).map(AsRef::as_ref)
    }

    /// The flows of a source but those to its owner's nodes, and the owner if there are such.
    pub(crate) fn flows_from(&self, source: &Origin) -> (Bits, Option<usize>) {
        let outset = self.outset_of(source);
        let mut flows = outset.v4.all();
        flows.union_with(&outset.v6.all());
        let owner = self.owner(source).filter(|_| flows.intersects(&self.own));
        flows.subtract(&self.own);
        (flows, owner)
    }

    /// Whether any rule leads people to their own nodes.
    pub(crate) fn has_own_flows(&self) -> bool {
        !self.own.is_empty()
    }

    /// Whether any of the sources may use any of the flows.
    pub(crate) fn leads(&self, sources: &[Origin], flows: &Bits) -> bool {
        sources.iter().any(|origin| {
            let outset = self.outset_of(origin);
            [&outset.v4, &outset.v6].iter().any(|grades| grades.intersects(flows))
        })
    }

    /// What counts besides the rules; `None` if nothing gets through whatever they say.
    pub(super) fn gate(&self, origin: &Origin, spot: &Spot) -> Option<Gate> {
        if spot.kind == SpotKind::Service {
            let guest_at_service = self.recipient(origin).is_some();
            return Some(Gate { same_user: false, exit_invite: false, guest_at_service });
        }
        let node = self.network.node(spot.node)?;
        if *origin == Origin::Node(spot.node) || self.is_shared_in(spot.node) {
            return None;
        }
        let recipient = self.recipient(origin);
        if let Some(login) = recipient
            && (spot.kind == SpotKind::Route || !is_shared_with(&node.shared_to, login))
        {
            return None;
        }
        let same_user = match origin {
            Origin::Node(source) => {
                let owner = self.network.node(*source).and_then(Node::owner);
                owner.is_some() && owner == node.owner()
            }
            _ => false,
        };
        // Only the invite decides about exit nodes, and the network file does not show invites.
        let exit_invite = recipient.is_some() && spot.kind == SpotKind::Internet;
        Some(Gate { same_user, exit_invite, guest_at_service: false })
    }

    pub(super) fn through(&self, gate: Gate, outset: &Outset, spot: &Spot, inward: &Bits) -> Grades {
        let out = if spot.place.first().is_ipv4() { &outset.v4 } else { &outset.v6 };
        let cut = |bits: &Bits| {
            let mut both = bits.clone();
            both.intersect_with(inward);
            if !gate.same_user {
                both.subtract(&self.own);
            }
            both
        };
        let grades = Grades {
            certain: cut(&out.certain),
            posture: cut(&out.posture),
            literal: cut(&out.literal),
            exit: Bits::new(),
            unknown: cut(&out.unknown),
        };
        match gate {
            Gate { exit_invite: true, .. } => Grades { exit: grades.all(), ..Grades::default() },
            Gate { guest_at_service: true, .. } => {
                let Grades { certain: mut unknown, posture, literal, unknown: other, .. } = grades;
                unknown.union_with(&posture);
                unknown.union_with(&other);
                Grades { literal, unknown, ..Grades::default() }
            }
            Gate { .. } => grades,
        }
    }

    /// Everything that decides what passes from a source of the atlas, by its index, to a spot: equal keys, equal
    /// passages. `None` if nothing passes.
    pub(crate) fn passage_key(&self, origin: usize, at: usize, spot: &Spot) -> Option<PassageKey> {
        let gate = self.gate(self.atlas.origins.get(origin)?, spot)?;
        let classes = self.origin_classes.get(origin)?;
        let v4 = spot.place.first().is_ipv4();
        Some((if v4 { classes.0 } else { classes.1 }, *self.spot_classes.get(at)?, v4, gate))
    }

    /// Everything but the place that decides what passes from a source: equal kinds, equal passages to every node but
    /// themselves.
    pub(crate) fn source_kind(&self, origin: &Origin) -> Option<SourceKind> {
        let index = self.origin_index(origin)?;
        let families = |node: usize| {
            let node = self.network.node(node);
            let has = |v4: bool| node.is_some_and(|node| node.addresses().any(|own| own.is_ipv4() == v4));
            (has(true), has(false))
        };
        let (node, unseen) = match origin {
            Origin::Node(index) => (Some(families(*index)), None),
            Origin::Unseen(user) => (None, Some(*user)),
            Origin::Somebody(_) => (None, None),
            // Of the ranges behind routers each is somebody of its own.
            Origin::Range(_) => return None,
        };
        Some((*self.origin_classes.get(index)?, node, self.owner(origin), unseen))
    }

    /// The index of a source in the atlas.
    pub(crate) fn origin_index(&self, origin: &Origin) -> Option<usize> {
        self.atlas.origins.binary_search(origin).ok()
    }

    /// The flows by which something passes perhaps: they rest on what is not known here, or name somebody of whom it is
    /// not known who it is. Of a source of which nothing is known, only the latter; and of a share recipient to whom a
    /// node is not shared only what names somebody of another tailnet, which shares in its own way. Before the way out of an
    /// exit node that is shared with them it is every flow that leads there: the rest is in their invite.
    pub(crate) fn perhaps(&self, origin: Option<&Origin>, at: usize, spot: &Spot) -> Vec<&Flow> {
        let Some(inward) = self.flows_to(at) else { return Vec::new() };
        let (gate, unknown, only_elsewhere) = match origin {
            None if self.is_shared_in(spot.node) => return Vec::new(),
            None => (None, Bits::new(), false),
            Some(origin) => match self.gate(origin, spot) {
                None if self.recipient(origin).is_none() || self.is_shared_in(spot.node) => {
                    return Vec::new();
                }
                None => (None, Bits::new(), true),
                Some(gate) if gate.exit_invite => {
                    let led = Gate { exit_invite: false, ..gate };
                    let mut led = self.through(led, &self.outset_of(origin), spot, inward);
                    led.certain.union_with(&led.posture);
                    led.certain.union_with(&led.unknown);
                    (Some(gate), led.certain, true)
                }
                gate => (gate, self.passes(origin, &self.outset_of(origin), at, spot).unknown, false),
            },
        };
        let names = |flow: &Flow| {
            flow.somebody.iter().any(|name| !only_elsewhere || crate::resolve::elsewhere(name).is_some())
        };
        let own = |at: usize| self.own.contains(at) && !gate.is_some_and(|gate| gate.same_user);
        let flows = inward.iter().filter_map(|at| Some((at, self.flows.get(at)?)));
        let rests = |(at, flow): &(usize, &Flow)| unknown.contains(*at) || (names(flow) && !own(*at));
        flows.filter(rests).map(|(_, flow)| flow).collect()
    }

    /// What each rule lacks to let this through, obstacles apart; nothing is missing where only they are.
    pub(crate) fn lacks(
        &self,
        origin: &Origin,
        outset: &Outset,
        (at, spot): (usize, &Spot),
        (number, port): (u8, Option<u16>),
    ) -> Vec<(RuleRef, Vec<Missing>)> {
        let grades = if spot.place.first().is_ipv4() { &outset.v4 } else { &outset.v6 };
        let (out, inward) = (grades.all(), self.flows_to(at));
        let owner = self.network.node(spot.node).and_then(Node::owner);
        let user = match origin {
            Origin::Node(source) => self.network.node(*source).and_then(Node::owner),
            Origin::Unseen(user) => Some(*user),
            Origin::Range(_) | Origin::Somebody(_) => None,
        };
        let lack = |(flow_at, flow): (usize, &Flow)| {
            let mut missing = Vec::new();
            if !out.contains(flow_at) {
                missing.push(Missing::Source);
            }
            let foreign = self.own.contains(flow_at) && owner != user;
            if foreign || !inward.is_some_and(|inward| inward.contains(flow_at)) {
                missing.push(Missing::Destination);
            }
            if !flow.opening.allows(number, None) {
                missing.push(Missing::Protocol);
            } else if !flow.opening.allows(number, port) {
                missing.push(Missing::Port);
            }
            Some((*self.rules.get(flow.rule)?, missing))
        };
        self.flows.iter().enumerate().filter_map(lack).collect()
    }
}
