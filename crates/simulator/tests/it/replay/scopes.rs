//! What each scope lets a client do over v2: the recorded table, call by call.

use serde_json::{Value, json};
use simulator::headscale::world::{AccessToken, Headscale, OauthClient};
use simulator::{Dialect, Simulator};

use super::raw::{Came, Sent, send};
use super::recording::Recordings;
use super::{serve, worlds};

const ID: &str = "0000000000aa";
const TOKEN: &str =
    "hskey-oauthtok-0000000000aa-0000000000000000000000000000000000000000000000000000000000000000";

#[tokio::test]
async fn a_scope_lets_do_what_it_let_do_at_the_real_server() {
    let Some(recordings) = Recordings::beside_the_vectors() else { return };
    let table = recordings.json("0.30-dev", "v2-scopes");
    let network = network(&recordings);
    let mut wrong = Vec::new();
    let mut asked = 0;
    for (scope, calls) in table["scopes"].as_object().expect("a table") {
        for (name, recorded) in calls.as_object().expect("calls") {
            // A server for each, since some calls take away what the next one is about.
            let simulator = server(&network, scope).await;
            let came =
                send(&simulator.headscale_url("server").expect("it is there"), &call(name, scope)).await;
            let (status, words) = (recorded["status"].as_u64(), recorded["message"].as_str());
            let alike =
                status == Some(came.status.into()) && words.is_none_or(|words| said(name, &came) == words);
            if !alike {
                wrong.push(format!(
                    "{scope}, {name}: recorded {recorded}, came {} {}",
                    came.status, came.body
                ));
            }
            asked += 1;
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
    assert_eq!(asked, 16 * 27);
}

fn network(recordings: &Recordings) -> Headscale {
    let mut server = worlds::empty(Dialect::V0_30);
    worlds::network(recordings, "0.30-dev", &mut server);
    server
}

async fn server(network: &Headscale, scope: &str) -> Simulator {
    let client = OauthClient {
        secret: format!("hskey-client-{ID}-x"),
        scopes: vec![scope.into()],
        tags: vec!["tag:game".into()],
        description: String::new(),
    };
    let token = AccessToken { secret: TOKEN.into(), client: ID.into(), expires: None };
    serve(Headscale { clients: vec![client], tokens: vec![token], ..network.clone() }).await
}

/// The words of an answer; of a list of keys, which kinds are in it.
fn said(name: &str, came: &Came) -> String {
    let body: Value = serde_json::from_str(&came.body).unwrap_or_default();
    if name == "GET keys" && came.status == 200 {
        let kinds: std::collections::BTreeSet<&str> =
            body["keys"].as_array().into_iter().flatten().filter_map(|key| key["keyType"].as_str()).collect();
        let kinds: Vec<&str> = kinds.into_iter().collect();
        return format!("sees {}", if kinds.is_empty() { "none".to_owned() } else { kinds.join(",") });
    }
    let words = [&body["message"], &body["detail"]].into_iter().find_map(Value::as_str);
    words.unwrap_or_default().to_owned()
}

fn call(name: &str, scope: &str) -> Sent {
    let key = |tags: Value| {
        let create = json!({ "reusable": false, "ephemeral": false, "preauthorized": true, "tags": tags });
        Some(json!({ "keyType": "auth", "capabilities": { "devices": { "create": create } } }))
    };
    let client = |scope: &str| Some(json!({ "keyType": "client", "scopes": [scope], "tags": ["tag:game"] }));
    let tagged = |tag: &str| Some(json!({ "tags": [tag] }));
    let (tailnet, device) = ("/api/v2/tailnet/-", "/api/v2/device/2");
    let (path, body) = match name {
        "GET devices" => (format!("{tailnet}/devices"), None),
        "GET device" => (device.into(), None),
        "POST device name" => (format!("{device}/name"), Some(json!({ "name": "game-server" }))),
        "POST device tags (own tag)" => (format!("{device}/tags"), tagged("tag:game")),
        "POST device tags (other tag)" => (format!("{device}/tags"), tagged("tag:lan")),
        "POST device authorized" => (format!("{device}/authorized"), Some(json!({ "authorized": true }))),
        "POST device key" => (format!("{device}/key"), Some(json!({ "keyExpiryDisabled": true }))),
        "DELETE device (unknown id)" => ("/api/v2/device/999".into(), None),
        "GET device routes" => (format!("{device}/routes"), None),
        "POST device routes" => (format!("{device}/routes"), Some(json!({ "routes": [] }))),
        "GET acl" => (format!("{tailnet}/acl"), None),
        "POST acl" => (format!("{tailnet}/acl"), Some(json!({ "acls": [] }))),
        "GET users" => (format!("{tailnet}/users"), None),
        "GET user" => ("/api/v2/users/1".into(), None),
        "GET settings" => (format!("{tailnet}/settings"), None),
        "PATCH settings" => (format!("{tailnet}/settings"), Some(json!({ "devicesApprovalOn": true }))),
        "POST keys auth, own tag" => (format!("{tailnet}/keys"), key(json!(["tag:game"]))),
        "POST keys auth, other tag" => (format!("{tailnet}/keys"), key(json!(["tag:lan"]))),
        "POST keys auth, unknown tag" => (format!("{tailnet}/keys"), key(json!(["tag:nobodys"]))),
        "POST keys auth, no tags" => (format!("{tailnet}/keys"), key(json!([]))),
        "POST keys client, same scope" => (format!("{tailnet}/keys"), client(scope)),
        "POST keys client, scope all" => (format!("{tailnet}/keys"), client("all")),
        "GET keys" => (format!("{tailnet}/keys"), None),
        "GET key (auth)" => (format!("{tailnet}/keys/10"), None),
        "GET key (own client)" => (format!("{tailnet}/keys/{ID}"), None),
        "DELETE key (unknown id)" => (format!("{tailnet}/keys/999"), None),
        "v1 GET user" => ("/api/v1/user".into(), None),
        other => panic!("no such call is known: {other}"),
    };
    let method = name.strip_prefix("v1 ").unwrap_or(name).split(' ').next().expect("a method");
    let kind = body.as_ref().map(|_| ("Content-Type".to_owned(), "application/json".to_owned()));
    let token = ("Authorization".to_owned(), format!("Bearer {TOKEN}"));
    Sent {
        method: method.into(),
        path,
        headers: std::iter::once(token).chain(kind).collect(),
        body: body.map(|body| body.to_string()),
    }
}
