//! Everything that the simulated control plane knows, and how it changes. No HTTP in here.

mod invites;
mod keys;
mod made_up;
mod network;

use std::collections::{BTreeSet, HashMap};

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

pub use invites::{Invite, Share};
pub use keys::{Key, Kind as KeyKind};

use crate::clock::Clock;
use crate::policy_text;
use crate::rights::Actor;
use crate::world::{self, World, WorldError};

/// All tailnets.
#[derive(Debug, Serialize, Deserialize)]
pub struct State {
    pub clock: Clock,
    pub tailnets: Vec<Tailnet>,
    /// Each with a listener of its own.
    pub headscales: Vec<crate::headscale::Server>,
    pub invites: Vec<Invite>,
    pub shares: Vec<Share>,
    pub invite_base: String,
    pub deleting_an_invite_ends_the_share: bool,
    minted: Vec<Minted>,
    next_id: u64,
}

#[derive(Debug, Serialize, Deserialize)]
pub struct Tailnet {
    pub name: String,
    pub number: u64,
    pub suffix: String,
    pub domain: Option<String>,
    pub policy: String,
    /// Nobody has changed the default yet.
    pub untouched: bool,
    pub settings: Map<String, Value>,
    pub users: Vec<User>,
    pub devices: Vec<Device>,
    pub keys: Vec<Key>,
}

#[derive(Debug, Serialize, Deserialize)]
pub struct User {
    pub number: u64,
    pub login: String,
    pub name: String,
    pub role: String,
    pub status: String,
    pub created: Timestamp,
}

#[derive(Debug, Serialize, Deserialize)]
pub struct Device {
    pub number: u64,
    pub node_id: String,
    pub hostname: String,
    /// Index into the users of the tailnet.
    pub user: usize,
    pub os: String,
    pub tags: Vec<String>,
    pub ipv4: std::net::Ipv4Addr,
    pub ipv6: std::net::Ipv6Addr,
    pub advertised_routes: Vec<String>,
    pub enabled_routes: Vec<String>,
    /// `None`: connected.
    pub last_seen: Option<Timestamp>,
    pub created: Timestamp,
    pub key_expires: Option<Timestamp>,
    pub authorized: bool,
    pub blocks_incoming: bool,
}

#[derive(Debug, Serialize, Deserialize)]
struct Minted {
    secret: String,
    tailnet: usize,
    /// Id of the client.
    key: String,
    scopes: Vec<String>,
    expires: Timestamp,
}

/// How long a minted token lives; not configurable at the real service either.
pub const MINTED_LIFETIME: SignedDuration = SignedDuration::from_hours(1);

impl State {
    pub fn new(world: &World) -> Result<Self, WorldError> {
        world::check(world)?;
        let mut state = Self {
            clock: Clock::Running(SignedDuration::ZERO),
            tailnets: Vec::new(),
            headscales: Vec::new(),
            invites: Vec::new(),
            shares: Vec::new(),
            invite_base: world.invite_base.clone().unwrap_or_default(),
            deleting_an_invite_ends_the_share: world.deleting_an_invite_ends_the_share,
            minted: Vec::new(),
            next_id: 12_346,
        };
        for tailnet in &world.tailnets {
            let tailnet = state.tailnet(tailnet);
            state.tailnets.push(tailnet);
        }
        let now = state.now();
        let servers = world.headscales.iter().map(|server| crate::headscale::Server::new(server, now));
        state.headscales = servers.collect();
        for (index, tailnet) in world.tailnets.iter().enumerate() {
            state.share_as_in(index, tailnet)?;
        }
        Ok(state)
    }

    pub fn now(&self) -> Timestamp {
        self.clock.now()
    }

    /// The next number of anything; never given twice.
    pub fn next_number(&mut self) -> u64 {
        self.next_id += 1;
        self.next_id
    }

    fn tailnet(&mut self, from: &world::Tailnet) -> Tailnet {
        let number = 59_954 + self.next_number();
        let now = self.now();
        let users: Vec<User> = from
            .users
            .iter()
            .map(|user| User {
                number: self.next_number(),
                login: user.login.clone(),
                name: user.name.clone(),
                role: user.role.clone(),
                status: user.status.clone(),
                created: days_from(now, -400),
            })
            .collect();
        let by_login: HashMap<&str, usize> =
            users.iter().enumerate().map(|(index, user)| (user.login.as_str(), index)).collect();
        let user_index = |login: &str| by_login.get(login).copied().unwrap_or_default();
        let devices = from
            .devices
            .iter()
            .map(|device| {
                let number = self.next_number();
                let (ipv4, ipv6) = made_up::addresses(&from.name, &device.hostname);
                Device {
                    number,
                    node_id: format!("n{number}kg92CNTRL"),
                    hostname: device.hostname.clone(),
                    user: user_index(&device.user),
                    os: device.os.clone(),
                    tags: device.tags.clone(),
                    ipv4: device.ipv4.unwrap_or(ipv4),
                    ipv6: device.ipv6.unwrap_or(ipv6),
                    advertised_routes: device.advertised_routes.clone(),
                    enabled_routes: device.enabled_routes.clone(),
                    last_seen: (device.seen_minutes_ago > 0)
                        .then(|| now - SignedDuration::from_mins(device.seen_minutes_ago)),
                    created: days_from(now, -device.created_days_ago),
                    key_expires: device.key_expires_in_days.map(|days| days_from(now, days)),
                    authorized: device.authorized,
                    blocks_incoming: device.blocks_incoming,
                }
            })
            .collect();
        let keys = keys::of_world(from, &user_index, now);
        Tailnet {
            name: from.name.clone(),
            number,
            suffix: from.suffix.clone(),
            domain: from.domain.clone(),
            policy: from.policy.clone().unwrap_or_else(|| policy_text::DEFAULT.to_owned()),
            untouched: from.policy.is_none(),
            settings: settings(&from.settings),
            users,
            devices,
            keys,
        }
    }

    /// Who has this secret, if it is good now.
    pub fn actor(&self, secret: &str) -> Option<Actor> {
        let now = self.now();
        if let Some(minted) =
            self.minted.iter().find(|minted| minted.secret == secret && minted.expires > now)
        {
            let key = self.tailnets.get(minted.tailnet)?.keys.iter().find(|key| key.id == minted.key)?;
            return key.is_valid(now).then(|| Actor::Client {
                tailnet: minted.tailnet,
                key: key.id.clone(),
                scopes: minted.scopes.clone(),
                tags: key.tags.clone(),
            });
        }
        self.tailnets.iter().enumerate().find_map(|(index, tailnet)| {
            let key = tailnet.keys.iter().find(|key| key.kind == keys::Kind::Api && key.secret == secret)?;
            let user = tailnet.users.get(key.user?)?;
            (key.is_valid(now) && user.status != "suspended").then(|| Actor::User {
                tailnet: index,
                user: key.user.unwrap_or_default(),
                role: user.role.clone(),
            })
        })
    }

    /// A token for a client; `scopes` asks for fewer than the client has. `None`: no such client, or not these scopes.
    pub fn mint(&mut self, id: &str, secret: &str, scopes: &[String]) -> Option<(String, Vec<String>)> {
        let now = self.now();
        let (tailnet, key) = self.tailnets.iter().enumerate().find_map(|(index, tailnet)| {
            let found = tailnet.keys.iter().find(|key| {
                key.kind == keys::Kind::Client && key.id == id && key.secret == secret && key.is_valid(now)
            })?;
            Some((index, found))
        })?;
        let held = &key.scopes;
        let fits = |scope: &String| {
            held.iter().any(|held| {
                held == scope || held == "all" || Some(held.as_str()) == scope.strip_suffix(":read")
            })
        };
        if !scopes.iter().all(fits) {
            return None;
        }
        let scopes = if scopes.is_empty() { held.clone() } else { scopes.to_vec() };
        let (key, secret) = (key.id.clone(), format!("tskey-api-{}-{}", key.id, made_up::secret()));
        let expires = now + MINTED_LIFETIME;
        self.minted.push(Minted { secret: secret.clone(), tailnet, key, scopes: scopes.clone(), expires });
        Some((secret, scopes))
    }

    /// Every minted token is refused from now on, while the clients stay good.
    pub fn forget_minted(&mut self) {
        self.minted.clear();
    }

    /// A device of this tailnet by either id.
    pub fn device(&self, tailnet: usize, id: &str) -> Option<(usize, &Device)> {
        let devices = &self.tailnets.get(tailnet)?.devices;
        // Numbers only grow, and those who join come last.
        let index = devices.binary_search_by_key(&number_in(id)?, |device| device.number).ok()?;
        devices.get(index).filter(|device| device.has_id(id)).map(|device| (index, device))
    }

    /// Devices shared into this tailnet, each once however many shares there are: owner's tailnet and device.
    pub fn shared_in(&self, tailnet: usize) -> impl Iterator<Item = (&Tailnet, &Device)> {
        let shares = self.shares.iter().filter(move |share| share.recipient_tailnet == tailnet);
        let devices: BTreeSet<_> = shares.map(|share| (share.tailnet, share.device)).collect();
        devices.into_iter().filter_map(|(owner, number)| {
            let owner = self.tailnets.get(owner)?;
            Some((owner, owner.devices.iter().find(|device| device.number == number)?))
        })
    }

    /// Takes a device out of the tailnet, with its invites and shares.
    pub fn remove_device(&mut self, tailnet: usize, number: u64) {
        self.invites.retain(|invite| !(invite.tailnet == tailnet && invite.device == number));
        self.shares.retain(|share| !(share.tailnet == tailnet && share.device == number));
        if let Some(tailnet) = self.tailnets.get_mut(tailnet) {
            tailnet.devices.retain(|device| device.number != number);
        }
    }
}

impl Tailnet {
    pub fn id(&self) -> String {
        format!("T{}CNTRL", self.number)
    }

    pub fn etag(&self) -> String {
        policy_text::etag(&self.policy)
    }

    /// Puts a policy in force.
    pub fn set_policy(&mut self, text: String) {
        self.policy = text;
        self.untouched = false;
    }
}

impl Device {
    pub fn has_id(&self, id: &str) -> bool {
        self.node_id == id || self.number.to_string() == id
    }

    pub fn fqdn(&self, tailnet: &Tailnet) -> String {
        format!("{}.{}", self.hostname, tailnet.suffix)
    }
}

/// The number that either id of a device is made of.
fn number_in(id: &str) -> Option<u64> {
    let id = id.strip_prefix('n').unwrap_or(id);
    id.split(|c: char| !c.is_ascii_digit()).next()?.parse().ok()
}

pub fn days_from(now: Timestamp, days: i64) -> Timestamp {
    now.checked_add(SignedDuration::from_hours(days.saturating_mul(24))).unwrap_or(now)
}

/// The settings of a new tailnet, and what differs.
fn settings(differing: &Map<String, Value>) -> Map<String, Value> {
    let fresh = serde_json::json!({
        "aclsExternallyManagedOn": false, "aclsExternalLink": "", "devicesApprovalOn": false,
        "devicesAutoUpdatesOn": false, "devicesKeyDurationDays": 180, "usersApprovalOn": false,
        "usersRoleAllowedToJoinExternalTailnets": "admin", "networkFlowLoggingOn": false,
        "regionalRoutingOn": false, "postureIdentityCollectionOn": false, "httpsEnabled": false,
    });
    let mut settings = fresh.as_object().cloned().unwrap_or_default();
    settings.extend(differing.clone());
    settings
}
