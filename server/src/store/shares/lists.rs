//! Shares as lists show them: one statement for each, a page at a time where there may be many.

use model::{CircleId, Login, NodeId, PersonId, ServiceId, ShareId, TailnetId, Timestamp};
use uuid::Uuid;

use super::Share;
use crate::store::Db;
use crate::store::circles::Leaves;
use crate::store::decode::{Damaged, FromRow, Listed, Row};

/// What stands together on the page of shares, in its order there.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Group {
    /// For somebody, or for the next step.
    Waiting,
    EndingSoon,
    Given,
    Received,
    Ended,
}

impl Group {
    const ALL: [Self; 5] = [Self::Waiting, Self::EndingSoon, Self::Given, Self::Received, Self::Ended];

    /// From its place.
    pub fn at(place: i64) -> Option<Self> {
        Self::ALL.into_iter().find(|group| group.place() == place)
    }

    pub const fn place(self) -> i64 {
        self as i64
    }
}

/// A row of a page. One that is damaged has its place there, is left out and logged.
#[derive(Clone, Debug)]
pub struct InList {
    pub id: ShareId,
    pub share: Option<Share>,
}

impl FromRow for InList {
    const TABLE: &'static str = Share::TABLE;
    const KEY: &'static [&'static str] = Share::KEY;

    fn from_row(row: &Row<'_>) -> Result<Self, Damaged> {
        let share =
            Share::from_row(row).inspect_err(|damaged| tracing::error!("left out of a list: {damaged}"));
        Ok(Self { id: row.get("id")?, share: share.ok() })
    }
}

struct Grouped(Group, InList);

impl FromRow for Grouped {
    const TABLE: &'static str = Share::TABLE;
    const KEY: &'static [&'static str] = Share::KEY;

    fn from_row(row: &Row<'_>) -> Result<Self, Damaged> {
        let group = Group::at(row.get("place")?);
        let group = group.ok_or_else(|| row.damaged("place", "there is no such group"))?;
        Ok(Self(group, row.part()?))
    }
}

/// Shares `h` that `$1` gives, as owner or steward, or receives.
macro_rules! of_person {
    () => {
        "(h.owner_id = $1 OR h.friend_id = $1
            OR h.tailnet_id IN (SELECT id FROM tailnets WHERE owner_id = $1)
            OR h.tailnet_id IN (SELECT tailnet_id FROM stewards WHERE person_id = $1))"
    };
}

/// The place of the [`Group`] that a share `h` belongs to for `$1` at `$2`. Soon is what
/// [`model::share::ends_soon_from`] says: the inbox goes by that.
macro_rules! place {
    () => {
        "CAST(CASE WHEN h.state = 'ended' THEN 4 WHEN h.state NOT IN ('active', 'paused') THEN 0
            WHEN h.ends IS NOT NULL AND h.ends - (CASE WHEN (h.ends - h.accepted) / 10 < 86400000000
                THEN (h.ends - h.accepted) / 10 ELSE 86400000000 END) <= $2 THEN 1 WHEN h.friend_id = $1 THEN 3 ELSE 2 END AS BIGINT)"
    };
}

fn rows(limit: usize) -> i64 {
    i64::try_from(limit).unwrap_or(i64::MAX)
}

impl Db {
    /// Shares that somebody gives or receives, by group and then newest first, behind the last one of a page before.
    pub async fn list_grouped_shares(
        &self,
        person: PersonId,
        now: Timestamp,
        after: Option<(Group, ShareId)>,
        limit: usize,
    ) -> sqlx::Result<Vec<(Group, InList)>> {
        let (place, id) = after.map_or((-1, Uuid::max()), |(group, id)| (group.place(), id.uuid()));
        let sql = concat!(
            "SELECT ",
            columns!(),
            ", ",
            place!(),
            " AS place FROM shares h WHERE ",
            of_person!(),
            "
                AND (",
            place!(),
            " > $3 OR (",
            place!(),
            " = $3 AND h.id < $4))
             ORDER BY place, h.id DESC LIMIT $5"
        );
        let found: Vec<Grouped> = self.query(sql, (person, now, place, id, rows(limit))).fetch_all().await?;
        Ok(found.into_iter().map(|Grouped(group, share)| (group, share)).collect())
    }

    /// Open ones that somebody gives or receives, the soonest end first.
    pub async fn list_open_gates(&self, person: PersonId, limit: usize) -> sqlx::Result<Listed<Share>> {
        let sql = concat!(
            "SELECT ",
            columns!(),
            " FROM shares h WHERE h.state = 'active' AND ",
            of_person!(),
            " ORDER BY (CASE WHEN h.ends IS NULL THEN 1 ELSE 0 END), h.ends, h.id LIMIT $2"
        );
        self.query(sql, (person, rows(limit))).fetch_listed().await
    }

    /// Shares that are not over, to those who leave a circle, and that its maker gives: as owner, as steward, or of a machine
    /// of theirs.
    pub async fn list_shares_given_to(
        &self,
        circle: CircleId,
        maker: PersonId,
        leaves: Leaves,
    ) -> sqlx::Result<Listed<Share>> {
        let sql = shares!(
            "h.state <> 'ended' AND h.friend_id IN (SELECT m.person_id FROM circle_people m
                WHERE m.circle_id = $1 AND ($3 = 1 OR m.person_id = $4))
             AND (h.owner_id = $2 OR h.tailnet_id IN (SELECT id FROM tailnets WHERE owner_id = $2)
                OR h.tailnet_id IN (SELECT tailnet_id FROM stewards WHERE person_id = $2)) ORDER BY h.id DESC"
        );
        let (all, one) = leaves.parts();
        self.query(sql, (circle, maker, all, one)).fetch_listed().await
    }

    /// Whether somebody was let into a tailnet by this login before: a share of theirs was seen in force with it.
    pub async fn came_in_as(
        &self,
        tailnet: TailnetId,
        friend: PersonId,
        login: &Login,
    ) -> sqlx::Result<bool> {
        let sql = "SELECT COUNT(*) FROM shares
             WHERE tailnet_id = $1 AND friend_id = $2 AND lower(login) = lower($3) AND seen_in_force IS NOT NULL";
        Ok(self.query(sql, (tailnet, friend, login)).count().await? > 0)
    }

    /// Shares whose offer was made to somebody as one of a circle.
    pub async fn list_shares_offered_through(&self, circle: CircleId) -> sqlx::Result<Vec<ShareId>> {
        let sql = "SELECT h.id FROM shares h JOIN offers o ON o.id = h.offer_id
             WHERE o.circle_id = $1 AND h.state <> 'ended'";
        self.query(sql, (circle,)).fetch_column().await
    }

    /// Those of a service, all or a friend's, that are older than `before`, newest first.
    pub async fn list_shares_of_service_before(
        &self,
        service: ServiceId,
        friend: Option<PersonId>,
        before: Option<ShareId>,
        limit: usize,
    ) -> sqlx::Result<Vec<InList>> {
        let sql = shares!(
            "h.service_id = $1 AND ($2 = 0 OR h.friend_id = $3) AND h.id < $4 ORDER BY h.id DESC LIMIT $5"
        );
        let (any, friend) = (i64::from(friend.is_some()), friend.map_or(Uuid::nil(), PersonId::uuid));
        let before = before.map_or(Uuid::max(), ShareId::uuid);
        self.query(sql, (service, any, friend, before, rows(limit))).fetch_all().await
    }

    /// Those of a tailnet, or of one of its machines, that are not over and older than `before`, newest first.
    pub async fn list_open_shares_before(
        &self,
        tailnet: TailnetId,
        node: Option<NodeId>,
        before: Option<ShareId>,
        limit: usize,
    ) -> sqlx::Result<Vec<InList>> {
        let sql = shares!(
            "h.tailnet_id = $1 AND h.state <> 'ended' AND ($2 = 0 OR h.node_id = $3) AND h.id < $4
             ORDER BY h.id DESC LIMIT $5"
        );
        let (any, node) = (i64::from(node.is_some()), node.map_or(Uuid::nil(), NodeId::uuid));
        let before = before.map_or(Uuid::max(), ShareId::uuid);
        self.query(sql, (tailnet, any, node, before, rows(limit))).fetch_all().await
    }
}
