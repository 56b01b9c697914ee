//! What is stored of a server that several people share, as far as notices are made of it.

use model::{TailnetId, Timestamp};
use notices::ServerFacts;

use crate::store::Tx;
use crate::store::decode::{Damaged, FromRow, Row};
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
    Ok(ServerFacts { asks: asked.first().map(|first| (*first, count(asked.len()))), clash })
}
