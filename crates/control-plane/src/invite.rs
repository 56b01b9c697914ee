//! Invites to use one machine, and what becomes of them.

use std::net::IpAddr;

use model::Timestamp;

use crate::{DeviceId, InviteId, Secret};

/// An invite to use one machine, open or accepted.
#[derive(Clone, Debug)]
pub struct Invite {
    /// Its id; no secret.
    pub id: InviteId,
    /// The machine, by its *legacy* id ([`crate::Device::legacy_id`]).
    pub device: DeviceId,
    /// The link. Whoever holds it can accept, with any account.
    pub url: Option<Secret>,
    /// When it was made. Open ones lapse after [`Invite::LIFETIME_SECONDS`].
    pub created: Option<Timestamp>,
    /// Whether several people may accept it.
    pub multi_use: bool,
    /// Whether the machine may be used as an exit node through it.
    pub allow_exit_node: bool,
    /// Where the control plane sent it by mail.
    pub email: Option<String>,
    /// Whether somebody accepted it.
    pub accepted: bool,
    /// Login of who accepted it (Tailscale: one only, even for a multi-use invite).
    pub accepted_by: Option<String>,
}

impl Invite {
    /// Unused invites lapse after 30 days (Tailscale, "Share your machines with other users").
    pub const LIFETIME_SECONDS: i64 = 30 * 24 * 60 * 60;
}

/// What to ask for when making an invite. The default is a single-use link, without mail, without exit node.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct NewInvite {
    /// Several people may accept it.
    pub multi_use: bool,
    /// The machine may be used as an exit node through it.
    pub allow_exit_node: bool,
    /// Where the control plane is to send it.
    pub email: Option<String>,
}

/// What accepting an invite gave.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AcceptedInvite {
    /// The machine, by the id in the *accepting* tailnet.
    pub device: DeviceId,
    /// Its full MagicDNS name.
    pub name: String,
    /// Its addresses as the recipient sees them; do not assume that the owner sees the same.
    pub addresses: Vec<IpAddr>,
    /// Login of who shared it.
    pub sharer: String,
    /// Login that accepted: the one that the owner's policy has to name.
    pub accepted_by: String,
}
