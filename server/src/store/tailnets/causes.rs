//! What the people of a tailnet are told once, whatever else it stops: that its control plane cannot be asked, or its
//! policy not be read.

use model::{TailnetId, Timestamp, Trouble};

use crate::store::Tx;
use crate::store::decode::{Damaged, FromRow, Row};

/// Since when something is wrong, and what.
pub(super) type Since = Option<(Timestamp, Trouble)>;

/// What is wrong with a tailnet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Causes {
    pub away: Since,
    pub policy: Since,
    /// One of its credentials is refused.
    pub refused: bool,
}

impl Causes {
    /// As far as shares are explained by it.
    pub const fn told(&self) -> ::notices::Causes {
        ::notices::Causes {
            away: self.away.is_some(),
            credential: self.refused,
            policy: self.policy.is_some(),
        }
    }
}

impl FromRow for Causes {
    const TABLE: &'static str = "tailnets";
    const KEY: &'static [&'static str] = &["id"];

    fn from_row(row: &Row<'_>) -> Result<Self, Damaged> {
        // It tells of something and holds nothing up: the next look writes it anew.
        let since = |at: &'static str, why: &'static str| -> Result<Since, Damaged> {
            let at: Option<Timestamp> = row.get(at)?;
            Ok(at.map(|at| (at, row.json(why).unwrap_or(Trouble::Damaged))))
        };
        Ok(Self {
            away: since("away", "away_why")?,
            policy: since("policy_unread", "policy_why")?,
            refused: row.get::<i64>("refused")? == 1,
        })
    }
}

/// Of the tailnet `$1`.
const CAUSES: &str = "SELECT t.id, t.away, t.away_why, t.policy_unread, t.policy_why,
        CASE WHEN EXISTS (SELECT 1 FROM credentials c WHERE c.tailnet_id = t.id AND c.refused IS NOT NULL)
            THEN CAST(1 AS BIGINT) ELSE CAST(0 AS BIGINT) END AS refused
     FROM tailnets t WHERE t.id = $1";

/// What is wrong with a tailnet; nothing of one that is not stored.
pub(in crate::store) async fn of(tx: &mut Tx, id: TailnetId) -> sqlx::Result<Option<Causes>> {
    tx.query(CAUSES, (id,)).fetch_optional().await
}
