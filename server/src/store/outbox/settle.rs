//! What became of something that was to be told.

use model::{Channel, OfferId, PersonId, Timestamp};

use super::due::Delivery;
use super::untold;
use crate::store::notices::{self, Subject};
use crate::store::{Db, Tx};

/// So long something is put off by what comes after it.
const PATIENCE: i64 = 24 * 60 * 60;

/// How a try ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Ending {
    /// Whoever was to have it said that they do.
    Sent,
    /// Nobody is to be told of it any more.
    Dropped,
    /// It is tried again then.
    Later(Timestamp),
    /// The same, and nothing else goes to them in this way before: they asked for that.
    NotBefore(Timestamp),
    /// It is not tried again, and why.
    GivenUp(String),
}

impl Db {
    /// Keeps what became of one. What is given up is a notice in the same transaction; what is sent by a way takes the
    /// notice about that way back.
    pub async fn settle_delivery(&self, one: &Delivery, how: &Ending, now: Timestamp) -> sqlx::Result<()> {
        let mut tx = self.begin().await?;
        let subject = match one.to_address {
            Some(_) => Subject::OfferMail(OfferId::new(one.object)),
            None => Subject::Untold(one.person),
        };
        let key = (one.id, one.channel);
        match how {
            Ending::Sent => {
                let sql = "UPDATE deliveries SET settled = $3, again = NULL, secret_sealed = NULL, tries = tries + 1
                     WHERE id = $1 AND channel = $2";
                tx.query(sql, (key.0, key.1, now)).execute().await?;
                if one.to_address.is_none() && forget_failures(&mut tx, one.person, one.channel).await? {
                    notices::renew(&mut tx, subject, now).await?;
                }
            }
            Ending::Dropped => {
                let sql = "DELETE FROM deliveries WHERE id = $1 AND channel = $2";
                tx.query(sql, (key.0, key.1)).execute().await?;
            }
            Ending::Later(at) | Ending::NotBefore(at) => {
                let sql =
                    "UPDATE deliveries SET again = $3, tries = tries + 1 WHERE id = $1 AND channel = $2";
                tx.query(sql, (key.0, key.1, at)).execute().await?;
                if matches!(how, Ending::NotBefore(_)) {
                    // No try was made of these. What waits for a day already keeps its time: where news come faster than they
                    // may go, nothing would ever be tried again, and so given up.
                    let others = "UPDATE deliveries SET again = $3 WHERE person_id = $1 AND channel = $2
                         AND settled IS NULL AND (again IS NULL OR again <= $4 OR (again < $3 AND due > $5))";
                    let long_ago = now.plus_seconds(-PATIENCE);
                    tx.query(others, (one.person, one.channel, at, now, long_ago)).execute().await?;
                }
            }
            Ending::GivenUp(why) => {
                let sql = "UPDATE deliveries SET settled = $3, again = NULL, secret_sealed = NULL, tries = tries + 1,
                        why = $4 WHERE id = $1 AND channel = $2";
                tx.query(sql, (key.0, key.1, now, why)).execute().await?;
                notices::renew(&mut tx, subject, now).await?;
            }
        }
        tx.commit().await
    }

    /// What was settled before then is forgotten: by then nobody sends it again, and nobody reads of it. Gives how many.
    pub async fn drop_deliveries(&self, before: Timestamp, now: Timestamp) -> sqlx::Result<u64> {
        const PORTION: i64 = 500;
        let mut tx = self.begin().await?;
        let (people, offers) = untold::all(&mut tx).await?;
        let people = people.into_iter().map(Subject::Untold);
        let untold: Vec<Subject> = people.chain(offers.into_iter().map(Subject::OfferMail)).collect();
        let sql = "DELETE FROM deliveries WHERE (id, channel) IN (SELECT id, channel FROM deliveries
             WHERE settled < $1 ORDER BY settled LIMIT $2)";
        let dropped = tx.query(sql, (before, PORTION)).execute().await?;
        if dropped > 0 {
            notices::renew_all(&mut tx, untold, now).await?;
        }
        tx.commit().await?;
        Ok(dropped)
    }
}

/// What was given up of a way to reach somebody, now that it works or is another one. False: there was nothing.
pub(super) async fn forget_failures(tx: &mut Tx, person: PersonId, channel: Channel) -> sqlx::Result<bool> {
    let sql = "DELETE FROM deliveries WHERE person_id = $1 AND channel = $2 AND why IS NOT NULL AND to_address IS NULL";
    Ok(tx.query(sql, (person, channel)).execute().await? > 0)
}
