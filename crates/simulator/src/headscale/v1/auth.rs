//! Machines that wait at their sign-in address.

use crate::headscale::Dialect;
use crate::headscale::fields::{Field, Kind, field};
use crate::headscale::ids::{AUTH_ID, AUTH_PREFIX};
use crate::headscale::refusal::{Code, Refusal};
use crate::headscale::routes::{Answer, Call};
use crate::headscale::wire::Reply;

/// Whom to let in, as whose.
pub const REGISTER: &[Field] = &[field("user", Kind::Text), field("authId", Kind::Text)];
/// Whom an answer is about.
pub const ANSWER: &[Field] = &[field("authId", Kind::Text)];

pub fn register_by_query(call: &mut Call<'_>) -> Answer {
    let (user, id) = (call.query("user").unwrap_or_default(), call.query("key").unwrap_or_default());
    let_in(call, &user, &id)
}

pub fn register(call: &mut Call<'_>) -> Answer {
    let (user, id) = (call.text("user").to_owned(), call.text("authId").to_owned());
    let_in(call, &user, &id)
}

/// Is answered well, and has no effect on a machine that waits to come in.
pub fn approve(call: &mut Call<'_>) -> Answer {
    let id = call.text("authId");
    check(call.dialect(), id).map_err(|words| Refusal::both(Code::Invalid, 400, "invalid auth_id", words))?;
    if call.server.waiting.contains_key(id) {
        return Ok(Reply::done());
    }
    Err(Refusal::plain(Code::NotFound, 404, format!("no pending auth session for auth_id {id}")))
}

fn let_in(call: &mut Call<'_>, user: &str, id: &str) -> Answer {
    let doing = "registering node";
    check(call.dialect(), id).map_err(|words| Refusal::cause(Code::Unknown, 400, doing, words))?;
    let unknown = || Refusal::cause(Code::Unknown, 404, doing, "node not found in registration cache");
    let waiting = call.server.waiting.get(id).cloned();
    let nobody = || Refusal::both(Code::Unknown, 404, "looking up user", "user not found");
    let Some(user) = call.server.user_named(user).map(|user| user.id) else {
        return Err(waiting.map_or_else(unknown, |_| nobody()));
    };
    let name = waiting.ok_or_else(unknown)?;
    call.server.waiting.remove(id);
    let now = call.now;
    let node = call.server.add_node(&name, now, |node| {
        node.user = Some(user);
        // Its client has not come back yet.
        node.online = false;
        node.keys[2] = format!("discokey:{}", "0".repeat(64));
    });
    let id = node.id;
    Ok(super::nodes::shown(call.server, id))
}

fn check(dialect: Dialect, id: &str) -> Result<(), String> {
    if dialect == Dialect::V0_28 {
        let fits = id.len() == AUTH_ID;
        return if fits { Ok(()) } else { Err("registration ID must be 24 characters long".into()) };
    }
    if !id.starts_with(AUTH_PREFIX) {
        return Err(format!("auth ID has invalid prefix: expected prefix \"{AUTH_PREFIX}\""));
    }
    Ok(())
}
