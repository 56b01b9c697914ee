//! Texts of strangers, before anybody is shown them.

/// One line without control or invisible characters, spaces joined, at most `longest` characters. `None`: nothing is left.
pub fn plain(text: &str, longest: usize) -> Option<String> {
    let mut words = String::new();
    let mut chars = text.chars();
    while let Some(c) = chars.next() {
        // Minecraft's colours: the sign and one letter.
        if c == '§' {
            chars.next();
        } else {
            words.push(c);
        }
    }
    let line = model::text::one_line(&words, longest);
    (!line.is_empty()).then_some(line)
}

#[cfg(test)]
mod tests {
    use super::plain;

    #[test]
    fn what_is_shown_is_one_short_plain_line() {
        assert_eq!(plain("§aHello§r   \n world ", 50).as_deref(), Some("Hello world"));
        assert_eq!(plain("a\u{1b}[31mb\u{202e}c\0", 50).as_deref(), Some("a[31mbc"));
        assert_eq!(plain("abcdef", 3).as_deref(), Some("abc…"));
        assert_eq!(plain("§", 3), None);
        assert_eq!(plain(" \u{200b}\n", 3), None);
    }
}
