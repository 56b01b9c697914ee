//! Who reaches what in a tailnet: one question, the matrix of people and services, and what deserves a look. From what
//! was last read of the tailnet; nothing here asks its control plane.

use async_trait::async_trait;
use model::{EditKind, ServiceId, ServicePorts, TailnetId, Timestamp};

use super::export::Export;
use super::exposures::Ways;
use super::shares::{DiffLine, ReachLine, RuleLine};
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
    /// Only services with this in their name or that of their machine.
    pub service: String,
    /// How many rows and columns of the matrix come before those that are shown.
    pub rows_before: usize,
    pub columns_before: usize,
    /// How many findings come before those that are shown.
    pub findings_before: usize,
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
    /// The rules that decide, where it is allowed; in a list the first of those that its lines name.
    pub rules: Vec<RuleLine>,
    /// How many more rules there are.
    pub more_rules: usize,
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
    /// How many services are listed, whichever are looked for.
    pub listed: usize,
    /// Of all that are looked for, how many there are.
    pub all_columns: usize,
    pub all_rows: usize,
}

/// From what to act on to what to know.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Sort {
    Exposed,
    /// Worth a look: what lies behind routers and exit nodes, who may take a tag's reach.
    Wide,
    /// What the policy names and nobody here knows: whom it lets in, what it means.
    NotKnown,
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
    /// The question whose answer has all of its lines.
    pub question: Option<Question>,
    /// The edit that ends it.
    pub fix: Option<EditKind>,
    /// What to change in the policy by hand, as a sentence.
    pub mend: String,
    /// The lines that change, where that can be worked out, and how many there are besides.
    pub diff: Vec<DiffLine>,
    pub more_diff: usize,
    /// Of a friend with an open share: what can be done about it.
    pub ways: Option<Ways>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReachView {
    pub tailnet: TailnetId,
    pub tailnet_name: String,
    /// The viewer may do something about it; else they only read.
    pub may_change: bool,
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
    /// Empty beside an answer, as are the findings: the page is about the question then.
    pub matrix: Matrix,
    pub findings: Vec<Finding>,
    pub all_findings: usize,
}

/// Who could reach a machine on a day, as typed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct DayQuery {
    /// The machine, by the name that it had then.
    pub node: String,
    /// Like `2026-12-24`, in UTC.
    pub day: String,
    /// How many parts of the day come before those that are shown.
    pub before: usize,
}

/// A part of a day.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DayPart {
    pub from: Timestamp,
    pub to: Timestamp,
    pub found: Found,
}

/// What is known of a part of a day.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Found {
    /// Who reached the machine, with the rules as they stood then.
    Lines { lines: Vec<ReachLine>, more: usize, notes: Vec<String> },
    /// Nothing can be said of it, in a sentence.
    Nothing(String),
    /// Nobody looked.
    Unseen,
}

/// The answer for a day.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DayView {
    pub tailnet: TailnetId,
    pub tailnet_name: String,
    /// What is wrong with the question, by its field.
    pub errors: Vec<(String, String)>,
    /// In the order of the day, without a hole. Empty as long as nothing was asked.
    pub parts: Vec<DayPart>,
    /// How many parts come before the ones on the next page, if there is one.
    pub next: Option<usize>,
    /// How long looks are kept, as sentences.
    pub kept: Vec<String>,
    /// Machines that one can ask about, for completion.
    pub nodes: Vec<String>,
}

#[async_trait]
pub trait Reach: Send + Sync {
    async fn get(&self, tailnet: TailnetId, query: ReachQuery) -> Result<ReachView, Fault>;
    /// Who could reach a machine on a day, from what was found then.
    async fn on_day(&self, tailnet: TailnetId, asked: DayQuery) -> Result<DayView, Fault>;
    /// All of it, as `acequia policy reach` prints it.
    async fn json(&self, tailnet: TailnetId) -> Result<Box<dyn Export>, Fault>;
    /// All of it as a table for a spreadsheet, with a header.
    async fn csv(&self, tailnet: TailnetId) -> Result<Box<dyn Export>, Fault>;
}
