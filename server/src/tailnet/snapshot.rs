//! Keeps what was read of a tailnet whole, so that questions about reach need no control plane.

use std::collections::{BTreeMap, BTreeSet};

use control_plane::{ControlPlaneError, Device, DeviceList, Invite, PolicyFile, User};
use model::TailnetId;

use super::inventory::{Inventory, name_of};
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

fn shared_to(devices: &[Device], invites: &Invites) -> BTreeMap<String, BTreeSet<String>> {
    let mut shared: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for device in devices {
        for invite in invites.get(device.id.as_str()).into_iter().flatten() {
            if let (true, Some(login)) = (invite.accepted, &invite.accepted_by) {
                shared.entry(name_of(device)).or_default().insert(login.clone());
            }
        }
    }
    shared
}
