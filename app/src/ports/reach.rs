//! Who reaches what in a tailnet: one question, the matrix of people and services, and what deserves a look. From what
//! was last read of the tailnet; nothing here asks its control plane.

use async_trait::async_trait;
use model::{EditKind, ServiceId, ServicePorts, TailnetId, Timestamp};

use super::shares::{ReachLine, RuleLine};
use crate::fault::Fault;

/// One question, as typed. Without `who` it asks who reaches `node`; without `node`, what `who` reaches.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Question {
    pub who: String,
    /// A node's name or an address.
    pub node: String,
    pub port: String,
    /// A name such as `tcp`, or a number.
    pub protocol: String,
}

impl Question {
    pub fn is_empty(&self) -> bool {
        self.who.is_empty() && self.node.is_empty()
    }
}

/// What is asked of the page.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ReachQuery {
    pub question: Question,
    /// Only people, tags and machines with this in their name.
    pub q: String,
    /// How many rows and columns of the matrix come before those that are shown.
    pub rows_before: usize,
    pub columns_before: usize,
}

/// How much of a service somebody reaches.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Standing {
    Yes,
    /// Some of its ports, or from some devices only.
    Part,
    /// Under a condition that cannot be seen from here.
    Possible,
    No,
    /// With whom machines are shared is not known.
    Unknown,
}

/// A rule that does not allow it, and what it lacks, in words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NearLine {
    pub rule: RuleLine,
    pub missing: Vec<String>,
}

/// The answer to one question.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AnswerView {
    /// Yes or no, where that was asked; absent for a list.
    pub allowed: Option<bool>,
    /// The answer as a sentence.
    pub sentence: String,
    /// What no rule could change, as a sentence.
    pub obstacle: Option<String>,
    pub lines: Vec<ReachLine>,
    /// How many more lines there are.
    pub more: usize,
    /// The rules that decide, where it is allowed.
    pub rules: Vec<RuleLine>,
    /// Where it is not: the rules that come nearest.
    pub nearest: Vec<NearLine>,
    /// The same question the other way round, as a sentence.
    pub other_way: Option<String>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Column {
    pub service: ServiceId,
    pub name: String,
    pub node: String,
    pub ports: ServicePorts,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    /// As one asks about them.
    pub who: String,
    /// "share recipient", "member", "tag", "machine".
    pub kind: String,
    /// One for each column, with what has to be said besides the word.
    pub cells: Vec<(Standing, Option<String>)>,
}

/// People, tags and machines against listed services: one page of it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Matrix {
    pub columns: Vec<Column>,
    pub rows: Vec<Row>,
    /// Of all, how many there are.
    pub all_columns: usize,
    pub all_rows: usize,
}

/// From what to act on to what to know.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Sort {
    Exposed,
    /// Worth a look: what lies behind routers and exit nodes, who may take a tag's reach.
    Wide,
    /// Rules in vain.
    Stale,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    pub sort: Sort,
    pub title: String,
    pub about: String,
    pub lines: Vec<ReachLine>,
    pub more: usize,
    pub rules: Vec<RuleLine>,
    pub more_rules: usize,
    /// The edit that ends it.
    pub fix: Option<EditKind>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReachView {
    pub tailnet: TailnetId,
    pub tailnet_name: String,
    /// When it was read; absent before the first time.
    pub read: Option<Timestamp>,
    /// A reading is under way.
    pub reading: bool,
    /// Why nothing can be said, and what is not known, as sentences.
    pub refused: Option<String>,
    pub notes: Vec<String>,
    /// Whom and what one can ask about, for completion.
    pub everyone: Vec<String>,
    pub nodes: Vec<String>,
    pub answer: Option<Result<AnswerView, Fault>>,
    pub matrix: Matrix,
    pub findings: Vec<Finding>,
    pub more_findings: usize,
}

#[async_trait]
pub trait Reach: Send + Sync {
    async fn get(&self, tailnet: TailnetId, query: ReachQuery) -> Result<ReachView, Fault>;
    /// All of it, as `acequia policy reach` prints it.
    async fn json(&self, tailnet: TailnetId) -> Result<Box<dyn Export>, Fault>;
    /// All of it as a table for a spreadsheet, with a header.
    async fn csv(&self, tailnet: TailnetId) -> Result<Box<dyn Export>, Fault>;
}

/// A file that is made while it is sent.
#[async_trait]
pub trait Export: std::fmt::Debug + Send {
    /// The next part; nothing behind the last one.
    async fn next(&mut self) -> Result<Option<String>, Fault>;
}
