use std::ops::Range;

use super::Splice;
use super::entries::{Entries, Place};
use crate::extra::{Comment, comment, whitespace_len};

/// Takes out an entry; `None` if there is no such entry.
pub fn splices(text: &str, entries: &Entries, index: usize) -> Option<Vec<Splice>> {
    let place = entries.list.get(index)?;
    let previous = index.checked_sub(1).and_then(|before| entries.list.get(before));
    let next = entries.list.get(index + 1);
    let before = text.get(place.before.clone()).unwrap_or_default();
    let behind =
        text.get(next.map_or_else(|| entries.tail.clone(), |next| next.before.clone())).unwrap_or_default();

    let range = match start_of_lines(before) {
        Some(start) => {
            let empty_line = start.empty_line.filter(|_| apart(text, entries, index));
            own_lines(place, before, empty_line.unwrap_or(start.line_break), behind)
        }
        None if previous.is_none() && next.is_some() => {
            // What stood between bracket and first entry now stands before the next.
            let lead = whitespace_len(before.as_bytes());
            let skip = behind.len() - behind.trim_start_matches([' ', '\t']).len();
            place.before.start + lead..place.rest() + skip
        }
        None => place.before.start..place.rest(),
    };
    let mut splices = Vec::new();
    if place.comma.is_none()
        && let Some(comma) = previous.and_then(|previous| previous.comma)
    {
        if comma + 1 == range.start {
            return Some(vec![cut(comma..range.end)]);
        }
        splices.push(cut(comma..comma + 1));
    }
    splices.push(cut(range));
    Some(splices)
}

fn cut(range: Range<usize>) -> Splice {
    Splice { range, replacement: String::new() }
}

/// The lines of an entry: from the line break before them to the end of the last one, if nothing else is on it.
fn own_lines(place: &Place, before: &str, start: LineBreak, behind: &str) -> Range<usize> {
    let end = place.rest() + end_of_line(behind).unwrap_or(0);
    let kept = behind.get(end - place.rest()..).unwrap_or_default();
    let start = if start.ends_comment && !(kept.starts_with('\n') || kept.starts_with("\r\n")) {
        // Without its line break, the line comment would swallow what follows.
        start.at + 1 + before.get(start.at..).map_or(0, |rest| usize::from(rest.starts_with('\r')))
    } else {
        start.at
    };
    place.before.start + start..end
}

/// Length of comments and white space up to the end of the line, if the line has a comment and nothing else.
fn end_of_line(behind: &str) -> Option<usize> {
    let mut at = 0;
    loop {
        let rest = behind.get(at..)?;
        let blank = whitespace_len(rest.as_bytes());
        let (white, after) = rest.split_at_checked(blank)?;
        if white.contains('\n') {
            return Some(at).filter(|at| *at > 0);
        }
        let Comment::Length(length) = comment(after.as_bytes()) else { return None };
        let own = after.get(..length)?;
        if let Some(line) = own.strip_prefix("//").and_then(|_| own.strip_suffix('\n')) {
            return Some(at + blank + line.strip_suffix('\r').unwrap_or(line).len());
        }
        at += blank + length;
    }
}

/// Whether the entry before `index` is set off by an empty line from the one before it, so that the one at `index`
/// is, or is to be, as well.
pub fn apart(text: &str, entries: &Entries, index: usize) -> bool {
    let previous =
        index.checked_sub(1).filter(|previous| *previous > 0).and_then(|previous| entries.list.get(previous));
    let before = previous.and_then(|previous| text.get(previous.before.clone()));
    before.and_then(start_of_lines).is_some_and(|start| start.empty_line.is_some())
}

/// What is in front of an entry's own lines.
#[derive(Clone, Copy)]
struct Start {
    line_break: LineBreak,
    /// The line break before that, if there is nothing in between.
    empty_line: Option<LineBreak>,
}

#[derive(Clone, Copy)]
struct LineBreak {
    /// Where it is in the text before the entry.
    at: usize,
    /// Whether a line comment ends with it.
    ends_comment: bool,
}

/// Where the lines of an entry start, in the text before it: with the comment lines directly above it. `None` if
/// something else is on its line.
fn start_of_lines(before: &str) -> Option<Start> {
    let mut start: Option<Start> = None;
    let mut at = 0;
    loop {
        let rest = before.get(at..)?;
        let blank = whitespace_len(rest.as_bytes());
        let (white, after) = rest.split_at_checked(blank)?;
        let of_comment = before.get(..at)?.strip_suffix('\n');
        let of_comment = of_comment.map(|line| LineBreak { at: carriage_return(line), ends_comment: true });
        if let Some((head, _)) = white.rsplit_once('\n') {
            let line_break = LineBreak { at: at + carriage_return(head), ends_comment: false };
            let (above, empty) = match head.rsplit_once('\n') {
                Some((above, line)) => {
                    (Some(LineBreak { at: at + carriage_return(above), ends_comment: false }), line)
                }
                None => (of_comment, head),
            };
            // What stands above an empty line is not the entry's own.
            if above.is_some() || start.is_none() {
                start = Some(Start { line_break, empty_line: above.filter(|_| carriage_return(empty) == 0) });
            }
        } else if let Some(line_break) = of_comment.filter(|_| start.is_none()) {
            start = Some(Start { line_break, empty_line: None });
        }
        let Comment::Length(length) = comment(after.as_bytes()) else { return start };
        at += blank + length;
    }
}

/// The part of the text before an entry that goes with it.
pub fn own_part(before: &str) -> &str {
    start_of_lines(before).map_or(before, |start| before.get(start.line_break.at..).unwrap_or_default())
}

/// Length of a line without the carriage return at its end.
fn carriage_return(line: &str) -> usize {
    line.strip_suffix('\r').unwrap_or(line).len()
}
