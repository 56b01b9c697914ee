//! What is said of shares: what stands in the way, and what the audit trail keeps.

pub mod by_hand;
pub mod ending;
pub mod friend;
pub mod gate;
pub mod pausing;
pub mod review;
pub mod steps;
pub mod time;

use std::fmt::Display;

use app::fault::{Fault, Reason};
use model::{EndReason, Phase, ShareState};

pub const FORGOTTEN: &str = "A share that was forgotten";
pub const PASTE_WHOLE_LINK: &str = "paste the whole link that the console gave, beginning with https://";
pub const NO_SUCH_INVITE: &str = "the control plane knows no such invite for this machine; copy it again";
pub const INVITE_OPENED_ALREADY: &str = "this invite was opened by somebody already; make a new one";
pub const INVITE_FOR_SEVERAL: &str = "this invite is for several people; make one for a single person";
pub const INVITE_OF_ANOTHER: &str = "this invite belongs to another share; make a new one";
pub const NO_ACCOUNT_YET: &str = "somebody who has no account yet";
pub const NO_WRONG_INVITE: &str = "Its invite was not opened by another account, or was not made here.";
pub const INVITE_IS_SHARED: &str = "Another share uses the same invite. End that one first, or review this one for the account that opened it.";

pub fn machine_gone(node: &str) -> Fault {
    Fault::conflict(format!("{node} is no longer in the tailnet."))
}

pub fn no_plan(error: impl Display) -> Fault {
    Fault::conflict(format!("No plan can be made: {error}."))
}

pub fn plan_changed() -> Fault {
    Fault::Conflict(Reason::as_said(
        "The policy or the machines changed since you looked. Nothing was written; this is the new plan.",
    ))
}

pub fn changes_again_and_again() -> Fault {
    Fault::Conflict(Reason::as_said(
        "It changes again and again. Nothing was done; look at it and try again.",
    ))
}

pub fn is_not_open() -> Fault {
    Fault::Conflict(Reason::as_said("This share is not open; nothing was looked at."))
}

pub fn job_is_looking() -> Fault {
    Fault::conflict("A job is looking at this tailnet at this moment.")
}

pub fn could_not_be_looked_at() -> Fault {
    Fault::unavailable("It could not be looked at; try again.")
}

pub fn ending_has_not_stopped() -> Fault {
    Fault::conflict("That is for shares whose ending has stopped.")
}

pub fn waits_for_no_invite() -> Fault {
    Fault::conflict("This share waits for no invite.")
}

pub fn needs_no_review(state: &str) -> Fault {
    Fault::conflict(format!("This share is {state} and needs no review."))
}

pub fn changed_meanwhile(word: &str) -> Fault {
    Fault::Conflict(Reason::as_said(format!(
        "It changed at the same moment: it is {word} now. Nothing more was done; look at it and try again."
    )))
}

/// What whoever comes second reads.
pub fn ended_already(state: &ShareState) -> Fault {
    let (ShareState::Ending { why }
    | ShareState::Ended { why, .. }
    | ShareState::NeedsAttention { phase: Phase::End { why }, .. }) = state
    else {
        return Fault::conflict("It cannot be ended as it is.");
    };
    let how = match why {
        EndReason::Expired => "its agreed time is over",
        EndReason::OwnerEnded => "whoever gives it ended it",
        EndReason::FriendEnded => "whoever received it gave it back",
        EndReason::InviteLapsed => "its invite was not opened in time",
        EndReason::ShutOut => "one of the two may no longer come in here",
    };
    let now = if state.is_over() { "has ended" } else { "is ending" };
    Fault::Conflict(Reason::as_said(format!("This share {now} already: {how}. Nothing more was changed.")))
}

/// The answer fits none of the ways that there are.
pub const fn choose_how(newcomer: bool, on_server: bool) -> &'static str {
    match (newcomer, on_server) {
        (true, _) => "somebody new comes in only after the policy is narrowed",
        (false, true) => "choose between narrowing first and leaving it as it is",
        (false, false) => "choose between narrowing first and the whole node",
    }
}
