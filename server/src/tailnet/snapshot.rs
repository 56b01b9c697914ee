//! Keeps what was read of a tailnet whole, so that questions about reach need no control plane.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use control_plane::{ControlPlaneError, Device, DeviceList, PolicyFile, User};
use model::looks::Looks;
use model::{TailnetId, Timestamp};
use policy::Dialect;
use serde::Deserialize;
use sharing::SeenInvite;

pub use super::inventory::accepted_by;
use super::inventory::{Inventory, SharedTo, name_of};
use crate::planes::in_words;
use crate::secrets::hash_token;
use crate::state::AppState;
use crate::store::looks::{Look, Packed};
use crate::store::snapshots::Reading;
use crate::text_pack;

/// Invites by the id of their machine.
pub type Invites = BTreeMap<String, Vec<SeenInvite>>;

/// What only this moment hides leaves the last reading as it is, with the word that it is old.
pub async fn keep(
    state: &AppState,
    (id, dialect): (TailnetId, Dialect),
    (devices, users): (&[Device], &[User]),
    policy: &Result<PolicyFile, ControlPlaneError>,
    invites: &Result<Invites, ControlPlaneError>,
) -> sqlx::Result<()> {
    let passing = |error: &&ControlPlaneError| error.is_transient();
    let trouble = policy.as_ref().err().filter(passing).or_else(|| invites.as_ref().err().filter(passing));
    if let Some(error) = trouble {
        return state.db.mark_snapshot_old(id, &in_words(error), state.now()).await;
    }
    let inventory = Inventory {
        devices: DeviceList { devices: devices.to_vec(), shared_in_listed: false },
        users: users.to_vec(),
        shared_to: invites.as_ref().map(|invites| shared_to(devices, invites)).unwrap_or_default(),
    };
    let reading = Reading {
        policy: match policy {
            Ok(file) => Ok(policy_of(file)),
            Err(error) => Err(in_words(error)),
        },
        network: inventory.to_json(),
        sharing_missing: invites.as_ref().err().map(in_words),
        dialect,
    };
    state.db.put_snapshot(id, &reading, state.now()).await?;
    remember(state, id, reading).await
}

/// Two looks that are no further apart than this tell of the time between them. One or two may fail.
pub fn patience(state: &AppState) -> Duration {
    const LEAST: Duration = Duration::from_mins(15);
    (3 * state.config.timing.sync).max(LEAST)
}

/// Keeps what was found for those who ask later, if it is something else than before.
async fn remember(state: &AppState, id: TailnetId, reading: Reading) -> sqlx::Result<()> {
    let (db, now) = (&state.db, state.now());
    let revision = reading.revision();
    if db.extend_look(id, &revision, now, patience(state)).await? {
        return Ok(());
    }
    let network = hash_token(&reading.network);
    let policy = reading.policy.map(|(text, _)| (hash_token(&text), text));
    let mut texts = vec![(network.clone(), reading.network)];
    texts.extend(policy.clone().ok());
    let names: Vec<&str> = texts.iter().map(|(name, _)| name.as_str()).collect();
    let missing = db.missing_texts(id, &names).await?;
    texts.retain(|(name, _)| missing.contains(name));
    let pack = move || {
        let packed = |(name, text): (String, String)| Ok(Packed { name, packed: text_pack::pack(&text)? });
        texts.into_iter().map(packed).collect::<std::io::Result<Vec<Packed>>>()
    };
    // Not for a thread that serves requests.
    let packed = tokio::task::spawn_blocking(pack).await.map_err(std::io::Error::other).flatten()?;
    let look = Look {
        id: state.new_id::<()>().uuid(),
        at: Looks { first: now, last: now },
        revision,
        policy: policy.map(|(name, _)| name),
        network,
        sharing_missing: reading.sharing_missing,
    };
    if !db.add_look(id, &look, &packed).await? {
        tracing::debug!(tailnet = %id, "a text was dropped while a look was stored; the next one stores it");
    }
    // A tailnet of thousands whose machines come and go fills its place within days: the oldest go.
    let most = i64::from(state.config.retention.snapshots_mib) << 20;
    while db.bound_looks(id, most, now).await? {}
    Ok(())
}

/// The text of a policy with its mark, as it is kept.
pub fn policy_of(file: &PolicyFile) -> (String, Option<String>) {
    (file.text.clone(), file.etag.as_ref().map(|etag| etag.as_str().to_owned()))
}

fn shared_to(devices: &[Device], invites: &Invites) -> SharedTo {
    let mut shared = SharedTo::new();
    for device in devices {
        let logins = invites.get(device.id.as_str()).map(|invites| accepted_by(invites)).unwrap_or_default();
        if !logins.is_empty() {
            shared.insert(name_of(device), logins);
        }
    }
    shared
}

/// With whom machines were shared when the tailnet was last read whole, and when that was.
///
/// # Errors
/// When the store fails.
pub async fn last_sharing(state: &AppState, id: TailnetId) -> sqlx::Result<Option<(Timestamp, SharedTo)>> {
    #[derive(Deserialize)]
    struct Network {
        nodes: BTreeMap<String, Node>,
    }
    #[derive(Deserialize)]
    struct Node {
        #[serde(default)]
        shared_to: BTreeSet<String>,
    }
    let Some(snapshot) = state.db.get_snapshot(id).await? else { return Ok(None) };
    let network = serde_json::from_str(&snapshot.network).ok();
    let known = network.filter(|_| snapshot.head.sharing_missing.is_none()).map(|network: Network| {
        let shared = network.nodes.into_iter().filter(|(_, node)| !node.shared_to.is_empty());
        shared.map(|(name, node)| (name, node.shared_to)).collect()
    });
    Ok(known.map(|shared| (snapshot.head.read, shared)))
}
