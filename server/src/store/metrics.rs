//! What is counted for whoever watches this instance: one statement for each kind of thing, however many there are.

use model::Timestamp;

use super::Db;
use crate::on;

/// A word, how many rows have it, and a time of the oldest of them.
pub type Counted = (String, i64, Option<Timestamp>);

/// What stands in the database at a moment.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Figures {
    /// Jobs by kind, with when the one that waits longest was due.
    pub jobs: Vec<Counted>,
    /// Tailnets of those who may come in by how their control plane answers, with the oldest last sync.
    pub tailnets: Vec<Counted>,
    /// Shares by state, with the earliest agreed end.
    pub shares: Vec<Counted>,
    /// Browsers that are signed in and those that are not.
    pub signed_in: i64,
    pub visitors: i64,
    pub last_backup: Option<Timestamp>,
    /// What is due to be told outside by channel, with when the one that waits longest was due.
    pub untold: Vec<Counted>,
    /// What was given up by channel, as long as it is kept, with the oldest.
    pub given_up: Vec<Counted>,
}

impl Db {
    /// # Errors
    /// When the database fails.
    pub async fn figures(&self, now: Timestamp) -> sqlx::Result<Figures> {
        let jobs = "SELECT kind, count(*), min(run_at) FROM jobs GROUP BY kind ORDER BY kind";
        // In the order of what keeps more from being done.
        let tailnets = "SELECT state, count(*), min(synced) FROM (SELECT t.synced,
                CASE WHEN t.away IS NOT NULL THEN 'away' WHEN t.policy_unread IS NOT NULL THEN 'policy_unread'
                    WHEN t.synced IS NULL THEN 'new' ELSE 'answers' END AS state
                FROM tailnets t JOIN people p ON p.id = t.owner_id WHERE p.standing = 'here') AS found
            GROUP BY state ORDER BY state";
        let shares = "SELECT state, count(*), min(ends) FROM shares GROUP BY state ORDER BY state";
        let sessions = "SELECT CASE WHEN person_id IS NULL THEN 'visitor' ELSE 'person' END AS who, count(*)
            FROM sessions WHERE expires > $1 GROUP BY 1";
        let untold = "SELECT channel, count(*), min(due) FROM deliveries WHERE settled IS NULL AND due <= $1
            GROUP BY channel ORDER BY channel";
        let given_up = "SELECT channel, count(*), min(settled) FROM deliveries WHERE why IS NOT NULL
            GROUP BY channel ORDER BY channel";
        let sessions: Vec<(String, i64)> = self.query(sessions, (now,)).fetch_all().await?;
        let of = |who: &str| sessions.iter().find(|(found, _)| found == who).map_or(0, |(_, count)| *count);
        Ok(Figures {
            jobs: self.query(jobs, ()).fetch_all().await?,
            tailnets: self.query(tailnets, ()).fetch_all().await?,
            shares: self.query(shares, ()).fetch_all().await?,
            signed_in: of("person"),
            visitors: of("visitor"),
            last_backup: self.last_backup(now).await?,
            untold: self.query(untold, (now,)).fetch_all().await?,
            given_up: self.query(given_up, ()).fetch_all().await?,
        })
    }

    /// Connections to the database: all, and those of them that nobody uses.
    pub fn connections(&self) -> (usize, usize) {
        on!(self, pool => (usize::try_from(pool.size()).unwrap_or(usize::MAX), pool.num_idle()))
    }
}
