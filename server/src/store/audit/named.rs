//! What a filter may name: machines, services and tailnets of which somebody may know, by their name or id.

use uuid::Uuid;

use super::Reader;
use crate::store::Db;
use crate::store::decode::{Damaged, FromRow, Row};

/// Something that has the name that was typed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Named {
    pub id: Uuid,
    pub name: String,
    /// Where it is, to tell it from others of the same name.
    pub place: String,
}

impl FromRow for Named {
    const TABLE: &'static str = "audit";
    const KEY: &'static [&'static str] = &["id"];

    fn from_row(row: &Row<'_>) -> Result<Self, Damaged> {
        Ok(Self { id: row.get("id")?, name: row.get("name")?, place: row.get("place")? })
    }
}

/// Those of the tailnet `t` that `$1` owns, looks after or audits; everything, where `$2` is 1.
macro_rules! known {
    () => {
        "($2 = 1 OR t.owner_id = $1
            OR EXISTS (SELECT 1 FROM stewards w WHERE w.tailnet_id = t.id AND w.person_id = $1)
            OR EXISTS (SELECT 1 FROM auditors u WHERE u.tailnet_id = t.id AND u.person_id = $1)"
    };
}

impl Db {
    /// Machines of this name or id.
    pub async fn machines_named(&self, reader: Reader, name: &str) -> sqlx::Result<Vec<Named>> {
        let sql = concat!(
            "SELECT n.id, n.name, t.name AS place FROM nodes n JOIN tailnets t ON t.id = n.tailnet_id
             WHERE (n.id = $3 OR lower(n.name) = lower($4)) AND ",
            known!(),
            " OR EXISTS (SELECT 1 FROM shares h WHERE h.node_id = n.id AND h.friend_id = $1))
             ORDER BY t.name, n.name, n.id LIMIT 10"
        );
        self.named(sql, reader, name).await
    }

    /// Services of this name or id, also those that are no longer listed.
    pub async fn services_named(&self, reader: Reader, name: &str) -> sqlx::Result<Vec<Named>> {
        let sql = concat!(
            "SELECT s.id, s.name, n.name AS place FROM services s JOIN nodes n ON n.id = s.node_id
                JOIN tailnets t ON t.id = n.tailnet_id
             WHERE (s.id = $3 OR lower(s.name) = lower($4)) AND ",
            known!(),
            " OR EXISTS (SELECT 1 FROM shares h WHERE h.service_id = s.id AND h.friend_id = $1))
             ORDER BY n.name, s.name, s.id LIMIT 10"
        );
        self.named(sql, reader, name).await
    }

    /// Tailnets of this name or id.
    pub async fn tailnets_named(&self, reader: Reader, name: &str) -> sqlx::Result<Vec<Named>> {
        let sql = concat!(
            "SELECT t.id, t.name, t.control_plane AS place FROM tailnets t WHERE (t.id = $3 OR lower(t.name) = lower($4)) AND ",
            known!(),
            ") ORDER BY t.name, t.id LIMIT 10"
        );
        self.named(sql, reader, name).await
    }

    /// A share of this id that somebody gives, receives or audits.
    pub async fn shares_named(&self, reader: Reader, id: &str) -> sqlx::Result<Vec<Named>> {
        let sql = concat!(
            "SELECT h.id, s.name, h.login AS place FROM shares h JOIN services s ON s.id = h.service_id
                JOIN tailnets t ON t.id = h.tailnet_id
             WHERE (h.id = $3 AND $4 = $4) AND ",
            known!(),
            " OR h.friend_id = $1) LIMIT 10"
        );
        self.named(sql, reader, id).await
    }

    /// People of this name or id who have to do with a tailnet that somebody audits; all of the instance, for whoever runs it.
    pub async fn people_named(&self, reader: Reader, name: &str) -> sqlx::Result<Vec<Named>> {
        let sql = "SELECT p.id, p.name, COALESCE((SELECT MIN(i.label) FROM identities i WHERE i.person_id = p.id), '')
                AS place
             FROM people p WHERE (p.id = $3 OR lower(p.name) = lower($4)) AND ($2 = 1 OR EXISTS (
                SELECT 1 FROM auditors u JOIN tailnets t ON t.id = u.tailnet_id WHERE u.person_id = $1 AND (
                    t.owner_id = p.id
                    OR EXISTS (SELECT 1 FROM stewards w WHERE w.tailnet_id = t.id AND w.person_id = p.id)
                    OR EXISTS (SELECT 1 FROM shares h WHERE h.tailnet_id = t.id AND h.friend_id = p.id))))
             ORDER BY p.name, p.id LIMIT 10";
        self.named(sql, reader, name).await
    }

    async fn named(&self, sql: &'static str, reader: Reader, name: &str) -> sqlx::Result<Vec<Named>> {
        let (person, operator) = match reader {
            Reader::Person(person) => (person.uuid(), 0_i64),
            Reader::Operator => (Uuid::nil(), 1),
        };
        let id: Uuid = name.parse().unwrap_or_default();
        self.query(sql, (person, operator, id, name.to_owned())).fetch_all().await
    }
}
