//! What nodes offer, and the directory of it.

use async_trait::async_trait;
use model::{
    CircleId, DeclaredTo, Id, NodeId, PersonId, ServiceId, ServiceKind, ServicePorts, TailnetId, Timestamp,
};

use super::accounts::PersonOption;
use super::asks::{Asking, AtOnce, OwnAsk};
use super::audit::Entry;
use super::circles::CircleCard;
use super::gate::{Gate, GateState};
use super::paging::Paged;
use crate::fault::Fault;

/// To whom a listing is shown, as its owner reads it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AudienceView {
    /// Only the owner and stewards: not listed.
    Nobody,
    /// Everybody who can sign in here.
    Everybody,
    /// The first of them by name, and how many there are besides; circles of the viewer by name, and whose else there are.
    People { people: Vec<PersonOption>, others: u32, circles: Vec<String>, of_others: Vec<String> },
}

/// How the viewer stands to a service.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Standing {
    Owner,
    /// They have a share of it.
    Shared(ShareLink),
    /// It is shown to them, nothing more.
    Listed,
}

/// The viewer's share of a service, as far as a list shows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ShareLink {
    pub href: String,
    pub state: GateState,
    /// Absent: until ended.
    pub until: Option<Timestamp>,
}

/// Whether a service answers, as last asked from here.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Probe {
    /// Not asked yet.
    NotYet,
    /// It has no TCP port: silence would say nothing.
    Impossible,
    /// Its owner wants it left alone: it would be woken by each question.
    LeftAlone,
    /// Nothing is asked from here, and why.
    Off(String),
    Answered {
        at: Timestamp,
        /// Such as "1.21" and "2 of 20 playing".
        result: Vec<String>,
        /// What it says of itself, as plain text.
        motd: Option<String>,
    },
    /// It did not answer, last at `at`, and not once since `since`.
    Silent { at: Timestamp, since: Timestamp },
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ServiceCard {
    pub id: ServiceId,
    pub name: String,
    pub kind: ServiceKind,
    pub owner: String,
    /// The node's short name.
    pub node: String,
    /// Full MagicDNS name; shown to those who have access.
    pub address: Option<String>,
    pub ports: ServicePorts,
    pub online: bool,
    pub last_seen: Option<Timestamp>,
    pub probe: Probe,
    pub about: String,
    pub standing: Standing,
}

/// Filters of the directory, as in its URL.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct DirectoryQuery {
    pub q: String,
    pub kind: Option<ServiceKind>,
    /// Only what the viewer can reach already.
    pub mine: bool,
    /// Only what answers now, or whose machine is online where nothing is asked.
    pub up: bool,
    /// From [`DirectoryView::next`].
    pub after: Option<String>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DirectoryView {
    /// Online first, fifty at a time.
    pub services: Vec<ServiceCard>,
    pub next: Option<String>,
    /// Whether there would be something without the filters.
    pub any: bool,
}

/// One step of joining, in plain words. `copy` is a text with a copy button.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct JoinStep {
    pub title: String,
    pub detail: String,
    pub copy: Option<String>,
}

/// What the short form of an offer begins with: the choices of the last one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OfferAgain {
    /// Who could be offered it.
    pub people: Vec<PersonOption>,
    pub person: Option<PersonId>,
    /// As in [`super::offers::OfferForm`].
    pub until: String,
    pub date: String,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ServiceView {
    pub card: ServiceCard,
    pub tailnet: TailnetId,
    pub node_id: NodeId,
    /// The address to type into the game or browser, with its port; absent without access.
    pub join_address: Option<String>,
    pub join: Vec<JoinStep>,
    /// Of the share that the viewer receives.
    pub gate: Option<Gate>,
    /// How the viewer stands with an ask of theirs; absent where they need no offer.
    pub ask: Option<OwnAsk>,
    /// Where they need not ask.
    pub at_once: Option<AtOnce>,
    /// For those who give it and have met somebody to whom it could be offered.
    pub offer: Option<OfferAgain>,
    /// For those who give it: who waits for an offer, the first fifty.
    pub asking: Vec<Asking>,
    /// For the owner: every open offer and share of it. For a friend: their own.
    pub gates: Paged<Gate>,
    /// For the owner only.
    pub audience: Option<AudienceView>,
    /// For the owner: the configuration of its machine lists it.
    pub declared: bool,
    pub history: Vec<Entry>,
}

/// What the form of a service says, as typed.
#[derive(Clone, Debug, Default, PartialEq, Eq, serde::Serialize)]
pub struct ServiceForm {
    pub name: String,
    pub kind: String,
    pub ports: String,
    pub about: String,
    /// `nobody`, `everybody` or `people`.
    pub audience: String,
    #[serde(serialize_with = "as_boxes")]
    pub people: Vec<PersonId>,
    #[serde(serialize_with = "as_boxes")]
    pub circles: Vec<CircleId>,
    /// `yes` if nobody is to ask whether it answers.
    pub left_alone: String,
    /// What becomes of gates that have other ports: `keep` or `bring`. Empty: nobody was asked.
    pub gates: String,
}

/// As the boxes of the form name them.
fn as_boxes<T, S: serde::Serializer>(ids: &[Id<T>], to: S) -> Result<S::Ok, S::Error> {
    to.collect_seq(ids.iter().map(ToString::to_string))
}

/// The page on which a node's service is listed or edited.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ServiceFormView {
    /// Absent for a new one.
    pub service: Option<ServiceId>,
    pub tailnet: TailnetId,
    pub node_id: NodeId,
    pub node: String,
    pub form: ServiceForm,
    pub people: Vec<PersonOption>,
    /// Those of the viewer.
    pub circles: Vec<CircleCard>,
    /// Whose circles see it besides.
    pub circles_of_others: Vec<String>,
    /// Shares of it that are not over: then it cannot be removed, and who changes its ports says what becomes of them.
    pub shares: u32,
    /// The ports that it has.
    pub ports: ServicePorts,
    /// Whether an offer of it waits for its answer.
    pub offered: bool,
    /// What the form was filled from.
    pub from: Option<CatalogueEntry>,
    /// The configuration of its machine lists it, and shows it so.
    pub declared: Option<DeclaredTo>,
    /// That gave it other ports since somebody saved it last, and its kind is approved beforehand.
    pub ports_changed: bool,
}

/// Something that people share at home.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CatalogueEntry {
    /// As in a URL.
    pub key: String,
    pub name: String,
    pub kind: ServiceKind,
    /// By itself it listens on these, as one would type them.
    pub ports: String,
    /// How one joins, as a sentence.
    pub join: String,
    /// How it is asked whether it answers.
    pub asked: String,
    /// Where its makers say so.
    pub source: String,
}

/// A machine to choose.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MachineOption {
    pub id: NodeId,
    pub name: String,
    pub os: String,
}

/// What may run on the machines of a tailnet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WhatRunsView {
    pub tailnet: TailnetId,
    pub tailnet_name: String,
    /// The one that was chosen, or the only one.
    pub machine: Option<MachineOption>,
    pub machines: Paged<MachineOption>,
    /// Empty as long as no machine is chosen.
    pub catalogue: Vec<CatalogueEntry>,
    /// Its machines have not been read yet.
    pub reading: bool,
}

#[async_trait]
pub trait Services: Send + Sync {
    async fn directory(&self, query: DirectoryQuery) -> Result<DirectoryView, Fault>;
    async fn get(&self, id: ServiceId) -> Result<ServiceView, Fault> {
        self.get_page(id, None).await
    }
    /// The same with the gates behind a page before.
    async fn get_page(&self, id: ServiceId, after: Option<String>) -> Result<ServiceView, Fault>;
    /// The machines of a tailnet, and what may run on the one that is chosen.
    async fn what_runs(
        &self,
        tailnet: TailnetId,
        node: Option<NodeId>,
        after: Option<String>,
    ) -> Result<WhatRunsView, Fault>;
    /// Filled from this entry of the catalogue, if there is one.
    async fn new_form(&self, node: NodeId, from: Option<String>) -> Result<ServiceFormView, Fault>;
    async fn edit_form(&self, id: ServiceId) -> Result<ServiceFormView, Fault>;
    async fn create(&self, node: NodeId, form: ServiceForm) -> Result<ServiceId, Fault>;
    async fn update(&self, id: ServiceId, form: ServiceForm) -> Result<(), Fault>;
    /// # Errors
    /// [`Fault::Conflict`] while a share of it is not over.
    async fn remove(&self, id: ServiceId) -> Result<(), Fault>;
}
