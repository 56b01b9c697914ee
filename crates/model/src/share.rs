//! The life of a share: states with their own data, and the only ways from one to the next.
//!
//! `accepted → applying → (waiting for the friend) → active → ending → ended`, with the rest stops
//! `account missing` before a review, `needs attention` and, for what was open, `drifted` and `paused`. What comes before, from `offered` on, is the life of the offer: it becomes a share for
//! each person who accepts it.

use serde::{Deserialize, Serialize};

use crate::words::words;
use crate::{Attention, Need, Timestamp};

/// From when on a share is said to end soon: the last tenth of its time, at most a day.
pub fn ends_soon_from(accepted: Timestamp, ends: Timestamp) -> Timestamp {
    const DAY: i64 = 24 * 60 * 60 * 1_000_000;
    let tenth = ends.micros().saturating_sub(accepted.micros()) / 10;
    Timestamp::from_micros(ends.micros().saturating_sub(tenth.clamp(0, DAY)))
}

/// Where a share stands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "state", rename_all = "snake_case")]
pub enum ShareState {
    /// The friend said yes, and has no account yet by which they could be let in.
    AccountMissing {
        /// Since when.
        since: Timestamp,
    },
    /// The friend said yes; the owner has not reviewed it yet, or has to do so again.
    Accepted {
        /// Why it came back to review; absent the first time.
        again: Option<String>,
    },
    /// The owner said yes; the control plane is being changed.
    Applying,
    /// The rule is in force and the invite is made; the friend has not opened it.
    WaitingForFriend {
        /// Since when the invite can be opened.
        since: Timestamp,
    },
    /// Seen in force.
    Active {
        /// Since when.
        since: Timestamp,
    },
    /// Its rule is being taken out for a while; the invite stays.
    Pausing,
    /// Its rule was taken out, and is put back when its owner says so. Its time goes on.
    Paused {
        /// Since when.
        since: Timestamp,
    },
    /// It was open, and is not in force as agreed any more: somebody else changed something.
    Drifted {
        /// What changed.
        attention: Attention,
    },
    /// It does not go on as it is.
    NeedsAttention {
        /// What was being done.
        phase: Phase,
        /// Why it stopped, and what would make it go on.
        attention: Attention,
    },
    /// Access is being taken back.
    Ending {
        /// Why it ends.
        why: EndReason,
    },
    /// Access was taken back, as far as the control plane tells.
    Ended {
        /// When that was seen.
        at: Timestamp,
        /// Why it ended.
        why: EndReason,
        /// What the control plane gives no proof of, in words.
        open_question: Option<String>,
    },
}

/// The directions of work on a share.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(tag = "phase", rename_all = "snake_case")]
pub enum Phase {
    /// Giving access.
    Apply,
    /// Taking it back for a while.
    Pause,
    /// Taking it back.
    End {
        /// Why it ends.
        why: EndReason,
    },
}

/// Why a share ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EndReason {
    /// Its agreed time is over.
    Expired,
    /// The owner (or a steward) ended it.
    OwnerEnded,
    /// The friend gave it back.
    FriendEnded,
    /// The friend did not open the invite within its 30 days.
    InviteLapsed,
    /// One of the two was blocked on this instance, or removed from it.
    ShutOut,
}

words! {
    /// What an owner says yes to when they look at what a share opens.
    Decision, "decision about a share":
    /// The share as it is.
    Apply = "apply",
    /// The wildcards first, so that it opens the service only.
    NarrowAndApply = "narrow",
    /// The whole machine.
    WholeNode = "whole-node",
}

/// A transition that this state does not allow.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a share that is {from} cannot {wanted}")]
pub struct TransitionError {
    /// The state it is in, as [`ShareState::name`].
    pub from: &'static str,
    /// What was asked for.
    pub wanted: &'static str,
}

impl ShareState {
    /// As stored and looked up.
    pub const fn name(&self) -> &'static str {
        match self {
            Self::AccountMissing { .. } => "account_missing",
            Self::Accepted { .. } => "accepted",
            Self::Pausing => "pausing",
            Self::Paused { .. } => "paused",
            Self::Applying => "applying",
            Self::WaitingForFriend { .. } => "waiting_for_friend",
            Self::Active { .. } => "active",
            Self::Drifted { .. } => "drifted",
            Self::NeedsAttention { .. } => "needs_attention",
            Self::Ending { .. } => "ending",
            Self::Ended { .. } => "ended",
        }
    }

    /// Whether nothing will happen to it any more.
    pub const fn is_over(&self) -> bool {
        matches!(self, Self::Ended { .. })
    }

    /// Whether the control plane may hold something of it: a rule, an invite.
    pub const fn may_be_in_force(&self) -> bool {
        !matches!(self, Self::AccountMissing { .. } | Self::Accepted { .. } | Self::Ended { .. })
    }

    /// Why it stopped, if it did.
    pub const fn attention(&self) -> Option<&Attention> {
        match self {
            Self::Drifted { attention } | Self::NeedsAttention { attention, .. } => Some(attention),
            _ => None,
        }
    }

    const fn refuse(&self, wanted: &'static str) -> TransitionError {
        TransitionError { from: self.name(), wanted }
    }

    /// The friend has an account now.
    ///
    /// # Errors
    /// Unless that was waited for.
    pub fn name_account(self) -> Result<Self, TransitionError> {
        match self {
            Self::AccountMissing { .. } => Ok(Self::Accepted { again: None }),
            other => Err(other.refuse("be given an account")),
        }
    }

    /// Its owner takes it out of force for a while.
    ///
    /// # Errors
    /// Unless it is open.
    pub fn pause(self) -> Result<Self, TransitionError> {
        match self {
            Self::Active { .. } => Ok(Self::Pausing),
            other => Err(other.refuse("be paused")),
        }
    }

    /// Its rule was seen to be gone.
    ///
    /// # Errors
    /// Unless it was being paused.
    pub fn paused(self, now: Timestamp) -> Result<Self, TransitionError> {
        match self {
            Self::Pausing | Self::NeedsAttention { phase: Phase::Pause, .. } => {
                Ok(Self::Paused { since: now })
            }
            other => Err(other.refuse("have been paused")),
        }
    }

    /// Its owner wants it open again, as it was agreed.
    ///
    /// # Errors
    /// Unless it is paused, or a pause stopped half-way.
    pub fn open_again(self) -> Result<Self, TransitionError> {
        match self {
            Self::Paused { .. } | Self::NeedsAttention { phase: Phase::Pause, .. } => Ok(Self::Applying),
            other => Err(other.refuse("be opened again")),
        }
    }

    /// The owner said yes to the plan.
    ///
    /// # Errors
    /// Unless it waits for a review.
    pub fn apply(self) -> Result<Self, TransitionError> {
        match self {
            Self::Accepted { .. }
            | Self::Drifted { attention: Attention { need: Need::Review, .. } }
            | Self::NeedsAttention { phase: Phase::Apply, attention: Attention { need: Need::Review, .. } } => {
                Ok(Self::Applying)
            }
            other => Err(other.refuse("be applied")),
        }
    }

    /// What applying found makes another review necessary. Nothing was written, or it was taken back.
    ///
    /// # Errors
    /// Unless it is being applied.
    pub fn review_again(self, why: String) -> Result<Self, TransitionError> {
        match self {
            Self::Applying | Self::NeedsAttention { phase: Phase::Apply, .. } => {
                Ok(Self::Accepted { again: Some(why) })
            }
            other => Err(other.refuse("go back to review")),
        }
    }

    /// The owner said yes to other ports of what is open, or waits to be opened.
    ///
    /// # Errors
    /// Unless its rule is in force as agreed.
    pub fn change(self) -> Result<Self, TransitionError> {
        match self {
            Self::Active { .. } | Self::WaitingForFriend { .. } => Ok(Self::Applying),
            other => Err(other.refuse("be changed")),
        }
    }

    /// It stays as it was before other ports were agreed: nothing of them was written.
    ///
    /// # Errors
    /// Unless it is being applied, and could be changed before.
    pub fn stay(self, before: Self) -> Result<Self, TransitionError> {
        match (&self, before) {
            (
                Self::Applying | Self::NeedsAttention { phase: Phase::Apply, .. },
                before @ (Self::Active { .. } | Self::WaitingForFriend { .. }),
            ) => Ok(before),
            _ => Err(self.refuse("stay as it was")),
        }
    }

    /// The invite is made and the rule is in force.
    ///
    /// # Errors
    /// Unless it is being applied.
    pub fn wait_for_friend(self, now: Timestamp) -> Result<Self, TransitionError> {
        match self {
            Self::Applying | Self::NeedsAttention { phase: Phase::Apply, .. } => {
                Ok(Self::WaitingForFriend { since: now })
            }
            Self::WaitingForFriend { since } => Ok(Self::WaitingForFriend { since }),
            other => Err(other.refuse("wait for the friend")),
        }
    }

    /// Rule and accepted invite were seen.
    ///
    /// # Errors
    /// Unless it is being applied or waits for the friend.
    pub fn activate(self, now: Timestamp) -> Result<Self, TransitionError> {
        match self {
            Self::Applying
            | Self::WaitingForFriend { .. }
            | Self::NeedsAttention { phase: Phase::Apply, .. } => Ok(Self::Active { since: now }),
            Self::Active { since } => Ok(Self::Active { since }),
            other => Err(other.refuse("become active")),
        }
    }

    /// It stops here until what is needed is there.
    ///
    /// # Errors
    /// Unless something is going on.
    pub fn stop(self, attention: Attention) -> Result<Self, TransitionError> {
        let phase = match &self {
            Self::Applying | Self::WaitingForFriend { .. } => Phase::Apply,
            Self::Pausing | Self::Paused { .. } => Phase::Pause,
            Self::Ending { why } => Phase::End { why: *why },
            Self::NeedsAttention { phase, .. } => *phase,
            other => return Err(other.refuse("stop half-way")),
        };
        Ok(Self::NeedsAttention { phase, attention })
    }

    /// It was open, and is no longer in force as agreed: somebody else changed something. Seen by a look, or when
    /// it was being applied once more.
    ///
    /// # Errors
    /// When it ends, or nobody said yes to it.
    pub fn drift(self, attention: Attention) -> Result<Self, TransitionError> {
        match self {
            Self::Active { .. }
            | Self::Drifted { .. }
            | Self::Applying
            | Self::WaitingForFriend { .. }
            | Self::NeedsAttention { phase: Phase::Apply, .. } => Ok(Self::Drifted { attention }),
            other => Err(other.refuse("be found changed")),
        }
    }

    /// What was needed may be there now.
    ///
    /// # Errors
    /// Unless it needs attention.
    pub fn resume(self) -> Result<Self, TransitionError> {
        match self {
            Self::Drifted { .. } | Self::NeedsAttention { phase: Phase::Apply, .. } => Ok(Self::Applying),
            Self::NeedsAttention { phase: Phase::Pause, .. } => Ok(Self::Pausing),
            Self::NeedsAttention { phase: Phase::End { why }, .. } => Ok(Self::Ending { why }),
            other => Err(other.refuse("be tried again")),
        }
    }

    /// Access is to be taken back, whatever was reached. An accepted share that nobody applied ends as well.
    ///
    /// # Errors
    /// If it is ending or has ended already.
    pub fn end(self, why: EndReason) -> Result<Self, TransitionError> {
        match self {
            Self::Ending { .. }
            | Self::Ended { .. }
            | Self::NeedsAttention { phase: Phase::End { .. }, .. } => Err(self.refuse("end again")),
            _ => Ok(Self::Ending { why }),
        }
    }

    /// Nothing of it was seen any more.
    ///
    /// # Errors
    /// Unless it was ending.
    pub fn ended(self, at: Timestamp, open_question: Option<String>) -> Result<Self, TransitionError> {
        match self {
            Self::Ending { why } | Self::NeedsAttention { phase: Phase::End { why }, .. } => {
                Ok(Self::Ended { at, why, open_question })
            }
            other => Err(other.refuse("have ended")),
        }
    }
}

#[cfg(test)]
mod tests;
