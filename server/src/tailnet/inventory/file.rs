//! The form in which an inventory is stored and printed. It keeps what makes no network too, so that it can be said.

use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;

use policy::network::{Role, UserKind};
use serde::Serialize;

use super::Inventory;

#[derive(Serialize)]
pub(super) struct File<'a> {
    nodes: BTreeMap<String, Node<'a>>,
    users: Vec<User>,
}

#[derive(Serialize)]
struct Node<'a> {
    approved_routes: &'a [String],
    hostname: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    ipv4: Option<&'a IpAddr>,
    #[serde(skip_serializing_if = "Option::is_none")]
    ipv6: Option<&'a IpAddr>,
    routable_ips: &'a [String],
    shared_to: Vec<&'a str>,
    tags: &'a [String],
    #[serde(skip_serializing_if = "Option::is_none")]
    user: Option<String>,
}

#[derive(Serialize)]
struct User {
    email: String,
    id: i64,
    #[serde(skip_serializing_if = "String::is_empty")]
    mail: String,
    name: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    provider_id: String,
    role: Role,
    #[serde(rename = "type")]
    kind: UserKind,
}

impl<'a> File<'a> {
    pub(super) fn of(inventory: &'a Inventory) -> Self {
        let mut people = inventory.people();
        // Machines refer to people by name here, so of two with one name the later is known by the login.
        let mut taken = BTreeSet::new();
        for user in &mut people {
            if !taken.insert(user.name.clone()) {
                user.name = user.login.to_lowercase();
            }
        }
        let names: BTreeMap<String, &str> =
            people.iter().map(|user| (user.login.to_lowercase(), user.name.as_str())).collect();
        let node = |(name, device): (String, &'a control_plane::Device)| {
            let address = |v4: bool| device.addresses.iter().rev().find(|own| own.is_ipv4() == v4);
            let user = names.get(&device.user_login.to_lowercase()).map(|name| (*name).to_owned());
            let node = Node {
                approved_routes: &device.enabled_routes,
                hostname: &device.hostname,
                ipv4: address(true),
                ipv6: address(false),
                routable_ips: &device.advertised_routes,
                shared_to: inventory.shared_to.get(&name).into_iter().flatten().map(String::as_str).collect(),
                tags: &device.tags,
                user,
            };
            (name, node)
        };
        let nodes = inventory.own().into_iter().map(node).collect();
        let users = people.into_iter().map(|user| User {
            email: user.login,
            id: user.id,
            mail: user.mail,
            name: user.name,
            provider_id: user.provider_id,
            role: user.role,
            kind: user.kind,
        });
        Self { nodes, users: users.collect() }
    }
}
