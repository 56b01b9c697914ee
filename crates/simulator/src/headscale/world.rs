//! A Headscale as part of a world. What a file leaves out is made up; ids are given in order.

use std::net::{Ipv4Addr, Ipv6Addr};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::Dialect;

/// One server. It listens at an address of its own.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Headscale {
    /// A short name, for controls; no answer shows it.
    pub name: String,
    /// Which version it is.
    pub version: Dialect,
    /// End of its MagicDNS names, which no answer shows either.
    #[serde(default = "base_domain")]
    pub base_domain: String,
    /// The policy, byte for byte. Absent: none stored, so everything is allowed.
    #[serde(default)]
    pub policy: Option<String>,
    /// Where its policy is kept, in file mode; empty where the configuration names no file. Absent: database mode.
    #[serde(default)]
    pub policy_path: Option<String>,
    /// Its accounts.
    #[serde(default)]
    pub users: Vec<User>,
    /// Its machines.
    #[serde(default)]
    pub nodes: Vec<Node>,
    /// Pre-auth keys.
    #[serde(default)]
    pub preauth_keys: Vec<PreAuthKey>,
    /// API keys.
    #[serde(default)]
    pub api_keys: Vec<ApiKey>,
    /// OAuth clients (0.30).
    #[serde(default)]
    pub clients: Vec<OauthClient>,
    /// Access tokens that clients minted (0.30).
    #[serde(default)]
    pub tokens: Vec<AccessToken>,
    /// Machines that wait at their sign-in address.
    #[serde(default)]
    pub waiting: Vec<Waiting>,
}

/// An account.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct User {
    /// Absent: the next one.
    pub id: Option<u64>,
    /// What policies name, with `@` at the end.
    pub name: String,
    /// For people.
    pub display_name: String,
    /// Of an OIDC account, or whatever was written into a local one.
    pub email: String,
    /// Issuer and subject; empty for a local account.
    pub provider_id: String,
    /// Address of a picture.
    pub picture: String,
    /// When it was made; absent: a year ago.
    pub created: Option<Timestamp>,
}

/// A machine.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Node {
    /// Absent: the next one.
    pub id: Option<u64>,
    /// What it calls itself.
    pub name: String,
    /// What the network calls it; absent: the same.
    pub given_name: Option<String>,
    /// Name of its user; absent for a tagged machine.
    pub user: Option<String>,
    /// With their `tag:`.
    pub tags: Vec<String>,
    /// Absent: `100.64.0.ID`.
    pub ipv4: Option<Ipv4Addr>,
    /// Absent: `fd7a:115c:a1e0::ID`.
    pub ipv6: Option<Ipv6Addr>,
    /// `mkey:…`, `nodekey:…` and `discokey:…`; absent: made of the id.
    pub keys: Option<[String; 3]>,
    /// How it came in: `AUTH_KEY`, `CLI`, `OIDC`.
    pub registered_by: String,
    /// Id of the pre-auth key that it came in with.
    pub preauth_key: Option<u64>,
    /// When it came in; absent: a year ago.
    pub created: Option<Timestamp>,
    /// When its key ends.
    pub expiry: Option<Timestamp>,
    /// When it was last heard of; absent: now.
    pub last_seen: Option<Timestamp>,
    /// Whether it is connected.
    pub online: bool,
    /// It goes by itself when it leaves.
    pub ephemeral: bool,
    /// Routes that it offers.
    pub available_routes: Vec<String>,
    /// Those that were approved.
    pub approved_routes: Vec<String>,
    /// `linux`, …; only v2 tells.
    pub os: String,
    /// Only v2 tells.
    pub client_version: String,
}

impl Default for Node {
    fn default() -> Self {
        Self {
            id: None,
            name: String::new(),
            given_name: None,
            user: None,
            tags: Vec::new(),
            ipv4: None,
            ipv6: None,
            keys: None,
            registered_by: "CLI".into(),
            preauth_key: None,
            created: None,
            expiry: None,
            last_seen: None,
            online: true,
            ephemeral: false,
            available_routes: Vec::new(),
            approved_routes: Vec::new(),
            os: "linux".into(),
            client_version: "1.98.2-t5f3a2c1e8-g1d2c3b4a5".into(),
        }
    }
}

/// A pre-auth key.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct PreAuthKey {
    /// Absent: the next one.
    pub id: Option<u64>,
    /// Name of the user whose machines come in with it.
    pub user: Option<String>,
    /// `hskey-auth-…`. Simulated: it opens nothing but this simulator.
    pub secret: String,
    /// For more than one machine.
    pub reusable: bool,
    /// Machines that come in with it go when they leave.
    pub ephemeral: bool,
    /// Whether a machine came in with it.
    pub used: bool,
    /// Its end; absent: year 1, so it was never good.
    pub expiration: Option<Timestamp>,
    /// When it was made; absent: now.
    pub created: Option<Timestamp>,
    /// When v2 revoked it.
    pub revoked: Option<Timestamp>,
    /// With their `tag:`.
    pub tags: Vec<String>,
    /// Only v2 keeps one.
    pub description: String,
}

/// An API key: all-powerful, on every version.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct ApiKey {
    /// `hskey-api-…`. Simulated: it opens nothing but this simulator.
    pub secret: String,
    /// Absent: 90 days.
    pub expires: Option<Timestamp>,
    /// Whose it is; no call and no command of a real server sets it.
    pub user: Option<String>,
}

/// An OAuth client.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct OauthClient {
    /// `hskey-client-ID-…`; the id is part of it.
    pub secret: String,
    /// As v2 spells them.
    pub scopes: Vec<String>,
    /// Tags that it may give.
    pub tags: Vec<String>,
    /// What its maker called it.
    pub description: String,
}

/// An access token.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct AccessToken {
    /// `hskey-oauthtok-…`.
    pub secret: String,
    /// Id of the client that minted it.
    pub client: String,
    /// Absent: in an hour.
    pub expires: Option<Timestamp>,
}

/// A machine that waits to be let in.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Waiting {
    /// What stands in its sign-in address.
    pub id: String,
    /// What the machine calls itself.
    pub name: String,
}

fn base_domain() -> String {
    "hs.example".into()
}
