//! The state as tests see it. Secrets in the clear: they open nothing but the simulator.

use serde::{Deserialize, Serialize};

use crate::clock::wire;
use crate::state::State;

/// One tailnet.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TailnetView {
    /// Its name in the world.
    pub name: String,
    /// In which language its policy is.
    #[serde(default)]
    pub dialect: policy::Dialect,
    /// Its id in the API.
    pub id: String,
    /// End of its MagicDNS names.
    pub suffix: String,
    /// The policy in force.
    pub policy: PolicyView,
    /// Logins of its members.
    pub members: Vec<String>,
    /// Its own devices.
    pub devices: Vec<DeviceView>,
    /// Invites to its devices.
    pub invites: Vec<InviteView>,
    /// Shares of its devices.
    pub shares: Vec<ShareView>,
    /// Ids of auth keys that were made and are good.
    pub auth_keys: Vec<String>,
    /// Users, machines and whom each is shared with: a network file, as policies are resolved against.
    pub network: serde_json::Value,
}

/// A policy.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PolicyView {
    /// Byte for byte.
    pub text: String,
    /// As in the header, with quotes.
    pub etag: String,
    /// Still the default of a new tailnet.
    pub untouched: bool,
}

/// A device.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DeviceView {
    /// The numeric id.
    pub id: String,
    /// The stable id.
    pub node_id: String,
    /// Its first name.
    pub hostname: String,
    /// Its full name.
    pub name: String,
    /// IPv4 first.
    pub addresses: Vec<std::net::IpAddr>,
}

/// An invite.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct InviteView {
    /// Its id.
    pub id: String,
    /// Hostname of the device.
    pub device: String,
    /// The whole link.
    pub url: String,
    /// When it was made.
    pub created: String,
    /// For several people.
    pub multi_use: bool,
    /// Login of who accepted it last.
    pub accepted_by: Option<String>,
}

/// A share.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ShareView {
    /// The invite it came of, which may be gone.
    pub invite: String,
    /// Hostname of the device.
    pub device: String,
    /// Login of the recipient.
    pub recipient: String,
    /// Name of the recipient's tailnet.
    pub recipient_tailnet: String,
}

pub(crate) fn tailnet(state: &State, index: usize) -> Option<TailnetView> {
    let tailnet = state.tailnets.get(index)?;
    let hostname = |number: u64| {
        let device = tailnet.devices.iter().find(|device| device.number == number);
        device.map(|device| device.hostname.clone()).unwrap_or_default()
    };
    let login = |(tailnet, user): (usize, usize)| {
        let user = state.tailnets.get(tailnet).and_then(|tailnet| tailnet.users.get(user));
        user.map(|user| user.login.clone()).unwrap_or_default()
    };
    let devices = tailnet.devices.iter().map(|device| DeviceView {
        id: device.number.to_string(),
        node_id: device.node_id.clone(),
        hostname: device.hostname.clone(),
        name: device.fqdn(tailnet),
        addresses: vec![device.ipv4.into(), device.ipv6.into()],
    });
    let invites = state.invites.iter().filter(|invite| invite.tailnet == index).map(|invite| InviteView {
        id: invite.number.to_string(),
        device: hostname(invite.device),
        url: state.invite_url(invite),
        created: wire(invite.created),
        multi_use: invite.multi_use,
        accepted_by: invite.accepted_by.map(login),
    });
    let shares = state.shares.iter().filter(|share| share.tailnet == index).map(|share| ShareView {
        invite: share.invite.to_string(),
        device: hostname(share.device),
        recipient: login((share.recipient_tailnet, share.recipient)),
        recipient_tailnet: state
            .tailnets
            .get(share.recipient_tailnet)
            .map(|home| home.name.clone())
            .unwrap_or_default(),
    });
    let now = state.now();
    let auth_keys = tailnet.keys.iter().filter(|key| key.is_auth() && key.is_valid(now));
    Some(TailnetView {
        name: tailnet.name.clone(),
        dialect: policy::Dialect::Tailscale,
        id: tailnet.id(),
        suffix: tailnet.suffix.clone(),
        policy: PolicyView {
            text: tailnet.policy.clone(),
            etag: tailnet.etag(),
            untouched: tailnet.untouched,
        },
        members: tailnet.users.iter().map(|user| user.login.clone()).collect(),
        devices: devices.collect(),
        invites: invites.collect(),
        shares: shares.collect(),
        auth_keys: auth_keys.map(|key| key.id.clone()).collect(),
        network: state.network_file(index)?,
    })
}
