//! The listeners.

use std::convert::Infallible;
use std::io;
use std::net::SocketAddr;
use std::ops::Deref;
use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use axum::extract::Request;
use axum::response::Response;
use hyper::body::Incoming;
use hyper_util::rt::TokioIo;
use tokio::net::{TcpListener, TcpStream};
use tokio::task::{JoinHandle, JoinSet};
use tower::ServiceExt;

use crate::control::{self, Control};
use crate::gate::Gate;
use crate::world::{World, WorldError};
use crate::{api, state};

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
        let gate = Arc::new(Gate::new(state::State::new(&world)?));
        let control = Control::new(Arc::clone(&gate));
        let (api, task) = serve(listen.api, api::router(Arc::clone(&gate))).await?;
        if world.invite_base.is_none() {
            gate.state().invite_base = format!("http://{api}/admin/invite/");
        }
        let mut simulator = Self { control, api, control_address: None, tasks: vec![task] };
        if let Some(address) = listen.control {
            let (address, task) = serve(address, control::http::router(simulator.control.clone())).await?;
            simulator.control_address = Some(address);
            simulator.tasks.push(task);
        }
        Ok(simulator)
    }

    /// What to give a client as the control plane's address: without `/api/v2`.
    pub fn api_url(&self) -> String {
        format!("http://{}", self.api)
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

async fn serve(address: SocketAddr, router: Router) -> Result<(SocketAddr, JoinHandle<()>), StartError> {
    let failed = |error| StartError::Listen(address, error);
    let listener = TcpListener::bind(address).await.map_err(failed)?;
    let bound = listener.local_addr().map_err(failed)?;
    let task = tokio::spawn(async move {
        // Dropped with this task, and all connections with it.
        let mut connections = JoinSet::new();
        loop {
            tokio::select! {
                Ok((stream, _)) = listener.accept() => {
                    connections.spawn(connection(stream, router.clone()));
                }
                Some(_) = connections.join_next() => {}
            }
        }
    });
    Ok((bound, task))
}

async fn connection(stream: TcpStream, router: Router) {
    let service = hyper::service::service_fn(move |request: Request<Incoming>| {
        let router = router.clone();
        async move {
            let answer: Result<Response, Infallible> = router.oneshot(request.map(Body::new)).await;
            let Ok(response) = answer;
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
