//! Captures of the policy vectors as worlds: the captured tailnet as the owner's, and a friend's beside it.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::{Client, Device, Tailnet, Token, User, World, WorldError};

/// What is read of a capture (`policy-vectors/README.md`).
#[derive(Deserialize)]
struct Capture {
    test_id: String,
    #[serde(default)]
    description: String,
    /// Login of the owner.
    tailnet: String,
    input: Input,
    topology: Topology,
}

#[derive(Deserialize)]
struct Input {
    #[serde(default)]
    full_policy: serde_json::Value,
    #[serde(default)]
    scenario_hujson: String,
    api_response_code: u16,
}

#[derive(Deserialize)]
struct Topology {
    users: Vec<CapturedUser>,
    nodes: BTreeMap<String, CapturedNode>,
}

#[derive(Deserialize)]
struct CapturedUser {
    name: String,
    #[serde(default)]
    email: String,
}

#[derive(Deserialize)]
struct CapturedNode {
    hostname: String,
    ipv4: std::net::Ipv4Addr,
    ipv6: std::net::Ipv6Addr,
    #[serde(default)]
    tags: Option<Vec<String>>,
    #[serde(default)]
    user: Option<String>,
    #[serde(default)]
    routable_ips: Option<Vec<String>>,
    #[serde(default)]
    approved_routes: Option<Vec<String>>,
}

impl World {
    /// The owner's tailnet has the capture's people, nodes and policy, and is named `owner`. Its policy is the text of
    /// the scenario with its layout where that is what was sent, else the policy as sent. A policy that the control plane
    /// refused cannot be in force: then it is the default of a new tailnet.
    ///
    /// Roles and domain are not recorded in the topology; the network maps show that the tailnet's own login is owner and
    /// everybody else admin. The tailnet `friend` is made up: Fran, with a laptop and a user token.
    ///
    /// # Errors
    /// If it is no capture, or one of nothing.
    pub fn from_capture(text: &str) -> Result<Self, WorldError> {
        let capture: Capture = serde_json::from_str(text).map_err(WorldError::Json)?;
        let owner = owner(&capture)?;
        let description = format!("{}: {}", capture.test_id, capture.description);
        Ok(Self {
            description,
            invite_base: None,
            deleting_an_invite_ends_the_share: true,
            tailnets: vec![owner, friend()],
            headscales: Vec::new(),
        })
    }
}

fn owner(capture: &Capture) -> Result<Tailnet, WorldError> {
    let owner = &capture.tailnet;
    let (_, domain) = owner
        .split_once('@')
        .ok_or_else(|| WorldError::Capture(format!("the tailnet `{owner}` is no login of an owner")))?;
    // A few captures leave the only person's login out; the tailnet's name has it.
    let login = |user: &CapturedUser| {
        if user.email.is_empty() { owner.clone() } else { user.email.clone() }
    };
    let users: Vec<User> = capture
        .topology
        .users
        .iter()
        .map(|user| {
            let role = if login(user) == *owner { "owner" } else { "admin" };
            User::new(login(user), &user.name, role)
        })
        .collect();
    let device = |node: &CapturedNode| {
        let user = match &node.user {
            None => owner.clone(),
            Some(name) => {
                let known = capture.topology.users.iter().find(|user| user.name == *name);
                known.map(login).ok_or_else(|| WorldError::Capture(format!("`{name}` is nobody in it")))?
            }
        };
        Ok(Device {
            tags: node.tags.clone().unwrap_or_default(),
            ipv4: Some(node.ipv4),
            ipv6: Some(node.ipv6),
            advertised_routes: node.routable_ips.clone().unwrap_or_default(),
            enabled_routes: node.approved_routes.clone().unwrap_or_default(),
            ..Device::new(&node.hostname, user)
        })
    };
    Ok(Tailnet {
        domain: Some(domain.to_owned()),
        policy: policy(&capture.input),
        devices: capture.topology.nodes.values().map(device).collect::<Result<_, _>>()?,
        clients: vec![client("owner")],
        tokens: vec![token("owner", owner)],
        ..Tailnet::new("owner", "tail0c4e.ts.net", users)
    })
}

fn policy(input: &Input) -> Option<String> {
    if input.api_response_code != 200 {
        return None;
    }
    let sent = match &input.full_policy {
        serde_json::Value::Null => return None,
        serde_json::Value::String(text) => text.clone(),
        other => serde_json::to_string_pretty(other).unwrap_or_default(),
    };
    let written = hujson::parse_str(&input.scenario_hujson).ok().and_then(|scenario| {
        let policy = scenario.find("/policy")?;
        let same = hujson::parse_str(&sent).ok()?.to_json().ok()? == policy.to_json().ok()?;
        same.then(|| input.scenario_hujson.get(policy.span().start..policy.span().end).map(Into::into))?
    });
    Some(written.unwrap_or(sent))
}

fn friend() -> Tailnet {
    let login = "fran@example.net";
    Tailnet {
        devices: vec![Device {
            created_days_ago: 30,
            key_expires_in_days: Some(150),
            ..Device::new("fran-laptop", login)
        }],
        clients: vec![client("friend")],
        tokens: vec![token("friend", login)],
        ..Tailnet::new("friend", "tailf41d.ts.net", vec![User::new(login, "Fran", "owner")])
    }
}

fn client(name: &str) -> Client {
    Client {
        id: format!("k{name}clientCNTRL"),
        secret: format!("tskey-client-k{name}clientCNTRL-simulated"),
        scopes: ["devices:core:read", "devices:routes:read", "device_invites", "policy_file", "users:read"]
            .map(Into::into)
            .to_vec(),
        tags: Vec::new(),
        description: "Acequia".into(),
    }
}

fn token(name: &str, login: &str) -> Token {
    Token {
        login: login.into(),
        secret: format!("tskey-api-k{name}tokenCNTRL-simulated"),
        expires_in_days: 90,
        description: "Acequia".into(),
    }
}
