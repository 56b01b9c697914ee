//! Tailnets, as they were last read.

use control_plane::Settings;
use model::{ObjectKind, PersonId, PlaneKind, TailnetId, Timestamp};
use serde::{Deserialize, Serialize};

use super::decode::{Damaged, FromRow, Listed, Row};
use super::{Db, audit};

/// One connected network.
#[derive(Clone, Debug)]
pub struct Tailnet {
    pub id: TailnetId,
    pub owner: PersonId,
    pub name: String,
    pub control_plane: String,
    pub base_url: String,
    /// As the last sync found it.
    pub kind: PlaneKind,
    /// Of a Headscale: the end of its MagicDNS names, and where clients reach it, as its owner wrote them.
    pub base_domain: Option<String>,
    pub login_server: Option<String>,
    /// Of a Headscale: each plan for a machine of somebody else waits for those who look after the server.
    pub owner_reviews: bool,
    /// As the last sync read them; the next one mends them.
    pub settings: Result<Settings, Damaged>,
    pub sync_started: Option<Timestamp>,
    pub synced: Option<Timestamp>,
    pub sync_failed: Option<(Timestamp, String)>,
    /// When it was last looked for drift, and why that found out nothing.
    pub observed_at: Option<Timestamp>,
    pub observe_error: Option<String>,
    /// About how many machines a look that is going on has asked, and of how many.
    pub look: Option<(i64, i64)>,
}

/// What is counted of a tailnet.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Numbers {
    pub nodes: u32,
    pub online: u32,
    /// Not over.
    pub shares: u32,
}

impl Tailnet {
    /// One that was connected just now, of which nothing was read yet.
    pub fn new(
        (id, owner): (TailnetId, PersonId),
        name: String,
        (control_plane, base_url): (String, String),
        kind: PlaneKind,
    ) -> Self {
        Self {
            id,
            owner,
            name,
            control_plane,
            base_url,
            kind,
            base_domain: None,
            login_server: None,
            owner_reviews: true,
            settings: Ok(Settings::default()),
            sync_started: None,
            synced: None,
            sync_failed: None,
            observed_at: None,
            observe_error: None,
            look: None,
        }
    }

    /// As of now: what is said to have happened later than that did not.
    #[must_use]
    pub fn as_of(mut self, now: Timestamp) -> Self {
        let happened = |at: Option<Timestamp>| at.and_then(|at| at.happened(now));
        self.sync_started = happened(self.sync_started);
        self.synced = happened(self.synced);
        self.sync_failed = self.sync_failed.filter(|(at, _)| at.happened(now).is_some());
        self.observed_at = happened(self.observed_at);
        self
    }

    /// Where clients reach a Headscale: as its owner wrote it, else as this app reaches it.
    pub fn server(&self) -> &str {
        self.login_server.as_deref().unwrap_or(&self.base_url)
    }

    /// Whether the policy is kept elsewhere, so that it is not written from here.
    ///
    /// # Errors
    /// When that cannot be read: then it is not written either.
    pub fn policy_is_elsewhere(&self) -> Result<bool, Damaged> {
        let settings = self.settings.as_ref().map_err(Clone::clone)?;
        Ok(settings.policy_managed_elsewhere == Some(true))
    }
}

/// For the audit trail.
impl From<&Tailnet> for audit::Object {
    fn from(tailnet: &Tailnet) -> Self {
        Self::new(ObjectKind::Tailnet, tailnet.id, &tailnet.name)
    }
}

impl FromRow for Tailnet {
    const TABLE: &'static str = "tailnets";
    const KEY: &'static [&'static str] = &["id"];

    fn from_row(row: &Row<'_>) -> Result<Self, Damaged> {
        let (failed, why): (Option<Timestamp>, Option<String>) =
            (row.get("sync_failed")?, row.get("sync_error")?);
        let (look_done, look_of): (Option<i64>, Option<i64>) = (row.get("look_done")?, row.get("look_of")?);
        Ok(Self {
            id: row.get("id")?,
            owner: row.get("owner_id")?,
            name: row.get("name")?,
            control_plane: row.get("control_plane")?,
            base_url: row.get("base_url")?,
            kind: row.get("kind")?,
            base_domain: row.get("base_domain")?,
            login_server: row.get("login_server")?,
            owner_reviews: row.get("owner_reviews")?,
            settings: row.json("settings"),
            sync_started: row.get("sync_started")?,
            synced: row.get("synced")?,
            sync_failed: failed.zip(why),
            observed_at: row.get("looked")?,
            observe_error: row.get("look_failed")?,
            look: look_done.zip(look_of),
        })
    }
}

/// Tailnets `t` that `$1` owns or is a steward of.
macro_rules! mine {
    () => {
        "(t.owner_id = $1 OR EXISTS (SELECT 1 FROM stewards w WHERE w.tailnet_id = t.id AND w.person_id = $1))"
    };
}
pub(super) use mine;

macro_rules! tailnets {
    ($rest:expr) => {
        concat!(
            "SELECT t.id, t.owner_id, t.name, t.control_plane, t.base_url, t.settings, t.sync_started, t.synced,
                t.kind, t.base_domain, t.login_server, t.owner_reviews,
                t.sync_failed, t.sync_error, t.looked, t.look_failed, t.look_done, t.look_of FROM tailnets t ",
            $rest
        )
    };
}

/// A name in a policy that several accounts of its server have.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct NameClash {
    /// As the text has it.
    pub name: String,
    /// Each with its number, name and mail.
    pub accounts: Vec<String>,
}

mod asked;
mod auditors;
pub(super) mod causes;
mod connection;
mod credentials;
mod handover;
mod server;
mod stewards;

pub use asked::Heard;
pub use connection::NotConnected;
pub(super) use credentials::{CREDENTIALS, put as put_credential};
pub use credentials::{Credential, Failing, kind_name, kind_of, kind_parts};
pub(super) use handover::handed_over;
pub use handover::{Handover, NotHanded};

impl Db {
    pub async fn find_tailnet(&self, id: TailnetId) -> sqlx::Result<Option<Tailnet>> {
        self.query(tailnets!("WHERE t.id = $1"), (id,)).fetch_optional().await
    }

    pub async fn list_tailnets(&self) -> sqlx::Result<Listed<Tailnet>> {
        self.query(tailnets!("ORDER BY t.id"), ()).fetch_listed().await
    }

    /// Those that somebody owns or is a steward of.
    pub async fn list_tailnets_of(&self, person: PersonId) -> sqlx::Result<Listed<Tailnet>> {
        let sql = tailnets!(concat!("WHERE ", mine!(), " ORDER BY t.name, t.id"));
        self.query(sql, (person,)).fetch_listed().await
    }

    /// The same, which they are and nothing else.
    pub async fn list_tailnet_ids(&self, person: PersonId) -> sqlx::Result<Vec<TailnetId>> {
        self.query(concat!("SELECT t.id FROM tailnets t WHERE ", mine!()), (person,)).fetch_column().await
    }

    /// How many machines, machines that are online and shares that are not over each of them has.
    pub async fn list_tailnet_numbers(&self, person: PersonId) -> sqlx::Result<Vec<(TailnetId, Numbers)>> {
        let sql = concat!(
            "SELECT t.id,
                (SELECT COUNT(*) FROM nodes n WHERE n.tailnet_id = t.id AND n.gone IS NULL AND n.external = $2),
                (SELECT COUNT(*) FROM nodes n WHERE n.tailnet_id = t.id AND n.gone IS NULL AND n.external = $2
                    AND n.online = $3),
                (SELECT COUNT(*) FROM shares h WHERE h.tailnet_id = t.id AND h.state <> 'ended')
             FROM tailnets t WHERE ",
            mine!()
        );
        let rows = self.query(sql, (person, false, true)).fetch_all().await?;
        let number = |count: i64| u32::try_from(count).unwrap_or(u32::MAX);
        let numbers = |(id, nodes, online, shares)| {
            (id, Numbers { nodes: number(nodes), online: number(online), shares: number(shares) })
        };
        Ok(rows.into_iter().map(numbers).collect())
    }

    pub async fn mark_sync_started(&self, id: TailnetId, now: Timestamp) -> sqlx::Result<()> {
        self.query("UPDATE tailnets SET sync_started = $2 WHERE id = $1", (id, now)).execute().await.map(drop)
    }
}
