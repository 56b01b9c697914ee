//! Tailnets, their stewards and their sealed credentials.

use control_plane::{CredentialKind, CredentialReport, Settings};
use model::{NodeId, PersonId, TailnetId, Timestamp};
use uuid::Uuid;

use super::decode::{Damaged, Listed, Row};
use super::{Db, Json, audit};
use crate::{in_transaction, on};

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

/// One of the two credentials of a tailnet.
#[derive(Clone, Debug)]
pub struct Credential {
    pub kind: CredentialKind,
    pub sealed: String,
    pub hint: String,
    /// What the control plane said of it when it was last good.
    pub report: Option<CredentialReport>,
    pub refused: Option<String>,
    pub checked: Timestamp,
    pub expires: Option<Timestamp>,
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

#[derive(sqlx::FromRow)]
struct TailnetRow {
    id: TailnetId,
    owner_id: PersonId,
    name: String,
    control_plane: String,
    base_url: String,
    settings: String,
    sync_started: Option<Timestamp>,
    synced: Option<Timestamp>,
    sync_failed: Option<Timestamp>,
    sync_error: Option<String>,
    looked: Option<Timestamp>,
    look_failed: Option<String>,
}

impl From<TailnetRow> for Tailnet {
    fn from(row: TailnetRow) -> Self {
        Self {
            id: row.id,
            owner: row.owner_id,
            name: row.name,
            control_plane: row.control_plane,
            base_url: row.base_url,
            settings: Row::of("tailnets", row.id).json("settings", &row.settings),
            sync_started: row.sync_started,
            synced: row.synced,
            sync_failed: row.sync_failed.zip(row.sync_error),
            looked: row.looked,
            look_failed: row.look_failed,
        }
    }
}

#[derive(sqlx::FromRow)]
struct CredentialRow {
    tailnet_id: Uuid,
    kind: String,
    secret_sealed: String,
    hint: String,
    facts: String,
    refused: Option<String>,
    checked: Timestamp,
    expires: Option<Timestamp>,
}

/// What is counted of a tailnet.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Numbers {
    pub nodes: u32,
    pub online: u32,
    /// Not over.
    pub shares: u32,
}

#[derive(sqlx::FromRow)]
struct FailingRow {
    name: String,
    #[sqlx(flatten)]
    credential: CredentialRow,
}

/// As stored in `credentials.kind`.
pub const fn kind_name(kind: CredentialKind) -> &'static str {
    match kind {
        CredentialKind::Client => "oauth_client",
        CredentialKind::UserToken => "user_token",
    }
}

impl TryFrom<CredentialRow> for Credential {
    type Error = Damaged;

    fn try_from(row: CredentialRow) -> Result<Self, Damaged> {
        let read = Row::named("credentials", format_args!("{}/{}", row.tailnet_id.simple(), row.kind));
        let kinds = [CredentialKind::Client, CredentialKind::UserToken];
        Ok(Self {
            kind: read.word("kind", &row.kind, kinds, kind_name)?,
            sealed: row.secret_sealed,
            hint: row.hint,
            report: Json::read(&row.facts),
            refused: row.refused,
            checked: row.checked,
            expires: row.expires,
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

macro_rules! put_credential {
    ($tailnet:expr, $credential:expr, $to:expr) => {{
        let credential: &Credential = $credential;
        sqlx::query(
            "INSERT INTO credentials (tailnet_id, kind, secret_sealed, hint, facts, refused, checked, expires)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
             ON CONFLICT (tailnet_id, kind) DO UPDATE SET secret_sealed = excluded.secret_sealed,
                hint = excluded.hint, facts = excluded.facts, refused = excluded.refused,
                checked = excluded.checked, expires = excluded.expires",
        )
        .bind($tailnet)
        .bind(kind_name(credential.kind))
        .bind(&credential.sealed)
        .bind(&credential.hint)
        .bind(Json::write(&credential.report))
        .bind(&credential.refused)
        .bind(credential.checked)
        .bind(credential.expires)
        .execute($to)
        .await
    }};
}

mod connection;

pub use connection::NotConnected;

impl Db {
    pub async fn find_tailnet(&self, id: TailnetId) -> sqlx::Result<Option<Tailnet>> {
        on!(self, pool => sqlx::query_as::<_, TailnetRow>("SELECT * FROM tailnets WHERE id = $1")
            .bind(id).fetch_optional(pool).await)
        .map(|row| row.map(Tailnet::from))
    }

    pub async fn list_tailnets(&self) -> sqlx::Result<Vec<Tailnet>> {
        on!(self, pool => sqlx::query_as::<_, TailnetRow>("SELECT * FROM tailnets ORDER BY id")
            .fetch_all(pool).await)
        .map(|rows| rows.into_iter().map(Tailnet::from).collect())
    }

    /// Those that somebody owns or is a steward of.
    pub async fn list_tailnets_of(&self, person: PersonId) -> sqlx::Result<Vec<Tailnet>> {
        on!(self, pool => sqlx::query_as::<_, TailnetRow>(
            "SELECT * FROM tailnets WHERE owner_id = $1
                OR id IN (SELECT tailnet_id FROM stewards WHERE person_id = $1) ORDER BY name, id")
            .bind(person).fetch_all(pool).await)
        .map(|rows| rows.into_iter().map(Tailnet::from).collect())
    }

    /// How many machines, machines that are online and shares that are not over each of them has.
    pub async fn list_tailnet_numbers(&self, person: PersonId) -> sqlx::Result<Vec<(TailnetId, Numbers)>> {
        let rows = on!(self, pool => sqlx::query_as::<_, (Uuid, i64, i64, i64)>(concat!(
            "SELECT t.id,
                (SELECT COUNT(*) FROM nodes n WHERE n.tailnet_id = t.id AND n.gone IS NULL AND n.external = $2),
                (SELECT COUNT(*) FROM nodes n WHERE n.tailnet_id = t.id AND n.gone IS NULL AND n.external = $2
                    AND n.online = $3),
                (SELECT COUNT(*) FROM shares h WHERE h.tailnet_id = t.id AND h.state <> 'ended')
             FROM tailnets t WHERE ", mine!()))
            .bind(person).bind(false).bind(true).fetch_all(pool).await)?;
        let numbers = |(id, nodes, online, shares): (Uuid, i64, i64, i64)| {
            let number = |count: i64| u32::try_from(count).unwrap_or(u32::MAX);
            let (nodes, online, shares) = (number(nodes), number(online), number(shares));
            (TailnetId::new(id), Numbers { nodes, online, shares })
        };
        Ok(rows.into_iter().map(numbers).collect())
    }

    /// The same, without what is known of them.
    pub async fn list_ids_of_tailnets_of(&self, person: PersonId) -> sqlx::Result<Vec<TailnetId>> {
        on!(self, pool => sqlx::query_as::<_, (Uuid,)>(concat!("SELECT t.id FROM tailnets t WHERE ", mine!()))
            .bind(person).fetch_all(pool).await)
        .map(|rows| rows.into_iter().map(|(id,)| TailnetId::new(id)).collect())
    }

    /// Credentials of their tailnets that were refused or end until `soon`, with the tailnet and its name.
    pub async fn list_failing_credentials(
        &self,
        person: PersonId,
        soon: Timestamp,
    ) -> sqlx::Result<Vec<(TailnetId, String, Credential)>> {
        let rows = on!(self, pool => sqlx::query_as::<_, FailingRow>(concat!(
            "SELECT c.*, t.name FROM credentials c JOIN tailnets t ON t.id = c.tailnet_id
             WHERE (c.refused IS NOT NULL OR c.expires <= $2) AND ", mine!(), " ORDER BY t.name, t.id, c.kind"))
            .bind(person).bind(soon).fetch_all(pool).await)?;
        let failing = |row: FailingRow| {
            let tailnet = TailnetId::new(row.credential.tailnet_id);
            Credential::try_from(row.credential).map(|credential| (tailnet, row.name, credential))
        };
        Ok(rows.into_iter().map(failing).collect::<Listed<_>>().readable())
    }

    pub async fn is_steward(&self, tailnet: TailnetId, person: PersonId) -> sqlx::Result<bool> {
        on!(self, pool => sqlx::query_as::<_, (i64,)>(
            "SELECT COUNT(*) FROM stewards WHERE tailnet_id = $1 AND person_id = $2")
            .bind(tailnet).bind(person).fetch_one(pool).await)
        .map(|(count,)| count > 0)
    }

    /// By name.
    pub async fn list_stewards(&self, tailnet: TailnetId) -> sqlx::Result<Vec<(PersonId, String)>> {
        on!(self, pool => sqlx::query_as::<_, (Uuid, String)>(
            "SELECT p.id, p.name FROM stewards s JOIN people p ON p.id = s.person_id
             WHERE s.tailnet_id = $1 ORDER BY p.name, p.id")
            .bind(tailnet).fetch_all(pool).await)
        .map(|rows| rows.into_iter().map(|(id, name)| (PersonId::new(id), name)).collect())
    }

    /// Nothing is done, nor written down, if they are one already.
    pub async fn add_steward(
        &self,
        tailnet: TailnetId,
        person: PersonId,
        entry: &audit::NewEntry,
    ) -> sqlx::Result<()> {
        in_transaction!(self, tx => {
            let added = sqlx::query(
                "INSERT INTO stewards (tailnet_id, person_id)
                 SELECT $1, id FROM people WHERE id = $2 AND standing = 'here'
                 ON CONFLICT (tailnet_id, person_id) DO NOTHING")
                .bind(tailnet).bind(person).execute(&mut *tx).await?;
            if added.rows_affected() == 1 {
                audit::insert!(tx, entry);
            }
        });
        Ok(())
    }

    /// Says whether they were one. The tokens of these machines stop working with it, each with its own entry.
    pub async fn remove_steward(
        &self,
        tailnet: TailnetId,
        person: PersonId,
        revoked: &[(NodeId, audit::NewEntry)],
        entry: &audit::NewEntry,
    ) -> sqlx::Result<bool> {
        let removed = in_transaction!(self, tx => {
            let removed = sqlx::query("DELETE FROM stewards WHERE tailnet_id = $1 AND person_id = $2")
                .bind(tailnet).bind(person).execute(&mut *tx).await?;
            let removed = removed.rows_affected() == 1;
            if removed {
                audit::insert!(tx, entry);
                for (node, entry) in revoked {
                    let gone = sqlx::query(
                        "UPDATE hosts SET token_hash = NULL, token_made = NULL, token_by = NULL, fetched = NULL,
                            fetched_revision = NULL WHERE node_id = $1 AND token_by = $2")
                        .bind(node).bind(person).execute(&mut *tx).await?;
                    if gone.rows_affected() == 1 {
                        audit::insert!(tx, entry);
                    }
                }
            }
            removed
        });
        Ok(removed)
    }

    pub async fn mark_sync_started(&self, id: TailnetId, now: Timestamp) -> sqlx::Result<()> {
        on!(self, pool => sqlx::query("UPDATE tailnets SET sync_started = $2 WHERE id = $1")
            .bind(id).bind(now).execute(pool).await.map(drop))
    }

    pub async fn mark_synced(&self, id: TailnetId, settings: &Settings, now: Timestamp) -> sqlx::Result<()> {
        on!(self, pool => sqlx::query(
            "UPDATE tailnets SET sync_started = NULL, synced = $2, sync_failed = NULL, sync_error = NULL,
                settings = $3 WHERE id = $1")
            .bind(id).bind(now).bind(Json::write(settings)).execute(pool).await.map(drop))
    }

    pub async fn mark_sync_failed(&self, id: TailnetId, why: &str, now: Timestamp) -> sqlx::Result<()> {
        on!(self, pool => sqlx::query(
            "UPDATE tailnets SET sync_started = NULL, sync_failed = $2, sync_error = $3 WHERE id = $1")
            .bind(id).bind(now).bind(why).execute(pool).await.map(drop))
    }

    pub async fn list_credentials(&self, tailnet: TailnetId) -> sqlx::Result<Listed<Credential>> {
        on!(self, pool => sqlx::query_as::<_, CredentialRow>(
            "SELECT * FROM credentials WHERE tailnet_id = $1 ORDER BY kind")
            .bind(tailnet).fetch_all(pool).await)
        .map(|rows| rows.into_iter().map(Credential::try_from).collect())
    }

    /// Puts what was learned about a credential in its place.
    pub async fn put_credential(&self, tailnet: TailnetId, credential: &Credential) -> sqlx::Result<()> {
        on!(self, pool => put_credential!(tailnet, credential, pool).map(drop))
    }

    /// Puts a credential that somebody gave in the place of the one that was there.
    pub async fn replace_credential(
        &self,
        tailnet: TailnetId,
        credential: &Credential,
        entry: &audit::NewEntry,
    ) -> sqlx::Result<()> {
        in_transaction!(self, tx => {
            put_credential!(tailnet, credential, &mut *tx)?;
            // One of which nobody knows what it is gives way to the one that can be read.
            sqlx::query("DELETE FROM credentials WHERE tailnet_id = $1 AND kind NOT IN ($2, $3)")
                .bind(tailnet).bind(kind_name(CredentialKind::Client))
                .bind(kind_name(CredentialKind::UserToken)).execute(&mut *tx).await?;
            audit::insert!(tx, entry);
        });
        Ok(())
    }

    pub async fn delete_credential(
        &self,
        tailnet: TailnetId,
        kind: CredentialKind,
        entry: &audit::NewEntry,
    ) -> sqlx::Result<()> {
        in_transaction!(self, tx => {
            let deleted = sqlx::query("DELETE FROM credentials WHERE tailnet_id = $1 AND kind = $2")
                .bind(tailnet).bind(kind_name(kind)).execute(&mut *tx).await?;
            if deleted.rows_affected() == 1 {
                audit::insert!(tx, entry);
            }
        });
        Ok(())
    }
}
