//! What stands at a control plane without a share here, as of the last look.

use model::{NodeId, ShareId, StrayId, TailnetId, Timestamp};
use uuid::Uuid;

use super::decode::{Damaged, Listed, Row};
use super::offers::{Offer, has_ground, insert_offer, insert_share};
use super::shares::Share;
use super::{Db, audit};
use crate::{in_transaction, on};

/// Which kind it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// An invite to a machine.
    Invite,
    /// A share recipient without any invite.
    Recipient,
    /// A rule with our mark.
    Rule,
}

impl Kind {
    const ALL: [Self; 3] = [Self::Invite, Self::Recipient, Self::Rule];

    /// As stored.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Invite => "invite",
            Self::Recipient => "recipient",
            Self::Rule => "rule",
        }
    }
}

/// What a look saw.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Seen {
    pub kind: Kind,
    /// What names it at the control plane.
    pub name: String,
    pub node: Option<NodeId>,
    pub login: Option<String>,
    pub rule: Option<String>,
}

/// A stored one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stray {
    pub id: StrayId,
    pub tailnet: TailnetId,
    pub seen: Seen,
    pub found: Timestamp,
    pub kept: Option<(String, Timestamp)>,
}

#[derive(sqlx::FromRow)]
struct StrayRow {
    id: StrayId,
    tailnet_id: TailnetId,
    kind: String,
    name: String,
    node_id: Option<NodeId>,
    login: Option<String>,
    rule: Option<String>,
    found: Timestamp,
    kept: Option<Timestamp>,
    kept_by: Option<String>,
}

impl TryFrom<StrayRow> for Stray {
    type Error = Damaged;

    fn try_from(row: StrayRow) -> Result<Self, Damaged> {
        let read = Row::of("strays", row.id);
        Ok(Self {
            id: row.id,
            tailnet: row.tailnet_id,
            seen: Seen {
                kind: read.word("kind", &row.kind, Kind::ALL, Kind::as_str)?,
                name: row.name,
                node: row.node_id,
                login: row.login,
                rule: row.rule,
            },
            found: row.found,
            kept: row.kept_by.zip(row.kept),
        })
    }
}

impl Db {
    /// Makes the list what was seen. What is known already keeps its id, its date and the word that it may stay.
    pub async fn put_strays(
        &self,
        tailnet: TailnetId,
        seen: &[Seen],
        now: Timestamp,
        mut new_id: impl FnMut() -> Uuid,
    ) -> sqlx::Result<()> {
        let ids: Vec<Uuid> = seen.iter().map(|_| new_id()).collect();
        in_transaction!(self, tx => {
            let known = sqlx::query_as::<_, StrayRow>("SELECT * FROM strays WHERE tailnet_id = $1")
                .bind(tailnet).fetch_all(&mut *tx).await?;
            for old in known {
                // By what is stored: one that is damaged was not seen, and gives way.
                let still = seen.iter().any(|one| (one.kind.as_str(), &one.name) == (&*old.kind, &old.name));
                if !still {
                    sqlx::query("DELETE FROM strays WHERE id = $1")
                        .bind(old.id).execute(&mut *tx).await?;
                }
            }
            for (one, id) in seen.iter().zip(ids) {
                // Whoever opened an invite since it was kept was not known then: it waits again.
                sqlx::query(
                    "INSERT INTO strays (id, tailnet_id, kind, name, node_id, login, rule, found)
                     VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
                     ON CONFLICT (tailnet_id, kind, name) DO UPDATE SET node_id = excluded.node_id,
                        rule = excluded.rule,
                        kept = CASE WHEN COALESCE(strays.login, '') = COALESCE(excluded.login, '')
                            THEN strays.kept ELSE NULL END,
                        login = excluded.login")
                    .bind(id).bind(tailnet).bind(one.kind.as_str()).bind(&one.name)
                    .bind(one.node).bind(&one.login).bind(&one.rule).bind(now)
                    .execute(&mut *tx).await?;
            }
            sqlx::query("UPDATE tailnets SET looked = $2, look_failed = NULL WHERE id = $1")
                .bind(tailnet).bind(now).execute(&mut *tx).await?;
        });
        Ok(())
    }

    /// The last look found out nothing: what was known before stays.
    pub async fn mark_look_failed(&self, tailnet: TailnetId, why: &str) -> sqlx::Result<()> {
        on!(self, pool => sqlx::query("UPDATE tailnets SET look_failed = $2 WHERE id = $1")
            .bind(tailnet).bind(why).execute(pool).await.map(drop))
    }

    pub async fn list_strays(&self, tailnet: TailnetId) -> sqlx::Result<Listed<Stray>> {
        on!(self, pool => sqlx::query_as::<_, StrayRow>(
            "SELECT * FROM strays WHERE tailnet_id = $1 ORDER BY kind DESC, found, name")
            .bind(tailnet).fetch_all(pool).await)
        .map(|rows| rows.into_iter().map(Stray::try_from).collect())
    }

    pub async fn find_stray(&self, id: StrayId) -> sqlx::Result<Option<Stray>> {
        on!(self, pool => sqlx::query_as::<_, StrayRow>("SELECT * FROM strays WHERE id = $1")
            .bind(id).fetch_optional(pool).await)?
        .map(|row| Stray::try_from(row).map_err(Into::into))
        .transpose()
    }

    /// It may stay as it is.
    pub async fn keep_stray(&self, id: StrayId, by: &str, entry: &audit::NewEntry) -> sqlx::Result<()> {
        in_transaction!(self, tx => {
            sqlx::query("UPDATE strays SET kept = $2, kept_by = $3 WHERE id = $1")
                .bind(id).bind(entry.at).bind(by).execute(&mut *tx).await?;
            audit::insert!(tx, entry);
        });
        Ok(())
    }

    /// It is gone from the control plane.
    pub async fn drop_stray(&self, id: StrayId, entry: &audit::NewEntry) -> sqlx::Result<()> {
        in_transaction!(self, tx => {
            sqlx::query("DELETE FROM strays WHERE id = $1").bind(id).execute(&mut *tx).await?;
            audit::insert!(tx, entry);
        });
        Ok(())
    }

    /// It becomes a share, with an offer that says where that came from. False if somebody else was quicker, or took
    /// away what it would stand on.
    pub async fn adopt_stray(
        &self,
        id: StrayId,
        offer: &Offer,
        share: &Share,
        entry: &audit::NewEntry,
    ) -> sqlx::Result<bool> {
        let adopted = in_transaction!(self, tx => {
            let adopted = has_ground!(tx, share)
                && sqlx::query("DELETE FROM strays WHERE id = $1")
                    .bind(id).execute(&mut *tx).await?.rows_affected() == 1;
            if adopted {
                insert_offer!(tx, offer);
                insert_share!(tx, share);
                audit::insert!(tx, entry);
            }
            adopted
        });
        Ok(adopted)
    }

    /// Shares that were just seen in force. No change of theirs: their version stays.
    pub async fn mark_in_force(&self, shares: &[ShareId], now: Timestamp) -> sqlx::Result<()> {
        in_transaction!(self, tx => {
            for share in shares {
                sqlx::query("UPDATE shares SET seen_in_force = $2 WHERE id = $1")
                    .bind(share).bind(now).execute(&mut *tx).await?;
            }
        });
        Ok(())
    }

    /// People here who are known by a login: a provider has verified it as their address.
    pub async fn list_people_of_login(&self, login: &str) -> sqlx::Result<Vec<model::PersonId>> {
        on!(self, pool => sqlx::query_as::<_, (Uuid,)>(
            "SELECT DISTINCT i.person_id FROM identities i JOIN people p ON p.id = i.person_id AND p.standing = 'here'
             WHERE lower(i.email) = $1")
            .bind(login.to_lowercase()).fetch_all(pool).await)
        .map(|rows| rows.into_iter().map(|(id,)| model::PersonId::new(id)).collect())
    }
}
