//! Who gives and gets what: whose networks are, what is listed for whom, what is asked for, and circles.

use std::collections::{BTreeMap, BTreeSet};

/// It as it lies in the app's database, each by the app's id.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Around {
    /// People who may not come in now.
    pub shut_out: BTreeSet<String>,
    /// Connected tailnets.
    pub owned: BTreeMap<String, Owned>,
    /// Services, those that are listed no longer too.
    pub services: BTreeMap<String, Service>,
    /// What somebody asks for.
    pub asks: BTreeMap<String, Ask>,
    /// Circles.
    pub circles: BTreeMap<String, Circle>,
}

/// Whose a tailnet is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Owned {
    /// The one owner.
    pub owner: String,
    /// Who may do most of what the owner may.
    pub stewards: BTreeSet<String>,
    /// Who is known to have an account there, so that a machine may be theirs.
    pub members: BTreeSet<String>,
    /// Kinds of credentials that are stored.
    pub credentials: BTreeSet<String>,
}

/// A service, and to whom it is listed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Service {
    /// Where its machine is.
    pub tailnet: String,
    /// `minecraft`, …
    pub kind: String,
    /// `nobody`, `everybody` or `people`.
    pub audience: String,
    /// With `people`: by name.
    pub people: BTreeSet<String>,
    /// With `people`: who is in one of these.
    pub circles: BTreeSet<String>,
    /// Whose the machine is, on a server of several.
    pub lenders: BTreeSet<String>,
    /// It is listed no longer.
    pub removed: bool,
}

/// Somebody wants an offer.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Ask {
    /// Of what.
    pub service: String,
    /// Who.
    pub person: String,
    /// `offered`, `declined` or `withdrawn`; absent while it waits.
    pub answer: Option<String>,
    /// When that was.
    pub answered: Option<i64>,
    /// Who said so. That it is offered is said by the offer.
    pub by: Option<String>,
}

/// A circle of somebody.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Circle {
    /// Who made it.
    pub owner: String,
    /// Who is in it.
    pub people: BTreeSet<String>,
    /// Kinds that its maker approved beforehand, with how many days a share may last.
    pub approved: BTreeMap<String, i64>,
}

impl Around {
    /// Whether somebody gives a service: its owner, a steward, or whose the machine is.
    pub fn gives(&self, service: &str, person: &str) -> bool {
        let Some(service) = self.services.get(service) else { return false };
        service.lenders.contains(person) || self.acts(&service.tailnet, person)
    }

    /// Whether somebody owns a tailnet, or is a steward there.
    pub fn acts(&self, tailnet: &str, person: &str) -> bool {
        let owned = self.owned.get(tailnet);
        owned.is_some_and(|owned| owned.owner == person || owned.stewards.contains(person))
    }

    /// Whether a service is listed to somebody. Nothing is whose owner may not come in: nobody could offer it.
    pub fn lists(&self, id: &str, person: &str) -> bool {
        let Some(service) = self.services.get(id).filter(|service| !service.removed) else { return false };
        let owned = self.owned.get(&service.tailnet);
        let here = owned.is_some_and(|owned| !self.shut_out.contains(&owned.owner));
        here && match service.audience.as_str() {
            "everybody" => true,
            "people" => service.people.contains(person) || self.shows_by_circle(id, service, person),
            _ => false,
        }
    }

    /// Only circles of those who give it show it.
    fn shows_by_circle(&self, id: &str, service: &Service, person: &str) -> bool {
        let mut circles = service.circles.iter().filter_map(|circle| self.circles.get(circle));
        circles.any(|circle| circle.people.contains(person) && self.gives(id, &circle.owner))
    }

    /// Whether somebody is in a circle.
    pub fn holds(&self, circle: &str, person: &str) -> bool {
        self.circles.get(circle).is_some_and(|circle| circle.people.contains(person))
    }

    /// What was approved beforehand for a friend and a service, by those who may: the circle, and for how many days.
    pub fn approved(&self, service: &str, friend: &str) -> Vec<(&str, i64)> {
        let Some(service) = self.services.get(service) else { return Vec::new() };
        let circles = self.circles.iter().filter(|(_, circle)| {
            circle.people.contains(friend) && self.acts(&service.tailnet, &circle.owner)
        });
        circles.filter_map(|(id, circle)| Some((id.as_str(), *circle.approved.get(&service.kind)?))).collect()
    }
}
