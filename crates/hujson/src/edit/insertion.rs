use std::fmt::Write;

use super::entries::{Entries, Place};
use super::style::{self, Style};
use super::{EditError, Splice, removal};
use crate::extra::{Comment, comment, comments, has_comment, whitespace_len};
use crate::{Kind, Literal, Member, Value, parse_str};

/// What is to be put in.
pub struct Entry<'a> {
    pub name: Option<&'a str>,
    pub comment: Option<&'a str>,
    pub json: &'a str,
}

pub fn splices(text: &str, root: &Value, entries: &Entries, entry: &Entry) -> Result<Vec<Splice>, EditError> {
    let json = trimmed(entry.json)?;
    let mut head = String::new();
    if let Some(name) = entry.name {
        head.push_str(&Literal::string(name).source());
        head.push_str(if entries.tight_colons { ":" } else { ": " });
    }
    // Brackets with nothing but a comment between them: behind that comment is a place that can be found again
    // only on a line of its own.
    let comment_only = entries.list.is_empty() && text.get(entries.tail.clone()).is_some_and(has_comment);
    if entries.broken(text) || comment_only {
        Ok(on_own_lines(text, root, entries, entry, &(head + json)))
    } else {
        head.push_str(&in_one_piece(json));
        Ok(vec![on_the_line(text, entries, entry, &head)])
    }
}

/// `json` without the white space around it.
pub fn trimmed(json: &str) -> Result<&str, EditError> {
    let value = parse_str(json).map_err(EditError::Value)?;
    if has_comment(value.before()) || has_comment(value.after()) {
        return Err(EditError::Around);
    }
    Ok(json.get(value.span()).unwrap_or_default())
}

/// The new entry on lines of its own, below the line of the last one.
fn on_own_lines(text: &str, root: &Value, entries: &Entries, entry: &Entry, body: &str) -> Vec<Splice> {
    let at = end_of_line(text, entries);
    let style = Style::of_entries(text, root, entries, at);
    let mut lines = String::new();
    if removal::apart(text, entries, entries.list.len()) {
        lines.push_str(style.line_end);
    }
    for line in entry.comment.into_iter().flat_map(str::lines) {
        lines.push_str(style.line_end);
        lines.push_str(&style.indent);
        lines.push_str(format!("// {line}").trim_end());
    }
    lines.push_str(style.line_end);
    lines.push_str(&style.indent);
    lines.push_str(&style.indented(body));
    let last = entries.list.last();
    if last.map_or_else(|| style::trailing_commas(text, root), |last| last.comma.is_some()) {
        lines.push(',');
    }
    let mut splices = Vec::new();
    if let Some(last) = last.filter(|last| last.comma.is_none()) {
        splices.push(Splice { range: last.end..last.end, replacement: ",".to_owned() });
    }
    splices.push(Splice { range: at..at, replacement: lines });
    splices
}

/// Where the line of the last entry (or opening bracket) ends, comments on it included. If the closing bracket is
/// on that line, the end of the last comment before it.
fn end_of_line(text: &str, entries: &Entries) -> usize {
    let tail = text.get(entries.tail.clone()).unwrap_or_default();
    let mut length = 0;
    loop {
        let rest = tail.get(length..).unwrap_or_default();
        let blank = whitespace_len(rest.as_bytes());
        let (white, after) = rest.split_at_checked(blank).unwrap_or((rest, ""));
        if white.contains('\n') {
            return entries.tail.start + length + up_to_line_break(white);
        }
        match comment(after.as_bytes()) {
            Comment::Length(own) if after.starts_with("//") => {
                let line = after.get(..own).unwrap_or_default();
                return entries.tail.start + length + blank + up_to_line_break(line);
            }
            Comment::Length(own) => length += blank + own,
            Comment::Open | Comment::Absent => return entries.tail.start + length,
        }
    }
}

fn up_to_line_break(text: &str) -> usize {
    let line = text.split_once('\n').map_or(text, |(line, _)| line);
    line.strip_suffix('\r').unwrap_or(line).len()
}

/// The new entry right behind the last one.
fn on_the_line(text: &str, entries: &Entries, entry: &Entry, body: &str) -> Splice {
    let (at, mut added, space, last_comma) = match entries.list.last() {
        // Behind the comments of the last entry, so that they stay its own.
        Some(last) if last.comma.is_none() => {
            let tail = text.get(entries.tail.clone()).unwrap_or_default();
            let at = entries.tail.start + tail.trim_end_matches([' ', '\t', '\r']).len();
            (at, ",".to_owned(), spaced(text, entries), "")
        }
        Some(last) => (last.rest(), String::new(), spaced(text, entries), ","),
        None => {
            let padded = text.get(entries.tail.clone()).is_some_and(|tail| tail.starts_with(' '));
            (entries.tail.start, String::new(), padded, "")
        }
    };
    if space {
        added.push(' ');
    }
    if let Some(comment) = entry.comment {
        push_block_comment(&mut added, comment);
    }
    added.push_str(body);
    added.push_str(last_comma);
    Splice { range: at..at, replacement: added }
}

/// Whether entries have a space before them; a single entry does not tell.
fn spaced(text: &str, entries: &Entries) -> bool {
    let tight = |last: &Place| !text.get(last.before.clone()).is_some_and(|before| before.starts_with(' '));
    entries.list.len() < 2 || !entries.list.last().is_some_and(tight)
}

/// `json` without line breaks; its line comments become block comments.
fn in_one_piece(json: &str) -> String {
    let Ok(mut value) = parse_str(json) else { return json.to_owned() };
    join(&mut value);
    value.pack_text()
}

fn join(value: &mut Value) {
    match &mut value.kind {
        Kind::Literal(_) => {}
        Kind::Array(array) => {
            for (index, element) in array.elements.iter_mut().enumerate() {
                join_around(element, if index == 0 { "" } else { " " });
                join(element);
            }
        }
        Kind::Object(object) => {
            for (index, Member { name, value }) in object.members.iter_mut().enumerate() {
                join_around(name, if index == 0 { "" } else { " " });
                join_around(value, " ");
                join(value);
            }
        }
    }
    if let Some((last, end)) = value.end_mut() {
        *end = one_line(end, "").into();
        if let Some(last) = last.filter(|last| end.is_empty() && last.after().is_empty()) {
            last.set_after(None);
        }
    }
}

fn join_around(value: &mut Value, space: &str) {
    value.set_before(&one_line(value.before(), space));
    if value.after().contains('\n') {
        value.set_after(Some(one_line(value.after(), "").into()));
    }
}

/// White space and comments on one line; `space` where there is no comment.
fn one_line(text: &str, space: &str) -> String {
    if !text.contains('\n') {
        return text.to_owned();
    }
    let mut out = space.to_owned();
    for words in comments(text) {
        push_block_comment(&mut out, words);
    }
    out
}

/// Adds words as a block comment, with a space after it.
fn push_block_comment(out: &mut String, words: &str) {
    let words = words.split_whitespace().collect::<Vec<_>>().join(" ").replace("*/", "* /");
    let _ = write!(out, "/* {words} */ ");
}
