//! A share that changes, with all that goes along with it.

use model::{Step, StepPhase, Timestamp};

use super::Share;
use crate::store::circles::{self, Given};
use crate::store::notices::{self, Subject};
use crate::store::{Db, Json, Tx, audit, edits, jobs, snapshots};

/// One update of a share, with what is written in its transaction.
#[derive(Clone, Debug, Default)]
pub struct Along {
    pub entries: Vec<audit::NewEntry>,
    /// Steps done: phase, step, detail.
    pub steps: Vec<(StepPhase, Step, String)>,
    pub jobs: Vec<jobs::NewJob>,
    /// An edit of the policy that comes before this share's rule, written down before it is made.
    pub edit: Option<edits::Edit>,
    /// What was read of its tailnet again, so that no page says of reach what was so before.
    pub again: Option<snapshots::Again>,
    /// Stored only if this was approved beforehand for it still.
    pub beforehand: Option<Given>,
    /// Steps of this phase begin anew.
    pub forget_steps: Option<StepPhase>,
}

impl Along {
    /// Just an entry of the audit trail.
    pub fn of(entry: audit::NewEntry) -> Self {
        Self { entries: vec![entry], ..Self::default() }
    }
}

const UPDATE: &str =
    "UPDATE shares SET login = $3, state = $4, state_data = $5, deeds = $6, invite_url_sealed = $7,
        seen_in_force = $8, ended = $9, ports = $10, ports_asked = $11, ends = $12, longer = $13, version = version + 1 WHERE id = $1 AND version = $2";

const PUT_STEP: &str = "INSERT INTO steps (share_id, phase, step, at, detail) VALUES ($1, $2, $3, $4, $5)
     ON CONFLICT (share_id, phase, step) DO UPDATE SET at = excluded.at, detail = excluded.detail";

impl Db {
    /// Stores a changed share and what goes along with it. False, and nothing is stored, if somebody else was
    /// quicker: read it again. On success the share carries its new version.
    pub async fn update_share(&self, share: &mut Share, now: Timestamp, along: &Along) -> sqlx::Result<bool> {
        let longer = share.longer.as_ref().map(Json::write);
        let values = (
            share.id,
            share.version,
            &share.login,
            share.state.name(),
            Json::write(&share.state),
            Json::write(&share.deeds),
            &share.invite_url_sealed,
            share.seen_in_force,
            share.state.is_over().then_some(now),
            &share.ports,
            &share.asked,
            share.ends,
            longer,
        );
        let mut tx = self.begin().await?;
        let holds = match &along.beforehand {
            Some(given) => circles::holds_for(&mut tx, share.id, given).await?,
            None => true,
        };
        let won = holds && tx.query(UPDATE, values).execute().await? == 1;
        if won {
            put_along(&mut tx, share, now, along).await?;
        }
        tx.commit().await?;
        if won {
            share.version += 1;
        }
        Ok(won)
    }
}

async fn put_along(tx: &mut Tx, share: &Share, now: Timestamp, along: &Along) -> sqlx::Result<()> {
    if let Some(phase) = along.forget_steps {
        let forget = "DELETE FROM steps WHERE share_id = $1 AND phase = $2";
        tx.query(forget, (share.id, phase)).execute().await?;
    }
    if let Some(edit) = &along.edit {
        edits::begin(tx, edit).await?;
    }
    for (phase, step, detail) in &along.steps {
        tx.query(PUT_STEP, (share.id, phase, step, now, detail)).execute().await?;
        if *step == Step::Narrow {
            edits::finish_for_share(tx, share.id, now).await?;
        }
    }
    if let Some(again) = &along.again {
        snapshots::renew(tx, share.tailnet, again, now).await?;
    }
    for entry in &along.entries {
        audit::insert(tx, entry).await?;
    }
    for job in &along.jobs {
        jobs::enqueue(tx, job).await?;
    }
    notices::renew(tx, Subject::Share(share.id), now).await
}
