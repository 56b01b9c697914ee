//! What stands at a control plane without a share here, as of the last look.

use std::collections::HashSet;

use model::{NodeId, PersonId, ShareId, TailnetId, Timestamp, UnmanagedId, UnmanagedKind};
use uuid::Uuid;

use super::decode::{Damaged, FromRow, Listed, Row};
use super::notices::{self, Subject};
use super::offers::{self, Offer};
use super::shares::{self, Share};
use super::{Db, Tx, audit, snapshots};

/// What a look saw.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Seen {
    pub kind: UnmanagedKind,
    /// What names it at the control plane.
    pub name: String,
    pub node: Option<NodeId>,
    pub login: Option<String>,
    pub rule: Option<String>,
}

/// A stored one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnmanagedItem {
    pub id: UnmanagedId,
    pub tailnet: TailnetId,
    pub seen: Seen,
    pub found: Timestamp,
    pub kept: Option<(String, Timestamp)>,
}

impl FromRow for UnmanagedItem {
    const TABLE: &'static str = "strays";
    const KEY: &'static [&'static str] = &["id"];

    fn from_row(row: &Row<'_>) -> Result<Self, Damaged> {
        let (kept, kept_by): (Option<Timestamp>, Option<String>) = (row.get("kept")?, row.get("kept_by")?);
        Ok(Self {
            id: row.get("id")?,
            tailnet: row.get("tailnet_id")?,
            seen: Seen {
                kind: row.get("kind")?,
                name: row.get("name")?,
                node: row.get("node_id")?,
                login: row.get("login")?,
                rule: row.get("rule")?,
            },
            found: row.get("found")?,
            kept: kept_by.zip(kept),
        })
    }
}

macro_rules! all_unmanaged {
    ($rest:literal) => {
        concat!(
            "SELECT id, tailnet_id, kind, name, node_id, login, rule, found, kept, kept_by FROM strays WHERE ",
            $rest
        )
    };
}

/// Whoever opened an invite since it was kept was not known then: it waits again.
const PUT: &str = "INSERT INTO strays (id, tailnet_id, kind, name, node_id, login, rule, found)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
     ON CONFLICT (tailnet_id, kind, name) DO UPDATE SET node_id = excluded.node_id, rule = excluded.rule,
        kept = CASE WHEN COALESCE(strays.login, '') = COALESCE(excluded.login, '') THEN strays.kept ELSE NULL END,
        login = excluded.login";

/// Takes one away, with what is told of it. Says whether it was there.
async fn delete(tx: &mut Tx, id: UnmanagedId, now: Timestamp) -> sqlx::Result<bool> {
    let delete = "DELETE FROM strays WHERE id = $1 RETURNING tailnet_id";
    let tailnets: Vec<TailnetId> = tx.query(delete, (id,)).fetch_column().await?;
    notices::renew_all(tx, tailnets.iter().copied().map(Subject::Unmanaged), now).await?;
    Ok(!tailnets.is_empty())
}

impl Db {
    /// Makes the list what was seen. What is known already keeps its id, its date and the word that it may stay.
    pub async fn put_unmanaged(
        &self,
        tailnet: TailnetId,
        seen: &[Seen],
        now: Timestamp,
        mut new_id: impl FnMut() -> Uuid,
    ) -> sqlx::Result<()> {
        let ids: Vec<Uuid> = seen.iter().map(|_| new_id()).collect();
        let mut tx = self.begin().await?;
        let known = "SELECT id, kind, name FROM strays WHERE tailnet_id = $1";
        let known: Vec<(UnmanagedId, String, String)> = tx.query(known, (tailnet,)).fetch_all().await?;
        let stay: HashSet<(&str, &str)> = seen.iter().map(|one| (one.kind.as_str(), &*one.name)).collect();
        for (old, kind, name) in known {
            // By what is stored: one that is damaged was not seen, and gives way.
            if !stay.contains(&(&*kind, &*name)) {
                tx.query("DELETE FROM strays WHERE id = $1", (old,)).execute().await?;
            }
        }
        for (Seen { kind, name, node, login, rule }, id) in seen.iter().zip(ids) {
            tx.query(PUT, (id, tailnet, kind, name, node, login, rule, now)).execute().await?;
        }
        let looked = "UPDATE tailnets SET looked = $2, look_failed = NULL, look_done = NULL, look_of = NULL WHERE id = $1";
        tx.query(looked, (tailnet, now)).execute().await?;
        notices::renew(&mut tx, Subject::Unmanaged(tailnet), now).await?;
        tx.commit().await
    }

    /// The last look found out nothing: what was known before stays.
    pub async fn set_observe_error(&self, tailnet: TailnetId, why: &str) -> sqlx::Result<()> {
        let sql = "UPDATE tailnets SET look_failed = $2, look_done = NULL, look_of = NULL WHERE id = $1";
        self.query(sql, (tailnet, why)).execute().await.map(drop)
    }

    pub async fn list_unmanaged(&self, tailnet: TailnetId) -> sqlx::Result<Listed<UnmanagedItem>> {
        let sql = all_unmanaged!("tailnet_id = $1 ORDER BY kind DESC, found, name");
        self.query(sql, (tailnet,)).fetch_listed().await
    }

    pub async fn find_unmanaged(&self, id: UnmanagedId) -> sqlx::Result<Option<UnmanagedItem>> {
        self.query(all_unmanaged!("id = $1"), (id,)).fetch_optional().await
    }

    /// It may stay as it is.
    pub async fn keep_unmanaged(
        &self,
        id: UnmanagedId,
        by: &str,
        entry: &audit::NewEntry,
    ) -> sqlx::Result<()> {
        let keep = "UPDATE strays SET kept = $2, kept_by = $3 WHERE id = $1 RETURNING tailnet_id";
        let mut tx = self.begin().await?;
        let tailnets: Vec<TailnetId> = tx.query(keep, (id, entry.at, by)).fetch_column().await?;
        notices::renew_all(&mut tx, tailnets.into_iter().map(Subject::Unmanaged), entry.at).await?;
        audit::insert(&mut tx, entry).await?;
        tx.commit().await
    }

    /// It is gone from the control plane, so what was told of its machine before is not so any more.
    /// What was read again since goes along, so that no page says of reach what was so before.
    pub async fn drop_unmanaged(
        &self,
        (tailnet, id): (TailnetId, UnmanagedId),
        again: Option<&snapshots::Again>,
        entry: &audit::NewEntry,
    ) -> sqlx::Result<()> {
        let mut tx = self.begin().await?;
        if let Some(again) = again {
            snapshots::renew(&mut tx, tailnet, again, entry.at).await?;
        }
        let told = "DELETE FROM invites WHERE node_id IN (SELECT node_id FROM strays WHERE id = $1)";
        tx.query(told, (id,)).execute().await?;
        // While it is there to say which machine it is about.
        audit::insert(&mut tx, entry).await?;
        delete(&mut tx, id, entry.at).await?;
        tx.commit().await
    }

    /// It becomes a share, with an offer that says where that came from. False if somebody else was quicker, or took
    /// away what it would stand on.
    pub async fn adopt_unmanaged(
        &self,
        id: UnmanagedId,
        offer: &Offer,
        share: &Share,
        entry: &audit::NewEntry,
    ) -> sqlx::Result<bool> {
        let mut tx = self.begin().await?;
        let adopted = shares::has_ground(&mut tx, share).await? && delete(&mut tx, id, entry.at).await?;
        if adopted {
            offers::insert(&mut tx, offer).await?;
            shares::insert(&mut tx, share).await?;
            // With a share of it nobody waits for an answer.
            notices::renew(&mut tx, Subject::Offer(offer.id), entry.at).await?;
            audit::insert(&mut tx, entry).await?;
        }
        tx.commit().await?;
        Ok(adopted)
    }

    /// Shares that were just seen in force. No change of theirs: their version stays.
    pub async fn mark_in_force(&self, shares: &[ShareId], now: Timestamp) -> sqlx::Result<()> {
        let mut tx = self.begin().await?;
        for share in shares {
            tx.query("UPDATE shares SET seen_in_force = $2 WHERE id = $1", (share, now)).execute().await?;
        }
        tx.commit().await
    }

    /// People here who are known by a login: a provider has verified it as their address.
    pub async fn list_people_of_login(&self, login: &str) -> sqlx::Result<Vec<PersonId>> {
        let sql = "SELECT DISTINCT i.person_id FROM identities i
             JOIN people p ON p.id = i.person_id AND p.standing = 'here' WHERE lower(i.email) = $1";
        self.query(sql, (login.to_lowercase(),)).fetch_column().await
    }
}
