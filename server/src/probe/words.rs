//! Texts of strangers, before anybody is shown them.

/// One line without control or invisible characters, spaces joined, at most `longest` characters. `None`: nothing is left.
pub fn plain(text: &str, longest: usize) -> Option<String> {
    let mut line = String::new();
    let mut chars = text.chars();
    let mut count = 0;
    while let Some(c) = chars.next() {
        // Minecraft's colours: the sign and one letter.
        if c == '§' {
            chars.next();
            continue;
        }
        let space = c.is_whitespace();
        if (!space && hidden(c)) || (space && (line.is_empty() || line.ends_with(' '))) {
            continue;
        }
        if count == longest {
            line.push('…');
            break;
        }
        line.push(if space { ' ' } else { c });
        count += 1;
    }
    let line = line.trim_end();
    (!line.is_empty()).then(|| line.to_owned())
}

/// Controls, and what changes how the text around it reads: directions, joiners, tags, private use.
fn hidden(c: char) -> bool {
    c.is_control()
        || matches!(c,
            '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fff0}'..='\u{fffb}' | '\u{e000}'..='\u{f8ff}'
            | '\u{e0000}'..='\u{10ffff}')
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
