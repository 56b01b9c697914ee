//! What is said of people who lend their own machines on somebody else's server.

use app::fault::{Fault, Reason};

pub const ASKS: &str = "They have a key of this server, which is connected here already. Say which account they are, and they see and \
                        lend their own machines on it; or say no.";
pub const NARROWING_IS_THE_OWNERS: &str = "Other rules of the policy would let your friend reach more. Changing them is for whoever looks \
                                           after the server; ask them to review this.";
pub const YOURS_ARE_THERE: &str =
    "this server is connected already, and your machines on it are under Tailnets";
pub const ASKED_TO_LEND: &str = "asked to lend their own machines on this server";

/// The same server is connected by somebody else, who was asked now.
pub fn owner_was_asked() -> Fault {
    Fault::Conflict(Reason::as_said(
        "This server is connected here already, and its policy is one for all who are on it, so it is looked after once. \
         Nothing was connected; whoever looks after it was asked whether you may lend your own machines on it. With their yes \
         you find your machines under Tailnets, and they can also make you a steward.",
    ))
}

pub fn asks(count: u32, tailnet: &str) -> String {
    match count {
        1 => format!("Somebody asks to lend their machines on {tailnet}"),
        count => format!("{count} people ask to lend their machines on {tailnet}"),
    }
}

/// For whoever asked. What they may not see is not named.
pub fn answered(accepted: bool, tailnet: &str) -> (String, &'static str) {
    if accepted {
        (
            format!("You may lend your own machines on {tailnet}"),
            "They are under Tailnets: list a service on one of them, and offer it.",
        )
    } else {
        (
            "You may not lend your machines on the server that you asked for".to_owned(),
            "Whoever looks after it said no; it stays as it was. To ask again, connect it once more.",
        )
    }
}

pub fn said_yes(person: &str, account: &str) -> String {
    format!("said that {person} is {account} on this server, and lends their own machines on it")
}

pub fn said_no(person: &str) -> String {
    format!("said no to {person}, who asked to lend machines on this server")
}

pub fn forgot(person: &str) -> String {
    format!("forgot which account {person} is on this server: they lend nothing more on it")
}

pub const fn reviews(on: bool) -> &'static str {
    if on {
        "wants to review each plan for others' machines"
    } else {
        "lets others say yes for their own machines, where nothing else opens"
    }
}

/// Whose turn it is.
pub fn owner_reviews() -> Fault {
    Fault::conflict("Whoever looks after the server reviews each plan, and was told.")
}
