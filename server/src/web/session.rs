//! The cookie by which a browser is known.

use axum::Extension;
use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::Response;
use tower::{Layer as _, ServiceExt as _};
use tower_sessions::cookie::SameSite;
use tower_sessions::{Expiry, SessionManagerLayer};

use super::Web;
use super::address::Address;
use crate::session::Sessions;
use crate::state::AppState;

/// Reads and writes the cookie. Nothing is stored for browsers of which nothing has to be remembered.
pub async fn layer(
    State(web): State<Web>,
    Extension(address): Extension<Address>,
    request: Request,
    next: Next,
) -> Response {
    let Ok(response) = cookie(&web.state, &address).layer(next).oneshot(request).await;
    response
}

fn cookie(state: &AppState, address: &Address) -> SessionManagerLayer<Sessions> {
    let config = &state.config;
    let lifetime = time::Duration::try_from(config.session_lifetime).unwrap_or(time::Duration::DAY);
    let path = format!("{}/", config.base_path());
    // The prefixes make browsers refuse the cookie from anybody without https; the first one, which needs the root,
    // from any other host and path too (RFC 6265bis, section 4.1.3).
    let name = match (address.is_https(), path.as_str()) {
        (true, "/") => "__Host-acequia",
        (true, _) => "__Secure-acequia",
        (false, _) => "acequia",
    };
    SessionManagerLayer::new(Sessions::new(state.clone()))
        .with_name(name)
        .with_path(path)
        .with_secure(address.is_https())
        .with_http_only(true)
        .with_same_site(SameSite::Lax)
        .with_expiry(Expiry::OnInactivity(lifetime))
}
