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
