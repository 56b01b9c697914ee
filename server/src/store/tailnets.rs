//! Tailnets, as they were last read.

use control_plane::Settings;
use model::{PersonId, TailnetId, Timestamp};

use super::decode::{Damaged, FromRow, Row};
use super::{Db, Json};

/// One connected network.
#[derive(Clone, Debug)]
pub struct Tailnet {
    pub id: TailnetId,
    pub owner: PersonId,
    pub name: String,
    pub control_plane: String,
    pub base_url: String,
    /// As the last sync read them; the next one mends them.
    pub settings: Result<Settings, Damaged>,
    pub sync_started: Option<Timestamp>,
    pub synced: Option<Timestamp>,
    pub sync_failed: Option<(Timestamp, String)>,
    /// When it was last looked for drift, and why that found out nothing.
    pub looked: Option<Timestamp>,
    pub look_failed: Option<String>,
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
    /// As of now: what is said to have happened later than that did not.
    #[must_use]
    pub fn as_of(mut self, now: Timestamp) -> Self {
        let happened = |at: Option<Timestamp>| at.and_then(|at| at.happened(now));
        self.sync_started = happened(self.sync_started);
        self.synced = happened(self.synced);
        self.sync_failed = self.sync_failed.filter(|(at, _)| at.happened(now).is_some());
        self.looked = happened(self.looked);
        self
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

impl FromRow for Tailnet {
    const TABLE: &'static str = "tailnets";
    const KEY: &'static [&'static str] = &["id"];

    fn from_row(row: &Row<'_>) -> Result<Self, Damaged> {
        let (failed, why): (Option<Timestamp>, Option<String>) =
            (row.get("sync_failed")?, row.get("sync_error")?);
        Ok(Self {
            id: row.get("id")?,
            owner: row.get("owner_id")?,
            name: row.get("name")?,
            control_plane: row.get("control_plane")?,
            base_url: row.get("base_url")?,
            settings: row.json("settings"),
            sync_started: row.get("sync_started")?,
            synced: row.get("synced")?,
            sync_failed: failed.zip(why),
            looked: row.get("looked")?,
            look_failed: row.get("look_failed")?,
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
                t.sync_failed, t.sync_error, t.looked, t.look_failed FROM tailnets t ",
            $rest
        )
    };
}

mod connection;
mod credentials;
mod stewards;

pub use connection::NotConnected;
pub use credentials::{Credential, Failing, kind_name};

impl Db {
    pub async fn find_tailnet(&self, id: TailnetId) -> sqlx::Result<Option<Tailnet>> {
        self.query(tailnets!("WHERE t.id = $1"), (id,)).fetch_optional().await
    }

    pub async fn list_tailnets(&self) -> sqlx::Result<Vec<Tailnet>> {
        self.query(tailnets!("ORDER BY t.id"), ()).fetch_all().await
    }

    /// Those that somebody owns or is a steward of.
    pub async fn list_tailnets_of(&self, person: PersonId) -> sqlx::Result<Vec<Tailnet>> {
        let sql = tailnets!(concat!("WHERE ", mine!(), " ORDER BY t.name, t.id"));
        self.query(sql, (person,)).fetch_all().await
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

    /// The same, without what is known of them.
    pub async fn list_ids_of_tailnets_of(&self, person: PersonId) -> sqlx::Result<Vec<TailnetId>> {
        self.query(concat!("SELECT t.id FROM tailnets t WHERE ", mine!()), (person,)).fetch_column().await
    }

    pub async fn mark_sync_started(&self, id: TailnetId, now: Timestamp) -> sqlx::Result<()> {
        self.query("UPDATE tailnets SET sync_started = $2 WHERE id = $1", (id, now)).execute().await.map(drop)
    }

    pub async fn mark_synced(&self, id: TailnetId, settings: &Settings, now: Timestamp) -> sqlx::Result<()> {
        let sql =
            "UPDATE tailnets SET sync_started = NULL, synced = $2, sync_failed = NULL, sync_error = NULL,
            settings = $3 WHERE id = $1";
        self.query(sql, (id, now, Json::write(settings))).execute().await.map(drop)
    }

    pub async fn mark_sync_failed(&self, id: TailnetId, why: &str, now: Timestamp) -> sqlx::Result<()> {
        let sql = "UPDATE tailnets SET sync_started = NULL, sync_failed = $2, sync_error = $3 WHERE id = $1";
        self.query(sql, (id, now, why)).execute().await.map(drop)
    }
}
