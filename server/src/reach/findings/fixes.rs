//! What to change in a policy for a finding, as text: worked out by the engine where it can be, else said. For whoever may
//! not write from here, or would rather do it by hand.

use app::ports::reach::Sort;
use model::EditKind;
use policy::splice::apply;
use policy::{narrow, unshare};

use super::fingerprint;
use crate::reach::evaluation::ReachModel;
use crate::reach::finding::{Finding, FixText};
use crate::text_diff::hunks;
use crate::words;

/// Lines of a difference that are shown; the whole text stands behind the plan.
const LINES: usize = 16;

/// One for each finding. A narrowing is worked out once, however many it ends.
pub fn of(known: &ReachModel, findings: &[Finding]) -> Vec<FixText> {
    let mut narrowed = None;
    let mut text_of = |what: &EditKind| match what {
        EditKind::Narrow => narrowed
            .get_or_insert_with(|| {
                let narrowing = narrow(&known.text, known.network(), known.language);
                narrowing.ok().filter(|narrowing| !narrowing.is_empty()).map(|narrowing| narrowing.after)
            })
            .clone(),
        EditKind::Lint(name) => {
            let lint = known.lints().iter().find(|lint| fingerprint(&known.text, lint) == *name)?;
            apply(&known.text, lint.fix.as_ref()?)
        }
        EditKind::TakeOut(mark) => Some(unshare(&known.text, &mark.parse().ok()?).ok()?.after),
        // They need what was agreed, and have plans of their own.
        EditKind::Undo(_) | EditKind::Withhold(_) => None,
    };
    findings
        .iter()
        .map(|finding| match finding.fix.as_ref().and_then(&mut text_of) {
            Some(after) => {
                let mut diff = hunks(&known.text, &after);
                let more = diff.len().saturating_sub(LINES);
                diff.truncate(LINES);
                FixText { words: words::reach::CHANGE_THESE_LINES.into(), diff, more }
            }
            None => FixText { words: said(finding), diff: Vec::new(), more: 0 },
        })
        .collect()
}

/// Where nothing can be worked out.
fn said(finding: &Finding) -> String {
    let mut lines: Vec<usize> = finding.rules.iter().map(|rule| rule.line).filter(|line| *line > 0).collect();
    lines.dedup();
    let who = finding.question.as_ref().map(|question| question.who.as_str()).unwrap_or_default();
    match finding.sort {
        Sort::Exposed => words::reach::take_out_of_rules(who, &lines),
        Sort::Wide => words::reach::if_that_is_too_wide(&lines),
        Sort::NotKnown | Sort::Stale => words::reach::NOTHING_HAS_TO_CHANGE.into(),
    }
}
