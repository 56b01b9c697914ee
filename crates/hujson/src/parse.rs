use crate::extra::{Comment, comment, whitespace_len};
use crate::{Array, Kind, LineIndex, Literal, Member, Object, ParseError, Reason, Value, quote};

/// How many objects and arrays may stand inside each other.
///
/// The Go library has no limit of its own; this one keeps every walk over the tree within a small stack.
pub const MAX_DEPTH: usize = 512;

/// Reads one HuJSON value from `source`.
///
/// # Errors
/// The first place where the text leaves the grammar, in the words of the Go library; besides, more than
/// [`MAX_DEPTH`] levels and texts of 4 GiB.
pub fn parse(source: &[u8]) -> Result<Value, ParseError> {
    let mut parser = Parser { source, at: 0, depth: 0 };
    let parsed = match u32::try_from(source.len()) {
        Ok(_) => parser.document(),
        Err(_) => Err(Failure { offset: 0, reason: Reason::Size(u32::MAX as usize) }),
    };
    parsed.map_err(|Failure { offset, reason }| {
        let place = LineIndex::new(source.get(..offset).unwrap_or(source)).position(offset);
        ParseError { offset, line: place.line, column: place.column, reason }
    })
}

/// Reads one HuJSON value from text; see [`parse`].
pub fn parse_str(source: &str) -> Result<Value, ParseError> {
    parse(source.as_bytes())
}

struct Failure {
    offset: usize,
    reason: Reason,
}

struct Parser<'a> {
    source: &'a [u8],
    at: usize,
    depth: usize,
}

impl<'a> Parser<'a> {
    fn document(&mut self) -> Result<Value, Failure> {
        let before = self.extra()?;
        let value = self.value(before)?;
        if self.at < self.source.len() { self.stray("after top-level value") } else { Ok(value) }
    }

    /// A value and the text after it, when the text before it is read already.
    fn value(&mut self, before: &str) -> Result<Value, Failure> {
        let start = self.at;
        let kind = self.kind()?;
        let end = self.at;
        let after = self.extra()?;
        let mut value = Value::bare(kind);
        (value.start, value.end) = (offset(start), offset(end));
        value.set_before(before);
        value.set_after((!after.is_empty()).then(|| after.into()));
        Ok(value)
    }

    fn kind(&mut self) -> Result<Kind, Failure> {
        match self.peek() {
            None => self.fail(Reason::End("value")),
            Some(b'{') => self.nested(Self::object),
            Some(b'[') => self.nested(Self::array),
            Some(b'"') => self.string(),
            Some(_) => self.word(),
        }
    }

    fn nested(&mut self, read: fn(&mut Self) -> Result<Kind, Failure>) -> Result<Kind, Failure> {
        if self.depth == MAX_DEPTH {
            return self.fail(Reason::Depth(MAX_DEPTH));
        }
        self.depth += 1;
        self.at += 1;
        let kind = read(self);
        self.depth -= 1;
        kind
    }

    fn object(&mut self) -> Result<Kind, Failure> {
        let mut members: Vec<Member> = Vec::new();
        loop {
            let before = self.extra()?;
            if self.peek() == Some(b'}') {
                self.at += 1;
                if let Some(last) = members.last_mut() {
                    last.value.set_followed();
                }
                return Ok(object(members, before.into()));
            }
            let name = self.value(before)?;
            if name.as_str().is_none() {
                self.at = name.span().start;
                return self.stray("at start of object name");
            }
            match self.peek() {
                None => return self.fail(Reason::End("object after name")),
                Some(b':') => self.at += 1,
                Some(_) => return self.stray("after object name"),
            }
            let before = self.extra()?;
            let mut value = self.value(before)?;
            let last =
                self.separator(b'}', "object after value", "after object value (expecting ',' or '}')")?;
            let after = if last { value.take_after() } else { None };
            members.push(Member { name, value });
            if last {
                return Ok(object(members, after.unwrap_or_default()));
            }
        }
    }

    fn array(&mut self) -> Result<Kind, Failure> {
        let mut elements: Vec<Value> = Vec::new();
        loop {
            let before = self.extra()?;
            if self.peek() == Some(b']') {
                self.at += 1;
                if let Some(last) = elements.last_mut() {
                    last.set_followed();
                }
                return Ok(array(elements, before.into()));
            }
            let mut value = self.value(before)?;
            let last =
                self.separator(b']', "array after value", "after array value (expecting ',' or ']')")?;
            let after = if last { value.take_after() } else { None };
            elements.push(value);
            if last {
                return Ok(array(elements, after.unwrap_or_default()));
            }
        }
    }

    /// Reads a comma or the closing bracket; true for the bracket.
    fn separator(&mut self, close: u8, end: &'static str, place: &'static str) -> Result<bool, Failure> {
        match self.peek() {
            None => self.fail(Reason::End(end)),
            Some(byte) if byte == b',' || byte == close => {
                self.at += 1;
                Ok(byte == close)
            }
            Some(_) => self.stray(place),
        }
    }

    fn string(&mut self) -> Result<Kind, Failure> {
        let start = self.at;
        loop {
            self.at += 1;
            match self.peek() {
                None => return self.fail(Reason::End("string")),
                Some(b'\\') => self.at += 1,
                Some(b'"') => break,
                Some(_) => {}
            }
            if self.at >= self.source.len() {
                return self.fail(Reason::End("string"));
            }
        }
        self.at += 1;
        self.literal(start)
    }

    fn word(&mut self) -> Result<Kind, Failure> {
        let start = self.at;
        let letters = self.rest().iter();
        let length = letters.take_while(|b| b.is_ascii_alphanumeric() || b"+-.".contains(b)).count();
        if length == 0 {
            return self.stray("at start of value");
        }
        self.at += length;
        self.literal(start)
    }

    fn literal(&mut self, start: usize) -> Result<Kind, Failure> {
        let source = self.source.get(start..self.at).unwrap_or_default();
        Literal::checked(source).map(Kind::Literal).ok_or_else(|| Failure {
            offset: start,
            reason: Reason::Literal(String::from_utf8_lossy(source).into_owned()),
        })
    }

    /// White space and comments up to the next thing that is neither.
    fn extra(&mut self) -> Result<&'a str, Failure> {
        let start = self.at;
        loop {
            self.at += whitespace_len(self.rest());
            match comment(self.rest()) {
                Comment::Absent => break,
                Comment::Open => return self.fail(Reason::End("comment")),
                Comment::Length(length) => {
                    if self.rest().get(..length).is_none_or(|bytes| str::from_utf8(bytes).is_err()) {
                        return self.fail(Reason::CommentEncoding);
                    }
                    self.at += length;
                }
            }
        }
        let bytes = self.source.get(start..self.at).unwrap_or_default();
        Ok(str::from_utf8(bytes).unwrap_or_default())
    }

    fn peek(&self) -> Option<u8> {
        self.source.get(self.at).copied()
    }

    fn rest(&self) -> &'a [u8] {
        self.source.get(self.at..).unwrap_or_default()
    }

    fn fail<T>(&self, reason: Reason) -> Result<T, Failure> {
        Err(Failure { offset: self.at.min(self.source.len()), reason })
    }

    fn stray<T>(&self, place: &'static str) -> Result<T, Failure> {
        self.fail(Reason::Character { shown: quote::character(self.rest()), place })
    }
}

// A vector has room for at least four, which small objects and arrays in large numbers cannot afford.

fn object(mut members: Vec<Member>, after: Box<str>) -> Kind {
    members.shrink_to_fit();
    Kind::Object(Box::new(Object { members, after }))
}

fn array(mut elements: Vec<Value>, after: Box<str>) -> Kind {
    elements.shrink_to_fit();
    Kind::Array(Box::new(Array { elements, after }))
}

/// Offsets fit: [`parse`] refuses larger texts, and texts made by changes saturate.
pub(crate) fn offset(at: usize) -> u32 {
    u32::try_from(at).unwrap_or(u32::MAX)
}
