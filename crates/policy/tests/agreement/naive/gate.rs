//! What sharing says besides the rules.

use std::net::IpAddr;

use super::addresses::{public, within};
use super::{From, World, has, texts};

impl World {
    /// Whether an address is outside, beyond an exit node that is shared with a login.
    pub(super) fn may_be_let_out(&self, login: &str, name: &str, to: IpAddr) -> bool {
        let node = self.node(name);
        let default = if to.is_ipv4() { "0.0.0.0/0" } else { "::/0" };
        let carried = texts(&node["approved_routes"]).iter().any(|route| route == default);
        let behind = Self::subnets(node).iter().any(|route| within(to, route));
        let public = public(&to.to_string());
        has(&texts(&node["shared_to"]), login) && carried && public && !behind
    }

    /// What holds whatever the rules say.
    pub(super) fn passes_gate(&self, from: &From, name: &str, to: IpAddr) -> bool {
        let node = self.node(name);
        // Devices of share recipients answer nobody here; the sharing is the other way round.
        if self.owner(node).is_some_and(|login| self.is_recipient(&login)) {
            return false;
        }
        let login = match from {
            From::Node(source) => self.owner(self.node(source)),
            From::Unseen(login) => Some(login.clone()),
            From::Address(_) => None,
        };
        if let Some(login) = login
            && !self.is_member(&login)
        {
            let own = ["ipv4", "ipv6"].iter().any(|key| node[*key].as_str() == Some(&to.to_string()));
            if !own || !has(&texts(&node["shared_to"]), &login) {
                return false;
            }
        }
        true
    }
}
