//! A tailnet comes and goes.

use control_plane::CredentialKind;
use model::{TailnetId, Timestamp};
use sqlx::types::Uuid;

use super::{Credential, Tailnet, kind_name};
use crate::in_transaction;
use crate::store::{Db, Json, audit, people};

/// Why a tailnet is not connected.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NotConnected {
    /// Its owner has as many as there may be.
    Full,
    /// Its owner may no longer come in.
    ShutOut,
    /// The same OAuth client is connected for the same owner already, with a tailnet of this id.
    Already(TailnetId),
}

impl Db {
    /// Stores a new tailnet with its credentials, or says why not: then nothing is stored.
    pub async fn insert_tailnet(
        &self,
        tailnet: &Tailnet,
        credentials: &[Credential],
        (most, now): (u32, Timestamp),
        entry: &audit::NewEntry,
    ) -> sqlx::Result<Option<NotConnected>> {
        let with_client = "SELECT t.id FROM tailnets t JOIN credentials c ON c.tailnet_id = t.id
            WHERE t.owner_id = $1 AND c.kind = $2 AND c.hint = $3 AND t.base_url = $4";
        let client = credentials.iter().find(|credential| credential.kind == CredentialKind::Client);
        let owner = tailnet.owner.uuid();
        Ok(in_transaction!(self, tx => {
            // Two at once would each count without the other: whoever holds the owner's row counts first.
            let here = people::is_here!(tx, tailnet.owner);
            let (count,): (i64,) = sqlx::query_as("SELECT COUNT(*) FROM tailnets WHERE owner_id = $1")
                .bind(owner).fetch_one(&mut *tx).await?;
            let same: Option<(Uuid,)> = sqlx::query_as(with_client)
                .bind(owner).bind(kind_name(CredentialKind::Client)).bind(client.map(|client| &client.hint))
                .bind(&tailnet.base_url).fetch_optional(&mut *tx).await?;
            let not_connected = match same {
                _ if !here => Some(NotConnected::ShutOut),
                Some((id,)) => Some(NotConnected::Already(TailnetId::new(id))),
                None => (count >= i64::from(most)).then_some(NotConnected::Full),
            };
            if not_connected.is_none() {
                sqlx::query(
                    "INSERT INTO tailnets (id, owner_id, name, control_plane, base_url, settings, created)
                     VALUES ($1, $2, $3, $4, $5, $6, $7)")
                    .bind(tailnet.id).bind(owner).bind(&tailnet.name).bind(&tailnet.control_plane)
                    .bind(&tailnet.base_url).bind(Json::write(&tailnet.settings.clone()?)).bind(now)
                    .execute(&mut *tx).await?;
                for credential in credentials {
                    put_credential!(tailnet.id, credential, &mut *tx)?;
                }
                audit::insert!(tx, entry);
            }
            not_connected
        }))
    }

    /// Takes a tailnet away with everything that hangs on it, unless shares of it are not over: gives how many.
    /// The audit trail stays.
    pub async fn delete_tailnet(&self, id: TailnetId, entry: &audit::NewEntry) -> sqlx::Result<i64> {
        Ok(in_transaction!(self, tx => {
            // Whoever accepts an offer at the same moment waits, or is waited for.
            sqlx::query("UPDATE tailnets SET id = id WHERE id = $1").bind(id).execute(&mut *tx).await?;
            let (open,): (i64,) = sqlx::query_as(
                "SELECT COUNT(*) FROM shares WHERE tailnet_id = $1 AND state <> 'ended'")
                .bind(id).fetch_one(&mut *tx).await?;
            if open == 0 {
                sqlx::query("DELETE FROM shares WHERE tailnet_id = $1")
                    .bind(id).execute(&mut *tx).await?;
                let gone = sqlx::query("DELETE FROM tailnets WHERE id = $1")
                    .bind(id).execute(&mut *tx).await?;
                if gone.rows_affected() == 1 {
                    audit::insert!(tx, entry);
                }
            }
            open
        }))
    }
}
