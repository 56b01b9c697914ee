//! What the configuration of a machine lists there, all at once.

use model::{Audience, DeclaredTo, NodeId, ServiceId, Timestamp};

use super::{PUT, Service, forget_probe, has_room, lock_tailnet_of, take_off};
use crate::store::{Db, audit};

/// A service that is listed or changed.
#[derive(Debug)]
pub struct Declared {
    pub service: Service,
    pub to: DeclaredTo,
    pub entry: audit::NewEntry,
}

/// What became of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Told {
    /// These were to go and have shares that are not over: they stay, and are shown to nobody.
    Stored { kept: Vec<ServiceId> },
    /// Nothing was stored: the tailnet would have more services than there may be.
    Full,
    /// Nothing was stored: another service of that name was listed meanwhile, or cannot be read.
    Namesake(String),
}

impl Db {
    /// Stores what is new or changed, and takes off the list what is gone.
    ///
    /// # Errors
    /// When the database fails; then nothing is stored either.
    pub async fn put_declared(
        &self,
        node: NodeId,
        listed: &[Declared],
        gone: &[(ServiceId, audit::NewEntry)],
        (most, now): (u32, Timestamp),
    ) -> sqlx::Result<Told> {
        let mut tx = self.begin().await?;
        lock_tailnet_of(&mut tx, node).await?;
        let mut kept = Vec::new();
        for (id, entry) in gone {
            let (there, open) = take_off(&mut tx, *id, now).await?;
            let mut changed = there;
            if there && open > 0 {
                let hide = "UPDATE services SET audience = $2 WHERE id = $1 AND audience <> $2";
                changed = tx.query(hide, (id, Audience::Nobody)).execute().await? > 0;
                kept.push(*id);
            }
            if changed {
                audit::insert(&mut tx, entry).await?;
            }
        }
        for Declared { service, to, entry } in listed {
            let namesakes =
                "SELECT COUNT(*) FROM services WHERE node_id = $1 AND removed IS NULL AND id <> $3
                 AND lower(name) = lower($2)";
            if tx.query(namesakes, (node, &service.name, service.id)).count().await? > 0 {
                return Ok(Told::Namesake(service.name.clone()));
            }
            if !has_room(&mut tx, service, most).await? {
                return Ok(Told::Full);
            }
            let Service { id, node, name, kind, ports, join, about, audience, left_alone } = service;
            let values = (id, node, name, kind, ports, join, about, audience, now, left_alone);
            tx.query(PUT, values).execute().await?;
            tx.query("UPDATE services SET declared = $2 WHERE id = $1", (id, to)).execute().await?;
            if *audience != Audience::People {
                tx.query("DELETE FROM audience WHERE service_id = $1", (id,)).execute().await?;
                tx.query("DELETE FROM circle_audience WHERE service_id = $1", (id,)).execute().await?;
            }
            forget_probe(&mut tx, *id).await?;
            audit::insert(&mut tx, entry).await?;
        }
        tx.commit().await?;
        Ok(Told::Stored { kept })
    }
}
