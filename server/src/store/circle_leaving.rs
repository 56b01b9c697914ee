//! Somebody leaves a circle, or it goes with all who are in it: what was offered to them as one of it is taken back.

use model::ids::AuditId;
use model::{CircleId, PersonId, ServiceId, Timestamp};

use super::circles::{Leaves, lock};
use crate::store::given_circles::givers_circle;
use crate::store::offers::{Offer, offers};
use crate::store::open_offers::{declined, open_offer};
use crate::store::services::visible;
use crate::store::withdrawing::{Why, withdraw};
use crate::store::{Db, audit};

const THROUGH: &str = offers!(concat!(
    "o.circle_id = $2 AND ($3 = 1 OR o.to_person = $4) AND ",
    open_offer!(),
    " ORDER BY o.id DESC"
));

/// The same offers, to be taken back.
const OPEN: &str = concat!(
    "SELECT o.id, s.name, t.id, t.owner_id FROM offers o JOIN services s ON s.id = o.service_id
     JOIN nodes n ON n.id = s.node_id JOIN tailnets t ON t.id = n.tailnet_id
     WHERE o.circle_id = $2 AND ($3 = 1 OR o.to_person = $4) AND ",
    open_offer!(),
    " ORDER BY o.id"
);

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

    /// They leave, and what waits for their answer and was offered to them as one of the circle is taken back. Gives how many
    /// offers that were; absent if there was nobody to leave.
    pub async fn leave_circle(
        &self,
        circle: CircleId,
        leaves: Leaves,
        entry: &audit::NewEntry,
        new_id: &(dyn Fn() -> AuditId + Send + Sync),
    ) -> sqlx::Result<Option<usize>> {
        let mut tx = self.begin().await?;
        // Before its offers, as where one is made.
        if !lock(&mut tx, circle).await? {
            tx.rollback().await?;
            return Ok(None);
        }
        let (all, one) = leaves.parts();
        let values = (entry.at, circle, all, one);
        let taken_back = withdraw(&mut tx, (OPEN, values), Why::LeftCircle, entry, new_id).await?;
        let left = match leaves {
            Leaves::One(person) => {
                let remove = "DELETE FROM circle_people WHERE circle_id = $1 AND person_id = $2";
                tx.query(remove, (circle, person)).execute().await? == 1
            }
            Leaves::All => tx.query("DELETE FROM circles WHERE id = $1", (circle,)).execute().await? == 1,
        };
        if !left {
            tx.rollback().await?;
            return Ok(None);
        }
        audit::insert(&mut tx, entry).await?;
        tx.commit().await?;
        Ok(Some(taken_back))
    }
}
