//! The audit trail of a share in words: each event for those who give it, and for its friend. Sentences without their
//! subject.

use model::guest::WhyStays;
use model::{Decision, EndReason, OpenBy, ShareEvent, Timestamp};

/// What the owner, stewards and auditors read.
pub fn for_owner(event: &ShareEvent) -> String {
    match event {
        ShareEvent::Accepted { service, login } => format!("accepted {service} for {login}"),
        ShareEvent::AcceptedWithoutAccount => "accepted, and has no account yet".into(),
        ShareEvent::Taken { service, login, approved_by } => format!(
            "accepted {service} for {login} without an offer, as {approved_by} approved this kind beforehand"
        ),
        ShareEvent::Adopted { service } => {
            format!("adopted what was shared elsewhere as a share of {service}")
        }
        ShareEvent::AccountNamed => "has an account now".into(),
        ShareEvent::Approved { decision, on_server } => said_yes(*decision, *on_server).into(),
        ShareEvent::ApprovedBeforehand { by, days } => format!(
            "said yes to just this service, as {by} approved beforehand for shares of this kind of at most {}; the plan was clean",
            for_days(*days)
        ),
        ShareEvent::ReviewAgain { why } => format!("needs another review: {why}"),
        ShareEvent::PolicyNarrowed => "narrowed the policy: wildcard sources name who they mean".into(),
        ShareEvent::DefaultWrittenOut => {
            "wrote the default of the policy out: everything is allowed, as before".into()
        }
        ShareEvent::RuleWritten => "wrote the rule into the policy".into(),
        ShareEvent::RuleRemoved => "took the rule out of the policy".into(),
        ShareEvent::InviteMade => "made a device invite".into(),
        ShareEvent::InviteUsed => "uses the invite that the friend has for this machine".into(),
        ShareEvent::InvitePasted => "pasted the invite made in the console".into(),
        ShareEvent::InviteDeleted => "deleted the invite that another account had opened".into(),
        ShareEvent::InviteWanted => "wants a new invite, for the account that was agreed".into(),
        ShareEvent::Opened { by } => match by {
            OpenBy::Invite => "is open: rule and invite were seen in force".into(),
            OpenBy::Rule => "is open: the rule was seen in force".into(),
            OpenBy::Machine => "is open: its machine told that it lets the friend in".into(),
        },
        ShareEvent::PortsWanted => "is to have other ports, once they were looked at".into(),
        ShareEvent::PortsKept => "keeps the ports that it has".into(),
        ShareEvent::Stopped { reason, .. } => format!("stopped: {reason}"),
        ShareEvent::Drifted { reason, .. } => format!("{NOT_AS_AGREED}: {reason}"),
        ShareEvent::AsAgreedAgain => "was found as agreed again: it goes on".into(),
        ShareEvent::RetryWanted => "asked to try again".into(),
        ShareEvent::Pausing { on_server: true } => {
            "pauses the share: the rule is taken out, the account stays".into()
        }
        ShareEvent::Pausing { on_server: false } => {
            "pauses the share: the rule is taken out, the invite stays".into()
        }
        ShareEvent::Paused { in_file: true } => {
            "is paused: its rule is out of the file, and whether the server has loaded that is not proven"
                .into()
        }
        ShareEvent::Paused { in_file: false } => {
            "is paused: its rule was seen to be out of the policy".into()
        }
        ShareEvent::Reopened => "opens the share again, as it was agreed".into(),
        ShareEvent::EndSet { ends } => format!("set another end: {}", until(*ends)),
        ShareEvent::EndWanted { ends } => format!("asks for another end: {}", until(*ends)),
        ShareEvent::EndKept => "leaves the end as it was agreed".into(),
        ShareEvent::Ending { why } => begins_to_end(*why).into(),
        ShareEvent::Ended { was_applied: true } => "has ended: nothing of it is in force any more".into(),
        ShareEvent::Ended { was_applied: false } => "has ended before it was applied".into(),
        ShareEvent::CalledEnded => "called it ended without proof".into(),
        ShareEvent::EndProven { machine } => {
            format!("is over for certain: {machine} told that it lets nothing of it in")
        }
        ShareEvent::OwnerShutOut => "goes on until its end; its owner may no longer come in here".into(),
        ShareEvent::PolicyLoaded { machine } => {
            format!("the policy in the file is in force: {machine} told that it lets in nobody new")
        }
        ShareEvent::LoadConfirmed => "said that the server has loaded its policy file".into(),
        ShareEvent::AccountChosen { friend, login } => {
            format!("said that {friend} is {login} on this server")
        }
        ShareEvent::NewUserChosen { friend, name, ephemeral } => {
            let leaves = if *ephemeral { ", with a machine that goes when it disconnects" } else { "" };
            format!("said that {friend} is new on this server, as {name}{leaves}")
        }
        ShareEvent::SignInChosen { friend } => {
            format!("said that {friend} signs in on this server; their account is waited for")
        }
        ShareEvent::UserMade => "made a user for the friend on the server".into(),
        ShareEvent::KeyMade => "asked for a key for one machine".into(),
        ShareEvent::LostKeyEnded => {
            "found a key whose answer was lost, and ended it: nobody has seen it".into()
        }
        ShareEvent::MachineLetIn => "let a machine in that waited at the page of the server".into(),
        ShareEvent::KeyEnded { key, name } => format!("ended the key {key} of {name}"),
        ShareEvent::MachineRemoved { machine, name } => {
            format!("took the machine {machine} of {name} out of the server")
        }
        ShareEvent::UserRemoved { name } => {
            format!("took the user {name} out of the server, who was made for a share")
        }
        ShareEvent::UserStays { name, why, in_file } => user_stays(*why, name, *in_file),
        ShareEvent::BeyondAccepted { login } => {
            format!("accepted as it is what {login} reaches beyond what was agreed")
        }
    }
}

/// What its friend reads of what others did. What was done to the owner's network for it is the owner's, and so is what a
/// server said: of these they read that it went on, or stopped.
pub fn for_friend(event: &ShareEvent) -> String {
    match event {
        ShareEvent::Accepted { .. } | ShareEvent::Taken { .. } => "accepted".into(),
        ShareEvent::Approved { .. } | ShareEvent::ApprovedBeforehand { .. } => "said yes".into(),
        ShareEvent::ReviewAgain { .. } => "needs to be looked at once more".into(),
        ShareEvent::Opened { .. } => "is open".into(),
        ShareEvent::Stopped { .. } => "stopped half-way".into(),
        ShareEvent::Drifted { .. } => NOT_AS_AGREED.into(),
        ShareEvent::Pausing { .. } => "pauses the share".into(),
        ShareEvent::Paused { .. } => "is paused".into(),
        ShareEvent::Ended { .. } | ShareEvent::EndProven { .. } => "has ended".into(),
        ShareEvent::AcceptedWithoutAccount
        | ShareEvent::AccountNamed
        | ShareEvent::AsAgreedAgain
        | ShareEvent::RetryWanted
        | ShareEvent::Reopened
        | ShareEvent::EndSet { .. }
        | ShareEvent::EndWanted { .. }
        | ShareEvent::EndKept
        | ShareEvent::Ending { .. }
        | ShareEvent::CalledEnded
        | ShareEvent::OwnerShutOut => for_owner(event),
        ShareEvent::Adopted { .. }
        | ShareEvent::PolicyNarrowed
        | ShareEvent::DefaultWrittenOut
        | ShareEvent::RuleWritten
        | ShareEvent::RuleRemoved
        | ShareEvent::InviteMade
        | ShareEvent::InviteUsed
        | ShareEvent::InvitePasted
        | ShareEvent::InviteDeleted
        | ShareEvent::InviteWanted
        | ShareEvent::PortsWanted
        | ShareEvent::PortsKept
        | ShareEvent::PolicyLoaded { .. }
        | ShareEvent::LoadConfirmed
        | ShareEvent::AccountChosen { .. }
        | ShareEvent::NewUserChosen { .. }
        | ShareEvent::SignInChosen { .. }
        | ShareEvent::UserMade
        | ShareEvent::KeyMade
        | ShareEvent::LostKeyEnded
        | ShareEvent::MachineLetIn
        | ShareEvent::KeyEnded { .. }
        | ShareEvent::MachineRemoved { .. }
        | ShareEvent::UserRemoved { .. }
        | ShareEvent::UserStays { .. }
        | ShareEvent::BeyondAccepted { .. } => WENT_ON.into(),
    }
}

/// The same of an entry from before there were codes, by how its sentence begins. Nothing is added here.
pub fn for_friend_without_code(what: &str) -> String {
    const AS_IT_IS: [&str; 13] = [
        "was found as agreed again",
        "opens the share again",
        "asked to try again",
        "called it ended without proof",
        "leaves the end as it was agreed",
        "has an account now",
        "set another end",
        "asks for another end",
        "the agreed time is over: the share ends",
        "ended the share",
        "gave the share back",
        "the invite was not opened within its 30 days",
        "one of the two may no longer come in here",
    ];
    const OTHERWISE: [(&str, &str); 9] = [
        ("said yes to", "said yes"),
        ("stopped", "stopped half-way"),
        (NOT_AS_AGREED, NOT_AS_AGREED),
        ("needs another review", "needs to be looked at once more"),
        ("is open", "is open"),
        ("pauses the share", "pauses the share"),
        ("is paused", "is paused"),
        ("has ended", "has ended"),
        ("is over for certain", "has ended"),
    ];
    if AS_IT_IS.iter().any(|begins| what.starts_with(begins)) {
        return what.to_owned();
    }
    let other = OTHERWISE.into_iter().find(|(begins, _)| what.starts_with(begins));
    other.map_or(WENT_ON, |(_, plain)| plain).to_owned()
}

const WENT_ON: &str = "went on with it";
const NOT_AS_AGREED: &str = "is no longer in force as agreed";

/// `on_server`: what the friend reaches anyway as an account there is no node, and nothing of it is given by the yes.
const fn said_yes(decision: Decision, on_server: bool) -> &'static str {
    match decision {
        Decision::Apply => "said yes to exactly the service",
        Decision::NarrowAndApply => "said yes to narrowing the policy and to exactly the service",
        Decision::WholeNode if on_server => {
            "said yes to the service, and leaves what the friend reaches anyway as it is"
        }
        Decision::WholeNode => "said yes to the whole node",
    }
}

const fn begins_to_end(why: EndReason) -> &'static str {
    match why {
        EndReason::Expired => "the agreed time is over: the share ends",
        EndReason::OwnerEnded => "ended the share",
        EndReason::FriendEnded => "gave the share back",
        EndReason::InviteLapsed => "the invite was not opened within its 30 days: the share ends",
        EndReason::ShutOut => "one of the two may no longer come in here: the share ends",
    }
}

/// When it ends.
pub fn until(ends: Option<Timestamp>) -> String {
    ends.map_or_else(|| "until ended".to_owned(), |ends| format!("until {}", ends.to_minutes()))
}

/// How long it may be.
pub fn for_days(days: i64) -> String {
    if days == 1 { "a day".into() } else { format!("{days} days") }
}

/// Why a user that was made here is left.
pub fn user_stays(why: WhyStays, name: &str, in_file: bool) -> String {
    match why {
        WhyStays::WasThere => format!("{name} was on the server before, and stays."),
        WhyStays::Renamed => format!(
            "The user that was made as {name} is called otherwise on the server by now, so it stays with its machines, without \
             the keys that were made here. Look whether it is still theirs, and take it away there."
        ),
        WhyStays::Held => {
            format!("The user {name} stays on the server: another share or offer is for them.")
        }
        WhyStays::Named => {
            format!("The user {name} stays on the server: something else in the policy names them.")
        }
        WhyStays::Version if in_file => format!(
            "The keys and machines of {name} are gone. The user is left on the server: whether the policy without the \
             rule is in force cannot be read. Once Headscale has loaded it, take the user away (headscale users destroy); \
             not on Headscale 0.28, which was seen to end everybody's keys together with a user."
        ),
        WhyStays::Version => format!(
            "The keys and machines of {name} are gone. The user is left on the server: Headscale 0.28 was seen to end \
             everybody's keys together with a user. It reaches nothing; take it away after an update (headscale users \
             destroy)."
        ),
    }
}
