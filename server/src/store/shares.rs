//! Shares with their state, and the steps that were done for them.

use model::{
    Login, NodeId, OfferId, PersonId, ServiceId, ServicePorts, ShareId, ShareState, Step, TailnetId,
    Timestamp,
};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::decode::{Damaged, Listed, Row};
use super::{Db, Json, audit, edits, jobs};
use crate::{in_transaction, on};

mod lists;

pub use lists::{Group, InList};

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
    pub ends: Option<Timestamp>,
    pub state: ShareState,
    pub deeds: Deeds,
    pub invite_url_sealed: Option<String>,
    pub accepted: Timestamp,
    pub seen_in_force: Option<Timestamp>,
    pub version: i64,
}

/// What was agreed, and what was done to the control plane: enough to find it again after a crash and to take it
/// back. Written *before* each deed. A missing deed is read as one that was not done, so none may be missing that
/// would leave something standing.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Deeds {
    /// The owner's yes.
    pub approved: Option<Approval>,
    /// The rule as it was written, to find it when its comment is gone.
    pub rule: Option<String>,
    /// A write of the policy with this rule was begun.
    pub rule_begun: bool,
    /// Ids of the device's invites before ours was asked for.
    pub invites_before: Option<Vec<String>>,
    /// When an invite was asked for without an answer having come.
    pub invite_asked: Option<Timestamp>,
    /// The device invite through which the friend has the node.
    pub invite: Option<InviteDeed>,
    /// Who opened it, in the control plane's words.
    pub accepted_by: Option<String>,
    /// Where the friend sees the node.
    pub friend_sees: Option<String>,
}

/// What the owner said yes to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Approval {
    pub by: PersonId,
    pub by_name: String,
    pub at: Timestamp,
    /// `apply`, `narrow` or `whole-node`.
    pub decision: String,
    /// The difference in reach that was shown, as [`crate::plan::Plan::difference`].
    pub difference: String,
    /// The difference that the narrowing alone makes; absent without one.
    pub narrowing: Option<String>,
}

/// The device invite of a share.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct InviteDeed {
    pub id: String,
    /// When it was made or adopted: it lapses 30 days later.
    pub at: Timestamp,
    /// Made for a share of ours: only such an invite is deleted when the last share that uses it ends.
    pub ours: bool,
}

#[derive(sqlx::FromRow)]
struct ShareRow {
    id: ShareId,
    offer_id: OfferId,
    service_id: ServiceId,
    node_id: NodeId,
    tailnet_id: TailnetId,
    owner_id: PersonId,
    friend_id: PersonId,
    login: String,
    ports: String,
    ends: Option<Timestamp>,
    state: String,
    state_data: String,
    deeds: String,
    invite_url_sealed: Option<String>,
    accepted: Timestamp,
    seen_in_force: Option<Timestamp>,
    version: i64,
}

impl TryFrom<ShareRow> for Share {
    type Error = Damaged;

    fn try_from(row: ShareRow) -> Result<Self, Damaged> {
        let read = Row::of("shares", row.id);
        let state: ShareState = read.json("state_data", &row.state_data)?;
        // Lists go by the one, decisions by the other.
        if state.name() != row.state {
            return Err(read.damaged("state", format!("it is not `{}` as in `state_data`", state.name())));
        }
        let deeds: Deeds = read.json("deeds", &row.deeds)?;
        if let Some(rule) = &deeds.rule {
            read.json::<policy::share::ShareRule>("deeds", rule)?;
        }
        Ok(Self {
            id: row.id,
            offer: row.offer_id,
            service: row.service_id,
            node: row.node_id,
            tailnet: row.tailnet_id,
            owner: row.owner_id,
            friend: row.friend_id,
            login: read.parse("login", &row.login)?,
            ports: read.parse("ports", &row.ports)?,
            ends: row.ends,
            state,
            deeds,
            invite_url_sealed: row.invite_url_sealed,
            accepted: row.accepted,
            seen_in_force: row.seen_in_force,
            version: row.version,
        })
    }
}

/// One step that was done.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct DoneStep {
    pub phase: String,
    pub step: String,
    pub at: i64,
    pub detail: String,
}

/// What changes together with a share: all of it, or nothing.
#[derive(Clone, Debug, Default)]
pub struct Along {
    pub entries: Vec<audit::NewEntry>,
    /// Steps done: phase, step, detail.
    pub steps: Vec<(&'static str, Step, String)>,
    pub jobs: Vec<jobs::NewJob>,
    /// An edit of the policy that comes before this share's rule, written down before it is made.
    pub edit: Option<edits::Edit>,
    /// Steps of this phase begin anew.
    pub forget_steps: Option<&'static str>,
}

impl Share {
    /// The rule as it was written, if one was begun.
    ///
    /// # Errors
    /// When what is stored is no rule.
    pub fn rule(&self) -> serde_json::Result<Option<policy::share::ShareRule>> {
        self.deeds.rule.as_deref().map(serde_json::from_str).transpose()
    }
}

impl Along {
    /// Just an entry of the audit trail.
    pub fn of(entry: audit::NewEntry) -> Self {
        Self { entries: vec![entry], ..Self::default() }
    }
}

fn all(rows: Vec<ShareRow>) -> Listed<Share> {
    rows.into_iter().map(Share::try_from).collect()
}

/// A share that is due for something, as far as every row tells: it is read on its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Due {
    pub id: ShareId,
    pub node: NodeId,
}

fn due(rows: Vec<(Uuid, Uuid)>) -> Vec<Due> {
    rows.into_iter().map(|(id, node)| Due { id: ShareId::new(id), node: NodeId::new(node) }).collect()
}

impl Db {
    /// Stores a changed share and what goes along with it. False, and nothing is stored, if somebody else was
    /// quicker: read it again. On success the share carries its new version.
    pub async fn update_share(&self, share: &mut Share, now: Timestamp, along: &Along) -> sqlx::Result<bool> {
        let won = in_transaction!(self, tx => {
            let won = sqlx::query(
                "UPDATE shares SET login = $3, state = $4, state_data = $5, deeds = $6, invite_url_sealed = $7,
                    seen_in_force = $8, ended = $9, version = version + 1 WHERE id = $1 AND version = $2")
                .bind(share.id).bind(share.version).bind(share.login.as_str()).bind(share.state.name())
                .bind(Json::write(&share.state)).bind(Json::write(&share.deeds))
                .bind(&share.invite_url_sealed).bind(share.seen_in_force)
                .bind(share.state.is_over().then_some(now))
                .execute(&mut *tx).await?.rows_affected() == 1;
            if won {
                if let Some(phase) = along.forget_steps {
                    sqlx::query("DELETE FROM steps WHERE share_id = $1 AND phase = $2")
                        .bind(share.id).bind(phase).execute(&mut *tx).await?;
                }
                if let Some(edit) = &along.edit {
                    edits::begin!(tx, edit);
                }
                for (phase, step, detail) in &along.steps {
                    sqlx::query(
                        "INSERT INTO steps (share_id, phase, step, at, detail) VALUES ($1, $2, $3, $4, $5)
                         ON CONFLICT (share_id, phase, step) DO UPDATE SET at = excluded.at, detail = excluded.detail")
                        .bind(share.id).bind(*phase).bind(step.as_str()).bind(now)
                        .bind(detail).execute(&mut *tx).await?;
                    if *step == Step::Narrow {
                        edits::finish_for_share!(tx, share.id.uuid(), now.micros());
                    }
                }
                for entry in &along.entries {
                    audit::insert!(tx, entry);
                }
                for job in &along.jobs {
                    jobs::enqueue!(tx, job);
                }
            }
            won
        });
        if won {
            share.version += 1;
        }
        Ok(won)
    }

    pub async fn find_share(&self, id: ShareId) -> sqlx::Result<Option<Share>> {
        on!(self, pool => sqlx::query_as::<_, ShareRow>("SELECT * FROM shares WHERE id = $1")
            .bind(id).fetch_optional(pool).await)?
        .map(|row| Share::try_from(row).map_err(Into::into))
        .transpose()
    }

    /// Shares that somebody gives (as owner or steward) or receives, newest first.
    pub async fn list_shares_of_person(&self, person: PersonId) -> sqlx::Result<Listed<Share>> {
        Ok(all(on!(self, pool => sqlx::query_as::<_, ShareRow>(
            "SELECT * FROM shares WHERE owner_id = $1 OR friend_id = $1
                OR tailnet_id IN (SELECT tailnet_id FROM stewards WHERE person_id = $1) ORDER BY id DESC")
            .bind(person).fetch_all(pool).await)?))
    }

    /// Shares that somebody gives as owner or receives, and that are not over.
    pub async fn list_shares_of(&self, person: PersonId) -> sqlx::Result<Listed<Share>> {
        Ok(all(on!(self, pool => sqlx::query_as::<_, ShareRow>(
            "SELECT * FROM shares WHERE (owner_id = $1 OR friend_id = $1) AND state <> 'ended' ORDER BY id DESC")
            .bind(person).fetch_all(pool).await)?))
    }

    /// Shares of a tailnet that are not over.
    pub async fn list_open_shares(&self, tailnet: TailnetId) -> sqlx::Result<Listed<Share>> {
        Ok(all(on!(self, pool => sqlx::query_as::<_, ShareRow>(
            "SELECT * FROM shares WHERE tailnet_id = $1 AND state <> 'ended' ORDER BY id DESC")
            .bind(tailnet).fetch_all(pool).await)?))
    }

    /// Shares of a machine that are not over.
    pub async fn list_open_shares_of_node(&self, node: NodeId) -> sqlx::Result<Listed<Share>> {
        Ok(all(on!(self, pool => sqlx::query_as::<_, ShareRow>(
            "SELECT * FROM shares WHERE node_id = $1 AND state <> 'ended' ORDER BY id DESC")
            .bind(node).fetch_all(pool).await)?))
    }

    pub async fn list_shares_of_service(&self, service: ServiceId) -> sqlx::Result<Listed<Share>> {
        Ok(all(on!(self, pool => sqlx::query_as::<_, ShareRow>(
            "SELECT * FROM shares WHERE service_id = $1 ORDER BY id DESC")
            .bind(service).fetch_all(pool).await)?))
    }

    pub async fn count_open_shares_of_service(&self, service: ServiceId) -> sqlx::Result<i64> {
        on!(self, pool => sqlx::query_as::<_, (i64,)>(
            "SELECT COUNT(*) FROM shares WHERE service_id = $1 AND state <> 'ended'")
            .bind(service).fetch_one(pool).await)
        .map(|(count,)| count)
    }

    pub async fn list_shares_of_offer(&self, offer: OfferId) -> sqlx::Result<Listed<Share>> {
        Ok(all(on!(self, pool => sqlx::query_as::<_, ShareRow>(
            "SELECT * FROM shares WHERE offer_id = $1 ORDER BY id DESC")
            .bind(offer).fetch_all(pool).await)?))
    }

    /// Open shares whose time is over and that nobody has begun to end.
    pub async fn list_expired_shares(&self, now: Timestamp) -> sqlx::Result<Vec<Due>> {
        on!(self, pool => sqlx::query_as::<_, (Uuid, Uuid)>(
            "SELECT id, node_id FROM shares WHERE ends <= $1 AND state NOT IN ('ended', 'ending') ORDER BY ends, id")
            .bind(now).fetch_all(pool).await)
        .map(due)
    }

    /// Shares that a job has to work on: after a start every one of them gets its job again.
    pub async fn list_unfinished_shares(&self) -> sqlx::Result<Vec<Due>> {
        on!(self, pool => sqlx::query_as::<_, (Uuid, Uuid)>(
            "SELECT id, node_id FROM shares WHERE state NOT IN ('accepted', 'active', 'ended')
             ORDER BY tailnet_id, ends, id").fetch_all(pool).await)
        .map(due)
    }

    /// When the next open share ends, after now.
    pub async fn next_end(&self, now: Timestamp) -> sqlx::Result<Option<Timestamp>> {
        on!(self, pool => sqlx::query_as::<_, (Option<i64>,)>(
            "SELECT MIN(ends) FROM shares WHERE ends > $1 AND state NOT IN ('ended', 'ending')")
            .bind(now).fetch_one(pool).await)
        .map(|(ends,)| ends.map(Timestamp::from_micros))
    }

    pub async fn list_steps(&self, share: ShareId) -> sqlx::Result<Vec<DoneStep>> {
        on!(self, pool => sqlx::query_as::<_, DoneStep>(
            "SELECT phase, step, at, detail FROM steps WHERE share_id = $1 ORDER BY at, step")
            .bind(share).fetch_all(pool).await)
    }
}
