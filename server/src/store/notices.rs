//! What waits for whom, as it is stored: made anew with whatever changes it, in the same transaction.

use model::{NoticeKind, PersonId, TailnetId, Timestamp};
use notices::{Notice, heard};
use uuid::Uuid;

use super::decode::{Damaged, FromRow, Row};
use super::outbox::{self, News};
use super::{Db, Json, Tx};

mod dismissals;
mod facts;
mod list;
mod server;
pub(super) mod subjects;

pub use list::{Listing, Place};
pub use subjects::Subject;
pub(super) use subjects::{
    asks_of_node, asks_of_service, asks_of_tailnet, hosts_of_tailnet, of_tailnet, offers_of_service,
    open_shares_of, shares_given_by, shares_waiting_for_accounts,
};

/// The most that is counted: more is shown as that and a plus.
pub const COUNTED: i64 = 100;

/// A row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stored {
    pub person: PersonId,
    /// As stored: a word that is not known here holds nothing up.
    pub kind: String,
    pub part: String,
    pub tailnet: TailnetId,
    pub since: Timestamp,
    pub opens: Timestamp,
    pub closes: Option<Timestamp>,
    /// [`notices::What`] as JSON.
    pub data: String,
}

impl FromRow for Stored {
    const TABLE: &'static str = "notices";
    const KEY: &'static [&'static str] = &["person_id", "kind", "object_id", "part"];

    fn from_row(row: &Row<'_>) -> Result<Self, Damaged> {
        Ok(Self {
            person: row.get("person_id")?,
            kind: row.get("kind")?,
            part: row.get("part")?,
            tailnet: row.get("tailnet_id")?,
            since: row.get("since")?,
            opens: row.get("opens")?,
            closes: row.get("closes")?,
            data: row.get("data")?,
        })
    }
}

impl Stored {
    fn new(notice: Notice, tailnet: TailnetId) -> Self {
        let Notice { person, what, part, since, opens, closes } = notice;
        let (kind, data) = (what.kind().to_string(), Json::write(&what));
        Self { person, kind, part: part.to_owned(), tailnet, since, opens, closes, data }
    }

    /// As it was before it was stored, but for its part.
    fn notice(&self) -> Option<Notice> {
        let Self { person, since, opens, closes, .. } = *self;
        let what = serde_json::from_str(&self.data).ok()?;
        Some(Notice { person, what, part: "", since, opens, closes })
    }

    fn is_of(&self, other: &Self) -> bool {
        (self.person, &self.kind, &self.part) == (other.person, &other.kind, &other.part)
    }

    /// The same, but perhaps for the time since which it waits: what stands already keeps its own.
    pub fn says(&self, other: &Self) -> bool {
        *self == Self { since: self.since, ..other.clone() }
    }
}

const OF_OBJECT: &str =
    "SELECT person_id, kind, object_id, part, tailnet_id, since, opens, closes, data FROM notices
     WHERE object_id = $1";
const PUT: &str =
    "INSERT INTO notices (person_id, kind, object_id, part, tailnet_id, rank, since, opens, closes, data)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
     ON CONFLICT (person_id, kind, object_id, part) DO UPDATE SET tailnet_id = excluded.tailnet_id,
        opens = excluded.opens, closes = excluded.closes, data = excluded.data";
const DELETE: &str =
    "DELETE FROM notices WHERE person_id = $1 AND kind = $2 AND object_id = $3 AND part = $4";

/// What is stored of one thing.
async fn stored(tx: &mut Tx, subject: Subject) -> sqlx::Result<Vec<Stored>> {
    let mut stored: Vec<Stored> = tx.query(OF_OBJECT, (subject.object(),)).fetch_all().await?;
    stored.retain(|stored| subject.kinds().iter().any(|kind| kind.as_str() == stored.kind));
    Ok(stored)
}

/// Makes the notices of one thing what they are to be, in the transaction that changes the thing; whoever hears of such
/// things outside of the app is told in the same transaction.
pub(super) async fn renew(tx: &mut Tx, subject: Subject, now: Timestamp) -> sqlx::Result<()> {
    make(tx, subject, now, true).await
}

/// The same. Nobody is told of what is only worked out anew.
async fn make(tx: &mut Tx, subject: Subject, now: Timestamp, tell: bool) -> sqlx::Result<()> {
    subject.lock(tx).await?;
    let facts::Due { notices: due, tidings, friend } = Box::pin(facts::work_out(tx, subject, now)).await?;
    let (object, stored) = (subject.object(), stored(tx, subject).await?);
    for gone in stored.iter().filter(|stored| !due.iter().any(|due| due.is_of(stored))) {
        tx.query(DELETE, (gone.person, &gone.kind, object, &gone.part)).execute().await?;
        outbox::take_back(tx, (gone.person, &gone.kind, object, &gone.part), now).await?;
    }
    for due in due.iter().filter(|due| !stored.iter().any(|stored| stored.says(due))) {
        put(tx, object, due).await?;
        let before = stored.iter().find(|stored| stored.is_of(due));
        let Some(notice) = due.notice().filter(|_| tell) else { continue };
        let was = before.and_then(|before| Some((serde_json::from_str(&before.data).ok()?, before.opens)));
        if heard::is_news(was.as_ref(), &notice, now) {
            if before.is_some() {
                outbox::take_back(tx, (due.person, &due.kind, object, &due.part), now).await?;
            }
            let is_friend = friend == Some(due.person);
            let news = News { notice: &notice, part: &due.part, tailnet: due.tailnet, object, is_friend };
            outbox::tell(tx, &news, now).await?;
        }
    }
    for (tailnet, notice) in tidings.iter().filter(|_| tell) {
        let is_friend = friend == Some(notice.person);
        let news = News { notice, part: "", tailnet: *tailnet, object, is_friend };
        outbox::tell(tx, &news, now).await?;
    }
    Ok(())
}

/// The same of several.
pub(super) async fn renew_all(
    tx: &mut Tx,
    subjects: impl IntoIterator<Item = Subject> + Send,
    now: Timestamp,
) -> sqlx::Result<()> {
    // In the order of their ids, so that two who do this at once do not wait for each other.
    let mut subjects: Vec<Subject> = subjects.into_iter().collect();
    subjects.sort_unstable();
    for subject in subjects {
        renew(tx, subject, now).await?;
    }
    Ok(())
}

async fn put(tx: &mut Tx, object: Uuid, notice: &Stored) -> sqlx::Result<()> {
    let Stored { person, kind, part, tailnet, since, opens, closes, data } = notice;
    let of_others = [NoticeKind::Offer, NoticeKind::Asked];
    let rank = i64::from(of_others.iter().any(|other| other.as_str() == kind));
    let values = (person, kind, object, part, tailnet, rank, since, opens, closes, data);
    tx.query(PUT, values).execute().await.map(drop)
}

/// Changes when the rules by which notices are worked out change: what is stored is then made anew at the next start.
const RULES: &str = "7";

impl Db {
    /// Works out everything anew where that was done by other rules, or never.
    pub async fn renew_notices(&self, now: Timestamp) -> sqlx::Result<()> {
        const BY: &str = "notices";
        if self.find_setting(BY).await?.as_deref() == Some(RULES) {
            return Ok(());
        }
        // Twice, if the process is killed in between.
        self.rebuild_notices(now).await?;
        self.put_setting(BY, RULES).await
    }

    /// Works out everything from nothing.
    pub async fn rebuild_notices(&self, now: Timestamp) -> sqlx::Result<()> {
        let mut tx = self.begin().await?;
        tx.query("DELETE FROM notices", ()).execute().await?;
        let mut all = subjects::everything(&mut tx).await?;
        all.sort_unstable();
        for subject in all {
            make(&mut tx, subject, now, false).await?;
        }
        tx.commit().await
    }

    /// Shares of which a job found that they cannot be read.
    pub async fn notice_shares(&self, shares: &[model::ShareId], now: Timestamp) -> sqlx::Result<()> {
        if shares.is_empty() {
            return Ok(());
        }
        let mut tx = self.begin().await?;
        renew_all(&mut tx, shares.iter().copied().map(Subject::Share), now).await?;
        tx.commit().await
    }

    /// Where what is stored is not what would be worked out from nothing: for tests. Empty if all is well.
    pub async fn check_notices(&self, now: Timestamp) -> sqlx::Result<Vec<String>> {
        // As it was at one moment: another process may be at work.
        let mut tx = self.begin_reading().await?;
        let mut wrong = Vec::new();
        let mut right = 0;
        for subject in subjects::everything(&mut tx).await? {
            let due = facts::work_out(&mut tx, subject, now).await?.notices;
            let stored = stored(&mut tx, subject).await?;
            right += stored.len();
            let differs = |one: &Stored, others: &[Stored]| !others.iter().any(|other| one.says(other));
            let missing = due.iter().filter(|due| differs(due, &stored));
            wrong.extend(missing.map(|due| format!("{subject:?}: not stored: {due:?}")));
            let extra = stored.iter().filter(|stored| differs(stored, &due));
            wrong.extend(extra.map(|stored| format!("{subject:?}: stored, and not due: {stored:?}")));
        }
        let all = tx.query("SELECT COUNT(*) FROM notices", ()).count().await?;
        if all != i64::try_from(right).unwrap_or(i64::MAX) {
            wrong.push(format!("{all} notices are stored, and {right} are of something that is there"));
        }
        tx.rollback().await?;
        Ok(wrong)
    }
}
