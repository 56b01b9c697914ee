//! Devices and users of a tailnet, read afresh, as the policy engine sees them.

use std::collections::{BTreeMap, BTreeSet};

use control_plane::{ControlPlane, ControlPlaneError, Device, DeviceId, DeviceList, User, UserKind};
use policy::Network;
use serde_json::{Value, json};

/// What a policy is resolved against, with what the control plane said.
#[derive(Clone, Debug)]
pub struct Inventory {
    pub devices: DeviceList,
    pub users: Vec<User>,
    /// Logins by the node name of the machine that is shared with them.
    pub shared_to: BTreeMap<String, BTreeSet<String>>,
}

impl Inventory {
    /// Reads devices, users and, where there are share recipients, which machines are shared with whom.
    ///
    /// # Errors
    /// As the control plane says.
    pub async fn read(plane: &dyn ControlPlane) -> Result<Self, ControlPlaneError> {
        let devices = plane.list_devices().await?;
        let users = plane.list_users().await?;
        let mut shared_to: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
        // Invites are asked for device by device; nobody pays for that who shares nothing.
        if users.iter().any(|user| user.kind == UserKind::Shared) {
            for device in devices.devices.iter().filter(|device| !device.external) {
                for invite in plane.list_invites(&device.id).await? {
                    if let (true, Some(login)) = (invite.accepted, invite.accepted_by) {
                        shared_to.entry(name_of(device)).or_default().insert(login);
                    }
                }
            }
        }
        Ok(Self { devices, users, shared_to })
    }

    /// One machine, by the id for calls.
    pub fn device(&self, id: &DeviceId) -> Option<&Device> {
        self.devices.devices.iter().find(|device| device.id == *id)
    }

    /// The network file of this inventory (`design`: the command line contract), which `policy::Network` reads.
    pub fn to_json(&self) -> Value {
        let mut users: Vec<Value> = Vec::new();
        let mut known = BTreeSet::new();
        for (index, user) in self.users.iter().enumerate() {
            let name = user.login.to_lowercase();
            if known.insert(name.clone()) {
                let kind = if user.kind == UserKind::Shared { "shared" } else { "member" };
                users.push(json!({
                    "id": index + 1, "name": name, "email": user.login, "role": role(&user.role), "type": kind,
                }));
            }
        }
        let mut nodes = serde_json::Map::new();
        for device in self.devices.devices.iter().filter(|device| !device.external) {
            // A machine's user who is no longer listed (suspended, removed) still owns it.
            let user = device.user_login.to_lowercase();
            if device.tags.is_empty() && !user.is_empty() && known.insert(user.clone()) {
                users.push(json!({ "id": users.len() + 1, "name": user, "email": device.user_login }));
            }
            let name = name_of(device);
            let shared_to = self.shared_to.get(&name).into_iter().flatten().collect::<Vec<_>>();
            let mut node = json!({
                "hostname": device.hostname, "tags": device.tags, "routable_ips": device.advertised_routes,
                "approved_routes": device.enabled_routes, "shared_to": shared_to,
            });
            for address in &device.addresses {
                node[if address.is_ipv4() { "ipv4" } else { "ipv6" }] = json!(address);
            }
            if known.contains(&user) {
                node["user"] = json!(user);
            }
            nodes.insert(name, node);
        }
        json!({ "users": users, "nodes": nodes })
    }

    /// As the engine wants it.
    ///
    /// # Errors
    /// When the control plane said something that makes no network.
    pub fn network(&self) -> Result<Network, policy::network::NetworkError> {
        Network::from_value(self.to_json())
    }
}

/// The first label of the MagicDNS name: unique in a tailnet.
pub fn name_of(device: &Device) -> String {
    device.name.split('.').next().filter(|name| !name.is_empty()).unwrap_or(&device.hostname).to_owned()
}

/// Roles that the engine knows; a newer one has no rights in a policy.
fn role(role: &str) -> &str {
    match role {
        "owner" | "admin" | "it-admin" | "network-admin" | "billing-admin" | "auditor" => role,
        _ => "member",
    }
}
