//! The sentences about a share that stopped.

use model::{Attention, CallError, Need, Step, Trouble};

use crate::action::ReviewWhy;
use crate::journal::AgreedLine;

/// What a person reads.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Words {
    /// What happened, and whether anything was changed.
    pub reason: String,
    /// What to do next.
    pub next_step: String,
}

/// What a person reads of a share that stopped.
pub fn words(attention: &Attention) -> Words {
    let Attention { step, need, trouble, .. } = attention;
    let (reason, next_step) = match trouble {
        Trouble::Call { error, maybe_done } => {
            let changed = if *maybe_done {
                "Whether it was done all the same is not known; that is looked at before anything else."
            } else {
                "Nothing was changed by it."
            };
            (format!("{} {changed}", of_call(error)), after_call(*step, *need, error))
        }
        Trouble::PolicyElsewhere => (
            "The policy of this tailnet is kept elsewhere (a repository or Terraform), so it is not written from here. Nothing was changed.".into(),
            BY_HAND,
        ),
        Trouble::NoVersionMark => (
            "The control plane gave the policy without a version mark, so that it cannot be changed safely.".into(),
            BY_HAND,
        ),
        Trouble::CannotEdit { why } => (
            format!("The policy in force cannot be edited: {why}. Nothing was changed."),
            if *step == Step::RemoveRule {
                "Mend the policy, or take the rule of this share out by hand, then try again."
            } else {
                "Mend the policy by hand, then try again."
            },
        ),
        Trouble::NotUnderstood { why } => (
            format!("The policy in force is not understood, so it is not known whether this share is open: {why}."),
            "Mend the policy by hand; this then goes on by itself.",
        ),
        Trouble::RuleGone => (
            "The rule of this share is no longer in the policy: somebody took it out or changed it.".into(),
            "Review the share again to put it back, or end it.",
        ),
        Trouble::OtherAddresses { node } => (
            format!("{node} has other addresses than those in the rule, so the rule no longer leads to it."),
            "Review the share again to put the new addresses into the rule, or end it.",
        ),
        Trouble::MachineGone { node } => (
            format!("{node} is no longer in the tailnet, so nobody reaches it. Nothing was changed."),
            "When the machine comes back this goes on by itself; or end the share.",
        ),
        Trouble::InviteGone { login } => (
            format!(
                "The invite of this share is no longer at the control plane: it was deleted, so {login} may have lost the machine."
            ),
            "Review the share again to make a new invite, or end it.",
        ),
        Trouble::AnotherLogin { by, login } => (
            format!("The invite was opened by {by}, and the rule names {login}."),
            "Review the share again for that login, or end it.",
        ),
        Trouble::SeveralInvites => (
            "There are several new invites for this machine, and it cannot be told which one is ours.".into(),
            "Delete the open invites of this machine in the admin console, then try again.",
        ),
        Trouble::InviteStillListed => (
            "The invite of this share is still listed, although it was deleted.".into(),
            "Delete it in the admin console, then try again.",
        ),
        Trouble::KeyFile => (
            "The stored credentials cannot be opened with the key file of this server. Nothing was changed.".into(),
            "Bring the key file back, or put the credentials in again on the page of the tailnet; this then goes on by itself.",
        ),
        Trouble::Damaged => (
            "Something that is stored here for it cannot be read. Nothing was changed.".into(),
            "Whoever runs this Acequia finds the row in the log, and can mend it or bring a backup back; this then goes on by itself.",
        ),
        Trouble::Other { reason, next_step } => {
            return Words { reason: reason.clone(), next_step: next_step.clone() };
        }
    };
    Words { reason, next_step: next_step.into() }
}

const BY_HAND: &str = "Make the change below by hand; it is noticed by itself, and this then goes on.";

/// What a failed call means to a person, as a sentence about the control plane.
pub fn of_call(error: &CallError) -> String {
    match error {
        CallError::Rejected { said } => ended(format!("The control plane refused it: {said}")),
        CallError::NotFound => "The control plane does not know it (any more).".into(),
        CallError::Conflict => "Somebody else changed the policy at the same time.".into(),
        CallError::Unauthorised => {
            "The control plane does not take the credential: it is wrong, expired or revoked.".into()
        }
        CallError::Forbidden { said } => ended(format!("The credential may not do this: {said}")),
        CallError::RateLimited => "The control plane asks us to wait.".into(),
        CallError::Unreachable { reason } => format!("The control plane does not answer: {reason}."),
        CallError::Garbled => "The control plane's answer was not understood.".into(),
        CallError::Unsupported { what } => format!("This is not possible here: {what}."),
    }
}

/// The control plane's own words end as they like; a sentence of ours may follow.
fn ended(mut words: String) -> String {
    if !words.ends_with(['.', '!', '?', '…']) {
        words.push('.');
    }
    words
}

fn after_call(step: Step, need: Need, error: &CallError) -> &'static str {
    let by_hand = matches!(step, Step::Narrow | Step::Rule | Step::RemoveRule | Step::RemoveInvite);
    match (need, error) {
        (Need::Invite, _) => {
            "Make the invite in the admin console (machine, Share, copy link) and paste its link here."
        }
        (Need::Credential, _) if by_hand => {
            "Put in a credential that may do this, on the page of the tailnet, or do it by hand as below; this then goes on by itself."
        }
        (Need::Credential, _) => {
            "Put in a credential that may do this, on the page of the tailnet; this then goes on by itself."
        }
        (Need::Time, _) => "Nothing to do: it is tried again by itself, and nothing is lost.",
        (_, CallError::NotFound) => {
            "Look whether the machine is still in the tailnet, then try again or end the share."
        }
        _ if step == Step::RemoveRule => {
            "The control plane does not take the policy without the rule. Mend what it names in the policy, then try again."
        }
        _ => "Mend what the control plane names, then try again, or end the share.",
    }
}

/// Why the owner has to look once more: the end of a sentence, without its full stop.
pub fn of_review(why: &ReviewWhy) -> String {
    match why {
        ReviewWhy::NotApproved => "nobody said yes to it".into(),
        ReviewWhy::NoPlan(why) => why.clone(),
        ReviewWhy::Changed { agreed, now } => {
            let changed = "the policy or the machines changed since you looked, and so would reach";
            if agreed.is_empty() || now.is_empty() || agreed == now {
                return changed.into();
            }
            format!("{changed}: agreed was {}; now it would be {}", listed(agreed), listed(now))
        }
    }
}

fn listed(lines: &[AgreedLine]) -> String {
    let lines = lines.iter().map(|AgreedLine { who, machine, ports }| format!("{who} to {machine} {ports}"));
    lines.collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(step: Step, need: Need, trouble: Trouble) -> (String, String) {
        let Words { reason, next_step } = words(&Attention { need, ..Attention::look(step, trouble) });
        (reason, next_step)
    }

    #[test]
    fn every_trouble_says_what_happened_and_what_to_do_in_whole_sentences() {
        let name = || "maple".to_owned();
        let errors = [
            CallError::Rejected { said: "a test failed".into() },
            CallError::NotFound,
            CallError::Conflict,
            CallError::Unauthorised,
            CallError::Forbidden { said: "no scope!".into() },
            CallError::RateLimited,
            CallError::Unreachable { reason: "it answered 502".into() },
            CallError::Garbled,
            CallError::Unsupported { what: "there is no token".into() },
        ];
        let calls = errors.map(|error| Trouble::Call { error, maybe_done: false });
        let others = [
            Trouble::PolicyElsewhere,
            Trouble::NoVersionMark,
            Trouble::CannotEdit { why: "line 4 is none".into() },
            Trouble::NotUnderstood { why: "line 4 is none".into() },
            Trouble::RuleGone,
            Trouble::OtherAddresses { node: name() },
            Trouble::MachineGone { node: name() },
            Trouble::InviteGone { login: name() },
            Trouble::AnotherLogin { by: name(), login: name() },
            Trouble::SeveralInvites,
            Trouble::InviteStillListed,
            Trouble::KeyFile,
            Trouble::Damaged,
        ];
        for trouble in calls.into_iter().chain(others) {
            for need in [Need::Time, Need::Credential, Need::Invite, Need::Look, Need::Review] {
                for step in Step::APPLY.into_iter().chain(Step::END) {
                    let (reason, next_step) = told(step, need, trouble.clone());
                    for words in [&reason, &next_step] {
                        assert!(words.ends_with('.') && !words.contains(".."), "{trouble:?}: {words}");
                    }
                }
            }
        }
    }

    #[test]
    fn a_call_that_may_have_been_done_says_so_and_by_hand_is_said_where_a_hand_can() {
        let refused = |maybe_done| Trouble::Call {
            error: CallError::Forbidden { said: "no scope".into() },
            maybe_done,
        };
        let (reason, next_step) = told(Step::Rule, Need::Credential, refused(false));
        assert_eq!(reason, "The credential may not do this: no scope. Nothing was changed by it.");
        assert_eq!(
            next_step,
            "Put in a credential that may do this, on the page of the tailnet, or do it by hand as below; this then goes on by itself."
        );
        let (reason, next_step) = told(Step::Confirm, Need::Credential, refused(true));
        assert!(reason.ends_with("is not known; that is looked at before anything else."), "{reason}");
        assert!(!next_step.contains("by hand"), "{next_step}");
    }

    #[test]
    fn a_review_says_what_was_agreed_and_what_it_would_be_where_both_are_known() {
        let line = |ports: &str| AgreedLine {
            who: "dario@example.com".into(),
            machine: "maple".into(),
            ports: ports.into(),
        };
        let (agreed, now) = (vec![line("tcp 25565")], vec![line("tcp 25565"), line("tcp 22")]);
        let told = of_review(&ReviewWhy::Changed { agreed: agreed.clone(), now });
        assert_eq!(
            told,
            "the policy or the machines changed since you looked, and so would reach: agreed was dario@example.com \
             to maple tcp 25565; now it would be dario@example.com to maple tcp 25565, dario@example.com to maple tcp 22"
        );
        let changed = "the policy or the machines changed since you looked, and so would reach";
        assert_eq!(of_review(&ReviewWhy::Changed { agreed, now: Vec::new() }), changed);
    }
}
