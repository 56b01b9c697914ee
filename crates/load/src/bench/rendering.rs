//! The directory of values in memory: what rendering alone costs, without store, session and compression. No page of
//! the app can be quicker than this.

use std::net::Ipv4Addr;
use std::sync::Arc;

use app::ports::Backend;
use axum::Router;
use leptos::prelude::{LeptosOptions, provide_context};
use tokio::net::TcpListener;

use crate::samples::sample::Sample;

/// With it we are that handler.
pub const WORD: &str = "--rendering";

/// As many as a page of the directory holds.
const SERVICES: usize = 50;

pub async fn serve() -> anyhow::Result<()> {
    let sample = Arc::new(Sample { services: SERVICES, ..Sample::default() });
    // As the server does before the first request: it readies the runtime of leptos.
    let _ = leptos_axum::generate_route_list(app::App);
    let options = LeptosOptions::builder().output_name("app").build();
    let page = leptos_axum::render_app_async_with_context(
        move || provide_context::<Backend>(sample.backend()),
        move || app::shell(options.clone()),
    );
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
    println!("{}", listener.local_addr()?);
    axum::serve(listener, Router::new().fallback(page)).await?;
    Ok(())
}
