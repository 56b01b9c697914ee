//! White space and comments between the values.

/// Length of the white space at the start of `bytes`.
pub fn whitespace_len(bytes: &[u8]) -> usize {
    bytes.iter().take_while(|byte| matches!(byte, b' ' | b'\t' | b'\r' | b'\n')).count()
}

/// A comment at the start of some bytes.
pub enum Comment {
    /// There is none.
    Absent,
    /// It has no end. A line comment ends with its line break, not with the text.
    Open,
    /// It is this long, the line break of a line comment included.
    Length(usize),
}

/// The comment at the start of `bytes`.
pub fn comment(bytes: &[u8]) -> Comment {
    let end = match bytes {
        [b'/', b'/', rest @ ..] => rest.iter().position(|byte| *byte == b'\n').map(|at| at + 3),
        [b'/', b'*', rest @ ..] => rest.windows(2).position(|pair| pair == b"*/").map(|at| at + 4),
        _ => return Comment::Absent,
    };
    end.map_or(Comment::Open, Comment::Length)
}

/// Whether `text` is more than white space.
pub fn has_comment(text: &str) -> bool {
    whitespace_len(text.as_bytes()) < text.len()
}

/// The words of all comments in `text`, without the signs around them.
pub fn comments(text: &str) -> Vec<&str> {
    let mut found = Vec::new();
    let mut rest = text;
    loop {
        rest = rest.get(whitespace_len(rest.as_bytes())..).unwrap_or_default();
        let Comment::Length(length) = comment(rest.as_bytes()) else { return found };
        let (own, next) = rest.split_at_checked(length).unwrap_or((rest, ""));
        let words = own.strip_prefix("//").or_else(|| own.strip_prefix("/*")?.strip_suffix("*/"));
        found.push(words.unwrap_or(own).trim());
        rest = next;
    }
}
