//! Serves a world by itself: `cargo run -p simulator --example serve -- [WORLD FILE]`.

use std::error::Error;
use std::net::SocketAddr;

use simulator::{Listen, Simulator, World};

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let world = match std::env::args().nth(1) {
        Some(file) => World::parse(&std::fs::read_to_string(file)?)?,
        None => World::demo(),
    };
    let here = |port| SocketAddr::from(([127, 0, 0, 1], port));
    let simulator =
        Simulator::start(world.clone(), Listen { api: here(4100), control: Some(here(4101)) }).await?;
    eprintln!("{}\nAPI      {}", world.description, simulator.api_url());
    eprintln!("control  {}", simulator.control_url().unwrap_or_default());
    for tailnet in &world.tailnets {
        eprintln!("{}:", tailnet.name);
        for client in &tailnet.clients {
            eprintln!("  client  {}  {}", client.id, client.secret);
        }
        for token in &tailnet.tokens {
            eprintln!("  token   {}  {}", token.login, token.secret);
        }
    }
    for server in &world.headscales {
        eprintln!("{}  {}", server.name, simulator.headscale_url(&server.name).unwrap_or_default());
        for key in &server.api_keys {
            eprintln!("  API key {}", key.secret);
        }
    }
    std::future::pending().await
}
