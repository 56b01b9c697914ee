//! In which time zone somebody reads.

use model::{PersonId, Zone};
use serde::{Deserialize, Serialize};

use crate::store::audit;
use crate::store::decode::{Damaged, FromRow, Row};
use crate::store::{Db, Tx};

/// Names of zones, as stored. They decide how times are shown and nothing else, and the database of zones is another one with
/// each release: one that is not known any more counts as none, and keeps nobody from reading.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Zones {
    pub chosen: Option<String>,
    /// By a browser of theirs, the last that did.
    pub told: Option<String>,
}

impl Zones {
    pub fn chosen(&self) -> Option<Zone> {
        self.chosen.as_deref().and_then(|name| name.parse().ok())
    }

    /// Where no browser is there to say another one.
    pub fn known(&self) -> Zone {
        let told = || self.told.as_deref().and_then(|name| name.parse().ok());
        self.chosen().or_else(told).unwrap_or_default()
    }
}

impl FromRow for Zones {
    const TABLE: &'static str = "people";
    const KEY: &'static [&'static str] = &["id"];

    fn from_row(row: &Row<'_>) -> Result<Self, Damaged> {
        Ok(Self { chosen: row.get("zone")?, told: row.get("zone_told")? })
    }
}

impl Db {
    pub async fn zones_of(&self, person: PersonId) -> sqlx::Result<Zones> {
        let sql = "SELECT id, zone, zone_told FROM people WHERE id = $1";
        Ok(self.query(sql, (person,)).fetch_optional().await?.unwrap_or_default())
    }

    /// Keeps what somebody chose; none: as their browsers say.
    pub async fn put_zone(
        &self,
        person: PersonId,
        zone: Option<&str>,
        entry: &audit::NewEntry,
    ) -> sqlx::Result<()> {
        let mut tx: Tx = self.begin().await?;
        tx.query("UPDATE people SET zone = $2 WHERE id = $1", (person, zone)).execute().await?;
        audit::insert(&mut tx, entry).await?;
        tx.commit().await
    }

    /// Keeps what a browser of theirs told.
    pub async fn put_zone_told(&self, person: PersonId, zone: &str) -> sqlx::Result<()> {
        let sql = "UPDATE people SET zone_told = $2 WHERE id = $1";
        self.query(sql, (person, zone)).execute().await.map(drop)
    }
}
