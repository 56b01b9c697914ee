//! What waits for somebody: how much, and a page of it with the names that its words need.

use model::{NoticeKind, PersonId, TailnetId, Timestamp};
use notices::What;
use uuid::Uuid;

use super::COUNTED;
use crate::store::Db;
use crate::store::decode::{Damaged, FromRow, Listed, Row};

/// Where in the list one stands: what one's own things need first, then what others sent; each the newest first.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    pub rank: i64,
    pub since: Timestamp,
    pub kind: NoticeKind,
    pub object: Uuid,
    pub part: String,
}

/// One that waits, with the names around it: empty where its kind has none.
#[derive(Clone, Debug)]
pub struct Listing {
    pub place: Place,
    pub what: What,
    pub tailnet: (TailnetId, String),
    pub node: String,
    pub service: String,
    /// Who gives the share, made the offer, or handed the tailnet over.
    pub owner: Option<(PersonId, String)>,
    /// Who receives the share, or said no to the offer, or is asked by it.
    pub friend: Option<(PersonId, String)>,
    /// When the share ends.
    pub ends: Option<Timestamp>,
    pub note: String,
    /// Why no firewall text can be made.
    pub why: String,
}

impl FromRow for Listing {
    const TABLE: &'static str = "notices";
    const KEY: &'static [&'static str] = &["kind", "object_id", "part"];

    fn from_row(row: &Row<'_>) -> Result<Self, Damaged> {
        let text = |column| row.get::<Option<String>>(column).map(Option::unwrap_or_default);
        let owner: Option<PersonId> = row.get("maker_id")?;
        let friend: Option<PersonId> = row.get("friend_id")?;
        Ok(Self {
            place: Place {
                rank: row.get("rank")?,
                since: row.get("since")?,
                kind: row.get("kind")?,
                object: row.get("object_id")?,
                part: row.get("part")?,
            },
            what: row.json("data")?,
            tailnet: (row.get("tailnet_id")?, row.get("tailnet")?),
            node: text("node")?,
            service: text("service")?,
            owner: owner.zip(row.get("maker")?),
            friend: friend.zip(row.get("friend")?),
            ends: row.get("ends")?,
            note: text("note")?,
            why: text("text_why")?,
        })
    }
}

/// What is open for `$1` at `$2`.
macro_rules! open {
    () => {
        "x.person_id = $1 AND x.opens <= $2 AND (x.closes IS NULL OR x.closes > $2)"
    };
}

const COUNT: &str =
    concat!("SELECT COUNT(*) FROM (SELECT 1 FROM notices x WHERE ", open!(), " LIMIT $3) counted");

const PAGE: &str = concat!(
    "SELECT x.rank, x.since, x.kind, x.object_id, x.part, x.data, t.id AS tailnet_id, t.name AS tailnet,
        n.name AS node, s.name AS service, m.id AS maker_id, m.name AS maker, f.id AS friend_id, f.name AS friend,
        h.ends, o.note, w.text_why
     FROM notices x JOIN tailnets t ON t.id = x.tailnet_id
     LEFT JOIN hosts w ON w.node_id = x.object_id
     LEFT JOIN exposures e ON e.id = x.object_id
     LEFT JOIN shares h ON h.id = COALESCE(e.share_id, x.object_id)
     LEFT JOIN offers o ON o.id = x.object_id
     LEFT JOIN service_asks q ON q.id = x.object_id
     LEFT JOIN services s ON s.id = COALESCE(h.service_id, o.service_id, q.service_id,
        CASE WHEN x.kind = 'ports_changed' THEN x.object_id END)
     LEFT JOIN nodes n ON n.id = CASE WHEN q.id IS NULL AND x.kind <> 'ports_changed' THEN x.object_id ELSE s.node_id END
     LEFT JOIN people m ON m.id = COALESCE(h.owner_id, o.made_by, q.answered_by,
        CASE WHEN x.kind = 'handed_over' THEN t.handed_by END)
     LEFT JOIN people f ON f.id = COALESCE(h.friend_id, o.to_person, q.person_id, CASE WHEN x.kind = 'declined' THEN
        (SELECT d.person_id FROM declines d WHERE d.offer_id = o.id ORDER BY d.at DESC, d.person_id LIMIT 1) END)
     WHERE ",
    open!(),
    " AND (x.rank > $3 OR (x.rank = $3 AND (x.since < $4
        OR (x.since = $4 AND (x.kind, x.object_id, x.part) > ($5, $6, $7)))))
     ORDER BY x.rank, x.since DESC, x.kind, x.object_id, x.part LIMIT $8"
);

impl Db {
    /// How much waits for somebody, up to [`COUNTED`].
    pub async fn count_notices(&self, person: PersonId, now: Timestamp) -> sqlx::Result<i64> {
        self.query(COUNT, (person, now, COUNTED)).count().await
    }

    /// What comes behind a place, or from the first one on.
    pub async fn list_notices(
        &self,
        person: PersonId,
        now: Timestamp,
        after: Option<&Place>,
        limit: usize,
    ) -> sqlx::Result<Listed<Listing>> {
        let first = (-1, Timestamp::from_micros(0), "", Uuid::nil(), "");
        let (rank, since, kind, object, part) = after.map_or(first, |place| {
            (place.rank, place.since, place.kind.as_str(), place.object, place.part.as_str())
        });
        let limit = i64::try_from(limit).unwrap_or(i64::MAX);
        self.query(PAGE, (person, now, rank, since, kind, object, part, limit)).fetch_listed().await
    }
}
