//! The writes of the policy.

use model::{Decision, EditKind, EditState, Protocol, ShareEvent, Step};
use sharing::{Deed, Reading};

use super::work::{Halt, Work};
use crate::reach;
use crate::store::audit::{Actor, PolicyChange};
use crate::store::edits;
use crate::store::shares::Along;
use crate::tailnet::elsewhere;
use crate::tailnet::policy_file::{Written, replace};
use crate::words;

impl Work {
    /// The rule of the plan, which was written down before.
    pub(super) async fn write_rule(&mut self) -> Result<(), Halt> {
        let Some(plan) = &self.desk.plan else { return Err(Halt::Soon) };
        let text = plan.after.clone();
        let gained = edits::summaries(&reach::lines(&plan.gained, &text, ToString::to_string));
        let write = Write {
            deed: Deed::WriteRule,
            step: Step::Rule,
            event: ShareEvent::RuleWritten,
            detail: words::share::steps::WRITTEN,
            gained,
            lost: Vec::new(),
        };
        self.write(write, &text).await
    }

    /// The narrowing is an edit of its own, with its own undo.
    pub(super) async fn narrow(&mut self) -> Result<(), Halt> {
        let (Some(plan), Some(file)) = (&self.desk.plan, &self.desk.policy) else { return Err(Halt::Soon) };
        let Some(first) = plan.narrowing.clone() else { return Err(Halt::Soon) };
        let said = self.share.deeds.approved.as_ref().map(|yes| yes.decision);
        let (title, event) = match said {
            Some(Decision::WholeNode) => (words::edit::WRITE_OUT_TITLE, ShareEvent::DefaultWrittenOut),
            Some(Decision::Apply | Decision::NarrowAndApply) | None => {
                ("Narrow the wildcard", ShareEvent::PolicyNarrowed)
            }
        };
        // The share's own rule is no part of it: it comes in again behind it.
        let own = sharing::rule::without_all(&file.text, self.share.id, &self.share.deeds)?;
        let before = own.unwrap_or_else(|| file.text.clone());
        let now = self.state.now();
        let lost = edits::summaries(&reach::lines(&plan.lost, &file.text, ToString::to_string));
        let edit = edits::Edit {
            id: self.state.random.new_id(now),
            tailnet: self.share.tailnet,
            what: EditKind::Narrow,
            title: title.into(),
            by: None,
            by_name: Actor::Acequia.name().to_owned(),
            share: Some(self.share.id),
            before,
            after: first.after.clone(),
            gained: Vec::new(),
            lost: lost.clone(),
            state: EditState::Applying { why: None },
            begun: now,
        };
        self.save(Along { edit: Some(edit), ..Along::default() }).await?;
        let write = Write {
            deed: Deed::Narrow,
            step: Step::Narrow,
            event,
            detail: words::share::steps::WRITTEN,
            gained: Vec::new(),
            lost,
        };
        self.write(write, &first.after).await
    }

    pub(super) async fn remove_rule(&mut self) -> Result<(), Halt> {
        let Some(file) = &self.desk.policy else { return Err(Halt::Soon) };
        let recorded = self.steps.contains(&(self.way(), Step::RemoveRule));
        let (text, id) = (&file.text, self.share.id);
        let without = if recorded {
            sharing::rule::without(text, id, None)?
        } else {
            sharing::rule::without_all(text, id, &self.share.deeds)?
        };
        let Some(without) = without else { return Err(Halt::Soon) };
        let write = Write {
            deed: Deed::RemoveRule,
            step: Step::RemoveRule,
            event: ShareEvent::RuleRemoved,
            detail: words::share::steps::TAKEN_OUT,
            gained: Vec::new(),
            lost: vec![self.given()],
        };
        self.write(write, &without).await
    }

    /// What the rule of the share gives, and nothing else: who, where, which ports.
    fn given(&self) -> edits::ReachSummary {
        let ports =
            Protocol::ALL.into_iter().map(|protocol| (protocol, self.share.ports.of(protocol).to_string()));
        let ports = ports.filter(|(_, ports)| !ports.is_empty());
        edits::ReachSummary {
            who: self.share.login.to_string(),
            node: self.node.name.clone(),
            what: ports.map(|(protocol, ports)| format!("{protocol} {ports}")).collect::<Vec<_>>().join(", "),
        }
    }

    /// The write of a share's job: recorded with its lines and its step in one transaction.
    async fn write(&mut self, write: Write, text: &str) -> Result<(), Halt> {
        let Some(read) = self.desk.policy.clone() else { return Err(Halt::Soon) };
        self.before_change().await?;
        elsewhere::before_write(&self.state, self.share.tailnet, (&read.text, text)).await?;
        match replace(self.plane.as_ref(), &read, text).await {
            Ok(Written::Done(stored)) => {
                self.changed(Some(write.deed));
                let diff = crate::text_diff::changed_lines(&read.text, text);
                let change = PolicyChange::of(&read.text, text, &write.gained, &write.lost);
                let entry = self.entry(write.event).before(diff.before).after(diff.after).policy(change);
                let entries = vec![entry.at(&self.state)];
                let steps = vec![(self.way(), write.step, write.detail.to_owned())];
                self.rule_stands(write.step);
                // Before it is recorded: what pages say of reach goes along with it.
                self.saw_policy(Ok(stored));
                let again = self.again();
                self.save(Along { entries, steps, again, ..Along::default() }).await?;
                // Without a condition the client looked twice after the write: this is what it read.
                self.seen.read_back = !self.plane.capabilities().conditional_writes;
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
    /// For the audit trail.
    event: ShareEvent,
    /// For the steps on the page of the share.
    detail: &'static str,
    gained: Vec<edits::ReachSummary>,
    lost: Vec<edits::ReachSummary>,
}
