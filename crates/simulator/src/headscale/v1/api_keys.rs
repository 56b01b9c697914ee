//! Keys for the API itself.

use serde_json::{Value, json};

use crate::headscale::fields::{Field, Kind, field};
use crate::headscale::ids::{masked, parse, time_or_year_one};
use crate::headscale::refusal::{Code, Refusal};
use crate::headscale::routes::{Answer, Call};
use crate::headscale::state::ApiKey;
use crate::headscale::wire::Reply;

/// How a key is named.
pub const NAMED: &[Field] = &[field("id", Kind::Number), field("prefix", Kind::Text)];

pub fn list(call: &mut Call<'_>) -> Answer {
    let keys = call.server.api_keys.iter().map(|key| {
        json!({
            "id": key.id.to_string(),
            "prefix": masked(&key.secret, "api"),
            "expiration": time_or_year_one(key.expiration),
            "createdAt": key.created.to_string(),
            "lastSeen": null,
        })
    });
    Ok(Reply::json(&json!({ "apiKeys": keys.collect::<Vec<Value>>() })))
}

/// Without an end it is dead from the start.
pub fn create(call: &mut Call<'_>) -> Answer {
    let secret = call.server.secret("api");
    let key = ApiKey {
        id: call.server.next_api_key(),
        secret: secret.clone(),
        expiration: call.time("expiration"),
        created: call.now,
        user: None,
    };
    call.server.api_keys.push(key);
    Ok(Reply::json(&json!({ "apiKey": secret })))
}

pub fn expire(call: &mut Call<'_>) -> Answer {
    let (id, prefix) = (call.text("id").to_owned(), call.text("prefix").to_owned());
    let now = call.now;
    let at = find(call, &id, &prefix)?;
    if let Some(key) = call.server.api_keys.get_mut(at) {
        key.expiration = Some(now);
    }
    Ok(Reply::done())
}

pub fn delete(call: &mut Call<'_>) -> Answer {
    let (id, prefix) = (call.query("id").unwrap_or_default(), call.param(0).to_owned());
    let at = find(call, &id, &prefix)?;
    call.server.api_keys.remove(at);
    Ok(Reply::done())
}

/// By id, by prefix, or by what lists show.
fn find(call: &Call<'_>, id: &str, prefix: &str) -> Result<usize, Refusal> {
    let wrong = |words: &str| Err(Refusal::plain(Code::Invalid, 400, words));
    match (id.is_empty(), prefix.is_empty()) {
        (true, true) => return wrong("must provide id or prefix"),
        (false, false) => return wrong("provide either id or prefix, not both"),
        _ => {}
    }
    let id = parse(id).ok();
    let same =
        |key: &ApiKey| Some(key.id) == id || key.prefix() == prefix || masked(&key.secret, "api") == prefix;
    let unknown = || Refusal::cause(Code::Unknown, 404, "getting api key", "record not found");
    call.server.api_keys.iter().position(same).ok_or_else(unknown)
}
