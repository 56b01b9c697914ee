//! The names around a share or an offer, for drawing its gate.

use std::collections::HashMap;

use model::{OfferId, ShareId};
use sqlx::AssertSqlSafe;
use uuid::Uuid;

use super::Db;
use crate::on;

/// Names as they are now; a removed service keeps its name.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct Names {
    pub service: String,
    pub node: String,
    pub dns_name: String,
    pub owner: String,
    /// Of the friend; for an offer of whom it is for, empty if that is whoever has the link.
    pub friend: String,
    pub note: String,
}

#[derive(sqlx::FromRow)]
struct NamedRow {
    id: Uuid,
    #[sqlx(flatten)]
    names: Names,
}

const OF_SHARES: &str =
    "SELECT h.id, s.name AS service, n.name AS node, n.dns_name, o.name AS owner, f.name AS friend, i.note
     FROM shares h JOIN services s ON s.id = h.service_id JOIN nodes n ON n.id = h.node_id
     JOIN people o ON o.id = h.owner_id JOIN people f ON f.id = h.friend_id
     JOIN offers i ON i.id = h.offer_id WHERE h.id IN";
const OF_OFFERS: &str = "SELECT i.id, s.name AS service, n.name AS node, n.dns_name, o.name AS owner,
        COALESCE(f.name, i.to_email, '') AS friend, i.note
     FROM offers i JOIN services s ON s.id = i.service_id JOIN nodes n ON n.id = s.node_id
     JOIN people o ON o.id = i.made_by LEFT JOIN people f ON f.id = i.to_person WHERE i.id IN";

impl Db {
    /// Of all of these in one statement; also of none, so that as much is asked for an empty list as for a full one.
    pub async fn names_of_shares(&self, ids: Vec<ShareId>) -> sqlx::Result<HashMap<ShareId, Names>> {
        let named = self.names(OF_SHARES, ids.into_iter().map(ShareId::uuid).collect()).await?;
        Ok(named.into_iter().map(|row| (ShareId::new(row.id), row.names)).collect())
    }

    /// As [`Self::names_of_shares`].
    pub async fn names_of_offers(&self, ids: Vec<OfferId>) -> sqlx::Result<HashMap<OfferId, Names>> {
        let named = self.names(OF_OFFERS, ids.into_iter().map(OfferId::uuid).collect()).await?;
        Ok(named.into_iter().map(|row| (OfferId::new(row.id), row.names)).collect())
    }

    async fn names(&self, begin: &str, ids: Vec<Uuid>) -> sqlx::Result<Vec<NamedRow>> {
        // Only numbers are put into the text; neither database knows lists of ids as the other does.
        let marks: Vec<String> = (1..=ids.len()).map(|at| format!("${at}")).collect();
        let marks = if marks.is_empty() { "NULL".into() } else { marks.join(", ") };
        let sql = format!("{begin} ({marks})");
        on!(self, pool => {
            let mut query = sqlx::query_as::<_, NamedRow>(AssertSqlSafe(sql));
            for id in ids {
                query = query.bind(id);
            }
            query.fetch_all(pool).await
        })
    }

    pub async fn names_of_share(&self, id: ShareId) -> sqlx::Result<Names> {
        on!(self, pool => sqlx::query_as::<_, Names>(
            "SELECT s.name AS service, n.name AS node, n.dns_name, o.name AS owner, f.name AS friend, i.note
             FROM shares h JOIN services s ON s.id = h.service_id JOIN nodes n ON n.id = h.node_id
             JOIN people o ON o.id = h.owner_id JOIN people f ON f.id = h.friend_id
             JOIN offers i ON i.id = h.offer_id WHERE h.id = $1")
            .bind(id).fetch_one(pool).await)
    }

    pub async fn names_of_offer(&self, id: OfferId) -> sqlx::Result<Names> {
        on!(self, pool => sqlx::query_as::<_, Names>(
            "SELECT s.name AS service, n.name AS node, n.dns_name, o.name AS owner,
                COALESCE(f.name, i.to_email, '') AS friend, i.note
             FROM offers i JOIN services s ON s.id = i.service_id JOIN nodes n ON n.id = s.node_id
             JOIN people o ON o.id = i.made_by LEFT JOIN people f ON f.id = i.to_person WHERE i.id = $1")
            .bind(id).fetch_one(pool).await)
    }
}
