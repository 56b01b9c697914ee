//! What is said of offers, and of answers to them.

use app::fault::Fault;
use app::ports::offers::Answer;

use crate::config::Limits;
use crate::store::offers::{Closed, NotStored};

pub const WHOEVER_HAS_THE_LINK: &str = "whoever has the link";
pub const MACHINE_GONE: &str = "its machine is no longer in the tailnet";
pub const ACCEPTED_ONCE: &str = "an offer to one person can be accepted once";
pub const CHOOSE_A_SERVICE: &str = "choose a service";
pub const MAY_NOT_COME_IN: &str = "they may no longer come in here.";
pub const CHOOSE_A_PERSON: &str = "choose a person from the list; invite anybody else by link";
pub const WRITE_AN_ADDRESS: &str = "write an address like ana@example.com";
pub const CHOOSE_FOR_WHOM: &str = "choose for whom the offer is";
pub const WRITE_THE_DATE: &str = "write it like 2026-12-24T22:00";
pub const CHOOSE_UNTIL_WHEN: &str = "choose until when";
pub const HAS_PASSED: &str = "this has passed already";
pub const AT_MOST_FIVE_YEARS: &str = "at most five years; or choose \"until ended\"";

pub fn offered(service: &str, to: &str, until: &str) -> String {
    format!("offered {service} to {to}, {until}")
}

/// One that takes the place of the one before.
pub fn offered_again(service: &str, to: &str, until: &str) -> String {
    format!("offered {service} to {to} once more, {until}; the link before stopped working")
}

pub fn withdrew(service: &str) -> String {
    format!("withdrew the offer of {service}")
}

pub fn made_new_link(service: &str) -> String {
    format!("made a new link for the offer of {service}; the old one stopped working")
}

pub fn last_place_taken() -> Fault {
    Fault::conflict("Somebody else took the last place of this offer a moment ago; ask for a new one.")
}

pub fn write_a_number(most: i64) -> String {
    format!("write a number from 1 to {most}")
}

pub fn owner_learns(server: bool) -> Vec<String> {
    if server {
        return [
            "Your name here, and which account of the server you are.",
            "That you accepted, and when.",
            "As of every machine on one server that sees another: the name, system and addresses of yours.",
        ]
        .map(String::from)
        .to_vec();
    }
    [
        "Your name here, and the Tailscale login you give.",
        "That you accepted, and when.",
        "As with every Tailscale share: the login and picture of your Tailscale account, and the network addresses your devices connect from.",
    ]
    .map(String::from)
    .to_vec()
}

/// What a friend on the owner's server learns of a machine, before it is offered.
pub fn friend_learns(node: Option<&str>, exit: bool) -> Vec<String> {
    let machine = node.unwrap_or("the machine");
    let mut learns = vec![
        format!(
            "Once it is open, their devices show {machine}: its name and system, both of its addresses, and the name of the \
             account that it belongs to. It sees the same of theirs."
        ),
        "A ping is always answered, whichever ports are open.".to_owned(),
        "Others who are on the server already may see name and addresses of a machine that connects, also where no rule lets \
         them reach it."
            .to_owned(),
    ];
    if exit {
        learns.push(format!(
            "{machine} is an exit node: their client offers it as one, and it lets nothing but the shared ports through."
        ));
    }
    learns
}

pub fn accepting_means(service: &str, owner: &str, node: &str, server: bool) -> Vec<String> {
    if server {
        return vec![
            format!(
                "You can reach {service} on {owner}'s machine {node}, on the ports below, besides what you reach there already."
            ),
            "It lets that machine start no connection to your devices; each sees the other's name, and a ping is answered."
                .into(),
            "Nobody else on the server gets anything.".into(),
            "Either of you can end it at any time.".into(),
        ];
    }
    vec![
        format!("You can reach {service} on {owner}'s machine {node}, on the ports below and no others."),
        "The machine cannot start connections to your devices.".into(),
        "Nobody else in your network gets anything.".into(),
        "Either of you can end it at any time.".into(),
    ]
}

/// For those who made it.
pub fn closed_for_its_maker(closed: Closed) -> Fault {
    Fault::conflict(match closed {
        Closed::Withdrawn => "This offer was withdrawn already.",
        Closed::Declined => "This offer was declined already. Make another one if they changed their mind.",
        Closed::UsedUp => {
            "Every place of this offer was accepted already. To take it back, end the share on its page."
        }
        Closed::Lapsed => "This offer was not answered in time and has lapsed already.",
        Closed::Over => "The time that this offer was for is over.",
    })
}

/// For those whom it was made to.
pub const fn closed(closed: Closed) -> &'static str {
    match closed {
        Closed::Withdrawn => "The owner has withdrawn this offer.",
        Closed::Declined => "This offer was declined. Ask for a new one.",
        Closed::Lapsed => "This offer was not answered in time and has lapsed. Ask for a new one.",
        Closed::UsedUp => "This link was used already. Ask for a new one.",
        Closed::Over => "The time that this offer was for is over.",
    }
}

pub fn gone(why: Closed) -> Fault {
    Fault::conflict(closed(why))
}

/// Why there can be no further offer now, and what makes room for one.
pub fn not_stored(why: NotStored, limits: &Limits, to: &str, service: &str) -> Fault {
    Fault::conflict(match why {
        // Extended instead.
        NotStored::Alike { .. } => "It is offered to them already.".to_owned(),
        NotStored::LeftCircle => "They are no longer in the circle.".to_owned(),
        NotStored::ShutOut => "One of the two may no longer come in here.".to_owned(),
        NotStored::BetweenTwo => format!(
            "{} offers of yours to {to} are not answered yet, and there can be no more than that. Withdraw one \
             or wait for an answer.",
            limits.offers_between_two
        ),
        NotStored::Service => format!(
            "{} offers of {service} are open, and there can be no more than that. Withdraw one or wait for an answer.",
            limits.offers_per_service
        ),
    })
}

/// Why it cannot be answered any more, or so.
pub fn refused(answer: &Answer) -> Fault {
    Fault::conflict(match answer {
        Answer::Gone(why) => why,
        Answer::Own(_) => "This is your own offer: send its link to a friend.",
        Answer::ForSomebodyElse => "This offer is meant for somebody else.",
        Answer::Declined => "You declined this offer. Ask for a new one.",
        Answer::Accepted(_) => "You accepted this offer already. To give it back, end the share on its page.",
        Answer::SignInFirst | Answer::Possible { .. } => "This offer waits for another answer.",
    })
}
