//! What becomes of an ask: it is declined, put off, or taken back. That it is offered is the offer's to say.

use model::{AskAnswer, AskId, PersonId, Timestamp};

use super::{Ask, asks, audit, notices};
use crate::store::notices::Subject;
use crate::store::{Db, Tx};

/// Whether it waits at this moment, and until the transaction ends: of two answers at once the second one is told of the
/// first.
async fn waits(tx: &mut Tx, id: AskId, now: Timestamp) -> sqlx::Result<bool> {
    tx.query("UPDATE service_asks SET id = id WHERE id = $1", (id,)).execute().await?;
    let ask: Option<Ask> = tx.query(asks!("WHERE q.id = $1"), (id,)).fetch_optional().await?;
    Ok(ask.is_some_and(|ask| ask.waits(now)))
}

impl Db {
    /// Whoever gives it says no, or whoever asked takes it back. False, and nothing is done, if it did not wait.
    pub async fn answer_ask(
        &self,
        id: AskId,
        (answer, by, word): (AskAnswer, PersonId, &str),
        entry: &audit::NewEntry,
    ) -> sqlx::Result<bool> {
        let put =
            "UPDATE service_asks SET answer = $2, answered = $3, answered_by = $4, word = $5 WHERE id = $1";
        let mut tx = self.begin().await?;
        let waited = waits(&mut tx, id, entry.at).await?;
        if waited {
            tx.query(put, (id, answer, entry.at, by, word)).execute().await?;
            notices::renew(&mut tx, Subject::Ask(id), entry.at).await?;
            audit::insert(&mut tx, entry).await?;
        }
        tx.commit().await?;
        Ok(waited)
    }

    /// It goes on waiting, and those who give it are left in peace for a while. False as above.
    pub async fn put_off_ask(&self, id: AskId, entry: &audit::NewEntry) -> sqlx::Result<bool> {
        let mut tx = self.begin().await?;
        let waited = waits(&mut tx, id, entry.at).await?;
        if waited {
            let put = "UPDATE service_asks SET later = $2 WHERE id = $1";
            tx.query(put, (id, entry.at)).execute().await?;
            notices::renew(&mut tx, Subject::Ask(id), entry.at).await?;
            audit::insert(&mut tx, entry).await?;
        }
        tx.commit().await?;
        Ok(waited)
    }
}
