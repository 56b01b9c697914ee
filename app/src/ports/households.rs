//! Whose machines are whose on a server with several people: which accounts live together, and to whom machines without an
//! account are given.

use async_trait::async_trait;
use model::{NodeId, TailnetId};

use crate::fault::Fault;

/// An account of a server: its id there, and its names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Account {
    pub id: String,
    pub words: String,
}

/// A machine with tags, which belongs to no account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TaggedMachine {
    pub node: NodeId,
    pub name: String,
    pub tags: Vec<String>,
    /// To whom it was given.
    pub holder: Option<Account>,
}

/// What the owner of a server said of its accounts, for them and for their stewards.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HouseholdsView {
    pub tailnet: TailnetId,
    pub tailnet_name: String,
    /// Whether the viewer is the owner, who alone says so.
    pub mine: bool,
    /// Households of several accounts. Whoever is in none lives alone.
    pub households: Vec<Vec<Account>>,
    /// All accounts.
    pub accounts: Vec<Account>,
    pub machines: Vec<TaggedMachine>,
}

#[async_trait]
pub trait Households: Send + Sync {
    /// # Errors
    /// [`Fault::Conflict`] for a network in which whose a machine is is known.
    async fn get(&self, tailnet: TailnetId) -> Result<HouseholdsView, Fault>;
    /// The two live together from now on, with whoever lives with one of them.
    async fn join(&self, tailnet: TailnetId, account: String, with: String) -> Result<(), Fault>;
    /// It lives alone from now on. Doing it twice is the same as once.
    async fn leave(&self, tailnet: TailnetId, account: String) -> Result<(), Fault>;
    /// A machine with tags belongs to this account from now on; to nobody, if it is empty.
    async fn give(&self, node: NodeId, account: String) -> Result<(), Fault>;
}
