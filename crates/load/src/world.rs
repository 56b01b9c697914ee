//! The people and machines of a run.

use simulator::World;
use simulator::world::{Client, Device, Tailnet, Token, User};

/// How many people there are.
#[derive(Clone, Copy, Debug)]
pub struct Size {
    /// How many give.
    pub owners: usize,
    /// How many friends each of them has.
    pub friends: usize,
}

/// Each style of policy once in a while: grants, ACLs, and the wildcard that has to be narrowed first.
const POLICIES: [&str; 3] = [
    "{\n  // Ours.\n  \"grants\": [\n    {\"src\": [\"autogroup:member\"], \"dst\": [\"*\"], \"ip\": [\"*\"]},\n  ],\n}\n",
    "{\n  /* grown over the years */\n  \"acls\": [\n    {\"action\": \"accept\", \"src\": [\"autogroup:member\"], \"dst\": [\"*:*\"]},\n  ],\n}\n",
    "// Example/default ACLs for unrestricted connections.\n{\n\t\"grants\": [\n\t\t// Allow all connections.\n\t\t{\"src\": [\"*\"], \"dst\": [\"*\"], \"ip\": [\"*\"]},\n\t],\n}\n",
];

pub fn owner(number: usize) -> String {
    format!("owner-{number}")
}

pub fn friend(of: usize, number: usize) -> String {
    format!("friend-{of}-{number}")
}

/// Somebody with a tailnet of their own, which nobody here trusts.
pub const HOSTILE: &str = "mallory";

pub fn login(name: &str) -> String {
    format!("{name}@load.example")
}

pub fn machine(name: &str) -> String {
    format!("{name}-box")
}

pub fn world(size: Size) -> World {
    let mut names: Vec<String> = (0..size.owners).map(owner).collect();
    names.extend((0..size.owners).flat_map(|of| (0..size.friends).map(move |number| friend(of, number))));
    names.push(HOSTILE.into());
    let mut world = World::demo();
    world.tailnets = (0..).zip(&names).map(|(number, name)| tailnet(number, name)).collect();
    world
}

fn tailnet(number: usize, name: &str) -> Tailnet {
    let (login, machine) = (login(name), machine(name));
    let id: String = name.chars().filter(char::is_ascii_alphanumeric).collect();
    let scopes = [
        "devices:core:read",
        "devices:routes:read",
        "device_invites",
        "policy_file",
        "users:read",
        "feature_settings:read",
    ];
    Tailnet {
        name: name.to_owned(),
        suffix: format!("tail{number:04x}.ts.net"),
        domain: None,
        policy: POLICIES.get(number % POLICIES.len()).map(|policy| (*policy).to_owned()),
        settings: serde_json::Map::new(),
        users: vec![User {
            login: login.clone(),
            name: format!("P{number:03} {name}"),
            role: "owner".into(),
            status: "active".into(),
        }],
        devices: vec![device(&machine, &login), device(&format!("{name}-phone"), &login)],
        clients: vec![Client {
            id: format!("k{id}CNTRL"),
            secret: format!("tskey-client-k{id}CNTRL-simulated"),
            scopes: scopes.map(str::to_owned).to_vec(),
            tags: Vec::new(),
            description: String::new(),
        }],
        tokens: vec![Token {
            login,
            secret: format!("tskey-api-k{id}TCNTRL-simulated"),
            expires_in_days: 60,
            description: String::new(),
        }],
    }
}

fn device(hostname: &str, user: &str) -> Device {
    Device {
        hostname: hostname.to_owned(),
        user: user.to_owned(),
        os: "linux".into(),
        tags: Vec::new(),
        ipv4: None,
        ipv6: None,
        advertised_routes: Vec::new(),
        enabled_routes: Vec::new(),
        seen_minutes_ago: 0,
        created_days_ago: 100,
        key_expires_in_days: None,
        authorized: true,
        blocks_incoming: false,
    }
}
