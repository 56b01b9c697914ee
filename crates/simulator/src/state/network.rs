//! A tailnet as the policy engine sees it.

use policy::Network;
use policy::network::{Node, Role, User, UserKind};
use policy::set::IpRange;

use super::State;

impl State {
    /// People, share recipients, machines with their routes, and what is shared with whom.
    pub fn network(&self, index: usize) -> Option<Network> {
        let tailnet = self.tailnets.get(index)?;
        let members = tailnet.users.iter().map(|user| User {
            id: number(user.number),
            name: user.login.clone(),
            login: user.login.clone(),
            role: role(&user.role),
            kind: UserKind::Member,
        });
        let recipients = self.recipients(index).into_iter().filter_map(|(home, user)| {
            let user = self.tailnets.get(home)?.users.get(user)?;
            Some(User {
                id: number(user.number),
                name: user.login.clone(),
                login: user.login.clone(),
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
