//! What is to be told now.

use std::time::Duration;

use model::{Channel, HeardAs, HeardKind, PersonId, Timestamp};
use uuid::Uuid;

use crate::store::Db;
use crate::store::decode::{Damaged, FromRow, Row};
use crate::store::jobs::LONGEST_WAIT;
use crate::store::notices::Listing;

/// One that is to be sent, with the names around it.
#[derive(Clone, Debug)]
pub struct Delivery {
    pub id: Uuid,
    pub channel: Channel,
    pub person: PersonId,
    pub kind: HeardKind,
    pub heard_as: HeardAs,
    pub object: Uuid,
    pub to_address: Option<String>,
    pub secret_sealed: Option<String>,
    pub tries: i64,
    /// What there is to tell, as in the list of what waits.
    pub listing: Listing,
}

impl FromRow for Delivery {
    const TABLE: &'static str = "deliveries";
    const KEY: &'static [&'static str] = &["id", "channel"];

    fn from_row(row: &Row<'_>) -> Result<Self, Damaged> {
        Ok(Self {
            id: row.get("id")?,
            channel: row.get("channel")?,
            person: row.get("person_id")?,
            kind: row.get("heard_kind")?,
            heard_as: row.get("heard_as")?,
            object: row.get("object_id")?,
            to_address: row.get("to_address")?,
            secret_sealed: row.get("secret_sealed")?,
            tries: row.get("tries")?,
            listing: row.part()?,
        })
    }
}

/// What is to be sent now: its time has come, and that of its next try, unless a wrong clock set that one.
macro_rules! is_due {
    () => {
        "x.settled IS NULL AND x.due <= $1 AND (x.again IS NULL OR x.again <= $1 OR x.again > $2)"
    };
}

const DUE_PEOPLE: &str =
    concat!("SELECT DISTINCT x.person_id FROM deliveries x WHERE ", is_due!(), " LIMIT $3");

/// With the names that its words need, as in the list of what waits; of people who may come in.
const DUE: &str = concat!(
    "SELECT x.id, x.channel, x.person_id, x.kind AS heard_kind, x.heard_as, x.to_address, x.secret_sealed, x.tries,
        CAST(0 AS BIGINT) AS rank, x.due AS since, x.notice AS kind, x.object_id, x.part, x.data,
        t.id AS tailnet_id, t.name AS tailnet, n.name AS node, s.name AS service, m.id AS maker_id, m.name AS maker,
        f.id AS friend_id, f.name AS friend, COALESCE(h.ends, o.ends) AS ends, o.note, w.text_why
     FROM deliveries x JOIN tailnets t ON t.id = x.tailnet_id
     LEFT JOIN hosts w ON w.node_id = x.object_id
     LEFT JOIN exposures e ON e.id = x.object_id
     LEFT JOIN shares h ON h.id = COALESCE(e.share_id, x.object_id)
     LEFT JOIN offers o ON o.id = x.object_id
     LEFT JOIN service_asks q ON q.id = x.object_id
     LEFT JOIN services s ON s.id = COALESCE(h.service_id, o.service_id, q.service_id,
        CASE WHEN x.notice = 'ports_changed' THEN x.object_id END)
     LEFT JOIN nodes n ON n.id = CASE WHEN q.id IS NULL AND x.notice <> 'ports_changed' THEN x.object_id ELSE s.node_id END
     LEFT JOIN people m ON m.id = COALESCE(h.owner_id, o.made_by, q.answered_by,
        CASE WHEN x.notice = 'handed_over' THEN t.handed_by END)
     LEFT JOIN people f ON f.id = COALESCE(h.friend_id, o.to_person, q.person_id, CASE WHEN x.notice = 'declined' THEN
        (SELECT d.person_id FROM declines d WHERE d.offer_id = o.id ORDER BY d.at DESC, d.person_id LIMIT 1) END)
     WHERE x.person_id = $3 AND ",
    is_due!(),
    " ORDER BY x.due, x.id, x.channel LIMIT $4"
);

/// Later than any next try is ever set.
fn never(now: Timestamp) -> Timestamp {
    now.plus(LONGEST_WAIT).plus(Duration::from_secs(Timestamp::SKEW_SECONDS.unsigned_abs()))
}

impl Db {
    /// To whom something is to be told now; not all of them at once.
    pub async fn people_to_tell(&self, now: Timestamp) -> sqlx::Result<Vec<PersonId>> {
        const MOST: i64 = 100;
        self.query(DUE_PEOPLE, (now, never(now), MOST)).fetch_column().await
    }

    /// What is to be told to somebody now, the oldest first. What cannot be read stands in the log.
    pub async fn due_deliveries(
        &self,
        person: PersonId,
        now: Timestamp,
        limit: i64,
    ) -> sqlx::Result<Vec<Delivery>> {
        let listed = self.query(DUE, (now, never(now), person, limit)).fetch_listed::<Delivery>().await?;
        Ok(listed.readable())
    }
}
