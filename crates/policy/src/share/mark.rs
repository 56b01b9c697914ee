//! Finding the rules of shares by the marks above them.

use hujson::{Member, Value};

use super::rule::marked;
use super::{EditError, ShareId};

/// The comment above a section that says that the list was there, and empty, before the first share.
pub(super) fn was_empty(section: &str) -> String {
    format!("acequia:{}-were-empty", section.to_ascii_lowercase())
}

/// A section by name, whatever its case.
pub(crate) fn section<'a>(root: &'a Value, name: &str) -> Result<Option<&'a Member>, EditError> {
    let members = root.as_object().map(|object| object.members_ignore_case(name).collect::<Vec<_>>());
    match members.unwrap_or_default().as_slice() {
        [] => Ok(None),
        [only] => Ok(Some(only)),
        _ => Err(EditError::Duplicate(name.to_owned())),
    }
}

/// The shares that are marked in a list of rules: index of the rule, id.
pub(super) fn marks(rules: Option<&Member>) -> Vec<(usize, ShareId)> {
    let array = rules.and_then(|member| member.value().as_array());
    let elements = array.iter().flat_map(|array| array.elements().iter().enumerate());
    let mark = |(index, element): (usize, &Value)| {
        let ids = above(element.before()).into_iter().filter_map(|comment| marked(comment.text));
        ids.map(move |id| (index, id)).collect::<Vec<_>>()
    };
    elements.flat_map(mark).collect()
}

/// A comment in the text before a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Comment<'a> {
    /// Where it starts in the text.
    pub start: usize,
    /// Without slashes and stars.
    pub text: &'a str,
}

/// The comments that stand above a value or, in a text without line breaks, before it. One on the line of the
/// value before belongs to that.
pub(super) fn above(before: &str) -> Vec<Comment<'_>> {
    // Everything belongs to the value if there is no line break at all.
    let first = before.find('\n').unwrap_or(0);
    comments(before).into_iter().filter(|comment| comment.start >= first).collect()
}

/// All comments in the text between two values.
pub(super) fn comments(before: &str) -> Vec<Comment<'_>> {
    let mut found = Vec::new();
    let mut at = 0;
    while let Some(rest) = before.get(at..).filter(|rest| !rest.is_empty()) {
        let (text, len) = if let Some(line) = rest.strip_prefix("//") {
            let end = line.find('\n').unwrap_or(line.len());
            (line.get(..end), 2 + end)
        } else if let Some(block) = rest.strip_prefix("/*") {
            let end = block.find("*/").unwrap_or(block.len());
            (block.get(..end), 4 + end)
        } else {
            at += rest.chars().next().map_or(1, char::len_utf8);
            continue;
        };
        found.extend(text.map(|text| Comment { start: at, text }));
        at += len;
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_comment_on_the_line_of_the_value_before_is_not_above() {
        let texts = |before| above(before).into_iter().map(|comment| comment.text.trim()).collect::<Vec<_>>();
        assert_eq!(texts(" // of the last\n  // mine\n  "), ["mine"]);
        assert_eq!(texts(" /* mine */ "), ["mine"]);
        assert_eq!(texts("\r\n\t/* a */ // b\r\n\t"), ["a", "b"]);
        assert_eq!(texts(""), [""; 0]);
    }
}
