//! Who else may act for a tailnet.

use async_trait::async_trait;
use model::{NodeId, PersonId, TailnetId, Timestamp};

use super::accounts::PersonOption;
use crate::fault::Fault;

/// The stewards of a tailnet, for its owner and for them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StewardsView {
    pub tailnet: TailnetId,
    pub tailnet_name: String,
    pub owner: String,
    /// Whether the viewer is the owner, who alone changes stewards.
    pub mine: bool,
    pub stewards: Vec<PersonOption>,
    /// People who could become one; empty for stewards.
    pub others: Vec<PersonOption>,
}

/// A machine that fetches its firewall text with a token that a steward made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TokenOfMachine {
    pub node: NodeId,
    pub name: String,
    pub made: Timestamp,
}

/// What the removal of a steward means.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RemovalView {
    pub tailnet: TailnetId,
    pub tailnet_name: String,
    pub steward: PersonOption,
    /// They know these tokens.
    pub tokens: Vec<TokenOfMachine>,
}

#[async_trait]
pub trait Stewards: Send + Sync {
    async fn get(&self, tailnet: TailnetId) -> Result<StewardsView, Fault>;
    /// Gives their name back. Doing it twice is the same as once.
    async fn add(&self, tailnet: TailnetId, person: String) -> Result<String, Fault>;
    /// # Errors
    /// [`Fault::NotFound`] if they are none.
    async fn plan_removal(&self, tailnet: TailnetId, person: PersonId) -> Result<RemovalView, Fault>;
    /// Also revokes the tokens of these machines, as far as they are those that the steward made.
    ///
    /// # Errors
    /// [`Fault::NotFound`] if they are none.
    async fn remove(
        &self,
        tailnet: TailnetId,
        person: PersonId,
        revoke: Vec<NodeId>,
    ) -> Result<String, Fault>;
}
