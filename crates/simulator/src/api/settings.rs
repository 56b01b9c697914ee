//! Settings of the tailnet.

use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::{Path, State};
use serde_json::{Map, Value};

use super::caller::{Caller, parse};
use super::{Answer, json};
use crate::gate::Gate;
use crate::rights::{Refusal, Right};

/// The scope that governs a setting (API description, "Get tailnet settings").
fn scope(setting: &str) -> &'static str {
    match setting {
        "aclsExternallyManagedOn" | "aclsExternalLink" => "policy_file",
        "networkFlowLoggingOn" => "logs:network",
        "httpsEnabled" => "networking_settings",
        _ => "feature_settings",
    }
}

/// Without the scopes the settings are silently absent: `{}`, not 403.
pub async fn get(State(gate): State<Arc<Gate>>, caller: Caller, Path(name): Path<String>) -> Answer {
    let state = gate.state();
    let index = caller.tailnet(&state, &name)?;
    let tailnet = state.tailnets.get(index).ok_or_else(Refusal::not_found)?;
    let mut settings = tailnet.settings.clone();
    settings.retain(|setting, _| caller.0.may(Right::Read(scope(setting))));
    Ok(json(&Value::Object(settings)))
}

pub async fn update(
    State(gate): State<Arc<Gate>>,
    caller: Caller,
    Path(name): Path<String>,
    body: Bytes,
) -> Answer {
    let changes: Map<String, Value> = parse(&body)?;
    for setting in changes.keys() {
        caller.0.need(Right::Write(scope(setting)))?;
    }
    let mut state = gate.state();
    let index = caller.tailnet(&state, &name)?;
    let tailnet = state.tailnets.get_mut(index).ok_or_else(Refusal::not_found)?;
    if let Some(unknown) = changes.keys().find(|setting| !tailnet.settings.contains_key(*setting)) {
        return Err(Refusal::bad_request(format!("json: unknown field \"{unknown}\"")));
    }
    tailnet.settings.extend(changes);
    Ok(json(&Value::Object(tailnet.settings.clone())))
}
