//! What nodes offer, and to whom it is shown.

use model::{
    Audience, CircleId, DeclaredTo, JoinPort, NodeId, ObjectKind, PersonId, ServiceId, ServiceKind,
    ServicePorts, TailnetId, Timestamp,
};

use super::decode::{Damaged, FromRow, Listed, Row};
use super::join_port::join_port;
use super::lenders::holder;
use super::notices::Subject;
use super::probes::Found;
use super::{Db, Tx, audit, notices};

/// One service of a node.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Service {
    pub id: ServiceId,
    pub node: NodeId,
    pub name: String,
    pub kind: ServiceKind,
    pub ports: ServicePorts,
    /// The port that people type in, and that is asked.
    pub join: JoinPort,
    pub about: String,
    pub audience: Audience,
    /// Nobody asks whether it answers.
    pub left_alone: bool,
}

/// A service with where it is: what lists show.
#[derive(Clone, Debug)]
pub struct ServiceAtNode {
    pub service: Service,
    pub tailnet: TailnetId,
    /// Whose it is to lend: the owner of its tailnet; on a server of several, whoever its machine belongs to.
    pub owner: PersonId,
    pub owner_name: String,
    pub node_name: String,
    pub dns_name: String,
    /// In the order in which the control plane tells them.
    pub addresses: Vec<String>,
    pub online: bool,
    pub last_seen: Option<Timestamp>,
    pub gone: bool,
    /// The configuration of its machine lists it.
    pub declared: Option<DeclaredTo>,
    /// The name as the database sorts it: what a page of the directory goes on from.
    pub sort_name: String,
    /// It answered; where it is not asked: its machine is online.
    pub up: bool,
    /// What the last look at it found.
    pub found: Option<Found>,
}

/// To whom a service with [`Audience::People`] is shown.
#[derive(Clone, Copy, Debug)]
pub struct ShownTo<'a> {
    pub people: &'a [PersonId],
    /// Whoever says so.
    pub by: PersonId,
    /// Of their circles these; those of others stay as they are.
    pub circles: &'a [CircleId],
}

impl From<&Service> for audit::Object {
    fn from(service: &Service) -> Self {
        Self::new(ObjectKind::Service, service.id, &service.name)
    }
}

impl FromRow for Service {
    const TABLE: &'static str = "services";
    const KEY: &'static [&'static str] = &["id"];

    fn from_row(row: &Row<'_>) -> Result<Self, Damaged> {
        let (kind, ports): (ServiceKind, ServicePorts) = (row.get("kind")?, row.get("ports")?);
        Ok(Self {
            id: row.get("id")?,
            node: row.get("node_id")?,
            name: row.get("name")?,
            join: join_port(row, kind, &ports)?,
            kind,
            ports,
            about: row.get("about")?,
            audience: row.get("audience")?,
            left_alone: row.get("left_alone")?,
        })
    }
}

impl FromRow for ServiceAtNode {
    const TABLE: &'static str = "services";
    const KEY: &'static [&'static str] = &["id"];

    fn from_row(row: &Row<'_>) -> Result<Self, Damaged> {
        let (online, gone): (bool, Option<Timestamp>) = (row.get("online")?, row.get("gone")?);
        let answered: Option<bool> = row.get("answered")?;
        Ok(Self {
            service: row.part()?,
            tailnet: row.get("tailnet_id")?,
            owner: row.get("owner_id")?,
            owner_name: row.get("owner_name")?,
            node_name: row.get("node_name")?,
            dns_name: row.get("dns_name")?,
            addresses: row.json("addresses")?,
            online,
            last_seen: row.get("last_seen")?,
            gone: gone.is_some(),
            declared: row.get("declared")?,
            sort_name: row.get("sort_name")?,
            up: answered.unwrap_or(online && gone.is_none()),
            found: answered.map(|_| row.part()).transpose()?,
        })
    }
}

/// Who may know of a service `s` of the machine `n` in tailnet `t`: `$1` is the viewer. What somebody lists who may not come in is not shown:
/// nobody could offer it. A condition on the circles `cm` may be added.
macro_rules! visible {
    () => {
        visible!("")
    };
    ($of_circles:literal) => {
        concat!("t.owner_id = $1
         OR EXISTS (SELECT 1 FROM stewards w WHERE w.tailnet_id = t.id AND w.person_id = $1)
         OR EXISTS (SELECT 1 FROM members m WHERE m.tailnet_id = n.tailnet_id AND m.person_id = $1
            AND m.account_id = COALESCE(n.account_id, n.given_to))
         OR ((s.audience = 'everybody'
             OR (s.audience = 'people'
                 AND (EXISTS (SELECT 1 FROM audience a WHERE a.service_id = s.id AND a.person_id = $1)
                    OR EXISTS (SELECT 1 FROM circle_audience ca JOIN circle_people cm ON cm.circle_id = ca.circle_id
                        JOIN circles c ON c.id = ca.circle_id
                        WHERE ca.service_id = s.id AND cm.person_id = $1 ", $of_circles, " AND ", givers_circle!(), "))))
             AND EXISTS (SELECT 1 FROM people l WHERE l.id = t.owner_id AND l.standing = 'here'))
         OR EXISTS (SELECT 1 FROM shares x WHERE x.service_id = s.id AND x.friend_id = $1
             AND x.state IN ('account_missing', 'accepted', 'applying', 'waiting_for_friend', 'active', 'pausing', 'paused', 'drifted', 'needs_attention', 'ending'))")
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
    ($rest:expr) => {
        concat!(
            "SELECT s.id, s.node_id, s.name, s.kind, s.ports, s.join_port, s.about, s.audience, s.left_alone, s.declared, n.tailnet_id, p.id AS owner_id,
                p.name AS owner_name, n.name AS node_name, n.dns_name, n.addresses, n.online, n.last_seen, n.gone,
                lower(s.name) AS sort_name, b.answered, b.at, b.since, b.told, ",
            down!(),
            " AS down
             FROM services s JOIN nodes n ON n.id = s.node_id JOIN tailnets t ON t.id = n.tailnet_id
             JOIN people p ON p.id = ",
            holder!(),
            " LEFT JOIN probes b ON b.service_id = s.id WHERE s.removed IS NULL AND ",
            $rest
        )
    };
}

pub mod declared;
mod search;

pub use search::{Held, Search, Stands};

const PUT: &str =
    "INSERT INTO services (id, node_id, name, kind, ports, join_port, about, audience, created, left_alone)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
     ON CONFLICT (id) DO UPDATE SET name = excluded.name, kind = excluded.kind, ports = excluded.ports,
        join_port = excluded.join_port, about = excluded.about, audience = excluded.audience,
        left_alone = excluded.left_alone";

/// Whether there is room for a service: it is known already, or its tailnet has fewer others than `most`. That stays so
/// until the transaction ends.
async fn has_room(tx: &mut Tx, service: &Service, most: u32) -> sqlx::Result<bool> {
    lock_tailnet_of(tx, service.node).await?;
    let known = "SELECT COUNT(*) FROM services WHERE id = $1";
    let known = tx.query(known, (service.id,)).count().await? > 0;
    let others = "SELECT COUNT(*) FROM services s JOIN nodes n ON n.id = s.node_id
         WHERE s.removed IS NULL AND s.id <> $2 AND n.tailnet_id = (SELECT tailnet_id FROM nodes WHERE id = $1)";
    let others = tx.query(others, (service.node, service.id)).count().await?;
    Ok(known || others < i64::from(most))
}

/// Two at once would each count without the other: whoever holds the tailnet's row counts first.
async fn lock_tailnet_of(tx: &mut Tx, node: NodeId) -> sqlx::Result<()> {
    let lock = "UPDATE tailnets SET name = name WHERE id = (SELECT tailnet_id FROM nodes WHERE id = $1)";
    tx.query(lock, (node,)).execute().await.map(drop)
}

/// Takes a service from the list, unless shares of it are not over. Gives whether it was there, and how many those are.
async fn take_off(tx: &mut Tx, id: ServiceId, now: Timestamp) -> sqlx::Result<(bool, i64)> {
    // Whoever accepts an offer at the same moment waits, or is waited for.
    let there = "UPDATE services SET id = id WHERE id = $1 AND removed IS NULL";
    let there = tx.query(there, (id,)).execute().await? == 1;
    let open = "SELECT COUNT(*) FROM shares WHERE service_id = $1 AND state <> 'ended'";
    let open = tx.query(open, (id,)).count().await?;
    if there && open == 0 {
        tx.query("UPDATE services SET removed = $2 WHERE id = $1", (id, now)).execute().await?;
        forget_probe(tx, id).await?;
        notices::renew(tx, Subject::Service(id), now).await?;
        let offers = notices::offers_of_service(tx, id).await?;
        notices::renew_all(tx, offers, now).await?;
        let asks = notices::asks_of_service(tx, id).await?;
        notices::renew_all(tx, asks, now).await?;
    }
    Ok((there, open))
}

/// What was found at it, before it changes or goes.
async fn forget_probe(tx: &mut Tx, id: ServiceId) -> sqlx::Result<()> {
    tx.query("DELETE FROM probes WHERE service_id = $1", (id,)).execute().await.map(drop)
}

/// Shows a service to these circles of whoever changes it; those of others stay as long as it is shown to people at all.
async fn put_circles(
    tx: &mut Tx,
    service: ServiceId,
    to_people: bool,
    ShownTo { by, circles, .. }: ShownTo<'_>,
) -> sqlx::Result<()> {
    let all = "DELETE FROM circle_audience WHERE service_id = $1";
    let own = "DELETE FROM circle_audience WHERE service_id = $1
         AND circle_id IN (SELECT id FROM circles WHERE owner_id = $2)";
    if to_people {
        tx.query(own, (service, by)).execute().await?;
    } else {
        tx.query(all, (service,)).execute().await?;
    }
    let show = "INSERT INTO circle_audience (service_id, circle_id)
         SELECT $1, id FROM circles WHERE id = $2 AND owner_id = $3";
    for circle in circles {
        tx.query(show, (service, circle, by)).execute().await?;
    }
    Ok(())
}

impl Db {
    /// Stores a new service, or changes one, and shows it to whom it is to be shown. False, and nothing is stored, if it is new and its tailnet has as many as
    /// there may be.
    pub async fn put_service(
        &self,
        service: &Service,
        shown: ShownTo<'_>,
        (most, now): (u32, Timestamp),
        entry: &audit::NewEntry,
    ) -> sqlx::Result<bool> {
        let mut tx = self.begin().await?;
        let stored = has_room(&mut tx, service, most).await?;
        if stored {
            let Service { id, node, name, kind, ports, join, about, audience, left_alone } = service;
            let values = (id, node, name, kind, ports, join, about, audience, now, left_alone);
            tx.query(PUT, values).execute().await?;
            tx.query("DELETE FROM audience WHERE service_id = $1", (id,)).execute().await?;
            // Whoever saves it has seen its ports.
            let seen = "UPDATE services SET ports_changed = FALSE WHERE id = $1 AND ports_changed";
            if tx.query(seen, (id,)).execute().await? > 0 {
                notices::renew(&mut tx, Subject::Service(*id), now).await?;
            }
            // What was found at the old ports says nothing of the new ones.
            forget_probe(&mut tx, *id).await?;
            for person in shown.people {
                let show = "INSERT INTO audience (service_id, person_id) VALUES ($1, $2)";
                tx.query(show, (id, person)).execute().await?;
            }
            let to_people = *audience == Audience::People;
            put_circles(&mut tx, *id, to_people, shown).await?;
            audit::insert(&mut tx, entry).await?;
        }
        tx.commit().await?;
        Ok(stored)
    }

    /// Takes it from the list, unless shares of it are not over: gives how many.
    pub async fn remove_service(
        &self,
        id: ServiceId,
        now: Timestamp,
        entry: &audit::NewEntry,
    ) -> sqlx::Result<i64> {
        let mut tx = self.begin().await?;
        let (there, open) = take_off(&mut tx, id, now).await?;
        if there && open == 0 {
            audit::insert(&mut tx, entry).await?;
        }
        tx.commit().await?;
        Ok(open)
    }

    pub async fn find_service(&self, id: ServiceId) -> sqlx::Result<Option<ServiceAtNode>> {
        self.query(placed!("s.id = $1"), (id,)).fetch_optional().await
    }

    /// Whether its machine gave it other ports, its kind was approved beforehand, and nobody looked since.
    pub async fn is_to_be_looked_at(&self, id: ServiceId) -> sqlx::Result<bool> {
        let sql = "SELECT COUNT(*) FROM services WHERE id = $1 AND ports_changed";
        Ok(self.query(sql, (id,)).count().await? > 0)
    }

    /// Those that can be read: one that cannot is offered to nobody, and its own page says why. So everywhere here.
    pub async fn list_services_of_node(&self, node: NodeId) -> sqlx::Result<Vec<ServiceAtNode>> {
        let sql = placed!("s.node_id = $1 ORDER BY s.name, s.id");
        self.query(sql, (node,)).fetch_listed().await.map(Listed::readable)
    }

    pub async fn list_services_of_tailnet(&self, tailnet: TailnetId) -> sqlx::Result<Vec<ServiceAtNode>> {
        let sql = placed!("t.id = $1 ORDER BY s.name, s.id");
        self.query(sql, (tailnet,)).fetch_listed().await.map(Listed::readable)
    }

    /// Services of the tailnets that somebody owns or is a steward of, and of their own machines elsewhere.
    pub async fn list_services_of_person(&self, person: PersonId) -> sqlx::Result<Vec<ServiceAtNode>> {
        let sql = placed!(
            "(t.owner_id = $1 OR p.id = $1 OR t.id IN (SELECT tailnet_id FROM stewards WHERE person_id = $1))
             ORDER BY s.name, s.id"
        );
        self.query(sql, (person,)).fetch_listed().await.map(Listed::readable)
    }

    pub async fn list_audience(&self, id: ServiceId) -> sqlx::Result<Vec<(PersonId, String)>> {
        let sql = "SELECT p.id, p.name FROM audience a JOIN people p ON p.id = a.person_id
             WHERE a.service_id = $1 ORDER BY p.name, p.id";
        self.query(sql, (id,)).fetch_all().await
    }
}
