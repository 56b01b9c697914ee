//! What is done next.

use control_plane::InviteId;
use model::{Attention, EndReason, Step, Timestamp};

use crate::journal::AgreedLine;

/// The one thing to do next for a share.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Action {
    /// Look, and decide again.
    Read(What),
    /// Write down that a step was done: it was seen, and nobody could write it down then.
    Record(Step),
    /// Make the friend's user on the owner's server: an account whose name stands in the rule has to be somebody's.
    MakeUser,
    /// Write down the rule of the plan, before it is written into the policy.
    BeginRule,
    /// Write the narrowed policy.
    Narrow,
    /// Write down that what was loaded is not what is to be: the file is wide again.
    ForgetLoad,
    /// Write the rule into the policy.
    WriteRule,
    /// Ask for an invite, once.
    AskInvite,
    /// Write down that no invite was asked for after all: it was refused.
    ForgetAsking,
    /// Take this invite for the share's.
    Adopt {
        /// Which.
        id: String,
        /// Whether it was made for a share of ours.
        ours: bool,
        /// Why it is the one.
        how: How,
    },
    /// Look for the invite anew: the one of before was to be deleted, and is not there any more.
    ForgetInvite,
    /// Make the next text for the machine's host.
    RenewFirewall,
    /// Accept the invite for the friend, where their tailnet is connected.
    Accept,
    /// Write down who opened the invite.
    OpenedBy(String),
    /// Say that it is open: the rule was seen, and the invite where there has to be one.
    Activate {
        /// Who opened the invite.
        by: Option<String>,
    },
    /// The friend has to open the invite; look again then.
    WaitForFriend {
        /// When.
        until: Timestamp,
    },
    /// Take the rule out of the policy.
    RemoveRule,
    /// Delete the invite.
    DeleteInvite(InviteId),
    /// Write down what became of the invite.
    InviteEnded(InviteEnd),
    /// Say that it has ended: nothing of it was seen any more.
    Ended {
        /// The friend is listed as a share recipient, and no other share accounts for that.
        still_listed: bool,
    },
    /// Say that it is paused: its rule was not seen any more.
    Paused,
    /// Begin to end it.
    End(EndReason),
    /// Back to the owner.
    Review(ReviewWhy),
    /// It stops here.
    Stop(Attention),
    /// It was open and is not in force as agreed.
    Drifted(Attention),
    /// It is in force as agreed.
    InForce,
    /// It is as agreed again: go on with it.
    Resume,
    /// Begin anew, with everything read afresh.
    Again,
    /// There is nothing to do.
    Rest,
}

/// What can be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum What {
    /// The policy.
    Policy,
    /// Machines and users, and what the plan for the policy is with them.
    Plan,
    /// The invites of the machine.
    Invites,
    /// One of them.
    Invite(InviteId),
    /// Other shares of the tailnet, from the store.
    Others,
    /// With whom machines are shared.
    Recipients,
    /// The machine.
    Machine,
}

/// A call that changes something.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Deed {
    /// See [`Action::Narrow`].
    Narrow,
    /// See [`Action::MakeUser`].
    MakeUser,
    /// See [`Action::WriteRule`].
    WriteRule,
    /// See [`Action::AskInvite`].
    AskInvite,
    /// See [`Action::RemoveRule`].
    RemoveRule,
    /// See [`Action::DeleteInvite`].
    DeleteInvite,
}

/// Why an invite is the share's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum How {
    /// The friend has the machine through it already.
    SameFriend,
    /// Another share of the same friend waits for it to be opened.
    Waiting,
    /// It is the only new one since one was asked for.
    AskedFor,
}

/// What became of an invite without a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum InviteEnd {
    /// There was none.
    None,
    /// It stays, as it was not made for a share.
    NotOurs,
    /// It stays, as another share uses it.
    Used,
    /// The control plane does not know it any more.
    GoneAlready,
    /// It could not be deleted, and is not listed.
    ByHand,
}

/// Why the owner has to look once more.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ReviewWhy {
    /// Nobody said yes.
    NotApproved,
    /// There is no plan, in the policy engine's words.
    NoPlan(String),
    /// Reach would change in another way than agreed.
    Changed {
        /// What was agreed, where that was kept.
        agreed: Vec<AgreedLine>,
        /// What it would be now, where that is known.
        now: Vec<AgreedLine>,
    },
}
