//! `groups` and `hosts`, which the server reads whole before it tells a fault. It goes by no order there: of several faults
//! of one kind it tells now this one, now that one.

use hujson::{Member, Object, Value};

use super::alias;
use super::scalars::go_type;
use crate::quote::quoted;
use crate::syntax::Dialect;

const OLD: Dialect = Dialect::Headscale028;

/// The first fault of the groups: of their names, then of their kinds, then of their members.
pub(super) fn groups(dialect: Dialect, value: &Value) -> Result<(), String> {
    let members = || value.as_object().into_iter().flat_map(Object::members);
    if let Some(name) = members().map(Member::name).find(|name| !name.starts_with("group:")) {
        let got = quoted(&name);
        return Err(match dialect {
            OLD => format!("Group has to start with \"group:\", got: {got}"),
            _ => format!("group must start with 'group:', got: {got}"),
        });
    }
    members().try_for_each(|group| list(dialect, &quoted(&group.name()), group.value()))?;
    // Names are told from the last one on.
    let mut groups: Vec<&Member> = members().collect();
    groups.sort_by(|a, b| b.name().cmp(&a.name()));
    let all = || groups.iter().flat_map(|group| people(group).map(move |member| (group.name(), member)));
    let mut told = all().filter(|_| dialect != OLD);
    if let Some((name, member)) = told.find(|(_, member)| member.starts_with("group:")) {
        let (name, shown) = (quoted(&name), quoted(&member));
        return Err(format!("groups[{name}]: {shown}: group members cannot be recursive"));
    }
    let Some((name, member)) = all().find(|(_, member)| !member.contains('@')) else { return Ok(()) };
    let (name, shown) = (quoted(&name), quoted(&member));
    Err(match dialect {
        OLD if member.starts_with("group:") => {
            format!("Nested groups are not allowed, found {shown} inside {name}")
        }
        OLD => format!("Username has to contain @, got: {shown}"),
        _ => format!("username must contain @, got: {shown}"),
    })
}

fn people(group: &Member) -> impl Iterator<Item = String> + '_ {
    let items = group.value().as_array().into_iter().flat_map(hujson::Array::elements);
    items.filter_map(|item| Some(item.as_str()?.into_owned()))
}

/// A group is a list of texts.
fn list(dialect: Dialect, name: &str, value: &Value) -> Result<(), String> {
    let Some(items) = value.as_array() else {
        let got = match value.as_str() {
            Some(text) => format!("string: {}", quoted(&text)),
            None => go_type(value).to_owned(),
        };
        return Err(match dialect {
            OLD => format!("Group {name} value must be an array of users, got {got}"),
            _ => format!("group value must be an array of users: group {name} got {got}"),
        });
    };
    let Some(item) = items.elements().iter().find(|item| item.as_str().is_none()) else { return Ok(()) };
    let got = go_type(item);
    Err(match dialect {
        OLD => format!("Group {name} contains invalid member type, expected string but got {got}"),
        _ => format!("invalid group member type: group {name} expected string but got {got}"),
    })
}

pub(super) fn hosts(dialect: Dialect, value: &Value) -> Result<(), String> {
    for host in value.as_object().into_iter().flat_map(Object::members) {
        let name = quoted(&host.name());
        if host.name().contains(['@', ':']) {
            return Err(match dialect {
                OLD => format!("Hostname {name} is invalid"),
                _ => format!("invalid hostname: {name}"),
            });
        }
        let address = host.value().as_str().unwrap_or_default();
        if !alias::is_prefix(&address) {
            let address = quoted(&address);
            return Err(match dialect {
                OLD => format!("Hostname {name} contains an invalid IP address: {address}"),
                _ => format!("hostname contains invalid IP address: hostname {name} address {address}"),
            });
        }
    }
    Ok(())
}
