//! What is stored of a server that several people share, as far as notices are made of it.

use model::{PersonId, TailnetId, Timestamp};
use notices::ServerFacts;

use crate::store::Tx;
use crate::store::decode::{Damaged, FromRow, Row};
use crate::store::guests::Guest;
use crate::store::tailnets::NameClash;

/// Since when its policy has names that several accounts have.
struct Clashed(Option<(Timestamp, Vec<NameClash>)>);

impl FromRow for Clashed {
    const TABLE: &'static str = "tailnets";
    const KEY: &'static [&'static str] = &["id"];

    fn from_row(row: &Row<'_>) -> Result<Self, Damaged> {
        let since: Option<Timestamp> = row.get("names_clashed")?;
        // It tells of something and holds nothing up: the next sync writes it anew.
        Ok(Self(since.map(|since| (since, row.json("names_clash").unwrap_or_default()))))
    }
}

/// Whether those who look after it say yes to each plan.
pub(super) async fn owner_reviews(tx: &mut Tx, id: TailnetId) -> sqlx::Result<bool> {
    let sql = "SELECT owner_reviews FROM tailnets WHERE id = $1";
    Ok(tx.query(sql, (id,)).fetch_column().await?.pop().unwrap_or(true))
}

pub(super) async fn facts(tx: &mut Tx, id: TailnetId) -> sqlx::Result<ServerFacts> {
    let asked = "SELECT asked FROM asks WHERE tailnet_id = $1 ORDER BY asked";
    let asked: Vec<Timestamp> = tx.query(asked, (id,)).fetch_column().await?;
    let clashed = "SELECT id, names_clashed, names_clash FROM tailnets WHERE id = $1";
    let clashed = tx.query(clashed, (id,)).fetch_optional::<Clashed>().await?;
    let count = |count: usize| u32::try_from(count).unwrap_or(u32::MAX);
    let clash = clashed.and_then(|Clashed(clashed)| clashed).and_then(|(since, all)| {
        let more = count(all.len().saturating_sub(1));
        let first = all.into_iter().next()?;
        Some((since, first.name, first.accounts, more))
    });
    let answers = "SELECT person_id, accepted, answered FROM lending_answers WHERE tailnet_id = $1
         ORDER BY person_id";
    let answers: Vec<(PersonId, bool, Timestamp)> = tx.query(answers, (id,)).fetch_all().await?;
    Ok(ServerFacts { asks: asked.first().map(|first| (*first, count(asked.len()))), clash, answers })
}

/// Whether somebody signs in on a server, nobody said yet which account they are, and one came since that is nobody's: of no
/// friend, and none that is made for one.
pub(super) async fn account_came(tx: &mut Tx, id: TailnetId, friend: PersonId) -> sqlx::Result<bool> {
    let waits = "SELECT g.tailnet_id, g.person_id, g.way, g.name, g.ephemeral, g.known, g.account_id FROM guests g
         WHERE g.tailnet_id = $1 AND g.person_id = $2 AND g.way = 'sign_in' AND NOT EXISTS (SELECT 1 FROM members m
            WHERE m.tailnet_id = g.tailnet_id AND m.person_id = g.person_id)";
    let nobodys = "SELECT u.control_id FROM users u WHERE u.tailnet_id = $1
         AND NOT EXISTS (SELECT 1 FROM members m WHERE m.tailnet_id = u.tailnet_id AND m.account_id = u.control_id)
         AND NOT EXISTS (SELECT 1 FROM guests g WHERE g.tailnet_id = u.tailnet_id AND g.way = 'new_user'
            AND (g.account_id = u.control_id OR g.name = u.own_name))";
    // One that cannot be read waits for nobody.
    let waits = tx.query(waits, (id, friend)).fetch_listed::<Guest>().await?.readable().pop();
    let Some(known) = waits.and_then(|guest| guest.known) else { return Ok(false) };
    let there: Vec<String> = tx.query(nobodys, (id,)).fetch_column().await?;
    Ok(there.iter().any(|account| !known.contains(account)))
}
