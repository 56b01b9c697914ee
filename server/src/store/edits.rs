//! Edits of a policy that are no share, written down before they are made.

use app::ports::edits::What;
use app::ports::shares::ReachLine;
use model::ids::EditId;
use model::{PersonId, ShareId, TailnetId, Timestamp};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::decode::{Damaged, Row as Stored};
use super::{Db, Json, audit, jobs};
use crate::{in_transaction, on};

/// One edit, with both texts, so that it can be taken back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Edit {
    pub id: EditId,
    pub tailnet: TailnetId,
    pub what: What,
    pub title: String,
    pub by: Option<PersonId>,
    pub by_name: String,
    /// The share that it was needed for.
    pub share: Option<ShareId>,
    pub before: String,
    pub after: String,
    pub gained: Vec<Told>,
    pub lost: Vec<Told>,
    pub state: State,
    /// Why it stopped or waits, in words.
    pub trouble: Option<String>,
    pub begun: Timestamp,
    pub applied: Option<Timestamp>,
}

/// Somebody's reach, as it was told to the owner.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Told {
    pub who: String,
    pub node: String,
    pub what: String,
}

/// Lines of reach without their rules, whose places are soon others.
pub fn told(lines: &[ReachLine]) -> Vec<Told> {
    let one =
        |line: &ReachLine| Told { who: line.who.clone(), node: line.node.clone(), what: line.what.clone() };
    lines.iter().map(one).collect()
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    Applying,
    Applied,
    /// Nothing was written.
    Stopped,
}

impl State {
    const ALL: [Self; 3] = [Self::Applying, Self::Applied, Self::Stopped];

    const fn as_str(self) -> &'static str {
        match self {
            Self::Applying => "applying",
            Self::Applied => "applied",
            Self::Stopped => "stopped",
        }
    }
}

#[derive(sqlx::FromRow)]
struct Row {
    id: EditId,
    tailnet_id: TailnetId,
    what: String,
    title: String,
    by_id: Option<PersonId>,
    by_name: String,
    share_id: Option<ShareId>,
    before_text: String,
    after_text: String,
    gained: String,
    lost: String,
    state: String,
    trouble: Option<String>,
    begun: Timestamp,
    applied: Option<Timestamp>,
}

impl TryFrom<Row> for Edit {
    type Error = Damaged;

    fn try_from(row: Row) -> Result<Self, Damaged> {
        let read = Stored::of("edits", row.id);
        Ok(Self {
            id: row.id,
            tailnet: row.tailnet_id,
            what: row.what.parse().map_err(|_| read.damaged("what", "there is no such edit"))?,
            title: row.title,
            by: row.by_id,
            by_name: row.by_name,
            share: row.share_id,
            before: row.before_text,
            after: row.after_text,
            gained: Json::read(&row.gained).unwrap_or_default(),
            lost: Json::read(&row.lost).unwrap_or_default(),
            state: read.word("state", &row.state, State::ALL, State::as_str)?,
            trouble: row.trouble,
            begun: row.begun,
            applied: row.applied,
        })
    }
}

/// Writes one down. One that was begun for the same share and never made gives way to it.
macro_rules! begin {
    ($tx:expr, $edit:expr) => {{
        let edit: &$crate::store::edits::Edit = $edit;
        if let Some(share) = edit.share {
            sqlx::query("DELETE FROM edits WHERE share_id = $1 AND state = 'applying'")
                .bind(share)
                .execute(&mut *$tx)
                .await?;
        }
        let undoes = match &edit.what {
            app::ports::edits::What::Undo(id) => Some(id.uuid()),
            _ => None,
        };
        sqlx::query(
            "INSERT INTO edits (id, tailnet_id, what, title, by_id, by_name, share_id, undoes, before_text,
                after_text, gained, lost, state, begun)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, 'applying', $13)",
        )
        .bind(edit.id)
        .bind(edit.tailnet)
        .bind(edit.what.to_string())
        .bind(&edit.title)
        .bind(edit.by.map(model::PersonId::uuid))
        .bind(&edit.by_name)
        .bind(edit.share.map(model::ShareId::uuid))
        .bind(undoes)
        .bind(&edit.before)
        .bind(&edit.after)
        .bind($crate::store::Json::write(&edit.gained))
        .bind($crate::store::Json::write(&edit.lost))
        .bind(edit.begun)
        .execute(&mut *$tx)
        .await?;
    }};
}
pub(super) use begin;

/// The edit that was begun for a share stands in the policy.
macro_rules! finish_for_share {
    ($tx:expr, $share:expr, $now:expr) => {
        sqlx::query(
            "UPDATE edits SET state = 'applied', applied = $2, trouble = NULL
             WHERE share_id = $1 AND state = 'applying'",
        )
        .bind($share)
        .bind($now)
        .execute(&mut *$tx)
        .await?
    };
}
pub(super) use finish_for_share;

impl Db {
    pub async fn begin_edit(&self, edit: &Edit, job: &jobs::NewJob) -> sqlx::Result<()> {
        in_transaction!(self, tx => {
            begin!(tx, edit);
            jobs::enqueue!(tx, job);
        });
        Ok(())
    }

    /// It stands in the policy. Said once, with its entry.
    pub async fn finish_edit(&self, id: EditId, now: Timestamp, entry: &audit::NewEntry) -> sqlx::Result<()> {
        in_transaction!(self, tx => {
            let done = sqlx::query(
                "UPDATE edits SET state = 'applied', applied = $2, trouble = NULL
                 WHERE id = $1 AND state = 'applying'")
                .bind(id).bind(now).execute(&mut *tx).await?;
            if done.rows_affected() == 1 {
                audit::insert!(tx, entry);
            }
        });
        Ok(())
    }

    /// It waits, or has stopped without anything written, and why.
    pub async fn hold_edit(&self, id: EditId, state: State, why: &str) -> sqlx::Result<()> {
        on!(self, pool => sqlx::query(
            "UPDATE edits SET state = $2, trouble = $3 WHERE id = $1 AND state = 'applying'")
            .bind(id).bind(state.as_str()).bind(why).execute(pool).await.map(drop))
    }

    pub async fn find_edit(&self, id: EditId) -> sqlx::Result<Option<Edit>> {
        on!(self, pool => sqlx::query_as::<_, Row>("SELECT * FROM edits WHERE id = $1")
            .bind(id).fetch_optional(pool).await)?
        .map(|row| Edit::try_from(row).map_err(Into::into))
        .transpose()
    }

    /// Those of a tailnet, newest first.
    pub async fn list_edits(&self, tailnet: TailnetId, limit: i64) -> sqlx::Result<Vec<Edit>> {
        on!(self, pool => sqlx::query_as::<_, Row>(
            "SELECT * FROM edits WHERE tailnet_id = $1 ORDER BY id DESC LIMIT $2")
            .bind(tailnet).bind(limit).fetch_all(pool).await)?
        .into_iter()
        .map(|row| Edit::try_from(row).map_err(Into::into))
        .collect()
    }

    /// The edit that took this one back, if it stands.
    pub async fn find_undoing(&self, id: EditId) -> sqlx::Result<Option<EditId>> {
        on!(self, pool => sqlx::query_as::<_, (Uuid,)>(
            "SELECT id FROM edits WHERE undoes = $1 AND state = 'applied' ORDER BY id DESC LIMIT 1")
            .bind(id).fetch_optional(pool).await)
        .map(|row| row.map(|(id,)| EditId::new(id)))
    }

    /// The edit that was made for a share.
    pub async fn find_edit_for_share(&self, share: ShareId) -> sqlx::Result<Option<Edit>> {
        on!(self, pool => sqlx::query_as::<_, Row>(
            "SELECT * FROM edits WHERE share_id = $1 AND state = 'applied' ORDER BY id DESC LIMIT 1")
            .bind(share).fetch_optional(pool).await)?
        .map(|row| Edit::try_from(row).map_err(Into::into))
        .transpose()
    }
}
