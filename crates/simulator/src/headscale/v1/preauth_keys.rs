//! Keys for new machines.

use serde_json::{Value, json};

use super::{id_in_query, is_strict, names, users};
use crate::headscale::fields::{Field, Kind, field};
use crate::headscale::ids::{masked, parse, time_or_year_one};
use crate::headscale::refusal::{Code, Refusal};
use crate::headscale::routes::{Answer, Call};
use crate::headscale::state::{PreAuthKey, Server};
use crate::headscale::wire::Reply;

/// What a new key may have.
pub const NEW: &[Field] = &[
    field("user", Kind::Number),
    field("reusable", Kind::Flag),
    field("ephemeral", Kind::Flag),
    field("expiration", Kind::Time),
    field("aclTags", Kind::Texts),
];

pub fn list(call: &mut Call<'_>) -> Answer {
    let keys: Vec<Value> =
        call.server.preauth_keys.iter().map(|key| json_of(call.server, key, true)).collect();
    Ok(Reply::json(&json!({ "preAuthKeys": keys })))
}

/// Tags are not looked up; a key without an end is dead from the start.
pub fn create(call: &mut Call<'_>) -> Answer {
    let doing = "creating pre-auth key";
    let id = Some(call.text("user")).filter(|text| !text.is_empty()).map(parse).transpose();
    let id = id.map_err(|words| Refusal::cause(Code::Invalid, 400, "invalid user id", words))?;
    let tags = call.texts("aclTags");
    if let Some(words) = tags.iter().find_map(|tag| names::check_tag(tag).err()) {
        return Err(Refusal::cause(Code::Invalid, 400, "invalid tag", words));
    }
    let user = match id.filter(|id| *id != 0) {
        None if tags.is_empty() => {
            let words = "auth-key must be either tagged or owned by user";
            return Err(Refusal::cause(Code::Unknown, 400, doing, words));
        }
        None => None,
        Some(id) => {
            let unknown = || Refusal::cause(Code::Unknown, 404, doing, "user not found");
            Some(call.server.user(id).ok_or_else(unknown)?.id)
        }
    };
    let key = PreAuthKey {
        id: call.server.next_preauth_key(),
        user,
        secret: call.server.secret("auth"),
        reusable: call.flag("reusable"),
        ephemeral: call.flag("ephemeral"),
        used: false,
        expiration: call.time("expiration"),
        created: call.now,
        revoked: None,
        tags,
        description: String::new(),
    };
    let answer = json!({ "preAuthKey": json_of(call.server, &key, false) });
    call.server.preauth_keys.push(key);
    Ok(Reply::json(&answer))
}

/// Released versions say nothing of a key that is not there.
pub fn expire(call: &mut Call<'_>) -> Answer {
    let id = parse(call.text("id")).unwrap_or_default();
    let (now, strict) = (call.now, is_strict(call));
    match call.server.preauth_keys.iter_mut().find(|key| key.id == id) {
        Some(key) => key.expiration = Some(now),
        None if strict => return Err(unknown("expiring pre-auth key")),
        None => {}
    }
    Ok(Reply::done())
}

pub fn delete(call: &mut Call<'_>) -> Answer {
    let id = id_in_query(call, "id", "invalid pre-auth key id")?;
    let before = call.server.preauth_keys.len();
    call.server.preauth_keys.retain(|key| Some(key.id) != id);
    if is_strict(call) && call.server.preauth_keys.len() == before {
        return Err(unknown("deleting pre-auth key"));
    }
    Ok(Reply::done())
}

fn unknown(doing: &str) -> Refusal {
    Refusal::cause(Code::Unknown, 404, doing, "auth-key not found: record not found")
}

/// A key as v1 shows it; lists keep the secret back.
pub fn json_of(server: &Server, key: &PreAuthKey, keep_back: bool) -> Value {
    json!({
        "user": key.user.and_then(|id| server.user(id)).map(users::json_of),
        "id": key.id.to_string(),
        "key": if keep_back { masked(&key.secret, "auth") } else { key.secret.clone() },
        "reusable": key.reusable,
        "ephemeral": key.ephemeral,
        "used": key.used,
        "expiration": time_or_year_one(key.expiration),
        "createdAt": key.created.to_string(),
        "aclTags": key.tags,
    })
}
