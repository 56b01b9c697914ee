//! The steps of a share, as its page shows them when they are done.

use std::fmt::Display;

use model::{Revision, Step};
use sharing::InviteEnd;

pub const AS_BEFORE: &str = "As it was before.";
pub const PASTED_HERE: &str = "Made in the console, pasted here.";
pub const HAS_MACHINE_ALREADY: &str = "The friend has this machine already.";
pub const USES_WAITING_INVITE: &str = "Uses the invite that waits already.";
pub const FOUND_INVITE: &str = "Found the invite that was asked for.";
pub const MADE_INVITE: &str = "Made an invite for this one friend.";
pub const ACCEPTED_FOR_FRIEND: &str = "Accepted for the friend, with their own token.";
pub const SEEN_IN_POLICY: &str = "Seen in the policy.";
pub const RULE_NOT_IN_POLICY: &str = "The rule is not in the policy.";
pub const READ_BACK: &str = "Rule and invite were read back.";
pub const RULE_READ_BACK: &str = "The rule was read back.";
pub const TOLD_OPEN: &str = "The rule stands in the file, and the machine itself told that it is in force.";
pub const NOTHING_SEEN: &str = "Nothing of it was seen any more.";
pub const TAKEN_OUT: &str = "Taken out; every other byte stayed.";
pub const WRITTEN: &str = "Written; nobody else had changed the policy meanwhile.";

pub fn text_has_share(revision: Revision) -> String {
    format!("Revision {revision} of the firewall text has this share.")
}

/// Of a server on which the friend has no device yet.
pub fn text_waits_for_device(revision: Revision) -> String {
    format!(
        "Revision {revision} of the firewall text lets nobody in for this share: it does as soon as a device of theirs is on \
         the server."
    )
}

pub fn text_is_without(revision: Revision) -> String {
    format!("Revision {revision} of the firewall text is without this share.")
}

pub fn text_stays(error: impl Display) -> String {
    format!("The firewall text stays as it was: {error}.")
}

pub fn text_otherwise_as_it_was(error: impl Display) -> String {
    format!("The firewall text is without this share, and otherwise as it was: {error}.")
}

pub fn still_listed(login: impl Display) -> String {
    format!(
        "The rule and the invite are gone, so {login} reaches nothing through them; the control plane still \
         lists them as a share recipient, and it has no call that proves the machine has left their list."
    )
}

pub const fn invite_ended(end: InviteEnd) -> &'static str {
    match end {
        InviteEnd::None => "There was no invite.",
        InviteEnd::NotOurs => "Kept: it was not made here.",
        InviteEnd::Used => "Kept: another share of the same friend uses it.",
        InviteEnd::GoneAlready => "It was gone already.",
        InviteEnd::ByHand => "Deleted by hand: it is no longer listed.",
    }
}

pub const fn title(step: Step) -> &'static str {
    match step {
        Step::Narrow => "Narrow the policy",
        Step::Account => "Make their user",
        Step::Rule => "Write the rule",
        Step::Invite => "Make the invite",
        Step::Accept => "The friend opens the invite",
        Step::Confirm => "See it in force",
        Step::Snippet => "Renew the firewall text",
        Step::RemoveRule => "Take out the rule",
        Step::RemoveInvite => "Delete the invite",
        Step::RemoveGuest => "Take back their way in",
        Step::ConfirmEnd => "See that it is gone",
    }
}
