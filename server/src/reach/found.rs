//! One thing that deserves a look.

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
