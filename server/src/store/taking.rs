//! What was approved beforehand is taken by one for whom it is: an offer by whoever approved it, and the yes to it, in one.

use model::{PersonId, ServiceId};

use super::asks::{self, NotAsked};
use super::circles::{self, Given, given};
use super::lenders::holder;
use super::notices::{self, Subject};
use super::offers::{self, Offer};
use super::shares::{self, Share};
use super::{Db, Tx, audit, jobs};

/// What was approved beforehand of the service `$1` for the person `$2`, before there is a share. What somebody lends on a server of
/// others is not theirs to approve who looks after it. What a machine listed and shows by itself was put before nobody by a person:
/// it is asked for, and so is what nobody looked at since it gave it other ports.
const FOR: &str = given!(
    "services s JOIN nodes n ON n.id = s.node_id JOIN tailnets t ON t.id = n.tailnet_id
     JOIN circle_people m ON m.person_id = $2",
    concat!(
        "s.id = $1 AND s.removed IS NULL AND NOT s.ports_changed AND (s.declared IS NULL OR s.declared = 'chosen') AND ",
        holder!(),
        " = t.owner_id"
    )
);

/// Why it cannot be taken; that stays so until the transaction ends.
async fn refused(tx: &mut Tx, share: &Share, given: &Given) -> sqlx::Result<Option<NotAsked>> {
    let Share { service, friend, accepted: now, .. } = share;
    // Before people and offers, as where one is made to somebody of the circle.
    if !circles::holds(tx, given.circle, Some(*friend)).await? {
        return Ok(Some(NotAsked::NotApproved));
    }
    if !shares::has_ground(tx, share).await? {
        return Ok(Some(NotAsked::Gone));
    }
    let approved: Option<Given> = tx.query(FOR, (service, friend)).fetch_optional().await?;
    if approved.as_ref() != Some(given) {
        return Ok(Some(NotAsked::NotApproved));
    }
    asks::not_now(tx, *service, *friend, *now).await
}

impl Db {
    /// What somebody need not ask for, where a service may be shown to them.
    pub async fn find_given_for(&self, service: ServiceId, person: PersonId) -> sqlx::Result<Option<Given>> {
        self.query(FOR, (service, person)).fetch_optional().await
    }

    /// Stores both with the job that looks into it, or says why not: then nothing is stored.
    pub async fn take_beforehand(
        &self,
        (offer, share): (&Offer, &Share),
        given: &Given,
        entry: &audit::NewEntry,
        job: &jobs::NewJob,
    ) -> sqlx::Result<Option<NotAsked>> {
        let mut tx = self.begin().await?;
        if let Some(why) = refused(&mut tx, share, given).await? {
            tx.rollback().await?;
            return Ok(Some(why));
        }
        offers::insert(&mut tx, offer).await?;
        shares::insert(&mut tx, share).await?;
        // With a share of it nobody waits for an answer.
        notices::renew(&mut tx, Subject::Offer(offer.id), share.accepted).await?;
        audit::insert(&mut tx, entry).await?;
        jobs::enqueue(&mut tx, job).await?;
        tx.commit().await?;
        Ok(None)
    }
}
