//! What is said of what stands at a control plane without a share here.

use app::fault::{Fault, Reason};
use model::{Changed, UnmanagedKind};

pub const SHARE_UNREAD: &str = "What is stored of a share of this tailnet cannot be read, so it is not known \
                                what was made elsewhere. The log names the row.";
pub const NOT_ASKED: &str = "the question was not asked";
pub const CHOOSE_A_SERVICE: &str = "choose one of the machine's services";
pub const SHARED_PAST_US: &str = "it was shared past Acequia; look what it means before it is a share here";
pub const KEEPS: &str = "keeps as it is";
pub const INVITE_DELETED: &str = "The invite is deleted: its link opens nothing any more.";
pub const RULE_GONE: &str = "The rule was gone already.";
pub const RULE_TAKEN_OUT: &str = "The rule is taken out; every other byte of the policy stayed.";

pub fn only_an_opened_invite() -> Fault {
    Fault::conflict("Only an invite that somebody has opened can become a share.")
}

pub fn login_no_policy_names() -> Fault {
    Fault::conflict("The login is none that a policy could name.")
}

pub fn nobody_by_this_login() -> Fault {
    Fault::conflict("Nobody here is known by this login.")
}

pub fn rule_cannot_be_kept() -> Fault {
    Fault::conflict("A rule that no share accounts for cannot be kept; take it out, or take off its mark.")
}

pub fn job_is_working() -> Fault {
    Fault::conflict("A job is working on this tailnet at this moment; try again in a minute.")
}

pub fn no_call_ends_this() -> Fault {
    Fault::conflict("The control plane has no call that ends this.")
}

pub fn somebody_was_quicker() -> Fault {
    Fault::conflict("Somebody else changed the policy at the same moment; look again.")
}

pub fn what_was_done(what: &str) -> String {
    format!("{what} what was made elsewhere")
}

pub fn still_listed(login: &str) -> String {
    format!(
        "The invite is deleted. {login} is still listed as a share recipient: perhaps for another machine. The \
         admin console shows which, under Users."
    )
}

pub fn no_longer_listed(login: &str) -> String {
    format!("The invite is deleted, and {login} is no longer listed.")
}

/// What it is called, and what that means.
pub fn card(kind: UnmanagedKind, login: Option<&str>, node: &str) -> (String, &'static str) {
    match (kind, login) {
        (UnmanagedKind::Invite, Some(login)) => (
            format!("{node} is shared with {login}"),
            "They opened an invite that was not made here; they reach what the policy lets them reach.",
        ),
        (UnmanagedKind::Invite, None) => (
            format!("An open invite for {node}"),
            "It was not made here. Whoever has its link can bring the machine into their tailnet.",
        ),
        (UnmanagedKind::Recipient, login) => (
            format!("{} is listed as a share recipient", login.unwrap_or("Somebody")),
            "No invite says which machine they have.",
        ),
        (UnmanagedKind::Rule, _) => (
            "A rule of a share that is over, or was never here".to_owned(),
            "It has Acequia's mark and still stands in the policy.",
        ),
    }
}

/// What ending it means.
pub fn ending_means(kind: UnmanagedKind, login: Option<&str>, node: &str, rule: Option<&str>) -> Vec<String> {
    match (kind, login) {
        (UnmanagedKind::Invite, Some(login)) => vec![
            format!(
                "{login} loses {node}, and with it everything that they reached on it. Nobody else loses anything."
            ),
            "The invite is deleted at the control plane. Coming back needs a new one.".into(),
            "Rules of your policy that name them stay as they are.".into(),
        ],
        (UnmanagedKind::Invite, None) => vec![format!(
            "The link of this invite for {node} opens nothing any more. Nobody has used it yet."
        )],
        (UnmanagedKind::Recipient, _) => Vec::new(),
        (UnmanagedKind::Rule, _) => vec![
            "These lines leave the policy; every other byte of it stays:".into(),
            rule.unwrap_or_default().to_owned(),
            "Whoever the rule names reaches through it nothing any more.".into(),
        ],
    }
}

/// How a person ends what no call ends.
pub fn by_hand(kind: UnmanagedKind, login: Option<&str>) -> Vec<String> {
    match (kind, login) {
        (UnmanagedKind::Recipient, Some(login)) => vec![
            format!(
                "Open Users and look for {login}: the console shows which machines are shared with them."
            ),
            "Open each machine, Share, and take them out.".into(),
        ],
        _ => Vec::new(),
    }
}

pub const INVITE_BY_HAND: &str = "It can be done by hand in the admin console.";
pub const RULE_BY_HAND: &str = "It can be done by hand: take its lines out of the policy where that is kept.";

/// A call that ends something has failed; `maybe_done` says that it may have had its effect all the same.
pub fn not_ended(why: String, maybe_done: bool, by_hand: &str) -> Fault {
    if maybe_done {
        Fault::Unavailable(Reason { what: why, changed: Changed::Unknown })
    } else {
        Fault::unavailable(format!("{why} {by_hand}"))
    }
}
