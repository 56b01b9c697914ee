//! Whose a comment is that stands between two entries.
//!
//! A blank line divides. What stands before the first divider belongs to the entry above, what stands after the
//! last to the entry below, what is in between to nobody. Without a blank line, a line comment on the line of the
//! entry above belongs to that, and everything else to the entry below.

use crate::extra::{Comment, comment, has_comment, whitespace_len};

/// Ends of the part of the entry above, and start of the part of the entry below.
fn borders(text: &str) -> (usize, usize) {
    let mut dividers = None;
    let mut at = 0;
    let mut breaks = 0;
    while let Some(rest) = text.get(at..).filter(|rest| !rest.is_empty()) {
        let blank = whitespace_len(rest.as_bytes());
        let (white, after) = rest.split_at_checked(blank).unwrap_or((rest, ""));
        if breaks + white.matches('\n').count() >= 2 {
            dividers = Some((dividers.map_or(at, |(first, _)| first), at));
        }
        let Comment::Length(length) = comment(after.as_bytes()) else { break };
        breaks = usize::from(after.starts_with("//"));
        at += blank + length;
    }
    dividers.unwrap_or_else(|| {
        let end = end_of_line_comment(text);
        (end, end)
    })
}

/// Where a line comment that starts on the first line ends, or 0.
fn end_of_line_comment(text: &str) -> usize {
    let blank = whitespace_len(text.as_bytes());
    let length = match comment(text.as_bytes().get(blank..).unwrap_or_default()) {
        Comment::Length(length) => length,
        Comment::Open | Comment::Absent => 0,
    };
    let first = text.get(..blank + length).unwrap_or_default();
    if first.matches('\n').count() == 1 && first.ends_with('\n') { first.len() } else { 0 }
}

/// Where the comments of the entry below start, after the white space before them.
fn leading_start(text: &str) -> usize {
    let (_, start) = borders(text);
    start + whitespace_len(text.as_bytes().get(start..).unwrap_or_default())
}

/// The comments that belong to the entry below.
pub fn leading(text: &str) -> &str {
    text.get(leading_start(text)..).unwrap_or_default()
}

/// The comments that belong to the entry above.
pub fn trailing(text: &str) -> &str {
    text.get(..borders(text).0).unwrap_or_default()
}

/// Takes out the comments of the entry below.
pub fn take_leading(text: &mut Box<str>) -> String {
    let (kept, taken) = text.split_at_checked(leading_start(text)).unwrap_or((text, ""));
    let (kept, taken) = (kept.into(), taken.to_owned());
    *text = kept;
    taken
}

/// Takes out the comments of the entry above. Their last line break is left as well.
pub fn take_trailing(text: &mut Box<str>) -> String {
    let taken = trailing(text).to_owned();
    *text = without_trailing(text).into();
    taken
}

fn without_trailing(text: &str) -> &str {
    let end = borders(text).0;
    let own = text.get(..end).unwrap_or_default();
    text.get(end - usize::from(own.ends_with('\n'))..).unwrap_or_default()
}

/// Puts comments in the place of those of the entry below.
pub fn set_leading(text: &mut Box<str>, comments: &str) {
    if comments.is_empty() {
        return;
    }
    let mut whole = text.get(..leading_start(text)).unwrap_or_default().to_owned();
    let comments = comments.get(whitespace_len(comments.as_bytes())..).unwrap_or_default();
    if !comments.is_empty() {
        // They need a line of their own.
        if whole.rsplit_once('\n').is_none_or(|(_, line)| has_comment(line)) {
            whole.push('\n');
        }
        whole.push_str(comments);
    }
    *text = whole.into();
}

/// Puts comments in the place of those of the entry above.
pub fn set_trailing(text: &mut Box<str>, comments: &str) {
    if comments.is_empty() {
        return;
    }
    let rest = without_trailing(text);
    let comments = match comments.strip_suffix('\n') {
        _ if !has_comment(comments) => "",
        Some(line) if rest.starts_with('\n') => line,
        _ => comments,
    };
    *text = format!("{comments}{rest}").into();
}
