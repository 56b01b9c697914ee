//! What waits, in words: a sentence for each kind of notice.

use app::paths;
use app::ports::inbox::{Dismiss, Item, Kind};
use model::{AskId, OfferId, ServiceId, ShareId, Timestamp, Trouble as TroubleOf, Zone};
use notices::{EXPIRES_SOON, What};
use sharing::words::Words;

use crate::store::notices::Listing;
use crate::store::tailnets::kind_of;
use crate::store::trouble::Trouble;
use crate::words::{ask, credential, exposure, handover, headscale, host, lender, member, service, untold};

impl Listing {
    pub fn friend_is(&self, person: model::PersonId) -> bool {
        self.friend.as_ref().is_some_and(|(friend, _)| *friend == person)
    }

    fn share(&self) -> String {
        paths::share(ShareId::new(self.place.object))
    }

    fn friend_name(&self) -> &str {
        self.friend.as_ref().map_or("", |(_, name)| name)
    }

    fn owner_name(&self) -> &str {
        self.owner.as_ref().map_or("", |(_, name)| name)
    }
}

/// Of an item: what kind it is, its title and what is behind it, where it leads, and the words on that.
type Told = (Kind, String, Option<String>, String, &'static str);

/// Something that has to be looked at.
fn look(title: String, detail: impl Into<Option<String>>, href: String) -> Told {
    (Kind::Attention, title, detail.into(), href, "Look")
}

const NOT_ANSWERED: &str = "Nobody answered it in time, and nothing was opened.";

/// What became of an offer.
fn news(title: String, detail: &str, action: &'static str) -> Told {
    (Kind::News, title, Some(detail.to_owned()), paths::new_offer(None), action)
}

/// One notice for whoever reads it now and in that zone, who may be the friend that it names.
pub fn item(notice: &Listing, receiving: bool, (now, zone): (Timestamp, &Zone)) -> Item {
    let (kind, title, detail, href, action) = told(notice, receiving, (now, zone));
    let place = &notice.place;
    let dismiss = place.kind.is_news().then(|| Dismiss {
        kind: place.kind,
        object: place.object.simple().to_string(),
        part: place.part.clone(),
    });
    Item { kind, title, detail, href, action: action.into(), at: place.since, dismiss }
}

fn told(notice: &Listing, receiving: bool, (now, zone): (Timestamp, &Zone)) -> Told {
    let (who, what, tailnet) = (notice.friend_name(), &notice.service, &notice.tailnet);
    let of_tailnet = || paths::tailnet(tailnet.0);
    match &notice.what {
        What::Review { ports: Some(ports), .. } => (
            Kind::Review,
            format!("{what} for {who} is to have other ports"),
            Some(format!("{ports}, once you have looked at what that opens. Until then it stays as it is.")),
            paths::review(ShareId::new(notice.place.object)),
            "Review",
        ),
        What::Review { again, ports: None } => (
            Kind::Review,
            format!("{who} accepted {what}: review what it opens"),
            again.clone(),
            paths::review(ShareId::new(notice.place.object)),
            "Review",
        ),
        What::Account | What::NoAccountYet | What::Longer { .. } => of_friends(notice, zone),
        What::Asked { .. } | What::Refused { .. } => of_ask(notice, zone),
        What::Attention { attention } => {
            let reason = sharing::words::words(attention).reason;
            look(format!("{what} for {who} needs you"), reason, notice.share())
        }
        What::NotEnded { attention } => {
            let detail = not_ended(&sharing::words::words(attention));
            look(format!("{what} for {who} could not be ended"), detail, notice.share())
        }
        What::OpenInvite => {
            (Kind::Attention, format!("Open the invite to reach {what}"), None, notice.share(), "Open")
        }
        What::EndsSoon if receiving => {
            let ask = paths::share_time(ShareId::new(notice.place.object));
            (Kind::EndsSoon, format!("{what} ends soon"), None, ask, "Ask for more")
        }
        What::EndsSoon => {
            let extend = paths::share_time(ShareId::new(notice.place.object));
            (Kind::EndsSoon, format!("{what} for {who} ends soon"), None, extend, "Extend")
        }
        What::Unreadable => {
            let detail = "What is stored of it makes no sense, so nothing is done for it.".to_owned();
            look("A share cannot be read".to_owned(), detail, notice.share())
        }
        What::LeftAlone => (
            Kind::Finding,
            format!("{} no longer looks after {what}", notice.owner_name()),
            Some(left_alone(notice.ends, zone)),
            notice.share(),
            "Look",
        ),
        What::Offer => (
            Kind::Offer,
            format!("{} offers you {what}", notice.owner_name()),
            (!notice.note.is_empty()).then(|| notice.note.clone()),
            paths::invitation(&OfferId::new(notice.place.object).to_string()),
            "Answer",
        ),
        What::Declined => {
            news(format!("{who} declined {what}"), "Nothing was opened for them.", "Offer something else")
        }
        What::Lapsed => news(lapsed(who, what), NOT_ANSWERED, "Offer it again"),
        What::Away { trouble } => {
            look(format!("{} cannot be reached", tailnet.1), away(trouble), of_tailnet())
        }
        What::Policy { trouble } => {
            look(format!("The policy of {} cannot be read", tailnet.1), policy(trouble), of_tailnet())
        }
        What::Credential { refused, expires } => {
            let ends = expires.filter(|_| refused.is_none());
            let title = credential(notice, ends, (now, zone));
            (Kind::Credential, title, refused.clone(), of_tailnet(), "Replace")
        }
        What::Unmanaged { count } => (
            Kind::Finding,
            unmanaged(*count, &tailnet.1),
            Some("It stands there, and no share here accounts for it.".to_owned()),
            paths::all_unmanaged(tailnet.0),
            "Look",
        ),
        What::Exposure { share, first, more } => {
            let (title, detail) = (exposure::reaches_more(who), exposure::in_short(first, *more));
            (Kind::Finding, title, Some(detail), exposure::place_on(*share), "Look")
        }
        What::HandedOver => of_owner(notice),
        What::PortsChanged => ports_changed(notice),
        What::ToldOtherwise { .. }
        | What::AskedToLend { .. }
        | What::LendingAnswered { .. }
        | What::AccountCame
        | What::NameClash { .. } => of_server(notice, receiving),
        // Told outside of the app alone.
        What::Opened => look(format!("{what} for {who} is open"), None, notice.share()),
        What::Paused => look(format!("{what} for {who} is paused"), None, notice.share()),
        What::Ended { .. } => look(format!("{what} for {who} has ended"), None, notice.share()),
        What::Untold { .. } | What::OfferUntold { .. } => of_telling(notice),
        What::Host { .. } | What::HostSilent { .. } | What::HostText { .. } => {
            let (title, detail) = of_host(notice);
            let href = paths::firewall(tailnet.0, model::NodeId::new(notice.place.object));
            look(title, detail, href)
        }
    }
}

/// What a friend has to do before anything can open, and what they ask for.
fn of_friends(notice: &Listing, zone: &Zone) -> Told {
    let (who, what) = (notice.friend_name(), &notice.service);
    match &notice.what {
        What::Account => (
            Kind::Attention,
            format!("Make an account to reach {what}"),
            Some("The steps are on the page of the share; it waits for you.".to_owned()),
            notice.share(),
            "Go on",
        ),
        What::NoAccountYet => (
            Kind::News,
            format!("{who} accepted {what}, and has no account yet"),
            Some(
                "They are shown how to make one. You hear of it when there is something to review."
                    .to_owned(),
            ),
            notice.share(),
            "Look",
        ),
        What::Longer { until, note } => (
            Kind::Review,
            format!("{who} asks for more time with {what}"),
            Some(longer(*until, note, zone)),
            paths::share_time(ShareId::new(notice.place.object)),
            "Answer",
        ),
        // Of nothing else.
        _ => look(what.clone(), None, notice.share()),
    }
}

/// What somebody asks for, and a no.
fn of_ask(notice: &Listing, zone: &Zone) -> Told {
    let service = &notice.service;
    match &notice.what {
        What::Asked { until, ends, note } => (
            Kind::Review,
            ask::asks(notice.friend_name(), service, &notice.node),
            Some(ask::detail((*until, *ends), note, zone)),
            paths::ask(AskId::new(notice.place.object)),
            "Answer",
        ),
        What::Refused { service: id, word } => (
            Kind::News,
            ask::refused(notice.owner_name(), service),
            (!word.is_empty()).then(|| word.clone()),
            paths::ask_for(*id),
            "Look",
        ),
        // Of nothing else.
        _ => look(service.clone(), None, paths::home()),
    }
}

/// What could not be told outside of the app.
fn of_telling(notice: &Listing) -> Told {
    let what = &notice.service;
    match &notice.what {
        What::Untold { channel, count, why } => {
            let (title, detail) = untold::of_person(*channel, *count, why);
            (Kind::News, title, Some(detail), paths::notifications(), "Mend it")
        }
        What::OfferUntold { address, why } => {
            let (title, detail) = untold::of_offer(what, address, why);
            (Kind::News, title, Some(detail), untold::place(notice.place.object), "Make a new link")
        }
        // Of nothing else.
        _ => look(what.clone(), None, notice.share()),
    }
}

fn of_host(notice: &Listing) -> (String, String) {
    let name = &notice.node;
    match &notice.what {
        What::Host { found, revision, seen } => host::found(name, *found, *revision, *seen),
        What::HostSilent { revision } => {
            (format!("{name} has not fetched its firewall text"), host::has_not_fetched(*revision))
        }
        What::HostText { revision } => {
            (format!("No firewall text can be made for {name}"), host::text_refused(&notice.why, *revision))
        }
        // Of nothing else.
        _ => (name.clone(), String::new()),
    }
}

fn not_ended(words: &sharing::words::Words) -> String {
    format!("{} Until it is done they may still be let in. {}", words.reason, words.next_step)
}

/// What is asked for, with the friend's own word.
fn longer(until: Option<Timestamp>, note: &str, zone: &Zone) -> String {
    let until = match until {
        Some(until) => format!("Until {}.", zone.to_minutes(until)),
        None => "Until one of you ends it.".to_owned(),
    };
    if note.is_empty() { until } else { format!("{until} {note}") }
}

fn lapsed(who: &str, what: &str) -> String {
    if who.is_empty() {
        format!("Your offer of {what} was not answered")
    } else {
        format!("{who} did not answer your offer of {what}")
    }
}

/// Why a tailnet cannot be asked, and what that means.
fn away(trouble: &TroubleOf) -> String {
    let Words { reason, next_step } = sharing::words::of_trouble(trouble);
    let since = "It is asked again every few minutes. Until it answers, what you see of it is as it was, and a share that ends stays open.";
    if next_step.is_empty() { format!("{reason} {since}") } else { format!("{reason} {next_step} {since}") }
}

/// Why a policy cannot be read, and what that means.
fn policy(trouble: &TroubleOf) -> String {
    let reason = match trouble {
        TroubleOf::NotUnderstood { why } => format!("{}.", why.trim_end_matches('.')),
        trouble => sharing::words::of_trouble(trouble).reason,
    };
    format!("{reason} Until it can be read nobody knows who reaches what there, and no share opens or ends.")
}

fn left_alone(ends: Option<Timestamp>, zone: &Zone) -> String {
    let until = match ends {
        Some(ends) => format!("It goes on until {}, or until you give it back.", zone.to_minutes(ends)),
        None => "It goes on until you give it back.".to_owned(),
    };
    format!("They may not come in here any more. {until} Nobody here mends it.")
}

fn credential(notice: &Listing, expires: Option<Timestamp>, (now, zone): (Timestamp, &Zone)) -> String {
    let which = kind_of(&notice.place.part).map_or("credential", credential::name);
    let name = &notice.tailnet.1;
    match expires.filter(|at| *at <= now.plus_seconds(EXPIRES_SOON)) {
        Some(at) => format!("The {which} of {name} ends on {}", zone.to_date(at)),
        None => format!("The {which} of {name} is refused"),
    }
}

fn unmanaged(count: u32, tailnet: &str) -> String {
    match count {
        1 => format!("Something in {tailnet} was made elsewhere"),
        many => format!("{many} things in {tailnet} were made elsewhere"),
    }
}

/// That the database takes no writes, or that shares could not be ended.
pub fn database(trouble: Option<Trouble>, overdue: usize, now: Timestamp) -> Item {
    let why = trouble.map(|trouble| format!("The database takes no writes: {trouble}. ")).unwrap_or_default();
    let (title, then) = match overdue {
        0 => (
            "Nothing can be kept at the moment".to_owned(),
            "What was confirmed is safe; what is asked for now is refused until that is mended.",
        ),
        1 => (
            "One share whose time is over could not be ended".to_owned(),
            "It is tried again every few seconds and ends by itself; until then it is still open.",
        ),
        many => (
            format!("{many} shares whose time is over could not be ended"),
            "They are tried again every few seconds and end by themselves; until then they are still open.",
        ),
    };
    Item {
        kind: Kind::Attention,
        title,
        detail: Some(format!("{why}{then}")),
        href: paths::home(),
        action: "Look again".into(),
        at: now,
        dismiss: None,
    }
}

/// A tailnet that is somebody's by now.
fn of_owner(notice: &Listing) -> Told {
    let (tailnet, from) = (&notice.tailnet, notice.owner_name());
    let title = handover::handed_to_you(from, &tailnet.1);
    (Kind::News, title, Some(handover::IS_YOURS.into()), paths::tailnet(tailnet.0), "Look")
}

/// Ports that somebody is to look at, on the page where they are saved.
fn ports_changed(notice: &Listing) -> Told {
    let (title, href) = (
        service::changed_there(&notice.service, &notice.node),
        paths::edit_service(ServiceId::new(notice.place.object)),
    );
    (Kind::Review, title, Some(service::LOOK_AT_PORTS.to_owned()), href, "Look")
}

/// Of a server that several people share, and of what its machines tell.
fn of_server(notice: &Listing, receiving: bool) -> Told {
    let (who, what, tailnet) = (notice.friend_name(), &notice.service, &notice.tailnet);
    match &notice.what {
        What::ToldOtherwise { held, over } => {
            let title = if *over {
                format!("{what} for {who} may still be open")
            } else {
                format!("{what} for {who} is not in force on its machine")
            };
            look(title, host::told_otherwise(*held, *over).to_owned(), notice.share())
        }
        What::AskedToLend { count } => {
            look(lender::asks(*count, &tailnet.1), lender::ASKS.to_owned(), paths::lenders(tailnet.0))
        }
        What::LendingAnswered { accepted } => {
            let (title, detail) = lender::answered(*accepted, &tailnet.1);
            (Kind::News, title, Some(detail.to_owned()), paths::tailnets(), "Look")
        }
        What::AccountCame if receiving => look(
            member::came_for_friend(notice.owner_name()),
            member::CAME_FOR_FRIEND.to_owned(),
            notice.share(),
        ),
        What::AccountCame => (
            Kind::Review,
            member::came(who, &tailnet.1),
            Some(member::SAY_WHO_CAME.to_owned()),
            paths::review(ShareId::new(notice.place.object)),
            "Say who it is",
        ),
        What::NameClash { name, accounts, more } => look(
            headscale::clash(name, &tailnet.1),
            headscale::clash_means(accounts, *more),
            paths::policy(tailnet.0),
        ),
        _ => look(tailnet.1.clone(), None::<String>, paths::tailnet(tailnet.0)),
    }
}
