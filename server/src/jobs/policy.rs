//! The policy of a tailnet in the hands of a share's job.

use control_plane::PolicyFile;
use model::{Step, StepPhase};

use super::attention;
use super::share::{Halt, Stepped, Work, at, at_change};
use crate::rule;
use crate::store::shares::Along;
use crate::tailnet::policy_file::{Written, replace};

/// One edit of the policy, in words.
#[derive(Clone, Copy, Debug)]
pub struct Edit<'a> {
    pub phase: StepPhase,
    pub step: Step,
    /// For the audit trail: a sentence without its subject.
    pub what: &'a str,
    /// For the steps on the page of the share.
    pub detail: &'static str,
}

/// The write of a share's job: recorded with its lines and its step in one transaction.
pub async fn write_policy(
    work: &mut Work,
    edit: Edit<'_>,
    read: &PolicyFile,
    text: &str,
) -> Stepped<Written> {
    if read.etag.is_none() {
        return Err(Halt::Attention(attention::by_hand(
            edit.step,
            "The control plane gave the policy without a version mark, so that it cannot be changed safely.",
        )));
    }
    work.may_write(edit.step).await?;
    work.before_change().await?;
    let written = at_change(edit.step, replace(work.plane.as_ref(), read, text).await)?;
    if written == Written::Done {
        let diff = crate::text_diff::changed_lines(&read.text, text);
        let entry = work.entry(edit.what.to_owned(), Some(diff.before), Some(diff.after));
        let steps = vec![(edit.phase, edit.step, edit.detail.to_owned())];
        work.save(Along { entries: vec![entry], steps, ..Along::default() }).await?;
    }
    Ok(written)
}

/// Reads it for a step.
pub async fn read_policy(work: &Work, step: Step) -> Stepped<PolicyFile> {
    at(step, work.plane.get_policy().await)
}

/// Whether the rule of this share stands in the text, for the login that was agreed. By its mark; by its content
/// only once it was seen there, so that a like rule of the owner's is not taken for ours.
pub async fn rule_stands(work: &Work, file: &PolicyFile) -> Stepped<bool> {
    let Some(rule) = work.share.rule()? else { return Ok(false) };
    if !rule.src.iter().any(|login| login.eq_ignore_ascii_case(work.share.login.as_str())) {
        return Ok(false);
    }
    let by_content = work.is_done(StepPhase::Apply, Step::Rule).await?;
    rule::stands(&file.text, work.share.id, &rule, by_content).map_err(|error| {
        Halt::Attention(attention::look(
            Step::Rule,
            format!("The policy in force cannot be edited: {error}. Nothing was changed."),
            "Mend the policy by hand, then try again.",
        ))
    })
}

/// The policy without the rule of this share. By its mark; where a tool pushed the file without comments, by its
/// content, unless it was taken out already: then a like rule is somebody else's.
pub fn without_rule(work: &Work, text: &str, by_content: bool) -> Stepped<String> {
    let rule = work.share.rule()?.filter(|_| by_content);
    let without = rule::without(text, work.share.id, rule.as_ref()).map_err(|error| {
        Halt::Attention(attention::look(
            Step::RemoveRule,
            format!("The policy in force cannot be edited: {error}. Nothing was changed."),
            "Mend the policy, or take the rule of this share out by hand, then try again.",
        ))
    })?;
    Ok(without.unwrap_or_else(|| text.to_owned()))
}
