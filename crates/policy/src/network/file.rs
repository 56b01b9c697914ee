//! The network file.

use std::collections::BTreeMap;

use serde::{Deserialize, Deserializer};

use super::{Network, NetworkError, Node, Role, User, UserKind, routes};

#[derive(Deserialize)]
struct NetworkFile {
    #[serde(default, deserialize_with = "or_default")]
    domains: Vec<String>,
    #[serde(default, deserialize_with = "or_default")]
    users: Vec<UserEntry>,
    #[serde(default, deserialize_with = "or_default")]
    nodes: BTreeMap<String, NodeEntry>,
}

#[derive(Deserialize)]
struct UserEntry {
    #[serde(default, deserialize_with = "or_default")]
    id: i64,
    name: String,
    #[serde(default, deserialize_with = "or_default")]
    email: String,
    /// Of an account whose login is another.
    #[serde(default, deserialize_with = "or_default")]
    mail: String,
    #[serde(default, deserialize_with = "or_default")]
    provider_id: String,
    #[serde(default, deserialize_with = "or_default")]
    role: Role,
    #[serde(default, rename = "type", deserialize_with = "or_default")]
    kind: UserKind,
}

#[derive(Deserialize)]
struct NodeEntry {
    #[serde(default, deserialize_with = "or_default")]
    ipv4: String,
    #[serde(default, deserialize_with = "or_default")]
    ipv6: String,
    #[serde(default, deserialize_with = "or_default")]
    tags: Vec<String>,
    #[serde(default, deserialize_with = "or_default")]
    user: String,
    #[serde(default, deserialize_with = "or_default")]
    routable_ips: Vec<String>,
    #[serde(default, deserialize_with = "or_default")]
    approved_routes: Vec<String>,
    #[serde(default, deserialize_with = "or_default")]
    shared_to: Vec<String>,
}

/// `null` counts as absent: the captures write null for empty lists.
fn or_default<'de, D: Deserializer<'de>, T: Deserialize<'de> + Default>(from: D) -> Result<T, D::Error> {
    Ok(Option::deserialize(from)?.unwrap_or_default())
}

impl Network {
    /// Reads a network file (strict JSON; unknown fields are ignored, null lists are empty).
    ///
    /// # Errors
    /// [`NetworkError`], which names the entry at fault.
    pub fn parse(text: &str) -> Result<Self, NetworkError> {
        // Derived readers would take a list for an object.
        if text.trim_start().starts_with('[') {
            return Err(NetworkError::Shape("expected an object".into()));
        }
        Self::from_file(serde_json::from_str(text).map_err(|e| NetworkError::Shape(e.to_string()))?)
    }

    /// As [`Self::parse`], from a value that was parsed before.
    ///
    /// # Errors
    /// As [`Self::parse`].
    pub fn from_value(value: serde_json::Value) -> Result<Self, NetworkError> {
        // Derived readers would take a list for an object.
        if !value.is_object() {
            return Err(NetworkError::Shape("expected an object".into()));
        }
        let file: NetworkFile =
            serde_json::from_value(value).map_err(|e| NetworkError::Shape(e.to_string()))?;
        Self::from_file(file)
    }

    fn from_file(file: NetworkFile) -> Result<Self, NetworkError> {
        let users = file.users.into_iter().map(user).collect::<Vec<_>>();
        let mut by_name = BTreeMap::new();
        for (index, user) in users.iter().enumerate() {
            if by_name.insert(user.name.clone(), index).is_some() {
                return Err(NetworkError::DuplicateUser(user.name.clone()));
            }
        }
        let nodes = file
            .nodes
            .into_iter()
            .map(|(name, entry)| node(name, entry, &by_name))
            .collect::<Result<Vec<_>, _>>()?;
        Self::new(file.domains, users, nodes)
    }
}

/// An account without a mail is called by its name, with an `@` behind it unless it has one.
fn user(entry: UserEntry) -> User {
    let UserEntry { id, name, email, mail, provider_id, role, kind } = entry;
    let login = match email.as_str() {
        "" if name.is_empty() || name.contains('@') => name.clone(),
        "" => format!("{name}@"),
        _ => email,
    };
    User { id, name, login, mail, provider_id, role, kind }
}

fn node(name: String, entry: NodeEntry, users: &BTreeMap<String, usize>) -> Result<Node, NetworkError> {
    let user = match entry.user.as_str() {
        "" => None,
        user => match users.get(user) {
            Some(index) => Some(*index),
            None => return Err(NetworkError::UnknownUser { node: name, user: entry.user }),
        },
    };
    Ok(Node {
        ipv4: address(&name, "ipv4", &entry.ipv4, "an IPv4 address")?,
        ipv6: address(&name, "ipv6", &entry.ipv6, "an IPv6 address")?,
        advertised: routes(&name, "routable_ips", &entry.routable_ips)?,
        approved: routes(&name, "approved_routes", &entry.approved_routes)?,
        tags: entry.tags,
        user,
        shared_to: entry.shared_to,
        name,
    })
}

fn address<T: std::str::FromStr>(
    node: &str,
    field: &'static str,
    value: &str,
    expected: &'static str,
) -> Result<Option<T>, NetworkError> {
    if value.is_empty() {
        return Ok(None);
    }
    let wrong = |_| NetworkError::Address { node: node.into(), field, value: value.into(), expected };
    value.parse().map(Some).map_err(wrong)
}
