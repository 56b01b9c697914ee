//! The API v2 over the state: one file per noun.

mod caller;
mod console;
mod devices;
mod invites;
mod keys;
mod policy;
mod settings;
mod token;
mod users;

use std::sync::Arc;

use axum::Router;
use axum::http::StatusCode;
use axum::http::header::CONTENT_TYPE;
use axum::middleware::from_fn_with_state;
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};

use crate::gate::{Gate, pass};
use crate::rights::Refusal;

type Answer = Result<Response, Refusal>;

/// The largest body that the simulator takes: far more than any policy.
const LARGEST_BODY: usize = 8 * 1024 * 1024;

pub fn router(gate: Arc<Gate>) -> Router {
    Router::new()
        .route("/api/v2/oauth/token", post(token::mint))
        .route("/api/v2/tailnet/{tailnet}/devices", get(devices::list))
        .route("/api/v2/device/{id}", get(devices::get).delete(devices::delete))
        .route("/api/v2/device/{id}/routes", get(devices::routes).post(devices::set_routes))
        .route("/api/v2/device/{id}/device-invites", get(invites::list).post(invites::create))
        .route("/api/v2/device-invites/-/accept", post(invites::accept))
        .route("/api/v2/device-invites/{id}", get(invites::get).delete(invites::delete))
        .route("/api/v2/device-invites/{id}/resend", post(invites::resend))
        .route("/admin/invite/{code}", get(console::show).post(console::accept))
        .route("/admin/machines", get(console::machines).post(console::share))
        .route("/api/v2/tailnet/{tailnet}/users", get(users::list))
        .route("/api/v2/users/{id}", get(users::get))
        .route("/api/v2/tailnet/{tailnet}/acl", get(policy::get).post(policy::set))
        .route("/api/v2/tailnet/{tailnet}/acl/preview", post(policy::preview))
        .route("/api/v2/tailnet/{tailnet}/acl/validate", post(policy::validate))
        .route("/api/v2/tailnet/{tailnet}/settings", get(settings::get).patch(settings::update))
        .route("/api/v2/tailnet/{tailnet}/keys", get(keys::list).post(keys::create))
        .route("/api/v2/tailnet/{tailnet}/keys/{id}", get(keys::get).delete(keys::delete))
        .route_layer(from_fn_with_state(Arc::clone(&gate), pass))
        .method_not_allowed_fallback(|| async { StatusCode::METHOD_NOT_ALLOWED })
        .fallback(|| async {
            (StatusCode::NOT_FOUND, [(CONTENT_TYPE, "text/plain; charset=utf-8")], "404 page not found\n")
        })
        .layer(axum::extract::DefaultBodyLimit::max(LARGEST_BODY))
        .with_state(gate)
}

fn json(value: &serde_json::Value) -> Response {
    axum::Json(value).into_response()
}
