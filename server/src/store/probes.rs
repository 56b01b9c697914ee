//! Whether services answer: what the last look at each found.

use std::net::SocketAddr;

use model::{ServiceId, ServicePorts, TailnetId, Timestamp};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::{Db, Json};
use crate::on;

/// What an answer told. Plain text, made short and safe to show.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct ProbeResult {
    pub version: Option<String>,
    /// Now, and at most.
    pub players: Option<(u32, u32)>,
    pub motd: Option<String>,
    /// The status of an HTTP answer.
    pub status: Option<u16>,
}

/// The last look at one service.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Found {
    pub answered: bool,
    pub at: Timestamp,
    /// Since when it is so.
    pub since: Timestamp,
    pub told: ProbeResult,
}

/// What may be asked about one listed service.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Probed {
    pub service: ServiceId,
    pub tailnet: TailnetId,
    pub kind: String,
    pub addresses: Vec<String>,
    pub ports: ServicePorts,
}

impl Db {
    /// Listed services of machines that are there.
    pub async fn list_probed(&self) -> sqlx::Result<Vec<Probed>> {
        on!(self, pool => sqlx::query_as::<_, (Uuid, Uuid, String, String, String)>(
            "SELECT s.id, n.tailnet_id, s.kind, n.addresses, s.ports FROM services s JOIN nodes n ON n.id = s.node_id
             JOIN tailnets t ON t.id = n.tailnet_id JOIN people p ON p.id = t.owner_id AND p.standing = 'here'
             WHERE s.removed IS NULL AND n.gone IS NULL AND n.external = $1 ORDER BY s.id")
            .bind(false).fetch_all(pool).await)
        .map(|rows| {
            let row = |(id, tailnet, kind, addresses, ports): (Uuid, Uuid, String, String, String)| Probed {
                service: ServiceId::new(id),
                tailnet: TailnetId::new(tailnet),
                kind,
                addresses: Json::read(&addresses).unwrap_or_default(),
                // Nothing is asked of a service whose ports cannot be read.
                ports: ports.parse().unwrap_or_default(),
            };
            rows.into_iter().map(row).collect()
        })
    }

    /// Addresses of the machines in tailnets of the instance owner: where the host of this app may stand.
    pub async fn list_instance_owners_machines(&self) -> sqlx::Result<Vec<(TailnetId, Vec<String>)>> {
        on!(self, pool => sqlx::query_as::<_, (Uuid, String)>(
            "SELECT n.tailnet_id, n.addresses FROM nodes n JOIN tailnets t ON t.id = n.tailnet_id
             JOIN people p ON p.id = t.owner_id
             WHERE p.instance_owner = $1 AND n.gone IS NULL AND n.external = $2")
            .bind(true).bind(false).fetch_all(pool).await)
        .map(|rows| {
            let row = |(id, addresses): (Uuid, String)| {
                (TailnetId::new(id), Json::read(&addresses).unwrap_or_default())
            };
            rows.into_iter().map(row).collect()
        })
    }

    /// What was found at `asked`, and until when it counts; nothing is kept if the service is gone or its machine moved meanwhile.
    pub async fn put_probe(
        &self,
        id: ServiceId,
        asked: SocketAddr,
        told: Option<&ProbeResult>,
        (now, until): (Timestamp, Timestamp),
    ) -> sqlx::Result<()> {
        let still = |addresses: &str| {
            Json::read::<Vec<String>>(addresses).is_some_and(|all| all.contains(&asked.ip().to_string()))
        };
        let stored = on!(self, pool => sqlx::query_as::<_, (String,)>(
            "SELECT n.addresses FROM services s JOIN nodes n ON n.id = s.node_id
             WHERE s.id = $1 AND s.removed IS NULL")
            .bind(id).fetch_optional(pool).await)?;
        if !stored.is_some_and(|(addresses,)| still(&addresses)) {
            return Ok(());
        }
        on!(self, pool => sqlx::query(
            "INSERT INTO probes (service_id, answered, at, since, told, until)
             SELECT id, $2, $3, $3, $4, $5 FROM services WHERE id = $1 AND removed IS NULL
             ON CONFLICT (service_id) DO UPDATE SET at = excluded.at, told = excluded.told, until = excluded.until,
                since = CASE WHEN probes.answered = excluded.answered AND probes.since <= excluded.at THEN probes.since ELSE excluded.since END,
                answered = excluded.answered")
            .bind(id).bind(told.is_some()).bind(now)
            .bind(Json::write(&told.cloned().unwrap_or_default())).bind(until).execute(pool).await.map(drop))
    }

    /// Of one service.
    pub async fn find_probe(&self, id: ServiceId) -> sqlx::Result<Option<Found>> {
        on!(self, pool => sqlx::query_as::<_, (bool, i64, i64, String)>(
            "SELECT answered, at, since, told FROM probes WHERE service_id = $1")
            .bind(id).fetch_optional(pool).await)
        .map(|row| {
            row.map(|(answered, at, since, told)| Found {
                answered,
                at: Timestamp::from_micros(at),
                since: Timestamp::from_micros(since),
                told: Json::read(&told).unwrap_or_default(),
            })
        })
    }

    /// What nobody asked again in time says nothing any more; nor does what is said to be found later than now.
    pub async fn forget_old_probes(&self, now: Timestamp) -> sqlx::Result<()> {
        on!(self, pool => sqlx::query("DELETE FROM probes WHERE until <= $1 OR at > $2")
            .bind(now).bind(now.plus_seconds(Timestamp::SKEW_SECONDS)).execute(pool).await.map(drop))
    }
}
