//! Asking: only those to whom something is listed ask for it, and each ask has one answer.

use super::Found;
use crate::around::Ask;
use crate::{Baseline, Observation};

pub const ASKED: &str = "only somebody to whom a service is listed, and who does not give it, asks for it";
pub const ONCE: &str = "an ask is answered once, by somebody who gives what is asked for";

pub fn check(start: &Baseline, seen: &Observation, found: &mut Found) {
    let looks = [&start.around, &seen.around];
    for (id, ask) in &seen.around.asks {
        let before = start.around.asks.get(id);
        let gone = seen.around.services.get(&ask.service).is_none_or(|service| service.removed);
        let may = || {
            let (service, person) = (&ask.service, &ask.person);
            looks.iter().any(|look| look.lists(service, person) && !look.gives(service, person))
        };
        // Who asked may have lost sight of it since.
        found.must(before.is_some() || gone || may(), ASKED, || {
            format!("ask {id}: {} asks for {}", ask.person, ask.service)
        });
        match before.filter(|before| before.answer.is_some()) {
            Some(before) => found.must(stays(before, ask), ONCE, || {
                format!("ask {id}: it was {:?}, and is {:?}", before.answer, ask.answer)
            }),
            None => found.must(ask.answer.is_none() || answered(start, seen, ask), ONCE, || {
                format!("ask {id} of {}: {:?} by {:?}", ask.person, ask.answer, ask.by)
            }),
        }
        found.must(ask.answer.is_some() == ask.answered.is_some(), ONCE, || format!("ask {id}: no time"));
    }
}

/// After a no it may be offered all the same.
fn stays(before: &Ask, now: &Ask) -> bool {
    let changed = before.answer.as_deref() == Some("declined") && now.answer.as_deref() == Some("offered");
    changed || (&before.answer, &before.by) == (&now.answer, &now.by)
}

/// Whether this answer, which is new, is one that may be given by whoever gave it.
fn answered(start: &Baseline, seen: &Observation, ask: &Ask) -> bool {
    let (service, person) = (&ask.service, &ask.person);
    match (ask.answer.as_deref(), &ask.by) {
        // By nobody where they may no longer come in.
        (Some("withdrawn"), by) => by.as_ref().is_none_or(|by| by == person),
        (Some("declined"), Some(by)) => {
            [&start.around, &seen.around].iter().any(|look| look.gives(service, by))
        }
        (Some("offered"), _) => {
            let to_them = |to: &Option<String>| to.as_ref().is_none_or(|to| to == person);
            seen.offers.iter().any(|offer| offer.service == *service && to_them(&offer.to_person))
                || seen.shares.iter().any(|share| share.service == *service && share.friend == *person)
        }
        _ => false,
    }
}
