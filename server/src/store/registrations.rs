//! How somebody new came in: with the set-up code, or with the link of an offer. Nobody comes in otherwise.

use model::{OfferId, PersonId};

use super::identities::{self, Identity};
use super::people::{self, Person};
use super::{Db, Tx, audit};

/// What lets a new person in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Admission {
    /// The first one who comes with it owns the instance.
    SetUpCode,
    /// Each link lets in as many people as there are places left in its offer.
    Offer { offer: OfferId, token_hash: String },
}

/// What became of somebody new.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Registered {
    Now,
    /// Somebody else was faster, with the set-up code or with the last place of an offer.
    Taken,
    /// They themselves were faster: this identity is known by now.
    Known,
}

/// Whoever holds the row of the offer is the only one who comes in with it.
const LOCK: &str = "UPDATE offers SET uses_left = uses_left
     WHERE id = $1 AND token_hash = $2 AND withdrawn IS NULL AND to_person IS NULL";

const PLACES_LEFT: &str = "SELECT o.uses_left - (SELECT COUNT(*) FROM arrivals a
         WHERE a.offer_id = o.id AND a.token_hash = o.token_hash
             AND NOT EXISTS (SELECT 1 FROM shares s WHERE s.offer_id = o.id AND s.friend_id = a.person_id)
             AND NOT EXISTS (SELECT 1 FROM declines d WHERE d.offer_id = o.id AND d.person_id = a.person_id))
     FROM offers o WHERE o.id = $1";

/// Whether the entrance lets one more in, and that stays so until the transaction ends: the unlucky second one waits for
/// the first to commit (SQLite: the write lock; PostgreSQL: the lock on the row of the settings or of the offer).
async fn is_free(tx: &mut Tx, admission: &Admission, person: PersonId) -> sqlx::Result<bool> {
    match admission {
        Admission::SetUpCode => {
            let claim = "INSERT INTO settings (name, value) VALUES ('instance_owner', $1)
                 ON CONFLICT (name) DO NOTHING";
            Ok(tx.query(claim, (person.to_string(),)).execute().await? == 1)
        }
        Admission::Offer { offer, token_hash } => {
            let stands = tx.query(LOCK, (offer, token_hash)).execute().await? == 1;
            Ok(stands && tx.query(PLACES_LEFT, (offer,)).count().await? > 0)
        }
    }
}

impl Db {
    /// A new person with their first identity, how they came in, and the entry about it: all or nothing.
    pub async fn register(
        &self,
        person: &Person,
        identity: &Identity,
        admission: &Admission,
        entry: &audit::NewEntry,
    ) -> sqlx::Result<Registered> {
        let mut tx = self.begin().await?;
        let free = is_free(&mut tx, admission, person.id).await?;
        // Whoever came in a moment ago with the same click has the place, and is in.
        let known = "SELECT COUNT(*) FROM identities WHERE provider = $1 AND subject = $2";
        if tx.query(known, (&identity.provider, &identity.subject)).count().await? > 0 {
            tx.rollback().await?;
            return Ok(Registered::Known);
        }
        if !free {
            tx.rollback().await?;
            return Ok(Registered::Taken);
        }
        people::insert(&mut tx, person).await?;
        if !identities::insert(&mut tx, identity).await? {
            tx.rollback().await?;
            return Ok(Registered::Known);
        }
        if let Admission::Offer { offer, token_hash } = admission {
            tx.query(
                "INSERT INTO arrivals (person_id, offer_id, token_hash, at) VALUES ($1, $2, $3, $4)",
                (person.id, offer, token_hash, person.created),
            )
            .execute()
            .await?;
        }
        audit::insert(&mut tx, entry).await?;
        tx.commit().await?;
        Ok(Registered::Now)
    }
}
