//! Home: what waits for the viewer.

use std::fmt;

use async_trait::async_trait;
use model::{NoticeKind, Timestamp};

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
    /// What became of something, such as an offer that was declined.
    News,
}

/// How much waits: more than a hundred is counted by nobody.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counted {
    pub count: u32,
    /// There may be more.
    pub or_more: bool,
}

impl fmt::Display for Counted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // As on a badge: "99+".
        if self.or_more { write!(f, "{}+", self.count.saturating_sub(1)) } else { self.count.fmt(f) }
    }
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
    /// It needs nothing done, and can be put aside.
    pub dismiss: Option<Dismiss>,
}

/// Which notice is put aside.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Dismiss {
    pub kind: NoticeKind,
    /// What it is about.
    pub object: String,
    pub part: String,
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
    pub count: Counted,
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
    /// Puts one that needs nothing done aside, for the viewer only. One that is not there, or is somebody else's, stays as
    /// it is.
    ///
    /// # Errors
    /// [`Fault::NotFound`] for a kind that needs something done: it closes with its cause.
    async fn dismiss(&self, notice: Dismiss) -> Result<(), Fault>;
}
