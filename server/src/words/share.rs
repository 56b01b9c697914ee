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
use model::{Decision, EndReason, Phase, ShareState};

pub const AS_AGREED_AGAIN: &str = "was found as agreed again: it goes on";
pub const FORGOTTEN: &str = "A share that was forgotten";
pub const ASKED_TO_TRY_AGAIN: &str = "asked to try again";
pub const CALLED_ENDED: &str = "called it ended without proof";
pub const PASTE_WHOLE_LINK: &str = "paste the whole link that the console gave, beginning with https://";
pub const NO_SUCH_INVITE: &str = "the control plane knows no such invite for this machine; copy it again";
pub const INVITE_OPENED_ALREADY: &str = "this invite was opened by somebody already; make a new one";
pub const INVITE_FOR_SEVERAL: &str = "this invite is for several people; make one for a single person";
pub const INVITE_OF_ANOTHER: &str = "this invite belongs to another share; make a new one";
pub const PASTED_INVITE: &str = "pasted the invite made in the console";
pub const MADE_INVITE: &str = "made a device invite";
pub const USES_INVITE: &str = "uses the invite that the friend has for this machine";
pub const IS_OPEN: &str = "is open: rule and invite were seen in force";
pub const IS_OPEN_BY_RULE: &str = "is open: the rule was seen in force";
pub const IS_OPEN_AS_TOLD: &str = "is open: its machine told that it lets the friend in";
pub const HAS_ENDED: &str = "has ended: nothing of it is in force any more";
pub const ENDED_UNAPPLIED: &str = "has ended before it was applied";
pub const NOT_AS_AGREED: &str = "is no longer in force as agreed";
pub const WROTE_OUT_DEFAULT: &str = "wrote the default of the policy out: everything is allowed, as before";
pub const TOOK_RULE_OUT: &str = "took the rule out of the policy";
pub const IS_TO_HAVE_OTHER_PORTS: &str = "is to have other ports, once they were looked at";
pub const KEEPS_ITS_PORTS: &str = "keeps the ports that it has";
pub const NARROWED: &str = "narrowed the policy: wildcard sources name who they mean";
pub const IS_PAUSED: &str = "is paused: its rule was seen to be out of the policy";
pub const IS_PAUSED_IN_FILE: &str =
    "is paused: its rule is out of the file, and whether the server has loaded that is not proven";
pub const OPENS_AGAIN: &str = "opens the share again, as it was agreed";
pub const NO_ACCOUNT_YET: &str = "somebody who has no account yet";
pub const DELETED_WRONG_INVITE: &str = "deleted the invite that another account had opened";
pub const WANTS_A_NEW_INVITE: &str = "wants a new invite, for the account that was agreed";
pub const NO_WRONG_INVITE: &str = "Its invite was not opened by another account, or was not made here.";
pub const INVITE_IS_SHARED: &str = "Another share uses the same invite. End that one first, or review this one for the account that opened it.";
pub const WROTE_RULE: &str = "wrote the rule into the policy";

/// What was ended without proof is over.
pub fn told_over(node: &str) -> String {
    format!("is over for certain: {node} told that it lets nothing of it in")
}

pub fn told_loaded(node: &str) -> String {
    format!("the policy in the file is in force: {node} told that it lets in nobody new")
}

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

pub fn needs_another_review(why: &str) -> String {
    format!("needs another review: {why}")
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

/// Why it begins to end, for the audit trail.
pub const fn begins_to_end(why: EndReason) -> &'static str {
    match why {
        EndReason::Expired => "the agreed time is over: the share ends",
        EndReason::OwnerEnded => "ended the share",
        EndReason::FriendEnded => "gave the share back",
        EndReason::InviteLapsed => "the invite was not opened within its 30 days: the share ends",
        EndReason::ShutOut => "one of the two may no longer come in here: the share ends",
    }
}

/// `on_server`: what the friend reaches anyway as an account there is no node, and nothing of it is given by the yes.
pub const fn said_yes(decision: Decision, on_server: bool) -> &'static str {
    match decision {
        Decision::Apply => "said yes to exactly the service",
        Decision::NarrowAndApply => "said yes to narrowing the policy and to exactly the service",
        Decision::WholeNode if on_server => {
            "said yes to the service, and leaves what the friend reaches anyway as it is"
        }
        Decision::WholeNode => "said yes to the whole node",
    }
}

/// What begins with a pause.
pub const fn pauses(on_server: bool) -> &'static str {
    if on_server {
        "pauses the share: the rule is taken out, the account stays"
    } else {
        "pauses the share: the rule is taken out, the invite stays"
    }
}

/// The answer fits none of the ways that there are.
pub const fn choose_how(newcomer: bool, on_server: bool) -> &'static str {
    match (newcomer, on_server) {
        (true, _) => "somebody new comes in only after the policy is narrowed",
        (false, true) => "choose between narrowing first and leaving it as it is",
        (false, false) => "choose between narrowing first and the whole node",
    }
}
