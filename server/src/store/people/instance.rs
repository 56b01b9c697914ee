//! People as those see them who look after the instance.

use model::{PersonId, Standing, Timestamp};

use crate::store::Db;
use crate::store::decode::{Damaged, FromRow, Row};

/// One person in the list of those who look after the instance: no more of their tailnets and shares than how many.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Listed {
    pub id: PersonId,
    pub name: String,
    /// What the page goes on from: the name as the database sorts it.
    pub sort_name: String,
    pub instance_owner: bool,
    pub standing: Standing,
    pub standing_since: Option<Timestamp>,
    pub created: Timestamp,
    /// When a browser of theirs was last here.
    pub seen: Option<Timestamp>,
    /// As the provider calls them.
    pub login: Option<String>,
    pub tailnets: i64,
    /// Shares that are not over.
    pub gives: i64,
    pub receives: i64,
    /// Offers from and to them that can still be answered.
    pub offers: i64,
}

impl FromRow for Listed {
    const TABLE: &'static str = "people";
    const KEY: &'static [&'static str] = &["id"];

    fn from_row(row: &Row<'_>) -> Result<Self, Damaged> {
        Ok(Self {
            id: row.get("id")?,
            name: row.get("name")?,
            sort_name: row.get("sort_name")?,
            instance_owner: row.get("instance_owner")?,
            standing: row.get("standing")?,
            standing_since: row.get("standing_since")?,
            created: row.get("created")?,
            seen: row.get("seen")?,
            login: row.get("login")?,
            tailnets: row.get("tailnets")?,
            gives: row.get("gives")?,
            receives: row.get("receives")?,
            offers: row.get("offers")?,
        })
    }
}

/// The id of nobody, before all others.
const NOBODY: PersonId = PersonId::new(uuid::Uuid::nil());

/// Which people are looked for.
#[derive(Clone, Debug, Default)]
pub struct Search {
    /// Lower case, with `%` around it and its own wildcards escaped; absent: everybody.
    pub like: Option<String>,
    pub only: Option<PersonId>,
    /// The last row of the page before: its name as the database sorts it, and its id.
    pub after: Option<(String, PersonId)>,
    pub limit: i64,
}

const SEARCH: &str =
    "SELECT p.id, p.name, lower(p.name) AS sort_name, p.instance_owner, p.standing, p.standing_since,
        p.created,
        (SELECT MAX(s.last_seen) FROM sessions s WHERE s.person_id = p.id) AS seen,
        (SELECT MIN(i.label) FROM identities i WHERE i.person_id = p.id) AS login,
        (SELECT COUNT(*) FROM tailnets t WHERE t.owner_id = p.id) AS tailnets,
        (SELECT COUNT(*) FROM shares h WHERE h.owner_id = p.id AND h.state <> 'ended') AS gives,
        (SELECT COUNT(*) FROM shares h WHERE h.friend_id = p.id AND h.state <> 'ended') AS receives,
        (SELECT COUNT(*) FROM offers o WHERE (o.made_by = p.id OR o.to_person = p.id)
            AND o.withdrawn IS NULL AND o.uses_left > 0 AND o.lapses > $6) AS offers
     FROM people p WHERE p.standing <> 'removed'
        AND ($1 = '' OR lower(p.name) LIKE $1 ESCAPE '!' OR EXISTS (SELECT 1 FROM identities i
            WHERE i.person_id = p.id AND lower(i.label) LIKE $1 ESCAPE '!'))
        AND ($2 = 0 OR p.id = $3)
        AND (lower(p.name) > $4 OR (lower(p.name) = $4 AND p.id > $5))
     ORDER BY lower(p.name), p.id LIMIT $7";

impl Db {
    /// Who is here, blocked or being removed, by name. Who is gone is not listed.
    pub async fn search_people(&self, search: &Search, now: Timestamp) -> sqlx::Result<Vec<Listed>> {
        let Search { like, only, after, limit } = search;
        let (name, id) = match after {
            Some((name, id)) => (name.as_str(), *id),
            None => ("", NOBODY),
        };
        let like = like.as_deref().unwrap_or_default();
        let values = (like, i64::from(only.is_some()), only.unwrap_or(NOBODY), name, id, now, limit);
        self.query(SEARCH, values).fetch_all().await
    }

    /// How many owners of the instance may come in besides this one.
    pub async fn count_owners_but(&self, id: PersonId) -> sqlx::Result<i64> {
        let sql = "SELECT COUNT(*) FROM people WHERE instance_owner = $2 AND standing = 'here' AND id <> $1";
        self.query(sql, (id, true)).count().await
    }

    /// Whether this instance has an owner.
    pub async fn has_owner(&self) -> sqlx::Result<bool> {
        let sql = "SELECT COUNT(*) FROM people WHERE instance_owner = $1";
        Ok(self.query(sql, (true,)).count().await? > 0)
    }
}
