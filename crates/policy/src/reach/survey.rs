//! From flows to entries: what sources of one name reach, put together and told once.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::rc::Rc;

use super::atlas::{Origin, Spot, SpotKind, joined};
use super::engine::{Engine, Grades, Outset, PassageKey};
use super::flow::Flow;
use super::{Entry, Note, Opening, Part, PortRanges, Who};
use crate::set::{Bits, IpRange};
use crate::syntax::RuleRef;
use crate::syntax::protocol::has_ports;

/// What passes from one source to one place, by what is known about the source. A better known way is not
/// told again as a lesser known one.
#[derive(Clone, Debug, Default)]
pub(crate) struct Passage {
    pub grades: Grades,
    pub certain: Opening,
    pub posture: Opening,
    pub literal: Opening,
    pub exit: Opening,
    pub unknown: Opening,
}

impl Passage {
    pub(crate) fn is_empty(&self) -> bool {
        let Self { grades: _, certain, posture, literal, exit, unknown } = self;
        [certain, posture, literal, exit, unknown].iter().all(|opening| opening.is_empty())
    }

    /// What is here and not there.
    pub(crate) fn beyond(&self, other: &Self) -> Self {
        let mut known = other.certain.clone();
        let certain = self.certain.difference(&known);
        let mut next = |mine: &Opening, theirs: &Opening| {
            known.union_with(theirs);
            mine.difference(&known)
        };
        let posture = next(&self.posture, &other.posture);
        let literal = next(&self.literal, &other.literal);
        let exit = next(&self.exit, &other.exit);
        let unknown = next(&self.unknown, &other.unknown);
        Self { grades: self.grades.clone(), certain, posture, literal, exit, unknown }
    }
}

/// Looks passages up, each kind worked out once.
pub(crate) struct Survey<'a> {
    engine: &'a Engine,
    /// Flows that do not count.
    without: Bits,
    openings: HashMap<Bits, Opening>,
    known: HashMap<PassageKey, Rc<Passage>>,
    nothing: Rc<Passage>,
}

impl<'a> Survey<'a> {
    pub(crate) fn of(engine: &'a Engine) -> Self {
        Self::without(engine, Bits::new())
    }

    /// As if some flows were not there.
    pub(crate) fn without(engine: &'a Engine, without: Bits) -> Self {
        Self { engine, without, openings: HashMap::new(), known: HashMap::new(), nothing: Rc::default() }
    }

    pub(crate) fn passage(&mut self, origin: &Origin, at: usize, spot: &Spot) -> Rc<Passage> {
        let Some(index) = self.engine.origin_index(origin) else {
            let outset = self.engine.outset_of(origin);
            return Rc::new(self.worked_out(origin, &outset, at, spot));
        };
        let Some(key) = self.engine.passage_key(index, at, spot) else { return Rc::clone(&self.nothing) };
        if let Some(known) = self.known.get(&key) {
            return Rc::clone(known);
        }
        let passage = Rc::new(self.worked_out(origin, &self.engine.outset_of(origin), at, spot));
        let passage = if passage.is_empty() { Rc::clone(&self.nothing) } else { passage };
        self.known.insert(key, Rc::clone(&passage));
        passage
    }

    /// The rules by which anything passes that is told, by index, ascending.
    pub(crate) fn rules(&mut self, origin: &Origin, at: usize, spot: &Spot) -> Vec<usize> {
        let engine = self.engine;
        let grades = engine.passes(origin, &engine.outset_of(origin), at, spot);
        let only_certain = grades.all() == grades.certain;
        let flows = |bits: &Bits| bits.iter().filter_map(|flow| engine.flows.get(flow)).collect::<Vec<_>>();
        let certain = flows(&grades.certain);
        let mut rules = BTreeSet::new();
        if only_certain && certain.iter().all(|flow| flow.opening.carries()) {
            // Each opens something that is told; nothing is known better elsewhere.
            rules.extend(certain.iter().map(|flow| flow.rule));
            return rules.into_iter().collect();
        }
        let passage = self.worked_out(origin, &engine.outset_of(origin), at, spot);
        for pick in GRADES {
            let (opening, bits) = pick(&passage);
            for (protocol, ports) in opening.listed(None) {
                let opens = |flow: &&Flow| !flow.opening.ports(protocol).intersection(&ports).is_empty();
                rules.extend(flows(bits).into_iter().filter(opens).map(|flow| flow.rule));
            }
        }
        rules.into_iter().collect()
    }

    fn worked_out(&mut self, origin: &Origin, outset: &Outset, at: usize, spot: &Spot) -> Passage {
        let mut grades = self.engine.passes(origin, outset, at, spot);
        grades.subtract(&self.without);
        if grades.is_empty() {
            return Passage::default();
        }
        let certain = self.opening(&grades.certain);
        let mut known = certain.clone();
        let mut next = |flows: &Bits| {
            let opening = self.opening(flows);
            let rest = opening.difference(&known);
            known.union_with(&opening);
            rest
        };
        let (posture, literal, exit) = (next(&grades.posture), next(&grades.literal), next(&grades.exit));
        let unknown = next(&grades.unknown);
        Passage { grades, certain, posture, literal, exit, unknown }
    }

    fn opening(&mut self, flows: &Bits) -> Opening {
        if let Some(known) = self.openings.get(flows) {
            return known.clone();
        }
        let opening = self.engine.opening(flows);
        self.openings.insert(flows.clone(), opening.clone());
        opening
    }
}

/// What passes by one grade of knowledge, and by which flows.
type Pick = fn(&Passage) -> (&Opening, &Bits);

/// From certain to least so.
const GRADES: [Pick; 5] = [
    |passage| (&passage.certain, &passage.grades.certain),
    |passage| (&passage.posture, &passage.grades.posture),
    |passage| (&passage.literal, &passage.grades.literal),
    |passage| (&passage.exit, &passage.grades.exit),
    |passage| (&passage.unknown, &passage.grades.unknown),
];

/// A fact about one place, before equal places are put together.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Fact {
    protocol: u8,
    note: Option<Note>,
    ports: PortRanges,
    rules: Vec<RuleRef>,
}

/// What passes from the sources of one name to one spot, source by source.
pub(crate) type Passages = Vec<(Origin, Rc<Passage>)>;
/// The same, alike sources together.
pub(crate) type GroupedPassages<'a> = Vec<(&'a [Origin], Rc<Passage>)>;

/// Puts passages into words, each kind once.
pub(crate) struct Teller<'a> {
    engine: &'a Engine,
    asked: (Option<u8>, Option<u16>),
    /// Facts where all sources have the same passage, by its address in memory; the passage is kept beside.
    known: HashMap<usize, (Rc<Passage>, Vec<Fact>)>,
}

impl<'a> Teller<'a> {
    /// Of one engine; with a protocol or a port, only that is told.
    pub(crate) fn of(engine: &'a Engine, protocol: Option<u8>, port: Option<u16>) -> Self {
        Self { engine, asked: (protocol, port), known: HashMap::new() }
    }

    fn facts(&mut self, node: usize, groups: &GroupedPassages) -> Vec<Fact> {
        let Some((_, first)) = groups.first() else { return Vec::new() };
        if !groups.iter().all(|(_, passage)| Rc::ptr_eq(passage, first)) {
            return facts(self.engine, &one_by_one(node, groups), self.asked);
        }
        let known = self.known.entry(Rc::as_ptr(first).addr());
        let told = || (Rc::clone(first), facts(self.engine, &one_by_one(node, groups), self.asked));
        known.or_insert_with(told).1.clone()
    }

    /// Turns the passages of one name's sources to the places of one node into entries.
    ///
    /// `passages` has one list per place, with one passage per group of sources that counts.
    pub(crate) fn entries(
        &mut self,
        who: &Who,
        node: usize,
        passages: &[(Spot, GroupedPassages)],
    ) -> Vec<Entry> {
        let mut by_fact: BTreeMap<Fact, Vec<Spot>> = BTreeMap::new();
        for (spot, groups) in passages {
            for fact in self.facts(node, groups) {
                by_fact.entry(fact).or_default().push(*spot);
            }
        }
        entries(self.engine, who, node, by_fact)
    }
}

/// Every source that counts with its passage, in the order of sources; a node is no source to itself.
fn one_by_one(node: usize, groups: &GroupedPassages) -> Passages {
    let each =
        groups.iter().flat_map(|(sources, passage)| sources.iter().map(move |source| (source, passage)));
    let counts = each.filter(|(source, _)| **source != Origin::Node(node));
    let mut all: Passages = counts.map(|(source, passage)| (source.clone(), Rc::clone(passage))).collect();
    all.sort_by(|(a, _), (b, _)| a.cmp(b));
    all
}

fn entries(engine: &Engine, who: &Who, node: usize, by_fact: BTreeMap<Fact, Vec<Spot>>) -> Vec<Entry> {
    let name = engine.place_name(node).unwrap_or_default().to_owned();
    let mut entries: Vec<Entry> = Vec::new();
    // Two addresses of a node with the same ports are one entry, even when different rules open them.
    let mut own: BTreeMap<(u8, Option<Note>, PortRanges), Opened> = BTreeMap::new();
    for (fact, spots) in by_fact {
        let itself = |spot: &&Spot| matches!(spot.kind, SpotKind::Own | SpotKind::Service);
        let mut own_spots = spots.iter().filter(itself).peekable();
        if own_spots.peek().is_some() {
            let (places, rules) =
                own.entry((fact.protocol, fact.note.clone(), fact.ports.clone())).or_default();
            places.extend(own_spots.map(|spot| spot.place));
            rules.extend(fact.rules.iter().copied());
        }
        for part in routed_parts(engine, node, &spots) {
            entries.push(Entry {
                who: who.clone(),
                node: name.clone(),
                part,
                protocol: fact.protocol,
                ports: fact.ports.clone(),
                rules: fact.rules.clone(),
                note: fact.note.clone(),
            });
        }
    }
    // Of a service no address is known.
    let addresses = engine.network.node(node).map(|node| node.addresses().count());
    for ((protocol, note, ports), (places, rules)) in own {
        let whole = addresses.is_none_or(|count| places.len() == count);
        let parts = if whole {
            vec![Part::Node]
        } else {
            places.into_iter().map(|place| Part::Address(place.first())).collect()
        };
        let rules: Vec<RuleRef> = rules.into_iter().collect();
        entries.extend(parts.into_iter().map(|part| Entry {
            who: who.clone(),
            node: name.clone(),
            part,
            protocol,
            ports: ports.clone(),
            rules: rules.clone(),
            note: note.clone(),
        }));
    }
    entries.sort_by(|a, b| a.key().cmp(&b.key()));
    entries
}

/// Own addresses with the same ports, and the rules that open them.
type Opened = (BTreeSet<IpRange>, BTreeSet<RuleRef>);

/// Neighbouring pieces of routes as one; all public pieces as the internet.
fn routed_parts(engine: &Engine, node: usize, spots: &[Spot]) -> Vec<Part> {
    let (_, all) = engine.atlas.spots_of(node);
    let outside = |spots: &[Spot]| spots.iter().filter(|spot| spot.kind == SpotKind::Internet).count();
    let whole = outside(spots) > 0 && outside(spots) == outside(all);
    let mut parts: Vec<IpRange> = Vec::new();
    for spot in spots {
        if matches!(spot.kind, SpotKind::Own | SpotKind::Service)
            || (whole && spot.kind == SpotKind::Internet)
        {
            continue;
        }
        match parts.last_mut().and_then(|last| joined(*last, spot.place).map(|both| (last, both))) {
            Some((last, both)) => *last = both,
            None => parts.push(spot.place),
        }
    }
    parts.into_iter().map(Part::Route).chain(whole.then_some(Part::Internet)).collect()
}

fn facts(
    engine: &Engine,
    sources: &[(Origin, Rc<Passage>)],
    (asked, port): (Option<u8>, Option<u16>),
) -> Vec<Fact> {
    let mut facts = Vec::new();
    for (grade, pick) in GRADES.into_iter().enumerate() {
        let mut by_protocol: BTreeMap<u8, Vec<(usize, PortRanges)>> = BTreeMap::new();
        for (at, (_, passage)) in sources.iter().enumerate() {
            for (protocol, ports) in pick(passage).0.listed(asked) {
                let ports = match port.filter(|_| has_ports(protocol)) {
                    Some(port) => ports.intersection(&PortRanges::range(port, port)),
                    None => ports,
                };
                by_protocol.entry(protocol).or_default().push((at, ports));
            }
        }
        for (protocol, open) in by_protocol {
            for (from, ports) in by_source(&open) {
                let mut rules = BTreeSet::new();
                let (mut literals, mut doubts) = (BTreeSet::new(), BTreeSet::new());
                for at in from.iter() {
                    let Some((_, passage)) = sources.get(at) else { continue };
                    for flow in pick(passage).1.iter().filter_map(|flow| engine.flows.get(flow)) {
                        if !flow.opening.ports(protocol).intersection(&ports).is_empty() {
                            rules.extend(engine.rules.get(flow.rule).copied());
                            literals.extend(flow.ranges.ranges());
                            doubts.extend(doubts_of(engine, flow));
                        }
                    }
                }
                let devices = devices(engine, sources, &from);
                let note = match grade {
                    0 => devices.map(Note::Devices),
                    1 => Some(Note::Posture(devices.unwrap_or_default())),
                    2 => Some(Note::Literal(literals.into_iter().collect())),
                    3 => Some(Note::ExitInvite),
                    _ => Some(Note::Unknown(doubts.into_iter().collect())),
                };
                facts.push(Fact { protocol, note, ports, rules: rules.into_iter().collect() });
            }
        }
    }
    facts
}

/// What of a flow is not known here, as it is written.
fn doubts_of(engine: &Engine, flow: &Flow) -> Vec<String> {
    let posture =
        || format!("the posture of line {}", engine.rules.get(flow.rule).map_or(0, |rule| rule.line));
    let mut all: Vec<String> = flow.doubts.iter().map(|text| format!("`{text}`")).collect();
    all.extend(flow.posture_unknown.then(posture));
    all
}

/// Splits ports by the set of sources that have them open.
fn by_source(open: &[(usize, PortRanges)]) -> Vec<(Bits, PortRanges)> {
    let mut groups: Vec<(Bits, PortRanges)> = Vec::new();
    for (source, ports) in open {
        let mut rest = ports.clone();
        let mut split = Vec::new();
        for (sources, group) in &mut groups {
            let both = group.intersection(&rest);
            if both.is_empty() {
                continue;
            }
            rest = rest.difference(&both);
            let only = group.difference(&both);
            let mut more = sources.clone();
            more.insert(*source);
            if only.is_empty() {
                *sources = more;
            } else {
                *group = only;
                split.push((more, both));
            }
        }
        groups.extend(split);
        if !rest.is_empty() {
            groups.push((std::iter::once(*source).collect(), rest));
        }
    }
    // The same sources may come about on two ways.
    let mut merged: BTreeMap<Bits, PortRanges> = BTreeMap::new();
    for (sources, ports) in groups {
        merged.entry(sources).or_default().union_with(&ports);
    }
    merged.into_iter().collect()
}

/// The names of the sources, unless they are all there are.
fn devices(engine: &Engine, sources: &[(Origin, Rc<Passage>)], from: &Bits) -> Option<Vec<String>> {
    if from.len() == sources.len() {
        return None;
    }
    let name = |at: usize| match sources.get(at) {
        Some((Origin::Node(index), _)) => engine.network.node(*index).map(|node| node.name.clone()),
        Some((Origin::Unseen(_), _)) => Some("devices that are not listed".to_owned()),
        _ => None,
    };
    Some(from.iter().filter_map(name).collect())
}
