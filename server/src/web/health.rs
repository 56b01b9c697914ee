//! For load balancers and monitoring.

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Response};

use super::Web;

/// The process lives, whatever else is down.
pub async fn healthz() -> &'static str {
    "ok\n"
}

/// The database can be reached; its migrations were done before the first request.
pub async fn readyz(State(web): State<Web>) -> Response {
    match web.services.db.ping().await {
        Ok(()) => "ready\n".into_response(),
        Err(error) => {
            tracing::warn!("not ready: {error}");
            (StatusCode::SERVICE_UNAVAILABLE, "the database does not answer\n").into_response()
        }
    }
}
