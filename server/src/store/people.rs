//! People.

use model::{PersonId, Timestamp};
use sqlx::FromRow;
use uuid::Uuid;

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
    id: Uuid,
    name: String,
    instance_owner: bool,
    demo_about: Option<String>,
    created: i64,
}

impl From<Row> for Person {
    fn from(row: Row) -> Self {
        Self {
            id: PersonId::new(row.id),
            name: row.name,
            instance_owner: row.instance_owner,
            demo_about: row.demo_about,
            created: Timestamp::from_micros(row.created),
        }
    }
}

pub(super) const INSERT: &str =
    "INSERT INTO people (id, name, instance_owner, demo_about, created) VALUES ($1, $2, $3, $4, $5)";

macro_rules! insert_row {
    ($person:expr, $to:expr) => {
        sqlx::query($crate::store::people::INSERT)
            .bind($person.id.uuid())
            .bind(&$person.name)
            .bind($person.instance_owner)
            .bind(&$person.demo_about)
            .bind($person.created.micros())
            .execute($to)
            .await
    };
}
pub(super) use insert_row;

pub async fn insert(db: &Db, person: &Person) -> sqlx::Result<()> {
    on!(db, pool => insert_row!(person, pool).map(drop))
}

pub async fn find(db: &Db, id: PersonId) -> sqlx::Result<Option<Person>> {
    let sql = "SELECT id, name, instance_owner, demo_about, created FROM people WHERE id = $1";
    let row: Option<Row> = on!(db, pool => sqlx::query_as(sql).bind(id.uuid()).fetch_optional(pool).await)?;
    Ok(row.map(Person::from))
}

/// Everybody, by name.
pub async fn list(db: &Db) -> sqlx::Result<Vec<Person>> {
    let sql = "SELECT id, name, instance_owner, demo_about, created FROM people ORDER BY name, id";
    let rows: Vec<Row> = on!(db, pool => sqlx::query_as(sql).fetch_all(pool).await)?;
    Ok(rows.into_iter().map(Person::from).collect())
}

/// The seeded people of the demo, as they were seeded.
pub async fn list_demo(db: &Db) -> sqlx::Result<Vec<Person>> {
    let sql = "SELECT id, name, instance_owner, demo_about, created FROM people \
               WHERE demo_about IS NOT NULL ORDER BY id";
    let rows: Vec<Row> = on!(db, pool => sqlx::query_as(sql).fetch_all(pool).await)?;
    Ok(rows.into_iter().map(Person::from).collect())
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
        sqlx::query(sql).bind(id.uuid()).bind(name).execute(&mut *tx).await?;
        audit::insert!(tx, entry);
    });
    Ok(())
}
