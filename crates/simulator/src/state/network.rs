//! A tailnet as the policy engine sees it.

use policy::Network;
use policy::network::{Node, Role, User, UserKind};
use policy::set::IpRange;
use serde_json::{Map, Value, json};

use super::State;

impl State {
    /// People, share recipients, machines with their routes, and what is shared with whom.
    pub fn network(&self, index: usize) -> Option<Network> {
        let tailnet = self.tailnets.get(index)?;
        let members = tailnet.users.iter().map(|user| User {
            id: number(user.number),
            name: user.login.clone(),
            login: user.login.clone(),
            mail: String::new(),
            provider_id: String::new(),
            role: role(&user.role),
            kind: UserKind::Member,
        });
        let recipients = self.recipients(index).into_iter().filter_map(|(home, user)| {
            let user = self.tailnets.get(home)?.users.get(user)?;
            Some(User {
                id: number(user.number),
                name: user.login.clone(),
                login: user.login.clone(),
                mail: String::new(),
                provider_id: String::new(),
                role: Role::Member,
                kind: UserKind::Shared,
            })
        });
        let nodes = tailnet.devices.iter().map(|device| Node {
            name: device.hostname.clone(),
            ipv4: Some(device.ipv4),
            ipv6: Some(device.ipv6),
            tags: device.tags.clone(),
            user: Some(device.user),
            advertised: ranges(&device.advertised_routes),
            approved: ranges(&device.enabled_routes),
            shared_to: self.logins_shared_with(index, device.number),
        });
        let domains = tailnet.domain.iter().cloned().collect();
        Network::new(domains, members.chain(recipients).collect(), nodes.collect()).ok()
    }

    /// The same as a network file, which names users by their logins.
    pub fn network_file(&self, index: usize) -> Option<Value> {
        let tailnet = self.tailnets.get(index)?;
        let mut users: Vec<Value> = tailnet
            .users
            .iter()
            .map(|user| {
                json!({ "id": user.number, "name": user.login, "email": user.login, "role": user.role })
            })
            .collect();
        users.extend(self.recipients(index).into_iter().filter_map(|(home, user)| {
            let user = self.tailnets.get(home)?.users.get(user)?;
            // No machine refers to them, so that the same login as a member's is no second user of that name.
            let name = format!("{} elsewhere", user.login);
            Some(json!({ "id": user.number, "name": name, "email": user.login, "type": "shared" }))
        }));
        let node = |device: &super::Device| {
            let user = tailnet.users.get(device.user).map(|user| user.login.as_str());
            let node = json!({
                "ipv4": device.ipv4, "ipv6": device.ipv6, "tags": device.tags, "user": user,
                "routable_ips": device.advertised_routes, "approved_routes": device.enabled_routes,
                "shared_to": self.logins_shared_with(index, device.number),
            });
            (device.hostname.clone(), node)
        };
        let nodes: Map<String, Value> = tailnet.devices.iter().map(node).collect();
        let domains: Vec<&String> = tailnet.domain.iter().collect();
        Some(json!({ "domains": domains, "users": users, "nodes": nodes }))
    }

    fn logins_shared_with(&self, tailnet: usize, device: u64) -> Vec<String> {
        let shares = self.shares.iter().filter(|share| share.tailnet == tailnet && share.device == device);
        let login = |share: &super::Share| {
            let user = self.tailnets.get(share.recipient_tailnet)?.users.get(share.recipient)?;
            Some(user.login.clone())
        };
        shares.filter_map(login).collect()
    }
}

fn number(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

fn role(name: &str) -> Role {
    match name {
        "owner" => Role::Owner,
        "admin" => Role::Admin,
        "it-admin" => Role::ItAdmin,
        "network-admin" => Role::NetworkAdmin,
        "billing-admin" => Role::BillingAdmin,
        "auditor" => Role::Auditor,
        _ => Role::Member,
    }
}

fn ranges(routes: &[String]) -> Vec<IpRange> {
    routes.iter().filter_map(|route| route.parse().ok()).collect()
}
