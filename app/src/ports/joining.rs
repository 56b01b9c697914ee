//! Bringing a new machine into a tailnet: the text for its host, a key, and the wait until it appears.

use async_trait::async_trait;
use model::ids::JoiningId;
use model::{JoiningState, NewNode, NodeId, TailnetId, Timestamp};

use super::firewall::SnippetLine;
use crate::fault::{Fault, FieldErrors};

/// The text that brings the host in.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct BootstrapText {
    /// The name to keep it under; none for commands to type.
    pub file: Option<String>,
    pub lines: Vec<SnippetLine>,
    pub notes: Vec<String>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewNodeView {
    pub tailnet: TailnetId,
    pub tailnet_name: String,
    /// With the usual values where nothing was chosen.
    pub chosen: NewNode,
    /// (value, words)
    pub systems: Vec<(String, String)>,
    /// What is wrong with what was chosen; then there is no text.
    pub errors: FieldErrors,
    pub text: BootstrapText,
    /// Tags that the tailnet's policy knows.
    pub tags: Vec<String>,
    /// Why no key can be made from here, in words; absent if it can.
    pub no_key: Option<String>,
    /// Those who are waited for now.
    pub waiting: Vec<(JoiningId, String)>,
    /// Keys that were asked for, of which it is not known (yet) whether they were made.
    pub unsure: Vec<(JoiningId, String)>,
}

/// A flaw in a pasted module: the line, its text, what to write instead.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FlawView {
    pub line: usize,
    pub text: String,
    pub advice: String,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct JoiningView {
    pub id: JoiningId,
    pub tailnet: TailnetId,
    pub tailnet_name: String,
    pub state: JoiningState,
    /// The machines that came, by name.
    pub arrived: Vec<(NodeId, String)>,
    /// What the key is called in the control plane's console.
    pub description: String,
    /// It was made here. Else by hand, in the console.
    pub key_made: bool,
    pub created: Timestamp,
    /// The end of the key, and of the waiting.
    pub ends: Timestamp,
    /// When the machine list was last read for this.
    pub observed_at: Option<Timestamp>,
    pub trouble: Option<String>,
    /// Others who wait for a machine with the same tags.
    pub others: Vec<(JoiningId, String)>,
    /// How to put the key on the host, in commands or words.
    pub place_key: Vec<String>,
    pub text: BootstrapText,
    /// In the demo with a key made here: a button lets a machine join.
    pub demo: bool,
}

/// A wait that somebody stopped.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stopped {
    pub tailnet: TailnetId,
    /// The key was made here and no longer works. Else it was made by hand, and is out of our hands.
    pub revoked: bool,
    pub came: Came,
}

/// Who had come when somebody stopped waiting.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Came {
    Nobody,
    /// These, by name, a moment before.
    Machines(Vec<String>),
    /// The list could not be read once more, and why.
    Unknown(String),
}

#[async_trait]
pub trait Joining: Send + Sync {
    /// The text for what was chosen; wrong choices are told beside it.
    async fn form(&self, tailnet: TailnetId, chosen: NewNode) -> Result<NewNodeView, Fault>;
    /// What an older module does wrong, line by line. Keys in it are blanked.
    async fn flaws(&self, tailnet: TailnetId, module: String) -> Result<Vec<FlawView>, Fault>;
    /// Makes a key in the control plane and waits. Gives the key, this once.
    async fn make_key(&self, tailnet: TailnetId, chosen: NewNode) -> Result<(JoiningId, String), Fault>;
    /// Waits for a machine that joins in another way, such as with a key made in the console.
    async fn wait(&self, tailnet: TailnetId, chosen: NewNode) -> Result<JoiningId, Fault>;
    async fn get(&self, id: JoiningId) -> Result<JoiningView, Fault>;
    /// Ends the waiting, and revokes the key if it was made here.
    async fn cancel(&self, id: JoiningId) -> Result<Stopped, Fault>;
}
