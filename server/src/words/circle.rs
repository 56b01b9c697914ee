//! What is said of circles, and of what was approved beforehand for their people.

use app::fault::Fault;
use model::ServiceKind;
pub use sharing::trail::for_days;

use crate::store::circles::Given;

pub const CHOOSE_A_CIRCLE: &str = "choose one of your circles";
pub const NOBODY_IS_IN_IT: &str = "nobody is in this circle yet; put somebody into it first";
pub const CHOOSE_A_KIND: &str = "choose what kind of service it is for";

pub fn made(name: &str) -> String {
    format!("made the circle {name}")
}

pub fn renamed(name: &str) -> String {
    format!("renamed the circle {name}")
}

pub fn put_in(person: &str, name: &str) -> String {
    format!("put {person} into the circle {name}")
}

pub fn took_out(person: &str, name: &str) -> String {
    format!("took {person} out of the circle {name}")
}

pub fn ended(name: &str) -> String {
    format!("ended the circle {name}")
}

pub fn approved(kind: ServiceKind, days: i64, name: &str) -> String {
    let kind = kind.label();
    format!("approved beforehand for the circle {name}: {kind}, for at most {}", for_days(days))
}

pub fn asks_again(kind: ServiceKind, name: &str) -> String {
    format!("wants to be asked again each time for the circle {name}: {}", kind.label())
}

/// Why a review is needed all the same.
pub fn lasts_too_long(given: &Given) -> String {
    format!(
        "{} approved this kind beforehand, for at most {}. This share would last longer, so it waits for a yes.",
        given.by_name,
        for_days(given.days)
    )
}

/// Of one that a job looks at first.
pub fn is_looked_at(given: &Given) -> String {
    format!(
        "{} approved this kind beforehand. It is being looked at, and opens by itself if it opens just the service.",
        given.by_name
    )
}

/// Of one that was looked at, or was there before the approval.
pub fn waits_all_the_same(given: &Given) -> String {
    format!(
        "{} approved this kind beforehand. It waits for a yes all the same: it would open more than just the service, something \
         about it should be known, or it was accepted before that.",
        given.by_name
    )
}

pub fn write_days(most: i64) -> String {
    format!("write a number of days from 1 to {most}")
}

pub fn too_many(most: u32) -> Fault {
    Fault::conflict(format!("You have {most} circles, and there can be no more than that. End one first."))
}

pub fn is_full(most: u32) -> Fault {
    Fault::conflict(format!(
        "{most} people are in it, and there can be no more than that. Make another circle."
    ))
}

/// What became of somebody's leaving.
pub fn has_left(person: &str, withdrawn: usize, ended: usize) -> String {
    format!("{person} is no longer in it.{}", what_ended(withdrawn, ended))
}

pub fn is_gone(name: &str, withdrawn: usize, ended: usize) -> String {
    format!("The circle {name} is gone.{}", what_ended(withdrawn, ended))
}

fn what_ended(withdrawn: usize, ended: usize) -> String {
    let offers = match withdrawn {
        0 => String::new(),
        1 => " One offer is withdrawn.".into(),
        count => format!(" {count} offers are withdrawn."),
    };
    let shares = match ended {
        0 => String::new(),
        1 => " One share ends.".into(),
        count => format!(" {count} shares end."),
    };
    offers + &shares
}

/// What became of an offer to a circle: how many it was made to, who has the service already, and who could not be asked
/// with the reason.
pub fn offered(service: &str, made: usize, have: &[String], failed: &[(String, String)]) -> String {
    let made = match made {
        0 => "Nothing was offered.".to_owned(),
        1 => format!("{service} is offered to one person of it, who finds it in their inbox."),
        count => format!("{service} is offered to {count} people of it, who find it in their inboxes."),
    };
    let have = match have {
        [] => String::new(),
        [one] => format!(" {one} has it already."),
        many => format!(" {} have it already.", many.join(", ")),
    };
    let failed: Vec<String> = failed.iter().map(|(who, why)| format!(" Not to {who}: {why}")).collect();
    made + &have + &failed.concat()
}
