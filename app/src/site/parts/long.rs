//! Texts that grow with a network, as far as a page shows them: the whole is to be had elsewhere, and that is said.

use leptos::prelude::*;

/// Characters of one line, and lines of one text. A text about a household is far below both.
const LINE: usize = 600;
const LINES: usize = 120;
/// Characters of what is copied by one press.
const COPY: usize = 4_000;

/// One line, with how much of it is left out.
pub fn line(text: &str) -> String {
    match text.char_indices().nth(LINE) {
        None => text.to_owned(),
        Some((end, _)) => {
            let left = text.chars().count() - LINE;
            format!("{} … and {left} characters more", text.get(..end).unwrap_or_default())
        }
    }
}

/// A text of many lines, with how much of it is left out.
pub fn text(text: &str) -> String {
    let lines: Vec<String> = text.lines().take(LINES).map(line).collect();
    match text.lines().count().saturating_sub(LINES) {
        0 => lines.join("\n"),
        left => format!("{}\n… and {left} lines more", lines.join("\n")),
    }
}

/// The first of many lines, and how many are left out.
pub fn first<T>(lines: &[T]) -> (&[T], usize) {
    let shown = lines.len().min(LINES);
    (lines.get(..shown).unwrap_or(lines), lines.len() - shown)
}

/// How many lines are left out, if any are.
pub fn left_out(lines: usize) -> Option<AnyView> {
    (lines > 0).then(|| view! { <p class="soft">{format!("… and {lines} lines more.")}</p> }.into_any())
}

/// Whether a text is too long to be copied from a page.
pub fn is_too_long_to_copy(text: &str) -> bool {
    text.len() > COPY
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_short_stays_and_what_is_long_says_how_much_is_missing() {
        assert_eq!(line("tcp dport 22 accept"), "tcp dport 22 accept");
        let cut = line(&"é".repeat(LINE + 3));
        assert!(cut.starts_with(&"é".repeat(LINE)) && cut.ends_with(" … and 3 characters more"), "{cut}");
        let lines = |count: usize| (0..count).map(|n| n.to_string()).collect::<Vec<_>>().join("\n");
        assert_eq!(text(&lines(LINES)), lines(LINES));
        assert!(text(&lines(LINES + 2)).ends_with(&format!("\n{}\n… and 2 lines more", LINES - 1)));
        assert_eq!(first(&[1, 2, 3]), (&[1, 2, 3][..], 0));
    }
}
