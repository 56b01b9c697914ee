//! Accounts of a Headscale, and which of them a person is: as its owner said once.

use std::collections::BTreeSet;

use model::{PersonId, TailnetId, Timestamp};

use super::decode::{Damaged, FromRow, Row};
use super::{Db, audit, lenders, notices};

/// An account of a server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Member {
    /// The server's id of it.
    pub id: String,
    /// What policies call it.
    pub login: String,
    pub own_name: String,
    /// For people.
    pub name: String,
    pub email: Option<String>,
    pub provider_id: Option<String>,
}

impl FromRow for Member {
    const TABLE: &'static str = "users";
    const KEY: &'static [&'static str] = &["tailnet_id", "control_id"];

    fn from_row(row: &Row<'_>) -> Result<Self, Damaged> {
        Ok(Self {
            id: row.get("control_id")?,
            login: row.get("login")?,
            own_name: row.get("own_name")?,
            name: row.get("name")?,
            email: row.get("email")?,
            provider_id: row.get("provider_id")?,
        })
    }
}

macro_rules! members {
    ($rest:literal) => {
        concat!(
            "SELECT u.tailnet_id, u.control_id, u.login, u.own_name, u.name, u.email, u.provider_id FROM users u ",
            $rest
        )
    };
}

impl Db {
    /// The account that somebody is, if that was said and it is still there.
    pub async fn find_member(&self, tailnet: TailnetId, person: PersonId) -> sqlx::Result<Option<Member>> {
        let sql = members!(
            "JOIN members m ON m.tailnet_id = u.tailnet_id AND m.account_id = u.control_id
             WHERE u.tailnet_id = $1 AND m.person_id = $2"
        );
        self.query(sql, (tailnet, person)).fetch_optional().await
    }

    pub async fn find_account(&self, tailnet: TailnetId, id: &str) -> sqlx::Result<Option<Member>> {
        let sql = members!("WHERE u.tailnet_id = $1 AND u.control_id = $2");
        self.query(sql, (tailnet, id)).fetch_optional().await
    }

    /// Accounts whose names or mail have these words, by name.
    pub async fn search_members(
        &self,
        tailnet: TailnetId,
        like: Option<&str>,
        limit: i64,
    ) -> sqlx::Result<Vec<Member>> {
        let sql = members!(
            "WHERE u.tailnet_id = $1 AND ($2 = ''
                OR lower(u.login || ' ' || u.own_name || ' ' || u.name || ' ' || COALESCE(u.email, ''))
                    LIKE $2 ESCAPE '!')
             ORDER BY u.own_name, u.login LIMIT $3"
        );
        self.query(sql, (tailnet, like.unwrap_or_default(), limit)).fetch_all().await
    }

    /// Accounts that have this mail, or are called so by policies or by themselves. `named` is in lower case.
    pub async fn list_members_named(&self, tailnet: TailnetId, named: &str) -> sqlx::Result<Vec<Member>> {
        let sql = members!(
            "WHERE u.tailnet_id = $1 AND (lower(COALESCE(u.email, '')) = $2 OR lower(u.login) = $2
                OR lower(u.own_name || '@') = $2) ORDER BY u.control_id"
        );
        self.query(sql, (tailnet, named)).fetch_all().await
    }

    /// Accounts that an identity provider calls so.
    pub async fn list_members_of_provider(
        &self,
        tailnet: TailnetId,
        provider_id: &str,
    ) -> sqlx::Result<Vec<Member>> {
        let sql = members!("WHERE u.tailnet_id = $1 AND u.provider_id = $2 ORDER BY u.control_id");
        self.query(sql, (tailnet, provider_id)).fetch_all().await
    }

    /// The accounts that came last: a server counts them up.
    pub async fn list_last_members(&self, tailnet: TailnetId, limit: i64) -> sqlx::Result<Vec<Member>> {
        let sql = members!(
            "WHERE u.tailnet_id = $1 ORDER BY length(u.control_id) DESC, u.control_id DESC LIMIT $2"
        );
        self.query(sql, (tailnet, limit)).fetch_all().await
    }

    pub async fn list_account_ids(&self, tailnet: TailnetId) -> sqlx::Result<Vec<String>> {
        let sql = "SELECT control_id FROM users WHERE tailnet_id = $1";
        self.query(sql, (tailnet,)).fetch_column().await
    }

    /// Names and mails of accounts that begin so. `begin` has nothing that a search would read otherwise but `_`.
    pub async fn list_names_like(&self, tailnet: TailnetId, begin: &str) -> sqlx::Result<BTreeSet<String>> {
        let names = "SELECT own_name FROM users WHERE tailnet_id = $1 AND own_name LIKE $2 ESCAPE '!'
             UNION SELECT login FROM users WHERE tailnet_id = $1 AND login LIKE $2 ESCAPE '!'
             UNION SELECT email FROM users WHERE tailnet_id = $1 AND email LIKE $2 ESCAPE '!'
             UNION SELECT name FROM guests WHERE tailnet_id = $1 AND account_id IS NOT NULL AND name LIKE $2 ESCAPE '!'";
        let like = format!("{}%", begin.replace('_', "!_"));
        let found: Vec<String> = self.query(names, (tailnet, like)).fetch_column().await?;
        Ok(found.into_iter().map(|name| name.trim_end_matches('@').to_owned()).collect())
    }

    /// From now on this person is this account.
    pub async fn put_member(
        &self,
        (tailnet, person): (TailnetId, PersonId),
        account: &str,
        now: Timestamp,
        entry: &audit::NewEntry,
    ) -> sqlx::Result<()> {
        let put = "INSERT INTO members (tailnet_id, person_id, account_id, chosen) VALUES ($1, $2, $3, $4)
             ON CONFLICT (tailnet_id, person_id) DO UPDATE SET account_id = excluded.account_id,
                chosen = excluded.chosen";
        let mut tx = self.begin().await?;
        tx.query(put, (tailnet, person, account, now)).execute().await?;
        let asked = "DELETE FROM asks WHERE tailnet_id = $1 AND person_id = $2";
        if tx.query(asked, (tailnet, person)).execute().await? > 0 {
            lenders::answer(&mut tx, (tailnet, person), true, now).await?;
        }
        // What they made offers of is theirs to give from now on.
        let all = notices::of_tailnet(&mut tx, tailnet).await?;
        notices::renew_all(&mut tx, all, now).await?;
        audit::insert(&mut tx, entry).await?;
        tx.commit().await
    }
}
