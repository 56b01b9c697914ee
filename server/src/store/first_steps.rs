//! How far somebody came on the way to their first share.

use model::{PersonId, ServiceId, TailnetId};

use super::Db;
use super::tailnets::mine;

/// How far somebody came on the way to their first share.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FirstSteps {
    /// The first by name.
    pub tailnet: Option<TailnetId>,
    pub service: Option<ServiceId>,
    pub offered: bool,
    /// Gives or receives a share, or did.
    pub has_share: bool,
}

impl Db {
    pub async fn first_steps(&self, person: PersonId) -> sqlx::Result<FirstSteps> {
        let sql = concat!(
            "SELECT
                (SELECT t.id FROM tailnets t WHERE ",
            mine!(),
            " ORDER BY t.name, t.id LIMIT 1),
                (SELECT s.id FROM services s JOIN nodes n ON n.id = s.node_id JOIN tailnets t ON t.id = n.tailnet_id
                    WHERE s.removed IS NULL AND ",
            mine!(),
            " ORDER BY s.name, s.id LIMIT 1),
                (SELECT COUNT(*) FROM (SELECT 1 FROM offers WHERE made_by = $1 LIMIT 1) o),
                (SELECT COUNT(*) FROM (SELECT 1 FROM shares WHERE owner_id = $1 OR friend_id = $1 LIMIT 1) h)"
        );
        let (tailnet, service, offers, shares): (_, _, i64, i64) =
            self.query(sql, (person,)).fetch_one().await?;
        Ok(FirstSteps { tailnet, service, offered: offers > 0, has_share: shares > 0 })
    }
}
