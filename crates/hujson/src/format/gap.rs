use super::comment;
use crate::Value;
use crate::extra::{Comment, comment as comment_at, whitespace_len};

/// What may stand in one place between two values.
#[derive(Clone, Copy, Default)]
#[expect(clippy::struct_excessive_bools, reason = "independent switches of one formatter, set by name")]
pub struct Gap {
    starts_with_line_break: bool,
    ends_with_line_break: bool,
    no_empty_line_first: bool,
    no_empty_line_last: bool,
    last_line_unindented: bool,
    never_empty: bool,
}

impl Gap {
    /// Between name and colon, or value and comma.
    pub const INSIDE_ENTRY: Self = Self {
        starts_with_line_break: false,
        ends_with_line_break: false,
        no_empty_line_first: true,
        no_empty_line_last: true,
        last_line_unindented: false,
        never_empty: false,
    };

    /// Between colon and value.
    pub const AFTER_COLON: Self = Self { never_empty: true, ..Self::INSIDE_ENTRY };

    /// Before the name of a member or before an element.
    pub fn before_entry(expand: bool, index: usize) -> Self {
        Self {
            starts_with_line_break: expand,
            no_empty_line_first: index == 0,
            never_empty: index != 0,
            ..Self::default()
        }
    }

    /// Before the closing bracket.
    pub fn before_close(expand: bool, empty: bool) -> Self {
        Self {
            ends_with_line_break: expand,
            no_empty_line_first: empty,
            no_empty_line_last: true,
            last_line_unindented: true,
            ..Self::default()
        }
    }

    /// Formats the text in place.
    pub fn set(self, text: &mut Box<str>, depth: usize) {
        *text = self.formatted(text, depth).into();
    }

    /// Formats the text before a value.
    pub fn set_before(self, value: &mut Value, depth: usize) {
        value.set_before(&self.formatted(value.before(), depth));
    }

    /// Formats the text after a value.
    pub fn set_after(self, value: &mut Value, depth: usize) {
        if value.is_followed() {
            value.set_after(Some(self.formatted(value.after(), depth).into()));
        }
    }

    /// The text with comments indented by `depth` tabs and at most one blank line in a row.
    pub fn formatted(self, text: &str, depth: usize) -> String {
        let unix = text.replace("\r\n", "\n").replace("\n\r", "\n").replace('\r', " ");
        let mut out = String::new();
        if self.starts_with_line_break && !unix.contains('\n') {
            out.push('\n');
        }
        push_comments(&mut out, &unix, depth);
        if self.ends_with_line_break && !out.ends_with('\n') {
            out.push('\n');
        }
        if self.no_empty_line_first && out.starts_with("\n\n") {
            let kept = out.trim_start_matches('\n').len() + 1;
            out.drain(..out.len() - kept);
        }
        if self.no_empty_line_last && out.ends_with("\n\n") {
            out.truncate(out.trim_end_matches('\n').len() + 1);
        }
        if out.ends_with('\n') {
            push_tabs(&mut out, depth - usize::from(self.last_line_unindented));
        } else if !out.is_empty() || self.never_empty {
            out.push(' ');
        }
        out
    }
}

fn push_comments(out: &mut String, text: &str, depth: usize) {
    let mut rest = text;
    while !rest.is_empty() {
        let (blank, after) = rest.split_at_checked(whitespace_len(rest.as_bytes())).unwrap_or((rest, ""));
        let breaks = blank.matches('\n').count().min(2);
        out.extend(std::iter::repeat_n('\n', breaks));
        let Comment::Length(length) = comment_at(after.as_bytes()) else { return };
        // The line break of a line comment is left for the next round, where blank lines are counted.
        let length = if after.starts_with("//") { length - 1 } else { length };
        let (own, next) = after.split_at_checked(length).unwrap_or((after, ""));
        rest = next;
        if out.ends_with('\n') {
            push_tabs(out, depth);
        } else {
            out.push(' ');
        }
        if own.contains('\n') {
            comment::push_block(out, own, depth);
        } else {
            out.push_str(own.trim_end());
        }
    }
}

pub fn push_tabs(out: &mut String, depth: usize) {
    out.extend(std::iter::repeat_n('\t', depth));
}
