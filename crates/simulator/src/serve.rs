//! The listeners.

use std::convert::Infallible;
use std::io;
use std::net::SocketAddr;
use std::ops::Deref;
use std::path::Path;
use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use axum::extract::Request;
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Response};
use hyper::body::Incoming;
use hyper_util::rt::TokioIo;
use tokio::net::{TcpListener, TcpStream};
use tokio::task::{JoinHandle, JoinSet};
use tower::ServiceExt;

use crate::control::{self, Control};
use crate::gate::Gate;
use crate::keep::{Keep, Kept, Ports};
use crate::world::{World, WorldError};
use crate::{api, headscale, state};

/// In the extensions of a response: close the connection instead. axum's own loop cannot do that, hence this file.
#[derive(Clone, Copy, Debug)]
pub(crate) struct HangUp;

/// Where to listen.
#[derive(Clone, Copy, Debug)]
pub struct Listen {
    /// For the API.
    pub api: SocketAddr,
    /// For [`Control`] over HTTP; without it there is the library only.
    pub control: Option<SocketAddr>,
}

impl Default for Listen {
    /// Both on free ports of this machine.
    fn default() -> Self {
        let free = SocketAddr::from(([127, 0, 0, 1], 0));
        Self { api: free, control: Some(free) }
    }
}

/// A running simulator. It ends when this is dropped. Dereferences to its [`Control`].
#[derive(Debug)]
pub struct Simulator {
    control: Control,
    api: SocketAddr,
    control_address: Option<SocketAddr>,
    headscales: Vec<(String, SocketAddr)>,
    tasks: Vec<JoinHandle<()>>,
}

/// Why the simulator did not start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The world contradicts itself.
    #[error(transparent)]
    World(#[from] WorldError),
    /// An address is taken or not ours.
    #[error("the simulator cannot listen on {0}")]
    Listen(SocketAddr, #[source] io::Error),
}

impl Simulator {
    /// Checks the world and serves it.
    ///
    /// # Errors
    /// A world that contradicts itself, an address that is taken.
    pub async fn start(world: World, listen: Listen) -> Result<Self, StartError> {
        let state = state::State::new(&world)?;
        let free = vec![SocketAddr::new(listen.api.ip(), 0); world.headscales.len()];
        Self::serve(&world, state, listen, free).await
    }

    /// Goes on with one that was kept, at the addresses where it was.
    ///
    /// # Errors
    /// An address that is taken by now.
    pub async fn resume(kept: Kept) -> Result<Self, StartError> {
        let Kept { ports, world, state, .. } = kept;
        let at = |port| SocketAddr::from(([127, 0, 0, 1], port));
        let listen = Listen { api: at(ports.api), control: ports.control.map(at) };
        Self::serve(&world, state, listen, ports.headscales.into_iter().map(at).collect()).await
    }

    /// Keeps it in a file from now on: as it is, and at each change before anybody hears of it.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub fn keep_in(&self, file: &Path, world: &World) -> io::Result<()> {
        let ports = Ports {
            api: self.api.port(),
            control: self.control_address.map(|address| address.port()),
            headscales: self.headscales.iter().map(|(_, address)| address.port()).collect(),
        };
        self.control.gate.keep(Keep::new(file, ports, world))
    }

    async fn serve(
        world: &World,
        state: state::State,
        listen: Listen,
        headscales: Vec<SocketAddr>,
    ) -> Result<Self, StartError> {
        let gate = Arc::new(Gate::new(state));
        let control = Control::new(Arc::clone(&gate));
        let (api, task) = serve(listen.api, api::router(Arc::clone(&gate)), &gate).await?;
        if world.invite_base.is_none() {
            gate.state().invite_base = format!("http://{api}/admin/invite/");
        }
        let mut simulator =
            Self { control, api, control_address: None, headscales: Vec::new(), tasks: vec![task] };
        for ((index, server), address) in world.headscales.iter().enumerate().zip(headscales) {
            let router = headscale::router(Arc::clone(&gate), index);
            let (address, task) = serve(address, router, &gate).await?;
            simulator.headscales.push((server.name.clone(), address));
            simulator.tasks.push(task);
        }
        if let Some(address) = listen.control {
            let router = control::http::router(simulator.control.clone());
            let (address, task) = serve(address, router, &gate).await?;
            simulator.control_address = Some(address);
            simulator.tasks.push(task);
        }
        Ok(simulator)
    }

    /// What to give a client as the control plane's address: without `/api/v2`.
    pub fn api_url(&self) -> String {
        format!("http://{}", self.api)
    }

    /// Where the Headscale of this name is: what its owner would call the server's address.
    pub fn headscale_url(&self, name: &str) -> Option<String> {
        let found = self.headscales.iter().find(|(other, _)| other == name);
        found.map(|(_, address)| format!("http://{address}"))
    }

    /// Where the control listener is.
    pub fn control_url(&self) -> Option<String> {
        self.control_address.map(|address| format!("http://{address}"))
    }

    /// The controls, to keep beside the simulator.
    pub fn control(&self) -> Control {
        self.control.clone()
    }
}

impl Deref for Simulator {
    type Target = Control;

    fn deref(&self) -> &Control {
        &self.control
    }
}

impl Drop for Simulator {
    fn drop(&mut self) {
        for task in &self.tasks {
            task.abort();
        }
    }
}

async fn serve(
    address: SocketAddr,
    router: Router,
    gate: &Arc<Gate>,
) -> Result<(SocketAddr, JoinHandle<()>), StartError> {
    let gate = Arc::clone(gate);
    let failed = |error| StartError::Listen(address, error);
    let listener = TcpListener::bind(address).await.map_err(failed)?;
    let bound = listener.local_addr().map_err(failed)?;
    let task = tokio::spawn(async move {
        // Dropped with this task, and all connections with it.
        let mut connections = JoinSet::new();
        loop {
            tokio::select! {
                Ok((stream, _)) = listener.accept() => {
                    connections.spawn(connection(stream, router.clone(), Arc::clone(&gate)));
                }
                Some(_) = connections.join_next() => {}
            }
        }
    });
    Ok((bound, task))
}

async fn connection(stream: TcpStream, router: Router, gate: Arc<Gate>) {
    let service = hyper::service::service_fn(move |request: Request<Incoming>| {
        let (router, gate) = (router.clone(), Arc::clone(&gate));
        async move {
            let answer: Result<Response, Infallible> = router.oneshot(request.map(Body::new)).await;
            let Ok(response) = answer;
            if let Err(error) = gate.settled() {
                // As a service whose disk is full: nobody is told of what may be gone after a restart.
                tracing::error!("the simulated control plane could not be written down: {error}");
                return Ok(StatusCode::INTERNAL_SERVER_ERROR.into_response());
            }
            if response.extensions().get::<HangUp>().is_some() {
                return Err(io::Error::other("told to hang up"));
            }
            Ok(response)
        }
    });
    if let Err(error) =
        hyper::server::conn::http1::Builder::new().serve_connection(TokioIo::new(stream), service).await
    {
        tracing::debug!(%error, "connection ended");
    }
}
