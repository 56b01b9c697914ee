//! People who lend machines of theirs on a server that somebody else looks after: whoever is known to be an account of it, and
//! who asked to be.

use model::{NodeId, PersonId, TailnetId, Timestamp};

use super::decode::{Damaged, FromRow, Row};
use super::notices::{self, Subject};
use super::{Db, Tx, audit};

/// Whether the machine `n` belongs to the account that `$1` is known to be: on the server itself, or, with tags, because it
/// was given to it.
macro_rules! held {
    () => {
        "EXISTS (SELECT 1 FROM members m WHERE m.tailnet_id = n.tailnet_id AND m.person_id = $1
            AND m.account_id = COALESCE(n.account_id, n.given_to))"
    };
}

/// Whose the machine `n` of tailnet `t` is to lend: the first who was said to be its account and may come in, else the
/// owner of the tailnet.
macro_rules! holder {
    () => {
        "COALESCE((SELECT m.person_id FROM members m JOIN people mp ON mp.id = m.person_id
            WHERE m.tailnet_id = n.tailnet_id AND m.account_id = COALESCE(n.account_id, n.given_to)
                AND mp.standing = 'here' ORDER BY m.chosen, m.person_id LIMIT 1), t.owner_id)"
    };
}

/// Whether the share in table `$share` is given by the person `$owner` as the owner of its tailnet, and not as somebody who lends
/// a machine of theirs on a server.
macro_rules! given_as_owner {
    ($share:literal, $owner:literal) => {
        concat!(
            "(",
            $share,
            ".owner_id = ",
            $owner,
            " AND NOT EXISTS (SELECT 1 FROM nodes ln JOIN members lm ON lm.tailnet_id = ln.tailnet_id
                AND lm.account_id = COALESCE(ln.account_id, ln.given_to)
                WHERE ln.id = ",
            $share,
            ".node_id AND lm.person_id = ",
            $owner,
            "))"
        )
    };
}

pub(super) use {given_as_owner, holder};

/// Somebody who is an account of a server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lender {
    pub person: PersonId,
    pub name: String,
    /// The server's id of the account.
    pub account: String,
}

impl FromRow for Lender {
    const TABLE: &'static str = "members";
    const KEY: &'static [&'static str] = &["tailnet_id", "person_id"];

    fn from_row(row: &Row<'_>) -> Result<Self, Damaged> {
        Ok(Self {
            person: row.get("person_id")?,
            name: row.get("person_name")?,
            account: row.get("account_id")?,
        })
    }
}

/// A machine of somebody on a server that others look after.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HeldNode {
    pub id: NodeId,
    pub name: String,
    pub tailnet: TailnetId,
    pub tailnet_name: String,
    pub owner: PersonId,
    pub owner_name: String,
}

impl FromRow for HeldNode {
    const TABLE: &'static str = "nodes";
    const KEY: &'static [&'static str] = &["id"];

    fn from_row(row: &Row<'_>) -> Result<Self, Damaged> {
        Ok(Self {
            id: row.get("id")?,
            name: row.get("name")?,
            tailnet: row.get("tailnet_id")?,
            tailnet_name: row.get("tailnet_name")?,
            owner: row.get("owner_id")?,
            owner_name: row.get("owner_name")?,
        })
    }
}

/// What whoever asked is told; the notices of the server are made anew after it.
pub(super) async fn answer(
    tx: &mut Tx,
    (tailnet, person): (TailnetId, PersonId),
    accepted: bool,
    now: Timestamp,
) -> sqlx::Result<()> {
    let put = "INSERT INTO lending_answers (tailnet_id, person_id, accepted, answered) VALUES ($1, $2, $3, $4)
         ON CONFLICT (tailnet_id, person_id) DO UPDATE SET accepted = excluded.accepted, answered = excluded.answered";
    tx.query(put, (tailnet, person, accepted, now)).execute().await.map(drop)
}

/// What they were told holds no longer.
async fn forget_answer(tx: &mut Tx, tailnet: TailnetId, person: PersonId) -> sqlx::Result<()> {
    let forget = "DELETE FROM lending_answers WHERE tailnet_id = $1 AND person_id = $2";
    tx.query(forget, (tailnet, person)).execute().await.map(drop)
}

impl Db {
    /// Whether a machine is of the account that somebody is known to be.
    pub async fn is_held(&self, node: NodeId, person: PersonId) -> sqlx::Result<bool> {
        let sql = concat!("SELECT COUNT(*) FROM nodes n WHERE n.id = $2 AND ", held!());
        Ok(self.query(sql, (person, node)).count().await? > 0)
    }

    /// Whether a machine is of the account of somebody who has no hand on its server: they neither own its tailnet nor are a
    /// steward of it.
    pub async fn is_lent(&self, node: NodeId) -> sqlx::Result<bool> {
        let sql = "SELECT COUNT(*) FROM nodes n JOIN tailnets t ON t.id = n.tailnet_id
             JOIN members m ON m.tailnet_id = n.tailnet_id AND m.account_id = COALESCE(n.account_id, n.given_to)
             WHERE n.id = $1 AND m.person_id <> t.owner_id
                AND NOT EXISTS (SELECT 1 FROM stewards w WHERE w.tailnet_id = t.id AND w.person_id = m.person_id)";
        Ok(self.query(sql, (node,)).count().await? > 0)
    }

    /// Machines of somebody in tailnets that they neither own nor are a steward of, by name.
    pub async fn list_held(&self, person: PersonId) -> sqlx::Result<Vec<HeldNode>> {
        let sql = concat!(
            "SELECT n.id, n.name, t.id AS tailnet_id, t.name AS tailnet_name, t.owner_id, p.name AS owner_name
             FROM nodes n JOIN tailnets t ON t.id = n.tailnet_id JOIN people p ON p.id = t.owner_id
             WHERE n.gone IS NULL AND t.owner_id <> $1
                AND NOT EXISTS (SELECT 1 FROM stewards w WHERE w.tailnet_id = t.id AND w.person_id = $1)
                AND ",
            held!(),
            " ORDER BY t.name, t.id, n.name, n.id"
        );
        self.query(sql, (person,)).fetch_all().await
    }

    /// People who are known to be accounts of a server, by name.
    pub async fn list_lenders(&self, tailnet: TailnetId) -> sqlx::Result<Vec<Lender>> {
        let sql = "SELECT m.tailnet_id, m.person_id, p.name AS person_name, m.account_id
             FROM members m JOIN people p ON p.id = m.person_id WHERE m.tailnet_id = $1 ORDER BY p.name, p.id";
        self.query(sql, (tailnet,)).fetch_all().await
    }

    /// Who waits for an answer, the oldest first.
    pub async fn list_asking(&self, tailnet: TailnetId) -> sqlx::Result<Vec<(PersonId, String, Timestamp)>> {
        let sql = "SELECT p.id, p.name, a.asked FROM asks a JOIN people p ON p.id = a.person_id
             WHERE a.tailnet_id = $1 ORDER BY a.asked, p.id";
        self.query(sql, (tailnet,)).fetch_all().await
    }

    /// Somebody asks to lend their machines. Nothing is written down if they have asked already, or are known.
    pub async fn put_asking(
        &self,
        tailnet: TailnetId,
        person: PersonId,
        entry: &audit::NewEntry,
    ) -> sqlx::Result<()> {
        let put = "INSERT INTO asks (tailnet_id, person_id, asked)
             SELECT $1, id, $3 FROM people WHERE id = $2 AND standing = 'here'
                AND NOT EXISTS (SELECT 1 FROM members m WHERE m.tailnet_id = $1 AND m.person_id = $2)
             ON CONFLICT (tailnet_id, person_id) DO NOTHING";
        let mut tx = self.begin().await?;
        if tx.query(put, (tailnet, person, entry.at)).execute().await? == 1 {
            forget_answer(&mut tx, tailnet, person).await?;
            notices::renew(&mut tx, Subject::Server(tailnet), entry.at).await?;
            audit::insert(&mut tx, entry).await?;
        }
        tx.commit().await
    }

    /// They are told, and may ask again. False if they did not wait.
    pub async fn delete_asking(
        &self,
        tailnet: TailnetId,
        person: PersonId,
        entry: &audit::NewEntry,
    ) -> sqlx::Result<bool> {
        let sql = "DELETE FROM asks WHERE tailnet_id = $1 AND person_id = $2";
        let mut tx = self.begin().await?;
        let waited = tx.query(sql, (tailnet, person)).execute().await? == 1;
        if waited {
            answer(&mut tx, (tailnet, person), false, entry.at).await?;
            notices::renew(&mut tx, Subject::Server(tailnet), entry.at).await?;
            audit::insert(&mut tx, entry).await?;
        }
        tx.commit().await?;
        Ok(waited)
    }

    /// They lend nothing more from here on; their shares stay as they are.
    pub async fn delete_member(
        &self,
        tailnet: TailnetId,
        person: PersonId,
        entry: &audit::NewEntry,
    ) -> sqlx::Result<bool> {
        let sql = "DELETE FROM members WHERE tailnet_id = $1 AND person_id = $2";
        let mut tx = self.begin().await?;
        let known = tx.query(sql, (tailnet, person)).execute().await? == 1;
        if known {
            forget_answer(&mut tx, tailnet, person).await?;
            let all = notices::of_tailnet(&mut tx, tailnet).await?;
            notices::renew_all(&mut tx, all, entry.at).await?;
            audit::insert(&mut tx, entry).await?;
        }
        tx.commit().await?;
        Ok(known)
    }

    /// Whether each plan waits for those who look after the server.
    pub async fn put_owner_reviews(
        &self,
        tailnet: TailnetId,
        reviews: bool,
        entry: &audit::NewEntry,
    ) -> sqlx::Result<()> {
        let sql = "UPDATE tailnets SET owner_reviews = $2 WHERE id = $1 AND owner_reviews <> $2";
        let mut tx = self.begin().await?;
        if tx.query(sql, (tailnet, reviews)).execute().await? == 1 {
            let all = notices::of_tailnet(&mut tx, tailnet).await?;
            notices::renew_all(&mut tx, all, entry.at).await?;
            audit::insert(&mut tx, entry).await?;
        }
        tx.commit().await
    }
}
