//! Whom each rule lets in, and where: told of whole kinds of sources and places, because of pairs there are too many.

use std::collections::{BTreeMap, HashMap};
use std::rc::Rc;

use super::Engine;
use super::atlas::{Origin, SpotKind};
use super::engine::{PassageKey, SourceKind};
use super::survey::Survey;
use crate::network::Node;
use crate::set::{Bits, NodeSet};
use crate::syntax::RuleRef;

/// Whom one rule lets in, and where.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LetIn {
    /// Indexes into [`Engine::everyone`]; addresses behind routers are nobody's and left out.
    pub who: Bits,
    /// Nodes, also those through which routes lead.
    pub nodes: NodeSet,
    /// Indexes into [`Engine::services`].
    pub services: Bits,
}

/// Which members of a kind a rule is about. A node is never let in to itself, so that of a kind that meets only one
/// node that node is missing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Claim {
    All,
    AllBut(usize),
}

impl Claim {
    fn and(self, other: Self) -> Self {
        if self == other { self } else { Self::All }
    }
}

/// Class of the spot, IPv4 or not, and whose node it is where that makes a difference.
type PlaceKind = (usize, bool, Option<usize>);

#[derive(Default)]
struct Place {
    nodes: NodeSet,
    /// One spot of the kind at each of its first two nodes, by index: one of them is not the source itself.
    spots: Vec<usize>,
}

/// What is known of one rule before kinds are told apart.
#[derive(Default)]
struct Claims {
    sources: BTreeMap<usize, Claim>,
    places: BTreeMap<usize, Claim>,
    /// Of share recipients, who are few, each by themselves.
    told: LetIn,
}

struct Kinds<'a> {
    engine: &'a Engine,
    survey: Survey<'a>,
    sources: Vec<Vec<Origin>>,
    places: Vec<Place>,
    /// By flow: the places that it leads to.
    places_of: Vec<Vec<usize>>,
    /// By user: the places on their own nodes, if a rule leads people to these.
    own_places: HashMap<usize, Vec<usize>>,
    rules: HashMap<PassageKey, Rc<[usize]>>,
    claims: BTreeMap<usize, Claims>,
}

impl Engine {
    /// Whom each rule lets in, as the rules of [`Self::reach`] say it entry by entry. Rules that let nobody in are
    /// not there.
    pub fn let_in(&self) -> BTreeMap<RuleRef, LetIn> {
        let mut kinds = Kinds::of(self);
        for source in 0..kinds.sources.len() {
            kinds.claim(source);
        }
        kinds.claim_shares();
        kinds.told()
    }
}

impl<'a> Kinds<'a> {
    fn of(engine: &'a Engine) -> Self {
        let mut kinds = Self {
            engine,
            survey: Survey::of(engine),
            sources: Vec::new(),
            places: Vec::new(),
            places_of: vec![Vec::new(); engine.flows.len()],
            own_places: HashMap::new(),
            rules: HashMap::new(),
            claims: BTreeMap::new(),
        };
        kinds.sources = kinds.grouped_sources();
        kinds.group_places();
        kinds
    }

    fn grouped_sources(&self) -> Vec<Vec<Origin>> {
        let mut by_kind: BTreeMap<SourceKind, Vec<Origin>> = BTreeMap::new();
        for origin in &self.engine.atlas.origins {
            let Some(kind) = self.engine.source_kind(origin) else { continue };
            if self.engine.recipient(origin).is_none() {
                let owner = kind.2.filter(|_| self.engine.has_own_flows());
                by_kind.entry((kind.0, kind.1, owner, kind.3)).or_default().push(origin.clone());
            }
        }
        by_kind.into_values().collect()
    }

    fn group_places(&mut self) {
        let mut numbers: HashMap<PlaceKind, usize> = HashMap::new();
        for (at, spot) in self.engine.atlas.spots.iter().enumerate() {
            let Some(flows) = self.engine.flows_to(at).filter(|flows| !flows.is_empty()) else { continue };
            if self.engine.is_shared_in(spot.node) {
                continue;
            }
            let Some(class) = self.engine.spot_classes.get(at) else { continue };
            let owner = self.engine.network.node(spot.node).and_then(Node::owner);
            let owner = owner.filter(|_| self.engine.has_own_flows());
            let number = *numbers.entry((*class, spot.place.first().is_ipv4(), owner)).or_insert_with(|| {
                self.places.push(Place::default());
                let number = self.places.len() - 1;
                for flow in flows.iter() {
                    self.places_of.get_mut(flow).into_iter().for_each(|places| places.push(number));
                }
                if let Some(user) = owner {
                    self.own_places.entry(user).or_default().push(number);
                }
                number
            });
            if let Some(place) = self.places.get_mut(number).filter(|place| !place.nodes.contains(spot.node))
            {
                place.nodes.insert(spot.node);
                if place.spots.len() < 2 {
                    place.spots.push(at);
                }
            }
        }
    }

    /// Everything that the rules lead one kind of sources to.
    fn claim(&mut self, source: usize) {
        let Some(group) = self.sources.get(source).cloned() else { return };
        let Some(first) = group.first() else { return };
        let only = match (first, group.len()) {
            (Origin::Node(index), 1) => Some(*index),
            _ => None,
        };
        for number in self.places_before(first) {
            let Some(place) = self.places.get(number) else { continue };
            let host = single(place.nodes.iter());
            if host.is_some() && host == only {
                continue;
            }
            let but = |one: Option<usize>| one.map_or(Claim::All, Claim::AllBut);
            let sources = but(host.filter(|node| group.contains(&Origin::Node(*node))));
            let places = but(only.filter(|node| place.nodes.contains(*node)));
            let itself = |origin: &Origin, at: usize| {
                let spot = self.engine.atlas.spots.get(at);
                spot.is_some_and(|spot| *origin == Origin::Node(spot.node))
            };
            let pairs = place.spots.iter().flat_map(|at| group.iter().map(move |origin| (origin, *at)));
            let Some((origin, at)) = pairs.into_iter().find(|(origin, at)| !itself(origin, *at)) else {
                continue;
            };
            let rules = self.rules(origin, at);
            for rule in rules.iter() {
                let claims = self.claims.entry(*rule).or_default();
                let add = |all: &mut BTreeMap<usize, Claim>, key, claim: Claim| {
                    all.entry(key).and_modify(|known| *known = known.and(claim)).or_insert(claim);
                };
                add(&mut claims.sources, source, sources);
                add(&mut claims.places, number, places);
            }
        }
    }

    fn places_before(&self, source: &Origin) -> Vec<usize> {
        let (flows, owner) = self.engine.flows_from(source);
        let mut places = Bits::new();
        places.extend(flows.iter().filter_map(|flow| self.places_of.get(flow)).flatten().copied());
        let own = owner.and_then(|user| self.own_places.get(&user));
        places.extend(own.into_iter().flatten().copied());
        places.iter().collect()
    }

    /// The rules by which a source gets to a spot, looked up for all that are alike.
    fn rules(&mut self, origin: &Origin, at: usize) -> Rc<[usize]> {
        let engine = self.engine;
        let Some(spot) = engine.atlas.spots.get(at) else { return Rc::default() };
        let key = engine.origin_index(origin).and_then(|index| engine.passage_key(index, at, spot));
        let Some(key) = key else { return Rc::default() };
        if let Some(known) = self.rules.get(&key) {
            return Rc::clone(known);
        }
        let rules: Rc<[usize]> = self.survey.rules(origin, at, spot).into();
        self.rules.insert(key, Rc::clone(&rules));
        rules
    }

    /// Share recipients reach what is shared with them and nothing behind it: each pair by itself.
    fn claim_shares(&mut self) {
        let engine = self.engine;
        for (who, (_, origins)) in engine.everybody().iter().enumerate() {
            for origin in origins {
                if engine.recipient(origin).is_none() {
                    continue;
                }
                for node in engine.nodes_before(std::slice::from_ref(origin)).iter() {
                    let spots = engine.numbered_spots(node);
                    for (at, _) in spots.iter().filter(|(_, spot)| spot.kind != SpotKind::Route) {
                        for rule in self.rules(origin, *at).iter() {
                            let told = &mut self.claims.entry(*rule).or_default().told;
                            told.who.insert(who);
                            told.nodes.insert(node);
                        }
                    }
                }
            }
        }
    }

    fn told(self) -> BTreeMap<RuleRef, LetIn> {
        let mut names: HashMap<&Origin, Vec<usize>> = HashMap::new();
        for (who, (_, origins)) in self.engine.everybody().iter().enumerate() {
            for origin in origins {
                names.entry(origin).or_default().push(who);
            }
        }
        let mut all: BTreeMap<RuleRef, LetIn> = BTreeMap::new();
        for (rule, claims) in self.claims {
            let Some(rule) = self.engine.rules.get(rule) else { continue };
            let told = all.entry(*rule).or_default();
            told.who.union_with(&claims.told.who);
            told.nodes.union_with(&claims.told.nodes);
            for (kind, claim) in claims.sources {
                for origin in self.sources.get(kind).into_iter().flatten() {
                    if !matches!((origin, claim), (Origin::Node(index), Claim::AllBut(node)) if *index == node)
                    {
                        told.who.extend(names.get(origin).into_iter().flatten().copied());
                    }
                }
            }
            for (kind, claim) in claims.places {
                let Some(place) = self.places.get(kind) else { continue };
                match claim {
                    Claim::All => told.nodes.union_with(&place.nodes),
                    Claim::AllBut(node) => {
                        let mut others = place.nodes.clone();
                        others.remove(node);
                        told.nodes.union_with(&others);
                    }
                }
            }
        }
        let count = self.engine.network.nodes().len();
        for told in all.values_mut() {
            let services: Vec<usize> = told.nodes.iter().filter(|index| *index >= count).collect();
            for index in services {
                told.nodes.remove(index);
                told.services.insert(index - count);
            }
        }
        all
    }
}

/// The one item, if there is only one.
fn single(mut items: impl Iterator<Item = usize>) -> Option<usize> {
    items.next().filter(|_| items.next().is_none())
}
