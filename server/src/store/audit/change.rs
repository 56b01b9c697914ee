//! What became of a policy by one write of it, as it is kept beside the entry: no more than a person reads.

use app::ports::shares::{DiffKind, DiffLine, ReachLine};
use serde::{Deserialize, Serialize};

use crate::store::Json;
use crate::text_diff::hunks;

/// Lines of the difference, and of each kind of reach; what is beyond is counted.
const LINES: usize = 200;
const REACH: usize = 60;
/// Characters of one line.
const LONGEST: usize = 400;

/// The difference of a text, and of what it allows.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct PolicyChange {
    pub lines: Vec<ChangedLine>,
    pub more_lines: usize,
    pub gained: Vec<ReachSummary>,
    pub more_gained: usize,
    pub lost: Vec<ReachSummary>,
    pub more_lost: usize,
}

/// One line of a difference. A number stands for each text that has the line; neither: lines are left out.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChangedLine {
    pub old: Option<u32>,
    pub new: Option<u32>,
    pub text: String,
}

/// Somebody's reach, as it was shown to the owner.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReachSummary {
    pub who: String,
    pub node: String,
    pub what: String,
}

/// Lines of reach without their rules, whose places are soon others.
pub fn summaries(lines: &[ReachLine]) -> Vec<ReachSummary> {
    let one = |line: &ReachLine| ReachSummary {
        who: line.who.clone(),
        node: line.node.clone(),
        what: line.what.clone(),
    };
    lines.iter().map(one).collect()
}

impl PolicyChange {
    /// From both texts, and from who gained and lost by it.
    pub fn of(before: &str, after: &str, gained: &[ReachSummary], lost: &[ReachSummary]) -> Self {
        let all = hunks(before, after);
        let (more_lines, more_gained) = (all.len().saturating_sub(LINES), gained.len().saturating_sub(REACH));
        let lines = all.into_iter().take(LINES);
        Self {
            lines: lines
                .map(|line| ChangedLine { old: line.old, new: line.new, text: cut(&line.text) })
                .collect(),
            more_lines,
            gained: gained.iter().take(REACH).map(short).collect(),
            more_gained,
            lost: lost.iter().take(REACH).map(short).collect(),
            more_lost: lost.len().saturating_sub(REACH),
        }
    }

    pub(super) fn write(&self) -> String {
        Json::write(self)
    }

    /// It is for reading only, so one that cannot be read is none.
    pub(super) fn read(kept: &str) -> Option<Self> {
        serde_json::from_str(kept).ok()
    }
}

impl From<&ChangedLine> for DiffLine {
    fn from(ChangedLine { old, new, text }: &ChangedLine) -> Self {
        let kind = match (old, new) {
            (Some(_), Some(_)) => DiffKind::Same,
            (None, Some(_)) => DiffKind::Added,
            (Some(_), None) => DiffKind::Removed,
            (None, None) => DiffKind::Gap,
        };
        Self { kind, old: *old, new: *new, text: text.clone() }
    }
}

fn cut(text: &str) -> String {
    match text.char_indices().nth(LONGEST) {
        Some((at, _)) => format!("{}…", &text[..at]),
        None => text.to_owned(),
    }
}

fn short(line: &ReachSummary) -> ReachSummary {
    ReachSummary { who: cut(&line.who), node: cut(&line.node), what: cut(&line.what) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_kept_is_bounded_and_says_what_is_left_out() {
        let before = (0..5_000).map(|n| format!("{n}\n")).collect::<Vec<_>>().concat();
        let long = format!("{}\n", "ä".repeat(5_000)).repeat(5_000);
        let line = ReachSummary { who: "a".repeat(9_000), node: "b".into(), what: "tcp 22".into() };
        let change = PolicyChange::of(&before, &long, &vec![line.clone(); 100], &[line]);
        assert_eq!((change.lines.len(), change.more_lines), (LINES, 10_000 - LINES));
        assert_eq!((change.gained.len(), change.more_gained, change.more_lost), (REACH, 100 - REACH, 0));
        let kept = change.write();
        assert!(kept.len() < 250_000, "{}", kept.len());
        assert_eq!(PolicyChange::read(&kept), Some(change));
        assert_eq!(PolicyChange::read("{"), None);
    }

    #[test]
    fn a_line_is_told_with_the_numbers_of_both_texts() {
        let change = PolicyChange::of("a\nb\n", "a\nnew\nb\n", &[], &[]);
        let told: Vec<DiffLine> = change.lines.iter().map(DiffLine::from).collect();
        assert_eq!(told, hunks("a\nb\n", "a\nnew\nb\n"));
    }
}
