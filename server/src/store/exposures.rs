//! What people with open shares reach in a tailnet beyond what was agreed, and what of it was accepted as it is.

use model::ids::ExposureId;
use model::{PersonId, ShareId, TailnetId, Timestamp};
use notices::ExposureFacts;
use policy::WithholdError;
use sharing::exposure::{Beyond, Opening};

use super::decode::{Damaged, FromRow, Listed, Row};
use super::notices::{self as waiting, Subject};
use super::{Db, Json, Tx, audit};

/// Of one login in one tailnet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Exposure {
    pub id: ExposureId,
    pub tailnet: TailnetId,
    /// In lower case.
    pub login: String,
    /// The share on whose page it is told.
    pub share: ShareId,
    pub found: Vec<Beyond>,
    /// Why no edit ends it.
    pub no_fix: Option<WithholdError>,
    pub accepted: Vec<Opening>,
    /// By whom and when.
    pub accepted_by: Option<(String, Timestamp)>,
}

impl FromRow for Exposure {
    const TABLE: &'static str = "exposures";
    const KEY: &'static [&'static str] = &["id"];

    fn from_row(row: &Row<'_>) -> Result<Self, Damaged> {
        let (by, at): (Option<String>, Option<Timestamp>) =
            (row.get("accepted_by")?, row.get("accepted_at")?);
        let no_fix: Option<String> = row.get("no_fix")?;
        let no_fix = no_fix.map(|text| serde_json::from_str(&text)).transpose();
        Ok(Self {
            id: row.get("id")?,
            tailnet: row.get("tailnet_id")?,
            login: row.get("login")?,
            share: row.get("share_id")?,
            found: row.json("found")?,
            no_fix: no_fix.map_err(|error| row.damaged("no_fix", error))?,
            accepted: row.json("accepted")?,
            accepted_by: by.zip(at),
        })
    }
}

macro_rules! exposures {
    ($rest:literal) => {
        concat!(
            "SELECT id, tailnet_id, login, share_id, found, no_fix, accepted, accepted_by, accepted_at FROM exposures
             WHERE ",
            $rest
        )
    };
}

const PUT: &str = "INSERT INTO exposures (id, tailnet_id, login, share_id, found, no_fix, accepted, accepted_by,
        accepted_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
     ON CONFLICT (id) DO UPDATE SET share_id = excluded.share_id, found = excluded.found, no_fix = excluded.no_fix,
        accepted = excluded.accepted, accepted_by = excluded.accepted_by, accepted_at = excluded.accepted_at";

/// Whoever changes rows of a tailnet does it alone.
async fn lock(tx: &mut Tx, tailnet: TailnetId) -> sqlx::Result<()> {
    tx.query("UPDATE tailnets SET id = id WHERE id = $1", (tailnet,)).execute().await.map(drop)
}

async fn put(tx: &mut Tx, one: &Exposure) -> sqlx::Result<()> {
    let Exposure { id, tailnet, login, share, found, no_fix, accepted, accepted_by } = one;
    let (by, at) = accepted_by.clone().unzip();
    let no_fix = no_fix.as_ref().map(Json::write);
    let values = (id, tailnet, login, share, Json::write(found), no_fix, Json::write(accepted), by, at);
    tx.query(PUT, values).execute().await.map(drop)
}

/// What is told of one, with the tailnet that it is in.
pub(super) async fn facts(tx: &mut Tx, id: ExposureId) -> sqlx::Result<Option<(TailnetId, ExposureFacts)>> {
    let found = tx.query(exposures!("id = $1"), (id,)).fetch_listed::<Exposure>().await?;
    // Of one that cannot be read nothing is known; the next look makes it anew.
    let Some(one) = found.readable().pop() else { return Ok(None) };
    let friend: Vec<PersonId> =
        tx.query("SELECT friend_id FROM shares WHERE id = $1", (one.share,)).fetch_column().await?;
    let Some(friend) = friend.first().copied() else { return Ok(None) };
    let certain = || one.found.iter().filter(|beyond| beyond.opening.certain);
    let since = certain().map(|beyond| beyond.since).min().unwrap_or(Timestamp::from_micros(0));
    let lines = certain().map(|beyond| beyond.opening.to_string()).collect();
    Ok(Some((one.tailnet, ExposureFacts { share: one.share, friend, lines, since })))
}

impl Db {
    pub async fn list_exposures(&self, tailnet: TailnetId) -> sqlx::Result<Listed<Exposure>> {
        self.query(exposures!("tailnet_id = $1 ORDER BY id"), (tailnet,)).fetch_listed().await
    }

    pub async fn find_exposure(&self, id: ExposureId) -> sqlx::Result<Option<Exposure>> {
        self.query(exposures!("id = $1"), (id,)).fetch_optional().await
    }

    /// Makes the list what was worked out of the snapshot with this revision, from these rows. False, and nothing is
    /// stored, if either is another one now: work it out again.
    pub async fn put_exposures(
        &self,
        tailnet: TailnetId,
        revision: Option<&str>,
        (before, now): (&[Exposure], &[Exposure]),
        at: Timestamp,
    ) -> sqlx::Result<bool> {
        let mut tx = self.begin().await?;
        lock(&mut tx, tailnet).await?;
        let of = "SELECT revision FROM snapshots WHERE tailnet_id = $1";
        let stands: Vec<String> = tx.query(of, (tailnet,)).fetch_column().await?;
        let stored = tx.query(exposures!("tailnet_id = $1 ORDER BY id"), (tailnet,));
        let stored = stored.fetch_listed::<Exposure>().await?.rows;
        if stands.first().map(String::as_str) != revision || stored != before {
            tx.rollback().await?;
            return Ok(false);
        }
        let ids: Vec<ExposureId> = tx
            .query("SELECT id FROM exposures WHERE tailnet_id = $1 ORDER BY id", (tailnet,))
            .fetch_column()
            .await?;
        let gone: Vec<ExposureId> =
            ids.into_iter().filter(|id| now.iter().all(|one| one.id != *id)).collect();
        for id in &gone {
            tx.query("DELETE FROM exposures WHERE id = $1", (id,)).execute().await?;
        }
        let changed = now.iter().filter(|one| !before.contains(one));
        let mut subjects: Vec<Subject> = gone.into_iter().map(Subject::Exposure).collect();
        for one in changed {
            put(&mut tx, one).await?;
            subjects.push(Subject::Exposure(one.id));
        }
        waiting::renew_all(&mut tx, subjects, at).await?;
        tx.commit().await?;
        Ok(true)
    }

    /// It is accepted as it was looked at. False, and nothing is stored, if it is otherwise by now.
    pub async fn accept_exposure(
        &self,
        seen: &Exposure,
        accepted: &[Opening],
        entry: &audit::NewEntry,
    ) -> sqlx::Result<bool> {
        let mut tx = self.begin().await?;
        lock(&mut tx, seen.tailnet).await?;
        let stands = tx.query(exposures!("id = $1"), (seen.id,)).fetch_optional::<Exposure>().await?;
        if stands.as_ref() != Some(seen) {
            tx.rollback().await?;
            return Ok(false);
        }
        let one = Exposure {
            found: Vec::new(),
            no_fix: None,
            accepted: accepted.to_vec(),
            accepted_by: Some((entry.actor.name().to_owned(), entry.at)),
            ..seen.clone()
        };
        put(&mut tx, &one).await?;
        audit::insert(&mut tx, entry).await?;
        waiting::renew(&mut tx, Subject::Exposure(seen.id), entry.at).await?;
        tx.commit().await?;
        Ok(true)
    }
}
