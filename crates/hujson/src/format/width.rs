use crate::extra::{Comment, comment, whitespace_len};

/// Longest line, in bytes, that an object or array in one piece may make.
pub const LINE_LIMIT: usize = 80;

/// How long the first and the last line of a text are. On one line, both are the same.
#[derive(Clone, Copy)]
pub struct Width {
    pub first: usize,
    pub last: usize,
    pub many_lines: bool,
}

impl Width {
    pub fn line(length: usize) -> Self {
        Self { first: length, last: length, many_lines: false }
    }

    /// The width of white space and comments once they are formatted, roughly.
    pub fn of_extra(text: &str) -> Self {
        match (text.split_once('\n'), text.rsplit_once('\n')) {
            (Some((first, _)), Some((_, last))) => {
                Self { first: comments_length(first), last: comments_length(last), many_lines: true }
            }
            _ => Self::line(comments_length(text)),
        }
    }
}

/// Length of the comments in a part of one line, each with a space before it.
fn comments_length(line: &str) -> usize {
    let mut rest = line.as_bytes();
    let mut length = 0;
    loop {
        rest = rest.get(whitespace_len(rest)..).unwrap_or_default();
        match comment(rest) {
            Comment::Length(own) => {
                length += 1 + own;
                rest = rest.get(own..).unwrap_or_default();
            }
            Comment::Open => return length + 1 + rest.len(),
            Comment::Absent => return length + usize::from(length > 0),
        }
    }
}

/// Adds up pieces of text to the lengths of the lines that they make.
#[derive(Default)]
pub struct Lines {
    current: usize,
    first: Option<usize>,
    longest: usize,
}

impl Lines {
    pub fn add(&mut self, length: usize) {
        self.current += length;
    }

    pub fn append(&mut self, width: Width) {
        self.current += width.first;
        if width.many_lines {
            self.end_line();
            self.current = width.last;
        }
    }

    /// The width of all, and the length of its longest line.
    pub fn finish(mut self) -> (Width, usize) {
        let many_lines = self.first.is_some();
        self.end_line();
        let width = Width { first: self.first.unwrap_or(self.current), last: self.current, many_lines };
        (width, self.longest)
    }

    fn end_line(&mut self) {
        self.first.get_or_insert(self.current);
        self.longest = self.longest.max(self.current);
    }
}
