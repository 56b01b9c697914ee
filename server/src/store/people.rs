//! People.

use model::{PersonId, Timestamp};
use sqlx::FromRow;
use uuid::Uuid;

use super::services::visible;
use super::{Db, audit};
use crate::{in_transaction, on};

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Person {
    pub id: PersonId,
    pub name: String,
    pub instance_owner: bool,
    /// One of the seeded people of the demo, and what they are good for.
    pub demo_about: Option<String>,
    pub created: Timestamp,
}

#[derive(FromRow)]
struct Row {
    id: PersonId,
    name: String,
    instance_owner: bool,
    demo_about: Option<String>,
    created: Timestamp,
}

impl From<Row> for Person {
    fn from(row: Row) -> Self {
        Self {
            id: row.id,
            name: row.name,
            instance_owner: row.instance_owner,
            demo_about: row.demo_about,
            created: row.created,
        }
    }
}

pub(super) const INSERT: &str =
    "INSERT INTO people (id, name, instance_owner, demo_about, created) VALUES ($1, $2, $3, $4, $5)";

macro_rules! insert_row {
    ($person:expr, $to:expr) => {
        sqlx::query($crate::store::people::INSERT)
            .bind($person.id)
            .bind(&$person.name)
            .bind($person.instance_owner)
            .bind(&$person.demo_about)
            .bind($person.created)
            .execute($to)
            .await
    };
}
pub(super) use insert_row;

/// Whether somebody may come in, and that stays so until the transaction ends: whoever shuts them out waits for it.
macro_rules! is_here {
    ($tx:expr, $person:expr) => {
        sqlx::query("UPDATE people SET name = name WHERE id = $1 AND standing = 'here'")
            .bind($person)
            .execute(&mut *$tx)
            .await?
            .rows_affected()
            == 1
    };
}
pub(super) use is_here;

/// The same of two. The rows are taken in one order everywhere, so that two who lend each other something do not wait for
/// each other.
macro_rules! both_here {
    ($tx:expr, $one:expr, $other:expr) => {{
        let mut here = true;
        for person in [$one.min($other), $one.max($other)] {
            here &= $crate::store::people::is_here!($tx, person);
        }
        here
    }};
}
pub(super) use both_here;

pub async fn insert(db: &Db, person: &Person) -> sqlx::Result<()> {
    on!(db, pool => insert_row!(person, pool).map(drop))
}

pub async fn find(db: &Db, id: PersonId) -> sqlx::Result<Option<Person>> {
    let sql = "SELECT id, name, instance_owner, demo_about, created FROM people WHERE id = $1";
    let row: Option<Row> = on!(db, pool => sqlx::query_as(sql).bind(id).fetch_optional(pool).await)?;
    Ok(row.map(Person::from))
}

/// The same if they may come in.
pub async fn find_here(db: &Db, id: PersonId) -> sqlx::Result<Option<Person>> {
    let sql = "SELECT id, name, instance_owner, demo_about, created FROM people WHERE id = $1 AND standing = 'here'";
    let row: Option<Row> = on!(db, pool => sqlx::query_as(sql).bind(id).fetch_optional(pool).await)?;
    Ok(row.map(Person::from))
}

/// Everybody, by name.
pub async fn list(db: &Db) -> sqlx::Result<Vec<Person>> {
    let sql = "SELECT id, name, instance_owner, demo_about, created FROM people ORDER BY name, id";
    let rows: Vec<Row> = on!(db, pool => sqlx::query_as(sql).fetch_all(pool).await)?;
    Ok(rows.into_iter().map(Person::from).collect())
}

/// Whom the person `$1` has met, as ids: whoever may act for the same tailnet, the other side of a share, of an offer
/// or of its answer, and of a listing that is shown to one of the two by name or that `$1` sees. Nobody else of the
/// instance is named to them. What a control plane says of logins does not count: it would tell who is here.
macro_rules! met {
    () => {
        concat!(
            "SELECT m.id FROM (
                WITH mine (tailnet, owner) AS (
                    SELECT t.id, t.owner_id FROM tailnets t WHERE t.owner_id = $1
                    UNION SELECT t.id, t.owner_id FROM tailnets t JOIN stewards w ON w.tailnet_id = t.id
                        WHERE w.person_id = $1),
                given (service) AS (
                    SELECT s.id FROM services s JOIN nodes n ON n.id = s.node_id JOIN mine ON mine.tailnet = n.tailnet_id),
                got (offer) AS (
                    SELECT o.id FROM offers o WHERE o.to_person = $1
                    UNION SELECT d.offer_id FROM declines d WHERE d.person_id = $1
                    UNION SELECT a.offer_id FROM arrivals a WHERE a.person_id = $1
                    UNION SELECT x.offer_id FROM shares x WHERE x.friend_id = $1)
                SELECT mine.owner AS id FROM mine
                UNION SELECT w.person_id FROM stewards w JOIN mine ON mine.tailnet = w.tailnet_id
                UNION SELECT x.friend_id FROM shares x JOIN mine ON mine.tailnet = x.tailnet_id
                UNION SELECT o.to_person FROM offers o JOIN given ON given.service = o.service_id
                UNION SELECT d.person_id FROM declines d JOIN offers o ON o.id = d.offer_id
                    JOIN given ON given.service = o.service_id
                UNION SELECT a.person_id FROM audience a JOIN given ON given.service = a.service_id
                UNION SELECT x.owner_id FROM shares x WHERE x.friend_id = $1
                UNION SELECT o.made_by FROM offers o JOIN got ON got.offer = o.id
                UNION SELECT t.owner_id FROM offers o JOIN got ON got.offer = o.id JOIN services s ON s.id = o.service_id
                    JOIN nodes n ON n.id = s.node_id JOIN tailnets t ON t.id = n.tailnet_id
                UNION SELECT t.owner_id FROM services s JOIN nodes n ON n.id = s.node_id
                    JOIN tailnets t ON t.id = n.tailnet_id WHERE s.removed IS NULL AND (",
            visible!(),
            ")) AS m WHERE m.id IS NOT NULL AND m.id <> $1"
        )
    };
}

/// Whom somebody has met, by name: whom lists and selects offer them. Who is blocked or removed is not offered.
pub async fn list_met(db: &Db, viewer: PersonId) -> sqlx::Result<Vec<Person>> {
    let sql = concat!(
        "SELECT id, name, instance_owner, demo_about, created FROM people
         WHERE standing = 'here' AND id IN (",
        met!(),
        ") ORDER BY name, id"
    );
    let rows: Vec<Row> = on!(db, pool => sqlx::query_as(sql).bind(viewer).fetch_all(pool).await)?;
    Ok(rows.into_iter().map(Person::from).collect())
}

/// All whom somebody has met and they themselves, each with the name that a provider has for them: to tell namesakes apart.
pub async fn list_known(db: &Db, viewer: PersonId) -> sqlx::Result<Vec<(PersonId, String, Option<String>)>> {
    let sql = concat!(
        "SELECT id, name, (SELECT MIN(i.label) FROM identities i WHERE i.person_id = people.id)
         FROM people WHERE id = $1 OR id IN (",
        met!(),
        ")"
    );
    let rows: Vec<(Uuid, String, Option<String>)> =
        on!(db, pool => sqlx::query_as(sql).bind(viewer).fetch_all(pool).await)?;
    Ok(rows.into_iter().map(|(id, name, login)| (PersonId::new(id), name, login)).collect())
}

/// One of [`list_met`]: whom a form may name. Whoever was not met is not there, as whoever does not exist.
pub async fn find_met(db: &Db, viewer: PersonId, id: PersonId) -> sqlx::Result<Option<Person>> {
    let sql = concat!(
        "SELECT id, name, instance_owner, demo_about, created FROM people
         WHERE standing = 'here' AND id = $2 AND id IN (",
        met!(),
        ")"
    );
    let row: Option<Row> = on!(db, pool => sqlx::query_as(sql)
        .bind(viewer)
        .bind(id)
        .fetch_optional(pool)
        .await)?;
    Ok(row.map(Person::from))
}

/// The seeded people of the demo, as they were seeded.
pub async fn list_demo(db: &Db) -> sqlx::Result<Vec<Person>> {
    let sql = "SELECT id, name, instance_owner, demo_about, created FROM people \
               WHERE demo_about IS NOT NULL ORDER BY id";
    let rows: Vec<Row> = on!(db, pool => sqlx::query_as(sql).fetch_all(pool).await)?;
    Ok(rows.into_iter().map(Person::from).collect())
}

/// One person in the list of those who look after the instance: no more of their tailnets and shares than how many.
#[derive(Clone, Debug, PartialEq, Eq, FromRow)]
pub struct Listed {
    pub id: Uuid,
    pub name: String,
    /// What the page goes on from: the name as the database sorts it.
    pub sort_name: String,
    pub instance_owner: bool,
    pub standing: String,
    pub standing_since: Option<i64>,
    pub created: i64,
    /// When a browser of theirs was last here.
    pub seen: Option<i64>,
    /// As the provider calls them.
    pub login: Option<String>,
    pub tailnets: i64,
    /// Shares that are not over.
    pub gives: i64,
    pub receives: i64,
    /// Offers from and to them that can still be answered.
    pub offers: i64,
}

/// Which people are looked for.
#[derive(Clone, Debug, Default)]
pub struct Search {
    /// Lower case, with `%` around it and its own wildcards escaped; absent: everybody.
    pub like: Option<String>,
    pub only: Option<PersonId>,
    /// The last row of the page before: its name as the database sorts it, and its id.
    pub after: Option<(String, Uuid)>,
    pub limit: i64,
}

/// Who is here, blocked or being removed, by name. Who is gone is not listed.
pub async fn search(db: &Db, search: &Search, now: Timestamp) -> sqlx::Result<Vec<Listed>> {
    let (name, id) = search.after.clone().unwrap_or_default();
    let sql = "SELECT p.id, p.name, lower(p.name) AS sort_name, p.instance_owner, p.standing, p.standing_since, p.created, \
               (SELECT MAX(s.last_seen) FROM sessions s WHERE s.person_id = p.id) AS seen, \
               (SELECT MIN(i.label) FROM identities i WHERE i.person_id = p.id) AS login, \
               (SELECT COUNT(*) FROM tailnets t WHERE t.owner_id = p.id) AS tailnets, \
               (SELECT COUNT(*) FROM shares h WHERE h.owner_id = p.id AND h.state <> 'ended') AS gives, \
               (SELECT COUNT(*) FROM shares h WHERE h.friend_id = p.id AND h.state <> 'ended') AS receives, \
               (SELECT COUNT(*) FROM offers o WHERE (o.made_by = p.id OR o.to_person = p.id) \
                    AND o.withdrawn IS NULL AND o.uses_left > 0 AND o.lapses > $6) AS offers \
               FROM people p WHERE p.standing <> 'removed' \
               AND ($1 = '' OR lower(p.name) LIKE $1 ESCAPE '!' OR EXISTS (SELECT 1 FROM identities i \
                    WHERE i.person_id = p.id AND lower(i.label) LIKE $1 ESCAPE '!')) \
               AND ($2 = 0 OR p.id = $3) \
               AND (lower(p.name) > $4 OR (lower(p.name) = $4 AND p.id > $5)) \
               ORDER BY lower(p.name), p.id LIMIT $7";
    on!(db, pool => sqlx::query_as(sql)
        .bind(search.like.as_deref().unwrap_or_default())
        .bind(i64::from(search.only.is_some()))
        .bind(search.only.map(PersonId::uuid).unwrap_or_default())
        .bind(name)
        .bind(id)
        .bind(now)
        .bind(search.limit)
        .fetch_all(pool)
        .await)
}

/// How many owners of the instance may come in besides this one.
pub async fn count_owners_but(db: &Db, id: PersonId) -> sqlx::Result<i64> {
    let sql = "SELECT COUNT(*) FROM people WHERE instance_owner = $2 AND standing = 'here' AND id <> $1";
    let (count,): (i64,) = on!(db, pool => sqlx::query_as(sql).bind(id).bind(true).fetch_one(pool).await)?;
    Ok(count)
}

/// Whether this instance has an owner.
pub async fn have_owner(db: &Db) -> sqlx::Result<bool> {
    let sql = "SELECT COUNT(*) FROM people WHERE instance_owner = $1";
    let (count,): (i64,) = on!(db, pool => sqlx::query_as(sql).bind(true).fetch_one(pool).await)?;
    Ok(count > 0)
}

pub async fn rename(db: &Db, id: PersonId, name: &str, entry: &audit::NewEntry) -> sqlx::Result<()> {
    let sql = "UPDATE people SET name = $2 WHERE id = $1";
    in_transaction!(db, tx => {
        sqlx::query(sql).bind(id).bind(name).execute(&mut *tx).await?;
        audit::insert!(tx, entry);
    });
    Ok(())
}
