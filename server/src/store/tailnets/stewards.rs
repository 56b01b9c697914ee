//! Who acts for a tailnet beside its owner.

use model::{NodeId, PersonId, TailnetId};

use crate::store::{Db, audit, notices};

impl Db {
    pub async fn is_steward(&self, tailnet: TailnetId, person: PersonId) -> sqlx::Result<bool> {
        let sql = "SELECT COUNT(*) FROM stewards WHERE tailnet_id = $1 AND person_id = $2";
        Ok(self.query(sql, (tailnet, person)).count().await? > 0)
    }

    /// By name.
    pub async fn list_stewards(&self, tailnet: TailnetId) -> sqlx::Result<Vec<(PersonId, String)>> {
        let sql = "SELECT p.id, p.name FROM stewards s JOIN people p ON p.id = s.person_id
             WHERE s.tailnet_id = $1 ORDER BY p.name, p.id";
        self.query(sql, (tailnet,)).fetch_all().await
    }

    /// Nothing is done, nor written down, if they are one already.
    pub async fn add_steward(
        &self,
        tailnet: TailnetId,
        person: PersonId,
        entry: &audit::NewEntry,
    ) -> sqlx::Result<()> {
        let add = "INSERT INTO stewards (tailnet_id, person_id)
             SELECT $1, id FROM people WHERE id = $2 AND standing = 'here'
             ON CONFLICT (tailnet_id, person_id) DO NOTHING";
        let mut tx = self.begin().await?;
        if tx.query(add, (tailnet, person)).execute().await? == 1 {
            // Who may do everything needs no leave to read.
            let audits = "DELETE FROM auditors WHERE tailnet_id = $1 AND person_id = $2";
            tx.query(audits, (tailnet, person)).execute().await?;
            let all = notices::of_tailnet(&mut tx, tailnet).await?;
            notices::renew_all(&mut tx, all, entry.at).await?;
            audit::insert(&mut tx, entry).await?;
        }
        tx.commit().await
    }

    /// Says whether they were one. The tokens of these machines stop working with it, each with its own entry.
    pub async fn remove_steward(
        &self,
        tailnet: TailnetId,
        person: PersonId,
        revoked: &[(NodeId, audit::NewEntry)],
        entry: &audit::NewEntry,
    ) -> sqlx::Result<bool> {
        let remove = "DELETE FROM stewards WHERE tailnet_id = $1 AND person_id = $2";
        let revoke = "UPDATE hosts SET token_hash = NULL, token_made = NULL, token_by = NULL, tells = FALSE, lists = FALSE,
            fetched = NULL, fetched_revision = NULL, fetched_hold = NULL WHERE node_id = $1 AND token_by = $2";
        // Nobody else could change it: there is no token left to take away.
        let by_hand = "UPDATE services SET declared = NULL WHERE node_id = $1";
        let mut tx = self.begin().await?;
        let removed = tx.query(remove, (tailnet, person)).execute().await? == 1;
        if removed {
            audit::insert(&mut tx, entry).await?;
            for (node, entry) in revoked {
                if tx.query(revoke, (node, person)).execute().await? == 1 {
                    tx.query(by_hand, (node,)).execute().await?;
                    audit::insert(&mut tx, entry).await?;
                }
            }
            let all = notices::of_tailnet(&mut tx, tailnet).await?;
            notices::renew_all(&mut tx, all, entry.at).await?;
        }
        tx.commit().await?;
        Ok(removed)
    }
}
