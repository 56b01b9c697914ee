//! What the app holds, by the names that networks have for it: no ids but those that stand in policies.

use model::{ServicePorts, ShareId};
use serde::{Deserialize, Serialize};

/// All of it. Whoever looks at pages comes first.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Records {
    pub people: Vec<Person>,
    pub services: Vec<Service>,
    pub offers: Vec<Offer>,
}

/// Somebody who may come in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Person {
    pub login: String,
    pub name: String,
    #[serde(default)]
    pub instance_owner: bool,
    /// For whom one can sign in as: what they are good for.
    #[serde(default)]
    pub demo: Option<String>,
}

/// A listed service.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Service {
    /// The network, by its name.
    pub tailnet: String,
    /// Hostname.
    pub machine: String,
    pub name: String,
    pub kind: String,
    pub ports: ServicePorts,
    pub about: String,
    pub audience: Audience,
}

/// To whom a service is shown.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Audience {
    Nobody,
    Everybody,
    /// By login.
    People(Vec<String>),
}

/// An offer of a service, by its owner.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Offer {
    /// Its place in the list.
    pub service: usize,
    /// Login of who may answer it.
    pub to: String,
    pub note: String,
    /// Absent: until ended.
    #[serde(default)]
    pub ends_in_days: Option<i64>,
    /// So long ago it was made, and answered if it was.
    #[serde(default)]
    pub made_days_ago: i64,
    pub answer: Answer,
}

/// How far an offer came.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Answer {
    None,
    /// The owner has to review it.
    Accepted(ShareId),
    /// Rule and accepted invite stand in the networks.
    Open(ShareId),
}

impl Service {
    pub(crate) fn new(tailnet: &str, machine: &str, number: usize) -> Self {
        const KINDS: [(&str, &str, &str); 4] = [
            ("Minecraft", "minecraft", "tcp:25565, udp:19132"),
            ("Films", "media", "tcp:8096"),
            ("Notes", "http", "tcp:443"),
            ("Sources", "git", "tcp:443, tcp:22"),
        ];
        let (name, kind, ports) = KINDS.get(number % KINDS.len()).copied().unwrap_or(KINDS[0]);
        Self {
            tailnet: tailnet.to_owned(),
            machine: machine.to_owned(),
            name: format!("{name} {number:04}"),
            kind: kind.to_owned(),
            ports: ports.parse().expect("these are ports"),
            about: format!("For friends and neighbours, on {machine}. Ask for an account."),
            audience: Audience::Everybody,
        }
    }
}
