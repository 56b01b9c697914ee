//! What waits for somebody. Each of these is one statement, however much there is of it.

use model::{OfferId, PersonId, ServiceId, TailnetId, Timestamp};
use uuid::Uuid;

use super::Db;
use super::decode::{Damaged, FromRow, Row};
use super::offers::open_offer;
use super::tailnets::mine;

/// An offer that somebody may answer, with its names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OfferToAnswer {
    pub id: OfferId,
    pub made_by: PersonId,
    pub owner: String,
    pub service: String,
    pub note: String,
    pub created: Timestamp,
}

impl FromRow for OfferToAnswer {
    const TABLE: &'static str = "offers";
    const KEY: &'static [&'static str] = &["id"];

    fn from_row(row: &Row<'_>) -> Result<Self, Damaged> {
        Ok(Self {
            id: row.get("id")?,
            made_by: row.get("made_by")?,
            owner: row.get("owner")?,
            service: row.get("service")?,
            note: row.get("note")?,
            created: row.get("created")?,
        })
    }
}

/// What stands at a control plane of a tailnet without a share here, and nobody has looked at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewStrays {
    pub tailnet: TailnetId,
    pub name: String,
    pub count: i64,
    /// When the first of them was found.
    pub first: Timestamp,
}

/// How far somebody came on the way to their first share.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FirstSteps {
    /// The first by name.
    pub tailnet: Option<TailnetId>,
    pub service: Option<ServiceId>,
    pub offered: bool,
    /// Gives or receives a share, or did.
    pub has_share: bool,
}

/// Offers to `$2` that can be answered at `$1` and were not.
macro_rules! to_answer {
    () => {
        concat!(
            "FROM offers o JOIN services s ON s.id = o.service_id JOIN people p ON p.id = o.made_by
             WHERE o.to_person = $2 AND s.removed IS NULL
                AND NOT EXISTS (SELECT 1 FROM shares h WHERE h.offer_id = o.id AND h.friend_id = $2) AND ",
            open_offer!()
        )
    };
}

impl Db {
    pub async fn count_offers_to_answer(&self, person: PersonId, now: Timestamp) -> sqlx::Result<i64> {
        self.query(concat!("SELECT COUNT(*) ", to_answer!()), (now, person)).count().await
    }

    /// Newest first, behind the one that was made at that time with that id.
    pub async fn list_offers_to_answer(
        &self,
        person: PersonId,
        now: Timestamp,
        after: Option<(Timestamp, OfferId)>,
        limit: usize,
    ) -> sqlx::Result<Vec<OfferToAnswer>> {
        let last = (Timestamp::from_micros(i64::MAX), OfferId::new(Uuid::max()));
        let (created, id) = after.unwrap_or(last);
        let sql = concat!(
            "SELECT o.id, o.made_by, p.name AS owner, s.name AS service, o.note, o.created ",
            to_answer!(),
            " AND (o.created < $3 OR (o.created = $3 AND o.id < $4))
             ORDER BY o.created DESC, o.id DESC LIMIT $5"
        );
        let limit = i64::try_from(limit).unwrap_or(i64::MAX);
        self.query(sql, (now, person, created, id, limit)).fetch_all().await
    }

    /// One for each tailnet that somebody owns or is a steward of, and in which there are some.
    pub async fn list_new_strays(&self, person: PersonId) -> sqlx::Result<Vec<NewStrays>> {
        let sql = concat!(
            "SELECT t.id, t.name, COUNT(*), MIN(r.found) FROM strays r JOIN tailnets t ON t.id = r.tailnet_id
             WHERE r.kept IS NULL AND ",
            mine!(),
            " GROUP BY t.id, t.name ORDER BY t.name, t.id"
        );
        let rows = self.query(sql, (person,)).fetch_all().await?;
        let strays = |(tailnet, name, count, first)| NewStrays { tailnet, name, count, first };
        Ok(rows.into_iter().map(strays).collect())
    }

    pub async fn first_steps(&self, person: PersonId) -> sqlx::Result<FirstSteps> {
        let sql = concat!(
            "SELECT
                (SELECT t.id FROM tailnets t WHERE ",
            mine!(),
            " ORDER BY t.name, t.id LIMIT 1),
                (SELECT s.id FROM services s JOIN nodes n ON n.id = s.node_id JOIN tailnets t ON t.id = n.tailnet_id
                    WHERE s.removed IS NULL AND ",
            mine!(),
            " ORDER BY s.name, s.id LIMIT 1),
                (SELECT COUNT(*) FROM (SELECT 1 FROM offers WHERE made_by = $1 LIMIT 1) o),
                (SELECT COUNT(*) FROM (SELECT 1 FROM shares WHERE owner_id = $1 OR friend_id = $1 LIMIT 1) h)"
        );
        let (tailnet, service, offers, shares): (_, _, i64, i64) =
            self.query(sql, (person,)).fetch_one().await?;
        Ok(FirstSteps { tailnet, service, offered: offers > 0, has_share: shares > 0 })
    }
}
