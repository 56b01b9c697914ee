//! An offer makes as many shares as it has places, for those whom it is for, while it is open.

use std::collections::BTreeSet;

use super::Found;
use crate::{Observation, Share};

pub const ANSWERED: &str =
    "an offer makes one share for each place, for whom it was meant, while it was open";

pub fn check(seen: &Observation, found: &mut Found) {
    for offer in &seen.offers {
        let shares: Vec<&Share> = seen.shares.iter().filter(|share| share.offer == offer.id).collect();
        let taken = i64::try_from(shares.len()).unwrap_or(i64::MAX);
        let places = offer.uses;
        found.must(offer.uses_left >= 0 && offer.uses_left + taken == places, ANSWERED, || {
            format!("offer {}: {places} places, {taken} taken, {} left", offer.id, offer.uses_left)
        });
        let mut people = BTreeSet::new();
        for share in shares {
            found.must(people.insert(&share.friend), ANSWERED, || {
                format!("offer {}: friend {} has two shares of it", offer.id, share.friend)
            });
            found.must(
                offer.to_person.as_ref().is_none_or(|person| *person == share.friend),
                ANSWERED,
                || format!("offer {}: friend {} is somebody else", offer.id, share.friend),
            );
            let late = share.accepted > offer.withdrawn.unwrap_or(i64::MAX).min(offer.lapses);
            found.must(!late && !offer.declined.contains(&share.friend), ANSWERED, || {
                format!("offer {}: accepted after it was over or declined, share {}", offer.id, share.id)
            });
        }
    }
}
