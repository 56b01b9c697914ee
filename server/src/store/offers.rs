//! Invitations: the link is kept as a hash only.

use model::{OfferId, PersonId, ServiceId, ShareId, Timestamp};
use uuid::Uuid;

use super::shares::Share;
use super::{Db, audit, people};
use crate::config::Limits;
use crate::{in_transaction, on};

/// One invitation to one service.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Offer {
    pub id: OfferId,
    pub service: ServiceId,
    pub made_by: PersonId,
    pub to_person: Option<PersonId>,
    pub to_email: Option<String>,
    pub token_hash: String,
    /// The end of the share; absent: until ended.
    pub ends: Option<Timestamp>,
    pub note: String,
    pub uses_left: i64,
    pub created: Timestamp,
    /// The end of the offer.
    pub lapses: Timestamp,
    pub withdrawn: Option<Timestamp>,
}

/// Why an offer cannot be answered any more.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Closed {
    Withdrawn,
    Lapsed,
    UsedUp,
    /// The share that it would make would be over at once.
    Over,
}

/// Why a new offer was not stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NotStored {
    /// Whoever makes it, or whom it is for, may not come in.
    ShutOut,
    /// There are as many open offers of this person to the same one, or to the same address, as there may be.
    BetweenTwo,
    /// The same, of the service.
    Service,
}

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

impl Offer {
    /// Whether it can still be answered.
    pub fn closed(&self, now: Timestamp) -> Option<Closed> {
        if self.withdrawn.is_some() {
            Some(Closed::Withdrawn)
        } else if self.uses_left <= 0 {
            Some(Closed::UsedUp)
        } else if self.ends.is_some_and(|ends| ends <= now) {
            Some(Closed::Over)
        } else if self.lapses <= now {
            Some(Closed::Lapsed)
        } else {
            None
        }
    }
}

#[derive(sqlx::FromRow)]
struct OfferRow {
    id: OfferId,
    service_id: ServiceId,
    made_by: PersonId,
    to_person: Option<PersonId>,
    to_email: Option<String>,
    token_hash: String,
    ends: Option<Timestamp>,
    note: String,
    uses_left: i64,
    created: Timestamp,
    lapses: Timestamp,
    withdrawn: Option<Timestamp>,
}

impl From<OfferRow> for Offer {
    fn from(row: OfferRow) -> Self {
        Self {
            id: row.id,
            service: row.service_id,
            made_by: row.made_by,
            to_person: row.to_person,
            to_email: row.to_email,
            token_hash: row.token_hash,
            ends: row.ends,
            note: row.note,
            uses_left: row.uses_left,
            created: row.created,
            lapses: row.lapses,
            withdrawn: row.withdrawn,
        }
    }
}

/// Stores an offer in the transaction of what it belongs to.
macro_rules! insert_offer {
    ($tx:expr, $offer:expr) => {{
        let offer: &$crate::store::offers::Offer = $offer;
        sqlx::query(
            "INSERT INTO offers (id, service_id, made_by, to_person, to_email, token_hash, ends, note,
                uses_left, created, lapses, uses) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)",
        )
        .bind(offer.id)
        .bind(offer.service)
        .bind(offer.made_by)
        .bind(offer.to_person)
        .bind(&offer.to_email)
        .bind(&offer.token_hash)
        .bind(offer.ends)
        .bind(&offer.note)
        .bind(offer.uses_left)
        .bind(offer.created)
        .bind(offer.lapses)
        // One that was made for a share that is there already is for that one.
        .bind(offer.uses_left.max(1))
        .execute(&mut *$tx)
        .await?;
    }};
}
pub(super) use insert_offer;

/// Stores a new share in the transaction that makes it.
macro_rules! insert_share {
    ($tx:expr, $share:expr) => {{
        let share: &$crate::store::shares::Share = $share;
        sqlx::query(
            "INSERT INTO shares (id, offer_id, service_id, node_id, tailnet_id, owner_id, friend_id, login,
                ports, ends, state, state_data, deeds, accepted, version)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, 0)",
        )
        .bind(share.id)
        .bind(share.offer)
        .bind(share.service)
        .bind(share.node)
        .bind(share.tailnet)
        .bind(share.owner)
        .bind(share.friend)
        .bind(share.login.as_str())
        .bind(share.ports.to_string())
        .bind(share.ends)
        .bind(share.state.name())
        .bind($crate::store::Json::write(&share.state))
        .bind($crate::store::Json::write(&share.deeds))
        .bind(share.accepted)
        .execute(&mut *$tx)
        .await?;
    }};
}
pub(super) use insert_share;

/// An offer `o` that can still be answered at `$1`: the same as [`Offer::closed`], and not declined by whom it is for.
macro_rules! open_offer {
    () => {
        "o.withdrawn IS NULL AND o.uses_left > 0 AND o.lapses > $1 AND (o.ends IS NULL OR o.ends > $1)
         AND NOT EXISTS (SELECT 1 FROM declines d WHERE d.offer_id = o.id AND d.person_id = o.to_person)"
    };
}
pub(super) use open_offer;

/// Whether what a new share stands on is there, and until the transaction ends: both may come in, its tailnet is not
/// disconnected, its service not taken off the list. In this order, which everybody keeps who takes several of these locks.
macro_rules! has_ground {
    ($tx:expr, $share:expr) => {{
        let here = $crate::store::people::both_here!($tx, $share.owner, $share.friend);
        let tailnet = sqlx::query("UPDATE tailnets SET id = id WHERE id = $1")
            .bind($share.tailnet)
            .execute(&mut *$tx)
            .await?
            .rows_affected();
        let service = sqlx::query("UPDATE services SET id = id WHERE id = $1 AND removed IS NULL")
            .bind($share.service)
            .execute(&mut *$tx)
            .await?
            .rows_affected();
        here && tailnet == 1 && service == 1
    }};
}
pub(super) use has_ground;

/// How an offer stands at this moment, and until the transaction ends: whoever else wants to answer, withdraw or
/// register with it waits for the lock on its row.
macro_rules! standing {
    ($tx:expr, $offer:expr, $person:expr, $now:expr) => {{
        let offer: OfferId = $offer;
        let person: Option<PersonId> = $person;
        sqlx::query("UPDATE offers SET uses_left = uses_left WHERE id = $1")
            .bind(offer)
            .execute(&mut *$tx)
            .await?;
        let row: Option<OfferRow> = sqlx::query_as("SELECT * FROM offers WHERE id = $1")
            .bind(offer)
            .fetch_optional(&mut *$tx)
            .await?;
        let shares: Vec<(Uuid,)> =
            sqlx::query_as("SELECT id FROM shares WHERE offer_id = $1 AND friend_id = $2")
                .bind(offer)
                .bind(person)
                .fetch_all(&mut *$tx)
                .await?;
        let declines: Vec<(i64,)> =
            sqlx::query_as("SELECT at FROM declines WHERE offer_id = $1 AND person_id = $2")
                .bind(offer)
                .bind(person)
                .fetch_all(&mut *$tx)
                .await?;
        match (shares.first(), declines.first(), row.map(Offer::from)) {
            (Some((id,)), _, _) => Answered::Before(Some(ShareId::new(*id))),
            (None, Some(_), _) => Answered::Before(None),
            (None, None, Some(offer)) => offer.closed($now).map_or(Answered::Now, Answered::Closed),
            (None, None, None) => Answered::Closed(Closed::Withdrawn),
        }
    }};
}

impl Db {
    /// Stores a new offer, or says why not: then nothing is stored.
    pub async fn insert_offer(
        &self,
        offer: &Offer,
        limits: &Limits,
        entry: &audit::NewEntry,
    ) -> sqlx::Result<Option<NotStored>> {
        // Two at once would each count without the other: whoever holds both rows counts first. People come before
        // what they have, as where an offer is answered, so that the two do not wait for each other.
        let lock_service = "UPDATE services SET name = name WHERE id = $1";
        let of_service = concat!("SELECT COUNT(*) FROM offers o WHERE o.service_id = $2 AND ", open_offer!());
        let between = concat!(
            "SELECT COUNT(*) FROM offers o WHERE o.made_by = $2
                AND (o.to_person = $3 OR lower(o.to_email) = lower($4)) AND ",
            open_offer!()
        );
        let not_stored = in_transaction!(self, tx => {
            let here = people::both_here!(tx, offer.made_by, offer.to_person.unwrap_or(offer.made_by));
            sqlx::query(lock_service).bind(offer.service).execute(&mut *tx).await?;
            let (of_service,): (i64,) = sqlx::query_as(of_service)
                .bind(offer.created).bind(offer.service).fetch_one(&mut *tx).await?;
            let (between,): (i64,) = sqlx::query_as(between)
                .bind(offer.created).bind(offer.made_by)
                .bind(offer.to_person).bind(&offer.to_email)
                .fetch_one(&mut *tx).await?;
            let not_stored = if !here {
                Some(NotStored::ShutOut)
            } else if between >= i64::from(limits.offers_between_two) {
                Some(NotStored::BetweenTwo)
            } else if of_service >= i64::from(limits.offers_per_service) {
                Some(NotStored::Service)
            } else {
                None
            };
            if not_stored.is_none() {
                insert_offer!(tx, offer);
                audit::insert!(tx, entry);
            }
            not_stored
        });
        Ok(not_stored)
    }

    pub async fn find_offer(&self, id: OfferId) -> sqlx::Result<Option<Offer>> {
        on!(self, pool => sqlx::query_as::<_, OfferRow>("SELECT * FROM offers WHERE id = $1")
            .bind(id).fetch_optional(pool).await)
        .map(|row| row.map(Offer::from))
    }

    pub async fn find_offer_by_token(&self, token_hash: &str) -> sqlx::Result<Option<Offer>> {
        on!(self, pool => sqlx::query_as::<_, OfferRow>("SELECT * FROM offers WHERE token_hash = $1")
            .bind(token_hash).fetch_optional(pool).await)
        .map(|row| row.map(Offer::from))
    }

    /// Open offers of a service that are older than `before`, newest first.
    pub async fn list_open_offers_of_service(
        &self,
        service: ServiceId,
        now: Timestamp,
        before: Option<OfferId>,
        limit: usize,
    ) -> sqlx::Result<Vec<Offer>> {
        on!(self, pool => sqlx::query_as::<_, OfferRow>(concat!(
            "SELECT o.* FROM offers o WHERE o.service_id = $2 AND o.id < $3 AND ", open_offer!(),
            " ORDER BY o.id DESC LIMIT $4"))
            .bind(now).bind(service).bind(before.map_or(Uuid::max(), OfferId::uuid))
            .bind(i64::try_from(limit).unwrap_or(i64::MAX)).fetch_all(pool).await)
        .map(|rows| rows.into_iter().map(Offer::from).collect())
    }

    /// What one person answered: accepted, with the share, or declined.
    pub async fn find_answer(
        &self,
        offer: OfferId,
        person: PersonId,
    ) -> sqlx::Result<Option<Option<ShareId>>> {
        let share = on!(self, pool => sqlx::query_as::<_, (Uuid,)>(
            "SELECT id FROM shares WHERE offer_id = $1 AND friend_id = $2")
            .bind(offer).bind(person).fetch_optional(pool).await)?;
        if let Some((id,)) = share {
            return Ok(Some(Some(ShareId::new(id))));
        }
        on!(self, pool => sqlx::query_as::<_, (i64,)>(
            "SELECT at FROM declines WHERE offer_id = $1 AND person_id = $2")
            .bind(offer).bind(person).fetch_optional(pool).await)
        .map(|row| row.map(|_| None))
    }

    /// Takes one place of the offer and makes the share, if this person has not answered yet and it still stands.
    pub async fn accept_offer(
        &self,
        share: &Share,
        now: Timestamp,
        entry: &audit::NewEntry,
    ) -> sqlx::Result<Answered> {
        Ok(in_transaction!(self, tx => {
            let has_ground = has_ground!(tx, share);
            match standing!(tx, share.offer, Some(share.friend), now) {
                Answered::Now if !has_ground => Answered::Closed(Closed::Withdrawn),
                Answered::Now => {
                    sqlx::query("UPDATE offers SET uses_left = uses_left - 1 WHERE id = $1")
                        .bind(share.offer).execute(&mut *tx).await?;
                    insert_share!(tx, share);
                    audit::insert!(tx, entry);
                    Answered::Now
                }
                other => other,
            }
        }))
    }

    /// Writes a no down, if this person has not answered yet and the offer still stands.
    pub async fn decline_offer(
        &self,
        offer: OfferId,
        person: PersonId,
        now: Timestamp,
        entry: &audit::NewEntry,
    ) -> sqlx::Result<Answered> {
        Ok(in_transaction!(self, tx => {
            let standing = standing!(tx, offer, Some(person), now);
            if standing == Answered::Now {
                sqlx::query("INSERT INTO declines (offer_id, person_id, at) VALUES ($1, $2, $3)")
                    .bind(offer).bind(person).bind(now).execute(&mut *tx).await?;
                audit::insert!(tx, entry);
            }
            standing
        }))
    }

    /// Takes the offer back, if it still stands.
    pub async fn withdraw_offer(
        &self,
        offer: OfferId,
        now: Timestamp,
        entry: &audit::NewEntry,
    ) -> sqlx::Result<Answered> {
        Ok(in_transaction!(self, tx => {
            let standing = standing!(tx, offer, None::<PersonId>, now);
            if standing == Answered::Now {
                sqlx::query("UPDATE offers SET withdrawn = $2 WHERE id = $1")
                    .bind(offer).bind(now).execute(&mut *tx).await?;
                audit::insert!(tx, entry);
            }
            standing
        }))
    }

    /// Another link in the place of the one that was there, if the offer still stands.
    pub async fn put_offer_token(
        &self,
        offer: OfferId,
        token_hash: &str,
        now: Timestamp,
        entry: &audit::NewEntry,
    ) -> sqlx::Result<Answered> {
        Ok(in_transaction!(self, tx => {
            let standing = standing!(tx, offer, None::<PersonId>, now);
            if standing == Answered::Now {
                sqlx::query("UPDATE offers SET token_hash = $2 WHERE id = $1")
                    .bind(offer).bind(token_hash).execute(&mut *tx).await?;
                audit::insert!(tx, entry);
            }
            standing
        }))
    }
}
