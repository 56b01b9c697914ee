//! The API v2 of 0.30, which looks like Tailscale's: for clients of others. Ours speaks v1.

#![expect(
    clippy::unnecessary_wraps,
    reason = "calls of one table have one shape, also those that refuse nothing"
)]

pub mod acl;
mod devices;
mod keys;
mod oauth;
pub mod scopes;
mod settings;
mod users;

use super::Dialect::V0_30;
use super::fields::{Kind, field, required};
use super::routes::Body::{Json, None, Raw};
use super::routes::{Call, Route, route};

/// Where tokens are minted: the only call of v2 without a credential in front.
pub const TOKEN: &str = "/api/v2/oauth/token";

const NAME: &[super::fields::Field] = &[required("name", Kind::Text)];
const TAGS: &[super::fields::Field] = &[required("tags", Kind::TextsOrNull)];
const ROUTES_OF: &[super::fields::Field] = &[required("routes", Kind::Texts)];

/// Every call of v2.
pub const ROUTES: &[Route] = &[
    route("POST", TOKEN, Raw, oauth::mint).since(V0_30),
    route("GET", "/api/v2/tailnet/{tailnet}/devices", None, devices::list)
        .since(V0_30)
        .needing("devices:core:read"),
    route("GET", "/api/v2/device/{id}", None, devices::get).since(V0_30).needing("devices:core:read"),
    route("DELETE", "/api/v2/device/{id}", None, devices::delete).since(V0_30).needing("devices:core"),
    route("POST", "/api/v2/device/{id}/name", Json(NAME), devices::name).since(V0_30).needing("devices:core"),
    route("POST", "/api/v2/device/{id}/tags", Json(TAGS), devices::tag).since(V0_30).needing("devices:core"),
    route("POST", "/api/v2/device/{id}/key", Json(&[field("keyExpiryDisabled", Kind::Flag)]), devices::key)
        .since(V0_30)
        .needing("devices:core"),
    route(
        "POST",
        "/api/v2/device/{id}/authorized",
        Json(&[field("authorized", Kind::Flag)]),
        devices::approve,
    )
    .since(V0_30)
    .needing("devices:core"),
    route("GET", "/api/v2/device/{id}/routes", None, devices::routes)
        .since(V0_30)
        .needing("devices:routes:read"),
    route("POST", "/api/v2/device/{id}/routes", Json(ROUTES_OF), devices::set_routes)
        .since(V0_30)
        .needing("devices:routes"),
    route("GET", "/api/v2/tailnet/{tailnet}/users", None, users::list).since(V0_30).needing("users:read"),
    route("GET", "/api/v2/users/{id}", None, users::get).since(V0_30).needing("users:read"),
    route("GET", "/api/v2/tailnet/{tailnet}/acl", None, acl::get).since(V0_30).needing("policy_file:read"),
    route("POST", "/api/v2/tailnet/{tailnet}/acl", Raw, acl::set).since(V0_30).needing("policy_file"),
    route("GET", "/api/v2/tailnet/{tailnet}/settings", None, settings::get)
        .since(V0_30)
        .needing("feature_settings:read"),
    route("PATCH", "/api/v2/tailnet/{tailnet}/settings", None, settings::update)
        .since(V0_30)
        .needing("feature_settings"),
    route("GET", "/api/v2/tailnet/{tailnet}/keys", None, keys::list).since(V0_30),
    route("POST", "/api/v2/tailnet/{tailnet}/keys", Json(keys::NEW), keys::create).since(V0_30),
    route("GET", "/api/v2/tailnet/{tailnet}/keys/{id}", None, keys::get).since(V0_30),
    route("DELETE", "/api/v2/tailnet/{tailnet}/keys/{id}", None, keys::delete).since(V0_30),
];

/// A number in the path; whatever is none is nobody's.
fn id(call: &Call<'_>, at: usize) -> Option<u64> {
    super::ids::parse(call.param(at)).ok()
}
