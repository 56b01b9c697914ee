//! The host firewall of a node: one snippet with all its shares.

use async_trait::async_trait;
use model::{NodeId, Revision, TailnetId, Timestamp};

use super::gate::Gate;
use crate::fault::Fault;

/// A host's kind, as `firewall render --backend` calls it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BackendOption {
    pub id: String,
    pub label: String,
    pub chosen: bool,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SnippetLine {
    pub text: String,
    /// Why this line is there.
    pub reason: Option<String>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PartView {
    /// "Open" or "Guard".
    pub title: String,
    pub about: String,
    /// Where the text belongs on the host, such as `/etc/acequia/guard.nft`.
    pub file: String,
    pub lines: Vec<SnippetLine>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FirewallView {
    pub tailnet: TailnetId,
    pub node_id: NodeId,
    pub node: String,
    pub revision: Revision,
    pub made: Timestamp,
    pub backends: Vec<BackendOption>,
    /// What the tailnet's interface is called on the host, such as `tailscale0`.
    pub interface: String,
    /// Absent until the host's kind was chosen.
    pub parts: Vec<PartView>,
    /// How to put it in place, in commands.
    pub install: Vec<String>,
    /// How it is there again after a reboot.
    pub boot: Option<String>,
    /// Tells which revision is live.
    pub check: Option<String>,
    /// Prints the rules in force, to be compared one by one.
    pub list: Option<String>,
    pub undo: Option<String>,
    pub notes: Vec<String>,
    /// The shares that it covers.
    pub gates: Vec<Gate>,
    /// The tailnet policy's own words for the same: only that works everywhere.
    pub policy: Vec<String>,
}

#[async_trait]
pub trait Firewall: Send + Sync {
    async fn get(&self, node: NodeId) -> Result<FirewallView, Fault>;
    /// What the host is: its kind, and the name of the tailnet's interface, empty for Tailscale's own.
    async fn choose(&self, node: NodeId, backend: String, interface: String) -> Result<(), Fault>;
    /// The whole text for download.
    async fn text(&self, node: NodeId) -> Result<String, Fault>;
}
