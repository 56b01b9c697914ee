//! Whether services answer: what the last look at each found.

use std::net::SocketAddr;

use model::{JoinPort, ServiceId, ServiceKind, ServicePorts, TailnetId, Timestamp};
use serde::{Deserialize, Serialize};

use super::decode::{Damaged, FromRow, Listed, Row};
use super::join_port::join_port;
use super::{Db, Json};

/// What an answer tells. Plain text, made short and safe to show.
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
    pub result: ProbeResult,
}

/// What may be asked about one listed service.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Probed {
    pub service: ServiceId,
    pub tailnet: TailnetId,
    pub kind: ServiceKind,
    /// The machine's full name.
    pub name: String,
    pub addresses: Vec<String>,
    pub port: JoinPort,
    /// Since when it is silent, and when it was last asked, if it is.
    pub silent: Option<(Timestamp, Timestamp)>,
}

impl FromRow for Found {
    const TABLE: &'static str = "probes";
    const KEY: &'static [&'static str] = &["service_id"];

    fn from_row(row: &Row<'_>) -> Result<Self, Damaged> {
        Ok(Self {
            answered: row.get("answered")?,
            at: row.get("at")?,
            since: row.get("since")?,
            result: row.json("told")?,
        })
    }
}

impl FromRow for Probed {
    const TABLE: &'static str = "services";
    const KEY: &'static [&'static str] = &["id"];

    fn from_row(row: &Row<'_>) -> Result<Self, Damaged> {
        let (kind, ports): (ServiceKind, ServicePorts) = (row.get("kind")?, row.get("ports")?);
        let (answered, since): (Option<bool>, Option<Timestamp>) = (row.get("answered")?, row.get("since")?);
        Ok(Self {
            service: row.get("id")?,
            tailnet: row.get("tailnet_id")?,
            port: join_port(row, kind, &ports)?,
            kind,
            name: row.get("dns_name")?,
            addresses: row.json("addresses")?,
            silent: since.zip(row.get("at")?).filter(|_| answered == Some(false)),
        })
    }
}

/// Where a machine is.
struct Addresses {
    tailnet: TailnetId,
    all: Vec<String>,
}

impl FromRow for Addresses {
    const TABLE: &'static str = "nodes";
    const KEY: &'static [&'static str] = &["id"];

    fn from_row(row: &Row<'_>) -> Result<Self, Damaged> {
        Ok(Self { tailnet: row.get("tailnet_id")?, all: row.json("addresses")? })
    }
}

/// A service that is gone meanwhile has no row, nor has one that is to be left alone by now.
const PUT: &str = "INSERT INTO probes (service_id, answered, at, since, told, until)
     SELECT id, $2, $3, $3, $4, $5 FROM services WHERE id = $1 AND removed IS NULL AND left_alone = $6
     ON CONFLICT (service_id) DO UPDATE SET at = excluded.at, told = excluded.told, until = excluded.until,
        since = CASE WHEN probes.answered = excluded.answered AND probes.since <= excluded.at
            THEN probes.since ELSE excluded.since END,
        answered = excluded.answered";

impl Db {
    /// Listed services of machines that are there, but for those that are to be left alone. Nothing is asked of one that
    /// cannot be read.
    pub async fn list_probed(&self) -> sqlx::Result<Vec<Probed>> {
        let sql = "SELECT s.id, n.tailnet_id, s.kind, n.dns_name, n.addresses, s.ports, s.join_port,
                b.answered, b.since, b.at
             FROM services s JOIN nodes n ON n.id = s.node_id LEFT JOIN probes b ON b.service_id = s.id
             JOIN tailnets t ON t.id = n.tailnet_id JOIN people p ON p.id = t.owner_id AND p.standing = 'here'
             WHERE s.removed IS NULL AND n.gone IS NULL AND n.external = $1 AND s.left_alone = $1
             ORDER BY s.id";
        self.query(sql, (false,)).fetch_listed().await.map(Listed::readable)
    }

    /// Addresses of the machines in tailnets of the instance owner: where the host of this app may stand.
    pub async fn list_instance_owners_machines(&self) -> sqlx::Result<Vec<(TailnetId, Vec<String>)>> {
        let sql = "SELECT n.id, n.tailnet_id, n.addresses FROM nodes n JOIN tailnets t ON t.id = n.tailnet_id
             JOIN people p ON p.id = t.owner_id
             WHERE p.instance_owner = $1 AND n.gone IS NULL AND n.external = $2";
        let machines = self.query(sql, (true, false)).fetch_listed().await?.readable();
        Ok(machines.into_iter().map(|Addresses { tailnet, all }| (tailnet, all)).collect())
    }

    /// What was found at `asked`, and until when it counts; nothing is kept if the service is gone or its machine moved
    /// meanwhile.
    pub async fn put_probe(
        &self,
        id: ServiceId,
        asked: SocketAddr,
        result: Option<&ProbeResult>,
        (now, until): (Timestamp, Timestamp),
    ) -> sqlx::Result<()> {
        let machine =
            "SELECT n.id, n.tailnet_id, n.addresses FROM services s JOIN nodes n ON n.id = s.node_id
             WHERE s.id = $1 AND s.removed IS NULL";
        let machine: Option<Addresses> = self.query(machine, (id,)).fetch_optional().await?;
        if !machine.is_some_and(|machine| machine.all.contains(&asked.ip().to_string())) {
            return Ok(());
        }
        let json = Json::write(&result.cloned().unwrap_or_default());
        self.query(PUT, (id, result.is_some(), now, json, until, false)).execute().await.map(drop)
    }

    /// Of one service.
    pub async fn find_probe(&self, id: ServiceId) -> sqlx::Result<Option<Found>> {
        let sql = "SELECT service_id, answered, at, since, told FROM probes WHERE service_id = $1";
        self.query(sql, (id,)).fetch_optional().await
    }

    /// What nobody asked again in time says nothing any more; nor does what is said to be found later than now.
    pub async fn forget_old_probes(&self, now: Timestamp) -> sqlx::Result<()> {
        let sql = "DELETE FROM probes WHERE until <= $1 OR at > $2";
        self.query(sql, (now, now.plus_seconds(Timestamp::SKEW_SECONDS))).execute().await.map(drop)
    }
}
