//! Invitations: the link is kept as a hash only.

use model::{CircleId, OfferId, PersonId, ServiceId, TailnetId, Timestamp};
use uuid::Uuid;

use super::decode::{Damaged, FromRow, Row};
use super::notices::{self, Subject};
use super::open_offers::{declined, open_offer, whom};
use super::outbox::{self, OfferMail};
use super::{Db, Tx, asks, audit, circles, people};
use crate::config::Limits;

mod answers;
mod lists;

pub use answers::Answered;
pub use lists::Standing;

/// One invitation to one service.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Offer {
    pub id: OfferId,
    pub service: ServiceId,
    pub made_by: PersonId,
    pub to_person: Option<PersonId>,
    pub to_email: Option<String>,
    /// As one of which circle they were offered it, where that is the only reason.
    pub circle: Option<CircleId>,
    pub token_hash: String,
    /// The end of the share; absent: until ended.
    pub ends: Option<Timestamp>,
    pub note: String,
    pub uses_left: i64,
    pub created: Timestamp,
    /// The end of the offer.
    pub lapses: Timestamp,
    pub withdrawn: Option<Timestamp>,
    /// Whom it was for said no. Where it is for whoever has the link, nobody can say so for the others.
    pub declined: bool,
}

/// Why an offer cannot be answered any more.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Closed {
    Withdrawn,
    /// By the one whom it was for.
    Declined,
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
    /// It is for one of a circle, and they are no longer in it.
    LeftCircle,
    /// The same service is offered to the same person or address already, by this one: it is extended.
    Alike { first: OfferId, made_by: PersonId },
}

impl Offer {
    /// Whether it can still be answered.
    pub fn closed(&self, now: Timestamp) -> Option<Closed> {
        if self.withdrawn.is_some() {
            Some(Closed::Withdrawn)
        } else if self.declined {
            Some(Closed::Declined)
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

impl FromRow for Offer {
    const TABLE: &'static str = "offers";
    const KEY: &'static [&'static str] = &["id"];

    fn from_row(row: &Row<'_>) -> Result<Self, Damaged> {
        Ok(Self {
            id: row.get("id")?,
            service: row.get("service_id")?,
            made_by: row.get("made_by")?,
            to_person: row.get("to_person")?,
            to_email: row.get("to_email")?,
            circle: row.get("circle_id")?,
            token_hash: row.get("token_hash")?,
            ends: row.get("ends")?,
            note: row.get("note")?,
            uses_left: row.get("uses_left")?,
            created: row.get("created")?,
            lapses: row.get("lapses")?,
            withdrawn: row.get("withdrawn")?,
            declined: row.get::<i64>("declined")? != 0,
        })
    }
}

macro_rules! offers {
    ($rest:expr) => {
        concat!(
            "SELECT o.id, o.service_id, o.made_by, o.to_person, o.to_email, o.circle_id, o.token_hash, o.ends, o.note,
                o.uses_left, o.created, o.lapses, o.withdrawn,
                CASE WHEN ",
            declined!(),
            " THEN CAST(1 AS BIGINT) ELSE CAST(0 AS BIGINT) END AS declined FROM offers o WHERE ",
            $rest
        )
    };
}
pub(super) use offers;

/// The offer `$1`, and whether an answer is still waited for: [`Offer::closed`] but for what time does, and of a service
/// that is listed; what became of it, and who is told of that.
pub(super) const WAITS: &str = concat!(
    "SELECT o.id, ",
    whom!(),
    " AS to_person, o.created, o.lapses, o.ends, n.tailnet_id,
        CASE WHEN o.withdrawn IS NULL AND o.uses_left > 0 AND s.removed IS NULL AND NOT ",
    declined!(),
    " AND NOT EXISTS (SELECT 1 FROM shares h WHERE h.offer_id = o.id AND h.friend_id = ",
    whom!(),
    ")
            THEN CAST(1 AS BIGINT) ELSE CAST(0 AS BIGINT) END AS stands,
        CASE WHEN o.withdrawn IS NULL AND s.removed IS NULL
            THEN CAST(0 AS BIGINT) ELSE CAST(1 AS BIGINT) END AS gone,
        CASE WHEN EXISTS (SELECT 1 FROM shares h WHERE h.offer_id = o.id)
            THEN CAST(1 AS BIGINT) ELSE CAST(0 AS BIGINT) END AS accepted,
        (SELECT MAX(d.at) FROM declines d WHERE d.offer_id = o.id) AS declined,
        CASE WHEN EXISTS (SELECT 1 FROM stewards w WHERE w.tailnet_id = t.id AND w.person_id = o.made_by)
            OR EXISTS (SELECT 1 FROM members m WHERE m.tailnet_id = t.id AND m.person_id = o.made_by
                AND m.account_id = COALESCE(n.account_id, n.given_to))
            THEN o.made_by ELSE t.owner_id END AS told
     FROM offers o JOIN services s ON s.id = o.service_id JOIN nodes n ON n.id = s.node_id
     JOIN tailnets t ON t.id = n.tailnet_id WHERE o.id = $1"
);

/// Stores an offer in the transaction of what it belongs to.
pub(super) async fn insert(tx: &mut Tx, offer: &Offer) -> sqlx::Result<()> {
    tx.query(
        "INSERT INTO offers (id, service_id, made_by, to_person, to_email, token_hash, ends, note, uses_left,
            created, lapses, uses, circle_id) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)",
        (
            offer.id,
            offer.service,
            offer.made_by,
            offer.to_person,
            &offer.to_email,
            &offer.token_hash,
            offer.ends,
            &offer.note,
            offer.uses_left,
            offer.created,
            offer.lapses,
            // One that was made for a share that is there already is for that one.
            offer.uses_left.max(1),
            offer.circle,
        ),
    )
    .execute()
    .await?;
    notices::renew(tx, Subject::Offer(offer.id), offer.created).await?;
    let whom = concat!("SELECT p.id FROM offers o JOIN people p ON p.id = ", whom!(), " WHERE o.id = $1");
    let whom: Vec<PersonId> = tx.query(whom, (offer.id,)).fetch_column().await?;
    for person in whom {
        asks::fulfil(tx, offer.service, person, offer.created).await?;
    }
    Ok(())
}

const OPEN_OF_SERVICE: &str =
    concat!("SELECT COUNT(*) FROM offers o WHERE o.service_id = $2 AND ", open_offer!());

const OPEN_BETWEEN_TWO: &str = concat!(
    "SELECT COUNT(*) FROM offers o WHERE o.made_by = $2
        AND (o.to_person = $3 OR lower(o.to_email) = lower($4)) AND ",
    open_offer!()
);

/// Why there is no room for one more, if so; that stays so until the transaction ends.
async fn no_room(tx: &mut Tx, offer: &Offer, limits: &Limits) -> sqlx::Result<Option<NotStored>> {
    // Two at once would each count without the other: whoever holds both rows counts first. People come before what
    // they have, as where an offer is answered, so that the two do not wait for each other.
    let Offer { service, made_by, to_person, to_email, created, .. } = offer;
    let here = people::are_both_here(tx, *made_by, to_person.unwrap_or(*made_by)).await?;
    tx.query("UPDATE services SET name = name WHERE id = $1", (service,)).execute().await?;
    let of_service = tx.query(OPEN_OF_SERVICE, (created, service)).count().await?;
    let between = tx.query(OPEN_BETWEEN_TWO, (created, made_by, to_person, to_email)).count().await?;
    Ok(if !here {
        Some(NotStored::ShutOut)
    } else if between >= i64::from(limits.offers_between_two) {
        Some(NotStored::BetweenTwo)
    } else if of_service >= i64::from(limits.offers_per_service) {
        Some(NotStored::Service)
    } else {
        None
    })
}

/// The open offer of a service to the same person or address, if there is one. Nobody makes another one until the transaction
/// ends: their rows are held.
async fn alike(tx: &mut Tx, offer: &Offer) -> sqlx::Result<Option<NotStored>> {
    const LIKE: &str = concat!(
        "SELECT o.id, o.made_by FROM offers o
         WHERE o.service_id = $2 AND (o.to_person = $3 OR lower(o.to_email) = lower($4)) AND ",
        open_offer!(),
        " ORDER BY o.id DESC LIMIT 1"
    );
    let Offer { service, to_person, to_email, created, .. } = offer;
    let found: Vec<(OfferId, PersonId)> =
        tx.query(LIKE, (created, service, to_person, to_email)).fetch_all().await?;
    Ok(found.first().map(|(first, made_by)| NotStored::Alike { first: *first, made_by: *made_by }))
}

impl Db {
    /// Stores a new offer, or says why not: then nothing is stored.
    pub async fn insert_offer(
        &self,
        offer: &Offer,
        limits: &Limits,
        entry: &audit::NewEntry,
    ) -> sqlx::Result<Option<NotStored>> {
        self.insert_offer_and_write(offer, limits, entry, None).await
    }

    /// The same, and its link is sent to its address.
    pub async fn insert_offer_and_write(
        &self,
        offer: &Offer,
        limits: &Limits,
        entry: &audit::NewEntry,
        mail: Option<&OfferMail>,
    ) -> sqlx::Result<Option<NotStored>> {
        let mut tx = self.begin().await?;
        // Before the offer, as where somebody leaves.
        if let Some(circle) = offer.circle
            && !circles::holds(&mut tx, circle, offer.to_person).await?
        {
            tx.rollback().await?;
            return Ok(Some(NotStored::LeftCircle));
        }
        let not_stored = match no_room(&mut tx, offer, limits).await? {
            Some(NotStored::ShutOut) => Some(NotStored::ShutOut),
            no_room => alike(&mut tx, offer).await?.or(no_room),
        };
        if not_stored.is_none() {
            insert(&mut tx, offer).await?;
            if let Some(mail) = mail {
                outbox::tell_offer(&mut tx, mail, offer.id, offer.created).await?;
            }
            audit::insert(&mut tx, entry).await?;
        }
        tx.commit().await?;
        Ok(not_stored)
    }

    pub async fn find_offer(&self, id: OfferId) -> sqlx::Result<Option<Offer>> {
        self.query(offers!("o.id = $1"), (id,)).fetch_optional().await
    }

    pub async fn find_offer_by_token(&self, token_hash: &str) -> sqlx::Result<Option<Offer>> {
        self.query(offers!("o.token_hash = $1"), (token_hash,)).fetch_optional().await
    }

    /// The last one of a service that somebody made; not one that was made for a share that stood there already.
    pub async fn find_last_offer(&self, service: ServiceId, by: PersonId) -> sqlx::Result<Option<Offer>> {
        let sql = offers!(
            "o.service_id = $1 AND o.made_by = $2 AND o.lapses > o.created ORDER BY o.id DESC LIMIT 1"
        );
        self.query(sql, (service, by)).fetch_optional().await
    }

    /// Whether an answer of somebody's is waited for, about a service of this network.
    pub async fn has_open_offer_to(
        &self,
        tailnet: TailnetId,
        person: PersonId,
        now: Timestamp,
    ) -> sqlx::Result<bool> {
        let sql = concat!(
            "SELECT COUNT(*) FROM offers o JOIN services s ON s.id = o.service_id JOIN nodes n ON n.id = s.node_id
             WHERE o.to_person = $2 AND n.tailnet_id = $3 AND s.removed IS NULL
                AND NOT EXISTS (SELECT 1 FROM shares h WHERE h.offer_id = o.id AND h.friend_id = o.to_person) AND ",
            open_offer!()
        );
        Ok(self.query(sql, (now, person, tailnet)).count().await? > 0)
    }

    /// Open offers of a service that are older than `before`, newest first.
    pub async fn list_open_offers_of_service(
        &self,
        service: ServiceId,
        now: Timestamp,
        before: Option<OfferId>,
        limit: usize,
    ) -> sqlx::Result<Vec<Offer>> {
        let sql = offers!(concat!(
            "o.service_id = $2 AND o.id < $3 AND ",
            open_offer!(),
            " ORDER BY o.id DESC LIMIT $4"
        ));
        let before = before.map_or(Uuid::max(), OfferId::uuid);
        let limit = i64::try_from(limit).unwrap_or(i64::MAX);
        self.query(sql, (now, service, before, limit)).fetch_all().await
    }
}
