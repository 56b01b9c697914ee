use std::borrow::Cow;
use std::fmt::Write;

use crate::number;

/// The source of a JSON null, boolean, number or string.
///
/// A string may hold bytes that are not UTF-8, as the Go library allows; they read as U+FFFD.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Literal(Box<[u8]>);

impl Literal {
    /// The literal, if `source` is one without anything around it.
    pub(crate) fn checked(source: &[u8]) -> Option<Self> {
        let valid = match source {
            b"null" | b"true" | b"false" => true,
            [b'"', inner @ .., b'"'] => valid_string(inner),
            _ => number::valid(source),
        };
        valid.then(|| Self(source.into()))
    }

    /// The JSON string for `text`, escaped as RFC 8785 section 3.2.2.2 has it.
    pub fn string(text: &str) -> Self {
        let mut source = String::with_capacity(text.len() + 2);
        source.push('"');
        for c in text.chars() {
            match c {
                '"' => source.push_str("\\\""),
                '\\' => source.push_str("\\\\"),
                '\x08' => source.push_str("\\b"),
                '\t' => source.push_str("\\t"),
                '\n' => source.push_str("\\n"),
                '\x0c' => source.push_str("\\f"),
                '\r' => source.push_str("\\r"),
                '\0'..' ' => {
                    let _ = write!(source, "\\u{:04x}", u32::from(c));
                }
                _ => source.push(c),
            }
        }
        source.push('"');
        Self(source.into_bytes().into())
    }

    /// The bytes as they stand in the source, quotes and escapes included.
    pub fn bytes(&self) -> &[u8] {
        &self.0
    }

    /// The source as text.
    pub fn source(&self) -> Cow<'_, str> {
        replaced(&self.0)
    }

    /// The string without quotes and escapes, or `None` for another literal.
    pub fn as_str(&self) -> Option<Cow<'_, str>> {
        let [b'"', inner @ .., b'"'] = &*self.0 else { return None };
        Some(if inner.contains(&b'\\') { Cow::Owned(unescaped(inner)) } else { replaced(inner) })
    }

    /// The number as it is written, or `None` for another literal.
    pub fn as_number(&self) -> Option<&str> {
        let number = matches!(self.0.first(), Some(b'-' | b'0'..=b'9'));
        number.then(|| str::from_utf8(&self.0).ok()).flatten()
    }

    /// Whether the literal is a string that reads as `text`.
    pub fn is_string(&self, text: &str) -> bool {
        self.as_str().is_some_and(|own| own == text)
    }
}

fn valid_string(inner: &[u8]) -> bool {
    let mut rest = inner;
    loop {
        rest = match rest {
            [] => return true,
            [b'\\', b'u', a, b, c, d, rest @ ..] if [a, b, c, d].into_iter().all(u8::is_ascii_hexdigit) => {
                rest
            }
            [b'\\', b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't', rest @ ..] => rest,
            [b'\\' | b'"' | 0..0x20, ..] => return false,
            [_, rest @ ..] => rest,
        };
    }
}

/// One U+FFFD for every byte that is not UTF-8, as Go has it (Rust's own makes one for each broken sequence).
fn replaced(bytes: &[u8]) -> Cow<'_, str> {
    if let Ok(text) = str::from_utf8(bytes) {
        return Cow::Borrowed(text);
    }
    let mut text = String::with_capacity(bytes.len());
    for chunk in bytes.utf8_chunks() {
        text.push_str(chunk.valid());
        text.extend(chunk.invalid().iter().map(|_| char::REPLACEMENT_CHARACTER));
    }
    Cow::Owned(text)
}

fn unescaped(inner: &[u8]) -> String {
    let mut text = String::with_capacity(inner.len());
    let mut rest = inner;
    while let Some(at) = rest.iter().position(|byte| *byte == b'\\') {
        let (plain, escape) = rest.split_at(at);
        text.push_str(&replaced(plain));
        let (c, after) = match escape {
            [_, b'u', tail @ ..] => unescaped_unit(tail),
            [_, c, tail @ ..] => (simple_escape(*c), tail),
            _ => break,
        };
        text.push(c);
        rest = after;
    }
    text.push_str(&replaced(rest));
    text
}

fn simple_escape(letter: u8) -> char {
    match letter {
        b'b' => '\x08',
        b'f' => '\x0c',
        b'n' => '\n',
        b'r' => '\r',
        b't' => '\t',
        other => char::from(other),
    }
}

/// The character after `\u`. A surrogate without its other half is U+FFFD.
fn unescaped_unit(tail: &[u8]) -> (char, &[u8]) {
    let Some((unit, rest)) = hex4(tail) else { return (char::REPLACEMENT_CHARACTER, tail) };
    if let Some(c) = char::from_u32(unit) {
        return (c, rest);
    }
    if let (0xd800..0xdc00, [b'\\', b'u', low @ ..]) = (unit, rest)
        && let Some((second @ 0xdc00..0xe000, rest)) = hex4(low)
    {
        let code = 0x1_0000 + ((unit - 0xd800) << 10) + (second - 0xdc00);
        return (char::from_u32(code).unwrap_or(char::REPLACEMENT_CHARACTER), rest);
    }
    (char::REPLACEMENT_CHARACTER, rest)
}

fn hex4(bytes: &[u8]) -> Option<(u32, &[u8])> {
    let (digits, rest) = bytes.split_at_checked(4)?;
    let digits = str::from_utf8(digits).ok()?;
    Some((u32::from_str_radix(digits, 16).ok()?, rest))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn decoded(source: &[u8]) -> Option<String> {
        Some(Literal::checked(source)?.as_str()?.into_owned())
    }

    #[test]
    fn strings_are_decoded_as_go_does() {
        assert_eq!(decoded(br#""\u00e9\/\n\"""#).as_deref(), Some("é/\n\""));
        assert_eq!(decoded(br#""\ud83d\ude02""#).as_deref(), Some("😂"));
        assert_eq!(decoded(br#""\ud83d\u0041""#).as_deref(), Some("\u{fffd}A"));
        assert_eq!(decoded(br#""\ude02\ud83d""#).as_deref(), Some("\u{fffd}\u{fffd}"));
        assert_eq!(decoded(b"\"\xe2\x82\"").as_deref(), Some("\u{fffd}\u{fffd}"));
    }

    #[test]
    fn strings_outside_of_the_grammar_are_refused() {
        for bad in [r#""\x""#, r#""\u12g4""#, "\"\n\"", r#""\""#, r#"""""#, "\""] {
            assert_eq!(Literal::checked(bad.as_bytes()), None, "{bad}");
        }
    }

    #[test]
    fn made_strings_escape_what_json_needs_escaped() {
        let made = Literal::string("a\"\\\u{1}\n/é");
        assert_eq!(made.source(), "\"a\\\"\\\\\\u0001\\n/é\"");
        assert_eq!(made.as_str().as_deref(), Some("a\"\\\u{1}\n/é"));
    }
}
