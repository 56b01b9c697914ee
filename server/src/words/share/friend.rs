//! What the friend reads of their share: what it means to them and what they can do, in words that they know. What only its
//! owner can mend, and whatever a server said, stands on the owner's pages.

use model::{Attention, EndReason, Need, Phase, ShareState, Step, Trouble};
use sharing::words::Words;

const TOLD: &str = "The owner has been told; there is nothing for you to do.";
const BY_ITSELF: &str =
    "There is nothing for you to do: it is tried again by itself, and you may close this page.";

/// Why it stopped, and what to do.
pub fn stopped(attention: &Attention) -> Words {
    let (reason, next_step): (String, &str) = match &attention.trouble {
        Trouble::AnotherLogin { by, login } => (
            format!("The invite was opened as {by}, and this is for {login}."),
            "Ask the owner for a new link, and open it with the right account.",
        ),
        Trouble::InviteGone { .. } => {
            ("The invite was deleted, so you may have lost the machine.".into(), TOLD)
        }
        Trouble::MachineGone { node } => {
            (format!("{node} is not there any more. When it comes back, this goes on by itself."), TOLD)
        }
        Trouble::AccountGone { login } => {
            (format!("The account {login} is not there any more, or is called otherwise."), TOLD)
        }
        Trouble::OpensMore { .. } => (
            "Something was changed on the owner’s side, so your way in waits until they have looked at it."
                .into(),
            TOLD,
        ),
        Trouble::InFile if attention.step == Step::Account => {
            ("It is prepared, and you are let in once the owner’s server knows of it.".into(), TOLD)
        }
        Trouble::InFile => (
            "It is prepared. Whether it is open already cannot be seen from here.".into(),
            "Try it now; or wait until the owner tells you.",
        ),
        Trouble::RuleGone | Trouble::OtherAddresses { .. } | Trouble::NotUnderstood { .. } => {
            ("Something was changed on the owner’s side, so you may not get in just now.".into(), TOLD)
        }
        Trouble::RuleBack => ("It is paused, and you may get in all the same.".into(), TOLD),
        _ if attention.need == Need::Time => {
            ("Something that it needs does not answer just now.".into(), BY_ITSELF)
        }
        _ => ("It stopped half-way.".into(), TOLD),
    };
    Words { reason, next_step: next_step.into() }
}

/// Why the gate is as it is.
pub fn reason(state: &ShareState) -> Option<String> {
    match state {
        ShareState::Accepted { again: Some(_) } => Some("The owner looks at it once more.".into()),
        ShareState::Drifted { attention } => Some(stopped(attention).reason),
        ShareState::NeedsAttention { attention, phase } => {
            let doing = match phase {
                Phase::End { .. } => "It is ending. ",
                Phase::Pause => "It is being paused. ",
                Phase::Apply => "",
            };
            Some(format!("{doing}{}", stopped(attention).reason))
        }
        ShareState::Ended { why, open_question: Some(_), .. } => {
            Some(format!("{} Not proven: you may still get in.", over(*why)))
        }
        ShareState::Ending { why } | ShareState::Ended { why, .. } => Some(over(*why).into()),
        ShareState::AccountMissing { .. } => Some(super::gate::MAKE_AN_ACCOUNT.into()),
        ShareState::WaitingForFriend { .. } => Some(super::gate::OPEN_THE_INVITE.into()),
        state => super::gate::reason(state),
    }
}

/// An entry of the audit trail about their share. What was done to the owner's network for it is the owner's, and so is
/// what a server said: of these they read that it went on, or stopped.
pub fn entry(what: &str) -> String {
    const AS_IT_IS: [&str; 7] = [
        super::AS_AGREED_AGAIN,
        super::NOT_AS_AGREED,
        super::OPENS_AGAIN,
        super::ASKED_TO_TRY_AGAIN,
        super::CALLED_ENDED,
        super::time::REFUSED,
        crate::words::account::NAMED,
    ];
    // By how it begins.
    const OTHERWISE: [(&str, &str); 9] = [
        ("said yes to", "said yes"),
        ("stopped", "stopped half-way"),
        ("needs another review", "needs to be looked at once more"),
        ("is open", "is open"),
        ("pauses the share", "pauses the share"),
        ("is paused", "is paused"),
        (super::HAS_ENDED, "has ended"),
        (super::ENDED_UNAPPLIED, "has ended"),
        ("is over for certain", "has ended"),
    ];
    let ends = [
        EndReason::Expired,
        EndReason::OwnerEnded,
        EndReason::FriendEnded,
        EndReason::InviteLapsed,
        EndReason::ShutOut,
    ];
    let ends = ends.map(super::begins_to_end);
    let plain = AS_IT_IS.contains(&what)
        || ends.contains(&what)
        || what.starts_with("set another end")
        || what.starts_with("asks for another end");
    if plain {
        return what.to_owned();
    }
    let other = OTHERWISE.into_iter().find(|(begins, _)| what.starts_with(begins));
    other.map_or("went on with it", |(_, plain)| plain).to_owned()
}

const fn over(why: EndReason) -> &'static str {
    match why {
        EndReason::Expired => "The agreed time is over.",
        EndReason::OwnerEnded => "The owner ended it.",
        EndReason::FriendEnded => "You gave it back.",
        EndReason::InviteLapsed => "The invite was not opened within its 30 days.",
        EndReason::ShutOut => "One of you may no longer come in here.",
    }
}

/// A step of it, by what it does for them.
pub const fn step(step: Step) -> &'static str {
    match step {
        Step::Narrow => "Shut what is open to all",
        Step::Account => "Make you an account",
        Step::Rule => "Open the way to the machine",
        Step::Invite => "Make your invite",
        Step::Accept => "You open the invite",
        Step::Confirm => "See that it is open",
        Step::Snippet => "Tell the machine",
        Step::RemoveRule => "Shut the way to the machine",
        Step::RemoveInvite => "Take the invite back",
        Step::RemoveGuest => "Take your account back",
        Step::ConfirmEnd => "See that it is shut",
    }
}

#[cfg(test)]
mod tests {
    use model::CallError;

    use super::*;

    /// Everything that comes from elsewhere, but for names.
    const SAID: &str = "SAID BY A SERVER";

    fn troubles() -> Vec<Trouble> {
        let (said, name) = (|| SAID.to_owned(), || "maple".to_owned());
        let errors = [
            CallError::Rejected { said: said() },
            CallError::NotFound,
            CallError::Conflict,
            CallError::Unauthorised,
            CallError::Forbidden { said: said() },
            CallError::RateLimited,
            CallError::Unreachable { reason: said() },
            CallError::InvalidResponse,
            CallError::Unsupported { what: said() },
        ];
        let calls = errors.into_iter().flat_map(|error| {
            let left =
                Trouble::GuestLeft { keys: vec![], machines: vec![], user: true, error: error.clone() };
            [Trouble::Call { error, maybe_done: true }, left]
        });
        let others = [
            Trouble::PolicyElsewhere,
            Trouble::NoVersionMark,
            Trouble::CannotEdit { why: said() },
            Trouble::NotUnderstood { why: said() },
            Trouble::RuleGone,
            Trouble::RuleBack,
            Trouble::OtherAddresses { node: name() },
            Trouble::MachineGone { node: name() },
            Trouble::InviteGone { login: name() },
            Trouble::AnotherLogin { by: name(), login: name() },
            Trouble::SeveralInvites,
            Trouble::InviteStillListed,
            Trouble::AccountGone { login: name() },
            Trouble::OpensMore { lines: vec![3] },
            Trouble::InFile,
            Trouble::KeyFile,
            Trouble::Damaged,
            Trouble::Other { reason: said(), next_step: said() },
        ];
        calls.chain(others).collect()
    }

    /// They are known by how they begin: whoever words them otherwise is told here.
    #[test]
    fn an_entry_says_what_it_did_for_the_friend() {
        use model::Decision;

        let now = model::Timestamp::from_micros(0);
        for decision in [Decision::Apply, Decision::NarrowAndApply, Decision::WholeNode] {
            for on_server in [false, true] {
                assert_eq!(entry(super::super::said_yes(decision, on_server)), "said yes");
            }
        }
        for open in [super::super::IS_OPEN, super::super::IS_OPEN_BY_RULE, super::super::IS_OPEN_AS_TOLD] {
            assert_eq!(entry(open), "is open");
        }
        for on_server in [false, true] {
            assert_eq!(entry(super::super::pauses(on_server)), "pauses the share");
        }
        for paused in [super::super::IS_PAUSED, super::super::IS_PAUSED_IN_FILE] {
            assert_eq!(entry(paused), "is paused");
        }
        for over in [super::super::HAS_ENDED.to_owned(), super::super::told_over("maple")] {
            assert_eq!(entry(&over), "has ended");
        }
        assert_eq!(entry(&super::super::needs_another_review(SAID)), "needs to be looked at once more");
        for own in [super::super::time::changed(Some(now)), super::super::time::asked(None)] {
            assert_eq!(entry(&own), own);
        }
        for theirs in [super::super::WROTE_RULE, super::super::TOOK_RULE_OUT, super::super::MADE_INVITE, SAID]
        {
            assert_eq!(entry(theirs), "went on with it");
        }
    }

    #[test]
    fn whatever_happened_the_friend_reads_whole_sentences_that_no_server_said() {
        for trouble in troubles() {
            for need in [Need::Time, Need::Credential, Need::Invite, Need::Look, Need::Review] {
                let attention = Attention { need, ..Attention::look(Step::Rule, trouble.clone()) };
                let Words { reason, next_step } = stopped(&attention);
                let phases = [Phase::Apply, Phase::Pause, Phase::End { why: EndReason::OwnerEnded }];
                let states =
                    phases.map(|phase| ShareState::NeedsAttention { attention: attention.clone(), phase });
                let drifted = ShareState::Drifted { attention };
                let gates = states.iter().chain([&drifted]).map(|state| self::reason(state).unwrap());
                for words in gates.chain([reason, next_step]) {
                    assert!(words.ends_with('.') && !words.contains(".."), "{trouble:?}: {words}");
                    assert!(!words.contains(SAID), "{trouble:?}: {words}");
                }
            }
        }
    }
}
