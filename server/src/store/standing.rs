//! Who may come in, and everything that changes at once when somebody may not any more.

use model::standing::StandingChangeError;
use model::{PersonId, Standing, TailnetId, Timestamp};

use super::audit::{self, NewEntry};
use super::decode::{Damaged, FromRow, Row};
use super::{Db, Tx, identities, joinings, notices};

mod shut_out;

/// How somebody stands to this instance.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stands {
    pub standing: Standing,
    pub since: Option<Timestamp>,
    pub instance_owner: bool,
}

/// Why a person stays as they are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    #[error("there is no such person")]
    Unknown,
    #[error("this is the last owner of this Acequia who may come in; make somebody else an owner first")]
    LastOwner,
    #[error(transparent)]
    Standing(#[from] StandingChangeError),
}

/// From one standing to the next, as [`Standing::block`].
pub type Change = fn(Standing) -> Result<Standing, StandingChangeError>;

/// With what a deed is done and written down.
#[derive(Clone, Debug)]
pub struct Deed {
    pub person: PersonId,
    pub now: Timestamp,
    pub entry: NewEntry,
}

impl FromRow for Stands {
    const TABLE: &'static str = "people";
    const KEY: &'static [&'static str] = &["id"];

    fn from_row(row: &Row<'_>) -> Result<Self, Damaged> {
        Ok(Self {
            standing: row.get("standing")?,
            since: row.get("standing_since")?,
            instance_owner: row.get("instance_owner")?,
        })
    }
}

macro_rules! stands {
    () => {
        "SELECT id, standing, standing_since, instance_owner FROM people WHERE id = $1"
    };
}

/// Whether the change may be: pure, from what was read under the lock.
fn judge(stands: Option<Stands>, other_owners: i64, change: Change) -> Result<Standing, Refusal> {
    let stands = stands.ok_or(Refusal::Unknown)?;
    let next = change(stands.standing)?;
    if stands.instance_owner && !next.is_here() && other_owners == 0 {
        return Err(Refusal::LastOwner);
    }
    Ok(next)
}

/// Reads and decides under a lock that all deeds about people take: of two owners who shut each other out at once,
/// one is left.
async fn decide(tx: &mut Tx, person: PersonId, change: Change) -> sqlx::Result<Result<Standing, Refusal>> {
    let lock = "INSERT INTO settings (name, value) VALUES ('people_lock', '')
         ON CONFLICT (name) DO UPDATE SET value = excluded.value";
    tx.query(lock, ()).execute().await?;
    let stands = tx.query(stands!(), (person,)).fetch_optional().await?;
    let owners = "SELECT COUNT(*) FROM people WHERE instance_owner = $2 AND standing = 'here' AND id <> $1";
    let owners = tx.query(owners, (person, true)).count().await?;
    Ok(judge(stands, owners, change))
}

async fn put(tx: &mut Tx, person: PersonId, standing: Standing, now: Timestamp) -> sqlx::Result<()> {
    let put = "UPDATE people SET standing = $2, standing_since = $3 WHERE id = $1";
    tx.query(put, (person, standing, now)).execute().await?;
    // Whoever receives something of theirs is told that nobody looks after it.
    let given = notices::shares_given_by(tx, person).await?;
    notices::renew_all(tx, given, now).await
}

/// What is said of the person `$1` in these statements, whichever table it is in.
async fn delete(tx: &mut Tx, person: PersonId, all: &[&'static str]) -> sqlx::Result<()> {
    for sql in all {
        tx.query(*sql, (person,)).execute().await?;
    }
    Ok(())
}

impl Db {
    /// How somebody stands, if there is such a person.
    ///
    /// # Errors
    /// When the store fails, or holds no standing.
    pub async fn find_standing(&self, person: PersonId) -> sqlx::Result<Option<Stands>> {
        self.query(stands!(), (person,)).fetch_optional().await
    }

    /// Whether there is such a person, who may come in.
    ///
    /// # Errors
    /// As [`Self::find_standing`].
    pub async fn is_here(&self, person: PersonId) -> sqlx::Result<bool> {
        Ok(self.find_standing(person).await?.is_some_and(|stands| stands.standing.is_here()))
    }

    /// Lets somebody in again. Sessions, offers and shares that ended stay so.
    ///
    /// # Errors
    /// When the store fails; then nothing was done.
    pub async fn unblock(&self, deed: &Deed) -> sqlx::Result<Result<(), Refusal>> {
        let Deed { person, now, entry } = deed;
        let mut tx = self.begin().await?;
        let next = match decide(&mut tx, *person, Standing::unblock).await? {
            Ok(next) => next,
            Err(refusal) => {
                tx.rollback().await?;
                return Ok(Err(refusal));
            }
        };
        put(&mut tx, *person, next, *now).await?;
        audit::insert(&mut tx, entry).await?;
        tx.commit().await?;
        Ok(Ok(()))
    }

    /// Makes somebody who may come in one more owner of the instance.
    ///
    /// # Errors
    /// When the store fails; then nothing was done.
    pub async fn make_owner(&self, deed: &Deed) -> sqlx::Result<Result<(), Refusal>> {
        let Deed { person, entry, .. } = deed;
        let make = "UPDATE people SET instance_owner = $2 WHERE id = $1 AND instance_owner <> $2";
        let mut tx = self.begin().await?;
        if let Err(refusal) = decide(&mut tx, *person, Standing::stay).await? {
            tx.rollback().await?;
            return Ok(Err(refusal));
        }
        if tx.query(make, (person, true)).execute().await? == 1 {
            audit::insert(&mut tx, entry).await?;
        }
        tx.commit().await?;
        Ok(Ok(()))
    }

    /// Ends all sessions of somebody.
    ///
    /// # Errors
    /// When the store fails; then nothing was done.
    pub async fn sign_out(&self, deed: &Deed) -> sqlx::Result<Result<(), Refusal>> {
        let Deed { person, entry, .. } = deed;
        let mut tx = self.begin().await?;
        if tx.query("SELECT COUNT(*) FROM people WHERE id = $1", (person,)).count().await? == 0 {
            tx.rollback().await?;
            return Ok(Err(Refusal::Unknown));
        }
        delete(&mut tx, *person, &["DELETE FROM sessions WHERE person_id = $1"]).await?;
        audit::insert(&mut tx, entry).await?;
        tx.commit().await?;
        Ok(Ok(()))
    }

    /// The last step of a removal, once nothing of theirs is open any more: tailnets with their credentials, ways to sign
    /// in and rights go; the name stays for what was written down. `false`: something is open still.
    ///
    /// # Errors
    /// When the store fails; then nothing was done.
    pub async fn finish_removal(&self, deed: &Deed) -> sqlx::Result<bool> {
        let Deed { person, now, entry } = deed;
        // A key that was made for a new machine is revoked before the credential goes with which that is done.
        let open = concat!(
            "SELECT (SELECT COUNT(*) FROM shares WHERE state <> 'ended' AND (owner_id = $1 OR friend_id = $1
                OR tailnet_id IN (SELECT id FROM tailnets WHERE owner_id = $1)))
            + (SELECT COUNT(*) FROM joinings WHERE tailnet_id IN (SELECT id FROM tailnets WHERE owner_id = $1)
                AND ends > $2 AND ",
            joinings::open!(),
            ")"
        );
        let mut tx = self.begin().await?;
        let next = decide(&mut tx, *person, Standing::removed).await?;
        let open = tx.query(open, (person, now)).count().await?;
        let Some(next) = next.ok().filter(|_| open == 0) else {
            tx.rollback().await?;
            return Ok(false);
        };
        let emails = "SELECT email FROM identities WHERE person_id = $1 AND email IS NOT NULL";
        let emails: Vec<String> = tx.query(emails, (person,)).fetch_column().await?;
        let servers = "SELECT tailnet_id FROM members WHERE person_id = $1";
        let servers: Vec<TailnetId> = tx.query(servers, (person,)).fetch_column().await?;
        delete(&mut tx, *person, &ALL_OF_A_PERSON).await?;
        // The account that they were is nobody's.
        for server in servers {
            let waiting = notices::shares_waiting_for_accounts(&mut tx, server).await?;
            notices::renew_all(&mut tx, waiting, *now).await?;
        }
        identities::tell_of_offers(&mut tx, emails.iter().map(String::as_str), *now).await?;
        let plain = "UPDATE people SET instance_owner = $2, demo_about = NULL, zone = NULL, zone_told = NULL WHERE id = $1";
        tx.query(plain, (person, false)).execute().await?;
        put(&mut tx, *person, next, *now).await?;
        audit::insert(&mut tx, entry).await?;
        tx.commit().await?;
        Ok(true)
    }
}

/// In the order in which one hangs on the other.
const ALL_OF_A_PERSON: [&str; 15] = [
    "DELETE FROM shares WHERE tailnet_id IN (SELECT id FROM tailnets WHERE owner_id = $1)",
    "DELETE FROM tailnets WHERE owner_id = $1",
    "DELETE FROM identities WHERE person_id = $1",
    "DELETE FROM stewards WHERE person_id = $1",
    "DELETE FROM auditors WHERE person_id = $1",
    "DELETE FROM members WHERE person_id = $1",
    "DELETE FROM asks WHERE person_id = $1",
    "DELETE FROM lending_answers WHERE person_id = $1",
    "DELETE FROM service_asks WHERE person_id = $1",
    "DELETE FROM notices WHERE person_id = $1",
    "DELETE FROM audience WHERE person_id = $1",
    "DELETE FROM circle_people WHERE person_id = $1",
    "DELETE FROM circles WHERE owner_id = $1",
    "DELETE FROM arrivals WHERE person_id = $1",
    "DELETE FROM sessions WHERE person_id = $1",
];
