//! Several owners on one server: who lends their own machines on it, who asks to, and who says yes to their plans.

use async_trait::async_trait;
use model::{NodeId, PersonId, TailnetId, Timestamp};

use super::households::Account;
use crate::fault::Fault;

/// Somebody who waits for an answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Asking {
    pub person: PersonId,
    pub name: String,
    pub asked: Timestamp,
}

/// Somebody who is known to be an account of the server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lender {
    pub person: PersonId,
    pub name: String,
    /// Absent: it is gone from the server.
    pub account: Option<String>,
}

/// What whoever looks after a server decides of others who lend on it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LendersView {
    pub tailnet: TailnetId,
    pub tailnet_name: String,
    /// Whether the viewer is the owner, who alone changes who reviews.
    pub mine: bool,
    /// Each plan for a machine of somebody else waits for those who look after the server.
    pub owner_reviews: bool,
    pub asking: Vec<Asking>,
    pub lenders: Vec<Lender>,
    /// All accounts.
    pub accounts: Vec<Account>,
}

/// A machine of the viewer on a server that somebody else looks after.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HeldMachine {
    pub node: NodeId,
    pub name: String,
    pub tailnet: TailnetId,
    pub tailnet_name: String,
    /// Who looks after it.
    pub owner: String,
}

#[async_trait]
pub trait Lenders: Send + Sync {
    /// # Errors
    /// [`Fault::Conflict`] for a network that is nobody's but its owner's.
    async fn get(&self, tailnet: TailnetId) -> Result<LendersView, Fault>;
    /// This person is this account, and lends what belongs to it.
    async fn accept(&self, tailnet: TailnetId, person: PersonId, account: String) -> Result<(), Fault>;
    /// No to whoever asked; whoever lends lends nothing more, and their shares stay as they are.
    async fn refuse(&self, tailnet: TailnetId, person: PersonId) -> Result<(), Fault>;
    async fn set_review(&self, tailnet: TailnetId, owner_reviews: bool) -> Result<(), Fault>;
    /// Machines of the viewer on servers that others look after, by network and name.
    async fn held(&self) -> Result<Vec<HeldMachine>, Fault>;
}
