//! Home: what waits for the viewer.

use async_trait::async_trait;
use model::Timestamp;

use super::gate::Gate;
use crate::fault::Fault;

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Kind {
    /// An offer to answer.
    Offer,
    /// An accepted offer to review.
    Review,
    /// A share that needs its owner or friend.
    Attention,
    /// A share that ends soon.
    EndsSoon,
    /// A credential that expires or was refused.
    Credential,
    /// Something found about reach.
    Finding,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Item {
    pub kind: Kind,
    /// One sentence, such as "Dario accepted Minecraft: review what it opens".
    pub title: String,
    pub detail: Option<String>,
    pub href: String,
    /// The words on the link, such as "Review".
    pub action: String,
    pub at: Timestamp,
}

/// The first steps of somebody new, until there are none.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Step {
    pub title: String,
    pub detail: String,
    pub href: String,
    pub done: bool,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HomeView {
    /// How much waits in all.
    pub count: u32,
    /// What is about the viewer's own networks and shares first, then offers of others; each newest first.
    pub items: Vec<Item>,
    /// Where the next page of them begins.
    pub next: Option<String>,
    /// Empty once all are done.
    pub steps: Vec<Step>,
    /// Open gates, given and received, the soonest end first; at most ten.
    pub open: Vec<Gate>,
}

#[async_trait]
pub trait Inbox: Send + Sync {
    /// # Errors
    /// [`Fault::SignedOut`] for strangers: the page then says what Acequia is.
    async fn home(&self) -> Result<HomeView, Fault> {
        self.home_page(None).await
    }
    /// The same with what waits behind a page before.
    async fn home_page(&self, after: Option<String>) -> Result<HomeView, Fault>;
}
