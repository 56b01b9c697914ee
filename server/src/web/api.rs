//! The public API: what hosts fetch by themselves. Errors are problem documents (RFC 9457).

use crate::hosts;
use crate::shares;
use app::fault::Fault;
use axum::Json;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum_extra::TypedHeader;
use axum_extra::headers::Authorization;
use axum_extra::headers::authorization::Bearer;
use model::{DeclaredTo, NodeId, ServiceKind};
use serde_json::json;

use super::Web;

/// The token of a node. One that cannot be read counts as none.
type Token = TypedHeader<Authorization<Bearer>>;

/// With which a host says whether its guard holds anything: [`model::host::Hold`].
const HOLD: &str = firewall::HOLD_HEADER;

/// `GET /api/v1/nodes/{id}/firewall/{backend}` with the token of that node. A wrong token and an unknown
/// node look the same.
pub async fn firewall(
    State(web): State<Web>,
    Path((node, backend)): Path<(String, String)>,
    token: Option<Token>,
    headers: HeaderMap,
) -> Response {
    let (Ok(node), Some(token)) = (node.parse::<NodeId>(), token) else { return unauthorised() };
    // A few at most: a host has one text in force.
    let known: Vec<String> = headers
        .get_all(header::IF_NONE_MATCH)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|list| list.split(','))
        .map(|one| one.trim().trim_start_matches("W/").trim_matches('"').to_owned())
        .take(4)
        .collect();
    // What is no word of ours is no word on the guard.
    let hold = headers.get(HOLD).and_then(|value| value.to_str().ok()).and_then(|word| word.parse().ok());
    let pulled = hosts::pulled(&web.state, node, token.token(), &backend, (&known, hold)).await;
    let (mark, text) = match pulled {
        Ok(pulled) => pulled,
        Err(fault @ Fault::Invalid(_)) => return problem(StatusCode::NOT_FOUND, &fault.to_string()),
        Err(fault) => return refused(&fault),
    };
    let same = known.iter().any(|one| *one == mark || one == "*");
    let mut response = if same {
        StatusCode::NOT_MODIFIED.into_response()
    } else {
        ([(header::CONTENT_TYPE, "text/plain; charset=utf-8")], text).into_response()
    };
    if let Ok(etag) = HeaderValue::from_str(&format!("\"{mark}\"")) {
        response.headers_mut().insert(header::ETAG, etag);
    }
    response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("private, no-cache"));
    response
}

/// `POST /api/v1/nodes/{id}/status` with the token of that node, if it may: the host tells which devices friends have.
pub async fn status(
    State(web): State<Web>,
    Path(node): Path<String>,
    token: Option<Token>,
    status: String,
) -> Response {
    let (Ok(node), Some(token)) = (node.parse::<NodeId>(), token) else { return unauthorised() };
    match hosts::told_status(&web.state, node, token.token(), &status).await {
        Ok(()) => StatusCode::NO_CONTENT.into_response(),
        Err(fault) => refused(&fault),
    }
}

/// `POST /api/v1/nodes/{id}/filter` with the token of that node, if it may: the host tells what its own client lets in.
pub async fn filter(
    State(web): State<Web>,
    Path(node): Path<String>,
    token: Option<Token>,
    filter: String,
) -> Response {
    let (Ok(node), Some(token)) = (node.parse::<NodeId>(), token) else { return unauthorised() };
    match shares::told_filter(&web.state, node, token.token(), &filter).await {
        Ok(()) => StatusCode::NO_CONTENT.into_response(),
        Err(fault) => refused(&fault),
    }
}

/// `PUT /api/v1/nodes/{id}/services` with the token of that node, if it may: all that its own configuration lists.
pub async fn services(
    State(web): State<Web>,
    Path(node): Path<String>,
    token: Option<Token>,
    services: String,
) -> Response {
    let (Ok(node), Some(token)) = (node.parse::<NodeId>(), token) else { return unauthorised() };
    match hosts::told_services(&web.state, node, token.token(), &services).await {
        Ok(listing) => {
            let base = web.state.config.base();
            let page = |(name, id)| (name, json!(format!("{base}{}", app::paths::service(id))));
            let services: serde_json::Map<_, _> = listing.services.into_iter().map(page).collect();
            Json(json!({ "services": services, "kept": listing.kept })).into_response()
        }
        Err(fault) => refused(&fault),
    }
}

/// `GET /api/v1/openapi.json`
pub async fn description(State(web): State<Web>) -> Json<serde_json::Value> {
    let text = |about: &str| json!({ "description": about, "content": { "text/plain": { "schema": { "type": "string" } } } });
    let words = |words: &[&'static str]| words.iter().copied().map(Some).chain([None]).collect::<Vec<_>>();
    let problem = |about: &str| json!({ "description": about, "content": { "application/problem+json": { "schema": { "type": "object" } } } });
    let parameter = |name: &str, about: &str| json!({ "name": name, "in": "path", "required": true, "description": about, "schema": { "type": "string" } });
    Json(json!({
        "openapi": "3.1.0",
        "info": { "title": "Acequia", "version": env!("CARGO_PKG_VERSION") },
        "servers": [{ "url": web.state.config.base() }],
        "components": { "securitySchemes": { "node": { "type": "http", "scheme": "bearer",
            "description": "the token of one node, made on its firewall page" } } },
        "paths": { "/api/v1/nodes/{id}/firewall/{backend}": { "get": {
            "summary": "The firewall text of one node, with all its shares",
            "security": [{ "node": [] }],
            "parameters": [
                parameter("id", "the node, as in the address of its page"),
                parameter("backend", "nftables, iptables, nixos-nftables, nixos-iptables, ufw, firewalld or windows"),
                json!({ "name": HOLD, "in": "header", "required": false, "schema": { "type": "string",
                    "enum": model::host::Hold::ALL.map(model::host::Hold::as_str) },
                    "description": "whether the guard that is in force on the host holds anything" }),
            ],
            "responses": {
                "200": text("the text, with an ETag"),
                "304": { "description": "as If-None-Match says: nothing new" },
                "401": problem("no token, a wrong one, or no such node"),
                "404": problem("no such kind of host"),
                "409": problem("no text can be made for this node as it is"),
            },
        } }, "/api/v1/nodes/{id}/status": { "post": {
            "summary": "The host tells which devices friends have: the output of tailscale status --json, at most a megabyte. Only friends' devices are kept.",
            "security": [{ "node": [] }],
            "parameters": [parameter("id", "the node, as in the address of its page")],
            "requestBody": { "required": true, "content": { "application/json": { "schema": { "type": "object" } } } },
            "responses": {
                "204": { "description": "it is known now" },
                "401": problem("no token, a wrong one, one that may not tell, or no such node"),
                "422": problem("this is no status"),
            },
        } }, "/api/v1/nodes/{id}/filter": { "post": {
            "summary": "The host tells what its own client lets in: an object with PacketFilterRules, as tailscale debug netmap prints them, and NodeKey, which says whose they are. Of each share of the machine it is kept whether it is let in.",
            "security": [{ "node": [] }],
            "parameters": [parameter("id", "the node, as in the address of its page")],
            "requestBody": { "required": true, "content": { "application/json": { "schema": { "type": "object" } } } },
            "responses": {
                "204": { "description": "it is known now" },
                "401": problem("no token, a wrong one, one that may not tell, or no such node"),
                "422": problem("this is no filter, not one that is understood, or that of another machine"),
            },
        } }, "/api/v1/nodes/{id}/services": { "put": {
            "summary": "The host lists all that runs there, by name. What it listed before and leaves out is taken off the list; the same again changes nothing. Listing opens nothing.",
            "security": [{ "node": [] }],
            "parameters": [parameter("id", "the node, as in the address of its page")],
            "requestBody": { "required": true, "content": { "application/json": { "schema": {
                "type": "object", "additionalProperties": {
                    "type": "object", "required": ["ports"], "additionalProperties": false, "properties": {
                        "ports": { "type": "array", "minItems": 1, "items": { "type": "string" },
                            "description": "such as tcp:25565 or udp:19132-19133; the one that people join comes first" },
                        "kind": { "type": ["string", "null"], "enum": words(&ServiceKind::ALL.map(ServiceKind::as_str)) },
                        "audience": { "type": ["string", "null"], "enum": words(&DeclaredTo::ALL.map(DeclaredTo::as_str)) },
                        "about": { "type": ["string", "null"] },
                    } } } } } },
            "responses": {
                "200": { "description": "listed; the page of each, and the names of those that stay until their shares are over",
                    "content": { "application/json": { "schema": { "type": "object" } } } },
                "401": problem("no token, a wrong one, one that may not list, or no such node"),
                "409": problem("there is no room for so many"),
                "422": problem("this is no such list, and what of it is wrong"),
            },
        } } },
    }))
}

/// A wrong token and an unknown node look the same.
fn refused(fault: &Fault) -> Response {
    if matches!(fault, Fault::NotFound) {
        return unauthorised();
    }
    problem(
        StatusCode::from_u16(fault.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR),
        &fault.to_string(),
    )
}

fn unauthorised() -> Response {
    let mut response = problem(
        StatusCode::UNAUTHORIZED,
        "there is no such node for this token; make a new token on the node's firewall page",
    );
    response.headers_mut().insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
    response
}

/// A problem document (RFC 9457).
pub fn problem(status: StatusCode, detail: &str) -> Response {
    let title = status.canonical_reason().unwrap_or_default();
    let body = json!({ "type": "about:blank", "title": title, "status": status.as_u16(), "detail": detail });
    (status, [(header::CONTENT_TYPE, "application/problem+json")], body.to_string()).into_response()
}
