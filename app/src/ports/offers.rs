//! Invitations to one service.

use async_trait::async_trait;
use model::{AskId, OfferId, ServiceId, ServiceKind, ServicePorts, ShareId, TailnetId, Timestamp};

use super::accounts::PersonOption;
use super::audit::Entry;
use super::circles::CircleCard;
use super::gate::Gate;
use crate::fault::Fault;

/// What the form of a new offer says, as typed.
#[derive(Clone, Debug, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(default)]
pub struct OfferForm {
    pub service: String,
    /// `link`, `person`, `circle` or `email`.
    pub to: String,
    pub person: String,
    pub circle: String,
    pub email: String,
    /// `evening`, `weekend`, `month`, `ended` or `date`.
    pub until: String,
    /// With `date`: `2026-12-24T22:00`.
    pub date: String,
    /// In which zone that is typed, as the page said; empty is UTC.
    pub zone: String,
    pub note: String,
    /// How many people may accept; empty is one.
    pub uses: String,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ServiceOption {
    pub id: ServiceId,
    /// Service and node, such as "Minecraft on maple".
    pub label: String,
    pub ports: ServicePorts,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OfferFormView {
    /// Services that the viewer may offer.
    pub services: Vec<ServiceOption>,
    pub people: Vec<PersonOption>,
    /// Those of the viewer in which somebody is.
    pub circles: Vec<CircleCard>,
    pub form: OfferForm,
    pub missing: Option<MissingView>,
    /// What whoever accepts learns of the machine and its owner, in sentences, where that is known before.
    pub learns: Vec<String>,
    /// What it answers.
    pub ask: Option<AskId>,
    /// The day and hour that was wished for: the form has it in the zone of whoever reads it.
    pub wished: Option<Timestamp>,
}

/// What Acequia may not do yet to open what is offered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MissingView {
    pub tailnet: TailnetId,
    pub tailnet_name: String,
    /// What is missing, and how it goes without it, as sentences.
    pub what: Vec<String>,
    /// Whether the viewer may put it in.
    pub own: bool,
}

/// The owner's page of an offer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OfferView {
    pub id: OfferId,
    pub gate: Gate,
    pub note: String,
    pub created: Timestamp,
    /// Until when the link may be used; not the end of the share.
    pub lapses: Timestamp,
    pub uses_left: u32,
    pub can_withdraw: bool,
    /// The address to which its link is sent, where it is for one.
    pub sent_to: Option<String>,
    /// Shares that it made.
    pub shares: Vec<Gate>,
    pub missing: Option<MissingView>,
    pub history: Vec<Entry>,
}

/// Offers that the viewer made, or may look after.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct OffersView {
    pub gates: Vec<Gate>,
    /// Where the next page begins.
    pub next: Option<String>,
}

/// What can be done with an offer's link by who looks at it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answer {
    /// Readable, but one must sign in to accept or decline.
    SignInFirst,
    Possible {
        /// Logins that this person is known to have, to fill the form with.
        logins: Vec<String>,
        /// They have connected a tailnet with a user token: the invite can be accepted for them.
        automatic: bool,
    },
    /// This person has answered already.
    Accepted(ShareId),
    Declined,
    /// One cannot accept one's own offer.
    Own(OfferId),
    /// It is meant for somebody else.
    ForSomebodyElse,
    /// Its date has passed, it was used up or withdrawn: in words.
    Gone(String),
}

/// The friend's page. Readable before sign-in; looking changes nothing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InvitationView {
    pub owner: String,
    pub service: String,
    pub kind: ServiceKind,
    pub about: String,
    pub node: String,
    pub ports: ServicePorts,
    pub note: String,
    pub until: Option<Timestamp>,
    pub lapses: Timestamp,
    /// What the owner will learn of them, in sentences.
    pub owner_learns: Vec<String>,
    /// What they will be able to do and not do, in sentences.
    pub means: Vec<String>,
    /// Friends are accounts of the owner's server, and who accepts says which: the owner's words for the server.
    pub server: Option<String>,
    pub answer: Answer,
    /// Where the viewer may ask for another one.
    pub ask: Option<ServiceId>,
}

#[async_trait]
pub trait Offers: Send + Sync {
    /// The form, started with a service when one is named.
    async fn form(&self, service: Option<ServiceId>) -> Result<OfferFormView, Fault>;
    /// The form, filled with what somebody asks for.
    async fn form_for(&self, ask: AskId) -> Result<OfferFormView, Fault>;
    /// Those that wait for an answer, or those that are `over`: answered, lapsed or taken back. Newest first.
    async fn list(&self, over: bool, after: Option<String>) -> Result<OffersView, Fault>;
    /// Makes the offer. The link comes back once and is stored only as a hash. Where the same service is offered to the same
    /// person or address already, that one is extended.
    async fn create(&self, form: OfferForm) -> Result<(OfferId, String), Fault>;
    /// Makes one for everybody in a circle who has no share of the service. Each finds theirs in the inbox. Gives back what
    /// was done, as a sentence.
    async fn create_for_circle(&self, form: OfferForm) -> Result<String, Fault>;
    async fn get(&self, id: OfferId) -> Result<OfferView, Fault>;
    async fn withdraw(&self, id: OfferId) -> Result<(), Fault>;
    /// A new link for an open offer; the old one stops working.
    async fn new_link(&self, id: OfferId) -> Result<String, Fault>;
    /// What a link shows. Nothing happens.
    async fn open(&self, token: String) -> Result<InvitationView, Fault>;
    /// Keeps the link in the browser session, so that signing in leads back to it and a new person may come in.
    async fn remember(&self, token: String) -> Result<(), Fault>;
    async fn accept(&self, token: String, login: String) -> Result<ShareId, Fault>;
    /// The same for somebody who has no account yet: the share waits until they name one.
    async fn accept_without_account(&self, token: String) -> Result<ShareId, Fault>;
    async fn decline(&self, token: String) -> Result<(), Fault>;
}
