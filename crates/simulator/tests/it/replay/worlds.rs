//! What stood on the recorded servers when a group of exchanges began, and what happened to them in between. Machines,
//! accounts and keys that were there before are read off the first answers that show them.

mod clients;

use jiff::Timestamp;
use serde_json::Value;
use simulator::headscale::world::{ApiKey, Headscale, Node, PreAuthKey, User, Waiting};
use simulator::{Dialect, Simulator};

use super::recording::{Exchange, Recordings};

/// The policy of most groups.
pub const DUNES: &str = "// the network of the dunes\n{\n  \"groups\": {\"group:friends\": [\"bruno@\"]},\n  \"tagOwners\": {\n    \"tag:game\": [\"ana@\"],  // who may give it\n    \"tag:lan\":  [\"ana@\"],\n  },\n  \"acls\": [\n    {\"action\": \"accept\", \"src\": [\"*\"], \"dst\": [\"*:*\"]},\n  ],\n}\n";

const CLIENT: &str = "1.103.0-dev20260822-tde9ec7ee2";

/// The server that this exchange is the first one with.
pub fn begins(
    recordings: &Recordings,
    (version, dialect): (&str, Dialect),
    group: &str,
    exchanges: &[Exchange],
    at: usize,
) -> Option<Headscale> {
    let mut server = empty(dialect);
    let whole = |server: &mut Headscale| network(recordings, version, server);
    match (group, at) {
        ("v1-users" | "v1-health-and-version" | "v1-credentials" | "v1-apikeys", 0) => {}
        ("v1-users", 70) => {
            let last = &recordings.named(version, group, "list with the user that came in by OIDC")?;
            server.users = list(&last.answer.body, "users").iter().map(user).collect();
            for user in server.users.iter_mut().filter(|user| !user.provider_id.is_empty()) {
                user.name = "carla".into();
            }
            server.nodes = vec![Node { user: Some("bruno".into()), ..Node::default() }];
        }
        ("v1-policy" | "v2-acl", 0) => {
            server.users = ["ana", "bruno"].map(named).to_vec();
        }
        ("v1-preauthkeys", 0) => {
            server.users = vec![user(exchanges[0].answer.body.pointer("/preAuthKey/user")?)];
        }
        ("v1-preauthkeys", 32) => {
            let keys = list(&exchanges[32].answer.body, "preAuthKeys").to_vec();
            server.users = users_in(&keys);
            server.preauth_keys = keys.iter().map(preauth_key).collect();
        }
        ("v1-nodes", 0) => {
            take_nodes(&mut server, list(&exchanges[0].answer.body, "nodes"));
            server.policy = Some(DUNES.into());
            server.waiting = vec![waiting(recordings, version)?];
        }
        ("v1-auth-requests", 0) => {
            let last = &exchanges.last()?.answer.body["node"];
            let number = last["id"].as_str()?.parse::<u64>().ok()?;
            server.users = vec![user(&last["user"])];
            let user = Some(server.users[0].name.clone());
            server.nodes = vec![Node { id: Some(number - 1), name: "other".into(), user, ..Node::default() }];
            let id = exchanges[0].request.body["authId"].as_str()?.to_owned();
            server.waiting = vec![Waiting { id, name: last["name"].as_str()?.to_owned() }];
        }
        ("policy-in-file-mode", 0) => {
            server.policy = exchanges[0].answer.body["policy"].as_str().map(Into::into);
            server.policy_path = Some("/etc/headscale/policy.hujson".into());
        }
        ("policy-in-file-mode", _) if exchanges[at].name == "no path configured: get" => {
            server.policy_path = Some(String::new());
        }
        ("v2-devices" | "v2-users" | "v2-credentials" | "v2-settings" | "v2-what-is-not-there", 0) => {
            whole(&mut server);
        }
        ("v2-keys", 0) => {
            whole(&mut server);
            let last = recordings.named(version, "v1-preauthkeys", "list after use")?;
            server.preauth_keys = list(&last.answer.body, "preAuthKeys").iter().map(preauth_key).collect();
        }
        ("v2-oauth", 0) => {
            whole(&mut server);
            server.clients = clients::clients(exchanges);
            server.tokens = clients::tokens(exchanges, &server.clients);
            server.preauth_keys = clients::keys(exchanges);
        }
        ("v2-devices", 63) => {
            server.users = vec![
                named("ana"),
                User { email: "bruno@example.net".into(), ..named("bruno") },
                User { email: "carla@example.com".into(), ..named("carla") },
            ];
            server.nodes = [63, 64].map(|at| device(&exchanges[at].answer.body, &server.users)).to_vec();
        }
        ("v2-users", 19) => accounts_of_v2(&mut server, list(&exchanges[19].answer.body, "users")),
        _ => return None,
    }
    server.api_keys = api_keys(&exchanges[at..]);
    Some(server)
}

/// What happened to the server before this exchange, other than over its API.
pub fn meanwhile(simulator: &Simulator, version: &str, group: &str, exchange: &Exchange) {
    let policy = |text: Option<&str>| simulator.headscale_policy("server", text).expect("it is there");
    let leaves = |id| simulator.headscale_connects("server", id, false).expect("it is there");
    match (group, exchange.name.as_str()) {
        ("policy-in-file-mode", "get after the file was edited, no reload") => {
            policy(Some(
                "// kept in a file, edited\n{\"acls\": [{\"action\": \"accept\", \"src\": [\"*\"], \"dst\": [\"*:*\"]},],}\n",
            ));
        }
        ("policy-in-file-mode", "get after the file was broken") => policy(Some("{ \"acls\": [ ")),
        ("policy-in-file-mode", "get after the file is gone") => policy(None),
        ("v1-policy", "get after refusals") => policy(Some(DUNES)),
        ("v1-users", "list") if version != "0.30-dev" => {
            simulator.headscale_deletes_user("server", "big").expect("it is there");
        }
        // A machine that left is seen as connected for some seconds more.
        ("v1-nodes", "list unknown query") if version == "0.29.2" => leaves("6"),
        ("v1-nodes", "get bruno-old") => leaves("6"),
        ("v2-oauth", "expired token") => simulator.advance_clock(jiff::SignedDuration::from_hours(1)),
        _ => {}
    }
}

pub fn empty(version: Dialect) -> Headscale {
    Headscale {
        name: "server".into(),
        version,
        base_domain: "hs.example.com".into(),
        policy: None,
        policy_path: None,
        users: Vec::new(),
        nodes: Vec::new(),
        preauth_keys: Vec::new(),
        api_keys: Vec::new(),
        clients: Vec::new(),
        tokens: Vec::new(),
        waiting: Vec::new(),
    }
}

/// The network after the calls about machines, which v2 was recorded on.
pub fn network(recordings: &Recordings, version: &str, server: &mut Headscale) {
    let nodes = recordings.named(version, "v1-nodes", "list").expect("it was recorded");
    take_nodes(server, list(&nodes.answer.body, "nodes"));
    for node in &mut server.nodes {
        node.online = node.name != "bruno-old";
        CLIENT.clone_into(&mut node.client_version);
        // One of them came in anew in between.
        let seen = recordings.named(version, "v2-devices", &format!("get {}", node.name));
        if let (Some(seen), Some(keys)) = (seen, &mut node.keys) {
            keys[1] = text(&seen.answer.body, "nodeKey");
        }
    }
    let last = "list with the user that came in by OIDC";
    let users = recordings.named(version, "v1-users", last).expect("it was recorded");
    server.users = list(&users.answer.body, "users").iter().map(user).collect();
    for user in server.users.iter_mut().filter(|user| !user.provider_id.is_empty()) {
        user.name = "carla".into();
    }
    server.policy = Some(DUNES.into());
}

/// Keys that were good when they were used.
fn api_keys(exchanges: &[Exchange]) -> Vec<ApiKey> {
    let mut keys: Vec<ApiKey> = Vec::new();
    let good = exchanges.iter().filter(|exchange| exchange.answer.status != Some(401));
    for exchange in good {
        let secret =
            exchange.request.headers.get("Authorization").and_then(|value| value.strip_prefix("Bearer "));
        let secret = secret.map(str::trim).filter(|secret| secret.starts_with("hskey-api-"));
        if let Some(secret) = secret.filter(|secret| keys.iter().all(|key| key.secret != *secret)) {
            let user = exchange.name.contains("API key of ana").then(|| "ana".to_owned());
            keys.push(ApiKey { secret: secret.into(), expires: None, user });
        }
    }
    keys
}

fn list<'a>(body: &'a Value, name: &str) -> &'a [Value] {
    body[name].as_array().map(Vec::as_slice).unwrap_or_default()
}

fn text(value: &Value, name: &str) -> String {
    value[name].as_str().unwrap_or_default().to_owned()
}

fn texts(value: &Value, name: &str) -> Vec<String> {
    list(value, name).iter().filter_map(Value::as_str).map(Into::into).collect()
}

fn number(value: &Value, name: &str) -> Option<u64> {
    value[name].as_str()?.parse().ok()
}

/// A time that was set.
fn time(value: &Value, name: &str) -> Option<Timestamp> {
    value[name].as_str()?.parse().ok().filter(|time: &Timestamp| !time.to_string().starts_with("0001-"))
}

fn named(name: &str) -> User {
    User { name: name.into(), ..User::default() }
}

fn user(value: &Value) -> User {
    User {
        id: number(value, "id"),
        name: text(value, "name"),
        display_name: text(value, "displayName"),
        email: text(value, "email"),
        provider_id: text(value, "providerId"),
        picture: text(value, "profilePicUrl"),
        created: time(value, "createdAt"),
    }
}

/// The accounts that a list shows beside its entries, without the one of tagged machines.
fn users_in(entries: &[Value]) -> Vec<User> {
    let mut users: Vec<User> = Vec::new();
    for one in entries.iter().map(|entry| &entry["user"]).filter(|one| one["id"] != "2147455555") {
        if one.is_object() && users.iter().all(|user| user.id != number(one, "id")) {
            users.push(user(one));
        }
    }
    users
}

fn preauth_key(value: &Value) -> PreAuthKey {
    // The half that is not shown is nobody's business here.
    let secret = text(value, "key").replace("-***", &format!("-{}", "0".repeat(64)));
    PreAuthKey {
        id: number(value, "id"),
        user: value["user"]["name"].as_str().map(Into::into),
        secret,
        reusable: value["reusable"] == true,
        ephemeral: value["ephemeral"] == true,
        used: value["used"] == true,
        expiration: time(value, "expiration"),
        created: time(value, "createdAt"),
        tags: texts(value, "aclTags"),
        ..PreAuthKey::default()
    }
}

fn take_nodes(server: &mut Headscale, nodes: &[Value]) {
    server.users = users_in(nodes);
    for value in nodes {
        let key = &value["preAuthKey"];
        let id = number(key, "id");
        if key.is_object() && server.preauth_keys.iter().all(|key| key.id != id) {
            server.preauth_keys.push(preauth_key(key));
        }
        let addresses = texts(value, "ipAddresses");
        server.nodes.push(Node {
            id: number(value, "id"),
            name: text(value, "name"),
            given_name: Some(text(value, "givenName")),
            user: value["user"]["name"].as_str().filter(|name| *name != "tagged-devices").map(Into::into),
            tags: texts(value, "tags"),
            ipv4: addresses[0].parse().ok(),
            ipv6: addresses[1].parse().ok(),
            keys: Some(["machineKey", "nodeKey", "discoKey"].map(|name| text(value, name))),
            registered_by: text(value, "registerMethod").replace("REGISTER_METHOD_", ""),
            preauth_key: id,
            created: time(value, "createdAt"),
            expiry: time(value, "expiry"),
            last_seen: time(value, "lastSeen"),
            online: value["online"] == true,
            ephemeral: key["ephemeral"] == true,
            available_routes: texts(value, "availableRoutes"),
            approved_routes: texts(value, "approvedRoutes"),
            ..Node::default()
        });
    }
}

/// The machine that is let in at its sign-in address.
fn waiting(recordings: &Recordings, version: &str) -> Option<Waiting> {
    let exchange = recordings.named(version, "v1-nodes", "register a waiting node")?;
    let query = exchange.request.path.split("key=").nth(1).map(Into::into);
    let id = query.or_else(|| exchange.request.body["authId"].as_str().map(Into::into))?;
    Some(Waiting { id, name: text(&exchange.answer.body["node"], "name") })
}

/// A machine as v2 shows it.
fn device(value: &Value, users: &[User]) -> Node {
    let login = text(value, "user");
    let owner = users.iter().find(|user| user.email == login || user.name == login);
    Node {
        id: number(value, "id"),
        name: text(value, "hostname"),
        user: owner.map(|user| user.name.clone()),
        keys: Some([text(value, "machineKey"), text(value, "nodeKey"), String::new()]),
        created: time(value, "created"),
        expiry: time(value, "expires"),
        last_seen: time(value, "lastSeen"),
        online: value["lastSeen"].is_null(),
        client_version: text(value, "clientVersion"),
        ..Node::default()
    }
}

/// Accounts as v2 shows them, each with as many machines.
fn accounts_of_v2(server: &mut Headscale, users: &[Value]) {
    for value in users {
        let login = text(value, "loginName");
        let (name, email) = match login.split_once('@') {
            Some((name, _)) => (name.to_owned(), login.clone()),
            None => (login.clone(), String::new()),
        };
        let display_name = Some(text(value, "displayName")).filter(|display| *display != login);
        server.users.push(User {
            id: number(value, "id"),
            name: name.clone(),
            email,
            display_name: display_name.unwrap_or_default(),
            picture: text(value, "profilePicUrl"),
            created: time(value, "created"),
            ..User::default()
        });
        for machine in 0..value["deviceCount"].as_u64().unwrap_or_default() {
            server.nodes.push(Node {
                name: format!("{name}-{machine}"),
                user: Some(name.clone()),
                online: value["currentlyConnected"] == true,
                last_seen: time(value, "lastSeen"),
                ..Node::default()
            });
        }
    }
}
