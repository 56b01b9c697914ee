//! Whether somebody may come in, and what becomes of the shares of somebody who may not.

use crate::ShareState;
use crate::share::Phase;
use crate::words::words;

words! {
    /// How a person stands to this instance.
    Standing, "standing of a person":
    /// May come in.
    Here = "here",
    /// Shut out, until somebody lets them in again. What they give goes on until its end.
    Blocked = "blocked",
    /// Shut out for good; what they give and receive still ends.
    Removing = "removing",
    /// Only their name is left, for what was written down about them.
    Removed = "removed",
}

/// A change that somebody's standing does not allow.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("somebody who is {from} cannot {wanted}")]
pub struct StandingChangeError {
    /// The standing now.
    pub from: Standing,
    /// What was asked for.
    pub wanted: &'static str,
}

/// On which side of a share somebody is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ShareSide {
    /// The machine is in their tailnet.
    Gives,
    /// They reach the service.
    Receives,
}

impl Standing {
    /// Whether they may sign in, be named, and have their credentials used.
    pub const fn is_here(self) -> bool {
        matches!(self, Self::Here)
    }

    const fn refuse(self, wanted: &'static str) -> StandingChangeError {
        StandingChangeError { from: self, wanted }
    }

    /// Shut out, and to be let in again perhaps.
    ///
    /// # Errors
    /// Unless they may come in now.
    pub const fn block(self) -> Result<Self, StandingChangeError> {
        match self {
            Self::Here => Ok(Self::Blocked),
            other => Err(other.refuse("be blocked")),
        }
    }

    /// Let in again.
    ///
    /// # Errors
    /// Unless they are blocked.
    pub const fn unblock(self) -> Result<Self, StandingChangeError> {
        match self {
            Self::Blocked => Ok(Self::Here),
            other => Err(other.refuse("be let in again")),
        }
    }

    /// Shut out for good.
    ///
    /// # Errors
    /// If that was begun already.
    pub const fn remove(self) -> Result<Self, StandingChangeError> {
        match self {
            Self::Here | Self::Blocked => Ok(Self::Removing),
            other => Err(other.refuse("be removed")),
        }
    }

    /// Nothing of theirs is open any more.
    ///
    /// # Errors
    /// Unless they are being removed.
    pub const fn removed(self) -> Result<Self, StandingChangeError> {
        match self {
            Self::Removing => Ok(Self::Removed),
            other => Err(other.refuse("be gone")),
        }
    }

    /// Something else changes about them.
    ///
    /// # Errors
    /// Unless they may come in.
    pub const fn stay(self) -> Result<Self, StandingChangeError> {
        match self {
            Self::Here => Ok(Self::Here),
            other => Err(other.refuse("be given anything")),
        }
    }

    /// Whether a share of theirs may go on. What somebody who is blocked gives goes on if it was open: their friends
    /// did nothing. What never was in force cannot come to be so: nobody would say yes to it, and nothing but ending is
    /// done with the credentials.
    pub const fn lets_go_on(self, side: ShareSide, state: &ShareState, seen_in_force: bool) -> bool {
        match (self, side) {
            (Self::Here, _) => true,
            (Self::Blocked, ShareSide::Gives) => match state {
                // What is paused was open, and taking something out needs nobody's yes.
                ShareState::Active { .. }
                | ShareState::Pausing
                | ShareState::Paused { .. }
                | ShareState::NeedsAttention { phase: Phase::Pause, .. } => true,
                ShareState::Drifted { .. } | ShareState::NeedsAttention { phase: Phase::Apply, .. } => {
                    seen_in_force
                }
                ShareState::AccountMissing { .. }
                | ShareState::Accepted { .. }
                | ShareState::Applying
                | ShareState::WaitingForFriend { .. }
                | ShareState::NeedsAttention { .. }
                | ShareState::Ending { .. }
                | ShareState::Ended { .. } => false,
            },
            (Self::Blocked, ShareSide::Receives) | (Self::Removing | Self::Removed, _) => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Attention, Step, Timestamp, Trouble};

    #[test]
    fn who_is_removed_never_comes_back_and_who_is_blocked_may() {
        use Standing::{Blocked, Here, Removed, Removing};
        let steps = |standing: Standing| {
            [standing.block().ok(), standing.unblock().ok(), standing.remove().ok(), standing.removed().ok()]
        };
        assert_eq!(steps(Here), [Some(Blocked), None, Some(Removing), None]);
        assert_eq!(steps(Blocked), [None, Some(Here), Some(Removing), None]);
        assert_eq!(steps(Removing), [None, None, None, Some(Removed)]);
        assert_eq!(steps(Removed), [None; 4]);
        assert_eq!(Blocked.block().unwrap_err().to_string(), "somebody who is blocked cannot be blocked");
        assert!(Standing::ALL.iter().all(|standing| standing.as_str().parse() == Ok(*standing)));
        assert!("Here".parse::<Standing>().is_err());
        assert!(Here.is_here() && ![Blocked, Removing, Removed].iter().any(|standing| standing.is_here()));
    }

    #[test]
    fn of_somebody_blocked_only_what_was_open_and_is_given_goes_on() {
        let at = Timestamp::from_seconds(1_800_000_000);
        let (active, applying) = (ShareState::Active { since: at }, ShareState::Applying);
        let attention = Attention::review(Step::Rule, Trouble::RuleGone);
        let drifted = active.clone().drift(attention).unwrap();
        for standing in Standing::ALL {
            for side in [ShareSide::Gives, ShareSide::Receives] {
                let open =
                    standing == Standing::Here || (standing == Standing::Blocked && side == ShareSide::Gives);
                assert_eq!(standing.lets_go_on(side, &active, true), open, "{standing} {side:?}");
                let begun = standing == Standing::Here;
                assert_eq!(standing.lets_go_on(side, &applying, false), begun, "{standing} {side:?}");
                // What was open and has to be looked at is still open.
                for (seen_in_force, goes_on) in [(true, open), (false, begun)] {
                    let looked_at = standing.lets_go_on(side, &drifted, seen_in_force);
                    assert_eq!(looked_at, goes_on, "{standing} {side:?} {seen_in_force}");
                }
            }
        }
    }
}
