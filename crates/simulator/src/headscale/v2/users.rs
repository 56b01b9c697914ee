//! Accounts in Tailscale's words: all of them active members.

use jiff::Timestamp;
use serde_json::{Value, json};

use super::id;
use crate::headscale::ids::{YEAR_ONE, time_or_year_one};
use crate::headscale::refusal::Refusal;
use crate::headscale::routes::{Answer, Call};
use crate::headscale::state::{Server, User};
use crate::headscale::wire::Reply;

/// Any type or role but `member` is nobody's, `all` too.
pub fn list(call: &mut Call<'_>) -> Answer {
    let member = |name: &str| call.query(name).is_none_or(|wanted| wanted == "member");
    let all = member("type") && member("role");
    let users = call.server.users.iter().filter(|_| all).map(|user| json_of(call.server, user));
    Ok(Reply::json(&json!({ "users": users.collect::<Vec<_>>() })))
}

pub fn get(call: &mut Call<'_>) -> Answer {
    let id = id(call, 0).ok_or_else(|| Refusal::v2(404, "user not found"))?;
    // The largest number is read as -1, and so as nobody in particular.
    if id == u64::MAX {
        let mut nobody = shown("0", "0", "0", "", YEAR_ONE.into());
        nobody["lastSeen"] = YEAR_ONE.into();
        return Ok(Reply::json(&nobody));
    }
    let unknown = || Refusal::v2_cause(404, "looking up user", "user not found");
    let user = call.server.user(id).ok_or_else(unknown)?;
    Ok(Reply::json(&json_of(call.server, user)))
}

fn json_of(server: &Server, user: &User) -> Value {
    let nodes: Vec<_> = server.nodes.iter().filter(|node| node.user == Some(user.id)).collect();
    let seen: Option<Timestamp> = nodes.iter().map(|node| node.last_seen).max();
    let name = if user.display_name.is_empty() { user.login() } else { &user.display_name };
    let mut value = shown(&user.id.to_string(), name, user.login(), &user.picture, user.created.to_string());
    value["deviceCount"] = nodes.len().into();
    value["lastSeen"] = time_or_year_one(seen).into();
    value["currentlyConnected"] = nodes.iter().any(|node| node.online).into();
    value
}

fn shown(id: &str, name: &str, login: &str, picture: &str, created: String) -> Value {
    json!({
        "id": id, "displayName": name, "loginName": login, "profilePicUrl": picture, "tailnetId": "1",
        "created": created, "type": "member", "role": "member", "status": "active", "deviceCount": 0,
        "currentlyConnected": false,
    })
}
