//! Who may do what: OAuth scopes, roles of people, and the usual refusals.

use axum::http::header::AUTHORIZATION;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use base64::Engine as _;
use serde_json::json;

/// Who is calling.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Actor {
    /// A token that an OAuth client minted.
    Client { tailnet: usize, key: String, scopes: Vec<String>, tags: Vec<String> },
    /// A person's access token.
    User { tailnet: usize, user: usize, role: String },
}

/// What a call needs.
#[derive(Clone, Copy, Debug)]
pub enum Right {
    Read(&'static str),
    Write(&'static str),
    /// Only people have it, with a role that may share.
    Share,
}

impl Actor {
    pub fn tailnet(&self) -> usize {
        match self {
            Self::Client { tailnet, .. } | Self::User { tailnet, .. } => *tailnet,
        }
    }

    pub fn is_person(&self) -> bool {
        matches!(self, Self::User { .. })
    }

    /// Whether it may: scopes as in "Trust credentials", roles as in "User roles".
    pub fn may(&self, right: Right) -> bool {
        match self {
            Self::Client { scopes, .. } => scopes.iter().any(|scope| scope_gives(scope, right)),
            Self::User { role, .. } => role_gives(role, right),
        }
    }

    /// As [`Self::may`], as the API says no.
    pub fn need(&self, right: Right) -> Result<(), Refusal> {
        if self.may(right) { Ok(()) } else { Err(Refusal::forbidden()) }
    }
}

fn scope_gives(held: &str, right: Right) -> bool {
    // The documentation spells the scope of invites in two ways.
    let same = |name: &str, wanted: &str| {
        name == wanted || name == "all" || wanted == "device_invites" && name == "devices_invites"
    };
    match right {
        Right::Read(wanted) => same(held.strip_suffix(":read").unwrap_or(held), wanted),
        Right::Write(wanted) => same(held, wanted),
        Right::Share => false,
    }
}

/// Whether people in this role may.
pub fn role_gives(role: &str, right: Right) -> bool {
    match (role, right) {
        ("owner" | "admin", _)
        | ("it-admin" | "network-admin" | "auditor", Right::Read(_))
        | ("it-admin", Right::Share) => true,
        ("it-admin", Right::Write(scope)) => scope != "policy_file",
        ("network-admin", Right::Write(scope)) => matches!(scope, "policy_file" | "devices:routes" | "dns"),
        _ => false,
    }
}

/// The secret of a request: `Bearer`, or `Basic` with the token as user name.
pub fn bearer(headers: &HeaderMap) -> Option<String> {
    let value = headers.get(AUTHORIZATION)?.to_str().ok()?;
    let (scheme, rest) = value.split_once(' ')?;
    match scheme.to_ascii_lowercase().as_str() {
        "bearer" => Some(rest.trim().to_owned()),
        "basic" => basic(headers).map(|(user, _)| user),
        _ => None,
    }
}

/// User name and password of `Basic`.
pub fn basic(headers: &HeaderMap) -> Option<(String, String)> {
    basic_of(headers.get(AUTHORIZATION)?.to_str().ok()?)
}

/// As [`basic`], of the header's value.
pub fn basic_of(value: &str) -> Option<(String, String)> {
    let (scheme, rest) = value.split_once(' ')?;
    if !scheme.eq_ignore_ascii_case("basic") {
        return None;
    }
    let bytes = base64::engine::general_purpose::STANDARD.decode(rest.trim()).ok()?;
    let text = String::from_utf8(bytes).ok()?;
    text.split_once(':').map(|(user, password)| (user.to_owned(), password.to_owned()))
}

/// How the API says no: `{"message"}`, for policies with `data`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    pub status: StatusCode,
    pub message: String,
    pub data: Option<serde_json::Value>,
}

impl Refusal {
    pub fn new(status: StatusCode, message: impl Into<String>) -> Self {
        Self { status, message: message.into(), data: None }
    }

    pub fn bad_request(message: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, message)
    }

    pub fn unauthorised() -> Self {
        Self::new(StatusCode::UNAUTHORIZED, "API token invalid")
    }

    pub fn forbidden() -> Self {
        Self::new(
            StatusCode::FORBIDDEN,
            "calling actor does not have enough permissions to perform this function",
        )
    }

    pub fn not_found() -> Self {
        Self::new(StatusCode::NOT_FOUND, "not found")
    }

    pub fn not_manageable() -> Self {
        Self::new(StatusCode::NOT_FOUND, "no manageable device matching this ID found")
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        let body = match self.data {
            None => json!({ "message": self.message }),
            Some(data) => json!({ "message": self.message, "data": data }),
        };
        (self.status, axum::Json(body)).into_response()
    }
}
