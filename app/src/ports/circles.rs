//! Circles: named groups of people of the viewer, whom nobody else sees.

use async_trait::async_trait;
use model::{CircleId, PersonId, ServiceId, ServiceKind, ShareId, Timestamp};

use super::accounts::PersonOption;
use super::gate::Gate;
use crate::fault::Fault;

/// One circle in a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CircleCard {
    pub id: CircleId,
    pub name: String,
    /// How many are in it.
    pub people: u32,
}

/// A kind of which people of a circle get services without the viewer being asked each time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Approved {
    pub kind: ServiceKind,
    /// How long such a share may last at most.
    pub days: u32,
    pub since: Timestamp,
}

/// The page of one circle.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CircleView {
    pub id: CircleId,
    pub name: String,
    pub people: Vec<PersonOption>,
    /// Who may be put into it.
    pub others: Vec<PersonOption>,
    /// What is shown to it.
    pub services: Vec<(ServiceId, String)>,
    pub approved: Vec<Approved>,
}

/// Who leaves a circle.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Leaver {
    /// One of its people.
    One(PersonId),
    /// All, and the circle goes.
    All,
}

/// What ends when somebody leaves, and what goes on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LeavingView {
    pub id: CircleId,
    pub name: String,
    /// Absent: all, and the circle goes.
    pub person: Option<PersonOption>,
    /// What they see only as one of the circle, by name.
    pub services: Vec<String>,
    /// Offers that are taken back: they were made to them as one of the circle. A page of them, and how many besides.
    pub offers: Vec<Gate>,
    pub more_offers: u32,
    /// Shares that were approved through the circle and are not open yet: they end. A page of them, and how many besides.
    pub ending: Vec<Gate>,
    pub more_ending: u32,
    /// Open shares that came through the circle: they go on unless they are ticked. A page of them, and how many besides.
    pub open: Vec<(ShareId, Gate)>,
    pub more_open: u32,
}

#[async_trait]
pub trait Circles: Send + Sync {
    /// Those of the viewer, by name.
    async fn list(&self) -> Result<Vec<CircleCard>, Fault>;
    async fn get(&self, id: CircleId) -> Result<CircleView, Fault>;
    async fn create(&self, name: String) -> Result<CircleId, Fault>;
    async fn rename(&self, id: CircleId, name: String) -> Result<(), Fault>;
    /// Puts somebody into it, who is named by an id. Gives their name.
    async fn add(&self, id: CircleId, person: String) -> Result<String, Fault>;
    /// What would end, before anything does.
    async fn plan_leaving(&self, id: CircleId, leaver: Leaver) -> Result<LeavingView, Fault>;
    /// They leave; of the open shares these end too. Gives back what was done, as a sentence.
    async fn leave(&self, id: CircleId, leaver: Leaver, end: Vec<ShareId>) -> Result<String, Fault>;
    /// People of the circle get services of this kind without the viewer being asked, for at most so many days.
    async fn approve(&self, id: CircleId, kind: String, days: String) -> Result<(), Fault>;
    /// The viewer is asked again each time.
    async fn ask_me(&self, id: CircleId, kind: ServiceKind) -> Result<(), Fault>;
}
