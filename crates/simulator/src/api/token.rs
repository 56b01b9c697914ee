//! `POST /oauth/token`.

use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::State;
use axum::http::HeaderMap;
use serde_json::json;

use super::{Answer, json};
use crate::gate::Gate;
use crate::rights::{Refusal, basic};
use crate::state::MINTED_LIFETIME;

/// Id and secret in the form or as `Basic`; `grant_type` may be absent.
pub async fn mint(State(gate): State<Arc<Gate>>, headers: HeaderMap, body: Bytes) -> Answer {
    let text = std::str::from_utf8(&body).map_err(|_| Refusal::bad_request("invalid form"))?;
    let fields: Vec<(String, String)> = form(text);
    let field = |name: &str| fields.iter().find(|(key, _)| key == name).map(|(_, value)| value.clone());
    if field("grant_type").is_some_and(|grant| grant != "client_credentials") {
        return Err(Refusal::bad_request("unsupported grant_type"));
    }
    let credentials = match (field("client_id"), field("client_secret")) {
        (Some(id), Some(secret)) => Some((id, secret)),
        _ => basic(&headers),
    };
    let (id, secret) = credentials.ok_or_else(Refusal::unauthorised)?;
    let scopes: Vec<String> = field("scope").unwrap_or_default().split_whitespace().map(Into::into).collect();
    let (token, scopes) = gate.state().mint(&id, &secret, &scopes).ok_or_else(Refusal::unauthorised)?;
    Ok(json(&json!({
        "access_token": token,
        "token_type": "Bearer",
        "expires_in": MINTED_LIFETIME.as_secs(),
        "scope": scopes.join(" "),
    })))
}

fn form(text: &str) -> Vec<(String, String)> {
    url::form_urlencoded::parse(text.as_bytes()).into_owned().collect()
}
