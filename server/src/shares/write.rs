//! The writes of the policy.

use model::{Decision, EditKind, EditState, Step, StepPhase};
use sharing::{Deed, Reading};

use super::work::{Halt, Work};
use crate::reach;
use crate::store::audit::Actor;
use crate::store::edits;
use crate::store::shares::Along;
use crate::tailnet::policy_file::{Written, replace};

pub(super) const NARROWED: &str = "narrowed the policy: wildcard sources name who they mean";
pub(super) const WROTE_RULE: &str = "wrote the rule into the policy";
const WRITTEN: &str = "Written; nobody else had changed the policy meanwhile.";

impl Work {
    /// The rule of the plan, which was written down before.
    pub(super) async fn write_rule(&mut self) -> Result<(), Halt> {
        let Some(text) = self.desk.plan.as_ref().map(|plan| plan.after.clone()) else {
            return Err(Halt::Soon);
        };
        let write = Write { deed: Deed::WriteRule, step: Step::Rule, what: WROTE_RULE, detail: WRITTEN };
        self.write(write, &text).await
    }

    /// The narrowing is an edit of its own, with its own undo.
    pub(super) async fn narrow(&mut self) -> Result<(), Halt> {
        let (Some(plan), Some(file)) = (&self.desk.plan, &self.desk.policy) else { return Err(Halt::Soon) };
        let Some(first) = plan.narrowing.clone() else { return Err(Halt::Soon) };
        let said = self.share.deeds.approved.as_ref().map(|yes| yes.decision);
        let (title, what) = match said {
            Some(Decision::WholeNode) => (
                "Write out that everything is allowed",
                "wrote the default of the policy out: everything is allowed, as before",
            ),
            Some(Decision::Apply | Decision::NarrowAndApply) | None => ("Narrow the wildcard", NARROWED),
        };
        let now = self.state.now();
        let edit = edits::Edit {
            id: self.state.random.new_id(now),
            tailnet: self.share.tailnet,
            what: EditKind::Narrow,
            title: title.into(),
            by: None,
            by_name: Actor::Acequia.name().to_owned(),
            share: Some(self.share.id),
            before: file.text.clone(),
            after: first.after.clone(),
            gained: Vec::new(),
            lost: edits::told(&reach::lines(&plan.lost, &file.text, ToString::to_string)),
            state: EditState::Applying { why: None },
            begun: now,
        };
        self.save(Along { edit: Some(edit), ..Along::default() }).await?;
        let write = Write { deed: Deed::Narrow, step: Step::Narrow, what, detail: WRITTEN };
        self.write(write, &first.after).await
    }

    pub(super) async fn remove_rule(&mut self) -> Result<(), Halt> {
        let Some(file) = &self.desk.policy else { return Err(Halt::Soon) };
        let recorded = self.steps.contains(&(StepPhase::End, Step::RemoveRule));
        let rule = self.share.rule()?.filter(|_| !recorded);
        let Some(without) = sharing::rule::without(&file.text, self.share.id, rule.as_ref())? else {
            return Err(Halt::Soon);
        };
        let write = Write {
            deed: Deed::RemoveRule,
            step: Step::RemoveRule,
            what: "took the rule out of the policy",
            detail: "Taken out; every other byte stayed.",
        };
        self.write(write, &without).await
    }

    /// The write of a share's job: recorded with its lines and its step in one transaction.
    async fn write(&mut self, write: Write, text: &str) -> Result<(), Halt> {
        let Some(read) = self.desk.policy.clone() else { return Err(Halt::Soon) };
        self.before_change().await?;
        match replace(self.plane.as_ref(), &read, text).await {
            Ok(Written::Done(stored)) => {
                self.changed(Some(write.deed));
                let diff = crate::text_diff::changed_lines(&read.text, text);
                let entries = vec![self.entry(write.what, Some(diff.before), Some(diff.after))];
                let steps = vec![(self.way(), write.step, write.detail.to_owned())];
                self.save(Along { entries, steps, ..Along::default() }).await?;
                self.saw_policy(Ok(stored));
            }
            Ok(Written::Overtaken) => {
                self.seen.overtaken += 1;
                self.seen.policy = Reading::Unread;
            }
            Err(error) => self.seen.failed = Some((write.deed, error)),
        }
        Ok(())
    }
}

/// One write of the policy, in words.
struct Write {
    deed: Deed,
    step: Step,
    /// For the audit trail: a sentence without its subject.
    what: &'static str,
    /// For the steps on the page of the share.
    detail: &'static str,
}
