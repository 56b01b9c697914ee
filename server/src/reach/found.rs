//! What deserves a look.

use app::ports::reach::Sort;
use app::ports::shares::ReachLine;
use model::EditKind;
use policy::RuleRef;

/// One finding, cut to what is shown of it.
#[derive(Clone, Debug)]
pub struct Found {
    pub sort: Sort,
    pub title: String,
    /// What it means, in a sentence.
    pub about: String,
    /// The first lines of reach; its rules are named once, in `rules`.
    pub lines: Vec<ReachLine>,
    /// How many lines there are besides.
    pub more: usize,
    pub rules: Vec<RuleRef>,
    /// The edit that ends it.
    pub fix: Option<EditKind>,
}

/// All of it, the gravest first.
#[derive(Debug)]
pub struct Findings {
    pub shown: Vec<Found>,
    /// How many there are, those that are shown among them.
    pub all: usize,
    most: usize,
}

impl Findings {
    /// None yet, of which so many will be shown.
    pub(super) const fn at_most(most: usize) -> Self {
        Self { shown: Vec::new(), all: 0, most }
    }

    pub(super) fn add(&mut self, found: impl FnOnce() -> Found) {
        self.all += 1;
        if !self.is_full() {
            self.shown.push(found());
        }
    }

    pub(super) const fn is_full(&self) -> bool {
        self.shown.len() >= self.most
    }
}
