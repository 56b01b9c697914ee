//! Browser sessions as the session layer keeps them: found by the hash of their id, what they hold is sealed.

use std::collections::{BTreeMap, HashMap};
use std::time::Duration;

use async_trait::async_trait;
use model::{PersonId, Timestamp};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use tower_sessions::SessionStore;
use tower_sessions::session::{Id, Record};
use tower_sessions::session_store::{Error, Result};

use crate::secrets::hash_token;
use crate::state::AppState;
use crate::store::people::Zones;
use crate::store::sessions::{Content, Found, Life, New};

/// Keys of a session's data that are columns as well.
pub const PERSON: &str = "person";
pub const AGENT: &str = "agent";
/// The [`Arrived`] of a session that was read: never stored, since it is true for one request only.
pub const ARRIVED: &str = "arrived";

/// The person of a session as their row was when the session was read. Absent from one that began in this request.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Arrived {
    pub id: PersonId,
    pub name: String,
    pub instance_owner: bool,
    pub zones: Zones,
}

/// The store that the session layer uses.
#[derive(Clone, Debug)]
pub struct Sessions(AppState);

impl Sessions {
    pub fn new(state: AppState) -> Self {
        Self(state)
    }

    fn life(&self, person: Option<PersonId>) -> Life {
        let config = &self.0.config;
        let idle = if person.is_some() { config.session_lifetime } else { config.visitor_lifetime };
        let micros = |time: Duration| i64::try_from(time.as_micros()).unwrap_or(i64::MAX);
        let now = self.0.now().micros();
        Life {
            idle: Timestamp::from_micros(now.saturating_add(micros(idle))),
            greatest: micros(config.session_greatest_age),
        }
    }

    fn seal(&self, hash: &str, record: &Record) -> Result<String> {
        let data: BTreeMap<_, _> = record.data.iter().filter(|(key, _)| *key != ARRIVED).collect();
        let data = serde_json::to_vec(&data).map_err(|error| Error::Encode(error.to_string()))?;
        Ok(self.0.sealer.seal("sessions", "data_sealed", hash, &data))
    }
}

/// The hash under which the session is stored.
pub fn id_hash(id: &Id) -> String {
    hash_token(&id.to_string())
}

fn text<'a>(record: &'a Record, key: &str) -> Option<&'a str> {
    record.data.get(key).and_then(|value| value.as_str())
}

fn content<'a>(record: &'a Record, sealed: &'a str) -> Content<'a> {
    let person = text(record, PERSON).and_then(|text| text.parse().ok());
    Content { person, sealed, agent: text(record, AGENT).unwrap_or_default() }
}

fn arrived(found: &Found) -> Option<Arrived> {
    let (name, instance_owner) = found.name.clone().zip(found.instance_owner)?;
    Some(Arrived { id: found.person?, name, instance_owner, zones: found.zones.clone() })
}

fn backend(error: impl std::fmt::Display) -> Error {
    Error::Backend(error.to_string())
}

#[async_trait]
impl SessionStore for Sessions {
    async fn create(&self, record: &mut Record) -> Result<()> {
        let hash = id_hash(&record.id);
        let sealed = self.seal(&hash, record)?;
        let content = content(record, &sealed);
        let new = New {
            // Sorts in the order in which sessions begin.
            handle: self.0.new_id::<()>().to_string(),
            hash: &hash,
            content,
            now: self.0.now(),
            life: self.life(content.person),
        };
        self.0.db.insert_session(&new, self.0.config.limits.sessions_per_person).await.map_err(backend)
    }

    async fn save(&self, record: &Record) -> Result<()> {
        let hash = id_hash(&record.id);
        let sealed = self.seal(&hash, record)?;
        let content = content(record, &sealed);
        let life = self.life(content.person);
        self.0.db.save_session(&hash, content, life, self.0.now()).await.map_err(backend)
    }

    async fn load(&self, id: &Id) -> Result<Option<Record>> {
        let (hash, now) = (id_hash(id), self.0.now());
        let longest = self.0.config.longest_session();
        let found = self.0.db.find_session(&hash, now, longest).await.map_err(backend)?;
        let Some(found) = found else { return Ok(None) };
        if found.was_seen_long_ago(now) && self.0.signals.health.trouble().is_none() {
            let touched = self.0.db.touch_session(&hash, self.life(found.person), now).await;
            // It was found: that its date stays old is no reason to keep its person out.
            if let Err(error) = touched {
                tracing::warn!("that a session was used could not be noted: {error}");
            }
        }
        let data = self.0.sealer.open("sessions", "data_sealed", &hash, &found.data_sealed);
        let data = data.map_err(anyhow::Error::new);
        let read = |data: Vec<u8>| -> anyhow::Result<_> {
            let mut data: HashMap<String, Value> = serde_json::from_slice(&data)?;
            if let Some(arrived) = arrived(&found) {
                data.insert(ARRIVED.into(), serde_json::to_value(arrived)?);
            }
            Ok(data)
        };
        let data = match data.and_then(read) {
            Ok(data) => data,
            Err(error) => {
                // The key file was replaced: these people sign in again, nothing else is lost.
                tracing::warn!("a session cannot be read, it counts as none: {error:#}");
                return Ok(None);
            }
        };
        // Our own clock has decided already; this date is only what the layer wants to see.
        #[expect(clippy::disallowed_methods, reason = "the layer compares it with this clock")]
        let expiry_date = time::OffsetDateTime::now_utc() + time::Duration::DAY;
        Ok(Some(Record { id: *id, data, expiry_date }))
    }

    async fn delete(&self, id: &Id) -> Result<()> {
        self.0.db.delete_session(&id_hash(id)).await.map_err(backend)
    }
}
