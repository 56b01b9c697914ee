//! What the maker of a circle approved beforehand for its people.

use model::{CircleId, PersonId, ServiceId, ServiceKind, ShareId, Timestamp};

use super::lock;
use crate::store::decode::{Damaged, FromRow, Listed, Row};
use crate::store::{Db, Tx, audit};

/// People of the circle get services of this kind without being asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Beforehand {
    pub circle: CircleId,
    pub kind: ServiceKind,
    /// How long such a share may last at most.
    pub days: i64,
    pub since: Timestamp,
}

/// The same for one share, by somebody who may say yes to it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Given {
    pub circle: CircleId,
    pub days: i64,
    pub by: PersonId,
    pub by_name: String,
}

impl Given {
    const DAY: i64 = 24 * 60 * 60;

    /// Whether a share that was accepted then and ends then does not last longer than was approved.
    pub fn covers(&self, accepted: Timestamp, ends: Option<Timestamp>) -> bool {
        ends.is_some_and(|ends| ends <= accepted.plus_seconds(self.days * Self::DAY))
    }
}

impl FromRow for Beforehand {
    const TABLE: &'static str = "beforehand";
    const KEY: &'static [&'static str] = &["circle_id", "kind"];

    fn from_row(row: &Row<'_>) -> Result<Self, Damaged> {
        Ok(Self {
            circle: row.get("circle_id")?,
            kind: row.get("kind")?,
            days: row.get("days")?,
            since: row.get("since")?,
        })
    }
}

impl FromRow for Given {
    const TABLE: &'static str = "beforehand";
    const KEY: &'static [&'static str] = &["circle_id", "kind"];

    fn from_row(row: &Row<'_>) -> Result<Self, Damaged> {
        Ok(Self {
            circle: row.get("circle_id")?,
            days: row.get("days")?,
            by: row.get("by")?,
            by_name: row.get("by_name")?,
        })
    }
}

/// What was approved beforehand for the person `m` and the service `s` in tailnet `t`, by somebody who looks after that and may
/// come in: the longest.
macro_rules! given {
    ($from:literal, $rest:expr) => {
        concat!(
            "SELECT b.circle_id, b.kind, b.days, p.id AS by, p.name AS by_name FROM ",
            $from,
            " JOIN beforehand b ON b.circle_id = m.circle_id AND b.kind = s.kind
             JOIN circles c ON c.id = b.circle_id JOIN people p ON p.id = c.owner_id WHERE ",
            $rest,
            " AND p.standing = 'here' AND (t.owner_id = p.id
                OR EXISTS (SELECT 1 FROM stewards w WHERE w.tailnet_id = t.id AND w.person_id = p.id))
             ORDER BY b.days DESC, b.circle_id LIMIT 1"
        )
    };
}
pub(in crate::store) use given;

/// For the share `$1`. What somebody lends on a server of others is not theirs to approve who looks after it. Nor is it approved
/// for ports that only the configuration of a machine gave it.
const GIVEN: &str = given!(
    "shares h JOIN services s ON s.id = h.service_id JOIN tailnets t ON t.id = h.tailnet_id
     JOIN circle_people m ON m.person_id = h.friend_id",
    "h.id = $1 AND h.owner_id = t.owner_id AND NOT s.ports_changed"
);

/// The same before there is a share: of the service `$1` for the person `$2`.
const EXPECTED: &str = "SELECT COUNT(*) FROM services s JOIN nodes n ON n.id = s.node_id JOIN tailnets t ON t.id = n.tailnet_id
     JOIN circle_people m ON m.person_id = $2 JOIN beforehand b ON b.circle_id = m.circle_id AND b.kind = s.kind
     JOIN circles c ON c.id = b.circle_id
     WHERE s.id = $1 AND NOT s.ports_changed AND (t.owner_id = c.owner_id
        OR EXISTS (SELECT 1 FROM stewards w WHERE w.tailnet_id = t.id AND w.person_id = c.owner_id))";

/// Whether this was approved for a share still, and that stays so until the transaction ends.
pub(in crate::store) async fn holds_for(tx: &mut Tx, share: ShareId, given: &Given) -> sqlx::Result<bool> {
    if !lock(tx, given.circle).await? {
        return Ok(false);
    }
    let now: Option<Given> = tx.query(GIVEN, (share,)).fetch_optional().await?;
    Ok(now.as_ref() == Some(given))
}

impl Db {
    /// What was approved beforehand for a share.
    pub async fn find_given_beforehand(&self, share: ShareId) -> sqlx::Result<Option<Given>> {
        self.query(GIVEN, (share,)).fetch_optional().await
    }

    /// Whether a share of a service, once it is accepted by somebody, may go on without a review: a job looks into it.
    pub async fn expects_no_review(&self, service: ServiceId, friend: PersonId) -> sqlx::Result<bool> {
        Ok(self.query(EXPECTED, (service, friend)).count().await? > 0)
    }

    /// All of a circle, by kind.
    pub async fn list_beforehand(&self, circle: CircleId) -> sqlx::Result<Vec<Beforehand>> {
        let sql = "SELECT circle_id, kind, days, since FROM beforehand WHERE circle_id = $1 ORDER BY kind";
        self.query(sql, (circle,)).fetch_listed().await.map(Listed::readable)
    }

    /// Approves a kind, or changes for how long. False: the circle is gone.
    pub async fn put_beforehand(&self, given: &Beforehand, entry: &audit::NewEntry) -> sqlx::Result<bool> {
        let Beforehand { circle, kind, days, since } = given;
        let put = "INSERT INTO beforehand (circle_id, kind, days, since) VALUES ($1, $2, $3, $4)
             ON CONFLICT (circle_id, kind) DO UPDATE SET days = excluded.days, since = excluded.since";
        let mut tx = self.begin().await?;
        let there = lock(&mut tx, *circle).await?;
        if there {
            tx.query(put, (circle, kind, days, since)).execute().await?;
            audit::insert(&mut tx, entry).await?;
        }
        tx.commit().await?;
        Ok(there)
    }

    /// Each is looked at again from now on. Says whether it was approved.
    pub async fn remove_beforehand(
        &self,
        circle: CircleId,
        kind: ServiceKind,
        entry: &audit::NewEntry,
    ) -> sqlx::Result<bool> {
        let remove = "DELETE FROM beforehand WHERE circle_id = $1 AND kind = $2";
        let mut tx = self.begin().await?;
        let removed = tx.query(remove, (circle, kind)).execute().await? == 1;
        if removed {
            audit::insert(&mut tx, entry).await?;
        }
        tx.commit().await?;
        Ok(removed)
    }
}

#[cfg(test)]
mod tests {
    use model::Id;

    use super::*;

    #[test]
    fn what_lasts_longer_than_approved_or_without_an_end_is_not_covered() {
        let given = Given {
            circle: Id::new(uuid::Uuid::nil()),
            days: 7,
            by: Id::new(uuid::Uuid::nil()),
            by_name: String::new(),
        };
        let accepted = Timestamp::from_seconds(1_795_200_000);
        let after = |seconds: i64| Some(accepted.plus_seconds(seconds));
        assert!(given.covers(accepted, after(7 * 24 * 60 * 60)));
        assert!(!given.covers(accepted, after(7 * 24 * 60 * 60 + 1)));
        assert!(!given.covers(accepted, None), "until ended is longer than anything");
    }
}
