//! What somebody saw, as plain data. Ids are as the app and the control planes write them, times are microseconds since
//! 1970 in UTC.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use crate::Around;

/// One look at the app's database and at every control plane.
#[derive(Clone, Debug, Default)]
pub struct Observation {
    /// When it was looked, on the app's clock.
    pub now: i64,
    /// From the control planes.
    pub tailnets: Vec<Tailnet>,
    /// All shares, those that are over too.
    pub shares: Vec<Share>,
    /// All offers.
    pub offers: Vec<Offer>,
    /// Work that is queued.
    pub jobs: Vec<Job>,
    /// Edits of policies that are no share.
    pub edits: Vec<Edit>,
    /// The audit trail.
    pub audit: Vec<Entry>,
    /// What the owner is told to stand at a control plane without a share.
    pub all_unmanaged: Vec<UnmanagedItem>,
    /// Who gives and gets what.
    pub around: Around,
    /// Whether the app shows a service to somebody, where it was asked: by person and service.
    pub shown: BTreeMap<(String, String), bool>,
    /// Every text in the database, but for those in which the same secrets were looked for before.
    pub texts: Vec<StoredText>,
    /// What must stand nowhere in it.
    pub secrets: Vec<Secret>,
}

/// A tailnet, as its control plane has it.
#[derive(Clone, Debug)]
pub struct Tailnet {
    /// What the control plane calls it.
    pub name: String,
    /// In which language its policy is: on a Headscale there are no invites either.
    pub dialect: policy::Dialect,
    /// The app's id of it, once it is connected.
    pub id: Option<String>,
    /// The policy in force, byte for byte.
    pub policy: String,
    /// Users, machines and whom each is shared with: a network file of the command line.
    pub network: Value,
    /// Its own machines.
    pub devices: Vec<Device>,
    /// Invites to its machines.
    pub invites: Vec<Invite>,
    /// Who has which machine through an invite.
    pub recipients: Vec<Recipient>,
}

/// A machine.
#[derive(Clone, Debug)]
pub struct Device {
    /// The app's id of it, once it is known there.
    pub node: Option<String>,
    /// As in the network file.
    pub name: String,
    /// As in rules.
    pub addresses: BTreeSet<String>,
}

/// A device invite.
#[derive(Clone, Debug)]
pub struct Invite {
    /// The control plane's id of it.
    pub id: String,
    /// Name of the machine.
    pub device: String,
    /// Login of who opened it.
    pub accepted_by: Option<String>,
}

/// Somebody of another tailnet who has a machine.
#[derive(Clone, Debug)]
pub struct Recipient {
    /// Name of the machine.
    pub device: String,
    /// Who.
    pub login: String,
    /// The invite through which, which may be gone.
    pub invite: String,
}

/// A share, as the app has it.
#[derive(Clone, Debug)]
pub struct Share {
    /// 32 hex digits, as in the mark of its rule.
    pub id: String,
    /// The app's ids of what it is about.
    pub offer: String,
    /// The machine.
    pub node: String,
    /// The service.
    pub service: String,
    /// The tailnet.
    pub tailnet: String,
    /// The person who gives it.
    pub owner: String,
    /// The person who has it.
    pub friend: String,
    /// Whom the rule names.
    pub login: String,
    /// `tcp:25565`, `udp:19132-19133`.
    pub ports: BTreeSet<String>,
    /// Those that were agreed before, and hold until a rule with the others stands.
    pub former: BTreeSet<String>,
    /// The agreed end.
    pub ends: Option<i64>,
    /// When the offer was accepted.
    pub accepted: i64,
    /// Where it stands.
    pub state: State,
    /// The owner said yes to a plan.
    pub approved: bool,
    /// They said so beforehand: for the people of this circle.
    pub beforehand: Option<String>,
    /// A write of its rule was begun.
    pub rule_begun: bool,
    /// The invite through which the friend has the machine.
    pub invite: Option<InviteDeed>,
    /// Invites of the machine from before one was asked for.
    pub invites_before: Option<BTreeSet<String>>,
    /// It was in force once.
    pub seen_in_force: bool,
}

/// The invite of a share.
#[derive(Clone, Debug)]
pub struct InviteDeed {
    /// The control plane's id of it.
    pub id: String,
    /// Made for a share, so that it has to go with the last share that uses it.
    pub ours: bool,
}

/// The state of a share.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum State {
    /// Waits for its friend to have an account.
    AccountMissing,
    /// Waits for its owner.
    Accepted,
    /// Access is being given.
    Applying,
    /// The invite was not opened yet.
    WaitingForFriend,
    /// In force.
    Active,
    /// Taken out of force for a while.
    Pausing,
    /// Out of force for a while.
    Paused,
    /// Was in force, and is not as agreed any more.
    Drifted {
        /// Whether it says what happened and what to do.
        told: bool,
    },
    /// Stopped.
    NeedsAttention {
        /// While doing what.
        phase: Phase,
        /// What makes it go on: `time`, `credential`, `invite`, `look`, `review`.
        need: String,
        /// Whether it says what happened and what to do.
        told: bool,
    },
    /// Access is being taken back.
    Ending,
    /// Over.
    Ended {
        /// The owner called it so without proof: the control plane could no longer be asked.
        unproven: bool,
        /// The control plane still lists the friend, and that was told.
        open_question: bool,
    },
    /// A name that no state has.
    Unknown(String),
}

/// Giving or taking back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Phase {
    /// Giving access.
    Apply,
    /// Taking it back for a while.
    Pause,
    /// Taking it back.
    End,
}

impl State {
    /// Access is there, or was begun to be given, or has not been taken back yet.
    pub fn may_be_in_force(&self) -> bool {
        !matches!(self, Self::AccountMissing | Self::Accepted | Self::Ended { .. } | Self::Unknown(_))
    }

    /// Nothing more will happen.
    pub fn is_over(&self) -> bool {
        matches!(self, Self::Ended { .. })
    }

    /// It is on its way out, or over.
    pub fn ends(&self) -> bool {
        matches!(self, Self::Ending | Self::Ended { .. } | Self::NeedsAttention { phase: Phase::End, .. })
    }
}

/// An offer.
#[derive(Clone, Debug)]
pub struct Offer {
    /// The app's id of it.
    pub id: String,
    /// What is offered.
    pub service: String,
    /// As one of which circle it was made to them.
    pub circle: Option<String>,
    /// The end of what it makes.
    pub ends: Option<i64>,
    /// The one person it is for.
    pub to_person: Option<String>,
    /// How many people it is for in all.
    pub uses: i64,
    /// How many may still accept it.
    pub uses_left: i64,
    /// Nobody may accept it later.
    pub lapses: i64,
    /// When it was taken back.
    pub withdrawn: Option<i64>,
    /// Who said no.
    pub declined: BTreeSet<String>,
}

/// Queued work.
#[derive(Clone, Debug)]
pub struct Job {
    /// `share`, `sync`, …
    pub kind: String,
    /// The id of what it is about.
    pub subject: String,
    /// Whose tailnet it is about.
    pub owner: Option<String>,
}

/// An edit of a policy.
#[derive(Clone, Debug)]
pub struct Edit {
    /// Sorts in the order in which edits were made.
    pub id: String,
    /// The app's id of the tailnet.
    pub tailnet: String,
    /// The text that it was made for.
    pub before: String,
    /// The text that it puts there.
    pub after: String,
    /// Done; if not, it may or may not have been written.
    pub applied: bool,
}

/// One line of the audit trail.
#[derive(Clone, Debug)]
pub struct Entry {
    /// What it was done to.
    pub object: Option<String>,
    /// A sentence without its subject.
    pub what: String,
}

/// Something that is said to stand at a control plane without a share.
#[derive(Clone, Debug)]
pub struct UnmanagedItem {
    /// The app's id of the tailnet.
    pub tailnet: String,
    /// `invite`, `recipient` or `rule`.
    pub kind: String,
    /// The invite's id, the login, the id in the mark.
    pub name: String,
}

/// A text in the database.
#[derive(Clone, Debug)]
pub struct StoredText {
    /// `table.column`.
    pub place: String,
    /// What stands there.
    pub text: String,
}

/// Something that opens something.
#[derive(Clone, Debug)]
pub struct Secret {
    /// For words: never the secret itself.
    pub name: String,
    /// The secret.
    pub text: String,
}

impl Observation {
    /// The tailnet of a share, if its control plane was seen.
    pub fn tailnet(&self, id: &str) -> Option<&Tailnet> {
        self.tailnets.iter().find(|tailnet| tailnet.id.as_deref() == Some(id))
    }

    /// The shares of a tailnet.
    pub fn shares_of<'a>(&'a self, tailnet: &'a Tailnet) -> impl Iterator<Item = &'a Share> {
        self.shares.iter().filter(|share| tailnet.id.as_deref() == Some(&*share.tailnet))
    }
}

impl Tailnet {
    /// The machine of a share.
    pub fn device(&self, node: &str) -> Option<&Device> {
        self.devices.iter().find(|device| device.node.as_deref() == Some(node))
    }

    /// An invite by its id.
    pub fn invite(&self, id: &str) -> Option<&Invite> {
        self.invites.iter().find(|invite| invite.id == id)
    }
}
