//! Auth keys: how a new machine joins.

use model::Timestamp;

use crate::{KeyId, Secret, UserId};

/// What to ask for when making an auth key. The default: one machine, kept, approved as the tailnet decides.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct NewAuthKey {
    /// At most 50 letters, digits, spaces and hyphens.
    pub description: String,
    /// Whose machine comes in with it; `None`: that of whoever asks. Needed where the credential is nobody's.
    pub user: Option<UserId>,
    /// How long it can be used, in seconds; the control plane's default (90 days) if `None`.
    pub lifetime_seconds: Option<u32>,
    /// When it ends, by the clock of whoever asks, for control planes that are told a time; that of this machine and
    /// `lifetime_seconds` if `None`.
    pub ends: Option<Timestamp>,
    /// For more than one machine.
    pub reusable: bool,
    /// The machine goes by itself when it disconnects.
    pub ephemeral: bool,
    /// The machine needs no approval.
    pub preauthorized: bool,
    /// Tags for the machine; needed when the key is made with a client.
    pub tags: Vec<String>,
}

/// An auth key just made: the only time its secret is shown.
#[derive(Clone, Debug)]
pub struct AuthKey {
    /// Its id, to revoke it.
    pub id: KeyId,
    /// The key itself.
    pub key: Secret,
    /// When it ends.
    pub expires: Option<Timestamp>,
}

/// An auth key as it is listed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ListedAuthKey {
    /// Its id, to revoke it.
    pub id: KeyId,
    /// As it was asked for.
    pub description: String,
    /// Whose machines come in with it, where the control plane tells.
    pub user: Option<UserId>,
    /// Of the machines that come in with it.
    pub tags: Vec<String>,
    /// When it ends.
    pub expires: Option<Timestamp>,
}
