//! Device invites.

use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::response::IntoResponse;
use jiff::SignedDuration;
use serde::Deserialize;
use serde_json::{Value, json};

use super::caller::{Caller, parse};
use super::{Answer, json};
use crate::clock::wire;
use crate::gate::Gate;
use crate::rights::{Actor, Refusal, Right};
use crate::state::{Invite, State as World};

const SCOPE: &str = "device_invites";

/// A bare array, and `null` where it would be empty.
pub async fn list(State(gate): State<Arc<Gate>>, caller: Caller, Path(id): Path<String>) -> Answer {
    caller.0.need(Right::Read(SCOPE))?;
    let state = gate.state();
    let tailnet = caller.0.tailnet();
    let (_, device) = state.device(tailnet, &id).ok_or_else(Refusal::not_found)?;
    let invites: Vec<Value> = state
        .invites
        .iter()
        .filter(|invite| invite.tailnet == tailnet && invite.device == device.number)
        .map(|invite| invite_json(&state, invite))
        .collect();
    Ok(json(&if invites.is_empty() { Value::Null } else { Value::Array(invites) }))
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct NewInvite {
    #[serde(default)]
    multi_use: bool,
    #[serde(default)]
    allow_exit_node: bool,
    #[serde(default)]
    email: Option<String>,
}

/// People only: a client is refused whatever its scopes.
pub async fn create(
    State(gate): State<Arc<Gate>>,
    caller: Caller,
    Path(id): Path<String>,
    body: Bytes,
) -> Answer {
    caller.0.need(Right::Share)?;
    let new: Vec<NewInvite> = parse(&body)?;
    let mut state = gate.state();
    let (tailnet, sharer) = person(&caller.0)?;
    let device =
        state.device(tailnet, &id).map(|(_, device)| device.number).ok_or_else(Refusal::not_manageable)?;
    let made: Vec<Invite> = new
        .into_iter()
        .map(|new| {
            let email = new.email.filter(|email| !email.is_empty());
            state.add_invite(tailnet, device, sharer, new.multi_use, new.allow_exit_node, email)
        })
        .collect();
    Ok(json(&made.iter().map(|invite| invite_json(&state, invite)).collect()))
}

pub async fn get(State(gate): State<Arc<Gate>>, caller: Caller, Path(id): Path<String>) -> Answer {
    caller.0.need(Right::Read(SCOPE))?;
    let state = gate.state();
    let invite = find(&state, &caller, &id)?;
    Ok(json(&invite_json(&state, invite)))
}

pub async fn delete(State(gate): State<Arc<Gate>>, caller: Caller, Path(id): Path<String>) -> Answer {
    caller.0.need(Right::Write(SCOPE))?;
    let mut state = gate.state();
    let number = find(&state, &caller, &id)?.number;
    state.remove_invite(number);
    Ok(json(&json!({})))
}

/// Arrives without content type and body. At most once a minute, and only for invites sent by mail.
pub async fn resend(State(gate): State<Arc<Gate>>, caller: Caller, Path(id): Path<String>) -> Answer {
    caller.0.need(Right::Share)?;
    let mut state = gate.state();
    let now = state.now();
    let number = find(&state, &caller, &id)?.number;
    let found = state.invites.iter_mut().find(|invite| invite.number == number);
    let invite = found.ok_or_else(Refusal::not_found)?;
    let last = invite.last_email.ok_or_else(|| Refusal::bad_request("this invite was not sent by email"))?;
    if now.duration_since(last) < SignedDuration::from_mins(1) {
        return Err(Refusal::new(axum::http::StatusCode::TOO_MANY_REQUESTS, "too many requests"));
    }
    invite.last_email = Some(now);
    Ok(().into_response())
}

#[derive(Deserialize)]
struct Accept {
    invite: String,
}

/// For the person of the token. String ids and `profilePicURL` here, other than everywhere else.
pub async fn accept(State(gate): State<Arc<Gate>>, caller: Caller, body: Bytes) -> Answer {
    let body: Accept = parse(&body)?;
    let mut state = gate.state();
    let (invite, share) = state.accept(&caller.0, &body.invite)?;
    let owner = state.tailnets.get(share.tailnet).ok_or_else(Refusal::not_found)?;
    let (_, device) =
        state.device(share.tailnet, &share.device.to_string()).ok_or_else(Refusal::not_found)?;
    let profile = |tailnet: usize, user: usize| {
        let user = state.tailnets.get(tailnet).and_then(|tailnet| tailnet.users.get(user));
        user.map(|user| {
            json!({
                "id": user.number.to_string(), "displayName": user.name, "loginName": user.login, "profilePicURL": "",
            })
        })
    };
    Ok(json(&json!({
        "device": {
            "id": device.number.to_string(), "os": device.os, "name": device.hostname, "fqdn": device.fqdn(owner),
            "ipv4": device.ipv4, "ipv6": device.ipv6, "includeExitNode": invite.allow_exit_node,
        },
        "sharer": profile(invite.tailnet, invite.sharer),
        "acceptedBy": profile(share.recipient_tailnet, share.recipient),
    })))
}

fn person(actor: &Actor) -> Result<(usize, usize), Refusal> {
    match actor {
        Actor::User { tailnet, user, .. } => Ok((*tailnet, *user)),
        Actor::Client { .. } => Err(Refusal::forbidden()),
    }
}

fn find<'a>(state: &'a World, caller: &Caller, id: &str) -> Result<&'a Invite, Refusal> {
    let own = |invite: &&Invite| invite.tailnet == caller.0.tailnet() && invite.number.to_string() == id;
    state.invites.iter().find(own).ok_or_else(Refusal::not_found)
}

/// Numbers for ids; what is false or absent is left out.
fn invite_json(state: &World, invite: &Invite) -> Value {
    let tailnet = state.tailnets.get(invite.tailnet);
    let mut value = json!({
        "id": invite.number.to_string(),
        "created": format!("{:.9}", invite.created),
        "tailnetId": tailnet.map(|tailnet| tailnet.number),
        "deviceId": invite.device,
        "sharerId": tailnet.and_then(|tailnet| tailnet.users.get(invite.sharer)).map(|user| user.number),
        "inviteUrl": state.invite_url(invite),
        "accepted": invite.accepted_by.is_some(),
    });
    if invite.multi_use {
        value["multiUse"] = true.into();
    }
    if invite.allow_exit_node {
        value["allowExitNode"] = true.into();
    }
    if let (Some(email), Some(at)) = (&invite.email, invite.last_email) {
        value["email"] = email.as_str().into();
        value["lastEmailSentAt"] = wire(at).into();
    }
    let by = invite.accepted_by.and_then(|(tailnet, user)| state.tailnets.get(tailnet)?.users.get(user));
    if let Some(by) = by {
        value["acceptedBy"] = json!({ "id": by.number, "loginName": by.login, "profilePicUrl": "" });
    }
    value
}
