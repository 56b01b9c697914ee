//! What nodes offer, and the directory of it.

use async_trait::async_trait;
use model::{NodeId, PersonId, ServiceId, ServiceKind, ServicePorts, TailnetId, Timestamp};

use super::accounts::PersonOption;
use super::audit::Entry;
use super::gate::Gate;
use super::paging::Paged;
use crate::fault::Fault;

/// To whom a listing is shown, as its owner reads it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AudienceView {
    /// Only the owner and stewards: not listed.
    Nobody,
    /// Everybody who can sign in here.
    Everybody,
    /// The first of them by name, and how many there are besides.
    People(Vec<PersonOption>, u32),
}

/// How the viewer stands to a service.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Standing {
    Owner,
    /// They have a share of it.
    Shared(Box<Gate>),
    /// It is shown to them, nothing more.
    Listed,
}

/// Whether a service answers, as last asked from here.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Probe {
    /// Not asked yet.
    NotYet,
    /// It has no TCP port: silence would say nothing.
    Impossible,
    /// Nothing is asked from here, and why.
    Off(String),
    Answered {
        at: Timestamp,
        /// Such as "1.21" and "2 of 20 playing".
        told: Vec<String>,
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

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ServiceView {
    pub card: ServiceCard,
    pub tailnet: TailnetId,
    pub node_id: NodeId,
    /// The address to type into the game or browser, with its port; absent without access.
    pub join_address: Option<String>,
    pub join: Vec<JoinStep>,
    /// For the owner: every open offer and share of it. For a friend: their own.
    pub gates: Paged<Gate>,
    /// For the owner only.
    pub audience: Option<AudienceView>,
    pub history: Vec<Entry>,
}

/// What the form of a service says, as typed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ServiceForm {
    pub name: String,
    pub kind: String,
    pub ports: String,
    pub about: String,
    /// `nobody`, `everybody` or `people`.
    pub audience: String,
    pub people: Vec<PersonId>,
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
    /// Shares of it that are not over: then it cannot be removed, and a change of ports waits for the next share.
    pub shares: u32,
}

#[async_trait]
pub trait Services: Send + Sync {
    async fn directory(&self, query: DirectoryQuery) -> Result<DirectoryView, Fault>;
    async fn get(&self, id: ServiceId) -> Result<ServiceView, Fault> {
        self.get_page(id, None).await
    }
    /// The same with the gates behind a page before.
    async fn get_page(&self, id: ServiceId, after: Option<String>) -> Result<ServiceView, Fault>;
    async fn new_form(&self, node: NodeId) -> Result<ServiceFormView, Fault>;
    async fn edit_form(&self, id: ServiceId) -> Result<ServiceFormView, Fault>;
    async fn create(&self, node: NodeId, form: ServiceForm) -> Result<ServiceId, Fault>;
    async fn update(&self, id: ServiceId, form: ServiceForm) -> Result<(), Fault>;
    /// # Errors
    /// [`Fault::Conflict`] while a share of it is not over.
    async fn remove(&self, id: ServiceId) -> Result<(), Fault>;
}
