//! A machine, as the control plane lists it.

use std::net::IpAddr;

use model::Timestamp;
use serde::{Deserialize, Serialize};

use crate::{DeviceId, UserId};

/// What `list_devices` gives.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DeviceList {
    /// The machines.
    pub devices: Vec<Device>,
    /// Whether machines that others shared into this tailnet are among them. A client is not told of those: when
    /// this is false, their absence says nothing.
    pub shared_in_listed: bool,
}

/// A machine in the tailnet, or one that somebody shared into it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[expect(clippy::struct_excessive_bools, reason = "each is a fact of its own; no two exclude each other")]
pub struct Device {
    /// The id to use in calls (Tailscale: the stable `nodeId`).
    pub id: DeviceId,
    /// The older id that invites refer to (Tailscale: the numeric `id`); the same as `id` where there is one only.
    pub legacy_id: DeviceId,
    /// The full MagicDNS name without trailing dot: the only one that resolves for a friend.
    pub name: String,
    /// What the machine calls itself.
    pub hostname: String,
    /// Tailnet addresses, IPv4 first.
    pub addresses: Vec<IpAddr>,
    /// `linux`, `windows`, `iOS`, …
    pub os: String,
    /// Version of the client on it; empty for a machine shared in.
    pub client_version: String,
    /// Login of its user; for a tagged machine, of who registered it.
    pub user_login: String,
    /// The account whose it is, where the control plane tells it by id.
    #[serde(default)]
    pub user_id: Option<UserId>,
    /// The key that other machines know it by: the same whichever address its control plane has.
    #[serde(default)]
    pub node_key: Option<String>,
    /// Tags with their `tag:` prefix. A tagged machine acts as its tags, not as its user.
    pub tags: Vec<String>,
    /// When it joined.
    pub created: Option<Timestamp>,
    /// When it was last connected; `None` while it is, and where the control plane did not tell.
    pub last_seen: Option<Timestamp>,
    /// Whether it is connected to the control plane now.
    pub connected: bool,
    /// Whether it belongs to another tailnet and was shared in.
    pub external: bool,
    /// Whether it was approved, where machines need approval.
    pub authorized: bool,
    /// Whether it goes by itself when it disconnects.
    pub ephemeral: bool,
    /// When its key expires; `None` when that is switched off or was not told.
    pub key_expires: Option<Timestamp>,
    /// Whether its user switched off all incoming connections on it.
    pub blocks_incoming: bool,
    /// Routes it offers, as CIDR; `0.0.0.0/0` and `::/0` for an exit node. They never cross a share.
    pub advertised_routes: Vec<String>,
    /// Those of them that were approved.
    pub enabled_routes: Vec<String>,
}
