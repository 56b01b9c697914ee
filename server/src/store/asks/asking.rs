//! A new ask, and why there is none.

use model::{AskAnswer, EndReason, OfferId, PersonId, ServiceId, ShareState, Timestamp};

use super::{Ask, asks, audit, notices};
use crate::config::Limits;
use crate::store::decode::{Damaged, FromRow, Row};
use crate::store::notices::Subject;
use crate::store::open_offers::{declined, open_offer, whom};
use crate::store::{Db, Tx, people};

const HOUR: i64 = 60 * 60;
/// Between a no and asking again.
const AFTER_A_NO: i64 = 24 * HOUR;
/// Between two asks of which the first was taken back: each is told to those who give it.
const BETWEEN: i64 = HOUR;

/// Why nothing was asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NotAsked {
    /// Whoever asks may not come in, or the service is not listed any more.
    Gone,
    /// They have it, or an offer of it to answer.
    Has,
    /// They wait for an answer already.
    Waits,
    /// Not before then.
    TooSoon(Timestamp),
    /// They wait for as many answers as one may.
    TooMany,
    /// It is not theirs without asking, or not any more.
    NotApproved,
}

impl Ask {
    /// When the same may be asked again; absent: now. A time that a wrong clock set counts as never.
    pub fn again(&self, now: Timestamp) -> Option<Timestamp> {
        let again = match self.answer? {
            AskAnswer::Declined => self.answered?.happened(now)?.plus_seconds(AFTER_A_NO),
            AskAnswer::Withdrawn => self.asked.happened(now)?.plus_seconds(BETWEEN),
            // It is for them to ask whose offer was taken back, or lapsed.
            AskAnswer::Offered => return None,
        };
        (again > now).then_some(again)
    }
}

/// Offers `o` of the service `$2` to the person `$3`, by name or by their address, that they can answer at `$1`.
macro_rules! offered {
    () => {
        concat!("FROM offers o WHERE o.service_id = $2 AND ", whom!(), " = $3 AND ", open_offer!())
    };
}

/// Whether somebody has a service, or an offer of it that waits for them.
const HAS: &str = concat!(
    "SELECT (SELECT COUNT(*) FROM shares WHERE service_id = $2 AND friend_id = $3 AND state <> 'ended')
        + (SELECT COUNT(*) ",
    offered!(),
    ")"
);

/// Of how many services somebody waits for an offer.
const WAITING: &str = "SELECT COUNT(*) FROM service_asks q JOIN services s ON s.id = q.service_id
     WHERE q.person_id = $2 AND q.answer IS NULL AND q.lapses > $1 AND s.removed IS NULL";

/// Why there can be none now; that stays so until the transaction ends.
async fn refused(tx: &mut Tx, ask: &Ask, limits: &Limits) -> sqlx::Result<Result<Option<Ask>, NotAsked>> {
    let Ask { service, person, asked: now, .. } = ask;
    // Whoever holds both rows looks first: two at once would each look without the other. People come before what they
    // have, as where an offer is made.
    let here = people::is_here(tx, *person).await?;
    let there = "UPDATE services SET name = name WHERE id = $1 AND removed IS NULL";
    let there = tx.query(there, (service,)).execute().await? == 1;
    if !here || !there {
        return Ok(Err(NotAsked::Gone));
    }
    if tx.query(HAS, (now, service, person)).count().await? > 0 {
        return Ok(Err(NotAsked::Has));
    }
    let former = asks!("WHERE q.service_id = $1 AND q.person_id = $2");
    let former: Option<Ask> = tx.query(former, (service, person)).fetch_optional().await?;
    if former.as_ref().is_some_and(|former| former.waits(*now)) {
        return Ok(Err(NotAsked::Waits));
    }
    if let Some(again) = former.as_ref().and_then(|former| former.again(*now)) {
        return Ok(Err(NotAsked::TooSoon(again)));
    }
    if tx.query(WAITING, (now, person)).count().await? >= i64::from(limits.asks_per_person) {
        return Ok(Err(NotAsked::TooMany));
    }
    Ok(Ok(former))
}

/// The share of a service that somebody had last.
struct Last {
    accepted: Timestamp,
    state: ShareState,
}

impl FromRow for Last {
    const TABLE: &'static str = "shares";
    const KEY: &'static [&'static str] = &["id"];

    fn from_row(row: &Row<'_>) -> Result<Self, Damaged> {
        Ok(Self { accepted: row.get("accepted")?, state: row.json("state_data")? })
    }
}

impl Last {
    /// When they may get it again by themselves. That its owner ended it is a no.
    fn again(&self, now: Timestamp) -> Option<Timestamp> {
        let no = match self.state {
            ShareState::Ended { at, why: EndReason::OwnerEnded, .. } => at.happened(now),
            _ => None,
        };
        let after_no = no.map(|at| at.plus_seconds(AFTER_A_NO));
        after_no.max(self.accepted.happened(now).map(|at| at.plus_seconds(BETWEEN)))
    }
}

/// Why somebody cannot get at this moment what they need not ask for. They may have asked; and whoever gives it back gets it again
/// after as long as between two asks: each writes a policy, and is told. What its owner ended they get again as late as they may
/// ask again after a no.
pub(in crate::store) async fn not_now(
    tx: &mut Tx,
    service: ServiceId,
    person: PersonId,
    now: Timestamp,
) -> sqlx::Result<Option<NotAsked>> {
    const LAST: &str = "SELECT id, accepted, state_data FROM shares WHERE service_id = $1 AND friend_id = $2
         ORDER BY accepted DESC LIMIT 1";
    if tx.query(HAS, (now, service, person)).count().await? > 0 {
        return Ok(Some(NotAsked::Has));
    }
    let former = asks!("WHERE q.service_id = $1 AND q.person_id = $2");
    let former: Option<Ask> = tx.query(former, (service, person)).fetch_optional().await?;
    let last: Option<Last> = tx.query(LAST, (service, person)).fetch_optional().await?;
    let last = last.and_then(|last| last.again(now));
    let again = former.and_then(|former| former.again(now)).max(last);
    Ok(again.filter(|again| *again > now).map(NotAsked::TooSoon))
}

impl Db {
    /// Stores a new ask in the place of the one before, or says why not: then nothing is stored.
    pub async fn insert_ask(
        &self,
        ask: &Ask,
        limits: &Limits,
        entry: &audit::NewEntry,
    ) -> sqlx::Result<Option<NotAsked>> {
        let mut tx = self.begin().await?;
        let former = match refused(&mut tx, ask, limits).await? {
            Ok(former) => former,
            Err(why) => {
                tx.rollback().await?;
                return Ok(Some(why));
            }
        };
        if let Some(former) = former {
            tx.query("DELETE FROM service_asks WHERE id = $1", (former.id,)).execute().await?;
            notices::renew(&mut tx, Subject::Ask(former.id), ask.asked).await?;
        }
        let put =
            "INSERT INTO service_asks (id, service_id, person_id, note, until, ends, asked, lapses, word)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, '')";
        let Ask { id, service, person, note, until, ends, asked, lapses, .. } = ask;
        tx.query(put, (id, service, person, note, until, ends, asked, lapses)).execute().await?;
        notices::renew(&mut tx, Subject::Ask(*id), *asked).await?;
        audit::insert(&mut tx, entry).await?;
        tx.commit().await?;
        Ok(None)
    }

    /// The newest offer of a service that waits for somebody.
    pub async fn find_open_offer_of(
        &self,
        service: ServiceId,
        person: PersonId,
        now: Timestamp,
    ) -> sqlx::Result<Option<OfferId>> {
        let sql = concat!("SELECT o.id ", offered!(), " ORDER BY o.id DESC LIMIT 1");
        Ok(self.query(sql, (now, service, person)).fetch_column().await?.pop())
    }
}
