//! The policy's text on its page: each piece with its shade, each rule with whom it lets in.

use app::fault::Fault;
use app::ports::tailnets::PolicyLine;
use model::{TailnetId, Timestamp};

use crate::failure::OrInternal as _;
use crate::reach::{Evaluation, highlight};
use crate::use_cases::Asker;
use crate::words;
use model::text::capitalised;

/// The lines of a policy, with whom its rules let in where that was worked out for this very text.
pub fn annotated(text: &str, evaluation: Option<&Evaluation>) -> (Vec<PolicyLine>, Option<String>) {
    let mut lines: Vec<PolicyLine> = highlight(text)
        .into_iter()
        .map(|pieces| PolicyLine {
            pieces: pieces.into_iter().map(|piece| (piece.shade, piece.text)).collect(),
            lets_in: None,
            findings: Vec::new(),
        })
        .collect();
    let known = match evaluation {
        Some(Evaluation::Known(known)) if known.text == text => known,
        Some(Evaluation::Refused { text: refused, .. }) if refused == text => return (lines, None),
        _ => {
            let why = words::reach::NOT_FOR_THIS_TEXT;
            return (lines, Some(why.into()));
        }
    };
    for rule in known.resolved_rules() {
        let lets_in = known.let_in().get(&rule).map_or_else(
            || "lets nobody in".to_owned(),
            |told| {
                let who = told.who.iter().filter_map(|who| known.engine.who(who));
                let nodes = told.nodes.iter().filter_map(|node| Some(&known.network().node(node)?.name));
                let services = told.services.iter().filter_map(|at| known.engine.services().get(at));
                let places = told.nodes.len() + told.services.len();
                format!("{} → {}", few(told.who.len(), who), few(places, nodes.chain(services)))
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

impl Asker {
    /// Lines of a policy that belong to shares made here, with the page of each.
    pub(super) async fn share_lines(&self, id: TailnetId, text: &str) -> Result<Vec<(u32, String)>, Fault> {
        let shares = self.state.db.list_open_shares(id).await.or_internal("list the shares")?;
        let mut share_lines = Vec::new();
        for share in shares.readable() {
            let mark = format!("acequia:share={}", share.id);
            let lines = text.lines().zip(1_u32..).filter(|(line, _)| line.contains(&mark));
            share_lines.extend(lines.map(|(_, number)| (number, app::paths::share(share.id))));
        }
        share_lines.sort_unstable();
        Ok(share_lines)
    }

    /// The policy as it was last read: nothing asks its control plane for whoever may only read.
    pub(super) async fn policy_last_read(&self, id: TailnetId) -> Result<(String, Timestamp), Fault> {
        let seen = self.state.db.get_snapshot(id).await.or_internal("read what was last read of it")?;
        let seen = seen.ok_or_else(words::reach::nothing_known)?;
        let why = seen.head.policy_missing;
        let text = seen.policy.ok_or_else(|| Fault::conflict(why.unwrap_or_default()))?;
        Ok((text, seen.head.read))
    }
}

/// The first few of many, and how many more.
fn few<T: std::fmt::Display>(count: usize, all: impl Iterator<Item = T>) -> String {
    const SHOWN: usize = 4;
    let names: Vec<String> = all.take(SHOWN).map(|one| one.to_string()).collect();
    match count.checked_sub(SHOWN) {
        None | Some(0) => names.join(", "),
        Some(more) => words::reach::and_more(&names.join(", "), more),
    }
}
