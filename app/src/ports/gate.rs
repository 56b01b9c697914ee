//! A share as it is drawn everywhere: who → service, open until.

use model::{ServicePorts, ShareId, Timestamp};

/// One share or offer in short: the same picture in lists, on the service page, in review and in audit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Gate {
    /// The page that tells more: a share's, or an offer's for its owner.
    pub href: String,
    pub share: Option<ShareId>,
    /// The friend, or "whoever has the link".
    pub who: String,
    pub owner: String,
    pub service: String,
    pub node: String,
    pub ports: ServicePorts,
    pub state: GateState,
    /// Absent: until ended.
    pub until: Option<Timestamp>,
    /// The reason for the state in one sentence, when there is something to say.
    pub reason: Option<String>,
    /// Where the viewer looks at what it would open, if it waits for their yes.
    pub review: Option<String>,
}

/// The life of a share as a word and a shape.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum GateState {
    Offered,
    /// Accepted by a friend who has no account yet.
    AccountMissing,
    /// Accepted by the friend, waits for the owner's review.
    Accepted,
    Applying,
    /// In force in the policy, waits for the friend to open the invite.
    WaitingForFriend,
    Active,
    Pausing,
    Paused,
    NeedsAttention,
    Ending,
    Ended,
    Declined,
    Withdrawn,
    Lapsed,
}

impl GateState {
    /// The word that people read.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Offered => "offered",
            Self::AccountMissing => "accepted, account missing",
            Self::Accepted => "waiting for review",
            Self::Applying => "applying",
            Self::WaitingForFriend => "waiting for the friend",
            Self::Active => "open",
            Self::Pausing => "pausing",
            Self::Paused => "paused",
            Self::NeedsAttention => "needs attention",
            Self::Ending => "ending",
            Self::Ended => "ended",
            Self::Declined => "declined",
            Self::Withdrawn => "withdrawn",
            Self::Lapsed => "lapsed",
        }
    }

    /// Whether nothing will happen to it any more.
    pub const fn is_over(self) -> bool {
        matches!(self, Self::Ended | Self::Declined | Self::Withdrawn | Self::Lapsed)
    }
}
