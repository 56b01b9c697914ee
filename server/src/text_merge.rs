//! One change carried over to a text that others changed meanwhile.

use std::ops::Range;

use similar::{DiffOp, TextDiff};

/// The change from `base` to `theirs`, made to `ours`, which is another descendant of `base`. Nothing if both changed
/// the same place.
///
/// By words, not by lines as merge tools do: rules of a policy stand in neighbouring lines, and share commas.
pub fn merged(base: &str, ours: &str, theirs: &str) -> Option<String> {
    let (base, ours, theirs) = (words(base), words(ours), words(theirs));
    let (mine, other) = (changes(&base, &ours), changes(&base, &theirs));
    let clash = |a: &Change<'_>, b: &Change<'_>| {
        let same_gap = a.at.is_empty() && b.at.is_empty() && a.at.start == b.at.start;
        same_gap || (a.at.start < b.at.end && b.at.start < a.at.end)
    };
    if mine.iter().any(|a| other.iter().any(|b| clash(a, b))) {
        return None;
    }
    let mut all: Vec<Change<'_>> = mine.into_iter().chain(other).collect();
    // What is put in before a word comes before what that word becomes.
    all.sort_by_key(|change| (change.at.start, change.at.end));
    let mut merged = String::new();
    let mut done = 0;
    for change in all {
        merged.extend(base.get(done..change.at.start)?.iter().copied());
        merged.push_str(&change.text);
        done = change.at.end;
    }
    merged.extend(base.get(done..)?.iter().copied());
    Some(merged)
}

/// Words of the base that become a text.
struct Change<'a> {
    at: Range<usize>,
    text: std::borrow::Cow<'a, str>,
}

fn changes<'a>(base: &[&'a str], new: &[&'a str]) -> Vec<Change<'a>> {
    let diff = TextDiff::from_slices(base, new);
    let changed = diff.ops().iter().filter(|op| !matches!(op, DiffOp::Equal { .. }));
    changed
        .map(|op| {
            let text = new.get(op.new_range()).unwrap_or_default().concat();
            Change { at: op.old_range(), text: text.into() }
        })
        .collect()
}

/// Runs of letters and digits, and every other character by itself.
fn words(text: &str) -> Vec<&str> {
    let mut words = Vec::new();
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let end = if first.is_alphanumeric() {
            rest.find(|c: char| !c.is_alphanumeric()).unwrap_or(rest.len())
        } else {
            first.len_utf8()
        };
        let (word, more) = rest.split_at(end);
        words.push(word);
        rest = more;
    }
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    const BEFORE: &str = "{\"acls\": [\n  {\"src\": [\"*\"], \"dst\": [\"*:*\"]}\n]}";

    #[test]
    fn a_change_is_taken_back_beside_one_in_the_same_line_and_the_next() {
        let after = BEFORE.replace("[\"*\"]", "[\"autogroup:member\", \"autogroup:tagged\"]");
        let ours = after.replace("]}\n", "]},\n  // a share\n  {\"src\": [\"dee@github\"]}\n");
        let expected = BEFORE.replace("]}\n", "]},\n  // a share\n  {\"src\": [\"dee@github\"]}\n");
        assert_eq!(merged(&after, &ours, BEFORE), Some(expected));
    }

    #[test]
    fn nothing_is_merged_where_both_changed_the_same_words() {
        let after = BEFORE.replace("[\"*\"]", "[\"autogroup:member\"]");
        let ours = after.replace("autogroup:member", "group:team");
        assert_eq!(merged(&after, &ours, BEFORE), None);
    }

    #[test]
    fn without_a_change_of_ours_the_result_is_theirs_and_the_other_way_round() {
        for (ours, theirs, expected) in
            [("a b", "a c é", "a c é"), ("x a b", "a b", "x a b"), ("", "a b", "")]
        {
            assert_eq!(merged("a b", ours, theirs).as_deref(), Some(expected));
        }
    }
}
