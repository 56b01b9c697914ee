//! For load balancers and monitoring.

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Response};

use super::Web;

/// The process lives, whatever else is down.
pub async fn healthz() -> &'static str {
    "ok\n"
}

/// The database takes writes; its migrations were done before the first request. Answered within two seconds, whatever
/// the database does.
pub async fn readyz(State(web): State<Web>) -> Response {
    match web.state.signals.health.look(web.state.now()).await {
        None => "ready\n".into_response(),
        Some(trouble) => {
            let text = format!("the database takes no writes: {trouble}\n");
            (StatusCode::SERVICE_UNAVAILABLE, text).into_response()
        }
    }
}
