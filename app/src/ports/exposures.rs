//! Reach beyond what was agreed, for those who give the share, and what can be done about it.

use model::{EditKind, ShareId, Timestamp};

use super::shares::ReachLine;

/// What can be done about it: an edit, or the word that it may stay.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ways {
    /// The share on whose page it is told.
    pub share: ShareId,
    /// Names what was looked at; posted back.
    pub seen: String,
    /// The edit that ends it.
    pub fix: Option<EditKind>,
    /// Why there is none, as a sentence.
    pub no_fix: Option<String>,
}

/// What a friend reaches beyond what was agreed with them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BeyondView {
    /// Each line since it is known.
    pub lines: Vec<(ReachLine, Timestamp)>,
    /// Absent where nothing is left to be done.
    pub ways: Option<Ways>,
    /// What was accepted as it is and still is so, by whom and when.
    pub accepted: Vec<ReachLine>,
    pub accepted_by: Option<(String, Timestamp)>,
}
