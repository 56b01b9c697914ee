//! What is said where somebody asks for an offer.

use app::fault::Fault;
use model::{Timestamp, Wished, Zone};

use super::circle;
use crate::config::Limits;
use crate::store::asks::NotAsked;

pub const NO_LONGER_WAITS: &str = "It was answered, taken back or has lapsed already.";

/// Until when somebody would have it.
pub fn wished(until: Wished, ends: Option<Timestamp>) -> String {
    match (until, ends) {
        (Wished::Evening, _) => "for an evening".to_owned(),
        (Wished::Weekend, _) => "for a weekend".to_owned(),
        (Wished::Month, _) => "for a month".to_owned(),
        (Wished::Date, Some(ends)) => format!("until {}", ends.to_minutes()),
        (Wished::Date | Wished::Ended, _) => "until one of you ends it".to_owned(),
    }
}

pub fn asks(who: &str, service: &str, node: &str) -> String {
    format!("{who} asks for {service} on {node}")
}

/// What is wished for, with a word or without.
pub fn detail((until, ends): (Wished, Option<Timestamp>), note: &str, zone: &Zone) -> String {
    let wished = match (until, ends) {
        (Wished::Date, Some(ends)) => format!("until {}", zone.to_minutes(ends)),
        _ => wished(until, ends),
    };
    let wished = format!("They would like it {wished}.");
    if note.is_empty() { wished } else { format!("{wished} {note}") }
}

pub fn refused(who: &str, service: &str) -> String {
    if who.is_empty() {
        format!("{service} was not offered to you")
    } else {
        format!("{who} declined to offer you {service}")
    }
}

/// For the audit trail.
pub fn asked(service: &str, until: Wished, ends: Option<Timestamp>) -> String {
    format!("asked for an offer of {service}, {}", wished(until, ends))
}

/// For the audit trail: of what needed no asking.
pub fn lasts_too_long(days: i64) -> String {
    format!("without asking it is for at most {}; ask for it if it is to be longer", circle::for_days(days))
}

/// For the audit trail.
pub fn declined(who: &str, service: &str) -> String {
    format!("declined {service} to {who}, who asked for it")
}

/// For the audit trail.
pub fn put_off(who: &str, service: &str) -> String {
    format!("put off the answer to {who}, who asks for {service}")
}

/// For the audit trail.
pub fn took_back(service: &str) -> String {
    format!("took back that they asked for {service}")
}

/// Why nothing was asked, and what to do about it.
pub fn not_asked(why: NotAsked, limits: &Limits, service: &str, zone: &Zone) -> Fault {
    Fault::conflict(match why {
        NotAsked::Gone => return Fault::NotFound,
        NotAsked::Has => format!("You have {service} already, or an offer of it that waits for your answer."),
        NotAsked::Waits => format!("You asked for {service} already and wait for an answer."),
        NotAsked::TooSoon(again) => {
            format!("You can ask for {service} again on {}.", zone.to_minutes(again))
        }
        NotAsked::NotApproved => {
            format!("{service} is not given without asking, or not any more. Ask for it.")
        }
        NotAsked::TooMany => format!(
            "You wait for an answer {} times, and there can be no more than that. Take one back or wait for an answer.",
            limits.asks_per_person
        ),
    })
}

/// The same of what somebody would get without asking.
pub fn not_taken(why: NotAsked, limits: &Limits, service: &str, zone: &Zone) -> Fault {
    match why {
        NotAsked::TooSoon(again) => Fault::conflict(format!(
            "{service} is not given again without asking before {}.",
            zone.to_minutes(again)
        )),
        why => not_asked(why, limits, service, zone),
    }
}

pub fn no_longer_waits() -> Fault {
    Fault::conflict(NO_LONGER_WAITS)
}
