//! Bodies: which fields a call knows, and how each version reads them. The gateway is lenient as protobuf's JSON is, 0.30
//! checks everything against its schema.

use serde_json::{Map, Value, json};

use super::Dialect;
use super::refusal::{Code, Reason, Refusal};
use super::wire::Request;

/// What a field holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Text,
    /// Of at most this many letters.
    Short(usize),
    /// An unsigned number, as text; the gateway takes a number as well.
    Number,
    Integer,
    Time,
    Flag,
    Texts,
    /// As [`Kind::Texts`], `null` included.
    TextsOrNull,
    Object(&'static [Field]),
}

/// A field of a body.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Field {
    pub name: &'static str,
    pub kind: Kind,
    pub required: bool,
}

pub const fn field(name: &'static str, kind: Kind) -> Field {
    Field { name, kind, required: false }
}

pub const fn required(name: &'static str, kind: Kind) -> Field {
    Field { name, kind, required: true }
}

/// The largest message of gRPC.
const LARGEST_MESSAGE: usize = 4 * 1024 * 1024;
/// The largest body of 0.30.
pub const LARGEST_BODY: usize = 1024 * 1024;

/// Reads a body into its fields.
///
/// # Errors
/// What does not fit, in the words of the version.
pub fn read(
    dialect: Dialect,
    request: &Request,
    fields: &[Field],
    optional: bool,
) -> Result<Map<String, Value>, Refusal> {
    if dialect.has_gateway() { lenient(&request.body, fields) } else { strict(request, fields, optional) }
}

fn lenient(body: &[u8], fields: &[Field]) -> Result<Map<String, Value>, Refusal> {
    let invalid = |words: String| Refusal::plain(Code::Invalid, 400, words);
    if body.trim_ascii().is_empty() {
        return Ok(Map::new());
    }
    let value: Value = serde_json::from_slice(body).map_err(|error| invalid(error.to_string()))?;
    let Value::Object(members) = value else { return Err(invalid("proto: syntax error".into())) };
    let mut read = Map::new();
    for (name, value) in members.into_iter().filter(|(_, value)| !value.is_null()) {
        let Some(field) = fields.iter().find(|field| field.name == name || snake(field.name) == name) else {
            continue;
        };
        let value = converted(field, value)
            .ok_or_else(|| invalid(format!("proto: invalid value for field {name}")))?;
        read.insert(field.name.to_owned(), value);
    }
    let size = message_size(&read);
    if size > LARGEST_MESSAGE {
        let words = format!("grpc: received message larger than max ({size} vs. {LARGEST_MESSAGE})");
        return Err(Refusal::plain(Code::TooLarge, 413, words));
    }
    Ok(read)
}

/// The other spelling that protobuf takes.
fn snake(name: &str) -> String {
    let spelled = name
        .chars()
        .map(|c| if c.is_ascii_uppercase() { format!("_{}", c.to_ascii_lowercase()) } else { c.to_string() });
    spelled.collect()
}

fn converted(field: &Field, value: Value) -> Option<Value> {
    let fits = match field.kind {
        Kind::Text | Kind::Short(_) => value.is_string(),
        Kind::Number => {
            let text = value.as_u64().map(|number| number.to_string());
            let text = text.or_else(|| value.as_str().map(str::to_owned))?;
            return super::ids::parse(&text).is_ok().then(|| text.into());
        }
        Kind::Integer => value.is_i64(),
        Kind::Time => value.as_str().is_some_and(is_time),
        Kind::Flag => value.is_boolean(),
        Kind::Texts | Kind::TextsOrNull => {
            value.as_array().is_some_and(|items| items.iter().all(Value::is_string))
        }
        Kind::Object(_) => value.is_object(),
    };
    fits.then_some(value)
}

fn is_time(text: &str) -> bool {
    text.parse::<jiff::Timestamp>().is_ok()
}

/// How long the message would be in protobuf, as far as texts make it long.
fn message_size(read: &Map<String, Value>) -> usize {
    let texts = read.values().filter_map(Value::as_str).map(str::len);
    texts.map(|length| 1 + length.max(1).ilog2() as usize / 7 + 1 + length).sum()
}

fn strict(request: &Request, fields: &[Field], optional: bool) -> Result<Map<String, Value>, Refusal> {
    let body = &request.body;
    if body.len() > LARGEST_BODY {
        let words = format!("request body is too large limit={LARGEST_BODY} bytes");
        return Err(Refusal::plain(Code::TooLarge, 413, words));
    }
    if body.is_empty() {
        let missing = || Refusal::plain(Code::Invalid, 400, "request body is required");
        return if optional { Ok(Map::new()) } else { Err(missing()) };
    }
    let text = String::from_utf8_lossy(body);
    let misfit = |status, words: String, place: &str, value: Value| {
        Refusal::misfit(status, vec![Reason { words, place: Some((place.to_owned(), value)) }])
    };
    let kind = request.content_type.as_deref().map(|kind| kind.split(';').next().unwrap_or(kind).trim());
    if let Some(kind) = kind.filter(|kind| !kind.eq_ignore_ascii_case("application/json")) {
        return Err(misfit(415, format!("unknown content type: {kind}"), "body", json!(text)));
    }
    let value: Value = serde_json::from_str(&text).map_err(|error| {
        let words =
            if error.is_eof() { "unexpected end of JSON input".to_owned() } else { error.to_string() };
        misfit(400, words, "body", json!(text))
    })?;
    let Value::Object(members) = value else {
        return Err(misfit(422, "expected object".into(), "body", value));
    };
    let mut reasons = Vec::new();
    check(&members, fields, "body", &mut reasons);
    if reasons.is_empty() { Ok(members) } else { Err(Refusal::misfit(422, reasons)) }
}

fn check(members: &Map<String, Value>, fields: &[Field], place: &str, reasons: &mut Vec<Reason>) {
    let reason = |words: String, place: &str, value: &Value| Reason {
        words,
        place: Some((place.to_owned(), value.clone())),
    };
    let whole = Value::Object(members.clone());
    let mut missing: Vec<&Field> =
        fields.iter().filter(|field| field.required && !members.contains_key(field.name)).collect();
    missing.sort_by_key(|field| field.name);
    for field in missing {
        reasons.push(reason(
            format!("expected required property {} to be present", field.name),
            place,
            &whole,
        ));
    }
    for (name, value) in members {
        let within = format!("{place}.{name}");
        let Some(field) = fields.iter().find(|field| field.name == name) else {
            reasons.push(reason("unexpected property".into(), &within, &whole));
            continue;
        };
        if value.is_null() && !field.required {
            continue;
        }
        reasons.extend(misfit(field.kind, value).map(|words| reason(words, &within, value)));
        if let (Kind::Object(inner), Value::Object(members)) = (field.kind, value) {
            check(members, inner, &within, reasons);
        }
    }
}

/// What is wrong with a value; `None` if nothing is.
fn misfit(kind: Kind, value: &Value) -> Option<String> {
    let (fits, wanted) = match kind {
        Kind::Text | Kind::Number => (value.is_string(), "string"),
        Kind::Short(most) => match value.as_str() {
            Some(text) if text.chars().count() > most => return Some(format!("expected length <= {most}")),
            text => (text.is_some(), "string"),
        },
        Kind::Integer => (value.is_i64(), "integer"),
        Kind::Time => match value.as_str() {
            Some(text) if !is_time(text) => return Some("expected string to be RFC 3339 date-time".into()),
            text => (text.is_some(), "string"),
        },
        Kind::Flag => (value.is_boolean(), "boolean"),
        Kind::Texts => (value.is_array(), "array"),
        Kind::TextsOrNull => (value.is_array() || value.is_null(), "array"),
        Kind::Object(_) => (value.is_object(), "object"),
    };
    (!fits).then(|| format!("expected {wanted}"))
}
