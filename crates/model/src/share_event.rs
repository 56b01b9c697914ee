//! What happens to a share, as its audit trail keeps it: a code, and what is told with it. What people read is made of
//! this in `sharing::trail`.

use serde::{Deserialize, Serialize};

use crate::guest::WhyStays;
use crate::words::words;
use crate::{Decision, EndReason, Need, Step, Timestamp};

words! {
    /// By what a share was seen to be open.
    OpenBy, "way to see that a share is open":
    /// Rule and invite were read back.
    Invite = "invite",
    /// The rule was read back.
    Rule = "rule",
    /// The machine told so.
    Machine = "machine",
}

/// Every event with its code. A code that was released keeps its meaning, and an event that is not made any more stays
/// here: what is stored is read with it.
macro_rules! events {
    ($(
        $(#[$of_event:meta])*
        $event:ident = $code:literal $({ $($(#[$of_field:meta])* $field:ident: $type:ty,)+ })?,
    )+) => {
        /// What happened to a share.
        #[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
        #[serde(tag = "code", content = "parameters")]
        pub enum ShareEvent {
            $(
                $(#[$of_event])*
                #[serde(rename = $code)]
                $event $({ $($(#[$of_field])* $field: $type,)+ })?,
            )+
        }

        impl ShareEvent {
            /// The codes of all of them.
            pub const CODES: [&'static str; [$($code),+].len()] = [$($code),+];

            /// As stored.
            pub const fn code(&self) -> &'static str {
                match self {
                    $(Self::$event { .. } => $code,)+
                }
            }
        }
    };
}

events! {
    /// The friend said yes to an offer.
    Accepted = "accepted" {
        /// What it is of.
        service: String,
        /// For which account.
        login: String,
    },
    /// The friend said yes, and has no account yet.
    AcceptedWithoutAccount = "accepted_without_account",
    /// The friend took what was approved beforehand.
    Taken = "taken" {
        /// What it is of.
        service: String,
        /// For which account.
        login: String,
        /// Who approved it.
        approved_by: String,
    },
    /// What was shared elsewhere is a share from now on.
    Adopted = "adopted" {
        /// What it is of.
        service: String,
    },
    /// The friend has an account by now.
    AccountNamed = "account_named",
    /// The owner's yes.
    Approved = "approved" {
        /// To what.
        decision: Decision,
        /// The friend is an account of the owner's server.
        on_server: bool,
    },
    /// The yes that was given beforehand.
    ApprovedBeforehand = "approved_beforehand" {
        /// Who gave it.
        by: String,
        /// For at most so many days.
        days: i64,
    },
    /// It has to be looked at once more.
    ReviewAgain = "review_again" {
        /// Why, in words.
        why: String,
    },
    /// The policy was narrowed for it.
    PolicyNarrowed = "policy_narrowed",
    /// The default of the policy was written out for it.
    DefaultWrittenOut = "default_written_out",
    /// Its rule is in the policy.
    RuleWritten = "rule_written",
    /// Its rule is out of the policy.
    RuleRemoved = "rule_removed",
    /// An invite was made.
    InviteMade = "invite_made",
    /// One that was there is used.
    InviteUsed = "invite_used",
    /// The owner made one in the console.
    InvitePasted = "invite_pasted",
    /// Another account had opened it.
    InviteDeleted = "invite_deleted",
    /// The owner wants another one.
    InviteWanted = "invite_wanted",
    /// It was seen in force.
    Opened = "opened" {
        /// By what.
        by: OpenBy,
    },
    /// The service has other ports, and it is to have them too.
    PortsWanted = "ports_wanted",
    /// It keeps the ports that it has.
    PortsKept = "ports_kept",
    /// It stopped.
    Stopped = "stopped" {
        /// At which step.
        step: Step,
        /// What makes it go on.
        need: Need,
        /// Why, in words.
        reason: String,
    },
    /// It is not in force as agreed.
    Drifted = "drifted" {
        /// At which step that would be mended.
        step: Step,
        /// What makes it go on.
        need: Need,
        /// Why, in words.
        reason: String,
    },
    /// It is in force as agreed again.
    AsAgreedAgain = "as_agreed_again",
    /// The owner wants it tried again.
    RetryWanted = "retry_wanted",
    /// A pause begins.
    Pausing = "pausing" {
        /// The friend is an account of the owner's server.
        on_server: bool,
    },
    /// It is paused.
    Paused = "paused" {
        /// The rule is out of a file, and maybe in force still.
        in_file: bool,
    },
    /// The pause is over.
    Reopened = "reopened",
    /// It has another end.
    EndSet = "end_set" {
        /// Which; none: until it is ended.
        ends: Option<Timestamp>,
    },
    /// The friend wants another end.
    EndWanted = "end_wanted" {
        /// Which; none: until it is ended.
        ends: Option<Timestamp>,
    },
    /// The end stays as it was.
    EndKept = "end_kept",
    /// It begins to end.
    Ending = "ending" {
        /// Why.
        why: EndReason,
    },
    /// It is over.
    Ended = "ended" {
        /// There was a rule.
        was_applied: bool,
    },
    /// The owner calls it over without proof.
    CalledEnded = "called_ended",
    /// What was called over is over.
    EndProven = "end_proven" {
        /// Which machine told so.
        machine: String,
    },
    /// Its owner was shut out, and it goes on.
    OwnerShutOut = "owner_shut_out",
    /// A machine told that the server has loaded its policy.
    PolicyLoaded = "policy_loaded" {
        /// Which.
        machine: String,
    },
    /// The owner says that the server has loaded its policy.
    LoadConfirmed = "load_confirmed",
    /// It was said which account of the server the friend is.
    AccountChosen = "account_chosen" {
        /// Their name.
        friend: String,
        /// The account.
        login: String,
    },
    /// A user is to be made for the friend.
    NewUserChosen = "new_user_chosen" {
        /// Their name.
        friend: String,
        /// The user's.
        name: String,
        /// Their machine goes when it disconnects.
        ephemeral: bool,
    },
    /// The friend signs in there themselves.
    SignInChosen = "sign_in_chosen" {
        /// Their name.
        friend: String,
    },
    /// A user was made for the friend.
    UserMade = "user_made",
    /// The friend asked for a key.
    KeyMade = "key_made",
    /// A key that nobody has seen was ended.
    LostKeyEnded = "lost_key_ended",
    /// The friend let a machine of theirs in.
    MachineLetIn = "machine_let_in",
    /// A key of the friend's user was ended.
    KeyEnded = "key_ended" {
        /// Its id.
        key: String,
        /// The user's name.
        name: String,
    },
    /// A machine of the friend's user was taken out of the server.
    MachineRemoved = "machine_removed" {
        /// Its id.
        machine: String,
        /// The user's name.
        name: String,
    },
    /// The friend's user was taken out of the server.
    UserRemoved = "user_removed" {
        /// Their name.
        name: String,
    },
    /// The friend's user stays on the server.
    UserStays = "user_stays" {
        /// Their name.
        name: String,
        /// Why.
        why: WhyStays,
        /// Whether the policy without the rule is in force cannot be read.
        in_file: bool,
    },
    /// What the friend reaches beyond it is accepted as it is.
    BeyondAccepted = "beyond_accepted" {
        /// The friend's account.
        login: String,
    },
}
