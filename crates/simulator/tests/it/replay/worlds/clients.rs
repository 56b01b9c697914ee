//! Clients of v2, their tokens, and keys as v2 lists them.

use simulator::headscale::world::{AccessToken, OauthClient, PreAuthKey};

use super::{list, number, text, texts, time};
use crate::replay::recording::Exchange;

/// The clients whose secrets or tokens are used; what each may is in the names of the exchanges.
pub fn clients(exchanges: &[Exchange]) -> Vec<OauthClient> {
    let client = |secret: String, scopes: &str, description: &str| OauthClient {
        secret,
        scopes: vec![scopes.into()],
        tags: vec!["tag:game".into()],
        description: description.into(),
    };
    let secret_in = |name: &str| -> String {
        let exchange = exchanges.iter().find(|exchange| exchange.name == name).expect("it was recorded");
        let body = exchange.request.body.as_str().expect("a form");
        let fields = url::form_urlencoded::parse(body.as_bytes()).find(|(name, _)| name == "client_secret");
        fields.expect("a secret").1.into_owned()
    };
    let made_up = |id: &str| format!("hskey-client-{id}-{}", "0".repeat(64));
    vec![
        client(secret_in("as our client asks"), "all", "acequia"),
        client(secret_in("scope beyond the client"), "auth_keys", ""),
        client(made_up("e14951d7596b"), "all", "scope all"),
        client(made_up("90f2fb8696d2"), "policy_file", ""),
        client(made_up("0a18db92916c"), "users:read", ""),
        client(made_up("0000000000a1"), "policy_file:read", ""),
        client(made_up("0000000000a2"), "users:read", ""),
        client(made_up("0000000000a3"), "auth_keys", ""),
    ]
}

pub fn tokens(exchanges: &[Exchange], clients: &[OauthClient]) -> Vec<AccessToken> {
    let used_in = |name: &str, id: &str| {
        let exchange = exchanges.iter().find(|exchange| exchange.name == name).expect("it was recorded");
        let secret = exchange.request.headers["Authorization"].strip_prefix("Bearer ").expect("a token");
        assert!(clients.iter().any(|client| client.secret.contains(id)));
        // One is over when the others are not.
        let end =
            if name == "devices with users:read" { "2026-11-28T18:00:00Z" } else { "2026-11-29T00:00:00Z" };
        AccessToken { secret: secret.into(), client: id.into(), expires: end.parse().ok() }
    };
    vec![
        used_in("write the policy with policy_file:read", "0000000000a1"),
        used_in("devices with users:read", "0000000000a2"),
        used_in("auth key with auth_keys, own tag", "0000000000a3"),
        used_in("own key with all", "e14951d7596b"),
        used_in("own key with policy_file", "90f2fb8696d2"),
        used_in("token before its client is deleted", "0a18db92916c"),
    ]
}

/// Keys that were there, as v2 lists them after one more was made.
pub fn keys(exchanges: &[Exchange]) -> Vec<PreAuthKey> {
    let listed = exchanges.iter().find(|exchange| exchange.name == "list keys with auth_keys");
    let keys = list(&listed.expect("it was recorded").answer.body, "keys");
    let before = keys.iter().filter(|key| key["id"] != "25");
    let keys = before.map(|key| {
        let asked = &key["capabilities"]["devices"]["create"];
        let user = match key["userId"].as_str() {
            Some("1") => Some("ana".to_owned()),
            Some(_) => Some("bruno".to_owned()),
            None => None,
        };
        PreAuthKey {
            id: number(key, "id"),
            user,
            reusable: asked["reusable"] == true,
            ephemeral: asked["ephemeral"] == true,
            used: key["invalid"] == true && key["revoked"].is_null(),
            expiration: time(key, "expires"),
            created: time(key, "created"),
            revoked: time(key, "revoked"),
            tags: texts(asked, "tags"),
            description: text(key, "description"),
            ..PreAuthKey::default()
        }
    });
    // The recording shows the first of them only.
    keys.chain([PreAuthKey { id: Some(24), ..PreAuthKey::default() }]).collect()
}
