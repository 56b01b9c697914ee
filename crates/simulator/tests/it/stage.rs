//! Simulators and clients for tests.

use std::time::Duration;

use simulator::{Listen, Simulator, World, world};
use tailscale_client::{ClientCredential, Limits, Tailnet, TailscaleClient};

pub async fn demo() -> Simulator {
    Simulator::start(World::demo(), Listen::default()).await.expect("the demo world can be served")
}

/// Short times: what waits in these tests waits for something that comes.
pub fn limits() -> Limits {
    Limits {
        backoff: Duration::from_millis(1),
        answer: Duration::from_secs(5),
        longest_wait: Duration::from_secs(1),
        ..Limits::default()
    }
}

pub fn world_tailnet(name: &str) -> world::Tailnet {
    let world = World::demo();
    world.tailnets.into_iter().find(|tailnet| tailnet.name == name).expect("it is in the demo world")
}

/// The credentials of a tailnet of the demo world.
pub fn credentials(name: &str) -> Tailnet {
    credentials_of(&world_tailnet(name))
}

pub fn credentials_of(tailnet: &world::Tailnet) -> Tailnet {
    let client = tailnet
        .clients
        .first()
        .map(|client| ClientCredential { id: client.id.clone(), secret: client.secret.clone().into() });
    let user_token = tailnet.tokens.first().map(|token| token.secret.clone().into());
    Tailnet { name: "-".into(), client, user_token }
}

pub fn client(simulator: &Simulator, tailnet: Tailnet) -> TailscaleClient {
    client_with(simulator, tailnet, limits())
}

pub fn client_with(simulator: &Simulator, tailnet: Tailnet, limits: Limits) -> TailscaleClient {
    TailscaleClient::new(&simulator.api_url(), tailnet, limits).expect("the address is fine")
}

/// A plain HTTP client.
pub fn http() -> reqwest::Client {
    // reqwest is built without a TLS provider; a second call changes nothing.
    let _ = rustls::crypto::ring::default_provider().install_default();
    reqwest::Client::new()
}
