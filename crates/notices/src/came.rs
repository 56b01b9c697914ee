//! A friend signs in on the owner's server, and an account came there since: both sides hear of it, and its owner says whether
//! it is the friend's.

use model::{ShareState, Timestamp};

use crate::{Notice, SharePeople, What};

/// What is stored of somebody who is waited for, beside the state of their share.
#[derive(Clone, Copy, Debug)]
pub struct CameFacts<'a> {
    /// Absent: it cannot be read.
    pub state: Option<&'a ShareState>,
    /// An account is there that was not when signing in was chosen, and that nobody is yet.
    pub came: bool,
    /// When this is written.
    pub now: Timestamp,
}

impl CameFacts<'_> {
    /// What waits of it.
    pub fn notices(&self, people: &SharePeople<'_>) -> Vec<Notice> {
        if !self.came || !matches!(self.state, Some(ShareState::Accepted { .. })) {
            return Vec::new();
        }
        let givers = people.givers.iter().filter(|giver| **giver != people.friend);
        let told = givers.chain([&people.friend]);
        Notice::for_all(told, What::AccountCame, self.now, Timestamp::from_micros(0))
    }
}

#[cfg(test)]
mod tests {
    use model::{EndReason, PersonId};

    use super::*;

    /// Sabotage: leave the state out, or the friend.
    #[test]
    fn both_sides_hear_of_it_as_long_as_nobody_said_who_it_is() {
        let person = |number| PersonId::new(uuid::Uuid::from_u128(number));
        let (givers, friend, now) = ([person(1), person(3)], person(3), Timestamp::from_seconds(5));
        let told = |state: Option<ShareState>, came| {
            let facts = CameFacts { state: state.as_ref(), came, now };
            let notices = facts.notices(&SharePeople { friend, givers: &givers });
            notices.into_iter().map(|notice| notice.person).collect::<Vec<_>>()
        };
        let waits = || Some(ShareState::Accepted { again: None });
        assert_eq!(told(waits(), true), [person(1), person(3)]);
        assert!(told(waits(), false).is_empty());
        assert!(told(None, true).is_empty());
        assert!(told(Some(ShareState::Applying), true).is_empty());
        assert!(told(Some(ShareState::Ending { why: EndReason::FriendEnded }), true).is_empty());
    }
}
