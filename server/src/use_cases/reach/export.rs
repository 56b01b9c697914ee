//! All reach of a tailnet for programs: the JSON of `acequia policy reach`, and a table.

use std::fmt::Write as _;

use policy::Query;
use policy::reach::{Entry, Part};
use policy::syntax::protocol;

use crate::reach::Known;

pub(super) fn json(known: &Known) -> String {
    serde_json::to_string_pretty(&known.engine.reach(&Query::default())).unwrap_or_else(|_| "[]".into())
        + "\n"
}

pub(super) fn csv(known: &Known) -> String {
    let mut table = String::from("who,node,part,protocol,ports,rules,condition\r\n");
    for entry in known.engine.reach(&Query::default()) {
        let Entry { who, node, part, protocol, ports, rules, note } = &entry;
        let rules: Vec<String> = rules
            .iter()
            .map(|rule| format!("{}[{}] line {}", rule.section.name(), rule.index, rule.line))
            .collect();
        let part = match part {
            Part::Node => "the machine itself".to_owned(),
            Part::Address(address) => address.to_string(),
            Part::Route(range) => range.to_string(),
            Part::Internet => "the internet".into(),
        };
        let fields = [
            who.to_string(),
            node.clone(),
            part,
            protocol::name(*protocol),
            ports.to_string(),
            rules.join("; "),
            note.as_ref().map(ToString::to_string).unwrap_or_default(),
        ];
        let cells: Vec<String> = fields.iter().map(|field| cell(field)).collect();
        let _ = write!(table, "{}\r\n", cells.join(","));
    }
    table
}

/// Quoted (RFC 4180). What a spreadsheet would take for a formula is text: names are other people's. Some look for the
/// sign behind spaces, some know its full width (OWASP, "CSV Injection").
fn cell(text: &str) -> String {
    const SIGNS: [char; 8] = ['=', '+', '-', '@', '\u{ff1d}', '\u{ff0b}', '\u{ff0d}', '\u{ff20}'];
    let formula = text.starts_with(['\t', '\r', '\n']) || text.trim_start().starts_with(SIGNS);
    format!("\"{}{}\"", if formula { "'" } else { "" }, text.replace('"', "\"\""))
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
    }
}
