//! Keeps what was read of a tailnet whole, so that questions about reach need no control plane.

use std::collections::{BTreeMap, BTreeSet};

use control_plane::{ControlPlaneError, Device, DeviceList, Invite, PolicyFile, User};
use model::{TailnetId, Timestamp};
use serde::Deserialize;

use super::inventory::{Inventory, SharedTo, name_of};
use crate::planes::in_words;
use crate::services::Services;
use crate::store::snapshots::Reading;

/// Invites by the id of their machine.
pub type Invites = BTreeMap<String, Vec<Invite>>;

/// What only this moment hides leaves the last reading as it is, with the word that it is old.
pub async fn keep(
    services: &Services,
    id: TailnetId,
    (devices, users): (&[Device], &[User]),
    policy: &Result<PolicyFile, ControlPlaneError>,
    invites: &Result<Invites, ControlPlaneError>,
) -> sqlx::Result<()> {
    let passing = |error: &&ControlPlaneError| error.passes_by_itself();
    let trouble = policy.as_ref().err().filter(passing).or_else(|| invites.as_ref().err().filter(passing));
    if let Some(error) = trouble {
        return services.db.mark_snapshot_old(id, &in_words(error), services.now()).await;
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
    services.db.put_snapshot(id, &reading, services.now()).await
}

fn shared_to(devices: &[Device], invites: &Invites) -> SharedTo {
    let mut shared = SharedTo::new();
    for device in devices {
        for invite in invites.get(device.id.as_str()).into_iter().flatten() {
            if let (true, Some(login)) = (invite.accepted, &invite.accepted_by) {
                shared.entry(name_of(device)).or_default().insert(login.clone());
            }
        }
    }
    shared
}

/// With whom machines were shared when the tailnet was last read whole, and when that was.
///
/// # Errors
/// When the store fails.
pub async fn last_sharing(services: &Services, id: TailnetId) -> sqlx::Result<Option<(Timestamp, SharedTo)>> {
    #[derive(Deserialize)]
    struct Network {
        nodes: BTreeMap<String, Node>,
    }
    #[derive(Deserialize)]
    struct Node {
        #[serde(default)]
        shared_to: BTreeSet<String>,
    }
    let Some(snapshot) = services.db.get_snapshot(id).await? else { return Ok(None) };
    let network = serde_json::from_str(&snapshot.network).ok();
    let known = network.filter(|_| snapshot.head.sharing_missing.is_none()).map(|network: Network| {
        let shared = network.nodes.into_iter().filter(|(_, node)| !node.shared_to.is_empty());
        shared.map(|(name, node)| (name, node.shared_to)).collect()
    });
    Ok(known.map(|shared| (snapshot.head.read, shared)))
}
