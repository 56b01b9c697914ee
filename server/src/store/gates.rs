//! The names around a share or an offer, for drawing its gate.

use std::collections::HashMap;

use model::{Id, OfferId, ServicePorts, ShareId};
use sqlx::{AssertSqlSafe, Error};

use super::decode::{Damaged, FromRow, Row};
use super::{Db, Statement};

/// Names as they are now; a removed service keeps its name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Names {
    pub service: String,
    pub node: String,
    pub dns_name: String,
    pub owner: String,
    /// Of the friend; for an offer of whom it is for, empty if that is whoever has the link.
    pub friend: String,
    pub note: String,
}

struct Named<T> {
    id: Id<T>,
    names: Names,
}

impl<T> FromRow for Named<T> {
    const TABLE: &'static str = "offers";
    const KEY: &'static [&'static str] = &["id"];

    fn from_row(row: &Row<'_>) -> Result<Self, Damaged> {
        let names = Names {
            service: row.get("service")?,
            node: row.get("node")?,
            dns_name: row.get("dns_name")?,
            owner: row.get("owner")?,
            friend: row.get("friend")?,
            note: row.get("note")?,
        };
        Ok(Self { id: row.get("id")?, names })
    }
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

/// What an offer's service has now.
struct Ports {
    offer: OfferId,
    ports: ServicePorts,
}

impl FromRow for Ports {
    const TABLE: &'static str = "services";
    const KEY: &'static [&'static str] = &["service_id"];

    fn from_row(row: &Row<'_>) -> Result<Self, Damaged> {
        Ok(Self { offer: row.get("id")?, ports: row.get("ports")? })
    }
}

impl Db {
    /// The ports of what is offered, as they are now; of those that can be read.
    pub async fn ports_of_offers(&self, ids: Vec<OfferId>) -> sqlx::Result<HashMap<OfferId, ServicePorts>> {
        const OF_OFFERS: &str = "SELECT i.id, i.service_id, s.ports FROM offers i JOIN services s ON s.id = i.service_id WHERE i.id IN";
        let ports = self.of_all(OF_OFFERS, ids).fetch_listed::<Ports>().await?;
        Ok(ports.readable().into_iter().map(|row| (row.offer, row.ports)).collect())
    }

    /// Of all of these in one statement; also of none, so that as much is asked for an empty list as for a full one.
    pub async fn names_of_shares(&self, ids: Vec<ShareId>) -> sqlx::Result<HashMap<ShareId, Names>> {
        self.names(OF_SHARES, ids).await
    }

    /// As [`Self::names_of_shares`].
    pub async fn names_of_offers(&self, ids: Vec<OfferId>) -> sqlx::Result<HashMap<OfferId, Names>> {
        self.names(OF_OFFERS, ids).await
    }

    pub async fn names_of_share(&self, id: ShareId) -> sqlx::Result<Names> {
        self.names_of_shares(vec![id]).await?.remove(&id).ok_or(Error::RowNotFound)
    }

    pub async fn names_of_offer(&self, id: OfferId) -> sqlx::Result<Names> {
        self.names_of_offers(vec![id]).await?.remove(&id).ok_or(Error::RowNotFound)
    }

    async fn names<T>(&self, begin: &str, ids: Vec<Id<T>>) -> sqlx::Result<HashMap<Id<T>, Names>> {
        let named: Vec<Named<T>> = self.of_all(begin, ids).fetch_all().await?;
        Ok(named.into_iter().map(|named| (named.id, named.names)).collect())
    }

    /// A statement that ends with the list of these.
    fn of_all<T>(&self, begin: &str, ids: Vec<Id<T>>) -> Statement<'_> {
        // Only numbers are put into the text; neither database knows lists of ids as the other does.
        let marks: Vec<String> = (1..=ids.len()).map(|at| format!("${at}")).collect();
        let marks = if marks.is_empty() { "NULL".into() } else { marks.join(", ") };
        let statement = self.query(AssertSqlSafe(format!("{begin} ({marks})")), ());
        ids.into_iter().fold(statement, Statement::bind)
    }
}
