//! Who is here: sign-in, identities, sessions, people.

use async_trait::async_trait;
use model::{PersonId, TailnetId, Timestamp, ids::IdentityId};

use super::gate::Gate;
use super::inbox::Counted;
use super::paging::Paged;
use crate::fault::Fault;

/// The frame of every page: who is looking.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Me {
    pub id: PersonId,
    pub name: String,
    pub instance_owner: bool,
    /// How much waits in the inbox.
    pub inbox: Counted,
}

/// A way to sign in, by configuration.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProviderOption {
    /// As in the URL `/sign-in/{id}`.
    pub id: String,
    pub label: String,
}

/// One of the seeded people; there are none outside demo mode.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DemoPerson {
    pub id: PersonId,
    pub name: String,
    /// What this person is good for, such as "owns maple, runs the Minecraft server".
    pub about: String,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SignInView {
    pub providers: Vec<ProviderOption>,
    pub demo_people: Vec<DemoPerson>,
    /// Nobody owns this instance yet: the page asks for the set-up code.
    pub needs_setup: bool,
    /// The set-up code was given in this browser, or an offer is remembered: a new person may come in.
    pub may_register: bool,
    /// The offer that brought them here: who offers what.
    pub offer: Option<String>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IdentityView {
    pub id: IdentityId,
    pub provider: String,
    /// As the provider calls them.
    pub subject: String,
    pub linked: Timestamp,
    /// False for the only one: without it nobody could sign in.
    pub can_unlink: bool,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SessionView {
    /// Names the session for "end"; not the session id itself.
    pub handle: String,
    pub current: bool,
    /// Browser and system, in short.
    pub agent: String,
    pub started: Timestamp,
    pub last_seen: Timestamp,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AccountView {
    pub name: String,
    /// The time zone that they chose; empty: as their browser says.
    pub zone: String,
    /// The one that this browser told.
    pub told: Option<String>,
    pub identities: Vec<IdentityView>,
    /// The last used first.
    pub sessions: Paged<SessionView>,
    /// Providers that could be linked as well.
    pub linkable: Vec<ProviderOption>,
    /// Tailnets of theirs that they could hand over to a steward, with their names.
    pub handable: Vec<(TailnetId, String)>,
}

/// What it means to leave for good, before it is done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LeaveView {
    pub means: Vec<String>,
    /// Shares that end, the first of them.
    pub gates: Vec<Gate>,
    /// How many end besides.
    pub more: usize,
    /// Why it cannot be done.
    pub refused: Option<String>,
}

/// The page of a link to come back with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ComeBackView {
    /// Whose account it is; absent if the link is used or over.
    pub name: Option<String>,
    pub providers: Vec<ProviderOption>,
}

/// Somebody whom the viewer has met, and may name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PersonOption {
    pub id: PersonId,
    pub name: String,
}

#[async_trait]
pub trait Accounts: Send + Sync {
    /// The viewer, or nobody. Every page asks.
    async fn me(&self) -> Result<Option<Me>, Fault>;
    async fn sign_in(&self) -> Result<SignInView, Fault>;
    async fn come_back(&self, token: String) -> Result<ComeBackView, Fault>;
    async fn account(&self) -> Result<AccountView, Fault> {
        self.account_page(None).await
    }
    /// The same with the browsers behind a page before.
    async fn account_page(&self, after: Option<String>) -> Result<AccountView, Fault>;
    async fn rename(&self, name: String) -> Result<(), Fault>;
    /// In which time zone times are read and typed, on each of their browsers; empty: as each one says.
    async fn set_zone(&self, zone: String) -> Result<(), Fault>;
    async fn end_session(&self, handle: String) -> Result<(), Fault>;
    async fn end_other_sessions(&self) -> Result<(), Fault>;
    async fn unlink(&self, identity: IdentityId) -> Result<(), Fault>;
    /// What it would mean to leave.
    async fn leaving(&self) -> Result<LeaveView, Fault>;
    /// Ends what they give and receive, and forgets them but for their name; `sure` if they said that they read it.
    async fn leave(&self, sure: bool) -> Result<(), Fault>;
}
