//! Values without parts of their own: what is taken in each place, and the words for what is not.

use hujson::{Member, Type, Value};

use super::alias::{self, Alias};
use super::types::{Place, Types, mismatch};
use super::{ports, protocol as protocols, refused};
use crate::duration::GoDuration;
use crate::error::{PolicyError, PolicyErrorKind};
use crate::quote::quoted;
use crate::syntax::Dialect;

type Checked = Result<(), PolicyError>;

const OLD: Dialect = Dialect::Headscale028;

/// The text of a name: null is an empty one.
fn text(value: &Value, place: Place) -> Result<String, PolicyError> {
    if value.is_null() {
        return Ok(String::new());
    }
    let text = value.as_str().ok_or_else(|| mismatch(value, Place { go: "string", ..place }, None))?;
    Ok(text.into_owned())
}

/// A value as it is written, without the quotes of a text.
fn written(value: &Value) -> String {
    match value.as_str() {
        Some(text) => text.into_owned(),
        None => value.to_json().map(|json| json.to_string()).unwrap_or_default(),
    }
}

/// As the server names what a value was read into.
pub(super) fn go_type(value: &Value) -> &'static str {
    match value.json_type() {
        Type::Null => "<nil>",
        Type::Bool => "bool",
        Type::Number => "float64",
        Type::String => "string",
        Type::Object => "map[string]interface {}",
        Type::Array => "[]interface {}",
    }
}

/// The text of a value that is nothing but one.
fn only_text(dialect: Dialect, value: &Value, place: Place) -> Result<String, PolicyError> {
    let why = match dialect {
        OLD => format!("type {} not supported", go_type(value)),
        _ => format!("type not supported: {}", go_type(value)),
    };
    let text = value.as_str().ok_or_else(|| mismatch(value, place, Some(&why)))?;
    Ok(text.into_owned())
}

fn taken(value: &Value, place: Place, found: Result<(), String>) -> Checked {
    found.map_err(|why| mismatch(value, place, Some(&why)))
}

pub(super) fn string(value: &Value, place: Place) -> Checked {
    if value.is_null() || value.as_str().is_some() { Ok(()) } else { Err(mismatch(value, place, None)) }
}

pub(super) fn alias(dialect: Dialect, value: &Value, place: Place) -> Checked {
    let text = text(value, place)?;
    taken(value, place, check_name(dialect, text.trim()))
}

/// Whether a text has the form of a name of somebody or something.
pub(crate) fn check_name(dialect: Dialect, text: &str) -> Result<(), String> {
    kind(dialect, text).map(|_| ())
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
    let text = only_text(dialect, value, place)?;
    taken(value, place, host_and_ports(dialect, &text))
}

/// Whether a text is a name with ports behind it.
pub(super) fn host_and_ports(dialect: Dialect, text: &str) -> Result<(), String> {
    let (host, _) = ports::destination(dialect, text)?;
    let known = if dialect == OLD { AUTOGROUPS.split_at(5).0 } else { &AUTOGROUPS[..] };
    if kind(dialect, &host)? == Alias::Autogroup && !known.contains(&host.as_str()) {
        let start = if dialect == OLD { "AutoGroup is invalid, got:" } else { "invalid autogroup: got" };
        return Err(format!("{start} {}, must be one of [{}]", quoted(&host), known.join(" ")));
    }
    Ok(())
}

pub(super) fn port(dialect: Dialect, value: &Value, place: Place) -> Checked {
    let text = only_text(dialect, value, place)?;
    taken(value, place, ports::entry(dialect, &text).map(|_| ()))
}

pub(super) fn action(dialect: Dialect, value: &Value, place: Place) -> Checked {
    let text = written(value);
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
    let text = written(value);
    let text = if dialect == OLD { text.as_str() } else { text.trim() };
    if matches!(text, "accept" | "check") || (text.is_empty() && dialect != OLD) {
        return Ok(());
    }
    let name = quoted(text);
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
    taken(value, place, protocols::read(dialect, &written(value), true).map(|_| ()))
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
    let text = written(value);
    if text == "always" {
        return Ok(());
    }
    taken(value, place, text.parse::<GoDuration>().map(|_| ()).map_err(|error| error.to_string()))
}

pub(super) fn old_period(value: &Value, place: Place) -> Checked {
    let kind = match value.json_type() {
        Type::Null | Type::String => None,
        kind => Some(kind.name()),
    };
    let found = match kind {
        Some(kind) => Err(format!("json: cannot unmarshal {kind} into Go value of type string")),
        None => old_duration(&text(value, place)?),
    };
    taken(value, place, found)
}

const OLD_UNITS: [&str; 7] = ["y", "w", "d", "h", "m", "s", "ms"];

/// Whole numbers with units, the greatest first, each once: `1w2d`, `12h`, `1h30m`; or `0`.
fn old_duration(text: &str) -> Result<(), String> {
    match text {
        "0" => return Ok(()),
        "" => return Err("empty duration string".to_owned()),
        _ => {}
    }
    let mut units = OLD_UNITS.iter();
    let mut rest = text;
    while !rest.is_empty() {
        let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
        let (number, tail) = rest.split_at(digits);
        let letters = tail.bytes().take_while(|byte| !byte.is_ascii_digit()).count();
        let (unit, tail) = tail.split_at(letters);
        let whole = !number.is_empty() && !unit.is_empty();
        if whole && !OLD_UNITS.contains(&unit) {
            return Err(format!("unknown unit {} in duration {}", quoted(unit), quoted(text)));
        }
        if !whole || !units.any(|known| *known == unit) {
            return Err(format!("not a valid duration string: {}", quoted(text)));
        }
        rest = tail;
    }
    Ok(())
}

/// Somebody who may own a tag or approve a route: a user, a group or a tag.
pub(super) fn owner(dialect: Dialect, value: &Value, place: Place, words: [&str; 2]) -> Checked {
    let text = text(value, place)?;
    match Alias::of(&text) {
        Some(Alias::User | Alias::Group | Alias::Tag) => Ok(()),
        _ => taken(value, place, Err(alias::no_kind(dialect, &text, words, false))),
    }
}

/// A prefix, of a name or of a text.
pub(super) fn prefix(value: &Value, place: Place) -> Checked {
    let name = value.as_str().ok_or_else(|| mismatch(value, place, None))?;
    taken(
        value,
        place,
        prefix_words(&name).map_err(|why| format!("netip.ParsePrefix({}): {why}", quoted(&name))),
    )
}

fn prefix_words(text: &str) -> Result<(), String> {
    let Some((address, length)) = text.rsplit_once('/') else { return Err("no '/'".to_owned()) };
    if address.parse::<std::net::IpAddr>().is_err() {
        return Err(format!("ParseAddr({}): unable to parse IP", quoted(address)));
    }
    let plain = length.len() < 2 || length.starts_with(|first: char| ('1'..='9').contains(&first));
    if !plain || length.is_empty() || !length.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(format!("bad bits after slash: {}", quoted(length)));
    }
    match alias::prefix(text) {
        Some(_) => Ok(()),
        None => Err("prefix length out of range".to_owned()),
    }
}

/// The new version asks for a letter behind the colon, in words of their own.
pub(super) fn tag(dialect: Dialect, member: &Member, place: Place) -> Checked {
    let name = member.name();
    if !name.starts_with("tag:") {
        let must = if dialect == OLD { "has to start with \"tag:\"" } else { "must start with 'tag:'" };
        return taken(member.name_value(), place, Err(format!("tag {must}, got: {}", quoted(&name))));
    }
    if dialect == OLD || is_tag(&name) {
        return Ok(());
    }
    let why = "tag names must start with a letter, after 'tag:'";
    let message = format!("parsing policy: tagOwners[{}]: {why}", quoted(&name));
    Err(refused(PolicyErrorKind::Invalid, message, Some(&member.name_value().span())))
}

/// A router of a grant.
pub(super) fn router(value: &Value) -> Checked {
    if value.as_str().is_some_and(|text| is_tag(&text)) {
        return Ok(());
    }
    let message = "parsing policy: via can only be a tag".to_owned();
    Err(refused(PolicyErrorKind::Invalid, message, Some(&value.span())))
}

fn is_tag(text: &str) -> bool {
    let first = text.strip_prefix("tag:").and_then(|name| name.bytes().next());
    first.is_some_and(|first| first.is_ascii_alphabetic())
}
