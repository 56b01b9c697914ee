//! Edits of a policy that are no share, written down before they are made.

use model::ids::EditId;
use model::{EditKind, EditState, PersonId, ShareId, TailnetId, Timestamp};

pub use super::audit::{ReachSummary, summaries};
use super::decode::{Damaged, FromRow, Row};
use super::{Db, Json, Tx, audit, jobs, snapshots};

/// One edit, with both texts, so that it can be taken back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Edit {
    pub id: EditId,
    pub tailnet: TailnetId,
    pub what: EditKind,
    pub title: String,
    pub by: Option<PersonId>,
    pub by_name: String,
    /// The share that it was needed for.
    pub share: Option<ShareId>,
    pub before: String,
    pub after: String,
    pub gained: Vec<ReachSummary>,
    pub lost: Vec<ReachSummary>,
    pub state: EditState,
    pub begun: Timestamp,
}

impl FromRow for Edit {
    const TABLE: &'static str = "edits";
    const KEY: &'static [&'static str] = &["id"];

    fn from_row(row: &Row<'_>) -> Result<Self, Damaged> {
        Ok(Self {
            id: row.get("id")?,
            tailnet: row.get("tailnet_id")?,
            what: row.get("what")?,
            title: row.get("title")?,
            by: row.get("by_id")?,
            by_name: row.get("by_name")?,
            share: row.get("share_id")?,
            before: row.get("before_text")?,
            after: row.get("after_text")?,
            gained: row.json("gained")?,
            lost: row.json("lost")?,
            state: state(row)?,
            begun: row.get("begun")?,
        })
    }
}

fn state(row: &Row<'_>) -> Result<EditState, Damaged> {
    let why: Option<String> = row.get("trouble")?;
    match row.get::<String>("state")?.as_str() {
        "applying" => Ok(EditState::Applying { why }),
        "applied" => Ok(EditState::Applied { at: row.get("applied")? }),
        "stopped" => Ok(EditState::Stopped { why: why.unwrap_or_default() }),
        other => Err(row.damaged("state", format!("`{other}` is no state of an edit"))),
    }
}

macro_rules! edits {
    ($rest:literal) => {
        concat!(
            "SELECT id, tailnet_id, what, title, by_id, by_name, share_id, before_text, after_text, gained, lost,
                state, trouble, begun, applied FROM edits WHERE ",
            $rest
        )
    };
}

/// Writes one down. One that was begun for the same share and never made gives way to it.
pub(super) async fn begin(tx: &mut Tx, edit: &Edit) -> sqlx::Result<()> {
    if let Some(share) = edit.share {
        let never_made = "DELETE FROM edits WHERE share_id = $1 AND state = 'applying'";
        tx.query(never_made, (share,)).execute().await?;
    }
    let undoes = match &edit.what {
        EditKind::Undo(id) => Some(*id),
        EditKind::Narrow | EditKind::Lint(_) | EditKind::TakeOut(_) | EditKind::Withhold(_) => None,
    };
    tx.query(
        "INSERT INTO edits (id, tailnet_id, what, title, by_id, by_name, share_id, undoes, before_text,
            after_text, gained, lost, state, begun)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, 'applying', $13)",
        (
            edit.id,
            edit.tailnet,
            &edit.what,
            &edit.title,
            edit.by,
            &edit.by_name,
            edit.share,
            undoes,
            &edit.before,
            &edit.after,
            Json::write(&edit.gained),
            Json::write(&edit.lost),
            edit.begun,
        ),
    )
    .execute()
    .await
    .map(drop)
}

/// The edit that was begun for a share stands in the policy.
pub(super) async fn finish_for_share(tx: &mut Tx, share: ShareId, now: Timestamp) -> sqlx::Result<()> {
    let finish = "UPDATE edits SET state = 'applied', applied = $2, trouble = NULL
         WHERE share_id = $1 AND state = 'applying'";
    tx.query(finish, (share, now)).execute().await.map(drop)
}

impl Db {
    pub async fn begin_edit(&self, edit: &Edit, job: &jobs::NewJob) -> sqlx::Result<()> {
        let mut tx = self.begin().await?;
        begin(&mut tx, edit).await?;
        jobs::enqueue(&mut tx, job).await?;
        tx.commit().await
    }

    /// It stands in the policy, as that was read again. Said once, with its entry.
    pub async fn finish_edit(
        &self,
        edit: &Edit,
        again: &snapshots::Again,
        now: Timestamp,
        entry: &audit::NewEntry,
    ) -> sqlx::Result<()> {
        let finish = "UPDATE edits SET state = 'applied', applied = $2, trouble = NULL
             WHERE id = $1 AND state = 'applying'";
        let mut tx = self.begin().await?;
        if tx.query(finish, (edit.id, now)).execute().await? == 1 {
            audit::insert(&mut tx, entry).await?;
            snapshots::renew(&mut tx, edit.tailnet, again, now).await?;
        }
        tx.commit().await
    }

    /// It waits, and for what.
    pub async fn delay_edit(&self, id: EditId, why: &str) -> sqlx::Result<()> {
        let sql = "UPDATE edits SET trouble = $2 WHERE id = $1 AND state = 'applying'";
        self.query(sql, (id, why)).execute().await.map(drop)
    }

    /// It has stopped without anything written, and why.
    pub async fn stop_edit(&self, id: EditId, why: &str) -> sqlx::Result<()> {
        let sql = "UPDATE edits SET state = 'stopped', trouble = $2 WHERE id = $1 AND state = 'applying'";
        self.query(sql, (id, why)).execute().await.map(drop)
    }

    pub async fn find_edit(&self, id: EditId) -> sqlx::Result<Option<Edit>> {
        self.query(edits!("id = $1"), (id,)).fetch_optional().await
    }

    /// Those of a tailnet, newest first.
    pub async fn list_edits(&self, tailnet: TailnetId, limit: i64) -> sqlx::Result<Vec<Edit>> {
        self.query(edits!("tailnet_id = $1 ORDER BY id DESC LIMIT $2"), (tailnet, limit)).fetch_all().await
    }

    /// The edit that took this one back, if it stands.
    pub async fn find_undoing(&self, id: EditId) -> sqlx::Result<Option<EditId>> {
        let sql = "SELECT id FROM edits WHERE undoes = $1 AND state = 'applied' ORDER BY id DESC LIMIT 1";
        Ok(self.query(sql, (id,)).fetch_column().await?.pop())
    }
}
