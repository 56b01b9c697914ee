//! The app's pages and server functions, each with the questions bound to who is asking.

use any_spawner::{CustomExecutor, Executor, PinnedFuture, PinnedLocalFuture};
use app::ports::Backend;
use axum::Router;
use axum::body::Body;
use axum::extract::State;
use axum::http::request::Parts;
use axum::http::{Request, StatusCode, header};
use axum::response::{IntoResponse, Response};
use leptos::nonce::use_nonce;
use leptos::prelude::{LeptosOptions, provide_context, use_context};
use leptos_axum::{AxumRouteListing, LeptosRoutes as _, ResponseOptions};
use tracing::Instrument as _;

use super::{Web, headers};
use crate::log::request::{as_here, name};
use crate::session::BrowserSession;
use crate::state::{AppState, Viewer};
use crate::use_cases;

/// What a page begins beside itself stays in the span of its request, and has its name.
struct InSpan;

impl CustomExecutor for InSpan {
    fn spawn(&self, work: PinnedFuture<()>) {
        tokio::spawn(as_here(name(), work).in_current_span());
    }

    fn spawn_local(&self, work: PinnedLocalFuture<()>) {
        tokio::task::spawn_local(as_here(name(), work).in_current_span());
    }

    fn poll_local(&self) {}
}

/// Every page of the app, as its router lists them.
pub fn list(state: &AppState) -> Vec<AxumRouteListing> {
    // Once per process; a second time is no error.
    let _ = Executor::init_custom_executor(InSpan);
    let context = context(state.clone());
    leptos_axum::generate_route_list_with_exclusions_and_ssg_and_context(app::App, None, context).0
}

pub fn routes(web: &Web) -> Router<Web> {
    let options = web.options.clone();
    let shell = move || app::shell(options.clone());
    Router::new()
        .leptos_routes_with_context(web, list(&web.state), context(web.state.clone()), shell)
        .fallback(not_found)
}

/// The app's own page for what does not exist.
async fn not_found(State(web): State<Web>, request: Request<Body>) -> Response {
    let options: LeptosOptions = web.options.clone();
    let page = leptos_axum::render_app_async_with_context(context(web.state.clone()), move || {
        app::shell(options.clone())
    });
    let mut response = page(request).await.into_response();
    if response.status() == StatusCode::OK {
        *response.status_mut() = StatusCode::NOT_FOUND;
    }
    response
}

/// What pages and server functions find. While the list of routes is made there is no request: nobody asks then.
fn context(state: AppState) -> impl Fn() + Clone + Send + Sync + 'static {
    move || {
        let parts = use_context::<Parts>();
        let (viewer, session) = parts.map_or_else(Default::default, |parts| asker(&parts));
        provide_context::<Backend>(use_cases::backend(&state, viewer, session));
        if let (Some(nonce), Some(response)) = (use_nonce(), use_context::<ResponseOptions>()) {
            response.insert_header(header::CONTENT_SECURITY_POLICY, headers::policy(Some(&nonce)));
        }
    }
}

fn asker(parts: &Parts) -> (Viewer, BrowserSession) {
    let viewer = parts.extensions.get::<Viewer>().copied().unwrap_or_default();
    let session = parts.extensions.get::<BrowserSession>().cloned().unwrap_or_default();
    (viewer, session)
}
