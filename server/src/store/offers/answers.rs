//! What becomes of an offer: a yes, a no, or that it is taken back.

use model::{OfferId, PersonId, ShareId, Timestamp};

use super::{Closed, Offer, offers};
use crate::store::notices::{self, Subject};
use crate::store::open_offers::declined;
use crate::store::outbox::{self, OfferMail};
use crate::store::shares::{self, Share};
use crate::store::{Db, Tx, audit, circles, jobs};

/// What became of an answer. Two at once are taken one after the other, and the second is told of the first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Answered {
    /// It counts.
    Now,
    /// This person had answered before: with the share of a yes.
    Before(Option<ShareId>),
    /// Nobody can answer any more.
    Closed(Closed),
}

/// How an offer stands at this moment, and until the transaction ends: whoever else wants to answer, withdraw or
/// register with it waits for the lock on its row.
async fn standing(
    tx: &mut Tx,
    id: OfferId,
    person: Option<PersonId>,
    now: Timestamp,
) -> sqlx::Result<Answered> {
    tx.query("UPDATE offers SET uses_left = uses_left WHERE id = $1", (id,)).execute().await?;
    let offer: Option<Offer> = tx.query(offers!("o.id = $1"), (id,)).fetch_optional().await?;
    let shares = "SELECT id FROM shares WHERE offer_id = $1 AND friend_id = $2";
    let shares: Vec<ShareId> = tx.query(shares, (id, person)).fetch_column().await?;
    let said_no = "SELECT COUNT(*) FROM declines WHERE offer_id = $1 AND person_id = $2";
    let said_no = tx.query(said_no, (id, person)).count().await? > 0;
    Ok(match (shares.first(), offer) {
        (Some(share), _) => Answered::Before(Some(*share)),
        (None, _) if said_no => Answered::Before(None),
        (None, Some(offer)) => offer.closed(now).map_or(Answered::Now, Answered::Closed),
        (None, None) => Answered::Closed(Closed::Withdrawn),
    })
}

impl Db {
    /// What one person answered: accepted, with the share, or declined.
    pub async fn find_answer(
        &self,
        offer: OfferId,
        person: PersonId,
    ) -> sqlx::Result<Option<Option<ShareId>>> {
        let share = "SELECT id FROM shares WHERE offer_id = $1 AND friend_id = $2";
        let shares: Vec<ShareId> = self.query(share, (offer, person)).fetch_column().await?;
        if let Some(share) = shares.first() {
            return Ok(Some(Some(*share)));
        }
        let said_no = "SELECT COUNT(*) FROM declines WHERE offer_id = $1 AND person_id = $2";
        Ok((self.query(said_no, (offer, person)).count().await? > 0).then_some(None))
    }

    /// Takes one place of the offer and makes the share, if this person has not answered yet and it still stands. The
    /// job is queued where nobody may have to be asked.
    pub async fn accept_offer(
        &self,
        share: &Share,
        now: Timestamp,
        entry: &audit::NewEntry,
        job: &jobs::NewJob,
    ) -> sqlx::Result<Answered> {
        let mut tx = self.begin().await?;
        let has_ground = shares::has_ground(&mut tx, share).await?;
        let answered = match standing(&mut tx, share.offer, Some(share.friend), now).await? {
            Answered::Now if !has_ground => Answered::Closed(Closed::Withdrawn),
            Answered::Now => {
                let take = "UPDATE offers SET uses_left = uses_left - 1 WHERE id = $1";
                tx.query(take, (share.offer,)).execute().await?;
                shares::insert(&mut tx, share).await?;
                notices::renew(&mut tx, Subject::Offer(share.offer), now).await?;
                audit::insert(&mut tx, entry).await?;
                if share.deeds.unasked {
                    jobs::enqueue(&mut tx, job).await?;
                }
                Answered::Now
            }
            before @ (Answered::Before(_) | Answered::Closed(_)) => before,
        };
        tx.commit().await?;
        Ok(answered)
    }

    /// Writes a no down, if this person has not answered yet and the offer still stands.
    pub async fn decline_offer(
        &self,
        offer: OfferId,
        person: PersonId,
        now: Timestamp,
        entry: &audit::NewEntry,
    ) -> sqlx::Result<Answered> {
        let mut tx = self.begin().await?;
        let standing = standing(&mut tx, offer, Some(person), now).await?;
        if standing == Answered::Now {
            let decline = "INSERT INTO declines (offer_id, person_id, at) VALUES ($1, $2, $3)";
            tx.query(decline, (offer, person, now)).execute().await?;
            notices::renew(&mut tx, Subject::Offer(offer), now).await?;
            audit::insert(&mut tx, entry).await?;
        }
        tx.commit().await?;
        Ok(standing)
    }

    /// Takes the offer back, if it still stands.
    pub async fn withdraw_offer(
        &self,
        offer: OfferId,
        now: Timestamp,
        entry: &audit::NewEntry,
    ) -> sqlx::Result<Answered> {
        let mut tx = self.begin().await?;
        let standing = standing(&mut tx, offer, None, now).await?;
        if standing == Answered::Now {
            let withdraw = "UPDATE offers SET withdrawn = $2 WHERE id = $1";
            tx.query(withdraw, (offer, now)).execute().await?;
            notices::renew(&mut tx, Subject::Offer(offer), now).await?;
            audit::insert(&mut tx, entry).await?;
        }
        tx.commit().await?;
        Ok(standing)
    }

    /// Another link in the place of the one that was there, if the offer still stands; it is sent where it is for an address.
    pub async fn put_offer_token(
        &self,
        offer: OfferId,
        token_hash: &str,
        now: Timestamp,
        entry: &audit::NewEntry,
        mail: Option<&OfferMail>,
    ) -> sqlx::Result<Answered> {
        let mut tx = self.begin().await?;
        let standing = standing(&mut tx, offer, None, now).await?;
        if standing == Answered::Now {
            let put = "UPDATE offers SET token_hash = $2 WHERE id = $1";
            tx.query(put, (offer, token_hash)).execute().await?;
            if let Some(mail) = mail {
                outbox::tell_offer(&mut tx, mail, offer, now).await?;
            }
            audit::insert(&mut tx, entry).await?;
        }
        tx.commit().await?;
        Ok(standing)
    }

    /// What a second offer says takes the place of what the first one said, if that still stands.
    pub async fn extend_offer(
        &self,
        offer: &Offer,
        entry: &audit::NewEntry,
        mail: Option<&OfferMail>,
    ) -> sqlx::Result<Answered> {
        let now = offer.created;
        let mut tx = self.begin().await?;
        if let Some(circle) = offer.circle
            && !circles::holds(&mut tx, circle, offer.to_person).await?
        {
            tx.rollback().await?;
            return Ok(Answered::Closed(Closed::Withdrawn));
        }
        let standing = standing(&mut tx, offer.id, None, now).await?;
        if standing == Answered::Now {
            // By name, or as one of another circle, is a reason of its own.
            let extend = "UPDATE offers SET token_hash = $2, ends = $3, note = $4, lapses = $5,
                circle_id = CASE WHEN circle_id = $6 THEN circle_id END WHERE id = $1";
            let Offer { id, token_hash, ends, note, lapses, circle, .. } = offer;
            tx.query(extend, (id, token_hash, ends, note, lapses, circle)).execute().await?;
            notices::renew(&mut tx, Subject::Offer(*id), now).await?;
            if let Some(mail) = mail {
                outbox::tell_offer(&mut tx, mail, *id, now).await?;
            }
            audit::insert(&mut tx, entry).await?;
        }
        tx.commit().await?;
        Ok(standing)
    }
}
