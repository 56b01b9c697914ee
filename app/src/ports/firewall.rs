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
    /// Under which name the commands know it, such as `acequia-guard.nft`.
    pub file: String,
    pub lines: Vec<SnippetLine>,
    /// Where it can be downloaded under that name.
    pub download: Option<String>,
}

/// A part as a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PartFile {
    pub name: String,
    pub text: String,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FirewallView {
    pub tailnet: TailnetId,
    pub node_id: NodeId,
    pub node: String,
    /// The current text; none: there is none yet.
    pub revision: Revision,
    pub made: Timestamp,
    /// The parts are those for another kind of host than the chosen one, which somebody looks at: nothing is stored.
    pub looked_at: Option<BackendOption>,
    pub backends: Vec<BackendOption>,
    /// What the tailnet's interface is called on the host, such as `tailscale0`.
    pub interface: String,
    /// Whom rules of the policy let in now, and the guard will not: in sentences, said before the text.
    pub losers: Vec<String>,
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
    async fn get(&self, node: NodeId) -> Result<FirewallView, Fault> {
        self.look(node, None).await
    }
    /// The same as it would be for this kind of host. Nothing is stored by that; an unknown kind is none.
    async fn look(&self, node: NodeId, kind: Option<String>) -> Result<FirewallView, Fault>;
    /// What the host is: its kind, and the name of the tailnet's interface, empty for Tailscale's own.
    async fn choose(&self, node: NodeId, backend: String, interface: String) -> Result<(), Fault>;
    /// The whole text.
    async fn text(&self, node: NodeId) -> Result<String, Fault> {
        Ok(self.file(node, "all".into(), None).await?.text)
    }
    /// A part for download, `open`, `guard` or `all`, as [`Self::look`] shows it.
    async fn file(&self, node: NodeId, part: String, kind: Option<String>) -> Result<PartFile, Fault>;
}
