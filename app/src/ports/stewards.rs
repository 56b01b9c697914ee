//! Who else may act for a tailnet, and who reads what there is to read of it.

use async_trait::async_trait;
use model::{NodeId, PersonId, TailnetId, TailnetRole, Timestamp};

use super::accounts::PersonOption;
use super::gate::Gate;
use crate::fault::Fault;

/// The stewards and auditors of a tailnet, for its owner and for its stewards.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StewardsView {
    pub tailnet: TailnetId,
    pub tailnet_name: String,
    pub owner: String,
    /// Whether the viewer is the owner, who alone changes them.
    pub mine: bool,
    pub stewards: Vec<PersonOption>,
    /// Those of them to whom the viewer could hand the tailnet over; empty for stewards.
    pub heirs: Vec<PersonId>,
    pub auditors: Vec<PersonOption>,
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

/// What the removal of a steward or auditor means.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RemovalView {
    pub tailnet: TailnetId,
    pub tailnet_name: String,
    pub role: TailnetRole,
    pub person: PersonOption,
    /// They know these tokens.
    pub tokens: Vec<TokenOfMachine>,
}

/// What it means to hand a tailnet over to a steward, before it is done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HandoverView {
    pub tailnet: TailnetId,
    pub tailnet_name: String,
    pub person: PersonOption,
    pub means: Vec<String>,
    /// Why it cannot be done now.
    pub refused: Option<String>,
    /// Shares there of which they are the friend, the newest of them: these have to end first.
    pub gates: Vec<Gate>,
}

/// A tailnet that the viewer audits: what they may read of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Audited {
    pub tailnet: TailnetId,
    pub tailnet_name: String,
    pub owner: String,
}

#[async_trait]
pub trait Stewards: Send + Sync {
    async fn get(&self, tailnet: TailnetId) -> Result<StewardsView, Fault>;
    /// Gives their name back. Doing it twice is the same as once. An auditor becomes a steward; a steward has to be removed
    /// before they become an auditor.
    async fn add(&self, tailnet: TailnetId, person: String, role: TailnetRole) -> Result<String, Fault>;
    /// # Errors
    /// [`Fault::NotFound`] if they are none.
    async fn plan_removal(&self, tailnet: TailnetId, person: PersonId) -> Result<RemovalView, Fault>;
    /// Also revokes the tokens of these machines, as far as they are those that the steward made. Gives their name and what
    /// they were.
    ///
    /// # Errors
    /// [`Fault::NotFound`] if they are none.
    async fn remove(
        &self,
        tailnet: TailnetId,
        person: PersonId,
        revoke: Vec<NodeId>,
    ) -> Result<(String, TailnetRole), Fault>;
    /// # Errors
    /// [`Fault::NotFound`] if they are no steward.
    async fn plan_handover(&self, tailnet: TailnetId, person: PersonId) -> Result<HandoverView, Fault>;
    /// The steward becomes the owner; whoever it was `stays` as a steward, or may do nothing more there. Gives the new owner’s
    /// name.
    ///
    /// # Errors
    /// [`Fault::NotFound`] if they are no steward, [`Fault::Conflict`] where it cannot be done now.
    async fn hand_over(&self, tailnet: TailnetId, person: PersonId, stays: bool) -> Result<String, Fault>;
    /// Tailnets that the viewer audits.
    async fn audited(&self) -> Result<Vec<Audited>, Fault>;
}
