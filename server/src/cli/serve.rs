//! `serve` and `demo`.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;

use anyhow::Context as _;
use tokio::net::TcpListener;
use url::Url;

use crate::clock::System;
use crate::config::{self, Config};
use crate::random::Random;
use crate::secrets::Sealer;
use crate::services::{Services, open_database};
use crate::web::assets;

/// Reads the configuration of a file, if one is named, and of the environment.
///
/// # Errors
/// When the file cannot be read, and all problems in it.
pub fn read_config(file: Option<&Path>) -> anyhow::Result<Config> {
    let text = file
        .map(|file| {
            std::fs::read_to_string(file)
                .with_context(|| format!("cannot read the configuration `{}`", file.display()))
        })
        .transpose()?;
    Ok(config::read(text.as_deref(), std::env::vars())?)
}

pub fn serve(config: Option<&Path>) -> anyhow::Result<ExitCode> {
    let config = read_config(config)?;
    runtime()?.block_on(async {
        std::fs::create_dir_all(&config.data)
            .with_context(|| format!("cannot make the data folder `{}`", config.data.display()))?;
        let sealer = Sealer::read_or_create(&config.key_file)?;
        let db = open_database(&config).await.context("cannot open the database")?;
        let services = Services::new(config, db, Arc::new(System), Random::system(), sealer);
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
        std::fs::create_dir_all(&data)?;
        let mut config = Config::new(listen_on, base_url, &data);
        config.demo = true;
        let sealer = Sealer::read_or_create(&config.key_file)?;
        let db = open_database(&config).await.context("cannot open the database")?;
        let services = Services::new(config, db, Arc::new(System), Random::system(), sealer);
        eprintln!("Acequia demo: {}", services.config.base());
        run(services, listener).await
    })?;
    Ok(ExitCode::SUCCESS)
}

fn runtime() -> std::io::Result<tokio::runtime::Runtime> {
    tokio::runtime::Builder::new_multi_thread().enable_all().build()
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
