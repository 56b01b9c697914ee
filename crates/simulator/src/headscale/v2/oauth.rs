//! Minting access tokens.

use serde_json::json;

use super::scopes::covers;
use crate::headscale::routes::{Answer, Call};
use crate::headscale::state::{AccessToken, TOKEN_LIFETIME};
use crate::headscale::wire::Reply;

/// The id of the client is not looked at: its secret holds it.
pub fn mint(call: &mut Call<'_>) -> Answer {
    let form = call.request.content_type.as_deref().is_some_and(|kind| kind.contains("form-urlencoded"));
    let field = |name: &str| {
        let mut pairs = url::form_urlencoded::parse(&call.request.body);
        let found = pairs.find(|(other, _)| other == name).map(|(_, value)| value.into_owned());
        found.filter(|value| form && !value.is_empty())
    };
    let basic = call.request.authorization.as_deref().and_then(crate::rights::basic_of);
    let secret = field("client_secret").or_else(|| basic.map(|(_, password)| password));
    let Some(secret) = secret.filter(|secret| !secret.is_empty()) else {
        return Ok(no(401, "invalid_client", "missing client credentials"));
    };
    if field("grant_type").is_some_and(|grant| grant != "client_credentials") {
        return Ok(no(400, "unsupported_grant_type", "only the client_credentials grant is supported"));
    }
    let Some(client) = call.server.clients.iter().find(|client| client.secret == secret) else {
        return Ok(no(401, "invalid_client", "invalid client credentials"));
    };
    let words = |name: &str| -> Vec<String> {
        field(name).unwrap_or_default().split_whitespace().map(Into::into).collect()
    };
    let mut scopes = words("scope");
    if let Some(scope) = scopes.iter().find(|scope| !covers(&client.scopes, scope)) {
        return Ok(no(400, "invalid_scope", &format!("scope {scope} is not granted to this client")));
    }
    let everything = client.scopes.iter().any(|scope| scope == "all");
    if let Some(tag) = words("tags").iter().find(|tag| !everything && !client.tags.contains(tag)) {
        return Ok(no(400, "invalid_target", &format!("tag {tag} is not granted to this client")));
    }
    if scopes.is_empty() {
        scopes.clone_from(&client.scopes);
    }
    let (client, scope) = (client.id.clone(), scopes.join(" "));
    let secret = call.server.secret("oauthtok");
    let expires = call.now.checked_add(TOKEN_LIFETIME).unwrap_or(call.now);
    call.server.tokens.push(AccessToken { secret: secret.clone(), client, scopes, expires });
    let token = json!({
        "access_token": secret, "token_type": "Bearer", "expires_in": TOKEN_LIFETIME.as_secs(), "scope": scope,
    });
    Ok(Reply::json(&token).with("cache-control", "no-store"))
}

fn no(status: u16, error: &str, words: &str) -> Reply {
    let body = json!({ "error": error, "error_description": words });
    Reply::new(status, "application/json", body.to_string()).with("cache-control", "no-store")
}
