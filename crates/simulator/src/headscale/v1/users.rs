//! Accounts.

use serde_json::{Value, json};

use super::{id_in_path, id_in_query, is_strict};
use crate::headscale::fields::{Field, Kind, field};
use crate::headscale::refusal::{Code, Refusal};
use crate::headscale::routes::{Answer, Call};
use crate::headscale::state::{NewUser, User};
use crate::headscale::wire::Reply;

/// What a new account may have.
pub const NEW: &[Field] = &[
    field("name", Kind::Text),
    field("displayName", Kind::Text),
    field("email", Kind::Text),
    field("pictureUrl", Kind::Text),
];

/// The first of id, name and mail that is asked for decides: name, then mail, then id.
pub fn list(call: &mut Call<'_>) -> Answer {
    let id = id_in_query(call, "id", "invalid id")?;
    let (name, email) = (call.query("name"), call.query("email"));
    let wanted = |user: &&User| match (&name, &email, id) {
        (Some(name), _, _) => user.name == *name,
        (None, Some(email), _) => user.email == *email,
        (None, None, Some(id)) => user.id == id,
        (None, None, None) => true,
    };
    let users: Vec<Value> = call.server.users.iter().filter(wanted).map(json_of).collect();
    Ok(Reply::json(&json!({ "users": users })))
}

pub fn create(call: &mut Call<'_>) -> Answer {
    let new = NewUser {
        name: call.text("name").to_owned(),
        display_name: call.text("displayName").to_owned(),
        email: call.text("email").to_owned(),
        picture: call.text("pictureUrl").to_owned(),
        provider_id: String::new(),
    };
    let known = |user: &User| !new.name.is_empty() && user.name == new.name;
    if is_strict(call) && call.server.users.iter().any(known) {
        return Err(Refusal::plain(Code::Internal, 409, "user already exists"));
    }
    let doing = match call.dialect() {
        crate::headscale::Dialect::V0_28 => "failed to create user",
        _ => "creating user",
    };
    let made = call.server.add_user(new, call.now).map_err(|cause| {
        let cause = format!("creating user: {cause}");
        Refusal::both(Code::Internal, 500, doing, cause)
    })?;
    Ok(Reply::json(&json!({ "user": json_of(made) })))
}

pub fn rename(call: &mut Call<'_>) -> Answer {
    let id = id_in_path(call, "old_id", "invalid user id")?;
    known(call, id, "renaming user")?;
    let name = call.param(1).to_owned();
    let renamed = call.server.rename_user(id, name).map_err(|cause| {
        Refusal::cause(Code::Unknown, 500, "renaming user", format!("updating user: {cause}"))
    })?;
    Ok(Reply::json(&json!({ "user": json_of(renamed) })))
}

pub fn delete(call: &mut Call<'_>) -> Answer {
    let id = id_in_path(call, "id", "invalid user id")?;
    known(call, id, "deleting user")?;
    if call.server.nodes.iter().any(|node| node.user == Some(id)) {
        let words = "user not empty: node(s) found";
        return Err(Refusal::cause(Code::Unknown, 400, "deleting user", words));
    }
    call.server.remove_user(id);
    Ok(Reply::done())
}

fn known(call: &Call<'_>, id: u64, doing: &str) -> Result<(), Refusal> {
    let unknown = || Refusal::cause(Code::Unknown, 404, doing, "user not found");
    call.server.user(id).map(drop).ok_or_else(unknown)
}

/// An account as v1 shows it.
pub fn json_of(user: &User) -> Value {
    json!({
        "id": user.id.to_string(),
        "name": user.name,
        "createdAt": user.created.to_string(),
        "displayName": user.display_name,
        "email": user.email,
        "providerId": user.provider_id,
        "provider": if user.provider_id.is_empty() { "" } else { "oidc" },
        "profilePicUrl": user.picture,
    })
}
