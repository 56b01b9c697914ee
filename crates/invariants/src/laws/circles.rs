//! Circles: what is given through one ends with it, and nobody gets more by it than its maker said.

use super::Found;
use crate::{Baseline, Observation, Offer, Share};

pub const BEFOREHAND: &str =
    "a share to which nobody said yes was approved beforehand: for its friend, its kind and so long";
pub const LEFT: &str = "who is no longer in a circle has no open offer that was made to them as one of it";
pub const SHOWN: &str =
    "a service is shown to those who give it, have a share of it or to whom it is listed, and to nobody else";

const DAY: i64 = 24 * 60 * 60 * 1_000_000;

pub fn check(start: &Baseline, seen: &Observation, found: &mut Found) {
    for share in &seen.shares {
        let Some(circle) = &share.beforehand else { continue };
        // What is taken back later ends nothing that was agreed.
        let judged = start.agreed.contains(&share.id);
        found.must(judged || covered(start, seen, share, circle), BEFOREHAND, || {
            format!("share {}: by circle {circle}, until {:?}", share.id, share.ends)
        });
    }
    for offer in &seen.offers {
        found.must(!left_over(start, seen, offer), LEFT, || {
            format!("offer {} to {:?}", offer.id, offer.to_person)
        });
    }
    for ((person, service), shown) in &seen.shown {
        let open = |share: &&Share| share.friend == *person && share.service == *service;
        let listed = seen.around.services.get(service).is_some_and(|service| !service.removed);
        let may = seen.around.gives(service, person)
            || seen.around.lists(service, person)
            || seen.shares.iter().filter(open).any(|share| !share.state.is_over());
        found.must(*shown == (listed && may), SHOWN, || {
            format!("service {service} is shown to {person}: {shown}")
        });
    }
}

/// Whether it was approved when it was accepted, and what was approved covers it as it was agreed.
fn covered(start: &Baseline, seen: &Observation, share: &Share, circle: &str) -> bool {
    let looks = [&start.around, &seen.around];
    let approved: Vec<(&str, i64)> =
        looks.into_iter().flat_map(|look| look.approved(&share.service, &share.friend)).collect();
    let then = start.expected.get(&share.id).copied().unwrap_or(!approved.is_empty());
    let lasts = |days: i64| share.ends.is_some_and(|ends| ends <= share.accepted.saturating_add(days * DAY));
    then && approved.into_iter().any(|(by, days)| by == circle && lasts(days))
}

/// Whether an offer to somebody as one of a circle waits for an answer though they left, or never were in it.
fn left_over(start: &Baseline, seen: &Observation, offer: &Offer) -> bool {
    let before = start.offers.get(&offer.id);
    let is_open = offer.withdrawn.is_none()
        && offer.uses_left > 0
        && offer.declined.is_empty()
        && offer.lapses > seen.now
        && offer.ends.is_none_or(|ends| ends > seen.now);
    // With its circle goes the name of it.
    let gone = before.and_then(Option::as_ref).filter(|_| offer.circle.is_none());
    let gone = gone.is_some_and(|circle| !seen.around.circles.contains_key(circle));
    let left = offer.circle.as_ref().zip(offer.to_person.as_ref()).is_some_and(|(circle, person)| {
        let was = start.around.holds(circle, person);
        !seen.around.holds(circle, person) && (was || before.is_none())
    });
    is_open && (gone || left)
}
