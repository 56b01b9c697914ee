//! Links with which somebody who lost their way to sign in comes back: good once, kept as a hash.

use model::{PersonId, Timestamp};

use super::identities::{self, Identity};
use super::standing::{Deed, Refusal};
use super::{Db, audit, people};

/// How long a link is good. One whose end lies further ahead was made by a clock that was wrong, and is over.
pub const LIFETIME_SECONDS: i64 = 86_400;

/// What became of a link that somebody came with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Used {
    Done,
    /// It is used, over, replaced, or its person may not come in.
    Gone,
    /// The way to sign in belongs to another person here. The link is still good.
    OfSomebodyElse,
}

/// The last end that a link may have now.
fn latest(now: Timestamp) -> Timestamp {
    now.plus_seconds(LIFETIME_SECONDS + Timestamp::SKEW_SECONDS)
}

impl Db {
    /// Whose link it is, while it can be used.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn find_person_link(
        &self,
        token_hash: &str,
        now: Timestamp,
    ) -> sqlx::Result<Option<(PersonId, String)>> {
        let sql = "SELECT p.id, p.name FROM person_links l JOIN people p ON p.id = l.person_id
             WHERE l.token_hash = $1 AND l.ends > $2 AND l.ends <= $3 AND p.standing = 'here'";
        self.query(sql, (token_hash, now, latest(now))).fetch_optional().await
    }

    /// Keeps a new link; the one before is good no more.
    ///
    /// # Errors
    /// When the store fails; then nothing was done.
    pub async fn put_person_link(
        &self,
        deed: &Deed,
        token_hash: &str,
        ends: Timestamp,
    ) -> sqlx::Result<Result<(), Refusal>> {
        let Deed { person, now, entry } = deed;
        let put = "INSERT INTO person_links (person_id, token_hash, made, ends)
             SELECT id, $2, $3, $4 FROM people WHERE id = $1 AND standing = 'here'
             ON CONFLICT (person_id) DO UPDATE SET token_hash = excluded.token_hash, made = excluded.made,
                ends = excluded.ends";
        let mut tx = self.begin().await?;
        let made = tx.query(put, (person, token_hash, now, ends)).execute().await? == 1;
        if made {
            audit::insert(&mut tx, entry).await?;
        }
        tx.commit().await?;
        Ok(if made { Ok(()) } else { Err(Refusal::Unknown) })
    }

    /// Uses a link up: the identity is its person's from now on, and all their sessions end.
    ///
    /// # Errors
    /// When the store fails; then nothing was done.
    pub async fn use_person_link(
        &self,
        token_hash: &str,
        identity: &Identity,
        now: Timestamp,
        entry: &audit::NewEntry,
    ) -> sqlx::Result<Used> {
        let person = identity.person;
        let mut tx = self.begin().await?;
        // Whoever holds the person's row goes first: of two who come with the same link at once, one finds it used.
        people::is_here(&mut tx, person).await?;
        let good = "SELECT COUNT(*) FROM person_links
             WHERE person_id = $1 AND token_hash = $2 AND ends > $3 AND ends <= $4";
        let good = tx.query(good, (person, token_hash, now, latest(now))).count().await? == 1;
        if !good {
            tx.commit().await?;
            return Ok(Used::Gone);
        }
        identities::insert(&mut tx, identity).await?;
        let whose = "SELECT person_id FROM identities WHERE provider = $1 AND subject = $2";
        let (whose,): (PersonId,) =
            tx.query(whose, (&identity.provider, &identity.subject)).fetch_one().await?;
        if whose != person {
            tx.commit().await?;
            return Ok(Used::OfSomebodyElse);
        }
        tx.query("DELETE FROM person_links WHERE person_id = $1", (person,)).execute().await?;
        tx.query("DELETE FROM sessions WHERE person_id = $1", (person,)).execute().await?;
        audit::insert(&mut tx, entry).await?;
        tx.commit().await?;
        Ok(Used::Done)
    }
}
