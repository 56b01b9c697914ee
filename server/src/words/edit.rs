//! What is said of edits of a policy.

use std::fmt::Display;

use app::fault::{Fault, Reason};

pub const SOMEBODY_WAS_QUICKER: &str =
    "Somebody changed the policy in the meantime, so nothing was written. Look at the plan again.";
pub const WOULD_BE_TAKEN: &str = "The control plane would take the new policy, and its own tests pass.";
pub const AS_IT_WOULD_BE: &str = "that this would make";
pub const TAKE_OUT_TITLE: &str = "Take out a rule that was left behind";
pub const TAKE_OUT_ABOUT: &str = "The share that it was written for is over, or was never made here.";
pub const ONLY_ITS_OWN_IS_PUT_BACK: &str = "The policy was changed since. Only what this edit changed is put \
                                            back; the rest stays as it is now.";
pub const WILDCARD_COMES_BACK: &str = "People outside with open shares were agreed to reach their services only. \
                                       With the wildcard back they reach more: see who gains.";
pub const WAY_BACK_ABOUT: &str = "The way back from an edit that was made here.";
pub const NARROW_ABOUT: &str = "Rules for everybody name who they mean: your members, tagged machines and \
                                routes. Nobody inside your tailnet loses anything.";
pub const WRITE_OUT_TITLE: &str = "Write out that everything is allowed";

pub fn cannot_be_taken_out(error: impl Display) -> Fault {
    Fault::conflict(format!("It cannot be taken out: {error}."))
}

pub fn tried_again(words: &str) -> String {
    format!("{words} It is tried again.")
}

pub fn nothing_written(words: &str) -> String {
    format!("{words} Nothing was written.")
}

pub fn changed_the_policy(title: &str) -> String {
    format!("changed the policy: {title}")
}

pub fn would_be_refused(message: &str) -> String {
    format!("The control plane would refuse the new policy: {message}")
}

pub fn could_not_be_asked(why: &str) -> String {
    format!("The control plane could not be asked about the new policy. {why}")
}

pub fn may_not_be_written() -> Fault {
    Fault::conflict("The policy may not be written from here; put the text in by hand.")
}

pub fn changed_since() -> Fault {
    Fault::Conflict(Reason::as_said(
        "The policy, the machines or the people changed since you looked. Nothing was written; this is how it is \
         now.",
    ))
}

pub fn network_makes_no_sense(error: impl Display) -> Fault {
    Fault::conflict(format!("The list of machines and users makes no sense: {error}."))
}

pub fn policy_is_refused(which: &str, error: impl Display) -> Fault {
    Fault::conflict(format!("The policy {which} is refused: {error}."))
}

pub fn share_is_not_over() -> Fault {
    Fault::conflict("This rule belongs to a share that is not over; end the share on its page.")
}

pub fn never_written() -> Fault {
    Fault::conflict("This edit was never written, so there is nothing to take back.")
}

pub fn taken_back_already() -> Fault {
    Fault::conflict("This edit was taken back already.")
}

pub fn changed_again() -> Fault {
    Fault::conflict(
        "What this edit changed was changed again since, so it cannot be taken back by itself; change the policy \
         by hand.",
    )
}

pub fn nothing_left_of_it() -> Fault {
    Fault::conflict("The policy has nothing of this edit any more.")
}

pub fn cannot_be_narrowed(error: impl Display) -> Fault {
    Fault::conflict(format!("It cannot be narrowed: {error}."))
}

pub fn nothing_to_narrow() -> Fault {
    Fault::conflict("No rule has everybody as its source: there is nothing to narrow.")
}

pub fn says_this_no_more() -> Fault {
    Fault::conflict("The policy does not say this any more.")
}

pub fn cannot_be_judged(error: impl Display) -> Fault {
    Fault::conflict(format!("The policy as it is cannot be judged: {error}."))
}

pub fn tidy_up(line: usize) -> String {
    format!("Tidy up line {line}")
}

pub fn would_be_taken_with(message: &str) -> String {
    format!("The control plane would take the new policy: {message}")
}
