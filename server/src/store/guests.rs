//! Friends who have no account on a Headscale yet: how they come into it, the user that was made for them, their keys.

use std::collections::BTreeSet;

use model::{GuestWay, Id, PersonId, ShareId, TailnetId, Timestamp};

use super::decode::{Damaged, FromRow, Row};
use super::{Db, Json, audit, notices};

/// How one friend comes into one server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Guest {
    pub tailnet: TailnetId,
    pub person: PersonId,
    pub way: GuestWay,
    /// What the user is called that is made for them.
    pub name: String,
    pub ephemeral: bool,
    /// Ids of the accounts that were there before the user was asked for, or before signing in was chosen.
    pub known: Option<BTreeSet<String>>,
    /// The server's id of the user that was made for them.
    pub account: Option<String>,
}

impl Guest {
    /// What policies call the user that is made for them.
    pub fn login(&self) -> String {
        format!("{}@", self.name)
    }

    /// Whether a user is made for them.
    pub fn is_new(&self) -> bool {
        self.way == GuestWay::NewUser
    }

    /// Whether a user is to be made, and none is written down yet.
    pub fn is_to_be_made(&self) -> bool {
        self.is_new() && self.account.is_none()
    }

    /// Whether an account is the user that was made for them: by its id, and by the name that was given to it, since a
    /// server may give an id out again.
    pub fn is(&self, user: &control_plane::User) -> bool {
        let same = self.is_new() && user.provider_id.is_none() && user.name == self.name;
        let id = user.id.as_str();
        same && match (&self.account, &self.known) {
            (Some(account), _) => account == id,
            // Asked for, and the answer was lost: names of local users are unique, so it is the one that came since.
            (None, Some(known)) => !known.contains(id),
            (None, None) => false,
        }
    }
}

impl FromRow for Guest {
    const TABLE: &'static str = "guests";
    const KEY: &'static [&'static str] = &["tailnet_id", "person_id"];

    fn from_row(row: &Row<'_>) -> Result<Self, Damaged> {
        let known = row.get::<Option<String>>("known")?;
        Ok(Self {
            tailnet: row.get("tailnet_id")?,
            person: row.get("person_id")?,
            way: row.get("way")?,
            name: row.get("name")?,
            ephemeral: row.get("ephemeral")?,
            known: known.map(|_| row.json("known")).transpose()?,
            account: row.get("account_id")?,
        })
    }
}

/// Marks ids of keys of guests.
#[derive(Debug)]
pub enum Key {}

/// A key for a friend's machine.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GuestKey {
    pub id: Id<Key>,
    pub share: ShareId,
    pub account: String,
    /// Ids of the keys of that account that were good before.
    pub known: BTreeSet<String>,
    pub asked: Timestamp,
    /// At the latest.
    pub ends: Timestamp,
    /// The server's id of it; none while nobody knows whether it was made.
    pub key: Option<String>,
}

impl GuestKey {
    /// The ids, among those of its account that are good, that it may have: its own, or where that is not known those that
    /// came since and are no other's of `all`.
    pub fn among(&self, all: &[Self], good: &BTreeSet<String>) -> Vec<String> {
        if let Some(id) = &self.key {
            return good.get(id).cloned().into_iter().collect();
        }
        let others: BTreeSet<&String> = all.iter().filter_map(|other| other.key.as_ref()).collect();
        good.iter().filter(|id| !self.known.contains(*id) && !others.contains(id)).cloned().collect()
    }
}

impl FromRow for GuestKey {
    const TABLE: &'static str = "guest_keys";
    const KEY: &'static [&'static str] = &["id"];

    fn from_row(row: &Row<'_>) -> Result<Self, Damaged> {
        Ok(Self {
            id: row.get("id")?,
            share: row.get("share_id")?,
            account: row.get("account_id")?,
            known: row.json("known")?,
            asked: row.get("asked")?,
            ends: row.get("ends")?,
            key: row.get("key_id")?,
        })
    }
}

macro_rules! keys {
    ($rest:literal) => {
        concat!(
            "SELECT k.id, k.share_id, k.account_id, k.known, k.asked, k.ends, k.key_id FROM guest_keys k ",
            $rest
        )
    };
}

impl Db {
    pub async fn find_guest(&self, tailnet: TailnetId, person: PersonId) -> sqlx::Result<Option<Guest>> {
        let sql = "SELECT tailnet_id, person_id, way, name, ephemeral, known, account_id FROM guests
            WHERE tailnet_id = $1 AND person_id = $2";
        self.query(sql, (tailnet, person)).fetch_optional().await
    }

    /// What policies call the users that were made on a server, in lower case.
    pub async fn list_guest_logins(&self, tailnet: TailnetId) -> sqlx::Result<BTreeSet<String>> {
        let sql =
            "SELECT name FROM guests WHERE tailnet_id = $1 AND way = 'new_user' AND account_id IS NOT NULL";
        let names: Vec<String> = self.query(sql, (tailnet,)).fetch_column().await?;
        Ok(names.into_iter().map(|name| format!("{}@", name.to_lowercase())).collect())
    }

    /// Chooses how a friend comes in, in place of what was chosen before. `false`, and nothing is written, once a user was
    /// asked for: that one stays theirs.
    pub async fn put_guest(
        &self,
        guest: &Guest,
        now: Timestamp,
        entry: &audit::NewEntry,
    ) -> sqlx::Result<bool> {
        let put = "INSERT INTO guests (tailnet_id, person_id, way, name, ephemeral, chosen, known)
            VALUES ($1, $2, $3, $4, $5, $6, $7)
            ON CONFLICT (tailnet_id, person_id) DO UPDATE SET way = excluded.way, name = excluded.name,
                ephemeral = excluded.ephemeral, chosen = excluded.chosen, known = excluded.known
            WHERE guests.account_id IS NULL AND (guests.known IS NULL OR guests.way <> 'new_user')";
        // They are no account that was there: what was said before no longer holds.
        let forget = "DELETE FROM members WHERE tailnet_id = $1 AND person_id = $2";
        let Guest { tailnet, person, way, name, ephemeral, known, .. } = guest;
        let known = known.as_ref().map(Json::write);
        let mut tx = self.begin().await?;
        let values = (tailnet, person, way, name, ephemeral, now, known);
        let put = tx.query(put, values).execute().await? == 1;
        if put {
            tx.query(forget, (tailnet, person)).execute().await?;
            // Those that wait for an account by now, and those that do no longer.
            let theirs = notices::open_shares_of(&mut tx, *tailnet).await?;
            notices::renew_all(&mut tx, theirs, now).await?;
            audit::insert(&mut tx, entry).await?;
        }
        tx.commit().await?;
        Ok(put)
    }

    /// What is written down before the user is asked for; and that it was refused, so that none is there.
    pub async fn begin_guest(
        &self,
        (tailnet, person): (TailnetId, PersonId),
        known: Option<&BTreeSet<String>>,
    ) -> sqlx::Result<()> {
        let sql = "UPDATE guests SET known = $3 WHERE tailnet_id = $1 AND person_id = $2";
        self.query(sql, (tailnet, person, known.map(Json::write))).execute().await.map(drop)
    }

    /// The user is there: from now on they are this account.
    pub async fn put_guest_account(
        &self,
        (tailnet, person): (TailnetId, PersonId),
        account: &str,
        now: Timestamp,
        entry: &audit::NewEntry,
    ) -> sqlx::Result<()> {
        let made = "UPDATE guests SET account_id = $3 WHERE tailnet_id = $1 AND person_id = $2";
        let link = "INSERT INTO members (tailnet_id, person_id, account_id, chosen) VALUES ($1, $2, $3, $4)
             ON CONFLICT (tailnet_id, person_id) DO UPDATE SET account_id = excluded.account_id,
                chosen = excluded.chosen";
        let mut tx = self.begin().await?;
        tx.query(made, (tailnet, person, account)).execute().await?;
        tx.query(link, (tailnet, person, account, now)).execute().await?;
        let waiting = notices::shares_waiting_for_accounts(&mut tx, tailnet).await?;
        notices::renew_all(&mut tx, waiting, now).await?;
        audit::insert(&mut tx, entry).await?;
        tx.commit().await
    }

    /// Nothing was made for them, or it is gone: how they come in is chosen anew. An account that was deleted is nobody's
    /// any more, since its id may be given out again.
    pub async fn forget_guest(&self, guest: &Guest, now: Timestamp) -> sqlx::Result<()> {
        let (tailnet, person) = (guest.tailnet, guest.person);
        let forget = "DELETE FROM guests WHERE tailnet_id = $1 AND person_id = $2";
        let mut tx = self.begin().await?;
        tx.query(forget, (tailnet, person)).execute().await?;
        if let Some(account) = &guest.account {
            let unlink = "DELETE FROM members WHERE tailnet_id = $1 AND account_id = $2";
            tx.query(unlink, (tailnet, account)).execute().await?;
            // They are asked no more for what is on a machine of that account.
            let asks = notices::asks_of_tailnet(&mut tx, tailnet).await?;
            notices::renew_all(&mut tx, asks, now).await?;
        }
        let waiting = notices::shares_waiting_for_accounts(&mut tx, tailnet).await?;
        notices::renew_all(&mut tx, waiting, now).await?;
        tx.commit().await
    }

    /// Whether somebody else, or another share or offer, is for the user that was made for a friend.
    pub async fn is_guest_held(&self, guest: &Guest, but: ShareId, now: Timestamp) -> sqlx::Result<bool> {
        let (tailnet, person) = (guest.tailnet, guest.person);
        let shares = "SELECT COUNT(*) FROM shares WHERE tailnet_id = $1 AND id <> $2 AND state <> 'ended'
            AND (friend_id = $3 OR login = $4)";
        let shares = self.query(shares, (tailnet, but, person, guest.login())).count().await?;
        let others =
            "SELECT COUNT(*) FROM members WHERE tailnet_id = $1 AND account_id = $2 AND person_id <> $3";
        let others = match &guest.account {
            Some(account) => self.query(others, (tailnet, account, person)).count().await?,
            None => 0,
        };
        Ok(shares + others > 0 || self.has_open_offer_to(tailnet, person, now).await?)
    }

    /// Keys that were asked for because of a share.
    pub async fn list_guest_keys(&self, share: ShareId) -> sqlx::Result<Vec<GuestKey>> {
        self.query(keys!("WHERE k.share_id = $1 ORDER BY k.id"), (share,)).fetch_all().await
    }

    /// Keys of an account in a network, because of any share.
    pub async fn list_guest_keys_of(&self, tailnet: TailnetId, account: &str) -> sqlx::Result<Vec<GuestKey>> {
        let sql = keys!(
            "JOIN shares h ON h.id = k.share_id WHERE h.tailnet_id = $1 AND k.account_id = $2 ORDER BY k.id"
        );
        self.query(sql, (tailnet, account)).fetch_all().await
    }

    /// Keys in a network that were asked for before a time, and nobody knows whether they were made.
    pub async fn list_lost_guest_keys(
        &self,
        tailnet: TailnetId,
        before: Timestamp,
    ) -> sqlx::Result<Vec<GuestKey>> {
        let sql = keys!(
            "JOIN shares h ON h.id = k.share_id WHERE h.tailnet_id = $1 AND k.key_id IS NULL AND k.asked <= $2
             ORDER BY k.id"
        );
        self.query(sql, (tailnet, before)).fetch_all().await
    }

    /// Before it is asked for.
    pub async fn insert_guest_key(&self, key: &GuestKey) -> sqlx::Result<()> {
        let GuestKey { id, share, account, known, asked, ends, key } = key;
        let sql = "INSERT INTO guest_keys (id, share_id, account_id, known, asked, ends, key_id)
            VALUES ($1, $2, $3, $4, $5, $6, $7)";
        let values = (id, share, account, Json::write(known), asked, ends, key);
        self.query(sql, values).execute().await.map(drop)
    }

    /// It was made. `false`: it took so long that it was looked for and ended.
    pub async fn put_guest_key(
        &self,
        id: Id<Key>,
        (key, ends): (&str, Timestamp),
        entry: &audit::NewEntry,
    ) -> sqlx::Result<bool> {
        let sql = "UPDATE guest_keys SET key_id = $2, ends = $3 WHERE id = $1 AND key_id IS NULL";
        let mut tx = self.begin().await?;
        let put = tx.query(sql, (id, key, ends)).execute().await? == 1;
        if put {
            audit::insert(&mut tx, entry).await?;
        }
        tx.commit().await?;
        Ok(put)
    }

    /// It was refused, or is over.
    pub async fn forget_guest_key(&self, id: Id<Key>) -> sqlx::Result<()> {
        self.query("DELETE FROM guest_keys WHERE id = $1", (id,)).execute().await.map(drop)
    }
}
