//! Members and share recipients.

use std::sync::Arc;

use axum::extract::{Path, State};
use serde::Deserialize;
use serde_json::{Value, json};

use super::caller::{Asked, Caller};
use super::{Answer, json};
use crate::clock::wire;
use crate::gate::Gate;
use crate::rights::{Actor, Refusal, Right};
use crate::state::{State as World, User};

#[derive(Deserialize)]
pub struct Filter {
    #[serde(rename = "type")]
    kind: Option<String>,
    role: Option<String>,
}

/// Members only, unless `type` says `shared` or `all`.
pub async fn list(
    State(gate): State<Arc<Gate>>,
    caller: Caller,
    Path(name): Path<String>,
    Asked(filter): Asked<Filter>,
) -> Answer {
    caller.0.need(Right::Read("users"))?;
    let state = gate.state();
    let index = caller.tailnet(&state, &name)?;
    let kind = filter.kind.as_deref().unwrap_or("member");
    if !["member", "shared", "all"].contains(&kind) {
        return Err(Refusal::bad_request("invalid user type"));
    }
    let users: Vec<Value> = all(&state, index)
        .into_iter()
        .filter(|user| kind == "all" || user["type"] == *kind)
        .filter(|user| filter.role.as_ref().is_none_or(|role| user["role"] == **role))
        .collect();
    Ok(json(&json!({ "users": users })))
}

/// A person may always look at themselves.
pub async fn get(State(gate): State<Arc<Gate>>, caller: Caller, Path(id): Path<String>) -> Answer {
    let state = gate.state();
    let users = all(&state, caller.0.tailnet());
    let found = users.iter().find(|user| user["id"] == *id).ok_or_else(Refusal::not_found)?;
    let own = match &caller.0 {
        Actor::User { tailnet, user, .. } => {
            let user = state.tailnets.get(*tailnet).and_then(|tailnet| tailnet.users.get(*user));
            user.is_some_and(|user| user.number.to_string() == id)
        }
        Actor::Client { .. } => false,
    };
    if !own {
        caller.0.need(Right::Read("users"))?;
    }
    Ok(json(found))
}

fn all(state: &World, index: usize) -> Vec<Value> {
    let Some(tailnet) = state.tailnets.get(index) else { return Vec::new() };
    let members = tailnet.users.iter().enumerate().map(|(number, user)| {
        let devices =
            || tailnet.devices.iter().filter(|device| device.user == number && device.tags.is_empty());
        let connected = devices().any(|device| device.last_seen.is_none());
        let seen =
            if connected { Some(state.now()) } else { devices().filter_map(|device| device.last_seen).max() };
        let mut value = user_json(user, tailnet.number, "member", &user.role);
        value["deviceCount"] = devices().count().into();
        value["currentlyConnected"] = connected.into();
        value["lastSeen"] = seen.map(wire).unwrap_or_default().into();
        value
    });
    let recipients = state.recipients(index).into_iter().filter_map(|(tailnet, user)| {
        let home = state.tailnets.get(tailnet)?;
        let mut value = user_json(home.users.get(user)?, home.number, "shared", "member");
        value["deviceCount"] = 0.into();
        value["currentlyConnected"] = false.into();
        value["lastSeen"] = "".into();
        Some(value)
    });
    members.chain(recipients).collect()
}

fn user_json(user: &User, tailnet: u64, kind: &str, role: &str) -> Value {
    json!({
        "id": user.number.to_string(),
        "displayName": user.name,
        "loginName": user.login,
        "profilePicUrl": "",
        "tailnetId": tailnet.to_string(),
        "created": wire(user.created),
        "type": kind,
        "role": role,
        "status": user.status,
    })
}
