//! What stands at a control plane without a share here: shares that were made elsewhere, and rules that were left.

use async_trait::async_trait;
use model::{ServiceId, ShareId, TailnetId, Timestamp, UnmanagedId, UnmanagedKind};

use super::audit::Entry;
use crate::fault::Fault;

/// One of them, in short.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnmanagedCard {
    pub id: UnmanagedId,
    pub kind: UnmanagedKind,
    /// It is an invite that somebody has opened.
    pub opened: bool,
    /// Such as "maple is shared with dario@example.com".
    pub title: String,
    pub detail: String,
    /// When it was first seen here.
    pub found: Timestamp,
    /// The owner knows of it: by whom and since when.
    pub kept: Option<(String, Timestamp)>,
}

/// How the last look went.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnmanagedList {
    pub at: Option<Timestamp>,
    /// Why the last look found out nothing, in words.
    pub failed: Option<String>,
    /// A look is going on: about how many machines it has asked, and of how many.
    pub going_on: Option<(i64, i64)>,
    pub all_unmanaged: Vec<UnmanagedCard>,
    /// Where the next page of them begins.
    pub next: Option<String>,
}

/// The page of one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnmanagedView {
    pub card: UnmanagedCard,
    pub tailnet: TailnetId,
    pub tailnet_name: String,
    /// The person here whose login it is, where there is one.
    pub person: Option<String>,
    /// What it can become a share of: services of the machine.
    pub services: Vec<(ServiceId, String)>,
    /// Acequia can end it with one call.
    pub can_end: bool,
    /// What ending it means, in sentences about people.
    pub end_means: Vec<String>,
    /// What to do in the console, where that is the way.
    pub by_hand: Vec<String>,
    pub history: Vec<Entry>,
}

#[async_trait]
pub trait Unmanaged: Send + Sync {
    async fn get(&self, id: UnmanagedId) -> Result<UnmanagedView, Fault>;
    /// It becomes a share here, which waits for its owner's review.
    async fn adopt(&self, id: UnmanagedId, service: Option<ServiceId>) -> Result<ShareId, Fault>;
    /// It stays as it is, and is not counted among what waits any more.
    async fn keep(&self, id: UnmanagedId) -> Result<TailnetId, Fault>;
    /// Takes it away at the control plane. Gives the tailnet and what is to be said.
    async fn end(&self, id: UnmanagedId) -> Result<(TailnetId, String), Fault>;
}
