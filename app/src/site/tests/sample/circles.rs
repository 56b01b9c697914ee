//! Circles: one with people, one in which nobody is.

use super::*;
use model::ServiceKind;

pub fn cards() -> Vec<CircleCard> {
    vec![
        CircleCard { id: id(0x60), name: told("Players"), people: 2 },
        CircleCard { id: id(0x61), name: told("Neighbours"), people: 0 },
    ]
}

#[async_trait]
impl Circles for Sample {
    async fn list(&self) -> Result<Vec<CircleCard>, Fault> {
        Ok(Sample::list(self, cards()))
    }
    async fn get(&self, circle: CircleId) -> Result<CircleView, Fault> {
        let bare = self.bare || circle == id(0x61);
        let list = |list: Vec<PersonOption>| if bare { Vec::new() } else { list };
        let person = |n, name: &str| PersonOption { id: id(n), name: told(name) };
        let approved =
            Approved { kind: ServiceKind::Minecraft, days: 30, since: now().plus_seconds(-90_000) };
        Ok(CircleView {
            id: circle,
            name: told("Players"),
            people: list(vec![person(0x20, "Sven"), person(0x21, "Lea")]),
            others: list(vec![person(0x22, "Paula")]),
            services: if bare { vec![] } else { vec![(id(3), told("Minecraft"))] },
            approved: if bare { vec![] } else { vec![approved] },
        })
    }
    async fn create(&self, name: String) -> Result<CircleId, Fault> {
        self.act(format!("circles.create {name}")).map(|()| id(0x61))
    }
    async fn rename(&self, circle: CircleId, name: String) -> Result<(), Fault> {
        self.act(format!("circles.rename {circle} {name}"))
    }
    async fn add(&self, circle: CircleId, person: String) -> Result<String, Fault> {
        self.act(format!("circles.add {circle} {person}")).map(|()| told("Paula"))
    }
    async fn plan_leaving(&self, circle: CircleId, leaver: Leaver) -> Result<LeavingView, Fault> {
        let bare = self.bare || circle == id(0x61);
        let list = |state| if bare { vec![] } else { vec![gate(state)] };
        let person = match leaver {
            Leaver::One(person) => Some(PersonOption { id: person, name: told("Sven") }),
            Leaver::All => None,
        };
        Ok(LeavingView {
            id: circle,
            name: told("Players"),
            person,
            services: if bare { vec![] } else { vec![told("Minecraft")] },
            offers: list(GateState::Offered),
            more_offers: 0,
            ending: list(GateState::Applying),
            more_ending: u32::from(!bare),
            open: list(GateState::Active).into_iter().map(|gate| (id(7), gate)).collect(),
            more_open: if bare { 0 } else { 3 },
        })
    }
    async fn leave(&self, circle: CircleId, leaver: Leaver, end: Vec<ShareId>) -> Result<String, Fault> {
        self.act(format!("circles.leave {circle} {leaver:?} and end {}", end.len()))?;
        Ok(told("Sven is no longer in it."))
    }
    async fn approve(&self, circle: CircleId, kind: String, days: String) -> Result<(), Fault> {
        self.act(format!("circles.approve {circle} {kind} {days}"))
    }
    async fn ask_me(&self, circle: CircleId, kind: ServiceKind) -> Result<(), Fault> {
        self.act(format!("circles.ask_me {circle} {kind}"))
    }
}
