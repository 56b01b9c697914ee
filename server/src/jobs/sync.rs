//! Reads devices, users and settings of a tailnet into the store.

use control_plane::{ControlPlaneError, CredentialKind};
use model::{JobKind, TailnetId};

use super::{Outcome, drift};
use crate::failure::CANNOT_BE_READ;
use crate::hosts;
use crate::jobs;
use crate::planes;
use crate::planes::{OwnerShutOut, in_words};
use crate::queue;
use crate::state::AppState;
use crate::store::decode::Damaged;
use crate::tailnet::Lease;

pub async fn run(state: &AppState, id: TailnetId) -> anyhow::Result<Outcome> {
    if state.db.find_tailnet(id).await?.is_none() {
        return Ok(Outcome::Done);
    }
    let Some(lease) = Lease::take(state, id).await? else {
        return Ok(jobs::until_let_go(state));
    };
    state.db.mark_sync_started(id, state.now()).await?;
    let outcome = read(state, id).await;
    let mut again = Outcome::Done;
    if let Err(error) = &outcome {
        if let Some(ControlPlaneError::RateLimited { retry_after: Some(wait) }) = error.downcast_ref() {
            again = Outcome::Again(state.after(*wait));
        }
        // A person reads this on the tailnet's page; the next try comes with the timer.
        let why = match (error.downcast_ref(), error.downcast_ref::<OwnerShutOut>()) {
            (Some(error), _) => in_words(error),
            (None, Some(shut_out)) => shut_out.to_string(),
            (None, None) => {
                Damaged::beneath(error).map_or("It could not be stored.", |_| CANNOT_BE_READ).to_owned()
            }
        };
        if !error.is::<ControlPlaneError>() {
            tracing::error!(tailnet = %id, "it could not be synced: {error:#}");
        }
        state.db.mark_sync_failed(id, &why, state.now()).await?;
    }
    lease.give_back().await?;
    Ok(again)
}

async fn read(state: &AppState, id: TailnetId) -> anyhow::Result<()> {
    let plane = planes::of(state, id).await?;
    let devices = plane.list_devices().await?;
    let users = plane.list_users().await?;
    // Not every credential may read these; what was not told is not known.
    let settings = plane.get_settings().await.unwrap_or_default();
    let now = state.now();
    let new_id = || state.new_id::<()>().uuid();
    state.db.put_inventory(id, &devices.devices, devices.shared_in_listed, &users, now, new_id).await?;
    hosts::renew_all(state, id).await?;
    state.db.mark_synced(id, &settings, now).await?;
    drift::look(state, id, &plane, &devices.devices, &users).await?;
    check_credentials(state, id).await
}

/// Reads what open shares stand on, at once: for whoever looks at the page of one.
///
/// # Errors
/// As the control plane says, or when the store fails.
pub async fn look_now(state: &AppState, id: TailnetId) -> anyhow::Result<()> {
    let plane = planes::of(state, id).await?;
    let devices = plane.list_devices().await?;
    let users = plane.list_users().await?;
    drift::look(state, id, &plane, &devices.devices, &users).await
}

/// Asks about each credential, so that its page can say what it makes possible and when it ends.
pub async fn check_credentials(state: &AppState, id: TailnetId) -> anyhow::Result<()> {
    let plane = planes::of(state, id).await?;
    for mut credential in state.db.list_credentials(id).await?.readable() {
        match plane.check_credential(credential.kind).await {
            Ok(report) => {
                credential.expires = report.expires;
                credential.report = Some(report);
                credential.refused = None;
            }
            Err(error) if error.passes_by_itself() => continue,
            Err(error) => credential.refused = Some(in_words(&error)),
        }
        credential.checked = state.now();
        state.db.put_credential(id, &credential).await?;
    }
    Ok(())
}

/// Queues a sync for every tailnet whose last one is older than the interval.
pub(super) async fn queue_all(state: &AppState) -> sqlx::Result<()> {
    let interval = i64::try_from(state.config.timing.sync.as_secs()).unwrap_or(i64::MAX);
    let due = state.now().plus_seconds(-interval);
    for tailnet in state.db.list_tailnets().await? {
        let tailnet = tailnet.as_of(state.now());
        let tried = tailnet.synced.max(tailnet.sync_failed.map(|(at, _)| at)).max(tailnet.sync_started);
        if tried.is_some_and(|at| at > due) {
            continue;
        }
        match state.db.is_here(tailnet.owner).await {
            // One that waits because the control plane asked for it goes on waiting.
            Ok(true) => state.db.enqueue_new(&queue::job(state, JobKind::Sync, tailnet.id)).await?,
            Ok(false) => {}
            // Whose standing cannot be read holds up nobody else's tailnet.
            Err(error) => tracing::error!(tailnet = %tailnet.id, "it is not synced: {error}"),
        }
    }
    Ok(())
}

/// The credential that a failed call lacks, for pages.
pub const fn credential_words(kind: CredentialKind) -> &'static str {
    match kind {
        CredentialKind::Client => "OAuth client",
        CredentialKind::UserToken => "user token",
    }
}
