//! `serve` and `demo`.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context as _;
use simulator::World;
use tokio::net::TcpListener;
use url::Url;

use super::{open, read_config, runtime};
use crate::config::Config;
use crate::demo::{Demo, Given, Loopback, read_world, seed, store_records};
use crate::health;
use crate::jobs::{Prober, Runner, drop_old, end_what_is_over, finish_endings};
use crate::listen::files;
use crate::probe::{Dialer, Direct};
use crate::state::AppState;
use crate::store::Db;
use crate::store::trouble::Trouble;
use crate::use_cases::sign_in;
use crate::web::assets;

pub fn serve(file: Option<&Path>) -> anyhow::Result<ExitCode> {
    let config = read_config(file)?;
    crate::log::start(&config.log);
    runtime()?.block_on(async {
        let (state, _held) = open::for_server(config).await?;
        tokio::spawn(renew(state.clone(), file.map(Path::to_owned)));
        if let Some(code) = sign_in::set_up_code(&state).await? {
            eprintln!("nobody owns this Acequia yet; sign in with the set-up code {code}");
        }
        if state.config.providers.is_empty() {
            tracing::warn!("there is no [providers.…] in the configuration: nobody can sign in");
        }
        let listener = listen(state.config.listen)?;
        run(state, Arc::new(Direct), listener).await
    })?;
    Ok(ExitCode::SUCCESS)
}

pub fn demo(
    listen_on: SocketAddr,
    data: Option<PathBuf>,
    world: Option<PathBuf>,
) -> anyhow::Result<ExitCode> {
    runtime()?.block_on(async {
        let listener = listen(listen_on)?;
        let base_url = Url::parse(&format!("http://{}", listener.local_addr()?))?;
        // Removed at the end, when it is ours.
        let folder = if data.is_none() { Some(tempfile::tempdir()?) } else { None };
        let data = data.or_else(|| folder.as_ref().map(|f| f.path().to_owned())).unwrap_or_default();
        let asked = world.is_some();
        let lively = !asked;
        let built_in = || Ok(Given { networks: World::demo(), records: None });
        let given = world.map_or_else(built_in, |file| read_world(&file))?;
        let demo = Demo::in_folder(&data, given.networks, asked).await?;
        let mut config = Config::new(listen_on, base_url, &data);
        config.demo = true;
        config.demo_kit = Arc::new(demo.kit());
        // Everybody comes from this machine, and is somebody else every minute.
        config.limits.new_visitors_per_hour = 10_000;
        config.control_planes = demo.control_planes()?;
        // In a demo somebody is waiting for every step.
        config.timing.jobs = Duration::from_secs(1);
        config.timing.retry = Duration::from_secs(2);
        config.timing.joining = Duration::from_secs(1);
        config.probing.interval = Duration::from_secs(30);
        config.probing.jitter = Duration::ZERO;
        if given.records.is_some() {
            // Such a world is there to be measured: nobody waits for a turn, and nothing runs on its thousands of machines.
            config.limits.requests_per_second = u32::MAX;
            config.probing.enabled = Some(false);
        }
        let (state, _held) = open::for_server(config).await?;
        if folder.is_none() {
            demo.keep_in(&data)?;
        }
        let dialer = Loopback::start(&demo.simulator.control(), &demo.world).await?;
        if let Some(records) = &given.records {
            store_records(&state, &demo, records).await.context("cannot store what the app holds")?;
        }
        let people = demo.people(&state).await?;
        if lively {
            seed(&state, &demo, &people).await.context("cannot seed the demo")?;
        }
        eprintln!("Acequia demo: {}", state.config.base());
        eprintln!("Sign in as {}.", people.iter().map(|p| p.name.as_str()).collect::<Vec<_>>().join(", "));
        if let Some(control) = demo.simulator.control_url() {
            eprintln!("The simulated control plane: {}, its switches: {control}", demo.simulator.api_url());
        }
        run(state, dialer, listener).await
    })?;
    Ok(ExitCode::SUCCESS)
}

/// Listens, with as many open files as the system allows.
fn listen(address: SocketAddr) -> anyhow::Result<TcpListener> {
    let files = files::raise_limit();
    tracing::debug!("up to {files} open files");
    crate::listen::bind(address).with_context(|| format!("cannot listen on {address}"))
}

/// Serves until asked to stop, then lets open requests end.
async fn run(state: AppState, dialer: Arc<dyn Dialer>, listener: TcpListener) -> anyhow::Result<()> {
    assets::warn_if_missing();
    let config = state.config.clone();
    let limit = config.timing.shutdown;
    let stop = state.signals.stop.clone();
    let mut stopped = stop.subscribe();
    before_first_page(&state).await?;
    // A copy of the database's file that somebody makes right after the first start is not empty.
    if let Err(error) = state.db.checkpoint().await {
        tracing::warn!("what was written last could not be put into the database's file yet: {error}");
    }
    tokio::spawn(health::watch(
        state.signals.health.clone(),
        state.clock.clone(),
        state.signals.poke.clone(),
        stop.subscribe(),
    ));
    let runner = tokio::spawn(Runner::new(state.clone()).run(stop.subscribe()));
    tokio::spawn(Prober::new(state.clone(), dialer).run(stop.subscribe()));
    tokio::spawn(sweep(state.clone()));
    let router = crate::router::router(state);
    tracing::info!("listening on {}", listener.local_addr()?);
    let server = crate::listen::serve(listener, router, config, stop.subscribe());
    tokio::spawn(async move {
        signal().await;
        tracing::info!("stopping");
        stop.send_replace(true);
    });
    let overdue = async {
        let _ = stopped.wait_for(|stop| *stop).await;
        tokio::time::sleep(limit).await;
    };
    tokio::select! {
        () = server => {}
        () = overdue => tracing::warn!("requests were still open after {limit:?}, stopped anyway"),
    }
    // A job that was begun is finished; one that hangs is taken up again at the next start.
    let _ = tokio::time::timeout(limit, runner).await;
    Ok(())
}

/// What ended while the app was down ends before anybody is shown anything. A control plane that does not answer
/// delays the first page by a while, not for ever: the share's page then says that it is ending.
async fn before_first_page(state: &AppState) -> anyhow::Result<()> {
    let begun = async {
        if matches!(state.db, Db::Sqlite(_)) {
            // One process has the file: locks in it are of a process that is gone.
            state.db.unlock_jobs().await?;
        }
        end_what_is_over(state).await?;
        finish_endings(state, state.config.timing.shutdown).await
    };
    match begun.await {
        // Served all the same: `/readyz` and home say what is wrong, and the runner tries again every few seconds.
        Err(error) if Trouble::beneath(&error).is_some() => {
            tracing::error!("what ended meanwhile could not be ended yet: {error:#}");
            Ok(())
        }
        begun => begun,
    }
}

/// Removes sessions that are over and drops what is old, now and every hour.
async fn sweep(state: AppState) {
    let mut hours = tokio::time::interval(Duration::from_hours(1));
    let mut stop = state.signals.stop.subscribe();
    loop {
        tokio::select! {
            _ = hours.tick() => {}
            _ = stop.wait_for(|stop| *stop) => return,
        }
        match state.db.sweep_sessions(state.now(), state.config.longest_session()).await {
            Ok(count) => tracing::debug!("removed {count} sessions that were over"),
            Err(error) => tracing::warn!("sessions that are over could not be removed: {error}"),
        }
        match drop_old(&state).await {
            Ok(count) => tracing::debug!("dropped {count} rows that were old"),
            Err(error) => tracing::warn!("what is old could not be dropped: {error:#}"),
        }
    }
}

/// Reads the configuration again whenever it is told to with SIGHUP, and takes over what can be changed while it runs: how
/// much is logged, and the ways to sign in. One that is wrong changes nothing.
async fn renew(state: AppState, file: Option<PathBuf>) {
    let Ok(mut told) = tokio::signal::unix::signal(tokio::signal::unix::SignalKind::hangup()) else { return };
    while told.recv().await.is_some() {
        match read_config(file.as_deref()) {
            Ok(config) => {
                if let Err(error) = crate::log::renew(&config.log) {
                    tracing::error!("how much is logged cannot be changed: {error}");
                }
                let count = config.providers.len();
                state.providers.send_replace(Arc::new(config.providers));
                tracing::info!(
                    "read the configuration again: log level and {count} ways to sign in; the rest at the next start"
                );
            }
            Err(error) => {
                tracing::error!("the configuration was read again, and nothing was changed: {error:#}");
            }
        }
    }
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
