//! What came of asking the control plane of a tailnet, and who is told of it.

use control_plane::Settings;
use model::{TailnetId, Timestamp, Trouble};

use super::causes::{Causes, Since, of};
use crate::store::notices::{self, Subject};
use crate::store::{Db, Json, Tx};

/// What came of asking a control plane.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Heard {
    /// It answers, be it with a no.
    Answer,
    /// It cannot be asked, or says what nobody understands.
    Nothing(Trouble),
    /// Nobody got as far as asking.
    NotAsked,
}

/// Tells what is new about a tailnet, and of its shares what that explains, or does no longer.
pub(super) async fn tell(
    tx: &mut Tx,
    id: TailnetId,
    before: Option<&Causes>,
    now: Timestamp,
) -> sqlx::Result<()> {
    let after = of(tx, id).await?;
    if before == after.as_ref() {
        return Ok(());
    }
    notices::renew(tx, Subject::Tailnet(id), now).await?;
    if before.map(Causes::told) != after.as_ref().map(Causes::told) {
        let shares = notices::open_shares_of(tx, id).await?;
        notices::renew_all(tx, shares, now).await?;
    }
    Ok(())
}

/// The same trouble, since when it is that.
fn since(before: Since, trouble: Option<&Trouble>, now: Timestamp) -> (Option<Timestamp>, Option<String>) {
    let at = before.and_then(|(at, _)| at.happened(now)).unwrap_or(now);
    trouble.map_or((None, None), |trouble| (Some(at), Some(Json::write(trouble))))
}

impl Db {
    pub async fn mark_synced(&self, id: TailnetId, settings: &Settings, now: Timestamp) -> sqlx::Result<()> {
        let sql =
            "UPDATE tailnets SET sync_started = NULL, synced = $2, sync_failed = NULL, sync_error = NULL,
            settings = $3, away = NULL, away_why = NULL WHERE id = $1";
        let mut tx = self.begin().await?;
        Subject::Tailnet(id).lock(&mut tx).await?;
        let before = of(&mut tx, id).await?;
        tx.query(sql, (id, now, Json::write(settings))).execute().await?;
        tell(&mut tx, id, before.as_ref(), now).await?;
        tx.commit().await
    }

    pub async fn mark_sync_failed(
        &self,
        id: TailnetId,
        why: &str,
        heard: &Heard,
        now: Timestamp,
    ) -> sqlx::Result<()> {
        let failed =
            "UPDATE tailnets SET sync_started = NULL, sync_failed = $2, sync_error = $3 WHERE id = $1";
        let away = "UPDATE tailnets SET away = $2, away_why = $3 WHERE id = $1";
        let mut tx = self.begin().await?;
        Subject::Tailnet(id).lock(&mut tx).await?;
        let before = of(&mut tx, id).await?;
        tx.query(failed, (id, now, why)).execute().await?;
        let trouble = match heard {
            Heard::Answer => Some(None),
            Heard::Nothing(trouble) => Some(Some(trouble)),
            Heard::NotAsked => None,
        };
        if let (Some(trouble), Some(before)) = (trouble, &before) {
            let (at, why) = since(before.away.clone(), trouble, now);
            tx.query(away, (id, at, why)).execute().await?;
        }
        tell(&mut tx, id, before.as_ref(), now).await?;
        tx.commit().await
    }

    /// Whether the policy could be read, and understood.
    pub async fn mark_policy(
        &self,
        id: TailnetId,
        trouble: Option<&Trouble>,
        now: Timestamp,
    ) -> sqlx::Result<()> {
        let sql = "UPDATE tailnets SET policy_unread = $2, policy_why = $3 WHERE id = $1";
        let mut tx = self.begin().await?;
        Subject::Tailnet(id).lock(&mut tx).await?;
        let Some(before) = of(&mut tx, id).await? else { return tx.rollback().await };
        let (at, why) = since(before.policy.clone(), trouble, now);
        tx.query(sql, (id, at, why)).execute().await?;
        tell(&mut tx, id, Some(&before), now).await?;
        tx.commit().await
    }
}
