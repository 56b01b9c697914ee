//! Auth keys and OAuth clients, which are keys here as well. API keys are not among them.

use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

use super::id;
use super::scopes::{covers, may, need};
use crate::headscale::fields::{Field, Kind, field, required};
use crate::headscale::ids::{shown, time_or_year_one};
use crate::headscale::refusal::Refusal;
use crate::headscale::routes::{Answer, Call, texts};
use crate::headscale::state::{Actor, OauthClient, PreAuthKey};
use crate::headscale::verdict;
use crate::headscale::wire::Reply;

/// What a new key may have.
pub const NEW: &[Field] = &[
    field("keyType", Kind::Text),
    field("description", Kind::Short(50)),
    field("expirySeconds", Kind::Integer),
    field("scopes", Kind::TextsOrNull),
    field("tags", Kind::TextsOrNull),
    field("capabilities", Kind::Object(&[required("devices", Kind::Object(DEVICES))])),
];
const DEVICES: &[Field] = &[required("create", Kind::Object(CREATE))];
const CREATE: &[Field] = &[
    required("reusable", Kind::Flag),
    required("ephemeral", Kind::Flag),
    required("preauthorized", Kind::Flag),
    field("tags", Kind::TextsOrNull),
];

const NINETY_DAYS: i64 = 90 * 24 * 60 * 60;

/// Only the kinds that the credential may see, without a refusal.
pub fn list(call: &mut Call<'_>) -> Answer {
    let (auth, oauth) = (may(&call.actor, "auth_keys:read"), may(&call.actor, "oauth_keys:read"));
    let keys = call.server.preauth_keys.iter().filter(|_| auth).map(|key| auth_json(key, call.now));
    let clients = call.server.clients.iter().filter(|_| oauth).map(client_json);
    Ok(Reply::json(&json!({ "keys": keys.chain(clients).collect::<Vec<_>>() })))
}

pub fn get(call: &mut Call<'_>) -> Answer {
    if may(&call.actor, "oauth_keys:read")
        && let Some(client) = call.server.clients.iter().find(|client| client.id == call.param(1))
    {
        return Ok(Reply::json(&client_json(client)));
    }
    need(&call.actor, "auth_keys:read")?;
    let id = id(call, 1).ok_or_else(not_found)?;
    let key = call.server.preauth_keys.iter().find(|key| key.id == id);
    let unknown = || Refusal::v2_cause(404, "looking up auth key", "record not found");
    Ok(Reply::json(&auth_json(key.ok_or_else(unknown)?, call.now)))
}

/// A key stays, as revoked; a client is gone, and its tokens are good for nothing.
pub fn delete(call: &mut Call<'_>) -> Answer {
    let wanted = call.param(1).to_owned();
    if may(&call.actor, "oauth_keys") && call.server.clients.iter().any(|client| client.id == wanted) {
        call.server.clients.retain(|client| client.id != wanted);
        return Ok(Reply::done());
    }
    need(&call.actor, "auth_keys")?;
    let id = id(call, 1).ok_or_else(not_found)?;
    let now = call.now;
    let unknown = || Refusal::v2_cause(404, "revoking auth key", "auth-key not found: record not found");
    let mut keys = call.server.preauth_keys.iter_mut();
    let key = keys.find(|key| key.id == id && key.revoked.is_none()).ok_or_else(unknown)?;
    key.revoked = Some(now);
    Ok(Reply::done())
}

fn not_found() -> Refusal {
    Refusal::v2(404, "auth key not found")
}

/// Whatever kind is asked for, only `client` is another one than an auth key.
pub fn create(call: &mut Call<'_>) -> Answer {
    if call.text("keyType") == "client" { create_client(call) } else { create_auth_key(call) }
}

fn create_client(call: &mut Call<'_>) -> Answer {
    need(&call.actor, "oauth_keys")?;
    let (mut scopes, tags) = (call.texts("scopes"), call.texts("tags"));
    if scopes.is_empty() {
        return Err(Refusal::v2(400, "an OAuth client must declare at least one scope"));
    }
    if let Actor::Token { scopes: held, .. } = &call.actor
        && let Some(scope) = scopes.iter().find(|scope| !covers(held, scope))
    {
        let words = format!("client may not be granted scope {scope} beyond the creating token");
        return Err(Refusal::v2(403, words));
    }
    let tagged = |scope: &String| matches!(scope.as_str(), "devices:core" | "auth_keys");
    if tags.is_empty() && scopes.iter().any(tagged) {
        return Err(Refusal::v2(400, "tags are required when scopes include devices:core or auth_keys"));
    }
    scopes.sort();
    let secret = call.server.secret("client");
    let client = OauthClient {
        id: shown(&secret, "client").unwrap_or_default(),
        secret: secret.clone(),
        scopes,
        tags,
        description: call.text("description").to_owned(),
        created: call.now,
    };
    let mut value = client_json(&client);
    value["key"] = secret.into();
    call.server.clients.push(client);
    Ok(Reply::json(&value))
}

fn create_auth_key(call: &mut Call<'_>) -> Answer {
    need(&call.actor, "auth_keys")?;
    let asked = call.body.get("capabilities").and_then(|all| all.pointer("/devices/create")).cloned();
    let asked = asked.unwrap_or_default();
    let tags = texts(asked.get("tags"));
    let user = owner(call, &tags)?;
    if let Some(tag) = tags.iter().find(|tag| !tag.starts_with("tag:")) {
        let words = format!("auth-key tag is invalid: '{tag}' did not begin with 'tag:'");
        return Err(Refusal::v2_cause(400, "creating auth key", words));
    }
    let seconds = call.body.get("expirySeconds").and_then(Value::as_i64).filter(|seconds| *seconds > 0);
    let lifetime = SignedDuration::from_secs(seconds.unwrap_or(NINETY_DAYS));
    let flag = |name: &str| asked.get(name).and_then(Value::as_bool).unwrap_or_default();
    let key = PreAuthKey {
        id: call.server.next_preauth_key(),
        user,
        secret: call.server.secret("auth"),
        reusable: flag("reusable"),
        ephemeral: flag("ephemeral"),
        used: false,
        expiration: call.now.checked_add(lifetime).ok(),
        created: call.now,
        revoked: None,
        tags,
        description: call.text("description").to_owned(),
    };
    let mut value = auth_json(&key, call.now);
    value["key"] = key.secret.clone().into();
    call.server.preauth_keys.push(key);
    Ok(Reply::json(&value))
}

/// Whose machines come in with the key: of a tagged one nobody's.
fn owner(call: &Call<'_>, tags: &[String]) -> Result<Option<u64>, Refusal> {
    match &call.actor {
        Actor::ApiKey { user: None } if tags.is_empty() => {
            Err(Refusal::v2(400, "an auth key without tags must be created with a user-owned API key"))
        }
        Actor::ApiKey { user } => Ok(user.filter(|_| tags.is_empty())),
        Actor::Token { .. } if tags.is_empty() => {
            Err(Refusal::v2(403, "an OAuth client must create tagged auth keys"))
        }
        Actor::Token { tags: own, .. } => {
            let known = verdict::tags_of(call.server.policy.in_force.as_deref().unwrap_or_default());
            if let Some(tag) = tags.iter().find(|tag| !known.contains(*tag)) {
                return Err(Refusal::v2(400, format!("tag {tag} is not defined in policy")));
            }
            match tags.iter().find(|tag| !own.contains(tag)) {
                Some(tag) => Err(Refusal::v2(403, format!("token may not assign tag {tag}"))),
                None => Ok(None),
            }
        }
    }
}

fn auth_json(key: &PreAuthKey, now: Timestamp) -> Value {
    let mut value = json!({
        "id": key.id.to_string(), "keyType": "auth", "created": key.created.to_string(),
        "expires": time_or_year_one(key.expiration), "invalid": !key.is_good(now),
        "capabilities": { "devices": { "create": {
            "reusable": key.reusable, "ephemeral": key.ephemeral, "preauthorized": true, "tags": key.tags,
        } } },
    });
    // Rounded, since the end was given in whole seconds and the beginning was not.
    let half = SignedDuration::from_millis(500);
    let lifetime = key.expiration.map(|end| (end.duration_since(key.created) + half).as_secs());
    if let Some(seconds) = lifetime.filter(|seconds| *seconds > 0) {
        value["expirySeconds"] = seconds.into();
    }
    if let Some(revoked) = key.revoked {
        value["revoked"] = revoked.to_string().into();
    }
    if !key.description.is_empty() {
        value["description"] = key.description.clone().into();
    }
    match key.user.filter(|_| key.tags.is_empty()) {
        Some(user) => value["userId"] = user.to_string().into(),
        None => value["tags"] = json!(key.tags),
    }
    value
}

fn client_json(client: &OauthClient) -> Value {
    let mut value = json!({
        "id": client.id, "keyType": "client", "created": client.created.to_string(), "invalid": false,
        "capabilities": { "devices": { "create": {
            "reusable": false, "ephemeral": false, "preauthorized": false, "tags": null,
        } } },
        "scopes": client.scopes,
    });
    if !client.tags.is_empty() {
        value["tags"] = json!(client.tags);
    }
    if !client.description.is_empty() {
        value["description"] = client.description.clone().into();
    }
    value
}
