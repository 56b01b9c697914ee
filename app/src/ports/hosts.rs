//! The host of a machine: whether the firewall text is in place there, how it fetches it by itself, and which addresses
//! friends come from.

use async_trait::async_trait;
pub use model::host::{Found, InPlace, May, Proof};
use model::{NodeId, Revision, Timestamp};

use super::firewall::SnippetLine;
use crate::fault::Fault;

/// Whether the machine's own lock is known to be in place.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct HostStanding {
    /// The current one; zero: there is no text yet.
    pub revision: Revision,
    /// Absent: nobody knows.
    pub in_place: Option<InPlace>,
}

/// A friend's devices as the machine saw them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FriendView {
    pub login: String,
    pub addresses: Vec<String>,
    pub read: Timestamp,
    /// Long ago: they may have other devices now.
    pub stale: bool,
}

/// How a host is made to fetch the text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PullText {
    pub title: String,
    pub file: String,
    pub lines: Vec<SnippetLine>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HostView {
    pub standing: HostStanding,
    /// Why no new text can be made for it, and what is in its place.
    pub refused: Option<String>,
    /// A host of its kind can fetch by itself.
    pub may_fetch: bool,
    /// There is a token, since when.
    pub token_made: Option<Timestamp>,
    /// What it may say with the token.
    pub may: May,
    /// When it last asked.
    pub fetched: Option<Timestamp>,
    /// Where the host fetches.
    pub url: String,
    /// Where it lists what runs there.
    pub list_url: String,
    pub pulls: Vec<PullText>,
    pub friends: Vec<FriendView>,
    /// What is stored of some cannot be read: no new text is made until it is read again or forgotten.
    pub unread_friends: bool,
}

/// What pasted rules say.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verdict {
    /// As a sentence.
    pub words: String,
    pub good: bool,
    /// It proved something, which is remembered now.
    pub noted: bool,
}

#[async_trait]
pub trait Hosts: Send + Sync {
    async fn get(&self, node: NodeId) -> Result<HostView, Fault>;
    /// Makes a token, shown once; an older one stops working.
    async fn make_token(&self, node: NodeId, may: May) -> Result<String, Fault>;
    async fn revoke_token(&self, node: NodeId) -> Result<(), Fault>;
    /// Reads the output of the check command, and remembers what is in place.
    async fn read_rules(&self, node: NodeId, pasted: String) -> Result<Verdict, Fault>;
    /// Reads `tailscale status --json` of the machine. Gives how many friends it names.
    async fn read_status(&self, node: NodeId, pasted: String) -> Result<usize, Fault>;
    async fn forget_friends(&self, node: NodeId) -> Result<(), Fault>;
}
