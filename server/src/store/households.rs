//! Whose machines are whose on a Headscale: which accounts live together, and to whom machines with tags were given.

use model::{NodeId, TailnetId};

use super::decode::{Damaged, FromRow, Listed, Row};
use super::{Db, Tx, audit, notices};

/// A machine of a server, as far as it is about whose it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Owned {
    pub id: NodeId,
    pub name: String,
    /// What policies call the account that it belongs to; empty where it has tags.
    pub login: String,
    /// The server's id of that account.
    pub account: Option<String>,
    pub tags: Vec<String>,
    /// The account to which it was given.
    pub given_to: Option<String>,
    pub addresses: Vec<String>,
}

impl FromRow for Owned {
    const TABLE: &'static str = "nodes";
    const KEY: &'static [&'static str] = &["id"];

    fn from_row(row: &Row<'_>) -> Result<Self, Damaged> {
        Ok(Self {
            id: row.get("id")?,
            name: row.get("name")?,
            login: row.get("user_login")?,
            account: row.get("account_id")?,
            tags: row.json("tags")?,
            given_to: row.get("given_to")?,
            addresses: row.json("addresses")?,
        })
    }
}

/// The number of the household that an account lives in.
async fn home_of(tx: &mut Tx, tailnet: TailnetId, account: &str) -> sqlx::Result<Option<i64>> {
    let sql = "SELECT home FROM households WHERE tailnet_id = $1 AND account_id = $2";
    Ok(tx.query(sql, (tailnet, account)).fetch_column().await?.pop())
}

async fn put_home(tx: &mut Tx, tailnet: TailnetId, account: &str, home: i64) -> sqlx::Result<()> {
    let sql = "INSERT INTO households (tailnet_id, account_id, home) VALUES ($1, $2, $3)
         ON CONFLICT (tailnet_id, account_id) DO UPDATE SET home = excluded.home";
    tx.query(sql, (tailnet, account, home)).execute().await.map(drop)
}

impl Db {
    /// Machines of a tailnet that are there, by name.
    pub async fn list_owned(&self, tailnet: TailnetId) -> sqlx::Result<Listed<Owned>> {
        let sql = "SELECT id, name, user_login, account_id, tags, given_to, addresses FROM nodes
             WHERE tailnet_id = $1 AND gone IS NULL ORDER BY name, id";
        self.query(sql, (tailnet,)).fetch_listed().await
    }

    /// Accounts that live with others, with the number of their household.
    pub async fn list_households(&self, tailnet: TailnetId) -> sqlx::Result<Vec<(String, i64)>> {
        let sql = "SELECT account_id, home FROM households WHERE tailnet_id = $1 ORDER BY home, account_id";
        self.query(sql, (tailnet,)).fetch_all().await
    }

    /// From now on both live together, with whoever lived with one of them.
    pub async fn join_households(
        &self,
        tailnet: TailnetId,
        (one, other): (&str, &str),
        entry: &audit::NewEntry,
    ) -> sqlx::Result<()> {
        let mut tx = self.begin().await?;
        // Two at once would each give the same number away.
        tx.query("UPDATE tailnets SET id = id WHERE id = $1", (tailnet,)).execute().await?;
        let homes = (home_of(&mut tx, tailnet, one).await?, home_of(&mut tx, tailnet, other).await?);
        let home = match homes {
            (Some(home), Some(left)) => {
                let moved = "UPDATE households SET home = $2 WHERE tailnet_id = $1 AND home = $3";
                tx.query(moved, (tailnet, home, left)).execute().await?;
                home
            }
            (Some(home), None) | (None, Some(home)) => home,
            (None, None) => {
                let last = "SELECT COALESCE(MAX(home), 0) FROM households WHERE tailnet_id = $1";
                tx.query(last, (tailnet,)).count().await? + 1
            }
        };
        put_home(&mut tx, tailnet, one, home).await?;
        put_home(&mut tx, tailnet, other, home).await?;
        audit::insert(&mut tx, entry).await?;
        tx.commit().await
    }

    /// It lives alone from now on. False, and nothing is written down, if it did.
    pub async fn leave_household(
        &self,
        tailnet: TailnetId,
        account: &str,
        entry: &audit::NewEntry,
    ) -> sqlx::Result<bool> {
        let sql = "DELETE FROM households WHERE tailnet_id = $1 AND account_id = $2";
        let mut tx = self.begin().await?;
        let left = tx.query(sql, (tailnet, account)).execute().await? == 1;
        if left {
            audit::insert(&mut tx, entry).await?;
        }
        tx.commit().await?;
        Ok(left)
    }

    /// A machine with tags belongs to this account from now on; `None`: to nobody.
    pub async fn give_machine(
        &self,
        node: NodeId,
        account: Option<&str>,
        entry: &audit::NewEntry,
    ) -> sqlx::Result<()> {
        let mut tx = self.begin().await?;
        tx.query("UPDATE nodes SET given_to = $2 WHERE id = $1", (node, account)).execute().await?;
        // Whoever it belongs to is asked for what is on it.
        let asks = notices::asks_of_node(&mut tx, node).await?;
        notices::renew_all(&mut tx, asks, entry.at).await?;
        audit::insert(&mut tx, entry).await?;
        tx.commit().await
    }
}
