//! What people are told outside of the app, and what became of that.

use app::paths;
use model::{Channel, EndReason, HeardAs, HeardKind, ShareId, Timestamp, Zone};
use notices::What;

use crate::store::notices::Listing;
use crate::words::notice;

const PAUSED: &str = "It cannot be reached until it is opened again. Its time goes on meanwhile.";
pub const NO_SUCH_HOST: &str = "its host cannot be found";
pub const NOT_PUBLIC: &str =
    "it leads to an address that is not public, and whoever runs this Acequia did not allow it";
pub const NOT_ALLOWED: &str = "whoever runs this Acequia allows other hosts only";
pub const NOT_HTTPS: &str = "it has to begin with https://";
pub const NO_ADDRESS: &str = "that is no web address; write it like https://hooks.example.org/acequia";
pub const NO_PASSWORD_IN_ADDRESS: &str = "leave name and password out of the address";
pub const NO_ANSWER: &str = "it did not answer in time";
pub const NO_CONNECTION: &str = "no connection could be made";
pub const BROKEN_OFF: &str = "the connection broke off";
pub const REDIRECTED: &str = "it sends to another address, which is not followed";
pub const NO_SECRET: &str = "its secret cannot be read; set it up anew";
pub const NO_MAIL_ADDRESS: &str = "that is no mail address";
pub const NO_MORE_OF_THESE: &str = "No more mails of this kind";
pub const NO_TOPIC: &str = "write 1 to 64 letters, digits, - or _";
pub const NO_SUCH_SERVER: &str = "choose one of the servers";
pub const CANNOT_BE_OPENED: &str = "what is stored of it cannot be opened; set it up anew";

pub fn answered(status: u16) -> String {
    format!("it answered {status}")
}

pub fn mail_server_said(said: &str) -> String {
    format!("the mail server answered: {said}")
}

pub fn no_mail_server(why: &str) -> String {
    format!("the mail server could not be reached: {why}")
}

/// What it is called where it is set up.
pub const fn channel(channel: Channel) -> &'static str {
    match channel {
        Channel::Mail => "Mail",
        Channel::Ntfy => "ntfy",
        Channel::Webhook => "Webhook",
    }
}

pub const fn kind(kind: HeardKind, heard_as: HeardAs) -> &'static str {
    match (kind, heard_as) {
        (HeardKind::Asked, _) => "Somebody asks you for something",
        (HeardKind::Offered, _) => "Somebody offers you something",
        (HeardKind::Accepted, _) => "An offer of yours is accepted and waits for your review",
        (HeardKind::Declined, HeardAs::Giver) => "An offer of yours is declined",
        (HeardKind::Declined, HeardAs::Friend) => "What you asked for is declined",
        (HeardKind::Review, _) => "Something is to be reviewed once more",
        (HeardKind::Open, HeardAs::Giver) => "A friend has access",
        (HeardKind::Open, HeardAs::Friend) => "You have access, or an invite to open",
        (HeardKind::Paused, _) => "A share is paused",
        (HeardKind::EndsTomorrow, _) => "A share ends within a day",
        (HeardKind::Ended, _) => "A share has ended",
        (HeardKind::Attention, HeardAs::Giver) => "Something needs you",
        (HeardKind::Attention, HeardAs::Friend) => "Something is wrong with what you use",
        (HeardKind::Credential, _) => "A credential ends in 14, 7 or 1 days",
        (HeardKind::Exposure, _) => "A friend reaches more than was agreed",
    }
}

/// In the audit trail.
pub fn set_up(channel: Channel) -> String {
    format!("set up {} for notifications", self::channel(channel))
}

pub fn took_away(channel: Channel) -> String {
    format!("took {} for notifications away", self::channel(channel))
}

/// Title, detail, and what there is to do where: paths of ours.
pub type Told = (String, Option<String>, Vec<(String, String)>);

/// What somebody is told of one thing, who reads it in that zone. `receiving`: they are the friend.
pub fn told(listing: &Listing, receiving: bool, (now, zone): (Timestamp, &Zone)) -> Told {
    let service = &listing.service;
    let share = || paths::share(ShareId::new(listing.place.object));
    let friend = listing.friend.as_ref().map_or("", |(_, name)| name.as_str());
    match &listing.what {
        What::Opened if receiving => (
            format!("{service} is open for you"),
            until(listing, zone),
            vec![("How to use it".into(), share())],
        ),
        What::Opened => {
            (format!("{service} is open for {friend}"), until(listing, zone), vec![("Look".into(), share())])
        }
        What::Paused => {
            let title = if receiving {
                format!("{service} is paused for you")
            } else {
                format!("{service} for {friend} is paused")
            };
            (title, Some(PAUSED.into()), vec![("Look".into(), share())])
        }
        What::Ended { why } => {
            let title = if receiving {
                format!("{service} has ended for you")
            } else {
                format!("{service} for {friend} has ended")
            };
            (title, Some(ended(*why).into()), vec![("Look".into(), share())])
        }
        What::EndsSoon => {
            let item = notice::item(listing, receiving, (now, zone));
            let ends = listing.ends.map(|at| format!("It ends on {}.", zone.to_minutes(at)));
            let links = if receiving {
                vec![("Look, or ask for longer".to_owned(), share())]
            } else {
                let end = paths::end_share(ShareId::new(listing.place.object));
                vec![("Look, or extend it".to_owned(), share()), ("End it now".to_owned(), end)]
            };
            (item.title, ends, links)
        }
        _ => {
            let item = notice::item(listing, receiving, (now, zone));
            (item.title, item.detail, vec![(item.action.clone(), item.href)])
        }
    }
}

/// The mail with the link of an offer.
pub fn offer_by_mail(listing: &Listing, token: &str) -> Told {
    let from = listing.owner.as_ref().map_or("Somebody", |(_, name)| name.as_str());
    let note = (!listing.note.is_empty()).then(|| listing.note.clone());
    let title = format!("{from} offers you {}", listing.service);
    (title, note, vec![("Look at it and answer".into(), paths::invitation(token))])
}

fn until(listing: &Listing, zone: &Zone) -> Option<String> {
    listing.ends.map(|at| format!("Until {}.", zone.to_minutes(at)))
}

const fn ended(why: EndReason) -> &'static str {
    match why {
        EndReason::Expired => "Its time was over.",
        EndReason::OwnerEnded => "Its owner ended it.",
        EndReason::FriendEnded => "It was given back.",
        EndReason::InviteLapsed => "Its invite was not opened in time.",
        EndReason::ShutOut => "One of the two may not come in here any more.",
    }
}

/// Why somebody gets a mail.
pub fn why(kind: HeardKind, heard_as: HeardAs, base: &str) -> String {
    format!("You hear of this from {base} ({}).", self::kind(kind, heard_as))
}

/// The same for an address of nobody who is here.
pub fn why_to_address(from: &str, base: &str) -> String {
    format!("{from} entered this address at {base}. Nothing happens unless you answer.")
}

/// What is sent to try a way out.
pub const TEST: (&str, &str) =
    ("A test from Acequia", "If you read this, notifications reach you here. There is nothing to do.");

pub const OFFERS_TO_THIS_ADDRESS: &str = "Offers that somebody sends to this address.";

pub fn mails_about(kind: &str) -> String {
    format!(
        "Mails about this: {}.",
        kind.chars()
            .next()
            .map_or(String::new(), |first| first.to_lowercase().chain(kind.chars().skip(1)).collect())
    )
}

pub const NOT_SET_UP: &str = "That way to reach you is not set up.";
pub const YOUR_NOTIFICATIONS: &str = "Your notifications";

pub fn test_sent(channel: Channel) -> String {
    format!(
        "The test was taken by {}. Look whether it arrives.",
        match channel {
            Channel::Mail => "the mail server",
            Channel::Ntfy => "the ntfy server",
            Channel::Webhook => "your webhook",
        }
    )
}

pub fn test_failed(why: &str) -> String {
    format!("The test was not taken: {why}.")
}
