//! Values without parts of their own: what is taken in each place, and the words for what is not.

use hujson::{Member, Object, Value};

use super::alias::{self, Alias};
use super::types::{Place, Types, mismatch};
use super::{ports, protocol as protocols};
use crate::duration::GoDuration;
use crate::error::PolicyError;
use crate::quote::quoted;
use crate::syntax::Dialect;

type Checked = Result<(), PolicyError>;

const OLD: Dialect = Dialect::Headscale028;

/// The text of a value that is read by its own rules, without white space around it.
fn text(value: &Value, place: Place) -> Result<String, PolicyError> {
    let text = value.as_str().ok_or_else(|| mismatch(value, place, None))?;
    Ok(text.trim().to_owned())
}

fn taken(value: &Value, place: Place, found: Result<(), String>) -> Checked {
    found.map_err(|why| mismatch(value, place, Some(&why)))
}

pub(super) fn string(value: &Value, place: Place) -> Checked {
    if value.is_null() { Ok(()) } else { text(value, place).map(|_| ()) }
}

pub(super) fn alias(dialect: Dialect, value: &Value, place: Place) -> Checked {
    let text = text(value, place)?;
    taken(value, place, kind(dialect, &text).map(|_| ()))
}

fn kind(dialect: Dialect, text: &str) -> Result<Alias, String> {
    Alias::of(text).ok_or_else(|| alias::no_kind(dialect, text, ["alias", "alias"], true))
}

/// The autogroups that there are, where the form of one is asked.
const AUTOGROUPS: [&str; 6] = [
    "autogroup:internet",
    "autogroup:member",
    "autogroup:nonroot",
    "autogroup:tagged",
    "autogroup:self",
    "autogroup:danger-all",
];

pub(super) fn destination(dialect: Dialect, value: &Value, place: Place) -> Checked {
    let text = text(value, place)?;
    let found = ports::destination(dialect, &text).and_then(|(host, _)| {
        let known = if dialect == OLD { AUTOGROUPS.split_at(5).0 } else { &AUTOGROUPS[..] };
        if kind(dialect, &host)? == Alias::Autogroup && !known.contains(&host.as_str()) {
            let start = if dialect == OLD { "AutoGroup is invalid, got:" } else { "invalid autogroup: got" };
            return Err(format!("{start} {}, must be one of [{}]", quoted(&host), known.join(" ")));
        }
        Ok(())
    });
    taken(value, place, found)
}

pub(super) fn port(dialect: Dialect, value: &Value, place: Place) -> Checked {
    let text = value.as_str().ok_or_else(|| mismatch(value, place, None))?;
    taken(value, place, ports::entry(dialect, &text).map(|_| ()))
}

pub(super) fn action(dialect: Dialect, value: &Value, place: Place) -> Checked {
    let text = text(value, place)?;
    if text == "accept" {
        return Ok(());
    }
    let name = quoted(&text);
    taken(
        value,
        place,
        Err(match dialect {
            OLD => format!("invalid action {name}, must be \"accept\""),
            _ => format!("action={name} is not supported: invalid ACL action"),
        }),
    )
}

/// An empty one is met later by the new version.
pub(super) fn ssh_action(dialect: Dialect, value: &Value, place: Place) -> Checked {
    let text = text(value, place)?;
    if matches!(text.as_str(), "accept" | "check") || (text.is_empty() && dialect != OLD) {
        return Ok(());
    }
    let name = quoted(&text);
    taken(
        value,
        place,
        Err(match dialect {
            OLD => format!("invalid SSH action {name}, must be one of: accept, check"),
            _ => format!("{name} is not a valid action"),
        }),
    )
}

/// Whatever is no text is read as it is written.
pub(super) fn protocol(dialect: Dialect, value: &Value, place: Place) -> Checked {
    let text = match value.as_str() {
        _ if value.is_null() => return Ok(()),
        Some(text) => text.trim().to_owned(),
        None => value.to_json().map(|json| json.to_string()).unwrap_or_default(),
    };
    taken(value, place, protocols::read(dialect, &text, true).map(|_| ()))
}

pub(super) fn ssh_sources(types: &Types, value: &Value, place: Place) -> Checked {
    ssh_aliases(types, value, place, "source", &[Alias::User, Alias::Group, Alias::Tag, Alias::Autogroup])
}

pub(super) fn ssh_destinations(types: &Types, value: &Value, place: Place) -> Checked {
    let known = [Alias::User, Alias::Tag, Alias::Autogroup, Alias::Host];
    ssh_aliases(types, value, place, "destination", &known)
}

fn ssh_aliases(types: &Types, value: &Value, place: Place, side: &str, known: &[Alias]) -> Checked {
    Types::list(value, Place { go: "[]v2.AliasEnc", ..place }, |item, path| {
        alias(types.dialect, item, Place { path, go: "v2.AliasEnc" })
    })?;
    let items = value.as_array().into_iter().flat_map(hujson::Array::elements);
    let mut kinds = items.filter_map(|item| Alias::of(item.as_str()?.trim()));
    let Some(kind) = kinds.find(|kind| !known.contains(kind)) else { return Ok(()) };
    let why = if (kind, side) == (Alias::Wildcard, "destination") {
        "wildcard (*) is not supported as SSH destination; use 'autogroup:member' for user-owned devices, \
         'autogroup:tagged' for tagged devices, or specific tags/users"
            .to_owned()
    } else if types.dialect == OLD {
        format!("alias {} is not supported for SSH {side}", kind.go())
    } else {
        format!("alias not supported for SSH {side}: {}", kind.go())
    };
    Err(mismatch(value, place, Some(&why)))
}

pub(super) fn period(value: &Value, place: Place) -> Checked {
    let text = text(value, place)?;
    if text == "always" || text.is_empty() {
        return Ok(());
    }
    taken(value, place, text.parse::<GoDuration>().map(|_| ()).map_err(|error| error.to_string()))
}

/// Whole numbers with units, the greatest first, each once: `1w2d`, `12h`, `1h30m`; or `0`.
pub(super) fn old_period(value: &Value, place: Place) -> Checked {
    let text = text(value, place)?;
    let mut units = ["y", "w", "d", "h", "m", "s", "ms"].iter();
    let (mut rest, mut fine) = (text.as_str(), !text.is_empty());
    while fine && !rest.is_empty() && rest != "0" {
        let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
        let (number, tail) = rest.split_at(digits);
        let letters = tail.bytes().take_while(u8::is_ascii_alphabetic).count();
        let (unit, tail) = tail.split_at(letters);
        fine = !number.is_empty() && units.any(|known| *known == unit);
        rest = tail;
    }
    taken(
        value,
        place,
        if fine { Ok(()) } else { Err(format!("not a valid duration string: {}", quoted(&text))) },
    )
}

/// Somebody who may own a tag or approve a route: a user, a group or a tag.
pub(super) fn owner(dialect: Dialect, value: &Value, place: Place, words: [&str; 2]) -> Checked {
    let text = text(value, place)?;
    match Alias::of(&text) {
        Some(Alias::User | Alias::Group | Alias::Tag) => Ok(()),
        _ => taken(value, place, Err(alias::no_kind(dialect, &text, words, false))),
    }
}

pub(super) fn prefix(member: &Member, place: Place) -> Checked {
    let name = member.name();
    let words = |why: &str| Err(format!("netip.ParsePrefix({}): {why}", quoted(&name)));
    let found = match alias::prefix(&name) {
        _ if !name.contains('/') => words("no '/'"),
        Some(_) => Ok(()),
        None => words("ParseAddr: unable to parse IP"),
    };
    taken(member.name_value(), place, found)
}

pub(super) fn tag(dialect: Dialect, member: &Member, place: Place) -> Checked {
    let name = member.name();
    if name.starts_with("tag:") {
        return Ok(());
    }
    let must = if dialect == OLD { "has to start with \"tag:\"" } else { "must start with 'tag:'" };
    taken(member.name_value(), place, Err(format!("tag {must}, got: {}", quoted(&name))))
}

/// The first fault of the groups; names are told from the last one on.
pub(super) fn groups(dialect: Dialect, value: &Value) -> Result<(), String> {
    let old = dialect == OLD;
    let mut groups: Vec<&Member> = value.as_object().into_iter().flat_map(Object::members).collect();
    groups.sort_by(|a, b| b.name().cmp(&a.name()));
    for group in groups {
        let name = group.name();
        if !name.starts_with("group:") {
            let got = quoted(&name);
            return Err(if old {
                format!("Group has to start with \"group:\", got: {got}")
            } else {
                format!("group must start with 'group:', got: {got}")
            });
        }
        let members = group.value().as_array().into_iter().flat_map(hujson::Array::elements);
        for member in members.filter_map(Value::as_str) {
            let (name, member) = (quoted(&name), member.trim());
            if member.contains('@') {
                continue;
            }
            let shown = quoted(member);
            return Err(match (member.starts_with("group:"), old) {
                (true, true) => format!("Nested groups are not allowed, found {shown} inside {name}"),
                (true, false) => format!("groups[{name}]: {shown}: group members cannot be recursive"),
                (false, true) => format!("Username has to contain @, got: {shown}"),
                (false, false) => format!("username must contain @, got: {shown}"),
            });
        }
    }
    Ok(())
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
        if !alias::is_prefix(address.trim()) {
            let address = quoted(&address);
            return Err(match dialect {
                OLD => format!("Hostname {name} contains an invalid IP address: {address}"),
                _ => format!("hostname contains invalid IP address: hostname {name} address {address}"),
            });
        }
    }
    Ok(())
}
