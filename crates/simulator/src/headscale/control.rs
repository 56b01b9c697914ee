//! What tests and the demo may do with a simulated Headscale behind its API's back.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::Dialect;
use super::state::{NewUser, Server};
use crate::control::views::{DeviceView, PolicyView, TailnetView};
use crate::control::{Control, ControlError};

/// One server.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct HeadscaleView {
    /// Its name in the world.
    pub name: String,
    /// Its version.
    pub version: Dialect,
    /// End of its MagicDNS names.
    pub base_domain: String,
    /// What is stored, or stands in its file.
    pub policy: Option<String>,
    /// What was loaded last; `None`: everything is allowed.
    pub in_force: Option<String>,
    /// Names of its users.
    pub users: Vec<String>,
    /// Its machines.
    pub machines: Vec<MachineView>,
    /// Ids of pre-auth keys that are good.
    pub preauth_keys: Vec<String>,
    /// Prefixes of API keys that are good.
    pub api_keys: Vec<String>,
    /// Users and machines: a network file, as policies are resolved against.
    pub network: Value,
}

/// A machine.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct MachineView {
    /// Its id.
    pub id: String,
    /// What the network calls it.
    pub name: String,
    /// Name of its user; absent for a tagged one.
    pub user: Option<String>,
    /// IPv4 first.
    pub addresses: Vec<std::net::IpAddr>,
    /// Whether its key is over.
    pub expired: bool,
}

impl HeadscaleView {
    /// The same in the form of a tailnet, which has no invites.
    pub fn as_tailnet(&self) -> TailnetView {
        let text = self.policy.clone().unwrap_or_default();
        let devices = self.machines.iter().map(|machine| DeviceView {
            id: machine.id.clone(),
            node_id: machine.id.clone(),
            hostname: machine.name.clone(),
            name: format!("{}.{}", machine.name, self.base_domain),
            addresses: machine.addresses.clone(),
        });
        TailnetView {
            name: self.name.clone(),
            dialect: self.version.language(),
            id: self.name.clone(),
            suffix: self.base_domain.clone(),
            policy: PolicyView { etag: String::new(), untouched: self.policy.is_none(), text },
            members: self.users.clone(),
            devices: devices.collect(),
            invites: Vec::new(),
            shares: Vec::new(),
            auth_keys: self.preauth_keys.clone(),
            network: self.network.clone(),
        }
    }
}

/// Each account by the name that policies have for it alone.
fn network(server: &Server) -> Value {
    let users = server.users.iter().map(|user| {
        let login = match user.provider_id.as_str() {
            "" if user.name.contains('@') => user.name.clone(),
            "" => format!("{}@", user.name),
            id => format!("{id}@"),
        };
        json!({
            "id": user.id, "name": user.name, "email": login, "mail": user.email, "provider_id": user.provider_id,
        })
    });
    let nodes = server.nodes.iter().map(|node| {
        let address = |v4: bool| node.addresses().into_iter().find(|own| own.is_ipv4() == v4);
        let user = node.user.and_then(|id| server.user(id)).map(|user| user.name.clone());
        let told = json!({
            "ipv4": address(true), "ipv6": address(false), "tags": node.tags, "user": user,
            "routable_ips": node.available_routes, "approved_routes": node.approved_routes,
        });
        (node.given_name.clone(), told)
    });
    json!({ "users": users.collect::<Vec<_>>(), "nodes": nodes.collect::<serde_json::Map<_, _>>() })
}

fn view(server: &Server, now: Timestamp) -> HeadscaleView {
    let machines = server.nodes.iter().map(|node| MachineView {
        id: node.id.to_string(),
        name: node.given_name.clone(),
        user: node.user.and_then(|id| server.user(id)).map(|user| user.name.clone()),
        addresses: node.addresses().to_vec(),
        expired: node.expiry.is_some_and(|end| end <= now),
    });
    let good = |end: Option<Timestamp>| end.is_some_and(|end| end > now);
    let preauth_keys = server.preauth_keys.iter().filter(|key| key.is_good(now));
    let api_keys = server.api_keys.iter().filter(|key| good(key.expiration));
    HeadscaleView {
        name: server.name.clone(),
        version: server.dialect,
        base_domain: server.base_domain.clone(),
        policy: server.policy.text.clone(),
        in_force: server.policy.in_force.clone(),
        users: server.users.iter().map(|user| user.name.clone()).collect(),
        machines: machines.collect(),
        preauth_keys: preauth_keys.map(|key| key.id.to_string()).collect(),
        api_keys: api_keys.map(super::state::ApiKey::prefix).collect(),
        network: network(server),
    }
}

impl Control {
    /// Names of the servers, in the order of the world.
    pub fn headscales(&self) -> Vec<String> {
        self.gate.state().headscales.iter().map(|server| server.name.clone()).collect()
    }

    /// Everything in one server.
    ///
    /// # Errors
    /// No such server.
    pub fn headscale(&self, name: &str) -> Result<HeadscaleView, ControlError> {
        self.on(name, |server, now| view(server, now))
    }

    /// Somebody edits the policy: in the database by the command line, at once in force; or its file, which the server has
    /// to be told of ([`Control::headscale_reloads`]). `None`: the file is gone. Nothing is checked.
    ///
    /// # Errors
    /// No such server.
    pub fn headscale_policy(&self, name: &str, text: Option<&str>) -> Result<(), ControlError> {
        self.on(name, |server, now| match text {
            Some(text) if !server.policy.is_file() => server.policy.store(text, now),
            text => server.policy.text = text.map(Into::into),
        })
    }

    /// The server reads its policy anew: a restart, or SIGHUP in file mode.
    ///
    /// # Errors
    /// No such server.
    pub fn headscale_reloads(&self, name: &str) -> Result<(), ControlError> {
        self.on(name, |server, _| server.policy.reload())
    }

    /// A machine comes in with a pre-auth key. Gives its id.
    ///
    /// # Errors
    /// No such server; a key that is not good, in the words of the client.
    pub fn headscale_joins(&self, name: &str, secret: &str, machine: &str) -> Result<String, ControlError> {
        let joined = self.on(name, |server, now| server.join(secret, machine, now))?;
        joined.map(|id| id.to_string()).map_err(ControlError::Refused)
    }

    /// Somebody signs in at the server's own provider, with a machine. Gives the ids of account and machine.
    ///
    /// # Errors
    /// No such server.
    pub fn headscale_signs_in(
        &self,
        name: &str,
        (provider_id, user, email): (&str, &str, &str),
        machine: &str,
    ) -> Result<(String, String), ControlError> {
        self.on(name, |server, now| {
            let new = NewUser {
                name: user.into(),
                email: email.into(),
                provider_id: provider_id.into(),
                ..NewUser::default()
            };
            let user = server.sign_in(new, now);
            let node = server.join_as(user, machine, now);
            (user.to_string(), node.to_string())
        })
    }

    /// A machine without a key waits at its sign-in address. Gives the id that stands there.
    ///
    /// # Errors
    /// No such server.
    pub fn headscale_waits(&self, name: &str, machine: &str) -> Result<String, ControlError> {
        self.on(name, |server, _| server.wait(machine))
    }

    /// A machine connects, or loses its connection.
    ///
    /// # Errors
    /// No such server or machine.
    pub fn headscale_connects(&self, name: &str, id: &str, online: bool) -> Result<(), ControlError> {
        let found = self.on(name, |server, now| {
            let node = id.parse().ok().and_then(|id| server.node_mut(id))?;
            node.online = online;
            node.last_seen = now;
            Some(())
        })?;
        found.ok_or_else(|| ControlError::NoDevice(id.to_owned()))
    }

    /// A machine's owner logs it out; an ephemeral one is gone.
    ///
    /// # Errors
    /// No such server or machine.
    pub fn headscale_logs_out(&self, name: &str, id: &str) -> Result<(), ControlError> {
        self.on(name, |server, now| server.leave(id.parse().unwrap_or_default(), now))
    }

    /// Somebody deletes an account on the server's command line.
    ///
    /// # Errors
    /// No such server or account.
    pub fn headscale_deletes_user(&self, name: &str, user: &str) -> Result<(), ControlError> {
        let found = self.on(name, |server, _| {
            let id = server.user_named(user)?.id;
            server.remove_user(id);
            Some(())
        })?;
        found.ok_or_else(|| ControlError::Nobody(user.to_owned()))
    }

    /// Somebody renames an account on the server's command line.
    ///
    /// # Errors
    /// No such server or account, or a name that is taken.
    pub fn headscale_renames_user(&self, name: &str, user: &str, to: &str) -> Result<(), ControlError> {
        let found = self.on(name, |server, _| {
            let id = server.user_named(user)?.id;
            server.rename_user(id, to.to_owned()).ok().map(drop)
        })?;
        found.ok_or_else(|| ControlError::Nobody(user.to_owned()))
    }

    fn on<T>(&self, name: &str, act: impl FnOnce(&mut Server, Timestamp) -> T) -> Result<T, ControlError> {
        let mut state = self.gate.state();
        let now = state.now();
        let server = state.headscales.iter_mut().find(|server| server.name == name);
        server.map(|server| act(server, now)).ok_or_else(|| ControlError::NoTailnet(name.to_owned()))
    }
}
