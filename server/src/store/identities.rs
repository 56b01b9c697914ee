//! What a provider says of a person who signed in through it.

use model::ids::IdentityId;
use model::{PersonId, Timestamp};

use super::decode::{Damaged, FromRow, Row};
use super::notices::{self, subjects};
use super::{Db, Tx, audit, people};

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Identity {
    pub id: IdentityId,
    pub person: PersonId,
    pub provider: String,
    pub subject: String,
    pub label: String,
    /// Verified by the provider.
    pub email: Option<String>,
    pub linked: Timestamp,
}

macro_rules! identities {
    ($rest:literal) => {
        concat!("SELECT id, person_id, provider, subject, label, email, linked FROM identities ", $rest)
    };
}

impl FromRow for Identity {
    const TABLE: &'static str = "identities";
    const KEY: &'static [&'static str] = &["id"];

    fn from_row(row: &Row<'_>) -> Result<Self, Damaged> {
        Ok(Self {
            id: row.get("id")?,
            person: row.get("person_id")?,
            provider: row.get("provider")?,
            subject: row.get("subject")?,
            label: row.get("label")?,
            email: row.get("email")?,
            linked: row.get("linked")?,
        })
    }
}

/// Says whether it is new: two sign-ins at once may bring the same one.
pub(super) async fn insert(tx: &mut Tx, identity: &Identity) -> sqlx::Result<bool> {
    let Identity { id, person, provider, subject, label, email, linked } = identity;
    let done = tx
        .query(
            "INSERT INTO identities (id, person_id, provider, subject, label, email, linked)
             VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (provider, subject) DO NOTHING",
            (id, person, provider, subject, label, email, linked),
        )
        .execute();
    let new = done.await? == 1;
    if new {
        tell_of_offers(tx, email.as_deref(), *linked).await?;
    }
    Ok(new)
}

/// Offers to these addresses wait in the inbox of whoever has them, or no longer.
pub(super) async fn tell_of_offers<'a>(
    tx: &mut Tx,
    emails: impl IntoIterator<Item = &'a str>,
    now: Timestamp,
) -> sqlx::Result<()> {
    for email in emails {
        let offers = subjects::offers_to(tx, email).await?;
        notices::renew_all(tx, offers, now).await?;
    }
    Ok(())
}

impl Db {
    /// Links one more identity to a person who is there already.
    pub async fn insert_identity(&self, identity: &Identity) -> sqlx::Result<()> {
        let mut tx = self.begin().await?;
        insert(&mut tx, identity).await?;
        tx.commit().await
    }

    /// The same with the entry about it. `false`: somebody has it by now, perhaps they themselves; or its person may no
    /// longer come in.
    pub async fn link_identity(&self, identity: &Identity, entry: &audit::NewEntry) -> sqlx::Result<bool> {
        let mut tx = self.begin().await?;
        let linked = people::is_here(&mut tx, identity.person).await? && insert(&mut tx, identity).await?;
        if linked {
            audit::insert(&mut tx, entry).await?;
        }
        tx.commit().await?;
        Ok(linked)
    }

    pub async fn find_identity(&self, provider: &str, subject: &str) -> sqlx::Result<Option<Identity>> {
        self.query(identities!("WHERE provider = $1 AND subject = $2"), (provider, subject))
            .fetch_optional()
            .await
    }

    /// A person's identities, the oldest first.
    pub async fn list_identities(&self, person: PersonId) -> sqlx::Result<Vec<Identity>> {
        self.query(identities!("WHERE person_id = $1 ORDER BY id"), (person,)).fetch_all().await
    }

    /// The provider has new words for the same person.
    pub async fn refresh_identity(
        &self,
        known: &Identity,
        label: &str,
        email: Option<&str>,
        now: Timestamp,
    ) -> sqlx::Result<()> {
        let mut tx = self.begin().await?;
        let put = "UPDATE identities SET label = $2, email = $3 WHERE id = $1";
        tx.query(put, (known.id, label, email)).execute().await?;
        if known.email.as_deref() != email {
            let both = [known.email.as_deref(), email];
            tell_of_offers(&mut tx, both.into_iter().flatten(), now).await?;
        }
        tx.commit().await
    }

    /// Removes an identity of this person, unless it is the only one. Says whether it did.
    pub async fn remove_identity_unless_last(
        &self,
        person: PersonId,
        id: IdentityId,
        entry: &audit::NewEntry,
    ) -> sqlx::Result<bool> {
        let mut tx = self.begin().await?;
        // Two at once could each see the other's; whoever holds the person's row goes first.
        tx.query("UPDATE people SET name = name WHERE id = $1", (person,)).execute().await?;
        let remove = "DELETE FROM identities WHERE id = $1 AND person_id = $2
             AND (SELECT COUNT(*) FROM identities WHERE person_id = $2) > 1";
        let email = "SELECT email FROM identities WHERE id = $1 AND email IS NOT NULL";
        let emails: Vec<String> = tx.query(email, (id,)).fetch_column().await?;
        let removed = tx.query(remove, (id, person)).execute().await? == 1;
        if removed {
            tell_of_offers(&mut tx, emails.iter().map(String::as_str), entry.at).await?;
            audit::insert(&mut tx, entry).await?;
        }
        tx.commit().await?;
        Ok(removed)
    }
}
