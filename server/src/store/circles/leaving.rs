//! Somebody leaves a circle, or it goes with all who are in it: what was offered to them as one of it is taken back.

use model::{CircleId, OfferId, PersonId, ServiceId, Timestamp};

use uuid::Uuid;

use super::lock;
use crate::store::notices::{self, Subject};
use crate::store::offers::{Offer, offers};
use crate::store::open_offers::{declined, open_offer};
use crate::store::services::visible;
use crate::store::{Db, audit};

/// Who leaves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Leaves {
    /// One of its people.
    One(PersonId),
    /// All, and the circle goes.
    All,
}

impl Leaves {
    /// Whether it is everybody, as a number, and who it is else: the two values of a condition.
    pub(in crate::store) fn parts(self) -> (i64, Uuid) {
        match self {
            Self::One(person) => (0, person.uuid()),
            Self::All => (1, Uuid::nil()),
        }
    }
}

const THROUGH: &str = offers!(concat!(
    "o.circle_id = $2 AND ($3 = 1 OR o.to_person = $4) AND ",
    open_offer!(),
    " ORDER BY o.id DESC"
));

/// Services that the person `$1` sees as one of the circle `$2` and for no other reason: there it says which.
const ONLY: &str = concat!(
    "SELECT s.id, s.name FROM circle_audience ca JOIN services s ON s.id = ca.service_id
     JOIN nodes n ON n.id = s.node_id JOIN tailnets t ON t.id = n.tailnet_id
     WHERE ca.circle_id = $2 AND s.audience = 'people' AND s.removed IS NULL
        AND EXISTS (SELECT 1 FROM circle_people cm WHERE cm.circle_id = $2 AND cm.person_id = $1)
        AND NOT (",
    visible!("AND cm.circle_id <> $2"),
    ") ORDER BY s.name, s.id"
);

impl Db {
    /// Offers that wait for an answer and were made to them as one of the circle.
    pub async fn list_offers_through(
        &self,
        circle: CircleId,
        leaves: Leaves,
        now: Timestamp,
    ) -> sqlx::Result<Vec<Offer>> {
        let (all, one) = leaves.parts();
        self.query(THROUGH, (now, circle, all, one)).fetch_all().await
    }

    /// What somebody sees only because they are in the circle.
    pub async fn list_seen_only_through(
        &self,
        circle: CircleId,
        person: PersonId,
    ) -> sqlx::Result<Vec<(ServiceId, String)>> {
        self.query(ONLY, (person, circle)).fetch_all().await
    }

    /// They leave, and these offers are taken back if they still stand. Says whether there was somebody to leave.
    pub async fn leave_circle(
        &self,
        circle: CircleId,
        leaves: Leaves,
        offers: &[(OfferId, audit::NewEntry)],
        entry: &audit::NewEntry,
    ) -> sqlx::Result<bool> {
        let mut tx = self.begin().await?;
        // Before the circle, as where somebody answers an offer.
        for (offer, taken_back) in offers {
            let lock = "UPDATE offers SET uses_left = uses_left WHERE id = $1";
            tx.query(lock, (offer,)).execute().await?;
            let open = offers!(concat!("o.id = $2 AND ", open_offer!()));
            let open: Option<Offer> = tx.query(open, (entry.at, offer)).fetch_optional().await?;
            if open.is_some() {
                let withdraw = "UPDATE offers SET withdrawn = $2 WHERE id = $1";
                tx.query(withdraw, (offer, entry.at)).execute().await?;
                notices::renew(&mut tx, Subject::Offer(*offer), entry.at).await?;
                audit::insert(&mut tx, taken_back).await?;
            }
        }
        if !lock(&mut tx, circle).await? {
            tx.rollback().await?;
            return Ok(false);
        }
        let left = match leaves {
            Leaves::One(person) => {
                let remove = "DELETE FROM circle_people WHERE circle_id = $1 AND person_id = $2";
                tx.query(remove, (circle, person)).execute().await? == 1
            }
            Leaves::All => tx.query("DELETE FROM circles WHERE id = $1", (circle,)).execute().await? == 1,
        };
        if !left {
            tx.rollback().await?;
            return Ok(false);
        }
        audit::insert(&mut tx, entry).await?;
        tx.commit().await?;
        Ok(true)
    }
}
