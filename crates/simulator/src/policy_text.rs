//! The policy file as text: is it one, its JSON view, its mark.

use serde_json::Value;
use sha2::{Digest, Sha256};

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

/// The `ETag` header: SHA-256 in hex and quotes, of the *formatted* file, as the real service's own pusher assumes. An
/// edit of white space alone does not change it.
pub fn etag(text: &str) -> String {
    let formatted = hujson::parse_str(text).map(|mut value| {
        value.format();
        value.pack()
    });
    let digest = Sha256::digest(formatted.as_deref().unwrap_or(text.as_bytes()));
    format!("\"{digest:x}\"")
}
