//! Everybody's packet filter: worked out, and written out.

use std::time::Instant;

use policy::{Network, Policy, compile};
use serde_json::{Map, Value, json};
use world::World;

use crate::table::Table;
use crate::visitor::megabytes;

pub fn measure(world: &World, table: &mut Table) -> anyhow::Result<()> {
    let Some(commons) = world.networks.tailnets.first() else { return Ok(()) };
    let policy = Policy::parse(commons.policy.as_deref().unwrap_or_default())?;
    let network = Network::from_value(network_of(commons))?;
    let began = Instant::now();
    let compiled = compile(&policy, &network)?;
    table.put("everybody's packet filter, worked out", began.elapsed().as_secs_f64() * 1e3, "ms");
    let began = Instant::now();
    let text = serde_json::to_string(&compiled.output())?;
    table.put("everybody's packet filter, written out", began.elapsed().as_secs_f64() * 1e3, "ms");
    table.put("everybody's packet filter, size", megabytes(text.len()), "MB");
    Ok(())
}

/// As a network file has it, without whom machines are shared with.
fn network_of(tailnet: &simulator::world::Tailnet) -> Value {
    let users =
        tailnet.users.iter().zip(1..).map(
            |(user, id)| json!({ "id": id, "name": user.login, "email": user.login, "role": user.role }),
        );
    let nodes: Map<String, Value> = tailnet
        .devices
        .iter()
        .map(|device| {
            let node = json!({
                "ipv4": device.ipv4, "ipv6": device.ipv6, "tags": device.tags, "user": device.user,
                "routable_ips": device.advertised_routes, "approved_routes": device.enabled_routes,
            });
            (device.hostname.clone(), node)
        })
        .collect();
    json!({ "users": users.collect::<Vec<_>>(), "nodes": nodes })
}
