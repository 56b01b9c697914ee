//! Names as they appear in comments.

use std::fmt;

use serde::{Deserialize, Serialize};

/// A name reduced to `A-Z a-z 0-9 . _ -`, at most 40 characters: what a comment can hold in every backend without
/// ending it, as one word. Names never appear anywhere else in a snippet.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(from = "String", into = "String")]
pub struct Label(String);

impl Label {
    /// The longest, in characters.
    pub const MAX: usize = 40;

    /// Reduces `text`; whatever is not in the alphabet becomes a dash.
    pub fn new(text: &str) -> Self {
        let safe = |c: char| if c.is_ascii_alphanumeric() || matches!(c, '.' | '_') { c } else { '-' };
        let reduced: String = text.trim().chars().take(Self::MAX).map(safe).collect();
        Self(if reduced.is_empty() { "-".to_owned() } else { reduced })
    }

    /// The reduced text, never empty.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Label {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl From<String> for Label {
    fn from(text: String) -> Self {
        Self::new(&text)
    }
}

impl From<Label> for String {
    fn from(label: Label) -> Self {
        label.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_cannot_leave_its_comment() {
        assert_eq!(Label::new("mc").as_str(), "mc");
        assert_eq!(Label::new("Ana's box\"; flush ruleset\n}").as_str(), "Ana-s-box---flush-ruleset--");
        assert_eq!(Label::new("''${x}*/").as_str(), "----x---");
        assert_eq!(Label::new(" ").as_str(), "-");
        assert_eq!(Label::new(&"é".repeat(99)).as_str().len(), Label::MAX);
    }
}
