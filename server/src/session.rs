//! What a browser is remembered by, typed.

mod keeper;

use app::fault::Fault;
use app::ports::flash::Message;
use model::{PersonId, Zone};
use serde::Serialize;
use serde::de::DeserializeOwned;
use tower_sessions::Session;

use self::keeper::{AGENT, ARRIVED, PERSON, id_hash};
pub use self::keeper::{Arrived, Sessions};
use crate::failure::OrInternal as _;

const FLASH: &str = "flash";
const OFFER: &str = "offer";
const SET_UP: &str = "set-up";
const RENEWED: &str = "renewed";

const DAY: i64 = 86_400;
/// Messages whose pages were never loaded are forgotten, the oldest first.
const MOST_FLASHES: usize = 4;
/// Of all that was typed into a form and waits to be shown again: a pasted text of a host is the longest. Who is not
/// signed in has no such form.
const MOST_TYPED: usize = 1 << 16;
const MOST_TYPED_BY_STRANGERS: usize = 1 << 10;
/// Longer ones are of no page of ours.
const LONGEST_PATH: usize = 3_000;

/// The browser session of one request. There is none while the list of routes is made: then it holds nothing.
#[derive(Clone, Debug, Default)]
pub struct BrowserSession {
    kept: Option<Session>,
    /// The time zone that this browser tells.
    told: Option<Zone>,
    zone: Zone,
}

impl BrowserSession {
    pub fn new(session: Session) -> Self {
        Self { kept: Some(session), ..Self::default() }
    }

    /// The same in a browser that tells this zone, for somebody who may have chosen one.
    #[must_use]
    pub fn reading_in(self, told: Option<Zone>, chosen: Option<Zone>) -> Self {
        let zone = chosen.or_else(|| told.clone()).unwrap_or_default();
        Self { told, zone, ..self }
    }

    /// In which time zone times are read and typed here: the chosen one, else the one that the browser tells, else UTC.
    pub const fn zone(&self) -> &Zone {
        &self.zone
    }

    /// The one that the browser tells, whatever was chosen.
    pub const fn told_zone(&self) -> Option<&Zone> {
        self.told.as_ref()
    }

    pub async fn get<T: DeserializeOwned>(&self, key: &str) -> Result<Option<T>, Fault> {
        match &self.kept {
            Some(session) => session.get(key).await.or_internal("read the session"),
            None => Ok(None),
        }
    }

    pub async fn put(&self, key: &str, value: impl Serialize) -> Result<(), Fault> {
        match &self.kept {
            Some(session) => session.insert(key, value).await.or_internal("write the session"),
            None => Ok(()),
        }
    }

    /// Takes a value out. The session is only written if there was one.
    pub async fn take<T: DeserializeOwned>(&self, key: &str) -> Result<Option<T>, Fault> {
        let Some(session) = &self.kept else { return Ok(None) };
        if session.get_value(key).await.or_internal("read the session")?.is_none() {
            return Ok(None);
        }
        session.remove(key).await.or_internal("write the session")
    }

    /// Under which hash it is stored, once it is.
    pub fn id_hash(&self) -> Option<String> {
        self.kept.as_ref().and_then(Session::id).map(|id| id_hash(&id))
    }

    /// Who is signed in in this browser.
    pub async fn person(&self) -> Result<Option<PersonId>, Fault> {
        let text: Option<String> = self.get(PERSON).await?;
        Ok(text.and_then(|text| text.parse().ok()))
    }

    /// The same with what their row said when the session was read; nobody if they may not come in.
    pub async fn arrived(&self) -> Result<Option<Arrived>, Fault> {
        let (person, arrived): (_, Option<Arrived>) = (self.person().await?, self.get(ARRIVED).await?);
        Ok(arrived.filter(|arrived| Some(arrived.id) == person))
    }

    /// Signs somebody in, under a new id: an id that somebody else may have planted is worth nothing afterwards.
    pub async fn sign_in(&self, person: PersonId, agent: &str) -> Result<(), Fault> {
        let Some(session) = &self.kept else { return Ok(()) };
        session.cycle_id().await.or_internal("renew the session")?;
        self.put(PERSON, person.to_string()).await?;
        self.put(AGENT, agent).await?;
        self.take::<bool>(SET_UP).await?;
        // With which provider stands in the path of the request.
        tracing::info!(%person, "signed in");
        Ok(())
    }

    /// Forgets everything.
    pub async fn sign_out(&self) -> Result<(), Fault> {
        match &self.kept {
            Some(session) => session.flush().await.or_internal("end the session"),
            None => Ok(()),
        }
    }

    /// Once a day the cookie of somebody who comes again is given its full life. Says whether that was now.
    pub async fn renew(&self, now: model::Timestamp) -> Result<bool, Fault> {
        let last: Option<i64> = self.get(RENEWED).await?;
        let last = last.and_then(|last| model::Timestamp::from_seconds(last).happened(now));
        let is_due = last.is_none_or(|last| last.plus_seconds(DAY) <= now);
        if is_due {
            self.put(RENEWED, now.seconds()).await?;
        }
        Ok(is_due)
    }

    /// Keeps a message for one page; what waits there already is replaced.
    pub async fn put_flash(&self, to: &str, message: Message) -> Result<(), Fault> {
        if page_of(to).len() > LONGEST_PATH {
            return Ok(());
        }
        let signed_in = self.person().await?.is_some();
        let most = if signed_in { MOST_TYPED } else { MOST_TYPED_BY_STRANGERS };
        let mut waiting: Vec<(String, Message)> = self.get(FLASH).await?.unwrap_or_default();
        waiting.retain(|(page, _)| page != page_of(to));
        waiting.push((page_of(to).to_owned(), message.bounded(most)));
        let surplus = waiting.len().saturating_sub(MOST_FLASHES);
        waiting.drain(..surplus);
        // All of them together keep no more than one may; the newest stays.
        let typed = |message: &Message| message.values.iter().map(|(_, value)| value.len()).sum::<usize>();
        while waiting.iter().map(|(_, message)| typed(message)).sum::<usize>() > most && waiting.len() > 1 {
            waiting.remove(0);
        }
        self.put(FLASH, waiting).await
    }

    /// Takes out what waits for one page. The session is only written if there was something.
    pub async fn take_flash(&self, path: &str) -> Result<Option<Message>, Fault> {
        let mut waiting: Vec<(String, Message)> = self.get(FLASH).await?.unwrap_or_default();
        let Some(at) = waiting.iter().position(|(page, _)| page == page_of(path)) else { return Ok(None) };
        let (_, message) = waiting.remove(at);
        if waiting.is_empty() {
            self.take::<Vec<(String, Message)>>(FLASH).await?;
        } else {
            self.put(FLASH, waiting).await?;
        }
        Ok(Some(message))
    }

    /// Keeps an offer's link, so that signing in leads back to it and a new person may come in.
    pub async fn remember_offer(&self, token: &str) -> Result<(), Fault> {
        self.put(OFFER, token).await
    }

    pub async fn remembered_offer(&self) -> Result<Option<String>, Fault> {
        self.get(OFFER).await
    }

    pub async fn forget_offer(&self) -> Result<(), Fault> {
        self.take::<String>(OFFER).await.map(drop)
    }

    /// The set-up code was given in this browser.
    pub async fn allow_set_up(&self) -> Result<(), Fault> {
        self.put(SET_UP, true).await
    }

    pub async fn may_set_up(&self) -> Result<bool, Fault> {
        Ok(self.get(SET_UP).await?.unwrap_or(false))
    }
}

/// A page as its request names it: browsers keep the fragment to themselves.
fn page_of(path: &str) -> &str {
    path.split_once('#').map_or(path, |(page, _)| page)
}
