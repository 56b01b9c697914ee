//! The whole URL map and the order of layers.

use axum::Router;
use axum::middleware::from_fn_with_state as with;
use axum::routing::{get, post, put};
use leptos::prelude::LeptosOptions;
use tower::ServiceBuilder;
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::compression::CompressionLayer;
use tower_http::limit::RequestBodyLimitLayer;

use crate::listen::places::Places;
use crate::state::AppState;
use crate::web::metrics::Metrics;
use crate::web::per_address::PerAddress;
use crate::web::{
    self, Web, address, api, assets, audit, base_path, crowd, error_pages, events, firewall, headers, health,
    help, incoming, metrics, origin, pages, reach, request_id, session, sign_in,
};
use crate::web::{trace, unsubscribe, viewer};

pub fn router(state: AppState) -> Router {
    let options = LeptosOptions::builder().output_name("app").site_pkg_dir(assets::folder()).build();
    let visitors = PerAddress::hour(state.config.limits.new_visitors_per_hour);
    let pace = PerAddress::second(state.config.limits.requests_per_second);
    let requests = Places::default();
    let web = Web { state, options, metrics: Metrics::default(), requests, pace, visitors };

    // Who is asking is known here.
    let mut asked = Router::new()
        .route("/sign-in/with/{provider}", post(sign_in::start))
        .route("/sign-in/callback/{provider}", get(sign_in::callback))
        .route("/sign-in/setup", post(sign_in::set_up))
        .route("/sign-out", post(sign_in::out))
        .route("/shares/{id}/events", get(events::share))
        .route("/tailnets/{id}/joining/{joining}/events", get(events::joining))
        .route("/tailnets/{tailnet}/nodes/{node}/firewall/text", get(firewall::text))
        .route("/tailnets/{tailnet}/reach.json", get(reach::json))
        .route("/tailnets/{tailnet}/reach.csv", get(reach::csv))
        .route("/audit.json", get(audit::json))
        .route("/audit.csv", get(audit::csv))
        .merge(pages::routes(&web));
    if web.state.config.demo {
        asked = asked.route("/sign-in/demo", post(sign_in::demo));
        asked = asked.route("/demo/join", post(web::demo::join));
    }
    let asked = asked
        .layer(with(web.clone(), viewer::layer))
        .layer(with(web.clone(), session::layer))
        .layer(with(web.clone(), origin::layer));

    let all = Router::new()
        .route("/healthz", get(health::healthz))
        .route("/readyz", get(health::readyz))
        .route("/metrics", get(metrics::show))
        .route("/help", get(help::index))
        .route("/help/{page}", get(help::page))
        .route("/pkg/{revision}/{*name}", get(assets::kept))
        .route("/style.css", get(assets::plain))
        .route("/icons.svg", get(assets::plain))
        .route("/favicon.svg", get(assets::plain))
        .route("/favicon.ico", get(assets::plain))
        .route("/api/v1/openapi.json", get(api::description))
        .route("/api/v1/nodes/{id}/firewall/{backend}", get(api::firewall))
        .route("/api/v1/nodes/{id}/status", post(api::status))
        .route("/api/v1/nodes/{id}/filter", post(api::filter))
        .route("/api/v1/nodes/{id}/services", put(api::services))
        // From mail programs, which are no page of ours.
        .route("/unsubscribe/{token}", post(unsubscribe::one_click))
        .merge(asked)
        .with_state(web.clone());

    let layers = ServiceBuilder::new()
        .layer(with(web.clone(), request_id::layer))
        .layer(trace::layer(&web.state.config))
        .layer(with(web.clone(), metrics::layer))
        .layer(with(web.clone(), headers::layer))
        .layer(CompressionLayer::new())
        .layer(with(web.clone(), error_pages::layer))
        .layer(with(web.clone(), address::layer))
        .layer(with(web.clone(), crowd::layer))
        .layer(with(web.clone(), base_path::layer))
        .layer(with(web.clone(), web::timeout))
        .layer(with(web.clone(), incoming::layer))
        .layer(RequestBodyLimitLayer::new(incoming::LARGEST))
        .layer(CatchPanicLayer::new());
    // Around the router, not in it: the sub-path is taken off before a route is looked for.
    Router::new().fallback_service(layers.service(all))
}
