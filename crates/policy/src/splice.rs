//! Changes of a text that leave every other byte alone.

pub use hujson::edit::Splice;

/// The one change that turns a text into another, as small as whole characters allow.
pub fn between(before: &str, after: &str) -> Option<Splice> {
    if before == after {
        return None;
    }
    let differs = before.char_indices().zip(after.chars()).find(|((_, a), b)| a != b);
    let start = differs.map_or(before.len().min(after.len()), |((at, _), _)| at);
    let (old, new) = (before.get(start..)?, after.get(start..)?);
    let pairs = old.chars().rev().zip(new.chars().rev());
    let tail: usize = pairs.take_while(|(a, b)| a == b).map(|(a, _)| a.len_utf8()).sum();
    let replacement = new.get(..new.len().checked_sub(tail)?)?.to_owned();
    Some(Splice { range: start..before.len().checked_sub(tail)?, replacement })
}

/// Makes all changes at once; their ranges are those of the text before. `None` if they overlap or do not lie
/// in the text.
pub fn apply(text: &str, splices: &[Splice]) -> Option<String> {
    let mut sorted: Vec<&Splice> = splices.iter().collect();
    sorted.sort_by_key(|splice| (splice.range.start, splice.range.end));
    let mut result = String::with_capacity(text.len());
    let mut done = 0;
    for splice in sorted {
        result.push_str(text.get(done..splice.range.start)?);
        result.push_str(&splice.replacement);
        done = splice.range.end;
    }
    result.push_str(text.get(done..)?);
    Some(result)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn the_change_between_two_texts_turns_one_into_the_other(before in "[abé,\n]{0,12}", after in "[abé,\n]{0,12}") {
            let splices: Vec<Splice> = between(&before, &after).into_iter().collect();
            prop_assert_eq!(apply(&before, &splices), Some(after));
        }
    }

    #[test]
    fn changes_that_overlap_or_leave_the_text_are_refused() {
        let splice = |range, text: &str| Splice { range, replacement: text.into() };
        assert_eq!(apply("abc", &[splice(0..2, "x"), splice(1..3, "y")]), None);
        assert_eq!(apply("abc", &[splice(2..4, "x")]), None);
        assert_eq!(apply("é", &[splice(1..1, "x")]), None);
    }
}
