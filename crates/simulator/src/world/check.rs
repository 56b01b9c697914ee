//! What every world has to keep.

use std::collections::BTreeSet;

use super::{Headscale, Tailnet, World};

/// Why a world cannot be served.
#[derive(Debug, thiserror::Error)]
pub enum WorldError {
    /// Not TOML, or not of this shape.
    #[error("the world file is not understood")]
    Toml(#[source] Box<toml::de::Error>),
    /// Not JSON, or not of this shape.
    #[error("the world file is not understood")]
    Json(#[source] serde_json::Error),
    /// A capture without what a world needs.
    #[error("the capture cannot be a world: {0}")]
    Capture(String),
    /// Two of something there may be one of.
    #[error("`{name}` stands twice in the world as {what}")]
    Twice {
        /// What it is.
        what: &'static str,
        /// Its name.
        name: String,
    },
    /// A device or token of nobody.
    #[error("`{login}` is nobody in the tailnet `{tailnet}`; add a user")]
    Nobody {
        /// Who is meant.
        login: String,
        /// Where.
        tailnet: String,
    },
    /// A share of no machine, or with nobody.
    #[error("the tailnet `{tailnet}` shares `{device}` with `{with}`, and one of the two is not there")]
    Share {
        /// The machine.
        device: String,
        /// Login of who is to have it.
        with: String,
        /// Where.
        tailnet: String,
    },
    /// There is no tailnet at all.
    #[error("the world has no tailnet")]
    Empty,
}

/// Checks names, references and secrets.
pub fn check(world: &World) -> Result<(), WorldError> {
    if world.tailnets.is_empty() && world.headscales.is_empty() {
        return Err(WorldError::Empty);
    }
    let servers = world.headscales.iter().map(|server| server.name.as_str());
    once("a tailnet", world.tailnets.iter().map(|tailnet| tailnet.name.as_str()).chain(servers))?;
    world.headscales.iter().try_for_each(check_headscale)?;
    once("a MagicDNS suffix", world.tailnets.iter().map(|tailnet| tailnet.suffix.as_str()))?;
    let clients = world.tailnets.iter().flat_map(|tailnet| &tailnet.clients);
    once("a client id", clients.map(|client| client.id.as_str()))?;
    let tokens = world.tailnets.iter().flat_map(|tailnet| &tailnet.tokens);
    // The secret itself stays out of the message.
    once("the token of", tokens.clone().map(|token| token.secret.as_str())).map_err(|_| {
        WorldError::Twice {
            what: "the secret of two tokens, one of them",
            name: tokens.map(|token| token.login.clone()).next_back().unwrap_or_default(),
        }
    })?;
    world.tailnets.iter().try_for_each(check_tailnet)
}

fn check_tailnet(tailnet: &Tailnet) -> Result<(), WorldError> {
    once("a user", tailnet.users.iter().map(|user| user.login.as_str()))?;
    once("a device", tailnet.devices.iter().map(|device| device.hostname.as_str()))?;
    let known: BTreeSet<&String> = tailnet.users.iter().map(|user| &user.login).collect();
    let named = tailnet.devices.iter().map(|device| &device.user);
    let tokens = tailnet.tokens.iter().map(|token| &token.login);
    for login in named.chain(tokens).chain(tailnet.shares.iter().map(|share| &share.by)) {
        if !known.contains(login) {
            return Err(WorldError::Nobody { login: login.clone(), tailnet: tailnet.name.clone() });
        }
    }
    Ok(())
}

/// Machines and keys are of users that are there.
fn check_headscale(server: &Headscale) -> Result<(), WorldError> {
    let machines = server.nodes.iter().filter_map(|node| node.user.as_ref());
    let keys = server.preauth_keys.iter().filter_map(|key| key.user.as_ref());
    for name in machines.chain(keys).chain(server.api_keys.iter().filter_map(|key| key.user.as_ref())) {
        if !server.users.iter().any(|user| user.name == *name) {
            return Err(WorldError::Nobody { login: name.clone(), tailnet: server.name.clone() });
        }
    }
    Ok(())
}

fn once<'a>(what: &'static str, names: impl Iterator<Item = &'a str>) -> Result<(), WorldError> {
    let mut seen = BTreeSet::new();
    for name in names {
        if !seen.insert(name) {
            return Err(WorldError::Twice { what, name: name.to_owned() });
        }
    }
    Ok(())
}
