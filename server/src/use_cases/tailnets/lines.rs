//! The policy's text on its page: each piece with its shade, each rule with whom it lets in.

use app::ports::tailnets::PolicyLine;

use crate::reach::{Judged, highlight};
use crate::words::capitalised;

/// The lines of a policy, with whom its rules let in where that was worked out for this very text.
pub fn annotated(text: &str, judged: Option<&Judged>) -> (Vec<PolicyLine>, Option<String>) {
    let mut lines: Vec<PolicyLine> = highlight(text)
        .into_iter()
        .map(|pieces| PolicyLine {
            pieces: pieces.into_iter().map(|piece| (piece.shade, piece.text)).collect(),
            lets_in: None,
            findings: Vec::new(),
        })
        .collect();
    let known = match judged {
        Some(Judged::Known(known)) if known.text == text => known,
        Some(Judged::Refused { text: refused, .. }) if refused == text => return (lines, None),
        _ => {
            let why = "Whom each rule lets in is not worked out for this text yet. Read the tailnet again.";
            return (lines, Some(why.into()));
        }
    };
    for rule in known.resolved_rules() {
        let lets_in = known.let_in().get(&rule).map_or_else(
            || "lets nobody in".to_owned(),
            |told| {
                let who = told.who.iter().filter_map(|who| known.engine.who(who));
                let nodes = told.nodes.iter().filter_map(|node| Some(&known.network().node(node)?.name));
                format!("{} → {}", few(told.who.len(), who), few(told.nodes.len(), nodes))
            },
        );
        if let Some(line) = lines.get_mut(rule.line.wrapping_sub(1)) {
            line.lets_in = Some(lets_in);
        }
    }
    for lint in known.lints() {
        if let Some(line) = lines.get_mut(lint.line.wrapping_sub(1)) {
            line.findings.push(capitalised(&lint.kind.to_string().replace('`', "")));
        }
    }
    (lines, None)
}

/// The first few of many, and how many more.
fn few<T: std::fmt::Display>(count: usize, all: impl Iterator<Item = T>) -> String {
    const SHOWN: usize = 4;
    let names: Vec<String> = all.take(SHOWN).map(|one| one.to_string()).collect();
    match count.checked_sub(SHOWN) {
        None | Some(0) => names.join(", "),
        Some(more) => format!("{} and {more} more", names.join(", ")),
    }
}
