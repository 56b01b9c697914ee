//! Tells people outside of the app what is written down for them. Each is told at least once: a row is settled only after
//! whoever was to have it said that they do, so what is between is done again, under the same id.

use std::time::Duration;

use app::paths;
use model::{Channel, HeardAs, HeardKind, JobKind, PersonId, Timestamp, Zone};
use tokio::time::Instant;

use super::Outcome;
use crate::post::ntfy::Topic;
use crate::post::webhook::Hook;
use crate::post::{Failure, Letter, mail, ntfy, webhook};
use crate::queue;
use crate::state::AppState;
use crate::store::jobs::LONGEST_WAIT;
use crate::store::outbox::address_hash;
use crate::store::outbox::due::Delivery;
use crate::store::outbox::settle::Ending;
use crate::unsubscribe::{self, Stop};
use crate::words::telling as words;

/// How many are read at a time.
const PORTION: i64 = 20;
/// So long one job goes on: less than the time for which nobody else takes it.
const AT_MOST: Duration = Duration::from_secs(45);

/// Queues a job for everybody who is to be told something now.
pub async fn queue_due(state: &AppState) -> sqlx::Result<()> {
    for person in state.db.people_to_tell(state.now()).await? {
        state.db.enqueue_new(&queue::job(state, JobKind::Tell, person)).await?;
    }
    Ok(())
}

/// Tells one person what is due.
pub async fn run(state: &AppState, person: PersonId) -> anyhow::Result<Outcome> {
    let begun = Instant::now();
    let due = state.db.due_deliveries(person, state.now(), PORTION).await?;
    let all = due.len() < usize::try_from(PORTION).unwrap_or(usize::MAX);
    let ways = Ways::of(state, person).await?;
    // What asked to wait is asked nothing more.
    let mut waits = Vec::new();
    for one in due {
        if waits.contains(&one.channel) {
            continue;
        }
        if begun.elapsed() > AT_MOST {
            return Ok(Outcome::Again(state.now()));
        }
        let ending = match ways.tell(state, &one).await? {
            None => Ending::Dropped,
            Some(Ok(())) => Ending::Sent,
            Some(Err(failure)) => after(state, &one, failure),
        };
        match &ending {
            Ending::GivenUp(why) => {
                tracing::warn!(id = %one.id, channel = %one.channel, "somebody could not be told: {why}");
            }
            Ending::NotBefore(_) => waits.push(one.channel),
            Ending::Sent | Ending::Dropped | Ending::Later(_) => {}
        }
        state.db.settle_delivery(&one, &ending, state.now()).await?;
    }
    // What is to be tried again has its time, and is queued then.
    Ok(if all { Outcome::Done } else { Outcome::Again(state.now()) })
}

/// What is done after a try that failed.
fn after(state: &AppState, one: &Delivery, failure: Failure) -> Ending {
    let tries = one.tries.saturating_add(1);
    let doublings = u32::try_from(tries.clamp(1, 12) - 1).unwrap_or(0);
    let usual = state.config.timing.retry * 2_u32.pow(doublings);
    let at = |wait: Duration| state.after(wait.min(LONGEST_WAIT));
    match failure {
        Failure::ForGood(why) => Ending::GivenUp(why),
        Failure::Later(why) | Failure::NotBefore(why, _)
            if tries >= i64::from(state.config.notifications.tries) =>
        {
            Ending::GivenUp(why)
        }
        Failure::Later(_) => Ending::Later(at(usual)),
        Failure::NotBefore(_, wait) => Ending::NotBefore(at(usual.max(wait))),
    }
}

/// How somebody can be reached.
struct Ways {
    /// They may come in, and so are told.
    here: bool,
    mail: Option<String>,
    /// In which they read times.
    zone: Zone,
    /// What is stored of those that they set up, opened where it can be.
    ntfy: Option<Result<Topic, Failure>>,
    webhook: Option<Result<Hook, Failure>>,
}

impl Ways {
    async fn of(state: &AppState, person: PersonId) -> anyhow::Result<Self> {
        let db = &state.db;
        let here = db.find_person_here(person).await?.is_some();
        let (mail, zone) = (db.mail_address(person).await?, db.zones_of(person).await?.known());
        let mut ways = Self { here, mail, zone, ntfy: None, webhook: None };
        for stored in db.list_channels(person).await? {
            let row = format!("{person}/{}", stored.channel);
            let opened =
                state.sealer.open_text("channels", "target_sealed", &row, &stored.target_sealed).ok();
            match stored.channel {
                Channel::Mail => {}
                Channel::Ntfy => ways.ntfy = Some(parsed(opened.as_deref())),
                Channel::Webhook => ways.webhook = Some(parsed(opened.as_deref())),
            }
        }
        Ok(ways)
    }

    /// One try; nothing where nobody is to be told any more, or cannot be in this way.
    async fn tell(&self, state: &AppState, one: &Delivery) -> anyhow::Result<Option<Result<(), Failure>>> {
        if !self.here {
            return Ok(None);
        }
        let config = &state.config;
        let here = config.base_url.host_str().unwrap_or("localhost");
        Ok(match one.channel {
            Channel::Mail => {
                let Some(server) = &config.mail else { return Ok(None) };
                let letter = match &one.to_address {
                    Some(address) => offer(state, one, address).await?,
                    None => Some(Ok(letter(state, one, &self.zone))),
                };
                match (letter, one.to_address.as_ref().or(self.mail.as_ref())) {
                    (Some(Ok(letter)), Some(to)) => Some(mail::send(server, here, to, &letter).await),
                    (Some(Err(failure)), _) => Some(Err(failure)),
                    _ => None,
                }
            }
            Channel::Ntfy => match &self.ntfy {
                None => None,
                Some(Err(failure)) => Some(Err(failure.clone())),
                // The instance owner took the server away again.
                Some(Ok(topic)) if !config.notifications.ntfy.contains(&topic.server) => None,
                Some(Ok(topic)) => {
                    let letter = letter(state, one, &self.zone);
                    let sent = ntfy::send(&state.http, topic, &letter);
                    let sent = tokio::time::timeout(config.notifications.timeout, sent).await;
                    Some(sent.unwrap_or_else(|_| Err(Failure::Later(words::NO_ANSWER.into()))))
                }
            },
            Channel::Webhook => match &self.webhook {
                None => None,
                Some(Err(failure)) => Some(Err(failure.clone())),
                Some(Ok(hook)) => Some(
                    webhook::send(&config.notifications, hook, &letter(state, one, &self.zone), state.now())
                        .await,
                ),
            },
        })
    }
}

fn parsed<T: serde::de::DeserializeOwned>(text: Option<&str>) -> Result<T, Failure> {
    let read = text.and_then(|text| serde_json::from_str(text).ok());
    read.ok_or_else(|| Failure::ForGood(words::CANNOT_BE_OPENED.into()))
}

/// What somebody is told of one thing.
fn letter(state: &AppState, one: &Delivery, zone: &Zone) -> Letter {
    let told = words::told(&one.listing, one.heard_as == HeardAs::Friend, (state.now(), zone));
    let stop = Stop::Kind { person: one.person, heard_as: one.heard_as, kind: one.kind };
    let base = state.config.base();
    made(state, &one.id.simple().to_string(), (one.heard_as, one.kind), one.listing.place.since, told, &stop)
        .because(words::why(one.kind, one.heard_as, base))
}

/// The mail with the link of an offer; nothing once the offer cannot be answered any more.
async fn offer(
    state: &AppState,
    one: &Delivery,
    address: &str,
) -> anyhow::Result<Option<Result<Letter, Failure>>> {
    let offer = state.db.find_offer(model::OfferId::new(one.object)).await?;
    if offer.is_none_or(|offer| offer.closed(state.now()).is_some()) {
        return Ok(None);
    }
    let row = format!("{}/{}", one.id.simple(), one.channel);
    let sealed = one.secret_sealed.as_deref().unwrap_or_default();
    let Ok(token) = state.sealer.open_text("deliveries", "secret_sealed", &row, sealed) else {
        return Ok(Some(Err(Failure::ForGood(words::CANNOT_BE_OPENED.into()))));
    };
    let told = words::offer_by_mail(&one.listing, &token);
    let stop = Stop::Address(address_hash(address));
    let from = one.listing.owner.as_ref().map_or("", |(_, name)| name.as_str());
    let why = words::why_to_address(from, state.config.base());
    let id = one.id.simple().to_string();
    let made = made(state, &id, (one.heard_as, one.kind), one.listing.place.since, told, &stop);
    Ok(Some(Ok(made.because(why))))
}

/// What is sent to try a way out.
pub fn test(state: &AppState, person: PersonId) -> Letter {
    let (title, detail) = words::TEST;
    let links = vec![(words::YOUR_NOTIFICATIONS.to_owned(), paths::notifications())];
    let kind = (HeardAs::Giver, HeardKind::Attention);
    let stop = Stop::Kind { person, heard_as: kind.0, kind: kind.1 };
    let id = state.new_id::<()>().uuid().simple().to_string();
    let letter = made(state, &id, kind, state.now(), (title.into(), Some(detail.into()), links), &stop);
    Letter { unsubscribe: None, why: detail.into(), ..letter }
}

fn made(
    state: &AppState,
    id: &str,
    (heard_as, kind): (HeardAs, HeardKind),
    at: Timestamp,
    (title, detail, links): words::Told,
    stop: &Stop,
) -> Letter {
    let base = state.config.base();
    let token = unsubscribe::token(&state.sealer, stop);
    Letter {
        id: id.to_owned(),
        kind,
        heard_as,
        at,
        title,
        detail,
        links: links.into_iter().map(|(label, path)| (label, format!("{base}{path}"))).collect(),
        why: String::new(),
        unsubscribe: Some(format!("{base}{}", paths::unsubscribe(&token))),
    }
}

impl Letter {
    fn because(self, why: String) -> Self {
        Self { why, ..self }
    }
}

/// Tries one way out at once, for whoever sets it up.
pub async fn try_out(
    state: &AppState,
    person: PersonId,
    channel: Channel,
) -> anyhow::Result<Option<Result<(), Failure>>> {
    let ways = Ways::of(state, person).await?;
    let (letter, config) = (test(state, person), &state.config);
    let here = config.base_url.host_str().unwrap_or("localhost");
    Ok(match (channel, &ways) {
        (Channel::Mail, Ways { mail: Some(to), .. }) => match &config.mail {
            Some(server) => Some(mail::send(server, here, to, &letter).await),
            None => None,
        },
        (Channel::Ntfy, Ways { ntfy: Some(topic), .. }) => match topic {
            Ok(topic) => Some(ntfy::send(&state.http, topic, &letter).await),
            Err(failure) => Some(Err(failure.clone())),
        },
        (Channel::Webhook, Ways { webhook: Some(hook), .. }) => match hook {
            Ok(hook) => Some(webhook::send(&config.notifications, hook, &letter, state.now()).await),
            Err(failure) => Some(Err(failure.clone())),
        },
        _ => None,
    })
}
