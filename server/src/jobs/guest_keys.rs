//! Keys for friends that were asked for, and of which nobody knows whether they were made: the process was killed, or the
//! answer was lost. Nobody has seen them, so they are ended.

use std::collections::BTreeSet;

use control_plane::{ControlPlane, ControlPlaneError, KeyId};
use model::{ShareEvent, TailnetId};

use crate::shares;
use crate::state::AppState;
use crate::store::audit::Actor;

/// A call that was sent may have its effect for as long as a lease lasts.
///
/// # Errors
/// As the control plane says, or when the store fails.
pub async fn end_lost(state: &AppState, id: TailnetId, plane: &dyn ControlPlane) -> anyhow::Result<()> {
    let lease = i64::try_from(state.config.timing.lease.as_secs()).unwrap_or(i64::MAX);
    let settled = state.now().plus_seconds(-lease);
    let lost = state.db.list_lost_guest_keys(id, settled).await?;
    if lost.is_empty() {
        return Ok(());
    }
    let good = plane.list_auth_keys().await?;
    for key in lost {
        let theirs =
            good.iter().filter(|one| one.user.as_ref().is_some_and(|user| user.as_str() == key.account));
        let theirs: BTreeSet<String> = theirs.map(|one| one.id.as_str().to_owned()).collect();
        let all = state.db.list_guest_keys_of(id, &key.account).await?;
        for found in key.among(&all, &theirs) {
            match plane.delete_auth_key(&KeyId::new(found)).await {
                Ok(()) => {
                    if let Some(share) = state.db.find_share(key.share).await? {
                        let event = ShareEvent::LostKeyEnded;
                        let entry = shares::entry(&share, Actor::Acequia, event).at(state);
                        state.db.insert_entry(&entry).await?;
                    }
                }
                Err(ControlPlaneError::NotFound) => {}
                Err(error) => return Err(error.into()),
            }
        }
        state.db.forget_guest_key(key.id).await?;
    }
    Ok(())
}
