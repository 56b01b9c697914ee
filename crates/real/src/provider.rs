//! Where people sign in: a stand-in with the endpoints of GitHub that the app asks, for anybody who says a name.

use std::net::SocketAddr;

use axum::Router;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse as _, Response};
use axum::routing::{get, post};
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

/// Ends when it is dropped.
#[derive(Debug)]
pub struct Provider {
    address: SocketAddr,
    task: JoinHandle<()>,
}

impl Provider {
    /// # Errors
    /// When nothing can be listened on.
    pub async fn start() -> anyhow::Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let address = listener.local_addr()?;
        let routes = Router::new()
            .route("/login/oauth/access_token", post(token))
            .route("/user", get(user))
            .route("/user/emails", get(emails));
        let task = tokio::spawn(async move {
            let _ = axum::serve(listener, routes).await;
        });
        Ok(Self { address, task })
    }

    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }
}

impl Drop for Provider {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// The code is the name, and so is the token.
async fn token(form: String) -> Response {
    let code = url::form_urlencoded::parse(form.as_bytes()).find(|(name, _)| name == "code");
    let Some((_, name)) = code else { return StatusCode::BAD_REQUEST.into_response() };
    axum::Json(json!({ "access_token": name, "token_type": "bearer", "scope": "user:email" })).into_response()
}

/// Whose token it is.
fn name(headers: &HeaderMap) -> Result<&str, StatusCode> {
    let token = headers.get("authorization").and_then(|value| value.to_str().ok());
    token.and_then(|value| value.strip_prefix("Bearer ")).ok_or(StatusCode::FORBIDDEN)
}

async fn user(headers: HeaderMap) -> Result<axum::Json<Value>, StatusCode> {
    let name = name(&headers)?;
    // A number for each name: its letters in base 256.
    let id = name.bytes().take(6).fold(0_u64, |id, byte| (id << 8) | u64::from(byte));
    Ok(axum::Json(json!({ "id": id, "login": name, "name": name, "email": null })))
}

async fn emails(headers: HeaderMap) -> Result<axum::Json<Value>, StatusCode> {
    let email = format!("{}@real.test", name(&headers)?);
    Ok(axum::Json(json!([{ "email": email, "primary": true, "verified": true, "visibility": "private" }])))
}
