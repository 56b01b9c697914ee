//! Go's `%q`, because the exact error texts are made with it.

use std::fmt::Write;

/// The first character of `bytes` in single quotes; a byte that is not UTF-8 as `'\xff'`.
pub fn character(bytes: &[u8]) -> String {
    let mut shown = String::from("'");
    let known = bytes.utf8_chunks().next().and_then(|chunk| chunk.valid().chars().next());
    match (known, bytes.first()) {
        (Some(c), _) => push(&mut shown, c, '\''),
        (None, Some(byte)) => {
            let _ = write!(shown, "\\x{byte:02x}");
        }
        (None, None) => {}
    }
    shown.push('\'');
    shown
}

/// `text` in double quotes.
pub fn string(text: &str) -> String {
    let mut shown = String::from("\"");
    for c in text.chars() {
        push(&mut shown, c, '"');
    }
    shown.push('"');
    shown
}

fn push(out: &mut String, c: char, quote: char) {
    match c {
        '\\' => out.push_str("\\\\"),
        _ if c == quote => {
            out.push('\\');
            out.push(c);
        }
        '\x07' => out.push_str("\\a"),
        '\x08' => out.push_str("\\b"),
        '\x0c' => out.push_str("\\f"),
        '\n' => out.push_str("\\n"),
        '\r' => out.push_str("\\r"),
        '\t' => out.push_str("\\t"),
        '\x0b' => out.push_str("\\v"),
        _ if printable(c) => out.push(c),
        _ => {
            let code = u32::from(c);
            let _ = match code {
                0..0x20 | 0x7f => write!(out, "\\x{code:02x}"),
                0x80..0x1_0000 => write!(out, "\\u{code:04x}"),
                _ => write!(out, "\\U{code:08x}"),
            };
        }
    }
}

/// Go's `unicode.IsPrint`: letters, marks, numbers, punctuation, symbols and the ASCII space. Rust keeps the
/// same table behind `escape_debug`; a mark is only escaped there as the first character, hence the `a`.
fn printable(c: char) -> bool {
    if matches!(c, '\'' | '"' | '\\') {
        return true;
    }
    let mut pair = String::from("a");
    pair.push(c);
    pair.escape_debug().eq(pair.chars())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn characters_are_shown_as_go_shows_them() {
        let cases: [(&[u8], &str); 9] = [
            (b"?", "'?'"),
            (b"'", r"'\''"),
            (b"\"", "'\"'"),
            (b"\xff", r"'\xff'"),
            (b"\x00", r"'\x00'"),
            ("\u{7f}".as_bytes(), r"'\x7f'"),
            ("\u{301}x".as_bytes(), "'\u{301}'"),
            ("\u{feff}".as_bytes(), r"'\ufeff'"),
            ("\u{fffd}".as_bytes(), "'\u{fffd}'"),
        ];
        for (bytes, shown) in cases {
            assert_eq!(character(bytes), shown);
        }
    }
}
