use std::iter::repeat_n;

use super::entries::Entries;
use crate::{Kind, Value};

/// How a text is written around a place.
pub struct Style {
    /// White space before an entry on a line of its own.
    pub indent: String,
    /// What one more level adds to it.
    pub unit: String,
    pub line_end: &'static str,
}

impl Style {
    /// The style of the line that `offset` is on.
    pub fn of(text: &str, root: &Value, offset: usize) -> Self {
        let rest = text.get(offset..).unwrap_or_default();
        let line_end =
            if line_break(rest).or_else(|| line_break(text)) == Some("\r\n") { "\r\n" } else { "\n" };
        let unit = unit(text, root).unwrap_or("\t").to_owned();
        Self { indent: indent_at(text, offset).to_owned(), unit, line_end }
    }

    /// The style for entries between these brackets.
    pub fn of_entries(text: &str, root: &Value, entries: &Entries, offset: usize) -> Self {
        let mut style = Self::of(text, root, offset);
        let own_lines = entries.list.iter().rev().find_map(|place| own_indent(text, place.start));
        style.indent = match own_lines {
            Some(indent) => indent.to_owned(),
            None => indent_at(text, entries.tail.end).to_owned() + &style.unit,
        };
        style
    }

    /// `json` with its further lines in this style; tabs at their starts are levels.
    pub fn indented(&self, json: &str) -> String {
        let mut lines = json.split('\n').map(|line| line.strip_suffix('\r').unwrap_or(line));
        let mut out = lines.next().unwrap_or_default().to_owned();
        for line in lines {
            let inner = line.trim_start_matches('\t');
            out.push_str(self.line_end);
            if !inner.is_empty() {
                out.push_str(&self.indent);
                out.extend(repeat_n(&*self.unit, line.len() - inner.len()));
                out.push_str(inner);
            }
        }
        out
    }
}

/// Whether the text mostly has a comma behind the last entry, where entries have their own lines.
pub fn trailing_commas(text: &str, root: &Value) -> bool {
    let (mut with, mut without) = (0, 0);
    walk(root, &mut |value| {
        if let Some(entries) = Entries::of(value)
            && entries.broken(text)
            && let Some(last) = entries.list.last()
        {
            *(if last.comma.is_some() { &mut with } else { &mut without }) += 1;
        }
    });
    with > without
}

/// What the first entry on a line of its own is indented by, compared to the line of its bracket.
fn unit<'t>(text: &'t str, root: &Value) -> Option<&'t str> {
    let mut found = None;
    walk(root, &mut |value| {
        if found.is_none()
            && let Some(entries) = Entries::of(value)
        {
            let outer = indent_at(text, value.span().start);
            let own = entries.list.iter().find_map(|place| own_indent(text, place.start));
            found = own.and_then(|own| own.strip_prefix(outer)).filter(|unit| !unit.is_empty());
        }
    });
    found
}

fn walk<'v>(value: &'v Value, visit: &mut impl FnMut(&'v Value)) {
    visit(value);
    match &value.kind {
        Kind::Literal(_) => {}
        Kind::Array(array) => array.elements.iter().for_each(|element| walk(element, visit)),
        Kind::Object(object) => object.members.iter().for_each(|member| walk(&member.value, visit)),
    }
}

/// The first line break of `text`.
fn line_break(text: &str) -> Option<&'static str> {
    let (line, _) = text.split_once('\n')?;
    Some(if line.ends_with('\r') { "\r\n" } else { "\n" })
}

/// White space at the start of the line that `offset` is on.
fn indent_at(text: &str, offset: usize) -> &str {
    let line = line_before(text, offset);
    let length = line.len() - line.trim_start_matches([' ', '\t']).len();
    line.get(..length).unwrap_or_default()
}

/// The same, if nothing else is between it and `offset`, and it is not the first line.
fn own_indent(text: &str, offset: usize) -> Option<&str> {
    let line = line_before(text, offset);
    (line.len() < offset && line.trim_start_matches([' ', '\t']).is_empty()).then_some(line)
}

fn line_before(text: &str, offset: usize) -> &str {
    let before = text.get(..offset).unwrap_or_default();
    before.rsplit_once('\n').map_or(before, |(_, line)| line)
}
