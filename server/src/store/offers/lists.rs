//! Offers as those who made them, or act for their network, look through them.

use model::{OfferId, PersonId, Timestamp};
use uuid::Uuid;

use super::{Offer, offers};
use crate::store::Db;
use crate::store::open_offers::{declined, open_offer};

/// Which of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// An answer is waited for.
    Open,
    /// Answered, lapsed or taken back.
    Over,
}

/// Of whoever made them, and of those who act for the network; none that was made for a share that stood already.
macro_rules! seen_by {
    () => {
        "o.id < $3 AND o.lapses > o.created AND (o.made_by = $2 OR EXISTS (
            SELECT 1 FROM services s JOIN nodes n ON n.id = s.node_id JOIN tailnets t ON t.id = n.tailnet_id
            WHERE s.id = o.service_id AND (t.owner_id = $2 OR EXISTS (
                SELECT 1 FROM stewards w WHERE w.tailnet_id = t.id AND w.person_id = $2)))) AND "
    };
}

const OPEN: &str = offers!(concat!(seen_by!(), open_offer!(), " ORDER BY o.id DESC LIMIT $4"));
const OVER: &str = offers!(concat!(seen_by!(), "NOT ", open_offer!(), " ORDER BY o.id DESC LIMIT $4"));

impl Db {
    /// Offers that somebody may look after, newest first, from the one before `before`.
    pub async fn list_offers_of(
        &self,
        person: PersonId,
        standing: Standing,
        now: Timestamp,
        before: Option<OfferId>,
        limit: usize,
    ) -> sqlx::Result<Vec<Offer>> {
        let sql = match standing {
            Standing::Open => OPEN,
            Standing::Over => OVER,
        };
        let before = before.map_or(Uuid::max(), OfferId::uuid);
        let limit = i64::try_from(limit).unwrap_or(i64::MAX);
        self.query(sql, (now, person, before, limit)).fetch_all().await
    }
}
