//! The API v1: one file per noun.

#![expect(
    clippy::unnecessary_wraps,
    reason = "calls of one table have one shape, also those that refuse nothing"
)]

pub mod about;
mod api_keys;
mod auth;
mod names;
mod nodes;
mod policy;
mod preauth_keys;
mod users;

pub use nodes::{give_name, in_order, read_routes, set_tags};
pub use policy::FILE_MODE;

use super::Dialect::{V0_29, V0_30};
use super::fields::{Kind, field};
use super::ids;
use super::refusal::{Code, Refusal};
use super::routes::Body::{Json, None, Optional};
use super::routes::{Call, Route, route};

/// Every call of v1.
pub const ROUTES: &[Route] = &[
    route("GET", "/api/v1/health", None, about::health),
    route("GET", "/api/v1/user", None, users::list),
    route("POST", "/api/v1/user", Json(users::NEW), users::create),
    route("POST", "/api/v1/user/{id}/rename/{name}", None, users::rename),
    route("DELETE", "/api/v1/user/{id}", None, users::delete),
    route("GET", "/api/v1/node", None, nodes::list),
    route("POST", "/api/v1/node/register", None, auth::register_by_query),
    route("POST", "/api/v1/node/backfillips", None, nodes::backfill),
    route("GET", "/api/v1/node/{id}", None, nodes::get),
    route("DELETE", "/api/v1/node/{id}", None, nodes::delete),
    route("POST", "/api/v1/node/{id}/expire", Optional(nodes::EXPIRE), nodes::expire),
    route("POST", "/api/v1/node/{id}/rename/{name}", None, nodes::rename),
    route("POST", "/api/v1/node/{id}/tags", Json(&[field("tags", Kind::Texts)]), nodes::tag),
    route("POST", "/api/v1/node/{id}/approve_routes", Json(&[field("routes", Kind::Texts)]), nodes::approve),
    route("POST", "/api/v1/debug/node", Json(nodes::DEBUG), nodes::debug),
    route("POST", "/api/v1/auth/register", Json(auth::REGISTER), auth::register).since(V0_29),
    route("POST", "/api/v1/auth/approve", Json(auth::ANSWER), auth::approve).since(V0_29),
    route("POST", "/api/v1/auth/reject", Json(auth::ANSWER), auth::approve).since(V0_29),
    route("GET", "/api/v1/preauthkey", None, preauth_keys::list),
    route("POST", "/api/v1/preauthkey", Json(preauth_keys::NEW), preauth_keys::create),
    route("DELETE", "/api/v1/preauthkey", None, preauth_keys::delete),
    route("POST", "/api/v1/preauthkey/expire", Json(&[field("id", Kind::Number)]), preauth_keys::expire),
    route("GET", "/api/v1/apikey", None, api_keys::list),
    route("POST", "/api/v1/apikey", Json(&[field("expiration", Kind::Time)]), api_keys::create),
    route("POST", "/api/v1/apikey/expire", Json(api_keys::NAMED), api_keys::expire),
    route("DELETE", "/api/v1/apikey/{prefix}", None, api_keys::delete),
    route("GET", "/api/v1/policy", None, policy::get),
    route("PUT", "/api/v1/policy", Json(policy::TEXT), policy::set),
    route("POST", "/api/v1/policy/check", Json(policy::TEXT), policy::check).since(V0_29),
];

/// A number in the path; the gateway says which parameter it is, 0.30 what it is of.
fn id_in_path(call: &Call<'_>, parameter: &str, of: &str) -> Result<u64, Refusal> {
    ids::parse(call.param(0)).map_err(|words| {
        let said = format!("type mismatch, parameter: {parameter}, error: {words}");
        if of.is_empty() {
            return Refusal::plain(Code::Invalid, 400, said);
        }
        Refusal::cause(Code::Invalid, 400, of, words).but_said(said)
    })
}

/// A number in the query, if it is there.
fn id_in_query(call: &Call<'_>, name: &str, of: &str) -> Result<Option<u64>, Refusal> {
    let Some(text) = call.query(name) else { return Ok(Option::None) };
    ids::parse(&text).map(Some).map_err(|words| {
        let said = format!("parsing field \"{name}\": {words}");
        Refusal::cause(Code::Invalid, 400, of, words).but_said(said)
    })
}

/// Whether the version says what is not there.
fn is_strict(call: &Call<'_>) -> bool {
    call.dialect() >= V0_30
}
