//! What is said to and about the people of an instance.

use app::fault::{Fault, Reason};
use app::ports::people::{Deed, PersonCard};
use model::PersonId;

pub const CHANGED_THEIR_NAME: &str = "changed their name";
pub const CHANGED_THEIR_ZONE: &str = "chose in which time zone they read";
pub const ENDED_A_SESSION: &str = "ended one of their sessions";
pub const ENDED_OTHER_SESSIONS: &str = "ended all their other sessions";
pub const UNLINKED_A_WAY: &str = "unlinked a way to sign in";
pub const CAME_AS_OWNER: &str = "came in with the set-up code and owns this instance";
pub const CAME_THROUGH_AN_OFFER: &str = "came in through an offer";
pub const LINKED_ANOTHER_WAY: &str = "linked another way to sign in";
pub const CAME_BACK: &str =
    "came back with a link, which added a way to sign in and ended all other sessions";
pub const WRONG_SET_UP_CODE: &str = "that is not the code; `acequia setup-code` prints it";
pub const MADE_A_LINK: &str = "made a link to come back for";
pub const YOURSELF: &str = "This is yourself: another owner can do it, or the command line.";
pub const CHOOSE_A_PERSON: &str = "choose a person from the list";
pub const IS_GONE: &str = "is gone: nothing of theirs is open any more";

pub fn offers_you(owner: &str, service: &str) -> String {
    format!("{owner} offers you {service}.")
}

/// With those that they may have meant.
pub fn no_such_zone(like: Vec<String>) -> String {
    const SHOWN: usize = 4;
    let like: Vec<_> = like.into_iter().take(SHOWN).collect();
    if like.is_empty() {
        "this time zone is not known here; write it like Europe/Berlin".to_owned()
    } else {
        format!("there is no time zone of this name; did you mean {}?", like.join(" or "))
    }
}

pub fn only_way_in() -> Fault {
    Fault::conflict("This is the only way in which you can sign in; link another one first.")
}

pub fn linked_to_another_account(label: &str, provider: &str) -> Fault {
    Fault::Conflict(Reason::as_said(format!(
        "`{label}` at {provider} belongs to another account here, so it was not linked to yours; sign in with \
         it, or choose another one."
    )))
}

pub fn link_is_gone() -> Fault {
    Fault::Conflict(Reason::as_said(
        "This link was used, or its day is over, or a newer one was made. Nobody was signed in; ask for another \
         one.",
    ))
}

pub fn added_to_another_account(label: &str, provider: &str) -> Fault {
    Fault::Conflict(Reason::as_said(format!(
        "`{label}` at {provider} belongs to another account here, so it was not added to this one. The link is \
         still good: sign in another way."
    )))
}

pub fn has_its_owner() -> Fault {
    Fault::Conflict(Reason::as_said("This Acequia has its owner already; ask them for an offer."))
}

pub fn link_command(id: PersonId) -> String {
    format!("acequia people link {id}")
}

pub fn is_yourself() -> Fault {
    Fault::conflict(YOURSELF)
}

pub fn may_not_come_in(name: &str) -> Fault {
    Fault::conflict(format!("{name} may not come in; let them in again first."))
}

pub const SAY_THAT_YOU_READ_IT: &str = "say that you have read it";

/// What happens to whoever leaves by themselves, said beforehand.
pub fn leaving(card: &PersonCard) -> Vec<String> {
    let mut means = vec!["You are signed out everywhere. Your ways to sign in are forgotten.".to_owned()];
    if card.offers > 0 {
        means.push(format!("{} from you and to you: withdrawn.", counted(card.offers, "open offer")));
    }
    if card.receives > 0 {
        means.push(format!("{} that you use: taken back.", counted(card.receives, "share")));
    }
    if card.gives > 0 {
        means.push(format!("{} given by you: they end first.", counted(card.gives, "share")));
    }
    if card.tailnets > 0 {
        means.push(format!(
            "Then {} of yours is disconnected, with what is listed there. Your machines stay as they are.",
            counted(card.tailnets, "tailnet")
        ));
    }
    means.push("Your name stays in the audit trail. This cannot be undone.".into());
    means
}

/// What happens, said beforehand.
pub fn means(deed: Deed, card: &PersonCard) -> Vec<String> {
    let name = &card.name;
    let mut means = Vec::new();
    match deed {
        Deed::SignOut => means.push(format!(
            "{name} is signed out in every browser. Nothing else changes, and they can sign in again."
        )),
        Deed::Unblock => {
            means.push(format!("{name} may sign in again, and be offered things."));
            means.push("Offers that were withdrawn and shares that ended stay so.".into());
            if card.tailnets > 0 {
                means
                    .push(format!("{} of theirs can be worked on again.", counted(card.tailnets, "tailnet")));
            }
        }
        Deed::MakeOwner => {
            means.push(format!(
                "{name} may do here all that you may: see who is here, and shut people out, you too."
            ));
            means.push("They see nothing of others’ tailnets, as you do not.".into());
        }
        Deed::Block => {
            means.push(format!(
                "{name} is signed out everywhere, and cannot sign in until they are let in again."
            ));
            offers_and_received(card, &mut means);
            if card.gives > 0 {
                means.push(format!(
                    "{} given by them: what is open goes on until its end, and the friends are told. What is not \
                     open yet ends.",
                    counted(card.gives, "share")
                ));
            }
            if card.tailnets > 0 {
                means.push(format!(
                    "The credentials of {} are used for nothing but ending; the stewards can change nothing else either.",
                    counted(card.tailnets, "tailnet")
                ));
            }
        }
        Deed::Remove => {
            means.push(format!("{name} is signed out everywhere. Their ways to sign in are forgotten."));
            offers_and_received(card, &mut means);
            if card.gives > 0 {
                means.push(format!("{} given by them: they end first.", counted(card.gives, "share")));
            }
            if card.tailnets > 0 {
                means.push(format!(
                    "Then {} of theirs is disconnected, with what is listed there. Machines stay as they are.",
                    counted(card.tailnets, "tailnet")
                ));
            }
            means.push(
                "Their name stays in the audit trail. This cannot be undone. Whoever holds an open link of an \
                 offer can come in with it as somebody new, they too: block them instead if they are not to come \
                 back."
                    .into(),
            );
        }
    }
    means
}

fn offers_and_received(card: &PersonCard, means: &mut Vec<String>) {
    if card.offers > 0 {
        means.push(format!("{} from and to them: withdrawn.", counted(card.offers, "open offer")));
    }
    if card.receives > 0 {
        means.push(format!("{} received by them: taken back.", counted(card.receives, "share")));
    }
}

fn counted(n: u32, what: &str) -> String {
    if n == 1 { format!("1 {what}") } else { format!("{n} {what}s") }
}

/// What was done about somebody: for the audit trail, before their name; and as a sentence.
pub fn done(deed: Deed, name: &str) -> (&'static str, String) {
    match deed {
        Deed::Block => ("blocked", format!("{name} is blocked and signed out everywhere.")),
        Deed::Unblock => ("let in again", format!("{name} may come in again.")),
        Deed::SignOut => ("signed out everywhere", format!("{name} is signed out everywhere.")),
        Deed::Remove => {
            ("began to remove", format!("{name} is shut out, and gone as soon as what they share has ended."))
        }
        Deed::MakeOwner => {
            ("made an owner of this Acequia of", format!("{name} is an owner of this Acequia."))
        }
    }
}
