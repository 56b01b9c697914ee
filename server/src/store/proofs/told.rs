//! What a machine tells now.

use model::host::{Held, ToldOfShare};
use model::{ShareId, Timestamp};

use super::of;
use crate::store::Db;
use crate::store::notices::{self, Subject};

impl Db {
    /// The machine of a share told of it. Gives what it had told before.
    pub async fn put_proof(
        &self,
        id: ShareId,
        held: Held,
        now: Timestamp,
    ) -> sqlx::Result<Option<ToldOfShare>> {
        let put = "INSERT INTO proofs (share_id, held, since, told) VALUES ($1, $2, $3, $3)
             ON CONFLICT (share_id) DO UPDATE SET told = excluded.told,
                since = CASE WHEN proofs.held = excluded.held AND proofs.since <= excluded.since
                    THEN proofs.since ELSE excluded.since END,
                held = excluded.held";
        let mut tx = self.begin().await?;
        let before = of(&mut tx, id).await?;
        tx.query(put, (id, held, now)).execute().await?;
        notices::renew(&mut tx, Subject::Share(id), now).await?;
        tx.commit().await?;
        Ok(before)
    }
}
