//! The narrowing of a wildcard: before, and after it was written.

use super::*;
use crate::ports::edits::{EditLine, EditView, Edits, PlanView};
use model::{EditKind, EditState};

fn lost() -> Vec<ReachLine> {
    vec![ReachLine {
        who: told("erik@example.org"),
        node: told("maple"),
        what: told("every TCP port"),
        rules: vec![RuleLine { line: Some(8), text: told(r#"{"src": ["*"]}"#) }],
        note: None,
    }]
}

fn diff() -> Vec<DiffLine> {
    let line = |kind, text: &str| DiffLine { kind, old: Some(8), new: Some(8), text: told(text) };
    vec![
        line(DiffKind::Removed, r#"{"src": ["*"], "dst": ["*:*"]}"#),
        line(DiffKind::Added, r#"{"src": ["autogroup:member"], "dst": ["*:*"]}"#),
    ]
}

fn edit_line(n: u8) -> EditLine {
    EditLine {
        id: id(n),
        title: told("Narrow the wildcard"),
        by: told("Ana"),
        begun: now().plus_seconds(-60),
        state: match n {
            0x31 => EditState::Applying { why: Some(told("The control plane asks us to wait.")) },
            0x32 => EditState::Stopped { why: told("Somebody changed the policy in the meantime.") },
            _ => EditState::Applied { at: now().plus_seconds(-58) },
        },
        undone: false,
    }
}

#[async_trait]
impl Edits for Sample {
    async fn plan(&self, tailnet: TailnetId, what: EditKind) -> Result<PlanView, Fault> {
        Ok(PlanView {
            tailnet,
            tailnet_name: told("Maple Street"),
            what,
            title: told("Narrow the wildcard"),
            about: told("Nobody inside loses anything."),
            plan: told("plan-2"),
            read: now(),
            gains: vec![],
            loses: Sample::list(self, lost()),
            diff: diff(),
            verdict: told("The control plane would take it."),
            warnings: vec![told("Open shares were agreed on the narrowed policy.")],
            manual: self.bare.then(|| told("{\"acls\": []}")),
        })
    }
    async fn apply(&self, _: TailnetId, what: EditKind, plan: String) -> Result<EditId, Fault> {
        self.act(format!("edits.apply {what} {plan}")).map(|()| id(0x30))
    }
    async fn get(&self, edit: EditId) -> Result<EditView, Fault> {
        let number = [0x30, 0x31, 0x32].into_iter().find(|n| id(*n) == edit).ok_or(Fault::NotFound)?;
        Ok(EditView {
            tailnet: id(1),
            tailnet_name: told("Maple Street"),
            line: edit_line(number),
            share: Some(id(7)),
            gains: vec![],
            loses: lost(),
            diff: diff(),
            can_undo: number == 0x30,
            undone_by: None,
            history: Sample::list(self, history()),
        })
    }
    async fn list(&self, _: TailnetId) -> Result<Vec<EditLine>, Fault> {
        Ok(Sample::list(self, vec![edit_line(0x30), edit_line(0x32)]))
    }
}
