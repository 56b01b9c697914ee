//! Between HTTP and the use cases.

pub mod address;
pub mod agent;
pub mod api;
pub mod asking;
pub mod assets;
pub mod audit;
pub mod base_path;
pub mod client;
pub mod crowd;
pub mod demo;
pub mod error_pages;
pub mod events;
pub mod file;
pub mod firewall;
pub mod headers;
pub mod health;
pub mod help;
pub mod incoming;
pub mod metrics;
pub mod origin;
pub mod pages;
pub mod per_address;
pub mod problem;
pub mod reach;
pub mod request_id;
pub mod session;
pub mod sign_in;
pub mod trace;
pub mod unsubscribe;
pub mod viewer;
pub mod visitors;

use axum::extract::{FromRef, Request, State};
use axum::http::StatusCode;
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Redirect, Response};
use leptos::prelude::LeptosOptions;

use self::metrics::Metrics;
use self::per_address::PerAddress;
use self::problem::Problem;
use crate::listen::places::Places;
use crate::state::AppState;

/// What handlers are given.
#[derive(Clone, Debug)]
pub struct Web {
    pub state: AppState,
    pub options: LeptosOptions,
    pub metrics: Metrics,
    /// Strangers who begin to be remembered.
    pub visitors: PerAddress,
    /// Requests that are being answered, by address.
    pub requests: Places,
    /// How fast they come, by address.
    pub pace: PerAddress,
}

impl Web {
    /// Leads on to a page of ours (a path of `app::paths`).
    pub fn redirect(&self, path: &str) -> Response {
        Redirect::to(&format!("{}{path}", self.state.config.base_path())).into_response()
    }
}

impl FromRef<Web> for LeptosOptions {
    fn from_ref(web: &Web) -> Self {
        web.options.clone()
    }
}

/// The answer has to begin in time; streams may then go on.
pub async fn timeout(State(web): State<Web>, request: Request, next: Next) -> Response {
    if let Ok(response) = tokio::time::timeout(web.state.config.timing.request, next.run(request)).await {
        return response;
    }
    let text = "This took too long and was given up. It may still have been done: look before you try again.";
    Problem::new(StatusCode::GATEWAY_TIMEOUT, "Too slow", text).into_response()
}
