//! What waits is worked out from the times in its rows alone, and so also from one that a clock that was ahead wrote down. It
//! happened by now: said once an hour, so that it holds nothing back for longer.

use model::{AskId, NodeId, Timestamp};
use uuid::Uuid;

use super::Db;
use super::notices::{self, Subject};

const ASKS: &str = "SELECT id FROM service_asks WHERE later > $1";
const ASK: &str = "UPDATE service_asks SET later = $3 WHERE id = $1 AND later > $2";

const HOSTS: &str = "SELECT h.node_id FROM hosts h JOIN nodes n ON n.id = h.node_id
     WHERE h.token_made > $1 OR h.fetched > $1 OR h.seen > $1 OR n.firewall_made > $1";
const HOST: &str = "UPDATE hosts SET token_made = CASE WHEN token_made > $2 THEN $3 ELSE token_made END,
        fetched = CASE WHEN fetched > $2 THEN $3 ELSE fetched END,
        seen = CASE WHEN seen > $2 THEN $3 ELSE seen END
     WHERE node_id = $1";
const TEXT: &str = "UPDATE nodes SET firewall_made = $3 WHERE id = $1 AND firewall_made > $2";

impl Db {
    /// Brings back what happened to asks and hosts after now, with what waits of them.
    ///
    /// # Errors
    /// When the store fails; the next round goes on.
    pub async fn bring_back_times(&self, now: Timestamp) -> sqlx::Result<()> {
        // As far ahead as clocks may be apart it counts as it is.
        let latest = now.plus_seconds(Timestamp::SKEW_SECONDS);
        let asks: Vec<AskId> = self.query(ASKS, (latest,)).fetch_column().await?;
        for ask in asks {
            self.bring_back((Subject::Ask(ask), ask.uuid()), &[ASK], (latest, now)).await?;
        }
        let hosts: Vec<NodeId> = self.query(HOSTS, (latest,)).fetch_column().await?;
        for host in hosts {
            self.bring_back((Subject::Host(host), host.uuid()), &[HOST, TEXT], (latest, now)).await?;
        }
        Ok(())
    }

    async fn bring_back(
        &self,
        (subject, id): (Subject, Uuid),
        statements: &[&'static str],
        (latest, now): (Timestamp, Timestamp),
    ) -> sqlx::Result<()> {
        let mut tx = self.begin().await?;
        for statement in statements {
            tx.query(*statement, (id, latest, now)).execute().await?;
        }
        notices::renew(&mut tx, subject, now).await?;
        tx.commit().await
    }
}
