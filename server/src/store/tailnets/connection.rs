//! A tailnet comes and goes.

use control_plane::CredentialKind;
use model::{PlaneKind, TailnetId, Timestamp};

use super::Tailnet;
use super::credentials::{self, Credential, kind_name};
use crate::store::notices::{self, Subject};
use crate::store::{Db, Json, Tx, audit, people};

/// Why a tailnet is not connected.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NotConnected {
    /// Its owner has as many as there may be.
    Full,
    /// Its owner may no longer come in.
    ShutOut,
    /// The same OAuth client is connected for the same owner already, or the same Headscale, with a tailnet of this id.
    Already(TailnetId),
}

/// Why it cannot be connected, if so; that stays so until the transaction ends.
async fn not_connected(
    tx: &mut Tx,
    Tailnet { owner, base_url, kind, .. }: &Tailnet,
    credentials: &[Credential],
    most: u32,
) -> sqlx::Result<Option<NotConnected>> {
    // Two at once would each count without the other: whoever holds the owner's row counts first.
    let here = people::is_here(tx, *owner).await?;
    let count = "SELECT COUNT(*) FROM tailnets WHERE owner_id = $1";
    let count = tx.query(count, (owner,)).count().await?;
    let client = credentials.iter().find(|credential| credential.kind == CredentialKind::Client);
    let same = "SELECT t.id FROM tailnets t JOIN credentials c ON c.tailnet_id = t.id
         WHERE t.owner_id = $1 AND c.kind = $2 AND c.hint = $3 AND t.base_url = $4";
    let hint = client.map(|client| &client.hint);
    let mut same: Vec<TailnetId> =
        tx.query(same, (owner, kind_name(CredentialKind::Client), hint, base_url)).fetch_column().await?;
    if kind.is_headscale() {
        let server = "SELECT id FROM tailnets WHERE base_url = $1 AND kind <> $2 ORDER BY id";
        same.extend(tx.query(server, (base_url, PlaneKind::Tailscale)).fetch_column::<TailnetId>().await?);
    }
    Ok(match same.first() {
        _ if !here => Some(NotConnected::ShutOut),
        Some(id) => Some(NotConnected::Already(*id)),
        None => (count >= i64::from(most)).then_some(NotConnected::Full),
    })
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
        let insert =
            "INSERT INTO tailnets (id, owner_id, name, control_plane, base_url, settings, created, kind,
                base_domain, login_server, server_id) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)";
        let mut tx = self.begin().await?;
        let not_connected = not_connected(&mut tx, tailnet, credentials, most).await?;
        if not_connected.is_none() {
            let Tailnet { id, owner, name, control_plane, base_url, kind, settings, .. } = tailnet;
            let settings = Json::write(&settings.clone()?);
            let server = kind.is_headscale().then_some(*id);
            let Tailnet { base_domain, login_server, .. } = tailnet;
            let values = (
                id,
                owner,
                name,
                control_plane,
                base_url,
                settings,
                now,
                kind,
                base_domain,
                login_server,
                server,
            );
            tx.query(insert, values).execute().await?;
            for credential in credentials {
                credentials::put(&mut tx, *id, credential).await?;
            }
            notices::renew(&mut tx, Subject::Credentials(*id), now).await?;
            audit::insert(&mut tx, entry).await?;
        }
        tx.commit().await?;
        Ok(not_connected)
    }

    /// Takes a tailnet away with everything that hangs on it, unless shares of it are not over: gives how many.
    /// The audit trail stays.
    pub async fn delete_tailnet(&self, id: TailnetId, entry: &audit::NewEntry) -> sqlx::Result<i64> {
        let mut tx = self.begin().await?;
        // Whoever accepts an offer at the same moment waits, or is waited for.
        tx.query("UPDATE tailnets SET id = id WHERE id = $1", (id,)).execute().await?;
        let open = "SELECT COUNT(*) FROM shares WHERE tailnet_id = $1 AND state <> 'ended'";
        let open = tx.query(open, (id,)).count().await?;
        if open == 0 {
            tx.query("DELETE FROM shares WHERE tailnet_id = $1", (id,)).execute().await?;
            if tx.query("DELETE FROM tailnets WHERE id = $1", (id,)).execute().await? == 1 {
                audit::insert(&mut tx, entry).await?;
            }
        }
        tx.commit().await?;
        Ok(open)
    }
}
