//! Accounts that a control plane knows in one tailnet.

use model::Timestamp;
use serde::{Deserialize, Serialize};

use crate::UserId;

/// Member of the tailnet, or somebody a machine is shared with.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum UserKind {
    /// Belongs to the tailnet.
    Member,
    /// Accepted a share; their own machines are in another tailnet.
    Shared,
}

/// What to ask for when making a local account. It has no mail: one that equals somebody's at the server's own provider
/// would be a clash.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct NewUser {
    /// The name that policies use.
    pub name: String,
    /// The name for people; may be empty.
    pub display_name: String,
}

/// An account.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct User {
    /// Its id.
    pub id: UserId,
    /// The name that policies use: `ana@example.com`, `ana@github`.
    pub login: String,
    /// The name for people.
    pub display_name: String,
    /// What it is called by calls that want a name; empty where that is the login.
    #[serde(default)]
    pub name: String,
    /// The mail that the control plane has of it, where it is not the login.
    #[serde(default)]
    pub email: Option<String>,
    /// What its identity provider calls it (Headscale: issuer and subject); `None` for a local account.
    #[serde(default)]
    pub provider_id: Option<String>,
    /// Member or share recipient.
    pub kind: UserKind,
    /// `owner`, `admin`, `it-admin`, `network-admin`, `billing-admin`, `auditor`, `member`, as the control plane
    /// spells it.
    pub role: String,
    /// `active`, `idle`, `suspended`, …, as the control plane spells it.
    pub status: String,
    /// When the account was made.
    pub created: Option<Timestamp>,
    /// When one of its machines was last connected.
    pub last_seen: Option<Timestamp>,
}
