//! What could not be told, as it waits for somebody.

use ::notices::{Notice, UntoldFacts};
use model::{Channel, OfferId, PersonId, TailnetId, Timestamp};

use crate::store::Tx;
use crate::store::decode::{Damaged, FromRow, Row};

/// One that was given up.
struct Failed {
    channel: Channel,
    tailnet: TailnetId,
    to_address: Option<String>,
    at: Timestamp,
    why: String,
}

impl FromRow for Failed {
    const TABLE: &'static str = "deliveries";
    const KEY: &'static [&'static str] = &["channel"];

    fn from_row(row: &Row<'_>) -> Result<Self, Damaged> {
        Ok(Self {
            channel: row.get("channel")?,
            tailnet: row.get("tailnet_id")?,
            to_address: row.get("to_address")?,
            at: row.get("settled")?,
            why: row.get("why")?,
        })
    }
}

/// What waits of what somebody could not be told: of each way once, about the last of them.
pub(in crate::store) async fn of_person(
    tx: &mut Tx,
    person: PersonId,
) -> sqlx::Result<Vec<(TailnetId, Notice)>> {
    let sql = "SELECT channel, tailnet_id, to_address, settled, why FROM deliveries
         WHERE person_id = $1 AND to_address IS NULL AND why IS NOT NULL ORDER BY channel, settled, id";
    let failed = tx.query(sql, (person,)).fetch_all::<Failed>().await?;
    Ok(in_short(failed).map(|(tailnet, facts)| (tailnet, facts.notice(person))).collect())
}

/// The same of the link of one offer, for whoever made it.
pub(in crate::store) async fn of_offer(
    tx: &mut Tx,
    offer: OfferId,
) -> sqlx::Result<Vec<(TailnetId, Notice)>> {
    let sql = "SELECT d.channel, d.tailnet_id, d.to_address, d.settled, d.why FROM deliveries d
         WHERE d.object_id = $1 AND d.to_address IS NOT NULL AND d.why IS NOT NULL ORDER BY d.settled, d.id";
    let failed = tx.query(sql, (offer,)).fetch_all::<Failed>().await?;
    let maker = "SELECT made_by FROM offers WHERE id = $1";
    let maker: Option<PersonId> = tx.query(maker, (offer,)).fetch_column().await?.pop();
    let Some(maker) = maker else { return Ok(Vec::new()) };
    Ok(in_short(failed).map(|(tailnet, facts)| (tailnet, facts.notice(maker))).collect())
}

fn in_short(failed: Vec<Failed>) -> impl Iterator<Item = (TailnetId, UntoldFacts)> {
    let of = move |channel| {
        let all: Vec<&Failed> = failed.iter().filter(|one| one.channel == channel).collect();
        let last = all.last()?;
        let facts = UntoldFacts {
            channel,
            count: u32::try_from(all.len()).unwrap_or(u32::MAX),
            at: last.at,
            why: last.why.clone(),
            offer_to: last.to_address.clone(),
        };
        Some((last.tailnet, facts))
    };
    Channel::ALL.into_iter().filter_map(of)
}

/// Who could not be told something, and the offers whose links did not arrive.
pub(in crate::store) async fn all(tx: &mut Tx) -> sqlx::Result<(Vec<PersonId>, Vec<OfferId>)> {
    let people = "SELECT DISTINCT person_id FROM deliveries WHERE why IS NOT NULL AND to_address IS NULL";
    let people: Vec<PersonId> = tx.query(people, ()).fetch_column().await?;
    let offers = "SELECT DISTINCT object_id FROM deliveries WHERE why IS NOT NULL AND to_address IS NOT NULL";
    let offers: Vec<OfferId> = tx.query(offers, ()).fetch_column().await?;
    Ok((people, offers))
}
