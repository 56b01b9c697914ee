//! The names around a share or an offer, for drawing its gate.

use model::{OfferId, ShareId};

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

impl Db {
    pub async fn names_of_share(&self, id: ShareId) -> sqlx::Result<Names> {
        on!(self, pool => sqlx::query_as::<_, Names>(
            "SELECT s.name AS service, n.name AS node, n.dns_name, o.name AS owner, f.name AS friend, i.note
             FROM shares h JOIN services s ON s.id = h.service_id JOIN nodes n ON n.id = h.node_id
             JOIN people o ON o.id = h.owner_id JOIN people f ON f.id = h.friend_id
             JOIN offers i ON i.id = h.offer_id WHERE h.id = $1")
            .bind(id.uuid()).fetch_one(pool).await)
    }

    pub async fn names_of_offer(&self, id: OfferId) -> sqlx::Result<Names> {
        on!(self, pool => sqlx::query_as::<_, Names>(
            "SELECT s.name AS service, n.name AS node, n.dns_name, o.name AS owner,
                COALESCE(f.name, i.to_email, '') AS friend, i.note
             FROM offers i JOIN services s ON s.id = i.service_id JOIN nodes n ON n.id = s.node_id
             JOIN people o ON o.id = i.made_by LEFT JOIN people f ON f.id = i.to_person WHERE i.id = $1")
            .bind(id.uuid()).fetch_one(pool).await)
    }
}
