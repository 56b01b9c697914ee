//! Who reaches what around one person or one machine, to be drawn.

use async_trait::async_trait;
use model::{TailnetId, Timestamp};

use super::shares::ReachLine;
use crate::fault::Fault;

/// What the drawing is about, as it stands in the address.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Question {
    /// A login, a tag, an address or a machine: what do they reach? Comes before `node`.
    pub who: String,
    /// A machine: who reaches it?
    pub node: String,
    /// Only names with this in them.
    pub q: String,
    /// From 0.
    pub page: usize,
}

/// How somebody or something stands to the tailnet.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Kind {
    /// A person outside with whom a machine is shared.
    Friend,
    Member,
    Tag,
    Machine,
    /// Addresses that are nobody's name.
    Addresses,
}

/// One end of an arrow.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct End {
    pub name: String,
    pub kind: Kind,
    /// The drawing around it.
    pub href: String,
}

/// An arrow between what the drawing is about and one other end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Arrow {
    pub other: End,
    /// Ports in words, of all its lines.
    pub what: String,
    /// Some of it holds whatever happens; else it is possible only.
    pub certain: bool,
    /// The same for the list: with rules, their lines, and conditions.
    pub lines: Vec<ReachLine>,
}

/// What the drawing is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Focus {
    pub end: End,
    /// Arrows lead from it to machines; else they lead to it.
    pub outward: bool,
    /// More about it: its own page, or the drawing the other way round, as (path, words).
    pub more: Vec<(String, String)>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GraphView {
    pub tailnet: TailnetId,
    pub tailnet_name: String,
    /// The viewer may do something about it; else they only read.
    pub may_change: bool,
    /// Absent before the first reading.
    pub read: Option<Timestamp>,
    /// What is old, or was not told, in sentences.
    pub notes: Vec<String>,
    /// Why nothing can be said.
    pub unknown: Option<String>,
    pub question: Question,
    /// Absent as long as nobody is named.
    pub focus: Option<Focus>,
    /// Those of one page.
    pub arrows: Vec<Arrow>,
    /// How many there are on all pages.
    pub total: usize,
    /// How many stand before the first of this page.
    pub before: usize,
    /// Whom one may ask about first.
    pub people: Vec<End>,
    pub machines: Vec<End>,
}

#[async_trait]
pub trait Graph: Send + Sync {
    /// From what was last read; no control plane is asked.
    ///
    /// # Errors
    /// [`Fault::NotFound`] for a tailnet that is not the viewer's.
    async fn get(&self, tailnet: TailnetId, question: Question) -> Result<GraphView, Fault>;
}
