//! The policy file as text: is it one, its JSON view, its mark.

use axum::http::StatusCode;
use serde_json::Value;
use sha2::{Digest, Sha256};

use crate::rights::Refusal;
use crate::state::Tailnet;

/// The file of a new tailnet, as Tailscale's documentation quotes it, shortened.
pub const DEFAULT: &str = include_str!("../worlds/default-policy.hujson");

/// The file as JSON without comments.
///
/// # Errors
/// In the words that the API has for a file it cannot read.
pub fn to_json(text: &str) -> Result<Value, String> {
    let value = hujson::parse_str(text).map_err(|error| error.to_string())?;
    let json = value.to_json().map_err(|error| error.to_string())?;
    if json.is_object() { Ok(json) } else { Err("json: cannot unmarshal non-object into ACL".into()) }
}

/// The JSON view of the API: comments gone, members of groups sorted.
pub fn canonical(text: &str) -> Result<Value, String> {
    let mut json = to_json(text)?;
    let sections = json.as_object_mut().into_iter().flatten();
    for (_, groups) in sections.filter(|(name, _)| name.eq_ignore_ascii_case("groups")) {
        for (_, members) in groups.as_object_mut().into_iter().flatten() {
            if let Some(members) = members.as_array_mut() {
                members.sort_by(|a, b| a.as_str().cmp(&b.as_str()));
            }
        }
    }
    Ok(json)
}

/// The `ETag` header: the SHA-256 of the file, in hex and quotes.
pub fn etag(text: &str) -> String {
    let digest = Sha256::digest(text.as_bytes());
    format!("\"{digest:x}\"")
}

/// Whether the control plane would take the file.
pub fn check(text: &str, _tailnet: &Tailnet) -> Result<(), Refusal> {
    // Syntax only, until the policy engine is here: rules, names and tests are not looked at yet.
    to_json(text).map(drop).map_err(Refusal::bad_request)
}

/// Runs tests against the policy in force.
pub fn run_tests(_tests: &str, _tailnet: &Tailnet) -> Result<(), Refusal> {
    // Needs the policy engine.
    Err(Refusal::new(StatusCode::NOT_IMPLEMENTED, "not implemented"))
}

/// The rules that matter for a person or a destination.
pub fn preview(_text: &str, _tailnet: &Tailnet, _kind: &str, _whom: &str) -> Result<Value, Refusal> {
    // Needs the policy engine.
    Err(Refusal::new(StatusCode::NOT_IMPLEMENTED, "not implemented"))
}
