//! Differences between two texts, by line.

use app::ports::shares::{DiffKind, DiffLine};
use similar::{ChangeTag, TextDiff};

/// The lines that differ, for the audit trail.
pub struct ChangedLines {
    pub before: String,
    pub after: String,
}

/// Only the lines that differ.
pub fn changed_lines(before: &str, after: &str) -> ChangedLines {
    let mut changed = ChangedLines { before: String::new(), after: String::new() };
    for change in TextDiff::from_lines(before, after).iter_all_changes() {
        match change.tag() {
            ChangeTag::Equal => {}
            ChangeTag::Delete => changed.before.push_str(change.value()),
            ChangeTag::Insert => changed.after.push_str(change.value()),
        }
    }
    changed
}

/// The difference with three lines around each change, and line numbers of both texts.
pub fn hunks(before: &str, after: &str) -> Vec<DiffLine> {
    let diff = TextDiff::from_lines(before, after);
    let number = |index: Option<usize>| index.and_then(|i| u32::try_from(i + 1).ok());
    let mut lines = Vec::new();
    for (i, group) in diff.grouped_ops(3).iter().enumerate() {
        if i > 0 {
            lines.push(DiffLine { kind: DiffKind::Gap, old: None, new: None, text: String::new() });
        }
        for change in group.iter().flat_map(|op| diff.iter_changes(op)) {
            let kind = match change.tag() {
                ChangeTag::Equal => DiffKind::Same,
                ChangeTag::Delete => DiffKind::Removed,
                ChangeTag::Insert => DiffKind::Added,
            };
            let text = change.value().trim_end_matches(['\n', '\r']).to_owned();
            lines.push(DiffLine {
                kind,
                old: number(change.old_index()),
                new: number(change.new_index()),
                text,
            });
        }
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_difference_has_the_numbers_of_both_texts() {
        let lines = hunks("a\nb\n", "a\nnew\nb\n");
        let told: Vec<_> = lines.iter().map(|l| (l.kind, l.old, l.new, l.text.as_str())).collect();
        assert_eq!(
            told,
            [
                (DiffKind::Same, Some(1), Some(1), "a"),
                (DiffKind::Added, None, Some(2), "new"),
                (DiffKind::Same, Some(2), Some(3), "b"),
            ]
        );
        assert_eq!(changed_lines("a\nb\n", "a\nc\n").before, "b\n");
    }
}
