//! `serve` and `demo`.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::Context as _;
use tokio::net::TcpListener;
use url::Url;

use super::{lock, open, read_config, runtime};
use crate::config::Config;
use crate::services::Services;
use crate::use_cases::sign_in;
use crate::web::assets;

pub fn serve(config: Option<&Path>) -> anyhow::Result<ExitCode> {
    let config = read_config(config)?;
    runtime()?.block_on(async {
        let services = open(config).await?;
        let _shared = lock::share(&services.config.data)?;
        if let Some(code) = sign_in::set_up_code(&services).await? {
            eprintln!("nobody owns this Acequia yet; sign in with the set-up code {code}");
        }
        if services.config.providers.is_empty() {
            tracing::warn!("there is no [providers.…] in the configuration: nobody can sign in");
        }
        let listener = listen(services.config.listen).await?;
        run(services, listener).await
    })?;
    Ok(ExitCode::SUCCESS)
}

pub fn demo(listen_on: SocketAddr, data: Option<PathBuf>) -> anyhow::Result<ExitCode> {
    runtime()?.block_on(async {
        let listener = listen(listen_on).await?;
        let base_url = Url::parse(&format!("http://{}", listener.local_addr()?))?;
        // Removed at the end, when it is ours.
        let folder = if data.is_none() { Some(tempfile::tempdir()?) } else { None };
        let data = data.or_else(|| folder.as_ref().map(|f| f.path().to_owned())).unwrap_or_default();
        let mut config = Config::new(listen_on, base_url, &data);
        config.demo = true;
        let services = open(config).await?;
        let _shared = lock::share(&data)?;
        eprintln!("Acequia demo: {}", services.config.base());
        run(services, listener).await
    })?;
    Ok(ExitCode::SUCCESS)
}

async fn listen(address: SocketAddr) -> anyhow::Result<TcpListener> {
    TcpListener::bind(address).await.with_context(|| format!("cannot listen on {address}"))
}

/// Serves until asked to stop, then lets open requests end.
async fn run(services: Services, listener: TcpListener) -> anyhow::Result<()> {
    assets::warn_if_missing();
    let limit = services.config.timing.shutdown;
    let stop = services.stop.clone();
    let mut stopped = stop.subscribe();
    let router = crate::router::router(services);
    tracing::info!("listening on {}", listener.local_addr()?);
    let server = axum::serve(listener, router.into_make_service_with_connect_info::<SocketAddr>())
        .with_graceful_shutdown(async move {
            signal().await;
            tracing::info!("stopping");
            stop.send_replace(true);
        });
    let overdue = async {
        let _ = stopped.wait_for(|stop| *stop).await;
        tokio::time::sleep(limit).await;
    };
    tokio::select! {
        done = server.into_future() => done?,
        () = overdue => tracing::warn!("requests were still open after {limit:?}, stopped anyway"),
    }
    Ok(())
}

async fn signal() {
    let interrupt = tokio::signal::ctrl_c();
    match tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate()) {
        Ok(mut terminate) => tokio::select! {
            _ = interrupt => {}
            _ = terminate.recv() => {}
        },
        Err(_) => drop(interrupt.await),
    }
}
