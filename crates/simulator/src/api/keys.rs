//! Keys: reading the credential in use, making auth keys.

use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::response::IntoResponse;
use jiff::{SignedDuration, Timestamp};
use serde::Deserialize;
use serde_json::{Value, json};

use super::caller::{Asked, Caller, parse};
use super::{Answer, json};
use crate::clock::wire;
use crate::gate::Gate;
use crate::policy_text;
use crate::rights::{Actor, Refusal, Right};
use crate::state::{Key, KeyKind, Tailnet};

#[derive(Deserialize)]
pub struct Filter {
    all: Option<bool>,
}

/// Own keys for a person, OAuth clients for a client; everything with `all=true`.
pub async fn list(
    State(gate): State<Arc<Gate>>,
    caller: Caller,
    Path(name): Path<String>,
    Asked(filter): Asked<Filter>,
) -> Answer {
    let state = gate.state();
    let index = caller.tailnet(&state, &name)?;
    let tailnet = state.tailnets.get(index).ok_or_else(Refusal::not_found)?;
    let all = filter.all.unwrap_or(false);
    let now = state.now();
    let keys: Vec<Value> = tailnet
        .keys
        .iter()
        .filter(|key| caller.0.may(Right::Read(scope(key.kind))))
        .filter(|key| match &caller.0 {
            Actor::User { user, .. } => all || key.user == Some(*user),
            Actor::Client { .. } => all || key.kind == KeyKind::Client,
        })
        .map(|key| key_json(tailnet, key, now))
        .collect();
    Ok(json(&json!({ "keys": keys })))
}

/// Every credential may read its own key. Expired and revoked ones stay readable to others, with `invalid`.
pub async fn get(
    State(gate): State<Arc<Gate>>,
    caller: Caller,
    Path((name, id)): Path<(String, String)>,
) -> Answer {
    let state = gate.state();
    let index = caller.tailnet(&state, &name)?;
    let tailnet = state.tailnets.get(index).ok_or_else(Refusal::not_found)?;
    let key = tailnet.keys.iter().find(|key| key.id == id).ok_or_else(Refusal::not_found)?;
    let own = match &caller.0 {
        Actor::Client { key: own, .. } => *own == id,
        Actor::User { user, .. } => key.user == Some(*user),
    };
    if !own {
        caller.0.need(Right::Read(scope(key.kind)))?;
    }
    Ok(json(&key_json(tailnet, key, state.now())))
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct NewKey {
    #[serde(default)]
    key_type: Option<String>,
    #[serde(default)]
    description: String,
    #[serde(default)]
    expiry_seconds: Option<i64>,
    #[serde(default)]
    capabilities: Value,
}

const NINETY_DAYS: i64 = 90 * 24 * 60 * 60;

/// Auth keys only. A client has to give tags, of its own.
pub async fn create(
    State(gate): State<Arc<Gate>>,
    caller: Caller,
    Path(name): Path<String>,
    body: Bytes,
) -> Answer {
    let new: NewKey = parse(&body)?;
    if new.key_type.as_deref().is_some_and(|kind| kind != "auth") {
        return Err(Refusal::new(axum::http::StatusCode::NOT_IMPLEMENTED, "not implemented"));
    }
    caller.0.need(Right::Write("auth_keys"))?;
    let fine = |c: char| c.is_ascii_alphanumeric() || matches!(c, ' ' | '-');
    if new.description.len() > 50 || !new.description.chars().all(fine) {
        return Err(Refusal::bad_request("invalid description"));
    }
    let tags = new.capabilities.pointer("/devices/create/tags").and_then(Value::as_array);
    let tags: Vec<String> =
        tags.into_iter().flatten().filter_map(|tag| tag.as_str().map(Into::into)).collect();
    let user = match &caller.0 {
        Actor::User { tailnet, user, .. } => {
            let state = gate.state();
            let policy =
                state.tailnets.get(*tailnet).and_then(|home| policy_text::to_json(&home.policy).ok());
            let known = |tag: &String| policy.as_ref().is_some_and(|policy| has_tag(policy, tag));
            if !tags.iter().all(known) {
                return Err(Refusal::bad_request("requested tags are invalid or not permitted"));
            }
            Some(*user)
        }
        Actor::Client { tags: own, .. } => {
            if tags.is_empty() || !tags.iter().all(|tag| own.contains(tag)) {
                return Err(Refusal::bad_request("requested tags are invalid or not permitted"));
            }
            None
        }
    };
    let mut state = gate.state();
    let index = caller.tailnet(&state, &name)?;
    let now = state.now();
    let seconds = new.expiry_seconds.unwrap_or(NINETY_DAYS);
    if !(1..=NINETY_DAYS).contains(&seconds) {
        return Err(Refusal::bad_request("invalid expiry"));
    }
    let expires = now + SignedDuration::from_secs(seconds);
    let made = state.add_auth_key(index, user, new.description, expires, new.capabilities, tags);
    let made = made.ok_or_else(Refusal::not_found)?.clone();
    let tailnet = state.tailnets.get(index).ok_or_else(Refusal::not_found)?;
    let mut value = key_json(tailnet, &made, now);
    value["key"] = made.secret.into();
    Ok(json(&value))
}

pub async fn delete(
    State(gate): State<Arc<Gate>>,
    caller: Caller,
    Path((name, id)): Path<(String, String)>,
) -> Answer {
    let mut state = gate.state();
    let index = caller.tailnet(&state, &name)?;
    let tailnet = state.tailnets.get(index).ok_or_else(Refusal::not_found)?;
    let key = tailnet.keys.iter().find(|key| key.id == id);
    let kind = key.ok_or_else(|| Refusal::bad_request("invalid key ID"))?.kind;
    caller.0.need(Right::Write(scope(kind)))?;
    state.revoke(&id);
    Ok(().into_response())
}

/// Whether the policy says who owns this tag; one that nobody owns cannot be given.
fn has_tag(policy: &Value, tag: &str) -> bool {
    let sections = policy.as_object().into_iter().flatten();
    let mut owners = sections.filter(|(name, _)| name.eq_ignore_ascii_case("tagOwners"));
    owners.any(|(_, owners)| owners.get(tag).is_some())
}

fn scope(kind: KeyKind) -> &'static str {
    match kind {
        KeyKind::Api => "api_access_tokens",
        KeyKind::Client => "oauth_keys",
        KeyKind::Auth => "auth_keys",
    }
}

fn key_json(tailnet: &Tailnet, key: &Key, now: Timestamp) -> Value {
    let kind = match key.kind {
        KeyKind::Api => "api",
        KeyKind::Client => "client",
        KeyKind::Auth => "auth",
    };
    let mut value = json!({
        "id": key.id,
        "keyType": kind,
        "created": wire(key.created),
        "description": key.description,
        "scopes": key.scopes,
        "tags": key.tags,
        "userId": key.user.and_then(|user| tailnet.users.get(user)).map(|user| user.number.to_string()),
    });
    // A key without an end has none: an empty text is no time for the clients of others.
    if let Some(expires) = key.expires {
        value["expires"] = wire(expires).into();
        value["expirySeconds"] = expires.duration_since(key.created).as_secs().into();
    }
    if let Some(capabilities) = &key.capabilities {
        value["capabilities"] = capabilities.clone();
    }
    if let Some(revoked) = key.revoked {
        value["revoked"] = wire(revoked).into();
    }
    if !key.is_valid(now) {
        value["invalid"] = true.into();
    }
    value
}
