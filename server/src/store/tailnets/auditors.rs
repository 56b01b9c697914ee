//! Who reads reach, policy and audit of a tailnet, and changes nothing.

use model::{PersonId, TailnetId};

use super::Tailnet;
use crate::store::decode::Listed;
use crate::store::{Db, audit};

impl Db {
    pub async fn is_auditor(&self, tailnet: TailnetId, person: PersonId) -> sqlx::Result<bool> {
        let sql = "SELECT COUNT(*) FROM auditors WHERE tailnet_id = $1 AND person_id = $2";
        Ok(self.query(sql, (tailnet, person)).count().await? > 0)
    }

    /// By name.
    pub async fn list_auditors(&self, tailnet: TailnetId) -> sqlx::Result<Vec<(PersonId, String)>> {
        let sql = "SELECT p.id, p.name FROM auditors a JOIN people p ON p.id = a.person_id
             WHERE a.tailnet_id = $1 ORDER BY p.name, p.id";
        self.query(sql, (tailnet,)).fetch_all().await
    }

    /// Tailnets that somebody audits, by name.
    pub async fn list_audited(&self, person: PersonId) -> sqlx::Result<Listed<Tailnet>> {
        let sql =
            tailnets!("JOIN auditors a ON a.tailnet_id = t.id WHERE a.person_id = $1 ORDER BY t.name, t.id");
        self.query(sql, (person,)).fetch_listed().await
    }

    /// Nothing is done, nor written down, if they are one already, or a steward, who may do more.
    pub async fn add_auditor(
        &self,
        tailnet: TailnetId,
        person: PersonId,
        entry: &audit::NewEntry,
    ) -> sqlx::Result<()> {
        let add = "INSERT INTO auditors (tailnet_id, person_id)
             SELECT $1, id FROM people WHERE id = $2 AND standing = 'here'
                AND NOT EXISTS (SELECT 1 FROM stewards w WHERE w.tailnet_id = $1 AND w.person_id = $2)
             ON CONFLICT (tailnet_id, person_id) DO NOTHING";
        let mut tx = self.begin().await?;
        if tx.query(add, (tailnet, person)).execute().await? == 1 {
            audit::insert(&mut tx, entry).await?;
        }
        tx.commit().await
    }

    /// Says whether they were one.
    pub async fn remove_auditor(
        &self,
        tailnet: TailnetId,
        person: PersonId,
        entry: &audit::NewEntry,
    ) -> sqlx::Result<bool> {
        let remove = "DELETE FROM auditors WHERE tailnet_id = $1 AND person_id = $2";
        let mut tx = self.begin().await?;
        let removed = tx.query(remove, (tailnet, person)).execute().await? == 1;
        if removed {
            audit::insert(&mut tx, entry).await?;
        }
        tx.commit().await?;
        Ok(removed)
    }
}
