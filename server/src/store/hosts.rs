//! What is known of a machine's host: its token, what it fetched, what was seen in force, friends' addresses.

use firewall::TailnetAddress;
use model::host::{Hold, May, Pasted, Told};
use model::{Login, NodeId, PersonId, Revision, TailnetId, Timestamp};

use super::decode::{Damaged, FromRow, Listed, Row};
use super::notices::{self, Subject};
use super::{Db, Json, audit};

/// One host. Nothing known is all absent.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Host {
    pub token_made: Option<Timestamp>,
    /// What the host may say with it.
    pub may: May,
    /// When it last asked for its text.
    pub asked: Option<Timestamp>,
    /// Then also what it had in force already, as it said.
    pub told: Option<Told>,
    pub pasted: Option<Pasted>,
    /// How many packets had come in when a guard that was pasted had seen none of them.
    pub unseen: Option<i64>,
    /// Since when no text can be made for it, and why.
    pub refused: Option<(Timestamp, String)>,
}

/// What pasted rules showed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Seen {
    pub revision: Revision,
    /// Nothing of it was missing or altered.
    pub whole: bool,
    pub hold: Option<Hold>,
    /// As [`Host::unseen`].
    pub unseen: Option<i64>,
}

/// With what an owner is told of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HostOfNode {
    pub node: NodeId,
    pub tailnet: TailnetId,
    pub name: String,
    /// The current text, and since when.
    pub revision: Revision,
    pub made: Timestamp,
    pub host: Host,
}

/// A friend's devices as the machine saw them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FriendAddresses {
    pub login: String,
    pub addresses: Vec<String>,
    pub read: Timestamp,
}

impl FromRow for Host {
    const TABLE: &'static str = "hosts";
    const KEY: &'static [&'static str] = &["node_id"];

    fn from_row(row: &Row<'_>) -> Result<Self, Damaged> {
        let (asked, seen): (Option<Timestamp>, Option<Timestamp>) = (row.get("fetched")?, row.get("seen")?);
        let (revision, whole): (Option<Revision>, Option<bool>) =
            (row.get("seen_revision")?, row.get("seen_whole")?);
        let told: Option<Revision> = row.get("fetched_revision")?;
        // A word of another version is none: it only tells, and a text is made all the same.
        let hold: Option<Hold> = row.parse_optional("fetched_hold").unwrap_or_default();
        let pasted_hold: Option<Hold> = row.parse_optional("seen_hold").unwrap_or_default();
        let refused: Option<Timestamp> = row.get("text_refused")?;
        Ok(Self {
            token_made: row.get("token_made")?,
            may: May { tells: row.get("tells")?, lists: row.get("lists")? },
            asked,
            told: asked.filter(|_| told.is_some() || hold.is_some()).map(|at| Told {
                at,
                revision: told.unwrap_or(Revision::NONE),
                hold,
            }),
            pasted: seen.zip(revision).zip(whole).map(|((at, revision), whole)| Pasted {
                at,
                revision,
                whole,
                hold: pasted_hold,
            }),
            unseen: row.get("seen_received")?,
            refused: refused.zip(row.get("text_why")?),
        })
    }
}

impl FromRow for HostOfNode {
    const TABLE: &'static str = "nodes";
    const KEY: &'static [&'static str] = &["node_id"];

    fn from_row(row: &Row<'_>) -> Result<Self, Damaged> {
        Ok(Self {
            node: row.get("node_id")?,
            tailnet: row.get("tailnet_id")?,
            name: row.get("name")?,
            revision: row.get("firewall_revision")?,
            made: row.get("firewall_made")?,
            host: row.part()?,
        })
    }
}

impl FromRow for FriendAddresses {
    const TABLE: &'static str = "friend_addresses";
    const KEY: &'static [&'static str] = &["node_id", "login"];

    fn from_row(row: &Row<'_>) -> Result<Self, Damaged> {
        let addresses: Vec<TailnetAddress> = row.json("addresses")?;
        // A friend of whom no address is known has no row: without one their ports are open to all whom the policy lets
        // in.
        if addresses.is_empty() {
            return Err(row.damaged("addresses", "the list is empty"));
        }
        // As it is compared with the logins of shares.
        row.parse::<Login>("login")?;
        let addresses = addresses.iter().map(ToString::to_string).collect();
        Ok(Self { login: row.get("login")?, addresses, read: row.get("read")? })
    }
}

macro_rules! hosts {
    ($rest:expr) => {
        concat!(
            "SELECT h.node_id, h.token_made, h.tells, h.lists, h.fetched, h.fetched_revision, h.seen, h.seen_revision,
                h.seen_whole, h.fetched_hold, h.seen_hold, h.seen_received, h.text_refused, h.text_why,
                n.tailnet_id, n.name, n.firewall_revision, COALESCE(n.firewall_made, 0) AS firewall_made
             FROM hosts h JOIN nodes n ON n.id = h.node_id JOIN tailnets t ON t.id = n.tailnet_id WHERE ",
            $rest
        )
    };
}

/// The host `$1`, of a machine that is there.
pub(super) const THERE: &str = hosts!("h.node_id = $1 AND n.gone IS NULL");

impl Host {
    /// As of now: what is said to have happened later than that did not.
    #[must_use]
    pub fn as_of(self, now: Timestamp) -> Self {
        let happened = |at: Timestamp| at.happened(now);
        Self {
            asked: self.asked.and_then(happened),
            told: self.told.filter(|told| happened(told.at).is_some()),
            pasted: self.pasted.filter(|pasted| happened(pasted.at).is_some()),
            ..self
        }
    }
}

impl Db {
    pub async fn find_host(&self, node: NodeId) -> sqlx::Result<Host> {
        let host = self.query(hosts!("h.node_id = $1"), (node,)).fetch_optional().await?;
        Ok(host.unwrap_or_default())
    }

    /// Hosts of a tailnet of which something is known, of machines that have a text.
    pub async fn list_hosts(&self, tailnet: TailnetId) -> sqlx::Result<Vec<HostOfNode>> {
        let sql = hosts!(
            "n.tailnet_id = $1 AND n.gone IS NULL AND n.firewall_made IS NOT NULL ORDER BY n.name, n.id"
        );
        self.query(sql, (tailnet,)).fetch_all().await
    }

    /// A new token in the place of the one that was there; `None` takes it away. What the host had listed stays, as if by
    /// hand, where it may not any more.
    pub async fn put_pull_token(
        &self,
        node: NodeId,
        (hash, May { tells, lists }): (Option<&str>, May),
        now: Timestamp,
        entry: &audit::NewEntry,
    ) -> sqlx::Result<()> {
        let put =
            "INSERT INTO hosts (node_id, token_hash, token_made, tells, lists, token_by) VALUES ($1, $2, $3, $4, $5, $6)
             ON CONFLICT (node_id) DO UPDATE SET token_hash = excluded.token_hash, tells = excluded.tells,
                lists = excluded.lists,
                token_made = excluded.token_made, token_by = excluded.token_by,
                fetched = CASE WHEN excluded.token_hash IS NULL THEN NULL ELSE hosts.fetched END,
                fetched_revision =
                    CASE WHEN excluded.token_hash IS NULL THEN NULL ELSE hosts.fetched_revision END,
                fetched_hold = CASE WHEN excluded.token_hash IS NULL THEN NULL ELSE hosts.fetched_hold END";
        // Whoever made it knows it.
        let by = hash.and(entry.actor.id());
        let mut tx = self.begin().await?;
        tx.query(put, (node, hash, hash.map(|_| now), tells, lists, by)).execute().await?;
        if !lists {
            tx.query("UPDATE services SET declared = NULL WHERE node_id = $1", (node,)).execute().await?;
        }
        notices::renew(&mut tx, Subject::Host(node), now).await?;
        audit::insert(&mut tx, entry).await?;
        tx.commit().await
    }

    /// Machines of a tailnet that fetch with a token that this person made, with when they made it.
    pub async fn list_tokens_by(
        &self,
        tailnet: TailnetId,
        person: PersonId,
    ) -> sqlx::Result<Vec<(NodeId, String, Timestamp)>> {
        let sql = "SELECT n.id, n.name, h.token_made FROM hosts h JOIN nodes n ON n.id = h.node_id
             WHERE n.tailnet_id = $1 AND h.token_by = $2 AND h.token_hash IS NOT NULL AND h.token_made IS NOT NULL
             ORDER BY n.name, n.id";
        self.query(sql, (tailnet, person)).fetch_all().await
    }

    /// Whether this is the token of that node. Of somebody who may not come in it is good as long as a share that they
    /// give is open: its host has to hear of its end.
    pub async fn is_pull_token(&self, node: NodeId, hash: &str) -> sqlx::Result<bool> {
        let sql = "SELECT COUNT(*) FROM hosts h JOIN nodes n ON n.id = h.node_id JOIN tailnets t ON t.id = n.tailnet_id
             JOIN people p ON p.id = t.owner_id
             WHERE h.node_id = $1 AND h.token_hash = $2 AND n.gone IS NULL AND (p.standing = 'here'
                 OR EXISTS (SELECT 1 FROM shares x WHERE x.owner_id = p.id AND x.state <> 'ended'))";
        Ok(self.query(sql, (node, hash)).count().await? > 0)
    }

    /// It asked, and said that it has this revision in force, none if it has nothing that was made here; and whether
    /// its guard holds anything, if it tells.
    pub async fn mark_asked(
        &self,
        node: NodeId,
        (has, hold): (Option<Revision>, Option<Hold>),
        now: Timestamp,
    ) -> sqlx::Result<()> {
        let sql =
            "UPDATE hosts SET fetched = $2, fetched_revision = $3, fetched_hold = $4 WHERE node_id = $1";
        let mut tx = self.begin().await?;
        tx.query(sql, (node, now, has, hold)).execute().await?;
        notices::renew(&mut tx, Subject::Host(node), now).await?;
        tx.commit().await
    }

    pub async fn mark_seen_on_host(
        &self,
        node: NodeId,
        seen: Seen,
        now: Timestamp,
        entry: &audit::NewEntry,
    ) -> sqlx::Result<()> {
        let put = "INSERT INTO hosts (node_id, seen, seen_revision, seen_whole, seen_hold, seen_received)
             VALUES ($1, $2, $3, $4, $5, $6)
             ON CONFLICT (node_id) DO UPDATE SET seen = excluded.seen, seen_revision = excluded.seen_revision,
                seen_whole = excluded.seen_whole, seen_hold = excluded.seen_hold,
                seen_received = excluded.seen_received";
        let Seen { revision, whole, hold, unseen } = seen;
        let mut tx = self.begin().await?;
        tx.query(put, (node, now, revision, whole, hold, unseen)).execute().await?;
        notices::renew(&mut tx, Subject::Host(node), now).await?;
        audit::insert(&mut tx, entry).await?;
        tx.commit().await
    }

    /// Whether a text can be made for a machine, and why not.
    pub async fn mark_text(&self, node: NodeId, refused: Option<&str>, now: Timestamp) -> sqlx::Result<()> {
        let known = "SELECT COUNT(*) FROM hosts WHERE node_id = $1 AND text_refused IS NOT NULL";
        // As almost always.
        if refused.is_none() && self.query(known, (node,)).count().await? == 0 {
            return Ok(());
        }
        let forget = "UPDATE hosts SET text_refused = NULL, text_why = NULL WHERE node_id = $1";
        let put = "INSERT INTO hosts (node_id, text_refused, text_why) VALUES ($1, $2, $3)
             ON CONFLICT (node_id) DO UPDATE SET text_why = excluded.text_why,
                text_refused = COALESCE(hosts.text_refused, excluded.text_refused)";
        let mut tx = self.begin().await?;
        match refused {
            None => tx.query(forget, (node,)).execute().await?,
            Some(why) => tx.query(put, (node, now, why)).execute().await?,
        };
        notices::renew(&mut tx, Subject::Host(node), now).await?;
        tx.commit().await
    }

    pub async fn list_friend_addresses(&self, node: NodeId) -> sqlx::Result<Listed<FriendAddresses>> {
        let sql =
            "SELECT node_id, login, addresses, read FROM friend_addresses WHERE node_id = $1 ORDER BY login";
        self.query(sql, (node,)).fetch_listed().await
    }

    /// The same devices of one friend were seen again.
    pub async fn mark_friend_read(&self, node: NodeId, login: &str, now: Timestamp) -> sqlx::Result<()> {
        let sql = "UPDATE friend_addresses SET read = $3 WHERE node_id = $1 AND login = $2";
        self.query(sql, (node, login, now)).execute().await.map(drop)
    }

    /// What was seen of some friends. `all`: in the place of whatever was known before; otherwise what is known of
    /// others stays.
    pub async fn put_friend_addresses(
        &self,
        node: NodeId,
        (friends, all): (&[FriendAddresses], bool),
        entry: &audit::NewEntry,
    ) -> sqlx::Result<()> {
        let put = "INSERT INTO friend_addresses (node_id, login, addresses, read) VALUES ($1, $2, $3, $4)
             ON CONFLICT (node_id, login) DO UPDATE SET addresses = excluded.addresses, read = excluded.read";
        let mut tx = self.begin().await?;
        if all {
            tx.query("DELETE FROM friend_addresses WHERE node_id = $1", (node,)).execute().await?;
        }
        for friend in friends.iter().filter(|friend| !friend.addresses.is_empty()) {
            let addresses = Json::write(&friend.addresses);
            tx.query(put, (node, &friend.login, addresses, friend.read)).execute().await?;
        }
        audit::insert(&mut tx, entry).await?;
        tx.commit().await
    }
}
