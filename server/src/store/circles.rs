//! Circles: named groups of people of one person, who alone sees them.

use model::{CircleId, PersonId, ServiceId};
use uuid::Uuid;

use super::decode::{Damaged, FromRow, Listed, Row};
use super::given_circles::givers_circle;
use super::{Db, Tx, audit, people};

mod beforehand;

pub use beforehand::{Beforehand, Given};
pub(super) use beforehand::{given, holds_for};

/// One circle.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Circle {
    pub id: CircleId,
    /// Who made it, and sees it.
    pub owner: PersonId,
    pub name: String,
    /// How many are in it.
    pub people: i64,
}

impl FromRow for Circle {
    const TABLE: &'static str = "circles";
    const KEY: &'static [&'static str] = &["id"];

    fn from_row(row: &Row<'_>) -> Result<Self, Damaged> {
        Ok(Self {
            id: row.get("id")?,
            owner: row.get("owner_id")?,
            name: row.get("name")?,
            people: row.get("people")?,
        })
    }
}

macro_rules! circles {
    ($rest:literal) => {
        concat!(
            "SELECT c.id, c.owner_id, c.name,
                (SELECT COUNT(*) FROM circle_people m WHERE m.circle_id = c.id) AS people FROM circles c ",
            $rest
        )
    };
}

/// Who leaves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Leaves {
    /// One of its people.
    One(PersonId),
    /// All, and the circle goes.
    All,
}

impl Leaves {
    /// Whether it is everybody, as a number, and who it is else: the two values of a condition.
    pub(super) fn parts(self) -> (i64, Uuid) {
        match self {
            Self::One(person) => (0, person.uuid()),
            Self::All => (1, Uuid::nil()),
        }
    }
}

/// What became of adding somebody.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Added {
    /// They are in it, perhaps they were before.
    In,
    /// It has as many as there may be.
    Full,
    /// The circle, or the person, is gone.
    Gone,
}

/// Nobody else changes the circle until the transaction ends. False: there is none.
pub(super) async fn lock(tx: &mut Tx, id: CircleId) -> sqlx::Result<bool> {
    Ok(tx.query("UPDATE circles SET id = id WHERE id = $1", (id,)).execute().await? == 1)
}

impl Db {
    /// Stores a new one. False, and nothing is stored, if its maker has as many as there may be, or may not come in.
    pub async fn insert_circle(
        &self,
        circle: &Circle,
        most: u32,
        entry: &audit::NewEntry,
    ) -> sqlx::Result<bool> {
        let Circle { id, owner, name, .. } = circle;
        let mut tx = self.begin().await?;
        // Whoever holds the person's row counts first.
        let here = people::is_here(&mut tx, *owner).await?;
        let count = tx.query("SELECT COUNT(*) FROM circles WHERE owner_id = $1", (owner,)).count().await?;
        let stored = here && count < i64::from(most);
        if stored {
            let put = "INSERT INTO circles (id, owner_id, name, created) VALUES ($1, $2, $3, $4)";
            tx.query(put, (id, owner, name, entry.at)).execute().await?;
            audit::insert(&mut tx, entry).await?;
        }
        tx.commit().await?;
        Ok(stored)
    }

    pub async fn rename_circle(&self, id: CircleId, name: &str, entry: &audit::NewEntry) -> sqlx::Result<()> {
        let mut tx = self.begin().await?;
        tx.query("UPDATE circles SET name = $2 WHERE id = $1", (id, name)).execute().await?;
        audit::insert(&mut tx, entry).await?;
        tx.commit().await
    }

    pub async fn find_circle(&self, id: CircleId) -> sqlx::Result<Option<Circle>> {
        self.query(circles!("WHERE c.id = $1"), (id,)).fetch_optional().await
    }

    /// Those of a person, by name.
    pub async fn list_circles(&self, owner: PersonId) -> sqlx::Result<Vec<Circle>> {
        let sql = circles!("WHERE c.owner_id = $1 ORDER BY c.name, c.id");
        self.query(sql, (owner,)).fetch_listed().await.map(Listed::readable)
    }

    /// Who is in it, by name.
    pub async fn list_circle_people(&self, id: CircleId) -> sqlx::Result<Vec<(PersonId, String)>> {
        let sql = "SELECT p.id, p.name FROM circle_people m JOIN people p ON p.id = m.person_id
             WHERE m.circle_id = $1 ORDER BY p.name, p.id";
        self.query(sql, (id,)).fetch_all().await
    }

    /// Puts somebody into it.
    pub async fn add_to_circle(
        &self,
        id: CircleId,
        person: PersonId,
        most: u32,
        entry: &audit::NewEntry,
    ) -> sqlx::Result<Added> {
        let mut tx = self.begin().await?;
        // The circle before its people, as where one of them is offered something.
        if !lock(&mut tx, id).await? || !people::is_here(&mut tx, person).await? {
            tx.rollback().await?;
            return Ok(Added::Gone);
        }
        let others = "SELECT COUNT(*) FROM circle_people WHERE circle_id = $1 AND person_id <> $2";
        if tx.query(others, (id, person)).count().await? >= i64::from(most) {
            tx.rollback().await?;
            return Ok(Added::Full);
        }
        let put = "INSERT INTO circle_people (circle_id, person_id) VALUES ($1, $2)
             ON CONFLICT (circle_id, person_id) DO NOTHING";
        if tx.query(put, (id, person)).execute().await? == 1 {
            audit::insert(&mut tx, entry).await?;
        }
        tx.commit().await?;
        Ok(Added::In)
    }

    /// Circles to which a service is shown, of those who give it: whose each is, and what only they are to read, its name.
    pub async fn list_circles_of_service(
        &self,
        service: ServiceId,
    ) -> sqlx::Result<Vec<(CircleId, String, PersonId, String)>> {
        let sql = concat!(
            "SELECT c.id, c.name, p.id, p.name FROM circle_audience a JOIN circles c ON c.id = a.circle_id
             JOIN people p ON p.id = c.owner_id JOIN services s ON s.id = a.service_id JOIN nodes n ON n.id = s.node_id
             JOIN tailnets t ON t.id = n.tailnet_id WHERE a.service_id = $1 AND ",
            givers_circle!(),
            " ORDER BY c.name, c.id"
        );
        self.query(sql, (service,)).fetch_all().await
    }

    /// Services that are shown to a circle, by name.
    pub async fn list_services_of_circle(&self, id: CircleId) -> sqlx::Result<Vec<(ServiceId, String)>> {
        let sql = "SELECT s.id, s.name FROM circle_audience a JOIN services s ON s.id = a.service_id
             WHERE a.circle_id = $1 AND s.audience = 'people' AND s.removed IS NULL ORDER BY s.name, s.id";
        self.query(sql, (id,)).fetch_all().await
    }
}

/// Whether somebody is in a circle, and that stays so until the transaction ends. Before their offers, as where they leave.
pub(super) async fn holds(tx: &mut Tx, id: CircleId, person: Option<PersonId>) -> sqlx::Result<bool> {
    let is_in = "SELECT COUNT(*) FROM circle_people WHERE circle_id = $1 AND person_id = $2";
    Ok(lock(tx, id).await? && tx.query(is_in, (id, person)).count().await? > 0)
}
