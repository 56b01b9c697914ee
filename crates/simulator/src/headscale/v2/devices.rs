//! Machines in Tailscale's words.

use serde_json::{Value, json};

use super::id;
use crate::headscale::refusal::Refusal;
use crate::headscale::routes::{Answer, Call};
use crate::headscale::state::{Actor, Node, Server, User};
use crate::headscale::v1;
use crate::headscale::wire::Reply;

/// All of them in one answer, in no order; there are no filters.
pub fn list(call: &mut Call<'_>) -> Answer {
    let all = all_fields(call);
    let devices = call.server.nodes.iter().rev().map(|node| json_of(call.server, node, all));
    Ok(Reply::json(&json!({ "devices": devices.collect::<Vec<_>>() })))
}

pub fn get(call: &mut Call<'_>) -> Answer {
    let all = all_fields(call);
    let node = found(call)?;
    Ok(Reply::json(&json_of(call.server, node, all)))
}

pub fn delete(call: &mut Call<'_>) -> Answer {
    let id = found(call)?.id;
    call.server.nodes.retain(|node| node.id != id);
    Ok(Reply::done())
}

/// A label only.
pub fn name(call: &mut Call<'_>) -> Answer {
    let id = found(call)?.id;
    let name = call.text("name").to_owned();
    let named = v1::give_name(call.server, id, &name);
    named.map_err(|refused| Refusal::v2_cause(400, "renaming device", refused.words()))?;
    Ok(Reply::done())
}

/// None at all is answered well, and changes nothing.
pub fn tag(call: &mut Call<'_>) -> Answer {
    let id = found(call)?.id;
    let tags = call.texts("tags");
    if let Actor::Token { tags: own, .. } = &call.actor
        && let Some(other) = tags.iter().find(|tag| !own.contains(tag))
    {
        return Err(Refusal::v2(403, format!("token may not assign tag {other}")));
    }
    if !tags.is_empty() {
        v1::set_tags(call.server, id, tags)
            .map_err(|words| Refusal::v2_cause(400, "setting device tags", words))?;
    }
    Ok(Reply::done())
}

/// Switches the end of its key off; on is answered well, and changes nothing.
pub fn key(call: &mut Call<'_>) -> Answer {
    let id = found(call)?.id;
    if call.flag("keyExpiryDisabled")
        && let Some(node) = call.server.node_mut(id)
    {
        node.expiry = None;
    }
    Ok(Reply::done())
}

pub fn approve(call: &mut Call<'_>) -> Answer {
    found(call)?;
    if call.flag("authorized") {
        return Ok(Reply::done());
    }
    let words = "Headscale does not support de-authorizing a device; delete or expire it instead";
    Err(Refusal::v2(400, words))
}

pub fn routes(call: &mut Call<'_>) -> Answer {
    Ok(routes_of(found(call)?))
}

pub fn set_routes(call: &mut Call<'_>) -> Answer {
    let id = found(call)?.id;
    let routes = v1::read_routes(call.texts("routes"))
        .map_err(|words| Refusal::v2_cause(400, "parsing route", words))?;
    let routes = v1::in_order(call.dialect(), routes);
    let node = call.server.node_mut(id).ok_or_else(not_found)?;
    node.approved_routes = routes;
    Ok(routes_of(node))
}

fn routes_of(node: &Node) -> Reply {
    let routes = json!({ "advertisedRoutes": node.available_routes, "enabledRoutes": node.approved_routes });
    Reply::json(&routes)
}

fn all_fields(call: &Call<'_>) -> bool {
    call.query("fields").is_some_and(|fields| fields == "all")
}

fn found<'a>(call: &'a Call<'_>) -> Result<&'a Node, Refusal> {
    id(call, 0).and_then(|id| call.server.node(id)).ok_or_else(not_found)
}

fn not_found() -> Refusal {
    Refusal::v2(404, "device not found")
}

/// There is no `connectedToControl`: a machine that is connected has no `lastSeen`.
fn json_of(server: &Server, node: &Node, all: bool) -> Value {
    let [machine, connections, _] = &node.keys;
    let user = node.user.and_then(|id| server.user(id)).map(User::login);
    let mut value = json!({
        "addresses": node.addresses(),
        "name": node.given_name,
        "id": node.id.to_string(),
        "nodeId": node.id.to_string(),
        "authorized": true,
        "user": if node.tags.is_empty() { user.unwrap_or_default() } else { "tagged-devices" },
        "tags": node.tags,
        "keyExpiryDisabled": node.expiry.is_none(),
        "created": node.created.to_string(),
        "hostname": node.name,
        "isEphemeral": node.ephemeral,
        "machineKey": machine,
        "nodeKey": connections,
        "os": node.os,
        "clientVersion": node.client_version,
        "updateAvailable": false,
    });
    if let Some(end) = node.expiry {
        value["expires"] = end.to_string().into();
    }
    if !node.online {
        value["lastSeen"] = node.last_seen.to_string().into();
    }
    let routes = [("advertisedRoutes", &node.available_routes), ("enabledRoutes", &node.approved_routes)];
    for (name, routes) in routes.into_iter().filter(|(_, routes)| all && !routes.is_empty()) {
        value[name] = json!(routes);
    }
    value
}
