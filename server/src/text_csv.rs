//! Cells of a table for a spreadsheet.

/// Quoted (RFC 4180). What a spreadsheet would take for a formula is text: names are other people's. Some look for the
/// sign behind spaces, some know its full width (OWASP, "CSV Injection").
pub fn cell(text: &str) -> String {
    const SIGNS: [char; 8] = ['=', '+', '-', '@', '\u{ff1d}', '\u{ff0b}', '\u{ff0d}', '\u{ff20}'];
    let formula = text.starts_with(['\t', '\r', '\n']) || text.trim_start().starts_with(SIGNS);
    format!("\"{}{}\"", if formula { "'" } else { "" }, text.replace('"', "\"\""))
}

/// One row, with its line end.
pub fn row<'a>(cells: impl IntoIterator<Item = &'a str>) -> String {
    let cells: Vec<String> = cells.into_iter().map(cell).collect();
    format!("{}\r\n", cells.join(","))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cell_is_quoted_and_never_a_formula() {
        assert_eq!(cell("maple"), "\"maple\"");
        assert_eq!(cell("a\"b,c"), "\"a\"\"b,c\"");
        for evil in ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", " =1", "\u{a0}\n+1", "\u{ff1d}1"] {
            assert!(cell(evil).starts_with("\"'"), "{evil}");
        }
        assert_eq!(row(["a", "=b"]), "\"a\",\"'=b\"\r\n");
    }
}
