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

/// An account.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct User {
    /// Its id.
    pub id: UserId,
    /// The name that policies use: `ana@example.com`, `ana@github`.
    pub login: String,
    /// The name for people.
    pub display_name: String,
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
