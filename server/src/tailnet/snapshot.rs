//! Keeps what was read of a tailnet whole, so that questions about reach need no control plane.

use std::collections::{BTreeMap, BTreeSet};

use control_plane::{ControlPlaneError, Device, DeviceList, Invite, PolicyFile, User};
use model::{TailnetId, Timestamp};
use serde::Deserialize;

use super::inventory::{Inventory, SharedTo, accepted_by, name_of};
use crate::planes::in_words;
use crate::state::AppState;
use crate::store::snapshots::Reading;

/// Invites by the id of their machine.
pub type Invites = BTreeMap<String, Vec<Invite>>;

/// What only this moment hides leaves the last reading as it is, with the word that it is old.
pub async fn keep(
    state: &AppState,
    id: TailnetId,
    (devices, users): (&[Device], &[User]),
    policy: &Result<PolicyFile, ControlPlaneError>,
    invites: &Result<Invites, ControlPlaneError>,
) -> sqlx::Result<()> {
    let passing = |error: &&ControlPlaneError| error.passes_by_itself();
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
            Ok(file) => Ok((file.text.clone(), file.etag.as_ref().map(|etag| etag.as_str().to_owned()))),
            Err(error) => Err(in_words(error)),
        },
        network: inventory.to_json(),
        sharing_missing: invites.as_ref().err().map(in_words),
    };
    state.db.put_snapshot(id, &reading, state.now()).await
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
