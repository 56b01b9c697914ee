//! Devices and their routes.

use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde::Deserialize;
use serde_json::{Value, json};

use super::caller::{Asked, Caller, parse};
use super::{Answer, json};
use crate::clock::wire;
use crate::gate::Gate;
use crate::rights::{Refusal, Right};
use crate::state::{Device, State as World, Tailnet};

/// `fields=all` adds the routes; other parameters are exact-match filters that all have to hold.
pub async fn list(
    State(gate): State<Arc<Gate>>,
    caller: Caller,
    Path(name): Path<String>,
    Asked(query): Asked<Vec<(String, String)>>,
) -> Answer {
    caller.0.need(Right::Read("devices:core"))?;
    let state = gate.state();
    let index = caller.tailnet(&state, &name)?;
    let all = query.iter().any(|(name, value)| name == "fields" && value == "all");
    let mut devices = visible(&state, &caller, index, all);
    for (field, wanted) in query.iter().filter(|(name, _)| name != "fields") {
        devices.retain(|device| match device.get(field) {
            Some(Value::Array(values)) => values.iter().any(|value| value.as_str() == Some(wanted)),
            Some(Value::String(value)) => value == wanted,
            Some(Value::Bool(value)) => wanted == if *value { "true" } else { "false" },
            _ => false,
        });
    }
    Ok(json(&json!({ "devices": devices })))
}

/// Own devices; for people also those shared in, which clients are not told of (tailscale issue 16911).
fn visible(state: &World, caller: &Caller, index: usize, all: bool) -> Vec<Value> {
    let Some(tailnet) = state.tailnets.get(index) else { return Vec::new() };
    let mut devices: Vec<Value> = tailnet.devices.iter().map(|device| own(tailnet, device, all)).collect();
    if caller.0.is_person() {
        devices.extend(state.shared_in(index).map(|(owner, device)| external(owner, device, all)));
    }
    devices
}

pub async fn get(
    State(gate): State<Arc<Gate>>,
    caller: Caller,
    Path(id): Path<String>,
    Asked(query): Asked<Vec<(String, String)>>,
) -> Answer {
    caller.0.need(Right::Read("devices:core"))?;
    let state = gate.state();
    let all = query.iter().any(|(name, value)| name == "fields" && value == "all");
    let devices = visible(&state, &caller, caller.0.tailnet(), all);
    let wanted = Value::from(id);
    let found = devices.iter().find(|device| device["id"] == wanted || device["nodeId"] == wanted);
    found.map(json).ok_or_else(Refusal::not_found)
}

pub async fn delete(State(gate): State<Arc<Gate>>, caller: Caller, Path(id): Path<String>) -> Answer {
    caller.0.need(Right::Write("devices:core"))?;
    let mut state = gate.state();
    let index = caller.0.tailnet();
    let number =
        state.device(index, &id).map(|(_, device)| device.number).ok_or_else(Refusal::not_manageable)?;
    state.remove_device(index, number);
    Ok(StatusCode::OK.into_response())
}

pub async fn routes(State(gate): State<Arc<Gate>>, caller: Caller, Path(id): Path<String>) -> Answer {
    caller.0.need(Right::Read("devices:routes"))?;
    let state = gate.state();
    let (_, device) = state.device(caller.0.tailnet(), &id).ok_or_else(Refusal::not_found)?;
    Ok(routes_of(device))
}

#[derive(Deserialize)]
pub struct Routes {
    routes: Vec<String>,
}

/// Replaces the enabled routes.
pub async fn set_routes(
    State(gate): State<Arc<Gate>>,
    caller: Caller,
    Path(id): Path<String>,
    body: Bytes,
) -> Answer {
    caller.0.need(Right::Write("devices:routes"))?;
    let new: Routes = parse(&body)?;
    let mut state = gate.state();
    let tailnet = state.tailnets.get_mut(caller.0.tailnet()).ok_or_else(Refusal::not_found)?;
    let found = tailnet.devices.iter_mut().find(|device| device.has_id(&id));
    let device = found.ok_or_else(Refusal::not_manageable)?;
    device.enabled_routes = new.routes;
    Ok(routes_of(device))
}

fn routes_of(device: &Device) -> Response {
    json(&json!({ "advertisedRoutes": device.advertised_routes, "enabledRoutes": device.enabled_routes }))
}

fn own(tailnet: &Tailnet, device: &Device, all: bool) -> Value {
    let login = tailnet.users.get(device.user).map(|user| user.login.as_str());
    let mut value = json!({
        "addresses": [device.ipv4, device.ipv6],
        "id": device.number.to_string(),
        "nodeId": device.node_id,
        "user": login,
        "name": device.fqdn(tailnet),
        "hostname": device.hostname,
        "os": device.os,
        "clientVersion": "1.98.2-t5f3a2c1e8-g1d2c3b4a5",
        "updateAvailable": false,
        "created": wire(device.created),
        "connectedToControl": device.last_seen.is_none(),
        "keyExpiryDisabled": device.key_expires.is_none(),
        // Go's zero time where there is none.
        "expires": device.key_expires.map_or_else(|| "0001-01-01T00:00:00Z".to_owned(), wire),
        "authorized": device.authorized,
        "isEphemeral": false,
        "isExternal": false,
        "machineKey": format!("mkey:{:064x}", device.number),
        "nodeKey": format!("nodekey:{:064x}", device.number),
        "blocksIncomingConnections": device.blocks_incoming,
        "tailnetLockKey": "",
        "tailnetLockError": "",
    });
    if let Some(last_seen) = device.last_seen {
        value["lastSeen"] = wire(last_seen).into();
    }
    if !device.tags.is_empty() {
        value["tags"] = json!(device.tags);
    }
    if all {
        value["advertisedRoutes"] = json!(device.advertised_routes);
        value["enabledRoutes"] = json!(device.enabled_routes);
        value["sshEnabled"] = false.into();
        value["clientConnectivity"] = json!({
            "endpoints": [], "mappingVariesByDestIP": false, "latency": {},
            "clientSupports": { "hairPinning": null, "ipv6": true, "pcp": false, "pmp": false, "udp": true, "upnp": false },
        });
    }
    value
}

/// A device shared in: the sharer's, without tags and routes, with empty strings for what is not told.
fn external(owner: &Tailnet, device: &Device, all: bool) -> Value {
    let mut value = own(owner, device, all);
    for field in ["created", "clientVersion", "machineKey"] {
        value[field] = "".into();
    }
    value["isExternal"] = true.into();
    value["tags"] = json!([]);
    if all {
        value["advertisedRoutes"] = json!([]);
        value["enabledRoutes"] = json!([]);
    }
    value
}
