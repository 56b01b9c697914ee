//! One thing that deserves a look.

use app::ports::reach::Sort;
use model::EditKind;
use policy::RuleRef;
use policy::reach::Entry;

/// One finding.
#[derive(Clone, Debug)]
pub struct Found {
    pub sort: Sort,
    pub title: String,
    /// What it means, in a sentence.
    pub about: String,
    pub entries: Vec<Entry>,
    pub rules: Vec<RuleRef>,
    /// The edit that ends it.
    pub fix: Option<EditKind>,
}
