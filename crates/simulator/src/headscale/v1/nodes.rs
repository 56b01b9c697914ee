//! Machines.

use std::net::IpAddr;

use jiff::Timestamp;
use serde_json::{Value, json};

use super::{id_in_path, names, preauth_keys, users};
use crate::headscale::fields::{Field, Kind, field};
use crate::headscale::ids::{YEAR_ONE, time_or_year_one};
use crate::headscale::refusal::{Code, Refusal};
use crate::headscale::routes::{Answer, Call};
use crate::headscale::state::{Node, Server, is_exit};
use crate::headscale::wire::Reply;
use crate::headscale::{Dialect, verdict};

/// What 0.30 reads when a machine is to expire; released versions look at the query only.
pub const EXPIRE: &[Field] = &[field("expiry", Kind::Time), field("disableExpiry", Kind::Flag)];

/// A machine that never was.
pub const DEBUG: &[Field] = &[
    field("user", Kind::Text),
    field("key", Kind::Text),
    field("name", Kind::Text),
    field("routes", Kind::Texts),
];

/// Which routes an answer shows as in force.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Routes {
    /// A list.
    WithExit,
    /// The answer to an approval.
    Subnets,
    /// Every other single answer.
    None,
}

pub fn list(call: &mut Call<'_>) -> Answer {
    let user = match call.query("user").filter(|name| !name.is_empty()) {
        None => None,
        Some(name) => {
            let unknown = || Refusal::cause(Code::Unknown, 404, "listing nodes", "user not found");
            Some(call.server.user_named(&name).ok_or_else(unknown)?.id)
        }
    };
    let wanted = |node: &&Node| user.is_none_or(|user| node.user == Some(user));
    let nodes = call.server.nodes.iter().filter(wanted).map(|node| {
        let mut value = json_of(call.server, node, Routes::WithExit);
        if !node.tags.is_empty() {
            value["user"] = tagged_devices();
        }
        value
    });
    Ok(Reply::json(&json!({ "nodes": nodes.collect::<Vec<_>>() })))
}

pub fn get(call: &mut Call<'_>) -> Answer {
    let node = named(call)?;
    Ok(one(call.server, node, Routes::None))
}

pub fn delete(call: &mut Call<'_>) -> Answer {
    let id = named(call)?.id;
    call.server.nodes.retain(|node| node.id != id);
    Ok(Reply::done())
}

/// Logs a machine out now, or says when. Where a version does not look, a later date logs out now.
pub fn expire(call: &mut Call<'_>) -> Answer {
    let id = id_in_path(call, "node_id", "")?;
    let (dialect, now) = (call.dialect(), call.now);
    let (never, at) = match dialect {
        Dialect::V0_28 => (false, time_in_query(call)),
        Dialect::V0_29 => (call.query("disableExpiry").is_some_and(|on| on == "true"), time_in_query(call)),
        Dialect::V0_30 => (call.flag("disableExpiry"), call.time("expiry")),
    };
    if never && at.is_some() {
        return Err(Refusal::plain(Code::Invalid, 400, "cannot set both disable_expiry and expiry"));
    }
    let node = still_there(call, id, Code::Unknown, "expiring node")?;
    node.expiry = if never { None } else { Some(at.unwrap_or(now)) };
    Ok(single(call.server, id, Routes::None))
}

fn time_in_query(call: &Call<'_>) -> Option<Timestamp> {
    call.query("expiry")?.parse().ok()
}

pub fn rename(call: &mut Call<'_>) -> Answer {
    let id = id_in_path(call, "node_id", "")?;
    let name = call.param(1).to_owned();
    let doing = "renaming node";
    still_there(call, id, Code::Unknown, doing)?;
    give_name(call.server, id, &name)
        .map_err(|refused| refused.refusal(doing))
        .map(|()| single(call.server, id, Routes::None))
}

/// Why a machine cannot be called so.
pub enum BadName {
    Taken(String),
    Wrong(String),
}

impl BadName {
    /// v1 of every version.
    fn refusal(self, doing: &str) -> Refusal {
        match self {
            Self::Taken(words) => Refusal::cause(Code::Unknown, 400, doing, words),
            Self::Wrong(words) => {
                let strict = format!("given name is not a valid DNS label: {words}");
                Refusal::both(Code::Unknown, 400, doing, words).but_reason(strict)
            }
        }
    }

    /// In the words of v2.
    pub fn words(self) -> String {
        match self {
            Self::Taken(words) => words,
            Self::Wrong(words) => format!("given name is not a valid DNS label: {words}"),
        }
    }
}

/// Calls a machine something else.
pub fn give_name(server: &mut Server, id: u64, name: &str) -> Result<(), BadName> {
    names::check_given_name(server.dialect, name).map_err(BadName::Wrong)?;
    if server.nodes.iter().any(|node| node.id != id && node.given_name == name) {
        return Err(BadName::Taken(format!("node name is not unique: {name}")));
    }
    if let Some(node) = server.node_mut(id) {
        name.clone_into(&mut node.given_name);
    }
    Ok(())
}

pub fn tag(call: &mut Call<'_>) -> Answer {
    let id = id_in_path(call, "node_id", "")?;
    let tags = call.texts("tags");
    if tags.is_empty() {
        let words = "cannot remove all tags from a node - tagged nodes must have at least one tag";
        return Err(Refusal::plain(Code::Invalid, 400, words));
    }
    if let Some(words) = tags.iter().find_map(|tag| names::check_tag(tag).err()) {
        return Err(Refusal::cause(Code::Unknown, 400, "setting tags", words));
    }
    named(call)?;
    set_tags(call.server, id, tags)
        .map_err(|words| Refusal::cause(Code::Invalid, 400, "setting tags", words))?;
    Ok(single(call.server, id, Routes::None))
}

/// Gives a machine these tags and no others. Its user is not shown any more, but a list says who has it no more.
///
/// # Errors
/// Tags that the policy does not know.
pub fn set_tags(server: &mut Server, id: u64, mut tags: Vec<String>) -> Result<(), String> {
    let known = verdict::tags_of(server.policy.in_force.as_deref().unwrap_or_default());
    let unknown: Vec<&str> = tags.iter().filter(|tag| !known.contains(*tag)).map(String::as_str).collect();
    if !unknown.is_empty() {
        return Err(format!("requested tags [{}] are invalid or not permitted", unknown.join(" ")));
    }
    tags.sort();
    tags.dedup();
    if let Some(node) = server.node_mut(id) {
        node.tags = tags;
    }
    Ok(())
}

pub fn approve(call: &mut Call<'_>) -> Answer {
    let id = id_in_path(call, "node_id", "")?;
    let routes = call.texts("routes");
    let routes =
        read_routes(routes).map_err(|words| Refusal::both(Code::Unknown, 400, "parsing route", words))?;
    let dialect = call.dialect();
    let node = still_there(call, id, Code::Invalid, "setting approved routes")?;
    node.approved_routes = in_order(dialect, routes);
    Ok(single(call.server, id, Routes::Subnets))
}

/// Checks routes; an exit in one family is one in both.
///
/// # Errors
/// What is no prefix.
pub fn read_routes(routes: Vec<String>) -> Result<Vec<String>, String> {
    for route in &routes {
        let words = |what: &str| format!("netip.ParsePrefix(\"{route}\"): {what}");
        let (address, bits) = route.split_once('/').ok_or_else(|| words("no '/'"))?;
        let address: IpAddr = address.parse().map_err(|_| words("ParseAddr: unable to parse IP"))?;
        let most = if address.is_ipv4() { 32 } else { 128 };
        let bits = bits.parse::<u8>().ok().filter(|bits| *bits <= most);
        bits.ok_or_else(|| words("bad bits after slash"))?;
    }
    let mut routes = routes;
    if routes.iter().any(|route| is_exit(route)) {
        routes.extend(["0.0.0.0/0", "::/0"].map(Into::into));
    }
    Ok(routes)
}

/// 0.28 sorts by length of the prefix first, later ones by address.
pub fn in_order(dialect: Dialect, mut routes: Vec<String>) -> Vec<String> {
    let parts = |route: &String| -> Option<(IpAddr, u8)> {
        let (address, bits) = route.split_once('/')?;
        Some((address.parse().ok()?, bits.parse().ok()?))
    };
    routes.sort_by_key(|route| {
        let (address, bits) = parts(route)?;
        let first = if dialect == Dialect::V0_28 { bits } else { 0 };
        Some((address.is_ipv6(), first, address, bits))
    });
    routes.dedup();
    routes
}

pub fn backfill(call: &mut Call<'_>) -> Answer {
    if call.query("confirmed").is_none_or(|confirmed| confirmed != "true") {
        let words = "not confirmed, aborting";
        return Err(Refusal::cause(Code::Unknown, 400, "backfilling node IPs", words));
    }
    Ok(Reply::json(&json!({ "changes": [] })))
}

/// Shows a machine that nobody has; nothing is made.
pub fn debug(call: &mut Call<'_>) -> Answer {
    let mut node = Node::new(0, call.text("name"), call.now);
    node.user = call.server.user_named(call.text("user")).map(|user| user.id);
    node.available_routes = call.texts("routes");
    let mut value = json_of(call.server, &node, Routes::None);
    value["discoKey"] = format!("discokey:{}", "0".repeat(64)).into();
    value["ipAddresses"] = json!([]);
    value["givenName"] = "".into();
    value["online"] = false.into();
    value["registerMethod"] = "REGISTER_METHOD_UNSPECIFIED".into();
    for time in ["lastSeen", "expiry", "createdAt"] {
        value[time] = YEAR_ONE.into();
    }
    Ok(Reply::json(&json!({ "node": value })))
}

fn named<'a>(call: &'a Call<'_>) -> Result<&'a Node, Refusal> {
    let id = id_in_path(call, "node_id", "")?;
    call.server.node(id).ok_or_else(|| Refusal::plain(Code::NotFound, 404, "node not found"))
}

/// For calls that look for the machine only when they write it.
fn still_there<'a>(
    call: &'a mut Call<'_>,
    id: u64,
    code: Code,
    doing: &str,
) -> Result<&'a mut Node, Refusal> {
    let words = format!("node no longer exists in NodeStore: {id}");
    call.server.node_mut(id).ok_or_else(|| Refusal::cause(code, 404, doing, words))
}

/// The answer about one machine.
pub fn shown(server: &Server, id: u64) -> Reply {
    single(server, id, Routes::None)
}

fn single(server: &Server, id: u64, routes: Routes) -> Reply {
    server.node(id).map_or_else(Reply::done, |node| one(server, node, routes))
}

fn one(server: &Server, node: &Node, routes: Routes) -> Reply {
    Reply::json(&json!({ "node": json_of(server, node, routes) }))
}

fn json_of(server: &Server, node: &Node, routes: Routes) -> Value {
    let [machine, connections, disco] = &node.keys;
    let key = server.preauth_keys.iter().find(|key| Some(key.id) == node.preauth_key);
    // A machine with a user whose key never ends has year 1 in 0.28, where a key or a person let it in.
    let year_one = server.dialect == Dialect::V0_28 && node.tags.is_empty() && node.registered_by != "CLI";
    let in_force = match routes {
        Routes::WithExit => node.routes_in_force(true),
        Routes::Subnets => node.routes_in_force(false),
        Routes::None => Vec::new(),
    };
    json!({
        "id": node.id.to_string(),
        "machineKey": machine,
        "nodeKey": connections,
        "discoKey": disco,
        "ipAddresses": node.addresses(),
        "name": node.name,
        "user": node.user.and_then(|id| server.user(id)).map(users::json_of),
        "lastSeen": node.last_seen.to_string(),
        "expiry": node.expiry.map(|end| end.to_string()).or_else(|| year_one.then(|| time_or_year_one(None))),
        "preAuthKey": key.map(|key| preauth_keys::json_of(server, key, true)),
        "createdAt": node.created.to_string(),
        "registerMethod": format!("REGISTER_METHOD_{}", node.registered_by),
        "givenName": node.given_name,
        "online": node.online,
        "approvedRoutes": node.approved_routes,
        "availableRoutes": node.available_routes,
        "subnetRoutes": in_force,
        "tags": node.tags,
    })
}

/// Who lists show as the user of a machine with tags.
fn tagged_devices() -> Value {
    json!({
        "id": "2147455555", "name": "tagged-devices", "createdAt": YEAR_ONE, "displayName": "Tagged Devices",
        "email": "", "providerId": "", "provider": "", "profilePicUrl": "",
    })
}
