//! What deserves a look.

use app::ports::reach::{Question, Sort};
use app::ports::shares::{DiffLine, ReachLine};
use model::EditKind;
use policy::RuleRef;

/// One finding, cut to what is shown of it.
#[derive(Clone, Debug)]
pub struct Finding {
    pub sort: Sort,
    pub title: String,
    /// What it means, in a sentence.
    pub about: String,
    /// The first lines of reach; its rules are named once, in `rules`.
    pub lines: Vec<ReachLine>,
    /// How many lines there are besides.
    pub more: usize,
    pub rules: Vec<RuleRef>,
    /// The question whose answer has all of its lines.
    pub question: Option<Question>,
    /// The edit that ends it.
    pub fix: Option<EditKind>,
    /// The friend with an open share whom it is about, in lower case.
    pub friend: Option<String>,
}

/// What to change for one of them by hand.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FixText {
    /// What to do, in a sentence.
    pub words: String,
    /// The lines of the policy that change; empty where that cannot be worked out.
    pub diff: Vec<DiffLine>,
    /// How many lines there are besides.
    pub more: usize,
}

/// A page of them, the gravest first.
#[derive(Clone, Debug)]
pub struct Findings {
    pub shown: Vec<Finding>,
    /// What to change for each of those, in their order.
    pub fixes: Vec<FixText>,
    /// How many there are, those that are shown among them.
    pub all: usize,
    before: usize,
    most: usize,
}

impl Findings {
    /// None yet, of which so many will be shown, behind `before` others.
    pub(super) const fn page(before: usize, most: usize) -> Self {
        Self { shown: Vec::new(), fixes: Vec::new(), all: 0, before, most }
    }

    pub(super) fn add(&mut self, found: impl FnOnce() -> Finding) {
        if self.shows_next() {
            self.shown.push(found());
        }
        self.all += 1;
    }

    /// Whether the next one that is found belongs to this page.
    pub(super) const fn shows_next(&self) -> bool {
        self.all >= self.before && self.shown.len() < self.most
    }
}
