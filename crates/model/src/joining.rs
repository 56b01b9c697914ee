//! Waiting for a new machine.

use crate::words::words;

/// What was chosen for the text that brings a machine in, as typed.
#[derive(Clone, Debug, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(default)]
pub struct NewNode {
    /// `nixos`, `debian` and so on.
    pub system: String,
    /// `none`, `client`, `server` or `both`.
    pub routing: String,
    /// Where the key lies on the host. Empty: where it usually does.
    pub key_file: String,
    /// Empty: the control server of Tailscale.
    pub login_server: String,
    /// With their `tag:`.
    pub tags: Vec<String>,
}

words! {
    /// How a wait for a machine stands.
    JoiningState, "state of a wait for a machine":
    /// A key is being asked for: written down before, because the answer may never come back.
    Making = "making",
    /// It is not known whether a key was made; if so, it is to be revoked.
    Undoing = "undoing",
    /// Its machine is waited for.
    Waiting = "waiting",
    /// Its machine is there.
    Arrived = "arrived",
    /// Somebody stopped waiting.
    Cancelled = "cancelled",
    /// The key ended first.
    Lapsed = "lapsed",
}
