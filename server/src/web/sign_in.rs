//! Coming in and going out.

use axum::Extension;
use axum::response::{IntoResponse, Redirect, Response};

use super::session::BrowserSession;
use app::fault::Fault;

/// What the browser is, in short, for the list of sessions.
pub async fn out(Extension(session): Extension<BrowserSession>) -> Result<Response, String> {
    session.sign_out().await.map_err(|fault: Fault| fault.to_string())?;
    Ok(Redirect::to(&app::paths::home()).into_response())
}
