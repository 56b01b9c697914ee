//! Reads devices, users and settings of a tailnet into the store.

use control_plane::{ControlPlaneError, CredentialKind, Device};
use model::{Changed, JobKind, TailnetId, Trouble};

use super::{Outcome, drift, guest_keys};
use crate::failure::CANNOT_BE_READ;
use crate::hosts;
use crate::jobs;
use crate::planes;
use crate::planes::{OwnerShutOut, headscale, in_words};
use crate::queue;
use crate::secrets::OpenError;
use crate::state::AppState;
use crate::store::decode::Damaged;
use crate::store::tailnets::Heard;
use crate::tailnet::{Lease, renewal};
use crate::words;

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
            (None, Some(shut_out)) => Changed::Nothing.after(&shut_out.to_string()),
            (None, None) if error.is::<ConnectedTwice>() => {
                Changed::Nothing.after(words::headscale::CONNECTED_TWICE)
            }
            (None, None) if error.is::<OpenError>() => Changed::Nothing.after(words::tailnet::KEY_FILE),
            (None, None) => {
                Damaged::beneath(error).map_or(words::tailnet::NOT_STORED, |_| CANNOT_BE_READ).to_owned()
            }
        };
        if !error.is::<ControlPlaneError>() && !error.is::<ConnectedTwice>() {
            tracing::error!(tailnet = %id, "it could not be synced: {error:#}");
        }
        state.db.mark_sync_failed(id, &why, &heard(error), state.now()).await?;
        if let Some(refused) = error.downcast_ref().filter(|error| is_refusal(error)) {
            // Which credential it is that is not taken: otherwise its page goes on to say that it works.
            if let Err(error) = check(state, id, Some(refused)).await {
                tracing::error!(tailnet = %id, "its credentials could not be asked about: {error:#}");
            }
        }
    }
    lease.give_back().await?;
    Ok(again)
}

/// Another tailnet stands for the same server, and was there first.
#[derive(Clone, Copy, Debug, thiserror::Error)]
#[error("the same server is connected already")]
struct ConnectedTwice;

const fn is_refusal(error: &ControlPlaneError) -> bool {
    matches!(error, ControlPlaneError::Unauthorised | ControlPlaneError::Forbidden { .. })
}

/// What a sync that failed says about the control plane.
fn heard(error: &anyhow::Error) -> Heard {
    match error.downcast_ref::<ControlPlaneError>() {
        Some(refusal) if is_refusal(refusal) => Heard::Answer,
        Some(error) => Heard::Nothing(Trouble::Call { error: error.into(), maybe_done: false }),
        // Nothing is done for whoever may not come in, and nobody has to mend that.
        None if error.is::<OwnerShutOut>() => Heard::Answer,
        None if error.is::<OpenError>() => Heard::Nothing(Trouble::KeyFile),
        None if Damaged::beneath(error).is_some() => Heard::Nothing(Trouble::Damaged),
        None => Heard::NotAsked,
    }
}

async fn read(state: &AppState, id: TailnetId) -> anyhow::Result<()> {
    find_out(state, id).await?;
    let plane = planes::of(state, id).await?;
    let devices = plane.list_devices().await?;
    one_server(state, id, &devices.devices).await?;
    let users = plane.list_users().await?;
    // Not every credential may read these; what was not told is not known.
    let settings = plane.get_settings().await.unwrap_or_default();
    let now = state.now();
    let new_id = || state.new_id::<()>().uuid();
    state.db.put_inventory(id, &devices.devices, devices.shared_in_listed, &users, now, new_id).await?;
    hosts::renew_all(state, id).await?;
    state.db.mark_synced(id, &settings, now).await?;
    guest_keys::end_lost(state, id, plane.as_ref()).await?;
    drift::observe_tailnet(state, id, &plane, &devices.devices, &users).await?;
    check_credentials(state, id).await?;
    match state.db.find_tailnet(id).await? {
        Some(tailnet) if plane.capabilities().renewal => renewal::begin_if_due(state, &tailnet).await,
        _ => Ok(()),
    }
}

/// A Headscale may have been brought up to date since: what it is is asked in each sync.
async fn find_out(state: &AppState, id: TailnetId) -> anyhow::Result<()> {
    let tailnet = state.db.find_tailnet(id).await?;
    let Some(tailnet) = tailnet.filter(|tailnet| tailnet.kind.is_headscale()) else { return Ok(()) };
    let kind = headscale::find_out(&planes::unknown_headscale(state, &tailnet).await?).await?;
    state.db.put_plane_kind(id, kind).await?;
    Ok(())
}

/// Two tailnets of one server would each take the other's rules for strange ones. The machines tell, whatever its address:
/// the one that was connected first stays.
async fn one_server(state: &AppState, id: TailnetId, devices: &[Device]) -> anyhow::Result<()> {
    let tailnet = state.db.find_tailnet(id).await?;
    let Some(tailnet) = tailnet.filter(|tailnet| tailnet.kind.is_headscale()) else { return Ok(()) };
    let keys = devices.iter().filter_map(|device| device.node_key.as_deref()).collect();
    let Some(first) =
        state.db.find_same_server(id, &tailnet.base_url, &keys).await?.filter(|other| *other < id)
    else {
        return Ok(());
    };
    let server = state.db.find_server(first.uuid()).await?.unwrap_or_else(|| first.uuid());
    state.db.put_server(id, server).await?;
    Err(ConnectedTwice.into())
}

/// Reads what open shares stand on, at once: for whoever looks at the page of one.
///
/// # Errors
/// As the control plane says, or when the store fails.
pub async fn observe_now(state: &AppState, id: TailnetId) -> anyhow::Result<()> {
    let plane = planes::of(state, id).await?;
    let devices = plane.list_devices().await?;
    let users = plane.list_users().await?;
    drift::observe_tailnet(state, id, &plane, &devices.devices, &users).await
}

/// Asks about each credential, so that its page can say what it makes possible and when it ends.
pub async fn check_credentials(state: &AppState, id: TailnetId) -> anyhow::Result<()> {
    check(state, id, None).await
}

/// The same where one of them was refused. If each by itself is taken, it is the one that reads that may not do what it is
/// there for.
async fn check(state: &AppState, id: TailnetId, refused: Option<&ControlPlaneError>) -> anyhow::Result<()> {
    let plane = planes::of(state, id).await?;
    let mut checked = Vec::new();
    for mut credential in state.db.list_credentials(id).await?.readable() {
        match plane.check_credential(credential.kind).await {
            Ok(report) => {
                credential.expires = report.expires;
                credential.report = Some(report);
                credential.refused = None;
            }
            Err(error) if error.is_transient() => continue,
            Err(error) => credential.refused = Some(in_words(&error)),
        }
        credential.checked = state.now();
        checked.push(credential);
    }
    let all_taken = checked.iter().all(|credential| credential.refused.is_none());
    if let Some(why) = refused.filter(|_| all_taken)
        && let Some(reads) = checked.iter_mut().find(|one| one.kind != CredentialKind::UserToken)
    {
        reads.refused = Some(in_words(why));
    }
    for credential in &checked {
        state.db.put_credential(id, credential).await?;
    }
    Ok(())
}

/// Queues a sync for every tailnet whose last one is older than the interval.
pub(super) async fn queue_all(state: &AppState) -> sqlx::Result<()> {
    let interval = i64::try_from(state.config.timing.sync.as_secs()).unwrap_or(i64::MAX);
    let due = state.now().plus_seconds(-interval);
    for tailnet in state.db.list_tailnets().await?.readable() {
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
