//! Quoting as Go's `%q` does it, which the control plane's messages use.

use std::fmt::Write;

/// A text in double quotes. Printable characters of any script stay as they are.
pub(crate) fn quoted(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 2);
    out.push('"');
    for c in text.chars() {
        match c {
            '"' | '\\' => {
                out.push('\\');
                out.push(c);
            }
            '\u{7}' => out.push_str("\\a"),
            '\u{8}' => out.push_str("\\b"),
            '\u{c}' => out.push_str("\\f"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            '\u{b}' => out.push_str("\\v"),
            c if c < ' ' || c == '\u{7f}' => _ = write!(out, "\\x{:02x}", u32::from(c)),
            c if c.is_control()
                || (c.is_whitespace() && c != ' ')
                || matches!(c, '\u{200b}'..='\u{200f}' | '\u{feff}') =>
            {
                _ = write!(out, "\\u{:04x}", u32::from(c));
            }
            c => out.push(c),
        }
    }
    out.push('"');
    out
}

#[cfg(test)]
mod tests {
    #[test]
    fn letters_of_all_scripts_stay_and_controls_are_escaped() {
        assert_eq!(super::quoted("tag:сервер"), "\"tag:сервер\"");
        assert_eq!(super::quoted("a\"\\\n\u{1}\u{a0}"), "\"a\\\"\\\\\\n\\x01\\u00a0\"");
    }
}
