//! People.

use model::characters::{LOOKS, looks};
use model::{PersonId, Timestamp};

use super::decode::{Damaged, FromRow, Row};
use super::{Db, Tx, audit};

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Person {
    pub id: PersonId,
    pub name: String,
    pub instance_owner: bool,
    /// One of the seeded people of the demo, and what they are good for.
    pub demo_about: Option<String>,
    pub created: Timestamp,
}

macro_rules! people {
    ($rest:expr) => {
        concat!("SELECT id, name, instance_owner, demo_about, created FROM people ", $rest)
    };
}

impl FromRow for Person {
    const TABLE: &'static str = "people";
    const KEY: &'static [&'static str] = &["id"];

    fn from_row(row: &Row<'_>) -> Result<Self, Damaged> {
        Ok(Self {
            id: row.get("id")?,
            name: row.get("name")?,
            instance_owner: row.get("instance_owner")?,
            demo_about: row.get("demo_about")?,
            created: row.get("created")?,
        })
    }
}

pub(super) async fn insert(tx: &mut Tx, person: &Person) -> sqlx::Result<()> {
    let Person { id, name, instance_owner, demo_about, created } = person;
    let [look, small_look] = looks(name);
    let sql = "INSERT INTO people (id, name, look, small_look, instance_owner, demo_about, created)
               VALUES ($1, $2, $3, $4, $5, $6, $7)";
    let values = (id, name, look, small_look, instance_owner, demo_about, created);
    tx.query(sql, values).execute().await.map(drop)
}

/// Whether somebody may come in, and that stays so until the transaction ends: whoever shuts them out waits for it.
pub(super) async fn is_here(tx: &mut Tx, person: PersonId) -> sqlx::Result<bool> {
    let sql = "UPDATE people SET name = name WHERE id = $1 AND standing = 'here'";
    Ok(tx.query(sql, (person,)).execute().await? == 1)
}

/// The same of two. The rows are taken in one order everywhere, so that two who lend each other something do not wait for
/// each other.
pub(super) async fn are_both_here(tx: &mut Tx, one: PersonId, other: PersonId) -> sqlx::Result<bool> {
    let first = is_here(tx, one.min(other)).await?;
    Ok(is_here(tx, one.max(other)).await? && first)
}

/// A name and what it looks like.
async fn name_them(tx: &mut Tx, id: PersonId, name: &str) -> sqlx::Result<()> {
    let [look, small_look] = looks(name);
    let sql = "UPDATE people SET name = $2, look = $3, small_look = $4 WHERE id = $1";
    tx.query(sql, (id, name, look, small_look)).execute().await.map(drop)
}

mod instance;
mod met;
mod zones;

pub use instance::{Listed, Search};
pub use zones::Zones;

impl Db {
    pub async fn insert_person(&self, person: &Person) -> sqlx::Result<()> {
        let mut tx = self.begin().await?;
        insert(&mut tx, person).await?;
        tx.commit().await
    }

    pub async fn find_person(&self, id: PersonId) -> sqlx::Result<Option<Person>> {
        self.query(people!("WHERE id = $1"), (id,)).fetch_optional().await
    }

    /// The same if they may come in.
    pub async fn find_person_here(&self, id: PersonId) -> sqlx::Result<Option<Person>> {
        self.query(people!("WHERE id = $1 AND standing = 'here'"), (id,)).fetch_optional().await
    }

    /// Everybody, by name.
    pub async fn list_people(&self) -> sqlx::Result<Vec<Person>> {
        self.query(people!("ORDER BY name, id"), ()).fetch_all().await
    }

    /// The seeded people of the demo, as they were seeded.
    pub async fn list_demo_people(&self) -> sqlx::Result<Vec<Person>> {
        self.query(people!("WHERE demo_about IS NOT NULL ORDER BY id"), ()).fetch_all().await
    }

    pub async fn rename_person(&self, id: PersonId, name: &str, entry: &audit::NewEntry) -> sqlx::Result<()> {
        let mut tx = self.begin().await?;
        name_them(&mut tx, id, name).await?;
        audit::insert(&mut tx, entry).await?;
        tx.commit().await
    }

    /// Works out anew what names look like where that was done by other tables, or never.
    pub async fn renew_looks(&self) -> sqlx::Result<()> {
        const BY: &str = "looks";
        let tables = format!("{LOOKS:?}");
        if self.find_setting(BY).await?.as_deref() == Some(&tables) {
            return Ok(());
        }
        let mut tx = self.begin().await?;
        let all: Vec<(PersonId, String)> = tx.query("SELECT id, name FROM people", ()).fetch_all().await?;
        for (id, name) in all {
            name_them(&mut tx, id, &name).await?;
        }
        tx.commit().await?;
        // Twice, if the process is killed in between.
        self.put_setting(BY, &tables).await
    }
}
