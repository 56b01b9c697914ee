//! Shares as lists show them: one statement for each, a page at a time where there may be many.

use model::{NodeId, PersonId, ServiceId, ShareId, TailnetId, Timestamp};
use uuid::Uuid;

use super::{Share, ShareRow, all};
use crate::on;
use crate::store::Db;
use crate::store::decode::Listed;

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

impl From<ShareRow> for InList {
    fn from(row: ShareRow) -> Self {
        let id = row.id;
        let share =
            Share::try_from(row).inspect_err(|damaged| tracing::error!("left out of a list: {damaged}"));
        Self { id, share: share.ok() }
    }
}

#[derive(sqlx::FromRow)]
struct GroupedRow {
    place: i64,
    #[sqlx(flatten)]
    share: ShareRow,
}

/// Shares `h` that `$1` gives, as owner or steward, or receives.
macro_rules! of_person {
    () => {
        "(h.owner_id = $1 OR h.friend_id = $1
            OR h.tailnet_id IN (SELECT tailnet_id FROM stewards WHERE person_id = $1))"
    };
}

/// The place of the [`Group`] that a share `h` belongs to for `$1`, if soon is before `$2`.
macro_rules! place {
    () => {
        "CAST(CASE WHEN h.state = 'ended' THEN 4 WHEN h.state <> 'active' THEN 0
            WHEN h.ends IS NOT NULL AND h.ends <= $2 THEN 1 WHEN h.friend_id = $1 THEN 3 ELSE 2 END AS BIGINT)"
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
        soon: Timestamp,
        after: Option<(Group, ShareId)>,
        limit: usize,
    ) -> sqlx::Result<Vec<(Group, InList)>> {
        let (place, id) = after.map_or((-1, Uuid::max()), |(group, id)| (group.place(), id.uuid()));
        let found = on!(self, pool => sqlx::query_as::<_, GroupedRow>(concat!(
            "SELECT h.*, ", place!(), " AS place FROM shares h WHERE ", of_person!(), "
                AND (", place!(), " > $3 OR (", place!(), " = $3 AND h.id < $4))
             ORDER BY place, h.id DESC LIMIT $5"))
            .bind(person).bind(soon).bind(place).bind(id).bind(rows(limit))
            .fetch_all(pool).await)?;
        let grouped = |row: GroupedRow| (Group::at(row.place).unwrap_or(Group::Waiting), row.share.into());
        Ok(found.into_iter().map(grouped).collect())
    }

    /// Those that somebody receives and that are not over, newest first.
    pub async fn list_received_shares(&self, person: PersonId) -> sqlx::Result<Listed<Share>> {
        Ok(all(on!(self, pool => sqlx::query_as::<_, ShareRow>(
            "SELECT * FROM shares WHERE friend_id = $1 AND state <> 'ended' ORDER BY id DESC")
            .bind(person).fetch_all(pool).await)?))
    }

    /// Those of a service, all or a friend's, that are older than `before`, newest first.
    pub async fn list_shares_of_service_before(
        &self,
        service: ServiceId,
        friend: Option<PersonId>,
        before: Option<ShareId>,
        limit: usize,
    ) -> sqlx::Result<Vec<InList>> {
        let found = on!(self, pool => sqlx::query_as::<_, ShareRow>(
            "SELECT * FROM shares WHERE service_id = $1 AND ($2 = 0 OR friend_id = $3) AND id < $4
             ORDER BY id DESC LIMIT $5")
            .bind(service).bind(i64::from(friend.is_some()))
            .bind(friend.map_or(Uuid::nil(), PersonId::uuid)).bind(before.map_or(Uuid::max(), ShareId::uuid))
            .bind(rows(limit)).fetch_all(pool).await)?;
        Ok(found.into_iter().map(InList::from).collect())
    }

    /// Those of a tailnet, or of one of its machines, that are not over and older than `before`, newest first.
    pub async fn list_open_shares_before(
        &self,
        tailnet: TailnetId,
        node: Option<NodeId>,
        before: Option<ShareId>,
        limit: usize,
    ) -> sqlx::Result<Vec<InList>> {
        let found = on!(self, pool => sqlx::query_as::<_, ShareRow>(
            "SELECT * FROM shares WHERE tailnet_id = $1 AND state <> 'ended' AND ($2 = 0 OR node_id = $3)
                AND id < $4 ORDER BY id DESC LIMIT $5")
            .bind(tailnet).bind(i64::from(node.is_some())).bind(node.map_or(Uuid::nil(), NodeId::uuid))
            .bind(before.map_or(Uuid::max(), ShareId::uuid)).bind(rows(limit)).fetch_all(pool).await)?;
        Ok(found.into_iter().map(InList::from).collect())
    }
}
