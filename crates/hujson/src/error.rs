use thiserror::Error;

/// Why a text is not HuJSON, and where. The text is that of the Go library, character for character.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("hujson: line {line}, column {column}: {reason}")]
pub struct ParseError {
    /// Byte offset of the trouble in the source.
    pub offset: usize,
    /// Line of the trouble, from 1.
    pub line: usize,
    /// Column of the trouble in bytes, from 1.
    pub column: usize,
    /// What is wrong there.
    pub reason: Reason,
}

/// What the parser could not take.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum Reason {
    /// A character that has no place here; `shown` is it in quotes, escaped where it cannot be printed.
    #[error("invalid character {shown} {place}")]
    Character {
        /// The character in single quotes.
        shown: String,
        /// What the parser had just read or was about to read.
        place: &'static str,
    },
    /// A string, number or word that JSON does not know.
    #[error("invalid literal: {0}")]
    Literal(String),
    /// The text ends too early.
    #[error("parsing {0}: unexpected EOF")]
    End(&'static str),
    /// A comment that is not UTF-8.
    #[error("invalid UTF-8 in comment")]
    CommentEncoding,
    /// More than [`MAX_DEPTH`](crate::MAX_DEPTH) objects and arrays inside each other.
    #[error("nested deeper than {0} levels")]
    Depth(usize),
    /// A text of 4 GiB or more.
    #[error("text is larger than {0} bytes")]
    Size(usize),
}
