//! Devices and users of a tailnet, read afresh, as the policy engine sees them.

mod file;

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::net::IpAddr;

use control_plane::{ControlPlane, ControlPlaneError, Device, DeviceId, DeviceList, Invite, User, UserKind};
use policy::network::{Node, Role, UserKind as Kind, routes};
use policy::{Network, NetworkError};
use serde::Serialize;
use sharing::SeenInvite;

/// Logins by the node name of the machine that is shared with them.
pub type SharedTo = BTreeMap<String, BTreeSet<String>>;

/// What a policy is resolved against, with what the control plane said.
#[derive(Clone, Debug)]
pub struct Inventory {
    pub devices: DeviceList,
    pub users: Vec<User>,
    pub shared_to: SharedTo,
}

impl Inventory {
    /// Reads devices, users and, where there are share recipients, which machines are shared with whom.
    ///
    /// # Errors
    /// As the control plane says.
    pub async fn read(plane: &dyn ControlPlane) -> Result<Self, ControlPlaneError> {
        let devices = plane.list_devices().await?;
        let users = plane.list_users().await?;
        let mut shared_to = SharedTo::new();
        // Invites are asked for device by device; nobody pays for that who shares nothing.
        if users.iter().any(|user| user.kind == UserKind::Shared) {
            for device in devices.devices.iter().filter(|device| !device.external) {
                let logins = accepted(&plane.list_invites(&device.id).await?);
                if !logins.is_empty() {
                    shared_to.insert(name_of(device), logins);
                }
            }
        }
        Ok(Self { devices, users, shared_to })
    }

    /// With whom one machine is shared, as its invites say.
    pub fn put_sharing(&mut self, id: &DeviceId, invites: &[Invite]) {
        if let Some(name) = self.device(id).map(name_of) {
            self.shared_to.insert(name, accepted(invites));
        }
    }

    /// Reads devices and users only: with whom machines are shared is known already.
    ///
    /// # Errors
    /// As the control plane says.
    pub async fn read_beside(
        plane: &dyn ControlPlane,
        shared_to: SharedTo,
    ) -> Result<Self, ControlPlaneError> {
        Ok(Self { devices: plane.list_devices().await?, users: plane.list_users().await?, shared_to })
    }

    /// One machine, by the id for calls.
    pub fn device(&self, id: &DeviceId) -> Option<&Device> {
        self.devices.devices.iter().find(|device| device.id == *id)
    }

    /// As a network file, which [`Network::parse`] and the command line read.
    pub fn file(&self) -> impl Serialize + '_ {
        file::File::of(self)
    }

    /// The text of [`Self::file`].
    pub fn to_json(&self) -> String {
        serde_json::to_string(&self.file()).expect("lists of texts are JSON")
    }

    /// As the engine wants it.
    ///
    /// # Errors
    /// When the control plane said something that makes no network.
    pub fn network(&self) -> Result<Network, NetworkError> {
        let users = self.people();
        let by_login: HashMap<String, usize> =
            users.iter().enumerate().map(|(index, user)| (user.login.to_lowercase(), index)).collect();
        let nodes = self.own().into_iter().map(|(name, device)| {
            Ok(Node {
                ipv4: device
                    .addresses
                    .iter()
                    .rev()
                    .find_map(|own| if let IpAddr::V4(v4) = own { Some(*v4) } else { None }),
                ipv6: device
                    .addresses
                    .iter()
                    .rev()
                    .find_map(|own| if let IpAddr::V6(v6) = own { Some(*v6) } else { None }),
                tags: device.tags.clone(),
                user: by_login.get(&device.user_login.to_lowercase()).copied(),
                advertised: routes(&name, "routable_ips", &device.advertised_routes)?,
                approved: routes(&name, "approved_routes", &device.enabled_routes)?,
                shared_to: self.shared_to.get(&name).into_iter().flatten().cloned().collect(),
                name,
            })
        });
        let nodes = nodes.collect::<Result<_, NetworkError>>()?;
        Network::new(Vec::new(), users, nodes)
    }

    /// The machines of the tailnet itself, by node name.
    fn own(&self) -> BTreeMap<String, &Device> {
        let own = self.devices.devices.iter().filter(|device| !device.external);
        own.map(|device| (name_of(device), device)).collect()
    }

    /// Each login once: those that are listed, then owners of machines who are not any more (suspended, removed).
    fn people(&self) -> Vec<policy::network::User> {
        let mut users: Vec<policy::network::User> = Vec::new();
        let mut known = BTreeSet::new();
        let mut add = |id: Option<usize>, login: &str, of: Option<&User>, role: Role, kind: Kind| {
            if !known.insert(login.to_lowercase()) {
                return;
            }
            let id = i64::try_from(id.unwrap_or(users.len() + 1)).unwrap_or(i64::MAX);
            // Where policies know accounts by a name of their own, two may have the same: no rule may name them by it.
            let own = of.map(|user| user.name.clone()).filter(|name| !name.is_empty());
            let name = own.unwrap_or_else(|| login.to_lowercase());
            let text = |value: Option<&String>| value.cloned().unwrap_or_default();
            users.push(policy::network::User {
                id,
                name,
                login: login.to_owned(),
                mail: text(of.and_then(|user| user.email.as_ref())),
                provider_id: text(of.and_then(|user| user.provider_id.as_ref())),
                role,
                kind,
            });
        };
        for (user, id) in self.users.iter().zip(1..) {
            let kind = if user.kind == UserKind::Shared { Kind::Shared } else { Kind::Member };
            add(Some(id), &user.login, Some(user), role(&user.role), kind);
        }
        let owned = self.devices.devices.iter().filter(|device| !device.external && device.tags.is_empty());
        for device in owned.filter(|device| !device.user_login.is_empty()) {
            add(None, &device.user_login, None, Role::Member, Kind::Member);
        }
        users
    }
}

fn accepted(invites: &[Invite]) -> BTreeSet<String> {
    let invites: Vec<SeenInvite> = invites.iter().map(SeenInvite::from).collect();
    accepted_by(&invites)
}

/// Who opened one of these invites.
pub fn accepted_by(invites: &[SeenInvite]) -> BTreeSet<String> {
    let accepted = invites.iter().filter(|invite| invite.accepted);
    accepted.filter_map(|invite| invite.accepted_by.clone()).collect()
}

/// The first label of the MagicDNS name: unique in a tailnet.
pub fn name_of(device: &Device) -> String {
    device.name.split('.').next().filter(|name| !name.is_empty()).unwrap_or(&device.hostname).to_owned()
}

/// Roles that the engine knows; a newer one has no rights in a policy.
fn role(role: &str) -> Role {
    match role {
        "owner" => Role::Owner,
        "admin" => Role::Admin,
        "it-admin" => Role::ItAdmin,
        "network-admin" => Role::NetworkAdmin,
        "billing-admin" => Role::BillingAdmin,
        "auditor" => Role::Auditor,
        _ => Role::Member,
    }
}

#[cfg(test)]
mod tests {
    use control_plane::UserId;

    use super::*;

    fn device(name: &str, user: &str) -> Device {
        Device {
            id: DeviceId::new(name),
            legacy_id: DeviceId::new(name),
            name: format!("{name}.tail1.ts.net"),
            hostname: name.into(),
            addresses: vec!["100.64.0.1".parse().unwrap(), "fd7a:115c:a1e0::1".parse().unwrap()],
            os: "linux".into(),
            client_version: String::new(),
            user_login: user.into(),
            user_id: None,
            node_key: None,
            tags: Vec::new(),
            created: None,
            last_seen: None,
            connected: true,
            external: false,
            authorized: true,
            ephemeral: false,
            key_expires: None,
            blocks_incoming: false,
            advertised_routes: vec!["10.0.0.0/24".into()],
            enabled_routes: vec!["10.0.0.0/24".into()],
        }
    }

    fn inventory() -> Inventory {
        let user = |login: &str, role: &str, kind| User {
            id: UserId::new(login),
            login: login.into(),
            display_name: String::new(),
            name: String::new(),
            email: None,
            provider_id: None,
            kind,
            role: role.into(),
            status: "active".into(),
            created: None,
            last_seen: None,
        };
        let users = vec![
            user("Ana@example.com", "owner", UserKind::Member),
            user("ana@example.com", "member", UserKind::Member),
            user("dee@github", "member", UserKind::Shared),
            user("ben@example.com", "of-tomorrow", UserKind::Member),
        ];
        let (mut tagged, mut foreign) =
            (device("tagged", "gone@example.com"), device("foreign", "eve@github"));
        tagged.tags = vec!["tag:x".into()];
        tagged.addresses.remove(0);
        foreign.external = true;
        let devices = vec![
            device("mc", "ANA@example.com"),
            tagged,
            foreign,
            device("old", "Gone@example.com"),
            device("bare", ""),
        ];
        let shared_to = BTreeMap::from([("mc".to_owned(), BTreeSet::from(["dee@github".to_owned()]))]);
        Inventory { devices: DeviceList { devices, shared_in_listed: true }, users, shared_to }
    }

    #[test]
    fn the_network_is_the_one_that_its_file_says() {
        let inventory = inventory();
        let (network, file) = (inventory.network().unwrap(), Network::parse(&inventory.to_json()).unwrap());
        assert_eq!(format!("{:?}", network.users()), format!("{:?}", file.users()));
        assert_eq!(format!("{:?}", network.nodes()), format!("{:?}", file.nodes()));
        let logins: Vec<&str> = network.users().iter().map(|user| user.login.as_str()).collect();
        assert_eq!(logins, ["Ana@example.com", "dee@github", "ben@example.com", "Gone@example.com"]);
        let nodes: Vec<(&str, Option<usize>)> =
            network.nodes().iter().map(|node| (node.name.as_str(), node.user)).collect();
        assert_eq!(nodes, [("bare", None), ("mc", Some(0)), ("old", Some(3)), ("tagged", Some(3))]);
    }

    #[test]
    fn what_makes_no_network_is_named_in_both_ways() {
        let mut inventory = inventory();
        inventory.devices.devices[0].enabled_routes = vec!["10.0.0.0-10.0.0.9".into()];
        let (typed, file) =
            (inventory.network().unwrap_err(), Network::parse(&inventory.to_json()).unwrap_err());
        assert_eq!(typed, file);
    }
}
