//! Worlds: tailnets as files.
//!
//! A world is TOML or JSON of the types below. A capture of the policy vectors is taken too, see
//! [`World::from_capture`]. What a file leaves out (addresses, ids) is made up in a way that is the same every time.

mod capture;
mod check;
mod made;

use serde::{Deserialize, Serialize};

pub use crate::headscale::world::Headscale;

pub use check::WorldError;
pub(crate) use check::check;

/// Several tailnets at one control plane.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct World {
    /// What it shows, for people.
    #[serde(default)]
    pub description: String,
    /// What invite links start with. Absent: the simulator's own page, on which one chooses who one is.
    #[serde(default)]
    pub invite_base: Option<String>,
    /// Whether deleting an accepted invite ends the share. The documentation of the real service leaves it open
    /// (reference, section 3.7), so both can be simulated.
    #[serde(default = "yes")]
    pub deleting_an_invite_ends_the_share: bool,
    /// At least one, or a Headscale.
    #[serde(default)]
    pub tailnets: Vec<Tailnet>,
    /// Servers of their own, each at its own address.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub headscales: Vec<Headscale>,
}

/// One tailnet.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Tailnet {
    /// A short name, for the control listener and the demo; the API does not show it.
    pub name: String,
    /// End of every MagicDNS name, such as `tail1a2b.ts.net`.
    pub suffix: String,
    /// The organisation's domain; also taken as the tailnet's name in paths.
    #[serde(default)]
    pub domain: Option<String>,
    /// The policy file, byte for byte. Absent: the default of a new tailnet, never touched.
    #[serde(default)]
    pub policy: Option<String>,
    /// What differs from a new tailnet's settings.
    #[serde(default)]
    pub settings: serde_json::Map<String, serde_json::Value>,
    /// Its people.
    pub users: Vec<User>,
    /// Its machines.
    #[serde(default)]
    pub devices: Vec<Device>,
    /// OAuth clients.
    #[serde(default)]
    pub clients: Vec<Client>,
    /// API access tokens of people.
    #[serde(default)]
    pub tokens: Vec<Token>,
    /// Its machines that people of other tailnets have.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub shares: Vec<Share>,
}

/// A machine that somebody of another tailnet has: the invite to it was accepted.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Share {
    /// Hostname of the machine.
    pub device: String,
    /// Login of the member who invited.
    pub by: String,
    /// Login of who accepted, of the first other tailnet that has such a user.
    pub with: String,
}

/// A member of a tailnet.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct User {
    /// `ana@example.com`, `ana@github`; the same login in another tailnet is the same person.
    pub login: String,
    /// For people.
    #[serde(default)]
    pub name: String,
    /// `owner`, `admin`, `it-admin`, `network-admin`, `billing-admin`, `auditor`, `member`.
    #[serde(default = "member")]
    pub role: String,
    /// `active`, `idle`, `suspended`, …
    #[serde(default = "active")]
    pub status: String,
}

/// A machine.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Device {
    /// Also the first label of its name.
    pub hostname: String,
    /// Login of a member; for a tagged machine, of who registered it.
    pub user: String,
    /// `linux`, `windows`, `macOS`, `iOS`, `android`, `freebsd`.
    #[serde(default = "linux")]
    pub os: String,
    /// With their `tag:`.
    #[serde(default)]
    pub tags: Vec<String>,
    /// In 100.64.0.0/10; made up from the names if absent.
    #[serde(default)]
    pub ipv4: Option<std::net::Ipv4Addr>,
    /// In `fd7a:115c:a1e0::/48`; made up from the names if absent.
    #[serde(default)]
    pub ipv6: Option<std::net::Ipv6Addr>,
    /// CIDR; `0.0.0.0/0` and `::/0` for an exit node.
    #[serde(default)]
    pub advertised_routes: Vec<String>,
    /// Those that were approved.
    #[serde(default)]
    pub enabled_routes: Vec<String>,
    /// 0: connected now.
    #[serde(default)]
    pub seen_minutes_ago: i64,
    /// When it joined.
    #[serde(default = "some_days")]
    pub created_days_ago: i64,
    /// Absent: key expiry is switched off.
    #[serde(default)]
    pub key_expires_in_days: Option<i64>,
    /// Whether it was approved.
    #[serde(default = "yes")]
    pub authorized: bool,
    /// Whether its user shut all incoming connections off.
    #[serde(default)]
    pub blocks_incoming: bool,
}

/// An OAuth client.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Client {
    /// Its id.
    pub id: String,
    /// `tskey-client-…`. Simulated: it opens nothing but this simulator.
    pub secret: String,
    /// As the vendor spells them.
    pub scopes: Vec<String>,
    /// Needed for the write scopes of devices and auth keys.
    #[serde(default)]
    pub tags: Vec<String>,
    /// What its maker called it.
    #[serde(default)]
    pub description: String,
}

/// An API access token.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Token {
    /// Whose rights it has.
    pub login: String,
    /// `tskey-api-ID-…`. Simulated: it opens nothing but this simulator.
    pub secret: String,
    /// 1 to 90; negative for one that has expired.
    #[serde(default = "ninety")]
    pub expires_in_days: i64,
    /// What its maker called it.
    #[serde(default)]
    pub description: String,
}

impl World {
    /// The seeded world of the demo: Ana, Ben, Chiara and Dario.
    pub fn demo() -> Self {
        Self::parse(include_str!("../worlds/demo.toml")).expect("a test reads the demo world")
    }

    /// From the text of a file: a world in TOML or JSON, or a capture of the policy vectors.
    ///
    /// # Errors
    /// With the place, if it is neither.
    pub fn parse(text: &str) -> Result<Self, WorldError> {
        if !text.trim_start().starts_with('{') {
            return toml::from_str(text).map_err(|error| WorldError::Toml(Box::new(error)));
        }
        let value: serde_json::Value = serde_json::from_str(text).map_err(WorldError::Json)?;
        if value.get("topology").is_some() {
            return Self::from_capture(text);
        }
        serde_json::from_value(value).map_err(WorldError::Json)
    }
}

const fn yes() -> bool {
    true
}

const fn some_days() -> i64 {
    120
}

const fn ninety() -> i64 {
    90
}

fn member() -> String {
    "member".into()
}

fn active() -> String {
    "active".into()
}

fn linux() -> String {
    "linux".into()
}
