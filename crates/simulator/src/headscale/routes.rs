//! Which call a request is, whether its credential is good, and what stands where nothing is.

use jiff::Timestamp;
use serde_json::{Map, Value};

use super::fields::{self, Field};
use super::refusal::{Code, Reason, Refusal, Shape};
use super::state::{Actor, Server};
use super::wire::{Reply, Request, decoded};
use super::{Dialect, v1, v2};
use crate::operation::Operation;

/// What a call answers.
pub type Answer = Result<Reply, Refusal>;

/// One call of the API.
pub struct Route {
    pub method: &'static str,
    pub pattern: &'static str,
    pub body: Body,
    /// What an access token needs; `None`: the call looks itself.
    pub scope: Option<&'static str>,
    pub since: Dialect,
    pub run: fn(&mut Call<'_>) -> Answer,
}

/// The body of a call.
#[derive(Clone, Copy)]
pub enum Body {
    /// None, or none that is looked at.
    None,
    /// JSON of these fields.
    Json(&'static [Field]),
    /// As [`Body::Json`], or nothing.
    Optional(&'static [Field]),
    /// As it is.
    Raw,
}

pub const fn route(
    method: &'static str,
    pattern: &'static str,
    body: Body,
    run: fn(&mut Call<'_>) -> Answer,
) -> Route {
    Route { method, pattern, body, scope: None, since: Dialect::V0_28, run }
}

impl Route {
    pub const fn needing(mut self, scope: &'static str) -> Self {
        self.scope = Some(scope);
        self
    }

    pub const fn since(mut self, dialect: Dialect) -> Self {
        self.since = dialect;
        self
    }
}

/// A call on its way.
pub struct Call<'a> {
    pub server: &'a mut Server,
    pub now: Timestamp,
    pub request: &'a Request,
    /// Texts of the path, decoded.
    pub path: Vec<String>,
    pub body: Map<String, Value>,
    pub actor: Actor,
}

impl Call<'_> {
    pub fn dialect(&self) -> Dialect {
        self.server.dialect
    }

    pub fn param(&self, at: usize) -> &str {
        self.path.get(at).map(String::as_str).unwrap_or_default()
    }

    pub fn query(&self, name: &str) -> Option<String> {
        let mut pairs = url::form_urlencoded::parse(self.request.query.as_bytes());
        pairs.find(|(other, _)| other == name).map(|(_, value)| value.into_owned())
    }

    pub fn text(&self, name: &str) -> &str {
        self.body.get(name).and_then(Value::as_str).unwrap_or_default()
    }

    pub fn flag(&self, name: &str) -> bool {
        self.body.get(name).and_then(Value::as_bool).unwrap_or_default()
    }

    pub fn texts(&self, name: &str) -> Vec<String> {
        texts(self.body.get(name))
    }

    pub fn time(&self, name: &str) -> Option<Timestamp> {
        self.text(name).parse().ok()
    }
}

/// A list of texts; what is none is left out.
pub fn texts(value: Option<&Value>) -> Vec<String> {
    let items = value.and_then(Value::as_array);
    items.into_iter().flatten().filter_map(|item| item.as_str().map(Into::into)).collect()
}

fn routes() -> impl Iterator<Item = &'static Route> {
    [v1::ROUTES, v2::ROUTES].into_iter().flatten()
}

/// A request with the call that it is.
pub struct Found {
    route: &'static Route,
    path: Vec<String>,
}

impl Found {
    /// By the name that faults and holds know it.
    pub fn operation(&self) -> Option<Operation> {
        Operation::named(self.route.method, self.route.pattern)
    }
}

/// Which call this is, if any.
pub fn find(dialect: Dialect, request: &Request) -> Option<Found> {
    let mut there = matching(dialect, &request.path);
    there.find(|found| found.route.method == request.method)
}

fn matching(dialect: Dialect, path: &str) -> impl Iterator<Item = Found> {
    // The gateway looks at the decoded path, 0.30 decodes what it has found.
    let path = if dialect.has_gateway() { decoded(path) } else { path.to_owned() };
    routes().filter(move |route| route.since <= dialect).filter_map(move |route| {
        let path = placed(dialect, route.pattern, &path)?;
        Some(Found { route, path })
    })
}

/// The texts in the path, where it is of this pattern.
fn placed(dialect: Dialect, pattern: &str, path: &str) -> Option<Vec<String>> {
    let (wanted, there): (Vec<&str>, Vec<&str>) = (pattern.split('/').collect(), path.split('/').collect());
    let last = there.last().is_some_and(|last| last.is_empty());
    if wanted.len() != there.len() || last && !dialect.has_gateway() {
        return None;
    }
    let mut texts = Vec::new();
    for (wanted, there) in wanted.iter().zip(&there) {
        if wanted.starts_with('{') {
            texts.push(if dialect.has_gateway() { (*there).to_owned() } else { decoded(there) });
        } else if wanted != there {
            return None;
        }
    }
    Some(texts)
}

/// What the server answers.
pub fn answer(server: &mut Server, request: &Request, now: Timestamp) -> Reply {
    let dialect = server.dialect;
    if dialect == Dialect::V0_28
        && let Some(clean) = clean(&request.path)
    {
        return Reply::bare(301).with("location", clean);
    }
    if let Some(reply) = super::v1::about::known_page(dialect, request) {
        return reply;
    }
    let is_v2 = request.path.starts_with("/api/v2/");
    let shape = match (dialect.has_gateway(), is_v2) {
        (true, _) => Shape::Gateway,
        (false, false) => Shape::Problem,
        (false, true) => Shape::Tailscale,
    };
    if dialect.has_gateway() {
        if let Some(reply) = nothing_here(dialect, request) {
            return reply;
        }
        if actor(server, request, now, false).is_none() {
            // Before the version below /api/v1/ is looked at.
            return Reply::new(401, "text/plain; charset=utf-8", "Unauthorized");
        }
        if !request.path.starts_with("/api/v1/") {
            return Reply::no_page();
        }
    }
    let Some(found) = find(dialect, request) else { return no_such_call(dialect, request) };
    let given = if found.route.pattern == v2::TOKEN { Some(Actor::ApiKey { user: None }) } else { None };
    let Some(actor) = given.or_else(|| actor(server, request, now, is_v2)) else {
        return unauthorised(shape);
    };
    run(server, request, now, found, actor).unwrap_or_else(|refusal| {
        let reply = refusal.reply(shape);
        v2::acl::named_as_asked(request, reply)
    })
}

fn run(server: &mut Server, request: &Request, now: Timestamp, found: Found, actor: Actor) -> Answer {
    let Found { route, path } = found;
    if let Some(scope) = route.scope {
        v2::scopes::need(&actor, scope)?;
    }
    if route.pattern.contains("{tailnet}") && path.first().is_some_and(|name| name != "-") {
        let nameless = path.first().is_some_and(String::is_empty);
        let place = Some(("path.tailnet".to_owned(), Value::from("")));
        let missing = Reason { words: "required path parameter is missing".into(), place };
        return Err(if nameless {
            Refusal::misfit(422, vec![missing])
        } else {
            Refusal::v2(404, "tailnet not found")
        });
    }
    let body = match route.body {
        Body::None | Body::Raw => Map::new(),
        Body::Json(fields) => fields::read(server.dialect, request, fields, false)?,
        // The gateway does not look at a body that may be missing.
        Body::Optional(_) if server.dialect.has_gateway() => Map::new(),
        Body::Optional(fields) => fields::read(server.dialect, request, fields, true)?,
    };
    (route.run)(&mut Call { server, now, request, path, body, actor })
}

/// What the credential of a request opens. Access tokens, and keys as user name of Basic, are for v2.
fn actor(server: &Server, request: &Request, now: Timestamp, is_v2: bool) -> Option<Actor> {
    let value = request.authorization.as_deref()?;
    if let Some(secret) = value.strip_prefix("Bearer ") {
        let secret = secret.trim();
        let token = || server.bearer_of(secret, now).filter(|_| is_v2);
        return server.holder(secret, now).or_else(token);
    }
    let (user, _) = crate::rights::basic_of(value).filter(|_| is_v2)?;
    server.holder(&user, now).or_else(|| server.bearer_of(&user, now))
}

fn unauthorised(shape: Shape) -> Reply {
    let words = if shape == Shape::Tailscale { "unauthorized" } else { "Unauthorized" };
    Refusal::plain(Code::Unknown, 401, words).reply(shape)
}

/// Outside of the API of 0.28 and 0.29.
fn nothing_here(dialect: Dialect, request: &Request) -> Option<Reply> {
    let path = request.path.as_str();
    match dialect {
        Dialect::V0_28 => (!path.starts_with("/api/v1/")).then(Reply::blank_page),
        _ => (path != "/api" && !path.starts_with("/api/")).then(Reply::no_page),
    }
}

/// The path is none of ours, or the method is not.
fn no_such_call(dialect: Dialect, request: &Request) -> Reply {
    let methods: Vec<&str> = matching(dialect, &request.path).map(|found| found.route.method).collect();
    if dialect.has_gateway() {
        let (code, words) = if methods.is_empty() {
            (Code::NotFound, "Not Found")
        } else {
            (Code::Unimplemented, "Method Not Allowed")
        };
        return Refusal::plain(code, 404, words).reply(Shape::Gateway);
    }
    if methods.is_empty() {
        return Reply::no_page();
    }
    // One line for each method.
    methods.into_iter().fold(Reply::bare(405), |reply, method| reply.adding("allow", method))
}

/// Where the router of 0.28 sends a path that is not clean.
fn clean(path: &str) -> Option<String> {
    let path = decoded(path);
    let mut parts: Vec<&str> = Vec::new();
    for part in path.split('/').filter(|part| !matches!(*part, "" | ".")) {
        if part == ".." {
            parts.pop();
        } else {
            parts.push(part);
        }
    }
    let ends = path.ends_with('/') && !parts.is_empty();
    let clean = format!("/{}{}", parts.join("/"), if ends { "/" } else { "" });
    (clean != path).then_some(clean)
}
