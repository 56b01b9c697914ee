//! Shares with their state, and the steps that were done for them.

use model::{
    Login, NodeId, OfferId, PersonId, ServiceId, ServicePorts, ShareId, ShareState, Step, StepPhase,
    TailnetId, Timestamp,
};
use policy::share::ShareRule;
use serde::{Deserialize, Serialize};
use sharing::Journal;

use super::decode::{Damaged, FromRow, Listed, Row};
use super::lenders::{given_as_owner, holder};
use super::notices::{self, Subject};
use super::{Db, Json, Tx, asks, people};

/// Another end that the friend asks for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Longer {
    pub asked: Timestamp,
    /// Absent: until ended.
    pub until: Option<Timestamp>,
    pub note: String,
}

/// What an accepted offer made for one person.
#[derive(Clone, Debug)]
pub struct Share {
    pub id: ShareId,
    pub offer: OfferId,
    pub service: ServiceId,
    pub node: NodeId,
    pub tailnet: TailnetId,
    pub owner: PersonId,
    pub friend: PersonId,
    /// The login that the rule names.
    pub login: Login,
    pub ports: ServicePorts,
    /// The ports that it is to have from the next review on.
    pub asked: Option<ServicePorts>,
    pub ends: Option<Timestamp>,
    pub longer: Option<Longer>,
    pub state: ShareState,
    pub deeds: Journal,
    pub invite_url_sealed: Option<String>,
    pub accepted: Timestamp,
    pub seen_in_force: Option<Timestamp>,
    pub version: i64,
}

impl FromRow for Share {
    const TABLE: &'static str = "shares";
    const KEY: &'static [&'static str] = &["id"];

    fn from_row(row: &Row<'_>) -> Result<Self, Damaged> {
        let state: ShareState = row.json("state_data")?;
        // Lists go by the one, decisions by the other.
        if state.name() != row.get::<String>("state")? {
            return Err(row.damaged("state", format!("it is not `{}` as in `state_data`", state.name())));
        }
        let deeds: Journal = row.json("deeds")?;
        let former = deeds.former.as_ref().and_then(|former| former.rule.as_ref());
        for rule in deeds.rule.iter().chain(former) {
            serde_json::from_str::<ShareRule>(rule).map_err(|error| row.damaged("deeds", error))?;
        }
        let longer: Option<String> = row.get("longer")?;
        let longer = longer.map(|text| serde_json::from_str(&text));
        let longer = longer.transpose().map_err(|error| row.damaged("longer", error))?;
        Ok(Self {
            id: row.get("id")?,
            offer: row.get("offer_id")?,
            service: row.get("service_id")?,
            node: row.get("node_id")?,
            tailnet: row.get("tailnet_id")?,
            owner: row.get("owner_id")?,
            friend: row.get("friend_id")?,
            login: row.get("login")?,
            ports: row.get("ports")?,
            asked: row.get("ports_asked")?,
            ends: row.get("ends")?,
            longer,
            state,
            deeds,
            invite_url_sealed: row.get("invite_url_sealed")?,
            accepted: row.get("accepted")?,
            seen_in_force: row.get("seen_in_force")?,
            version: row.get("version")?,
        })
    }
}

/// The columns of a share `h`.
macro_rules! columns {
    () => {
        "h.id, h.offer_id, h.service_id, h.node_id, h.tailnet_id, h.owner_id, h.friend_id, h.login, h.ports, h.ports_asked, h.ends, h.longer,
            h.state, h.state_data, h.deeds, h.invite_url_sealed, h.accepted, h.seen_in_force, h.version"
    };
}

macro_rules! shares {
    ($rest:literal) => {
        concat!("SELECT ", columns!(), " FROM shares h WHERE ", $rest)
    };
}

/// The share `$1`, with since when its owner may no longer come in.
pub(super) const WITH_OWNER: &str = concat!(
    "SELECT ",
    columns!(),
    ", CASE WHEN p.standing <> 'here' THEN p.standing_since END AS owner_out
     FROM shares h JOIN people p ON p.id = h.owner_id WHERE h.id = $1"
);

mod lists;
mod update;

pub use lists::{Group, InList};
pub use update::Along;

/// One step that was done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DoneStep {
    pub phase: StepPhase,
    pub step: Step,
    pub at: Timestamp,
    pub detail: String,
}

impl FromRow for DoneStep {
    const TABLE: &'static str = "steps";
    const KEY: &'static [&'static str] = &["share_id", "phase", "step"];

    fn from_row(row: &Row<'_>) -> Result<Self, Damaged> {
        Ok(Self {
            phase: row.get("phase")?,
            step: row.get("step")?,
            at: row.get("at")?,
            detail: row.get("detail")?,
        })
    }
}

impl Share {
    /// The ports that the friend has until a rule with others stands.
    pub fn ports_until_then(&self) -> &ServicePorts {
        self.deeds.former.as_ref().map_or(&self.ports, |former| &former.ports)
    }

    /// Whether the invite that it has is its own also when it is opened anew: after a pause, or under another rule.
    pub fn keeps_invite(&self) -> bool {
        let gone = self.state.attention().is_some_and(|attention| attention.step == Step::Invite);
        self.deeds.invite.is_some() && !self.deeds.invite_is_wrong && !gone
    }

    /// Whether its owner is to look at other ports for it.
    pub fn waits_for_other_ports(&self) -> bool {
        self.asked.is_some() && (self.state.clone().change().is_ok() || self.state.clone().apply().is_ok())
    }

    /// The rule that stood before other ports were agreed, if they were.
    ///
    /// # Errors
    /// When what is stored is no rule.
    pub fn former_rule(&self) -> serde_json::Result<Option<ShareRule>> {
        let former = self.deeds.former.as_ref().and_then(|former| former.rule.as_deref());
        former.map(serde_json::from_str).transpose()
    }

    /// The rule as it was written, if one was begun.
    ///
    /// # Errors
    /// When what is stored is no rule.
    pub fn rule(&self) -> serde_json::Result<Option<ShareRule>> {
        self.deeds.rule.as_deref().map(serde_json::from_str).transpose()
    }
}

/// A share that is due for something, as far as every row tells: it is read on its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Due {
    pub id: ShareId,
    pub node: NodeId,
}

impl FromRow for Due {
    const TABLE: &'static str = "shares";
    const KEY: &'static [&'static str] = &["id"];

    fn from_row(row: &Row<'_>) -> Result<Self, Damaged> {
        Ok(Self { id: row.get("id")?, node: row.get("node_id")? })
    }
}

/// Stores a new share in the transaction that makes it.
pub(super) async fn insert(tx: &mut Tx, share: &Share) -> sqlx::Result<()> {
    tx.query(
        "INSERT INTO shares (id, offer_id, service_id, node_id, tailnet_id, owner_id, friend_id, login, ports,
            ends, state, state_data, deeds, accepted, version)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, 0)",
        (
            share.id,
            share.offer,
            share.service,
            share.node,
            share.tailnet,
            share.owner,
            share.friend,
            &share.login,
            &share.ports,
            share.ends,
            share.state.name(),
            Json::write(&share.state),
            Json::write(&share.deeds),
            share.accepted,
        ),
    )
    .execute()
    .await?;
    notices::renew(tx, Subject::Share(share.id), share.accepted).await?;
    asks::fulfil(tx, share.service, share.friend, share.accepted).await
}

/// Whether what a new share stands on is there, and until the transaction ends: both may come in, its tailnet is not
/// disconnected, nor handed over to somebody else, its service not taken off the list. In this order, which everybody keeps who
/// takes several of these locks.
pub(super) async fn has_ground(tx: &mut Tx, share: &Share) -> sqlx::Result<bool> {
    let here = people::are_both_here(tx, share.owner, share.friend).await?;
    let tailnet = "UPDATE tailnets SET id = id WHERE id = $1";
    let tailnet = tx.query(tailnet, (share.tailnet,)).execute().await? == 1;
    let theirs = concat!(
        "SELECT COUNT(*) FROM nodes n JOIN tailnets t ON t.id = n.tailnet_id WHERE n.id = $1 AND ",
        holder!(),
        " = $2"
    );
    let theirs = tx.query(theirs, (share.node, share.owner)).count().await? == 1;
    let service = "UPDATE services SET id = id WHERE id = $1 AND removed IS NULL";
    let service = tx.query(service, (share.service,)).execute().await? == 1;
    Ok(here && tailnet && theirs && service)
}

impl Db {
    pub async fn find_share(&self, id: ShareId) -> sqlx::Result<Option<Share>> {
        self.query(shares!("h.id = $1"), (id,)).fetch_optional().await
    }

    /// Shares that somebody gives as owner or receives, or that others give in a tailnet of theirs, and that are not over.
    pub async fn list_shares_of(&self, person: PersonId) -> sqlx::Result<Listed<Share>> {
        let sql = shares!(
            "(h.owner_id = $1 OR h.friend_id = $1 OR h.tailnet_id IN (SELECT id FROM tailnets WHERE owner_id = $1))
             AND h.state <> 'ended' ORDER BY h.id DESC"
        );
        self.query(sql, (person,)).fetch_listed().await
    }

    /// Shares of a tailnet that are not over.
    pub async fn list_open_shares(&self, tailnet: TailnetId) -> sqlx::Result<Listed<Share>> {
        let sql = shares!("h.tailnet_id = $1 AND h.state <> 'ended' ORDER BY h.id DESC");
        self.query(sql, (tailnet,)).fetch_listed().await
    }

    /// Shares that the owner of a tailnet gives as such to somebody, and that are not over: the newest.
    pub async fn list_received_in(
        &self,
        tailnet: TailnetId,
        friend: PersonId,
        limit: usize,
    ) -> sqlx::Result<Listed<Share>> {
        let sql = concat!(
            "SELECT ",
            columns!(),
            " FROM shares h WHERE h.tailnet_id = $1 AND h.friend_id = $2 AND h.state <> 'ended' AND ",
            given_as_owner!("h", "(SELECT t.owner_id FROM tailnets t WHERE t.id = h.tailnet_id)"),
            " ORDER BY h.id DESC LIMIT $3"
        );
        let limit = i64::try_from(limit).unwrap_or(i64::MAX);
        self.query(sql, (tailnet, friend, limit)).fetch_listed().await
    }

    /// Shares of a machine of which its filter tells something: all that are not over, and those that were ended without
    /// proof.
    pub async fn list_provable_shares(&self, node: NodeId) -> sqlx::Result<Listed<Share>> {
        let sql = shares!("h.node_id = $1 AND h.state = 'ended' ORDER BY h.id DESC LIMIT 200");
        let mut over = self.query(sql, (node,)).fetch_listed::<Share>().await?;
        let question =
            |share: &Share| matches!(&share.state, ShareState::Ended { open_question: Some(_), .. });
        over.rows.retain(question);
        let open = self.list_open_shares_of_node(node).await?;
        over.rows.extend(open.rows);
        over.damaged.extend(open.damaged);
        Ok(over)
    }

    /// Shares of a machine that are not over.
    pub async fn list_open_shares_of_node(&self, node: NodeId) -> sqlx::Result<Listed<Share>> {
        let sql = shares!("h.node_id = $1 AND h.state <> 'ended' ORDER BY h.id DESC");
        self.query(sql, (node,)).fetch_listed().await
    }

    pub async fn list_shares_of_service(&self, service: ServiceId) -> sqlx::Result<Listed<Share>> {
        self.query(shares!("h.service_id = $1 ORDER BY h.id DESC"), (service,)).fetch_listed().await
    }

    /// Of a service those that are not over.
    pub async fn list_open_shares_of_service(&self, service: ServiceId) -> sqlx::Result<Listed<Share>> {
        let sql = shares!("h.service_id = $1 AND h.state <> 'ended' ORDER BY h.id DESC");
        self.query(sql, (service,)).fetch_listed().await
    }

    pub async fn count_open_shares_of_service(&self, service: ServiceId) -> sqlx::Result<i64> {
        let sql = "SELECT COUNT(*) FROM shares WHERE service_id = $1 AND state <> 'ended'";
        self.query(sql, (service,)).count().await
    }

    pub async fn list_shares_of_offer(&self, offer: OfferId) -> sqlx::Result<Listed<Share>> {
        self.query(shares!("h.offer_id = $1 ORDER BY h.id DESC"), (offer,)).fetch_listed().await
    }

    /// Open shares whose time is over and that nobody has begun to end.
    pub async fn list_expired_shares(&self, now: Timestamp) -> sqlx::Result<Vec<Due>> {
        let sql = "SELECT id, node_id FROM shares
             WHERE ends <= $1 AND state NOT IN ('ended', 'ending') ORDER BY ends, id";
        self.query(sql, (now,)).fetch_all().await
    }

    /// Shares that a job has to work on: after a start every one of them gets its job again.
    pub async fn list_unfinished_shares(&self) -> sqlx::Result<Vec<Due>> {
        let sql =
            "SELECT id, node_id FROM shares WHERE state NOT IN ('account_missing', 'accepted', 'active', 'paused', 'drifted', 'ended')
             ORDER BY tailnet_id, ends, id";
        self.query(sql, ()).fetch_all().await
    }

    /// When the next open share ends, after now.
    pub async fn next_end(&self, now: Timestamp) -> sqlx::Result<Option<Timestamp>> {
        let sql = "SELECT MIN(ends) FROM shares WHERE ends > $1 AND state NOT IN ('ended', 'ending')";
        let (ends,) = self.query(sql, (now,)).fetch_one().await?;
        Ok(ends)
    }

    pub async fn list_steps(&self, share: ShareId) -> sqlx::Result<Vec<DoneStep>> {
        let sql = "SELECT share_id, phase, step, at, detail FROM steps WHERE share_id = $1 ORDER BY at, step";
        self.query(sql, (share,)).fetch_all().await
    }
}
