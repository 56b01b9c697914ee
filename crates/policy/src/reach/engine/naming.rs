//! Names of sources and places, and what stands behind them.

use std::collections::{BTreeMap, HashMap};
use std::net::IpAddr;

use super::{Engine, Outset};
use crate::network::User;
use crate::reach::atlas::{Origin, Spot, SpotKind};
use crate::reach::{Target, Who};
use crate::set::IpRange;

impl Engine {
    /// The sources behind a name; none if nobody has it.
    pub(crate) fn origins_of(&self, who: &Who) -> Vec<Origin> {
        match who {
            Who::Node(name) => self.network.node_named(name).map(Origin::Node).into_iter().collect(),
            Who::Tag(_) => {
                let at = self.everyone.binary_search_by(|(known, _)| known.cmp(who)).ok();
                let mut tagged =
                    at.and_then(|at| self.everyone.get(at)).map_or_else(Vec::new, |(_, all)| all.clone());
                // A tag may stand twice at a node.
                tagged.dedup();
                tagged
            }
            Who::Unknown(name) => {
                let number = self.somebody.iter().position(|known| known == name);
                number.map(Origin::Somebody).into_iter().collect()
            }
            Who::Login(login) => {
                let by_login = |login: &str| self.people.get(&login.to_lowercase());
                // On a Headscale people have more names than one.
                let other = || by_login(&self.network.user(self.network.user_with_login(login)?)?.login);
                by_login(login).or_else(other).cloned().unwrap_or_default()
            }
            Who::Address(range) => {
                let holder = self.addresses.within(*range).next().filter(|_| range.is_single());
                vec![holder.map_or(Origin::Range(*range), |(_, index)| Origin::Node(index))]
            }
        }
    }

    /// The nodes that have an address; one, as a rule.
    pub(crate) fn nodes_at(&self, address: IpAddr) -> impl Iterator<Item = usize> + '_ {
        self.addresses.within(IpRange::single(address)).map(|(_, index)| index)
    }

    /// Whether a name has listed nodes with an address, IPv4 and IPv6.
    pub fn families(&self, who: &Who) -> (bool, bool) {
        let origins = self.origins_of(who);
        let listed = origins.iter().filter_map(|origin| match origin {
            Origin::Node(index) => self.network.node(*index),
            _ => None,
        });
        let addresses: Vec<IpAddr> = listed.flat_map(crate::network::Node::addresses).collect();
        (addresses.iter().any(IpAddr::is_ipv4), addresses.iter().any(IpAddr::is_ipv6))
    }

    /// The sources of every user, by login (or name, if they have none) in lower case.
    pub(super) fn sources_by_person(&self) -> HashMap<String, Vec<Origin>> {
        let mut people: HashMap<String, Vec<Origin>> = HashMap::new();
        for origin in &self.atlas.origins {
            for who in self.names_of(origin) {
                if let Who::Login(login) = who {
                    people.entry(login.to_lowercase()).or_default().push(origin.clone());
                }
            }
        }
        people
    }

    /// The flows of a source; looked up for those of the atlas, worked out for others.
    pub(crate) fn outset_of(&self, origin: &Origin) -> Outset {
        let known = self.origin_index(origin).and_then(|at| self.by_origin.get(at).cloned());
        known.unwrap_or_else(|| {
            let (v4, v6) = self.outset(origin);
            Outset { v4: v4.into(), v6: v6.into() }
        })
    }

    /// The spots of a target, each with its index.
    pub(crate) fn spots_of(&self, target: &Target, routed: bool) -> Vec<(usize, Spot)> {
        let all = |node: usize| {
            let (start, spots) = self.atlas.spots_of(node);
            spots.iter().enumerate().map(move |(at, spot)| (start + at, *spot))
        };
        match target {
            Target::Node(name) => {
                let spots = self.place_named(name).into_iter().flat_map(all);
                let itself = |spot: &Spot| matches!(spot.kind, SpotKind::Own | SpotKind::Service);
                spots.filter(|(_, spot)| routed || itself(spot)).collect()
            }
            Target::Address(address) => {
                let spots = self.atlas.spots.iter().enumerate();
                spots
                    .filter(|(_, spot)| spot.kind != SpotKind::Service && spot.place.contains(*address))
                    .map(|(at, spot)| (at, *spot))
                    .collect()
            }
        }
    }

    /// Everybody whose reach can be told, with their sources, in a fixed order: people, tags, nodes without
    /// user or tag, addresses behind routers.
    pub(crate) fn everybody(&self) -> &[(Who, Vec<Origin>)] {
        &self.everyone
    }

    pub(super) fn sources_by_name(&self) -> Vec<(Who, Vec<Origin>)> {
        let mut all: BTreeMap<Who, Vec<Origin>> = BTreeMap::new();
        for origin in &self.atlas.origins {
            for who in self.names_of(origin) {
                all.entry(who).or_default().push(origin.clone());
            }
        }
        all.into_iter().collect()
    }

    pub(super) fn names_of(&self, origin: &Origin) -> Vec<Who> {
        match origin {
            Origin::Range(range) => vec![Who::Address(*range)],
            Origin::Unseen(user) => vec![self.person(*user)],
            Origin::Somebody(number) => {
                self.somebody.get(*number).cloned().map(Who::Unknown).into_iter().collect()
            }
            Origin::Node(index) => match self.network.node(*index) {
                Some(node) if node.is_tagged() => node.tags.iter().cloned().map(Who::Tag).collect(),
                Some(node) => {
                    vec![node.owner().map_or_else(|| Who::Node(node.name.clone()), |user| self.person(user))]
                }
                None => Vec::new(),
            },
        }
    }

    pub(crate) fn person(&self, user: usize) -> Who {
        let name = |user: &User| if user.login.is_empty() { &user.name } else { &user.login }.clone();
        Who::Login(self.network.user(user).map(name).unwrap_or_default())
    }
}
