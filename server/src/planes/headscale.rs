//! A Headscale: how it is spoken to, and what it was found to be.

use calls::{Limits, PlainHttp, Trust};
use control_plane::{ControlPlaneError, Secret};
use headscale_client::{BuildError, HeadscaleClient, Server, Version};
use model::PlaneKind;
use policy::{Dialect, Language, Reading};

use crate::state::AppState;

/// What a version is here.
const fn kind_of(version: Version) -> PlaneKind {
    match version {
        Version::Older => PlaneKind::HeadscaleOlder,
        Version::V0_28 => PlaneKind::Headscale028,
        Version::V0_29 => PlaneKind::Headscale029,
        Version::V0_30 => PlaneKind::Headscale030,
    }
}

const fn version_of(kind: PlaneKind) -> Option<Version> {
    match kind {
        PlaneKind::Tailscale => None,
        PlaneKind::HeadscaleOlder => Some(Version::Older),
        PlaneKind::Headscale028 => Some(Version::V0_28),
        PlaneKind::Headscale029 => Some(Version::V0_29),
        PlaneKind::Headscale030 => Some(Version::V0_30),
    }
}

/// In whose language the policies of a control plane are. What is older is read like the oldest that is known.
pub const fn dialect(kind: PlaneKind) -> Dialect {
    match kind {
        PlaneKind::Tailscale => Dialect::Tailscale,
        PlaneKind::HeadscaleOlder | PlaneKind::Headscale028 => Dialect::Headscale028,
        PlaneKind::Headscale029 | PlaneKind::Headscale030 => Dialect::Headscale029,
    }
}

/// The same for a policy that the control plane has taken.
pub const fn in_force(kind: PlaneKind) -> Language {
    dialect(kind).read(Reading::InForce)
}

/// A client for a server. `kind` is what it was found to be; `None`: it is asked when that matters.
///
/// # Errors
/// For an address to which the key may not be sent.
pub fn client(
    state: &AppState,
    base_url: &str,
    base_domain: Option<&str>,
    kind: Option<PlaneKind>,
    key: &str,
) -> Result<HeadscaleClient, BuildError> {
    let (plain_http, trust) = reached(state, base_url);
    let server = Server {
        base_domain: base_domain.map(str::to_owned),
        version: kind.and_then(version_of),
        plain_http,
        trust,
        ..Server::new(base_url, Secret::new(key))
    };
    HeadscaleClient::new(server, limits(state))
}

/// How the configuration says that a control plane is reached.
fn reached(state: &AppState, base_url: &str) -> (PlainHttp, Trust) {
    let same = |url: &url::Url| url.as_str().trim_end_matches('/') == base_url.trim_end_matches('/');
    let plane = state.config.control_planes.iter().find(|plane| same(&plane.base_url));
    plane.map_or_else(Default::default, |plane| {
        (plane.plain_http, Trust { private_ca: plane.private_ca.clone() })
    })
}

pub fn limits(state: &AppState) -> Limits {
    let tally = state.signals.calls.clone();
    let connections = state.connections.clone();
    let timing = &state.config.timing;
    Limits {
        answer: timing.control_plane,
        backoff: timing.call_again,
        second_look: timing.second_look,
        tally,
        connections,
        ..Limits::default()
    }
}

/// What a server is, asked anew.
///
/// # Errors
/// Where nobody answers, or something that is no Headscale.
pub async fn find_out(client: &HeadscaleClient) -> Result<PlaneKind, ControlPlaneError> {
    client.version().await.map(kind_of)
}
