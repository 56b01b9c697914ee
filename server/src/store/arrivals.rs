//! How somebody new came in: with the set-up code, or with the link of an offer. Nobody comes in otherwise.

use model::OfferId;

use super::identities::{self, Identity};
use super::people::{self, Person};
use super::{Db, audit};
use crate::in_transaction;

/// What lets a new person in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Entrance {
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

/// A new person with their first identity, how they came in, and the entry about it: all or nothing.
pub async fn register(
    db: &Db,
    person: &Person,
    identity: &Identity,
    entrance: &Entrance,
    entry: &audit::NewEntry,
) -> sqlx::Result<Registered> {
    // The conditions are part of the transaction, and the unlucky second one waits for the first to commit
    // (SQLite: the write lock; PostgreSQL: the lock on the row of the settings or of the offer).
    let claim =
        "INSERT INTO settings (name, value) VALUES ('instance_owner', $1) ON CONFLICT (name) DO NOTHING";
    let lock = "UPDATE offers SET uses_left = uses_left \
                WHERE id = $1 AND token_hash = $2 AND withdrawn IS NULL AND to_person IS NULL";
    let places = "SELECT o.uses_left - (SELECT COUNT(*) FROM arrivals a \
                    WHERE a.offer_id = o.id AND a.token_hash = o.token_hash \
                      AND NOT EXISTS (SELECT 1 FROM shares s \
                        WHERE s.offer_id = o.id AND s.friend_id = a.person_id) \
                      AND NOT EXISTS (SELECT 1 FROM declines d \
                        WHERE d.offer_id = o.id AND d.person_id = a.person_id)) \
                  FROM offers o WHERE o.id = $1";
    let known = "SELECT COUNT(*) FROM identities WHERE provider = $1 AND subject = $2";
    let arrive = "INSERT INTO arrivals (person_id, offer_id, token_hash, at) VALUES ($1, $2, $3, $4)";
    let made = in_transaction!(db, tx => {
        let free = match entrance {
            Entrance::SetUpCode => {
                sqlx::query(claim).bind(person.id.to_string()).execute(&mut *tx).await?.rows_affected() == 1
            }
            Entrance::Offer { offer, token_hash } => {
                let stands = sqlx::query(lock).bind(offer).bind(token_hash).execute(&mut *tx).await?;
                let (left,): (i64,) = match stands.rows_affected() {
                    0 => (0,),
                    _ => sqlx::query_as(places).bind(offer).fetch_one(&mut *tx).await?,
                };
                left > 0
            }
        };
        // Whoever came in a moment ago with the same click has the place, and is in.
        let (known,): (i64,) = sqlx::query_as(known)
            .bind(&identity.provider)
            .bind(&identity.subject)
            .fetch_one(&mut *tx)
            .await?;
        if known > 0 {
            tx.rollback().await?;
            return Ok(Registered::Known);
        }
        if free {
            people::insert_row!(person, &mut *tx)?;
            if !identities::insert_row!(identity, &mut *tx)? {
                tx.rollback().await?;
                return Ok(Registered::Known);
            }
            if let Entrance::Offer { offer, token_hash } = entrance {
                sqlx::query(arrive)
                    .bind(person.id)
                    .bind(offer)
                    .bind(token_hash)
                    .bind(person.created)
                    .execute(&mut *tx)
                    .await?;
            }
            audit::insert!(tx, entry);
        }
        free
    });
    Ok(if made { Registered::Now } else { Registered::Taken })
}
