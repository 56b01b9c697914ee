//! The sentences about a share that stopped.

use model::text::sentence;
use model::{Attention, CallError, Changed, Need, Step, Trouble};

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
            Changed::Nothing.after("The policy of this tailnet is kept elsewhere (a repository, Terraform, or a file that Headscale reads), so it is not written from here."),
            BY_HAND,
        ),
        Trouble::NoVersionMark => (
            "The control plane gave the policy without a version mark, so that it cannot be changed safely.".into(),
            BY_HAND,
        ),
        Trouble::CannotEdit { why } => (
            Changed::Nothing.after(&format!("The policy in force cannot be edited: {why}.")),
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
        Trouble::RuleBack => (
            "The share is paused, and its rule is in the policy again: somebody put it back, so its friend may be let in.".into(),
            "Pause it once more to take the rule out, or open it again.",
        ),
        Trouble::OtherAddresses { node } => (
            format!("{node} has other addresses than those in the rule, so the rule no longer leads to it."),
            "Review the share again to put the new addresses into the rule, or end it.",
        ),
        Trouble::MachineGone { node } => (
            Changed::Nothing.after(&format!("{node} is no longer in the tailnet, so nobody reaches it.")),
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
        Trouble::AccountGone { login } => (
            format!("{login} is no account of this server any more, or is called otherwise, so the rule lets nobody in."),
            "Review the share again to choose the account, or end it.",
        ),
        Trouble::OpensMore { lines } => {
            (opens_more(lines), "Review the share again to narrow the policy first, or end it.")
        }
        Trouble::InFile if *step == Step::Account => (
            "In the file, not proven: whether the server has loaded the policy that names who is there today cannot be read from here. Until then nobody new is made or gets a key, since the policy of before may let them in everywhere.".into(),
            "Reload Headscale (systemctl reload headscale, or a SIGHUP), and say here that it is loaded. A host that fetches its firewall text and may tell what it sees proves it by itself.",
        ),
        Trouble::InFile => (
            "In the file, not proven: whether the server has loaded that file cannot be read from here, so the gate is not said to be open until its machine tells that it is.".into(),
            "Reload Headscale (systemctl reload headscale, or a SIGHUP); the friend may try it then. A host that fetches its firewall text and may tell what it sees proves it by itself.",
        ),
        Trouble::GuestLeft { keys, machines, user, error } => (
            format!("{} The rule is gone, so it opens nothing; still on the server may be {}.", of_call(error), left(keys, machines, *user)),
            match need {
                Need::Time => "Nothing to do: it is tried again by itself, and nothing is lost.",
                _ => "Look on the server, take it away there or mend what it names, then try again.",
            },
        ),
        Trouble::KeyFile => (
            Changed::Nothing.after("The stored credentials cannot be opened with the key file of this server."),
            "Bring the key file back, or put the credentials in again on the page of the tailnet; this then goes on by itself.",
        ),
        Trouble::Damaged => (
            Changed::Nothing.after("Something that is stored here for it cannot be read."),
            "Whoever runs this Acequia finds the row in the log, and can mend it or bring a backup back; this then goes on by itself.",
        ),
        Trouble::Other { reason, next_step } => {
            return Words { reason: reason.clone(), next_step: next_step.clone() };
        }
    };
    Words { reason, next_step: next_step.into() }
}

/// What somebody new would reach by these lines of a policy, or by all of it.
fn opens_more(lines: &[usize]) -> String {
    let all: Vec<String> = lines.iter().map(ToString::to_string).collect();
    let by = match all.as_slice() {
        [] => "By the policy as it is now".to_owned(),
        [line] => format!("By line {line} of the policy"),
        lines => format!("By lines {} of the policy", lines.join(", ")),
    };
    Changed::Nothing.after(&format!(
        "{by} whoever is new on the server would reach more than was agreed, so its friend was not let in."
    ))
}

/// What is left of a friend on a server.
fn left(keys: &[String], machines: &[String], user: bool) -> String {
    let several = |one: &str, ids: &[String]| match ids {
        [] => None,
        [id] => Some(format!("the {one} {id}")),
        ids => Some(format!("the {one}s {}", ids.join(", "))),
    };
    let user = user.then(|| "the user".to_owned());
    let parts = [several("key", keys), several("machine", machines), user];
    let parts: Vec<String> = parts.into_iter().flatten().collect();
    if parts.is_empty() { "something of the friend".into() } else { parts.join(" and ") }
}

/// What a person reads of trouble that is not one share's: what happened, and what to do, if it is not only to wait.
pub fn of_trouble(trouble: &Trouble) -> Words {
    match trouble {
        Trouble::Call { error, .. } => Words { reason: of_call(error), next_step: String::new() },
        // Of any step: these say the same of each.
        trouble => words(&Attention::look(Step::Confirm, trouble.clone())),
    }
}

const BY_HAND: &str = "Make the change below by hand; it is noticed by itself, and this then goes on.";

/// What a failed call means to a person, as a sentence about the control plane.
pub fn of_call(error: &CallError) -> String {
    match error {
        CallError::Rejected { said } => sentence(&format!("The control plane refused it: {said}")),
        CallError::NotFound => "The control plane does not know it (any more).".into(),
        CallError::Conflict => "Somebody else changed the policy at the same time.".into(),
        CallError::Unauthorised => {
            "The control plane does not take the credential: it is wrong, expired or revoked.".into()
        }
        CallError::Forbidden { said } => sentence(&format!("The credential may not do this: {said}")),
        CallError::RateLimited => "The control plane asks us to wait.".into(),
        CallError::Unreachable { reason } => format!("The control plane does not answer: {reason}."),
        CallError::InvalidResponse => "The control plane's answer was not understood.".into(),
        CallError::Unsupported { what } => format!("This is not possible here: {what}."),
    }
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
            CallError::InvalidResponse,
            CallError::Unsupported { what: "there is no token".into() },
        ];
        let calls = errors.map(|error| Trouble::Call { error, maybe_done: false });
        let others = [
            Trouble::PolicyElsewhere,
            Trouble::NoVersionMark,
            Trouble::CannotEdit { why: "line 4 is none".into() },
            Trouble::NotUnderstood { why: "line 4 is none".into() },
            Trouble::RuleGone,
            Trouble::RuleBack,
            Trouble::OtherAddresses { node: name() },
            Trouble::MachineGone { node: name() },
            Trouble::InviteGone { login: name() },
            Trouble::AnotherLogin { by: name(), login: name() },
            Trouble::SeveralInvites,
            Trouble::InviteStillListed,
            Trouble::AccountGone { login: name() },
            Trouble::OpensMore { lines: Vec::new() },
            Trouble::OpensMore { lines: vec![3, 7] },
            Trouble::InFile,
            Trouble::GuestLeft {
                keys: vec!["4".into()],
                machines: vec!["7".into(), "8".into()],
                user: true,
                error: CallError::NotFound,
            },
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
