//! Where something stands in the policy text.

use std::ops::Range;

use hujson::LineIndex;
use serde::Serialize;

use super::Section;

/// A string value of the policy with the bytes it takes up, quotes included. Selectors, actions and
/// SSH users have their surrounding white space removed, as the control plane does it (captures).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Text {
    /// The value.
    pub value: String,
    /// Its bytes in the policy text.
    pub span: Range<usize>,
}

impl Text {
    /// The value.
    pub fn as_str(&self) -> &str {
        &self.value
    }
}

/// Names a rule of the policy and its place in the text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
pub struct RuleRef {
    /// The section it is in.
    pub section: Section,
    /// Its number in the section, from 0.
    pub index: usize,
    /// Its first line, from 1; 0 for the default rule, which is written nowhere.
    pub line: usize,
    /// Its last line.
    pub end_line: usize,
    /// Its first byte.
    pub start: usize,
    /// The byte after its last.
    pub end: usize,
}

impl RuleRef {
    /// The rule that holds when the file has neither `acls` nor `grants`.
    pub const DEFAULT: Self =
        Self { section: Section::Default, index: 0, line: 0, end_line: 0, start: 0, end: 0 };

    pub(super) fn new(section: Section, index: usize, span: &Range<usize>, lines: &LineIndex) -> Self {
        Self {
            section,
            index,
            line: lines.position(span.start).line,
            end_line: lines.position(span.end.saturating_sub(1).max(span.start)).line,
            start: span.start,
            end: span.end,
        }
    }

    /// The bytes of the rule in the policy text.
    pub fn span(self) -> Range<usize> {
        self.start..self.end
    }
}
