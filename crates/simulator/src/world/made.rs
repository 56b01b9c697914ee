//! Parts of worlds that programs make: what a file may leave out, left out.

use super::{Client, Device, Tailnet, Token, User};

/// What Acequia needs of an OAuth client.
const SCOPES: [&str; 6] = [
    "devices:core:read",
    "devices:routes:read",
    "device_invites",
    "policy_file",
    "users:read",
    "feature_settings:read",
];

impl Tailnet {
    /// One that nobody has touched, with these people.
    pub fn new(name: impl Into<String>, suffix: impl Into<String>, users: Vec<User>) -> Self {
        Self {
            name: name.into(),
            suffix: suffix.into(),
            domain: None,
            policy: None,
            settings: serde_json::Map::new(),
            users,
            devices: Vec::new(),
            clients: Vec::new(),
            tokens: Vec::new(),
            shares: Vec::new(),
        }
    }

    /// With what Acequia is connected with: an OAuth client, and a token of this member.
    #[must_use]
    pub fn with_credentials(mut self, login: &str) -> Self {
        let id: String = self.name.chars().filter(char::is_ascii_alphanumeric).collect();
        self.clients.push(Client {
            id: format!("k{id}CNTRL"),
            secret: format!("tskey-client-k{id}CNTRL-simulated"),
            scopes: SCOPES.map(str::to_owned).to_vec(),
            tags: Vec::new(),
            description: "Acequia".into(),
        });
        self.tokens.push(Token {
            login: login.to_owned(),
            secret: format!("tskey-api-k{id}TCNTRL-simulated"),
            expires_in_days: 60,
            description: "Acequia".into(),
        });
        self
    }
}

impl User {
    /// Somebody active.
    pub fn new(login: impl Into<String>, name: impl Into<String>, role: &str) -> Self {
        Self { login: login.into(), name: name.into(), role: role.into(), status: super::active() }
    }
}

impl Device {
    /// A Linux machine that is connected, without routes and tags.
    pub fn new(hostname: impl Into<String>, user: impl Into<String>) -> Self {
        Self {
            hostname: hostname.into(),
            user: user.into(),
            os: super::linux(),
            tags: Vec::new(),
            ipv4: None,
            ipv6: None,
            advertised_routes: Vec::new(),
            enabled_routes: Vec::new(),
            seen_minutes_ago: 0,
            created_days_ago: super::some_days(),
            key_expires_in_days: None,
            authorized: true,
            blocks_incoming: false,
        }
    }
}
