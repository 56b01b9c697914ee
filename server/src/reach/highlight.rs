//! A policy text cut into pieces by what they are, for showing.

pub use app::ports::tailnets::Shade;

/// One piece within a line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Piece {
    pub shade: Shade,
    pub text: String,
}

/// The lines of a text, each as its pieces. What is no HuJSON is plain; nothing is lost.
pub fn highlight(text: &str) -> Vec<Vec<Piece>> {
    let mut lines = vec![Vec::new()];
    for (shade, part) in pieces(text) {
        for (at, line) in part.split('\n').enumerate() {
            if at > 0 {
                lines.push(Vec::new());
            }
            let line = line.trim_end_matches('\r');
            if let (false, Some(last)) = (line.is_empty(), lines.last_mut()) {
                last.push(Piece { shade, text: line.to_owned() });
            }
        }
    }
    if lines.last().is_some_and(Vec::is_empty) {
        lines.pop();
    }
    lines
}

fn pieces(text: &str) -> Vec<(Shade, &str)> {
    let mut pieces: Vec<(Shade, &str)> = Vec::new();
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let (shade, length) = if rest.starts_with("//") {
            (Shade::Comment, rest.find('\n').unwrap_or(rest.len()))
        } else if rest.starts_with("/*") {
            (Shade::Comment, rest.find("*/").map_or(rest.len(), |at| at + 2))
        } else if first == '"' {
            let length = string(rest);
            let after = rest.get(length..).unwrap_or_default().trim_start();
            (if after.starts_with(':') { Shade::Key } else { Shade::Text }, length)
        } else if first.is_ascii_alphanumeric() || matches!(first, '-' | '+') {
            let word = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '+' | '.');
            (Shade::Value, rest.find(|c| !word(c)).unwrap_or(rest.len()))
        } else {
            let mut length = first.len_utf8();
            let special = |c: char| c == '"' || c == '/' || c == '-' || c == '+' || c.is_ascii_alphanumeric();
            length += rest.get(length..).and_then(|rest| rest.find(special)).unwrap_or(rest.len() - length);
            (Shade::Plain, length)
        };
        let (piece, more) = rest.split_at(length);
        pieces.push((shade, piece));
        rest = more;
    }
    pieces
}

/// The length of the string at the start, to its closing quote or the end of the line.
fn string(text: &str) -> usize {
    let mut escaped = false;
    for (at, c) in text.char_indices().skip(1) {
        match c {
            '\n' => return at,
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            '"' => return at + 1,
            _ => {}
        }
    }
    text.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pieces_have_their_shades_and_together_are_the_text() {
        let text = "{\n\t// who \"may\"\n\t\"a\": [\"x\\\"y\", 12, true], /* b\nc */ \"d\" : null,\n}\n";
        let lines = highlight(text);
        let joined: Vec<String> =
            lines.iter().map(|line| line.iter().map(|piece| piece.text.as_str()).collect()).collect();
        assert_eq!(joined, text.lines().collect::<Vec<_>>());
        let of = |shade| -> Vec<&str> {
            let all = lines.iter().flatten().filter(|piece| piece.shade == shade);
            all.map(|piece| piece.text.as_str()).collect()
        };
        assert_eq!(of(Shade::Comment), ["// who \"may\"", "/* b", "c */"]);
        assert_eq!(of(Shade::Key), ["\"a\"", "\"d\""]);
        assert_eq!(of(Shade::Text), ["\"x\\\"y\""]);
        assert_eq!(of(Shade::Value), ["12", "true", "null"]);
    }

    #[test]
    fn what_is_no_hujson_stays_whole() {
        for text in ["\"open", "/* open", "/", "é\"", "{]"] {
            let joined: String = highlight(text).into_iter().flatten().map(|piece| piece.text).collect();
            assert_eq!(joined, text);
        }
    }
}
