//! Files that commands read, and excerpts of them for people.

use std::fmt::Write as _;
use std::io::Read as _;
use std::ops::Range;
use std::path::Path;

use anyhow::Context as _;
use hujson::LineIndex;

use super::output::Paint;

/// A file that was read whole; `-` is standard input.
#[derive(Debug)]
pub struct Source {
    name: String,
    bytes: Vec<u8>,
}

impl Source {
    /// # Errors
    /// When it cannot be read.
    pub fn read(path: &Path) -> anyhow::Result<Self> {
        let [source] = Self::read_all([path])?;
        Ok(source)
    }

    /// # Errors
    /// When one cannot be read, or when several are standard input, which can be read only once.
    pub fn read_all<const N: usize>(paths: [&Path; N]) -> anyhow::Result<[Self; N]> {
        if paths.iter().filter(|path| is_stdin(path)).count() > 1 {
            anyhow::bail!("only one input can be `-`, standard input");
        }
        let sources: Vec<Self> = paths.into_iter().map(open).collect::<anyhow::Result<_>>()?;
        sources.try_into().map_err(|_| anyhow::anyhow!("an input was lost"))
    }

    pub fn name(&self) -> &str {
        &self.name
    }

    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// # Errors
    /// When it is not UTF-8.
    pub fn text(&self) -> anyhow::Result<&str> {
        std::str::from_utf8(&self.bytes).with_context(|| format!("`{}` is not UTF-8", self.name))
    }

    /// The line that some bytes stand in, with carets under them. It ends with a line feed.
    pub fn excerpt(&self, span: &Range<usize>, paint: Paint) -> String {
        let index = LineIndex::new(&self.bytes);
        let start = span.start.min(self.bytes.len());
        let place = index.position(start);
        let line_start = index.line_start(place.line).unwrap_or_default();
        let line = self.bytes[line_start..].split(|byte| *byte == b'\n').next().unwrap_or_default();
        let text = |range: Range<usize>| {
            let range = range.start.min(line.len())..range.end.min(line.len());
            String::from_utf8_lossy(&line[range]).trim_end_matches('\r').chars().map(printable).collect()
        };
        let column = start - line_start;
        let end = span.end.saturating_sub(line_start).clamp(column, line.len().max(column));
        let (mut before, mut marked, mut after): (String, String, String) =
            (text(0..column), text(column..end), text(end..line.len()));
        shorten(&mut before, &mut marked, &mut after);
        let number = place.line.to_string();
        let gutter = " ".repeat(number.len());
        let indent: String = before.chars().map(|c| if c == '\t' { c } else { ' ' }).collect();
        let carets = "^".repeat(marked.chars().count().max(1));
        let bar = paint.dim("|");
        let mut out = String::new();
        let _ = writeln!(out, "{gutter}{} {}:{place}", paint.dim("-->"), self.name);
        let _ = writeln!(out, "{} {bar} {before}{marked}{after}", paint.dim(&number));
        let _ = writeln!(out, "{gutter} {bar} {indent}{}", paint.red(&carets));
        out
    }
}

fn is_stdin(path: &Path) -> bool {
    path.as_os_str() == "-"
}

fn open(path: &Path) -> anyhow::Result<Source> {
    if is_stdin(path) {
        let mut bytes = Vec::new();
        std::io::stdin().lock().read_to_end(&mut bytes).context("cannot read standard input")?;
        return Ok(Source { name: "standard input".into(), bytes });
    }
    let name = path.display().to_string();
    let bytes = std::fs::read(path).with_context(|| format!("cannot read `{name}`"))?;
    Ok(Source { name, bytes })
}

/// A policy is somebody's text: it may not give orders to the terminal.
fn printable(c: char) -> char {
    if c.is_control() && c != '\t' { char::REPLACEMENT_CHARACTER } else { c }
}

/// Room for one line of a terminal, more or less: a file may be a single line.
const BEFORE: usize = 60;
const MARKED: usize = 100;
const AFTER: usize = 50;

fn shorten(before: &mut String, marked: &mut String, after: &mut String) {
    if let Some((at, _)) = before.char_indices().rev().nth(BEFORE) {
        *before = format!("…{}", &before[at..]);
    }
    if let Some((at, _)) = marked.char_indices().nth(MARKED) {
        marked.truncate(at);
        *after = "…".into();
    } else if let Some((at, _)) = after.char_indices().nth(AFTER) {
        after.truncate(at);
        after.push('…');
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn excerpt(text: &str, span: Range<usize>) -> String {
        Source { name: "f".into(), bytes: text.into() }.excerpt(&span, Paint::never())
    }

    #[test]
    fn carets_stand_under_the_bytes_meant() {
        assert_eq!(excerpt("{\n\t\"é\": [x],\n}", 10..11), " --> f:2:9\n2 | \t\"é\": [x],\n  | \t      ^\n");
    }

    #[test]
    fn the_end_of_the_text_can_be_pointed_at() {
        assert_eq!(excerpt("{\n", 2..3), " --> f:2:1\n2 | \n  | ^\n");
        assert_eq!(excerpt("", 0..0), " --> f:1:1\n1 | \n  | ^\n");
        assert_eq!(excerpt("{", 7..9), " --> f:1:2\n1 | {\n  |  ^\n");
    }

    #[test]
    fn what_spans_lines_is_marked_in_the_first() {
        assert_eq!(excerpt("a {\r\n}", 2..6), " --> f:1:3\n1 | a {\n  |   ^\n");
    }

    #[test]
    fn long_lines_are_cut_around_the_place_and_escapes_do_not_pass() {
        let text = format!("{}\u{1b}[31mX{}", "a".repeat(500), "b".repeat(500));
        let shown = excerpt(&text, 505..506);
        assert!(!shown.contains('\u{1b}'), "{shown}");
        let lines: Vec<&str> = shown.lines().collect();
        assert!(lines[1].chars().count() < 130 && lines[1].contains("�[31mXb"), "{shown}");
        let caret = lines[2].chars().position(|c| c == '^').unwrap();
        assert_eq!(lines[1].chars().nth(caret), Some('X'));
    }
}
