//! What nodes offer, and to whom it is shown.

use model::{NodeId, PersonId, ServiceId, ServicePorts, TailnetId, Timestamp};
use uuid::Uuid;

use super::decode::{Damaged, Listed, Row};
use super::probes::Found;
use super::{Db, Json, audit};
use crate::{in_transaction, on};

/// One service of a node.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Service {
    pub id: ServiceId,
    pub node: NodeId,
    pub name: String,
    pub kind: String,
    pub ports: ServicePorts,
    pub about: String,
    /// `nobody`, `everybody` or `people`.
    pub audience: String,
}

/// A service with where it is: what lists show.
#[derive(Clone, Debug)]
pub struct Placed {
    pub service: Service,
    pub tailnet: TailnetId,
    pub owner: PersonId,
    pub owner_name: String,
    pub node_name: String,
    pub dns_name: String,
    pub online: bool,
    pub last_seen: Option<Timestamp>,
    pub gone: bool,
    /// The name as the database sorts it: what a page of the directory goes on from.
    pub sort_name: String,
    /// It answered; where it is not asked: its machine is online.
    pub up: bool,
    /// What the last look at it found.
    pub found: Option<Found>,
}

#[derive(sqlx::FromRow)]
struct PlacedRow {
    id: ServiceId,
    node_id: NodeId,
    name: String,
    kind: String,
    ports: String,
    about: String,
    audience: String,
    tailnet_id: TailnetId,
    owner_id: PersonId,
    owner_name: String,
    node_name: String,
    dns_name: String,
    online: bool,
    last_seen: Option<Timestamp>,
    gone: Option<i64>,
    sort_name: String,
    answered: Option<bool>,
    probed: Option<i64>,
    since: Option<i64>,
    told: Option<String>,
}

impl TryFrom<PlacedRow> for Placed {
    type Error = Damaged;

    fn try_from(row: PlacedRow) -> Result<Self, Damaged> {
        let found = row.answered.zip(row.probed).zip(row.since).map(|((answered, at), since)| Found {
            answered,
            at: Timestamp::from_micros(at),
            since: Timestamp::from_micros(since),
            told: row.told.as_deref().and_then(Json::read).unwrap_or_default(),
        });
        Ok(Self {
            found,
            service: Service {
                id: row.id,
                node: row.node_id,
                name: row.name,
                kind: row.kind,
                ports: Row::of("services", row.id).parse("ports", &row.ports)?,
                about: row.about,
                audience: row.audience,
            },
            tailnet: row.tailnet_id,
            owner: row.owner_id,
            owner_name: row.owner_name,
            node_name: row.node_name,
            dns_name: row.dns_name,
            online: row.online,
            last_seen: row.last_seen,
            gone: row.gone.is_some(),
            sort_name: row.sort_name,
            up: row.answered.unwrap_or(row.online && row.gone.is_none()),
        })
    }
}

/// Who may know of a service `s` of tailnet `t`: `$1` is the viewer. What somebody lists who may not come in is not shown:
/// nobody could offer it.
macro_rules! visible {
    () => {
        "t.owner_id = $1
         OR EXISTS (SELECT 1 FROM stewards w WHERE w.tailnet_id = t.id AND w.person_id = $1)
         OR ((s.audience = 'everybody'
             OR (s.audience = 'people'
                 AND EXISTS (SELECT 1 FROM audience a WHERE a.service_id = s.id AND a.person_id = $1)))
             AND EXISTS (SELECT 1 FROM people l WHERE l.id = t.owner_id AND l.standing = 'here'))
         OR EXISTS (SELECT 1 FROM shares x WHERE x.service_id = s.id AND x.friend_id = $1
             AND x.state IN ('accepted', 'applying', 'waiting_for_friend', 'active', 'needs_attention', 'ending'))"
    };
}

pub(super) use visible;

/// 0 for a service that is up, 1 for one that is not: it did not answer, or, where it is not asked, its machine is away.
macro_rules! down {
    () => {
        "(CASE WHEN b.answered IS NULL THEN (CASE WHEN n.online AND n.gone IS NULL THEN 0 ELSE 1 END)
            WHEN b.answered THEN 0 ELSE 1 END)"
    };
}

/// What every query of placed services begins with.
macro_rules! placed {
    ($rest:literal) => {
        concat!(
            "SELECT s.id, s.node_id, s.name, s.kind, s.ports, s.about, s.audience, n.tailnet_id, t.owner_id,
                p.name AS owner_name, n.name AS node_name, n.dns_name, n.online, n.last_seen, n.gone,
                lower(s.name) AS sort_name, b.answered, b.at AS probed, b.since, b.told
             FROM services s JOIN nodes n ON n.id = s.node_id JOIN tailnets t ON t.id = n.tailnet_id
             JOIN people p ON p.id = t.owner_id LEFT JOIN probes b ON b.service_id = s.id WHERE s.removed IS NULL AND ",
            $rest
        )
    };
}

/// What the directory is asked for.
#[derive(Clone, Debug, Default)]
pub struct Search {
    pub viewer: Uuid,
    /// Lower case, with `%` around it and its own wildcards escaped; absent: everything.
    pub like: Option<String>,
    pub kind: Option<String>,
    pub mine: bool,
    /// Only what is up.
    pub up: bool,
    /// The last row of the page before: its sort key (offline, name, id).
    pub after: Option<(i64, String, Uuid)>,
    pub limit: i64,
}

/// What a list has of them: one that cannot be read is offered to nobody, and its own page says why.
fn readable(rows: Vec<PlacedRow>) -> Vec<Placed> {
    rows.into_iter().map(Placed::try_from).collect::<Listed<_>>().readable()
}

impl Db {
    /// Stores a new service, or changes one. False, and nothing is stored, if it is new and its tailnet has as many as
    /// there may be.
    pub async fn put_service(
        &self,
        service: &Service,
        people: &[PersonId],
        (most, now): (u32, Timestamp),
        entry: &audit::NewEntry,
    ) -> sqlx::Result<bool> {
        // Two at once would each count without the other: whoever holds the tailnet's row counts first.
        let lock = "UPDATE tailnets SET name = name WHERE id = (SELECT tailnet_id FROM nodes WHERE id = $1)";
        let others = "SELECT COUNT(*) FROM services s JOIN nodes n ON n.id = s.node_id
            WHERE s.removed IS NULL AND s.id <> $2
                AND n.tailnet_id = (SELECT tailnet_id FROM nodes WHERE id = $1)";
        let is_new = "SELECT COUNT(*) FROM services WHERE id = $1";
        let stored = in_transaction!(self, tx => {
            sqlx::query(lock).bind(service.node).execute(&mut *tx).await?;
            let (known,): (i64,) =
                sqlx::query_as(is_new).bind(service.id).fetch_one(&mut *tx).await?;
            let (others,): (i64,) = sqlx::query_as(others)
                .bind(service.node).bind(service.id).fetch_one(&mut *tx).await?;
            let stored = known > 0 || others < i64::from(most);
            if stored {
                sqlx::query(
                    "INSERT INTO services (id, node_id, name, kind, ports, about, audience, created)
                     VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
                     ON CONFLICT (id) DO UPDATE SET name = excluded.name, kind = excluded.kind,
                        ports = excluded.ports, about = excluded.about, audience = excluded.audience")
                    .bind(service.id).bind(service.node).bind(&service.name).bind(&service.kind)
                    .bind(service.ports.to_string()).bind(&service.about).bind(&service.audience)
                    .bind(now).execute(&mut *tx).await?;
                sqlx::query("DELETE FROM audience WHERE service_id = $1")
                    .bind(service.id).execute(&mut *tx).await?;
                // What was found at the old ports says nothing of the new ones.
                sqlx::query("DELETE FROM probes WHERE service_id = $1")
                    .bind(service.id).execute(&mut *tx).await?;
                for person in people {
                    sqlx::query("INSERT INTO audience (service_id, person_id) VALUES ($1, $2)")
                        .bind(service.id).bind(person).execute(&mut *tx).await?;
                }
                audit::insert!(tx, entry);
            }
            stored
        });
        Ok(stored)
    }

    /// Takes it from the list, unless shares of it are not over: gives how many.
    pub async fn remove_service(
        &self,
        id: ServiceId,
        now: Timestamp,
        entry: &audit::NewEntry,
    ) -> sqlx::Result<i64> {
        Ok(in_transaction!(self, tx => {
            // Whoever accepts an offer at the same moment waits, or is waited for.
            let there = sqlx::query("UPDATE services SET id = id WHERE id = $1 AND removed IS NULL")
                .bind(id).execute(&mut *tx).await?.rows_affected() == 1;
            let (open,): (i64,) = sqlx::query_as(
                "SELECT COUNT(*) FROM shares WHERE service_id = $1 AND state <> 'ended'")
                .bind(id).fetch_one(&mut *tx).await?;
            if there && open == 0 {
                sqlx::query("UPDATE services SET removed = $2 WHERE id = $1")
                    .bind(id).bind(now).execute(&mut *tx).await?;
                sqlx::query("DELETE FROM probes WHERE service_id = $1")
                    .bind(id).execute(&mut *tx).await?;
                audit::insert!(tx, entry);
            }
            open
        }))
    }

    pub async fn find_service(&self, id: ServiceId) -> sqlx::Result<Option<Placed>> {
        on!(self, pool => sqlx::query_as::<_, PlacedRow>(placed!("s.id = $1"))
            .bind(id).fetch_optional(pool).await)?
        .map(|row| Placed::try_from(row).map_err(Into::into))
        .transpose()
    }

    pub async fn list_services_of_node(&self, node: NodeId) -> sqlx::Result<Vec<Placed>> {
        on!(self, pool => sqlx::query_as::<_, PlacedRow>(placed!("s.node_id = $1 ORDER BY s.name, s.id"))
            .bind(node).fetch_all(pool).await)
        .map(readable)
    }

    pub async fn list_services_of_tailnet(&self, tailnet: TailnetId) -> sqlx::Result<Vec<Placed>> {
        on!(self, pool => sqlx::query_as::<_, PlacedRow>(placed!("t.id = $1 ORDER BY s.name, s.id"))
            .bind(tailnet).fetch_all(pool).await)
        .map(readable)
    }

    /// Services of the tailnets that somebody owns or is a steward of.
    pub async fn list_services_of_person(&self, person: PersonId) -> sqlx::Result<Vec<Placed>> {
        on!(self, pool => sqlx::query_as::<_, PlacedRow>(placed!(
            "(t.owner_id = $1 OR t.id IN (SELECT tailnet_id FROM stewards WHERE person_id = $1))
             ORDER BY s.name, s.id"))
            .bind(person).fetch_all(pool).await)
        .map(readable)
    }

    pub async fn list_audience(&self, id: ServiceId) -> sqlx::Result<Vec<(PersonId, String)>> {
        on!(self, pool => sqlx::query_as::<_, (Uuid, String)>(
            "SELECT p.id, p.name FROM audience a JOIN people p ON p.id = a.person_id
             WHERE a.service_id = $1 ORDER BY p.name, p.id")
            .bind(id).fetch_all(pool).await)
        .map(|rows| rows.into_iter().map(|(id, name)| (PersonId::new(id), name)).collect())
    }

    /// Whether a service is shown to somebody: theirs, listed to them, offered to them, or shared with them.
    pub async fn may_see_service(&self, id: ServiceId, person: PersonId) -> sqlx::Result<bool> {
        on!(self, pool => sqlx::query_as::<_, (i64,)>(concat!(
            "SELECT COUNT(*) FROM services s JOIN nodes n ON n.id = s.node_id
             JOIN tailnets t ON t.id = n.tailnet_id WHERE s.removed IS NULL AND s.id = $2 AND (",
            visible!(), ")"))
            .bind(person).bind(id).fetch_one(pool).await)
        .map(|(count,)| count > 0)
    }

    /// One page of the directory, online first, in a stable order.
    pub async fn search_services(&self, search: &Search) -> sqlx::Result<Vec<Placed>> {
        let (offline, name, id) = search.after.clone().unwrap_or((-1, String::new(), Uuid::nil()));
        on!(self, pool => sqlx::query_as::<_, PlacedRow>(concat!(
            placed!("("), visible!(), ")
                AND ($2 = '' OR lower(s.name || ' ' || s.about || ' ' || n.name || ' ' || p.name) LIKE $2 ESCAPE '!')
                AND ($3 = '' OR s.kind = $3)
                AND ($4 = 0 OR EXISTS (SELECT 1 FROM shares h WHERE h.service_id = s.id AND h.friend_id = $1
                    AND h.state = 'active') OR t.owner_id = $1)
                AND ($9 = 0 OR ", down!(), " = 0)
                AND (", down!(), " > $5
                    OR (", down!(), " = $5 AND (lower(s.name) > $6
                        OR (lower(s.name) = $6 AND s.id > $7))))
             ORDER BY ", down!(), ", lower(s.name), s.id LIMIT $8"))
            .bind(search.viewer).bind(search.like.as_deref().unwrap_or_default())
            .bind(search.kind.as_deref().unwrap_or_default()).bind(i64::from(search.mine))
            .bind(offline).bind(name).bind(id).bind(search.limit).bind(i64::from(search.up))
            .fetch_all(pool).await)
        .map(readable)
    }
}
