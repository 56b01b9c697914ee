//! Asks: somebody wants an offer of a listed service. Of one person and one service the newest is kept.

use model::{AskAnswer, AskId, PersonId, ServiceId, Timestamp, Wished};

use super::decode::{Damaged, FromRow, Row};
use super::notices::{self, Subject};
use super::{Db, Tx, audit};

mod answers;
mod asking;

pub use asking::NotAsked;
pub(super) use asking::not_now;

/// What somebody asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ask {
    pub id: AskId,
    pub service: ServiceId,
    pub person: PersonId,
    pub note: String,
    /// The wished end.
    pub until: Wished,
    /// The same, where a day and hour was written.
    pub ends: Option<Timestamp>,
    pub asked: Timestamp,
    /// Until when it waits.
    pub lapses: Timestamp,
    /// When somebody who gives it last said "later".
    pub later: Option<Timestamp>,
    pub answer: Option<AskAnswer>,
    pub answered: Option<Timestamp>,
    pub answered_by: Option<PersonId>,
    /// What was said with a no.
    pub word: String,
}

impl Ask {
    /// Whether an answer is waited for.
    pub fn waits(&self, now: Timestamp) -> bool {
        self.answer.is_none() && self.lapses > now
    }
}

impl FromRow for Ask {
    const TABLE: &'static str = "service_asks";
    const KEY: &'static [&'static str] = &["id"];

    fn from_row(row: &Row<'_>) -> Result<Self, Damaged> {
        Ok(Self {
            id: row.get("id")?,
            service: row.get("service_id")?,
            person: row.get("person_id")?,
            note: row.get("note")?,
            until: row.get("until")?,
            ends: row.get("ends")?,
            asked: row.get("asked")?,
            lapses: row.get("lapses")?,
            later: row.get("later")?,
            answer: row.get("answer")?,
            answered: row.get("answered")?,
            answered_by: row.get("answered_by")?,
            word: row.get("word")?,
        })
    }
}

/// Asks `q`, with what else is wanted of where they belong.
macro_rules! asks {
    ($rest:expr) => {
        asks!("", $rest)
    };
    ($more:expr, $rest:expr) => {
        concat!(
            "SELECT q.id, q.service_id, q.person_id, q.note, q.until, q.ends, q.asked, q.lapses, q.later, q.answer,
                q.answered, q.answered_by, q.word",
            $more,
            " FROM service_asks q ",
            $rest
        )
    };
}
use asks;

/// The ask `$1`, with where it belongs and whether its service is listed.
pub(super) const WITH_SERVICE: &str = asks!(
    ", n.tailnet_id, s.removed",
    "JOIN services s ON s.id = q.service_id JOIN nodes n ON n.id = s.node_id WHERE q.id = $1"
);

/// Who gives what the ask `$1` is about: whoever acts for the tailnet, and whose the machine is. Who of them may come in
/// is not asked, so that a block changes nothing here.
pub(super) const GIVERS: &str = "SELECT t.owner_id FROM service_asks q JOIN services s ON s.id = q.service_id
        JOIN nodes n ON n.id = s.node_id JOIN tailnets t ON t.id = n.tailnet_id WHERE q.id = $1
     UNION SELECT w.person_id FROM service_asks q JOIN services s ON s.id = q.service_id
        JOIN nodes n ON n.id = s.node_id JOIN stewards w ON w.tailnet_id = n.tailnet_id WHERE q.id = $1
     UNION SELECT m.person_id FROM service_asks q JOIN services s ON s.id = q.service_id
        JOIN nodes n ON n.id = s.node_id JOIN members m ON m.tailnet_id = n.tailnet_id
            AND m.account_id = COALESCE(n.account_id, n.given_to) WHERE q.id = $1";

impl Db {
    pub async fn find_ask(&self, id: AskId) -> sqlx::Result<Option<Ask>> {
        self.query(asks!("WHERE q.id = $1"), (id,)).fetch_optional().await
    }

    /// What somebody last asked about a service.
    pub async fn find_ask_of(&self, service: ServiceId, person: PersonId) -> sqlx::Result<Option<Ask>> {
        let sql = asks!("WHERE q.service_id = $1 AND q.person_id = $2");
        self.query(sql, (service, person)).fetch_optional().await
    }

    /// Who waits for an offer of a service, the oldest first.
    pub async fn list_asks_of_service(
        &self,
        service: ServiceId,
        now: Timestamp,
        limit: usize,
    ) -> sqlx::Result<Vec<(Ask, String)>> {
        let sql = asks!(
            ", p.name",
            "JOIN people p ON p.id = q.person_id
             WHERE q.service_id = $1 AND q.answer IS NULL AND q.lapses > $2 ORDER BY q.asked, q.id LIMIT $3"
        );
        let limit = i64::try_from(limit).unwrap_or(i64::MAX);
        // One that cannot be read keeps nobody from reading the others.
        let found = self.query(sql, (service, now, limit)).fetch_listed::<Named>().await?.readable();
        Ok(found.into_iter().map(|Named(ask, name)| (ask, name)).collect())
    }
}

/// With the name of whoever asks.
struct Named(Ask, String);

impl FromRow for Named {
    const TABLE: &'static str = Ask::TABLE;
    const KEY: &'static [&'static str] = Ask::KEY;

    fn from_row(row: &Row<'_>) -> Result<Self, Damaged> {
        Ok(Self(row.part()?, row.get("name")?))
    }
}

/// Somebody has what they asked for: it was offered to them, or is theirs. In the transaction of that. Also after a no,
/// which is no news any more then.
pub(super) async fn fulfil(
    tx: &mut Tx,
    service: ServiceId,
    person: PersonId,
    now: Timestamp,
) -> sqlx::Result<()> {
    let put = "UPDATE service_asks SET answer = 'offered', answered = $3
         WHERE service_id = $1 AND person_id = $2 AND (answer IS NULL OR answer = 'declined')";
    if tx.query(put, (service, person, now)).execute().await? == 1 {
        let id = "SELECT id FROM service_asks WHERE service_id = $1 AND person_id = $2";
        let ids: Vec<AskId> = tx.query(id, (service, person)).fetch_column().await?;
        notices::renew_all(tx, ids.into_iter().map(Subject::Ask), now).await?;
    }
    Ok(())
}
