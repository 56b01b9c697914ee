//! The policy file.

use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::http::header::{ACCEPT, CONTENT_TYPE, ETAG, IF_MATCH};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use base64::Engine as _;
use serde::Deserialize;
use serde_json::json;

use super::caller::{Asked, Caller};
use super::{Answer, json};
use crate::gate::Gate;
use crate::rights::{Refusal, Right};
use crate::state::{State as World, Tailnet};
use crate::{engine, policy_text};

const SCOPE: &str = "policy_file";

#[derive(Deserialize)]
pub struct Form {
    details: Option<String>,
}

/// JSON if it was asked for, HuJSON for everything else and for no `Accept` at all.
pub async fn get(
    State(gate): State<Arc<Gate>>,
    caller: Caller,
    Path(name): Path<String>,
    Asked(form): Asked<Form>,
    headers: HeaderMap,
) -> Answer {
    caller.0.need(Right::Read(SCOPE))?;
    let state = gate.state();
    let index = caller.tailnet(&state, &name)?;
    let tailnet = state.tailnets.get(index).ok_or_else(Refusal::not_found)?;
    if form.details.is_some_and(|details| details == "1" || details == "true") {
        let acl = base64::engine::general_purpose::STANDARD.encode(&tailnet.policy);
        return Ok(json(&json!({ "acl": acl, "warnings": [], "errors": null })));
    }
    file(tailnet, &headers)
}

/// Replaces the file: `If-Match` first, then whether it is one.
pub async fn set(
    State(gate): State<Arc<Gate>>,
    caller: Caller,
    Path(name): Path<String>,
    headers: HeaderMap,
    body: Bytes,
) -> Answer {
    caller.0.need(Right::Write(SCOPE))?;
    let text = text(&body)?;
    let mut state = gate.state();
    let index = caller.tailnet(&state, &name)?;
    let network = network(&state, index)?;
    let tailnet = state.tailnets.get_mut(index).ok_or_else(Refusal::not_found)?;
    if let Some(wanted) = headers.get(IF_MATCH) {
        let wanted = wanted.to_str().unwrap_or_default().trim().trim_matches('"');
        let holds = if wanted == "ts-default" {
            tailnet.untouched
        } else {
            wanted == tailnet.etag().trim_matches('"')
        };
        if !holds {
            return Err(Refusal::new(
                StatusCode::PRECONDITION_FAILED,
                "precondition failed, invalid old hash",
            ));
        }
    }
    engine::check(text, &network)?;
    tailnet.set_policy(text.to_owned());
    file(tailnet, &headers)
}

/// An array: tests against the file in force. Anything else: a candidate. Always 200 for what can be read.
pub async fn validate(
    State(gate): State<Arc<Gate>>,
    caller: Caller,
    Path(name): Path<String>,
    body: Bytes,
) -> Answer {
    caller.0.need(Right::Read(SCOPE))?;
    if body.is_empty() {
        return Err(Refusal::bad_request("unexpected end of JSON input"));
    }
    let text = text(&body)?;
    let state = gate.state();
    let index = caller.tailnet(&state, &name)?;
    let tailnet = state.tailnets.get(index).ok_or_else(Refusal::not_found)?;
    let network = network(&state, index)?;
    let verdict = if text.trim_start().starts_with('[') {
        engine::run_tests(text, &tailnet.policy, &network)
    } else {
        engine::check(text, &network)
    };
    match verdict {
        Ok(()) => Ok(json(&json!({}))),
        // What is wrong with the candidate is the answer to the question, not a failure to answer.
        Err(refusal) if refusal.status == StatusCode::BAD_REQUEST => {
            Ok((StatusCode::OK, Refusal { status: StatusCode::OK, ..refusal }).into_response())
        }
        Err(refusal) => Err(refusal),
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Subject {
    #[serde(rename = "type")]
    kind: String,
    preview_for: String,
}

pub async fn preview(
    State(gate): State<Arc<Gate>>,
    caller: Caller,
    Path(name): Path<String>,
    Asked(asked): Asked<Subject>,
    body: Bytes,
) -> Answer {
    caller.0.need(Right::Read(SCOPE))?;
    let text = text(&body)?;
    let state = gate.state();
    let index = caller.tailnet(&state, &name)?;
    let network = network(&state, index)?;
    let matches = engine::preview(text, &network, &asked.kind, &asked.preview_for)?;
    Ok(json(&json!({ "matches": matches, "type": asked.kind, "previewFor": asked.preview_for })))
}

fn text(body: &[u8]) -> Result<&str, Refusal> {
    std::str::from_utf8(body).map_err(|_| Refusal::bad_request("invalid UTF-8"))
}

fn network(state: &World, index: usize) -> Result<policy::Network, Refusal> {
    state.network(index).ok_or_else(|| Refusal::bad_request("the tailnet is too large for the policy engine"))
}

fn file(tailnet: &Tailnet, headers: &HeaderMap) -> Result<Response, Refusal> {
    let wants_json =
        headers.get(ACCEPT).is_some_and(|accept| accept.as_bytes().starts_with(b"application/json"));
    let etag = (ETAG, tailnet.etag());
    if wants_json {
        let view = policy_text::canonical(&tailnet.policy).map_err(Refusal::bad_request)?;
        return Ok(([etag], axum::Json(view)).into_response());
    }
    let hujson = (CONTENT_TYPE, "application/hujson".to_owned());
    Ok(([etag, hujson], tailnet.policy.clone()).into_response())
}
