//! Which flows each source may use and each place lies in, worked out flow by flow: what a flow does not name costs
//! nothing.

use std::collections::HashMap;
use std::hash::Hash;
use std::net::IpAddr;
use std::sync::Arc;

use super::{Engine, Grades, Outset};
use crate::network::{Network, Node};
use crate::reach::atlas::{Origin, SpotKind};
use crate::reach::flow::{Aim, Flow};
use crate::set::{Bits, IpRange, NodeSet, UserSet};

/// The nodes by their own addresses.
#[derive(Clone, Debug)]
pub(super) struct OwnAddresses(Vec<(IpAddr, usize)>);

impl OwnAddresses {
    pub(super) fn of(network: &Network) -> Self {
        let nodes = network.nodes().iter().enumerate();
        let mut all: Vec<_> =
            nodes.flat_map(|(index, node)| node.addresses().map(move |own| (own, index))).collect();
        all.sort_unstable();
        Self(all)
    }

    /// Addresses in a range with their nodes, in order.
    pub(super) fn within(&self, range: IpRange) -> impl Iterator<Item = (IpAddr, usize)> + '_ {
        let start = self.0.partition_point(|(own, _)| *own < range.first());
        let rest = self.0.get(start..).unwrap_or_default();
        rest.iter().copied().take_while(move |(own, _)| *own <= range.last())
    }
}

impl Engine {
    pub(super) fn build(&mut self) {
        self.owned = vec![Vec::new(); self.network.users().len()];
        for (index, node) in self.network.nodes().iter().enumerate() {
            if let Some(owned) = node.owner().and_then(|user| self.owned.get_mut(user)) {
                owned.push(index);
            }
            for login in &node.shared_to {
                self.shared.entry(login.to_ascii_lowercase()).or_default().insert(index);
            }
        }
        self.hidden = self.hidden_sources();
        let (v4, v6): (Vec<Grades>, Vec<Grades>) = self.outsets().into_iter().unzip();
        let (v4, v6) = (classes(v4), classes(v6));
        self.origin_classes = v4.iter().zip(&v6).map(|((four, _), (six, _))| (*four, *six)).collect();
        self.by_origin = v4.into_iter().zip(v6).map(|((_, v4), (_, v6))| Outset { v4, v6 }).collect();
        let (by_spot, nodes_of_flow) = self.spot_flows();
        (self.spot_classes, self.by_spot) = classes(by_spot).into_iter().unzip();
        self.nodes_of_flow = nodes_of_flow;
        self.everyone = self.sources_by_name();
        self.people = self.sources_by_person();
    }

    /// By origin of the atlas: IPv4, IPv6.
    fn outsets(&self) -> Vec<(Grades, Grades)> {
        let mut outsets = vec![<(Grades, Grades)>::default(); self.atlas.origins.len()];
        let held: Vec<bool> =
            self.atlas.origins.iter().map(|origin| self.is_held_to_postures(origin)).collect();
        let mut add = |index: usize, v4: bool, at: usize, flow: &Flow| {
            // Nodes come first among the origins, in their order.
            let Some(((four, six), held)) = outsets.get_mut(index).zip(held.get(index)) else { return };
            let grades = if v4 { four } else { six };
            grades.of_flow(flow, *held, true).insert(at);
        };
        for (at, flow) in self.flows.iter().enumerate() {
            for (index, node) in
                flow.nodes.iter().filter_map(|index| Some((index, self.network.node(index)?)))
            {
                node.addresses().for_each(|own| add(index, own.is_ipv4(), at, flow));
            }
            for (own, index) in flow.ranges.ranges().flat_map(|range| self.addresses.within(range)) {
                add(index, own.is_ipv4(), at, flow);
            }
        }
        let unlisted = self.atlas.origins.iter().zip(&mut outsets).skip(self.network.nodes().len());
        unlisted.for_each(|(origin, outset)| *outset = self.outset(origin));
        outsets
    }

    /// By flow: whether it names tailnet addresses that no listed node has.
    fn hidden_sources(&self) -> Vec<(bool, bool)> {
        let listed =
            self.network.nodes().iter().flat_map(|node| node.addresses().map(IpRange::single)).collect();
        let unlisted = self.tailnet.difference(&listed);
        let of_flow = |flow: &Flow| {
            if flow.ranges.is_empty() {
                return (false, false);
            }
            let hidden = flow.ranges.intersection(&unlisted);
            let has = |v4: bool| hidden.ranges().any(|range| range.first().is_ipv4() == v4);
            (has(true), has(false))
        };
        self.flows.iter().map(of_flow).collect()
    }

    /// The flows of one source, asked flow by flow.
    pub(super) fn outset(&self, origin: &Origin) -> (Grades, Grades) {
        let held = self.is_held_to_postures(origin);
        let family = |v4: bool| {
            let mut grades = Grades::default();
            for (at, flow) in self.flows.iter().enumerate() {
                if let Some(named) = self.source(origin, (at, flow), v4) {
                    grades.of_flow(flow, held, named).insert(at);
                }
            }
            grades
        };
        (family(true), family(false))
    }

    /// Whether a rule lets the source out: surely, possibly, or not.
    fn source(&self, origin: &Origin, (at, flow): (usize, &Flow), v4: bool) -> Option<bool> {
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
                let mut whole = self.tailnet.ranges().filter(|range| range.first().is_ipv4() == v4);
                if flow.people.contains(*user) || whole.all(|range| flow.ranges.covers(range)) {
                    return Some(true);
                }
                let (four, six) = self.hidden.get(at)?;
                (if v4 { *four } else { *six }).then_some(false)
            }
            Origin::Somebody(number) => {
                let name = self.somebody.get(*number)?;
                flow.somebody.contains(name).then_some(true)
            }
        }
    }

    /// By spot of the atlas: the flows that lead there. By flow: the nodes of those spots.
    fn spot_flows(&self) -> (Vec<Bits>, Vec<NodeSet>) {
        let nodes = self.network.nodes();
        let routing: NodeSet = nodes
            .iter()
            .enumerate()
            .filter(|(_, node)| !node.approved.is_empty())
            .map(|(index, _)| index)
            .collect();
        let mut by_spot = vec![Bits::new(); self.atlas.spots.len()];
        let mut by_flow = vec![NodeSet::new(); self.flows.len()];
        for ((at, flow), reached) in self.flows.iter().enumerate().zip(&mut by_flow) {
            let candidates = match &flow.aim {
                Aim::Nodes(nodes) => nodes.clone(),
                Aim::Internet => routing.clone(),
                Aim::Everything | Aim::Own | Aim::Unknown => NodeSet::all(nodes.len()),
                Aim::Service(_) => NodeSet::new(),
                Aim::Literal(range) | Aim::Carved(range) => {
                    let mut within = routing.clone();
                    self.addresses.within(*range).for_each(|(_, index)| _ = within.insert(index));
                    within
                }
            };
            let sent = |index: &usize| {
                nodes.get(*index).is_some_and(|node| flow.is_sent_to(*index, node, &self.public))
            };
            for index in candidates.iter().filter(sent) {
                let (start, spots) = self.atlas.spots_of(index);
                for (spot, flows) in spots.iter().zip(by_spot.iter_mut().skip(start)) {
                    if flow.contains(spot.place, spot.kind == SpotKind::Own, &self.public) {
                        flows.insert(at);
                        reached.insert(index);
                    }
                }
            }
            let led = self.services.iter().enumerate().filter(|(_, name)| flow.leads_to_service(name));
            for (number, _) in led {
                let index = nodes.len() + number;
                let (start, spots) = self.atlas.spots_of(index);
                for flows in by_spot.iter_mut().skip(start).take(spots.len()) {
                    flows.insert(at);
                    reached.insert(index);
                }
            }
        }
        (by_spot, by_flow)
    }

    /// The nodes that the rules lead these sources to: to any other nothing passes.
    pub(crate) fn nodes_before(&self, sources: &[Origin]) -> NodeSet {
        let (mut nodes, mut flows, mut owners) = (NodeSet::new(), Bits::new(), UserSet::new());
        for origin in sources {
            let (theirs, owner) = self.flows_from(origin);
            if let Some(login) = self.recipient(origin) {
                // No other node is shared with them, whatever the rules say.
                nodes.union_with(self.shared_with(login));
                let led = theirs.iter().filter_map(|flow| self.nodes_of_flow.get(flow));
                let led = led.flat_map(NodeSet::iter);
                nodes.extend(led.filter(|index| *index >= self.network.nodes().len()));
                continue;
            }
            flows.union_with(&theirs);
            owners.extend(owner);
        }
        nodes.extend(owners.iter().filter_map(|user| self.owned.get(user)).flatten().copied());
        flows
            .iter()
            .filter_map(|flow| self.nodes_of_flow.get(flow))
            .for_each(|reached| nodes.union_with(reached));
        nodes
    }

    /// The user to whom a listed, untagged source belongs.
    pub(super) fn owner(&self, origin: &Origin) -> Option<usize> {
        let Origin::Node(index) = origin else { return None };
        self.network.node(*index).and_then(Node::owner)
    }

    /// The nodes that are shared with a login.
    pub(crate) fn shared_with(&self, login: &str) -> &NodeSet {
        const NONE: &NodeSet = &NodeSet::new();
        self.shared.get(&login.to_ascii_lowercase()).unwrap_or(NONE)
    }
}

/// Numbers items so that equal ones have the same number, and keeps each once.
fn classes<T: Hash + Eq>(items: Vec<T>) -> Vec<(usize, Arc<T>)> {
    let mut numbers: HashMap<Arc<T>, usize> = HashMap::new();
    let number = |item: T| {
        if let Some((known, number)) = numbers.get_key_value(&item) {
            return (*number, Arc::clone(known));
        }
        let (number, item) = (numbers.len(), Arc::new(item));
        numbers.insert(Arc::clone(&item), number);
        (number, item)
    };
    items.into_iter().map(number).collect()
}
