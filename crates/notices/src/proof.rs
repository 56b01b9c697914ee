//! A share of which its machine tells something else than is said here. For whoever gives it.

use model::host::{Held, ToldOfShare};
use model::{PersonId, ShareState, Timestamp};

use crate::{Notice, What};

/// So long after a change a machine may not have heard of it: seconds.
const HEARS_WITHIN: i64 = 60;

/// What its machine told of a share, beside the state of the share.
#[derive(Clone, Debug)]
pub struct ProofFacts<'a> {
    /// Absent: it cannot be read.
    pub state: Option<&'a ShareState>,
    /// What it told last.
    pub told: ToldOfShare,
}

impl ProofFacts<'_> {
    /// What waits of it.
    pub fn notices(&self, givers: &[PersonId]) -> Vec<Notice> {
        let ToldOfShare { held, since, told } = self.told;
        let heard = |changed: &Timestamp| told >= changed.plus_seconds(HEARS_WITHIN);
        let differs = match self.state {
            Some(ShareState::Active { since: opened }) => held != Held::All && heard(opened),
            Some(ShareState::Ended { at, open_question: Some(_), .. }) => held != Held::None && heard(at),
            _ => false,
        };
        let givers = if differs { givers } else { &[] };
        let over = !matches!(self.state, Some(ShareState::Active { .. }));
        Notice::for_all(givers, What::ToldOtherwise { held, over }, since, Timestamp::from_micros(0))
    }
}

#[cfg(test)]
mod tests {
    use model::EndReason;

    use super::*;

    #[test]
    fn a_difference_is_told_once_the_machine_has_had_time_to_hear_of_it() {
        let at = Timestamp::from_seconds;
        let giver = PersonId::new(uuid::Uuid::from_u128(1));
        let open = ShareState::Active { since: at(100) };
        let over =
            |open_question| ShareState::Ended { at: at(100), why: EndReason::OwnerEnded, open_question };
        let not_proven = over(Some("not proven".to_owned()));
        let told = |state: &ShareState, held, told| {
            let told = ToldOfShare { held, since: at(50), told: at(told) };
            ProofFacts { state: Some(state), told }.notices(&[giver]).len()
        };
        assert_eq!(told(&open, Held::None, 159), 0, "it may not have heard of it");
        assert_eq!(told(&open, Held::None, 160), 1);
        assert_eq!(told(&open, Held::Some, 160), 1);
        assert_eq!(told(&open, Held::All, 160), 0);
        assert_eq!(told(&not_proven, Held::All, 160), 1);
        assert_eq!(told(&not_proven, Held::None, 160), 0);
        assert_eq!(told(&over(None), Held::All, 160), 0, "another rule may let them in");
        assert_eq!(told(&ShareState::Applying, Held::None, 160), 0);
    }
}
