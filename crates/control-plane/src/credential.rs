//! Credentials and what they make possible.

use std::collections::BTreeSet;

use model::Timestamp;
use serde::{Deserialize, Serialize};

use crate::{KeyId, UserId};

/// The kinds of credential that one tailnet may be connected with.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CredentialKind {
    /// A client of its own with chosen rights; does not expire (Tailscale: OAuth client).
    Client,
    /// Acts as a person with all of their rights; expires (Tailscale: API access token, 1 to 90 days).
    UserToken,
    /// May everything on its server, whoever made it; expires (Headscale: API key).
    ApiKey,
}

/// One thing that a credential makes possible.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Ability {
    /// List the devices and their routes.
    ReadDevices,
    /// See devices that others shared into this tailnet.
    ReadSharedInDevices,
    /// List members and share recipients.
    ReadUsers,
    /// Read the policy, validate and preview candidates.
    ReadPolicy,
    /// Replace the policy.
    WritePolicy,
    /// List device invites.
    ReadInvites,
    /// Create device invites.
    CreateInvites,
    /// Delete device invites.
    DeleteInvites,
    /// Accept a device invite that somebody else made.
    AcceptInvites,
    /// Read the tailnet's settings.
    ReadSettings,
    /// Create auth keys for new nodes.
    CreateAuthKeys,
    /// Make, rename and delete accounts.
    ManageUsers,
    /// Log machines out, and delete them.
    ManageDevices,
}

/// An API key as it is listed: without its secret.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ListedApiKey {
    /// Its id, to end it.
    pub id: KeyId,
    /// How it begins, as far as lists show it.
    pub begins: String,
    /// When it ends; `None` for one that was never good.
    pub expires: Option<Timestamp>,
}

impl ListedApiKey {
    /// Whether this is the key with that secret.
    pub fn is(&self, secret: &crate::Secret) -> bool {
        !self.begins.is_empty() && secret.expose().starts_with(&self.begins)
    }
}

/// The person a user token acts as.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Actor {
    /// The account.
    pub id: UserId,
    /// The login name in the control plane.
    pub login: String,
    /// The role as the control plane names it: `owner`, `admin`, `it-admin`, `network-admin`, `member`, …
    pub role: String,
}

/// The answer to "what is this credential?".
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CredentialReport {
    /// Which of the two.
    pub kind: CredentialKind,
    /// Its id, where it can be told from the credential.
    pub id: Option<KeyId>,
    /// What its maker called it; may be empty.
    pub description: String,
    /// When it ends; `None` when it does not, or when the control plane did not tell.
    pub expires: Option<Timestamp>,
    /// Scopes as the control plane writes them; empty for a user token.
    pub scopes: Vec<String>,
    /// Who it acts as; `None` for a client, and where the control plane did not tell.
    pub actor: Option<Actor>,
    /// What it makes possible, derived from scopes or role.
    pub abilities: BTreeSet<Ability>,
}
