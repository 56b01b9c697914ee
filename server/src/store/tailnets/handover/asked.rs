//! What is looked at before a tailnet is handed over.

use model::{PersonId, TailnetId, Timestamp};

use super::{NotHanded, hindrance, offers_to_them};
use crate::store::Db;
use crate::store::open_offers::{declined, open_offer};

impl Db {
    /// Tailnets of somebody that have a steward who may come in, by name.
    pub async fn list_handable(&self, person: PersonId) -> sqlx::Result<Vec<(TailnetId, String)>> {
        let sql = "SELECT t.id, t.name FROM tailnets t WHERE t.owner_id = $1 AND EXISTS (
                SELECT 1 FROM stewards w JOIN people p ON p.id = w.person_id
                WHERE w.tailnet_id = t.id AND p.standing = 'here')
             ORDER BY t.name, t.id";
        self.query(sql, (person,)).fetch_all().await
    }

    /// Stewards who may come in.
    pub async fn list_stewards_here(&self, tailnet: TailnetId) -> sqlx::Result<Vec<PersonId>> {
        let sql = "SELECT p.id FROM stewards w JOIN people p ON p.id = w.person_id
             WHERE w.tailnet_id = $1 AND p.standing = 'here' ORDER BY p.id";
        self.query(sql, (tailnet,)).fetch_column().await
    }

    /// Why a tailnet could not be handed over to one of its stewards now.
    pub async fn find_hindrance(
        &self,
        tailnet: TailnetId,
        to: PersonId,
        most: u32,
    ) -> sqlx::Result<Option<NotHanded>> {
        let mut tx = self.begin_reading().await?;
        let found = hindrance(&mut tx, (tailnet, to), most).await?;
        tx.rollback().await?;
        Ok(found)
    }

    /// How many offers to somebody would be withdrawn.
    pub async fn count_offers_in(
        &self,
        tailnet: TailnetId,
        to: PersonId,
        now: Timestamp,
    ) -> sqlx::Result<i64> {
        let sql = offers_to_them!("COUNT(*)", "");
        self.query(sql, (now, to, tailnet)).count().await
    }
}
