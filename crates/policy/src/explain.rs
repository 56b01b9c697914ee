//! Why something is reachable, or what is missing.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use serde::{Serialize, Serializer};

use crate::reach::atlas::{Origin, Spot, SpotKind};
use crate::reach::flow::Flow;
use crate::reach::{Engine, Entry, PortRanges, Query, RulePlace, Target, Who};
use crate::syntax::{RuleRef, protocol};

/// The answer to "can this one reach that there?".
#[derive(Clone, Debug)]
pub struct Explanation {
    /// Whether some device of the source reaches the destination for certain.
    pub allowed: bool,
    /// What is reached, also what is only possible, with rules and conditions.
    pub entries: Vec<Entry>,
    /// Every rule that allows it, in the order of the file.
    pub rules: Vec<RuleRef>,
    /// If it is not allowed: the rules that come nearest, and what each lacks.
    pub nearest: Vec<Nearest>,
    /// What no rule could change.
    pub obstacle: Option<Obstacle>,
    /// If it is not allowed for certain: the rules by which it may be, because they rest on what is not known here, or on
    /// the invite of a share recipient to an exit node.
    pub unknown: Vec<RuleRef>,
}

impl Explanation {
    /// Whether it is allowed; `None` if that rests on what is not known here.
    pub fn verdict(&self) -> Option<bool> {
        (self.allowed || self.unknown.is_empty()).then_some(self.allowed)
    }
}

/// A rule that would allow it, were it not for this.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Nearest {
    /// The rule.
    pub rule: RuleRef,
    /// What it lacks; nothing if only the obstacle stands against it.
    pub missing: Vec<Missing>,
}

/// What a rule lacks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Missing {
    /// The source is not named.
    Source,
    /// The destination is not named.
    Destination,
    /// It is for other protocols.
    Protocol,
    /// It is for other ports.
    Port,
}

/// What stands against it whatever the rules say.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Obstacle {
    /// Nobody of that name is known: neither a user, nor somebody a node is shared with.
    UnknownSource(Who),
    /// No node has that name, or that address behind it.
    UnknownTarget(Target),
    /// A share recipient reaches only nodes that are shared with them.
    NotShared {
        /// The login.
        login: String,
        /// The node.
        node: String,
    },
    /// A share recipient reaches a shared node itself, nothing behind it.
    NotRouted(String),
    /// The node belongs to a share recipient; connections to it from here are quarantined.
    SharedIn(String),
    /// Source and destination are the same node; packets to oneself pass no policy.
    SameNode(String),
}

impl Engine {
    /// Explains whether `from` reaches `to`.
    ///
    /// A node as `to` means the node itself; ask for an address to learn about routes. `port` is ignored for
    /// protocols without ports; without it any open port counts.
    pub fn explain(&self, from: &Who, to: &Target, number: u8, port: Option<u16>) -> Explanation {
        let port = port.filter(|_| protocol::has_ports(number));
        let asked = (Some(from.clone()), Some(to.clone()));
        let query = Query { from: asked.0, to: asked.1, protocol: Some(number), port, ..Query::default() };
        let mut entries = self.reach(&query);
        if matches!(to, Target::Node(_)) {
            entries.retain(|entry| {
                matches!(entry.part, crate::reach::Part::Node | crate::reach::Part::Address(_))
            });
        }
        let allowed = self.allows(from, to, number, port);
        let rules: BTreeSet<RuleRef> = entries.iter().flat_map(|entry| entry.rules.iter().copied()).collect();
        let (obstacle, nearest) =
            if allowed { (None, Vec::new()) } else { self.missing(from, to, number, port) };
        let unknown = if allowed { Vec::new() } else { self.may_reach(from, to, number, port) };
        Explanation { allowed, entries, rules: rules.into_iter().collect(), nearest, obstacle, unknown }
    }

    /// The rules that rest on what is not known here and by which `from` may reach `to` on this port, or on some.
    pub fn may_reach(&self, from: &Who, to: &Target, number: u8, port: Option<u16>) -> Vec<RuleRef> {
        let flows = self.perhaps_between(from, to).into_iter();
        let open = flows.filter(|flow| flow.opening.allows(number, port));
        let rules = open.filter_map(|flow| self.rules.get(flow.rule).copied());
        rules.collect::<BTreeSet<RuleRef>>().into_iter().collect()
    }

    /// The ports on which `from` may reach `to` by rules that rest on what is not known here.
    pub fn may_open(&self, from: &Who, to: &Target, number: u8) -> PortRanges {
        let mut ports = PortRanges::new();
        self.perhaps_between(from, to).iter().for_each(|flow| ports.union_with(&flow.opening.ports(number)));
        ports
    }

    /// Whether no rule rests on something that is not known here.
    pub fn knows_all(&self) -> bool {
        self.somebody.is_empty()
            && self.services.is_empty()
            && !self.flows.iter().any(|flow| flow.posture_unknown || !flow.doubts.is_empty())
    }

    /// As [`Self::explain`], with the protocol that answers where none is asked for: TCP for a port, and else the
    /// first that is open.
    pub fn ask(&self, from: &Who, to: &Target, number: Option<u8>, port: Option<u16>) -> (u8, Explanation) {
        let told = |number| (number, self.explain(from, to, number, port));
        if let Some(number) = number {
            return told(number);
        }
        let first = told(protocol::TCP);
        if first.1.allowed || port.is_some() {
            return first;
        }
        let query = Query { from: Some(from.clone()), to: Some(to.clone()), ..Query::default() };
        let mut open = self.reach(&query).into_iter().map(|entry| told(entry.protocol));
        open.find(|(_, told)| told.allowed).unwrap_or(first)
    }

    /// The flows that are not understood and may let something through, and those of which an invite decides. Somebody of
    /// whom nothing is known may be whom a rule means that names somebody not known here.
    fn perhaps_between(&self, from: &Who, to: &Target) -> Vec<&Flow> {
        let spots = self.spots_of(to, false);
        // An invite says more than that a machine is shared only of the way out through it.
        let leads_out = spots.iter().any(|(_, spot)| spot.kind == SpotKind::Internet);
        if self.knows_all() && !leads_out {
            return Vec::new();
        }
        let origins: Vec<Option<Origin>> = match self.origins_of(from).as_slice() {
            [] => vec![None],
            origins => origins.iter().cloned().map(Some).collect(),
        };
        let pairs = origins.iter().flat_map(|origin| spots.iter().map(move |(at, spot)| (origin, *at, spot)));
        pairs.flat_map(|(origin, at, spot)| self.perhaps(origin.as_ref(), at, spot)).collect()
    }

    fn missing(
        &self,
        from: &Who,
        to: &Target,
        number: u8,
        port: Option<u16>,
    ) -> (Option<Obstacle>, Vec<Nearest>) {
        let (origins, spots) = (self.origins_of(from), self.spots_of(to, false));
        if origins.is_empty() {
            return (Some(Obstacle::UnknownSource(from.clone())), Vec::new());
        }
        if spots.is_empty() {
            return (Some(Obstacle::UnknownTarget(to.clone())), Vec::new());
        }
        let obstacle = origins.iter().flat_map(|origin| spots.iter().map(move |spot| (origin, spot)));
        let mut obstacles = obstacle.map(|(origin, (_, spot))| self.obstacle(origin, spot));
        // Only what stands against every way is an obstacle.
        let first = obstacles.next().flatten();
        let obstacle = first.filter(|_| obstacles.all(|other| other.is_some()));
        let mut best: BTreeMap<RuleRef, Vec<Missing>> = BTreeMap::new();
        for origin in &origins {
            let outset = self.outset_of(origin);
            for (at, spot) in &spots {
                for (rule, missing) in self.lacks(origin, &outset, (*at, spot), (number, port)) {
                    let known = best.entry(rule).or_insert_with(|| missing.clone());
                    if missing.len() < known.len() {
                        *known = missing;
                    }
                }
            }
        }
        let fewest = best.values().map(Vec::len).min().unwrap_or_default();
        // A rule for others to elsewhere explains nothing.
        let near = best.into_iter().filter(|(_, missing)| missing.len() == fewest && fewest < 3);
        (obstacle, near.map(|(rule, missing)| Nearest { rule, missing }).collect())
    }

    fn obstacle(&self, origin: &Origin, spot: &Spot) -> Option<Obstacle> {
        let node = self.network().node(spot.node)?;
        if *origin == Origin::Node(spot.node) {
            return Some(Obstacle::SameNode(node.name.clone()));
        }
        if self.is_shared_in(spot.node) {
            return Some(Obstacle::SharedIn(node.name.clone()));
        }
        let login = self.recipient(origin)?;
        if !crate::reach::is_shared_with(&node.shared_to, login) {
            return Some(Obstacle::NotShared { login: login.to_owned(), node: node.name.clone() });
        }
        (spot.kind == SpotKind::Route).then(|| Obstacle::NotRouted(node.name.clone()))
    }
}

impl fmt::Display for Missing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Source => "does not name the source",
            Self::Destination => "does not name the destination",
            Self::Protocol => "is for other protocols",
            Self::Port => "is for other ports",
        })
    }
}

impl fmt::Display for Obstacle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::UnknownSource(who) => {
                write!(f, "nobody here is known as `{who}`, and no node is shared with them")
            }
            Self::UnknownTarget(Target::Node(name)) => write!(f, "there is no node named `{name}`"),
            Self::UnknownTarget(Target::Address(address)) => {
                write!(f, "no node has the address {address}, and no approved route leads to it")
            }
            Self::NotShared { login, node } => write!(f, "`{node}` is not shared with {login}"),
            Self::NotRouted(node) => write!(f, "sharing `{node}` does not share what is behind it"),
            Self::SharedIn(node) => {
                write!(
                    f,
                    "`{node}` belongs to somebody in another network; connections to it are not let out"
                )
            }
            Self::SameNode(node) => {
                write!(f, "`{node}` is source and destination; no policy decides about that")
            }
        }
    }
}

impl Serialize for Obstacle {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.collect_str(self)
    }
}

/// `section`, `index` and `line` of the rule, and `missing`.
impl Serialize for Nearest {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        use serde::ser::SerializeStruct;
        let mut map = to.serialize_struct("Nearest", 4)?;
        map.serialize_field("section", self.rule.section.name())?;
        map.serialize_field("index", &self.rule.index)?;
        map.serialize_field("line", &self.rule.line)?;
        map.serialize_field("missing", &self.missing)?;
        map.end()
    }
}

/// The command line's form: `allowed`, which is null where it is not known, `rules`, `nearest`, and `obstacle` where there
/// is one.
impl Serialize for Explanation {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        use serde::ser::SerializeMap;
        let mut map = to.serialize_map(None)?;
        map.serialize_entry("allowed", &self.verdict())?;
        map.serialize_entry("rules", &self.rules.iter().copied().map(RulePlace::from).collect::<Vec<_>>())?;
        map.serialize_entry("nearest", &self.nearest)?;
        if let Some(obstacle) = &self.obstacle {
            map.serialize_entry("obstacle", obstacle)?;
        }
        map.end()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::network::Network;

    const NETWORK: &str = r#"{
      "users": [{"name": "ana", "email": "ana@example.com"}, {"name": "eli", "email": "eli@github", "type": "shared"}],
      "nodes": {"laptop": {"ipv4": "100.64.0.1", "user": "ana"}, "nas": {"ipv4": "100.64.0.2", "shared_to": ["dee@github"]},
                "elis": {"ipv4": "100.64.0.3", "user": "eli"},
                "router": {"ipv4": "100.64.0.4", "approved_routes": ["10.0.0.0/24"], "shared_to": ["dee@github"]}}
    }"#;
    const POLICY: &str = "{\"grants\": [\n{\"src\": [\"*\"], \"dst\": [\"*\"], \"ip\": [\"tcp:80\"]},\n{\"src\": [\"ana@example.com\"], \"dst\": [\"100.64.0.2\"], \"ip\": [\"tcp:22\"]}]}";

    fn answer(from: &str, to: &str, port: u16) -> String {
        let engine = Engine::new(POLICY, &Network::parse(NETWORK).unwrap()).unwrap();
        serde_json::to_string(&engine.explain(&from.parse().unwrap(), &Target::of(to), 6, Some(port)))
            .unwrap()
    }

    #[test]
    fn every_rule_that_allows_is_named_or_what_the_nearest_lack() {
        assert_eq!(
            answer("ana@example.com", "nas", 22),
            r#"{"allowed":true,"rules":[{"section":"grants","index":1,"line":3}],"nearest":[]}"#
        );
        assert_eq!(
            answer("dee@github", "nas", 22),
            r#"{"allowed":false,"rules":[],"nearest":[{"section":"grants","index":0,"line":2,"missing":["port"]},{"section":"grants","index":1,"line":3,"missing":["source"]}]}"#
        );
    }

    #[test]
    fn what_no_rule_could_change_is_told() {
        let obstacle = |from: &str, to: &str| {
            let answer: serde_json::Value = serde_json::from_str(&answer(from, to, 80)).unwrap();
            answer["obstacle"].as_str().unwrap_or_default().to_owned()
        };
        assert_eq!(obstacle("dee@github", "laptop"), "`laptop` is not shared with dee@github");
        assert_eq!(obstacle("dee@github", "10.0.0.9"), "sharing `router` does not share what is behind it");
        assert_eq!(
            obstacle("ana@example.com", "elis"),
            "`elis` belongs to somebody in another network; connections to it are not let out"
        );
        assert_eq!(
            obstacle("laptop", "laptop"),
            "`laptop` is source and destination; no policy decides about that"
        );
        assert_eq!(
            obstacle("zoe@github", "nas"),
            "nobody here is known as `zoe@github`, and no node is shared with them"
        );
        assert_eq!(obstacle("ana@example.com", "gone"), "there is no node named `gone`");
        assert_eq!(obstacle("ana@example.com", "nas"), "");
    }
}
