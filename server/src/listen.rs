//! The door: connections come in as long as there is room, and whoever keeps us waiting is let go.
//!
//! hyper's own timer begins with the first byte of a head and has no part in bodies, answers and the time between
//! requests; so each connection has a watch of its own beside it.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::extract::ConnectInfo;
use axum::http::{Request, Response};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use hyper_util::server::graceful::GracefulShutdown;
use tokio::net::{TcpListener, TcpSocket, TcpStream};
use tokio::sync::{Semaphore, watch};
use tower::ServiceExt as _;

pub mod files;
pub mod held;
pub mod pace;
pub mod places;
mod watched;

use self::held::Held;
use self::pace::Pace;
use self::places::Places;
use self::watched::{Watch, Watched};
use crate::config::Config;
use crate::web::client;

/// Connections that wait to be accepted; the system may have a lower limit.
const BACKLOG: u32 = 4096;
/// More than any browser sends; what goes over it is answered by hyper itself, without a page.
const MOST_HEADERS: usize = 256;
/// What is told to an address that has all its places. It cannot be a page: nothing was read of what it asks.
const FULL: &[u8] = b"HTTP/1.1 429 Too Many Requests\r\ncontent-type: text/plain\r\nretry-after: 15\r\n\
    connection: close\r\ncontent-length: 55\r\n\r\nThere are too many open connections from your address.\n";

/// Listens, with a queue for a crowd.
///
/// # Errors
/// When the address is not ours, or taken.
pub fn bind(address: SocketAddr) -> io::Result<TcpListener> {
    let socket = if address.is_ipv4() { TcpSocket::new_v4()? } else { TcpSocket::new_v6()? };
    // As a server that is started again at once needs it.
    socket.set_reuseaddr(true)?;
    socket.bind(address)?;
    socket.listen(BACKLOG)
}

/// Serves until `stop` becomes true, then until every request that was begun has its answer.
pub async fn serve(
    listener: TcpListener,
    router: Router,
    config: Arc<Config>,
    mut stop: watch::Receiver<bool>,
) {
    let room = Arc::new(Semaphore::new(files::connections()));
    let places = Places::default();
    let connections = GracefulShutdown::new();
    loop {
        let next = async {
            // Who comes while there is no room waits in the system's queue.
            let seat = room.clone().acquire_owned().await;
            (seat, listener.accept().await)
        };
        let (seat, accepted) = tokio::select! {
            next = next => next,
            _ = stop.wait_for(|stop| *stop) => break,
        };
        let (stream, peer) = match accepted {
            Ok(accepted) => accepted,
            Err(error) => {
                accept_failed(&error).await;
                continue;
            }
        };
        // A proxy comes for many: there requests are counted, by whom they are forwarded for.
        let place = if client::is_trusted(peer.ip(), &config.trusted_proxies) {
            None
        } else {
            let place = places.take(peer.ip());
            if place.is_none() {
                tracing::debug!(client = %peer.ip(), "has all its connections already");
                // As far as it goes without waiting.
                let _ = stream.try_write(FULL);
                continue;
            }
            place
        };
        let watch = Arc::new(Watch::new(Pace::new(config.timing.slow, config.timing.idle)));
        let connection = connections.watch(connection(stream, peer, router.clone(), &watch));
        tokio::spawn(async move {
            let _kept = (seat, place);
            tokio::select! {
                done = connection => if let Err(error) = done {
                    tracing::debug!(client = %peer.ip(), "a connection failed: {error}");
                },
                () = watch.overdue() => tracing::debug!(client = %peer.ip(), "let go of a slow connection"),
            }
        });
    }
    drop(listener);
    connections.shutdown().await;
}

/// One connection with its watch.
fn connection(
    stream: TcpStream,
    peer: SocketAddr,
    router: Router,
    watch: &Arc<Watch>,
) -> impl hyper_util::server::graceful::GracefulConnection<Error = hyper::Error> + use<> {
    // Answers are written whole: waiting for more would only delay their ends.
    let _ = stream.set_nodelay(true);
    let io = TokioIo::new(Watched::new(stream, watch.clone()));
    let watch = watch.clone();
    let service = service_fn(move |request: Request<Incoming>| {
        let answering = watch.begin();
        let mut request = request.map(Body::new);
        request.extensions_mut().insert(ConnectInfo(peer));
        let answer = router.clone().oneshot(request);
        async move { answer.await.map(|answer: Response<Body>| answer.map(|body| Held::new(body, answering))) }
    });
    http1::Builder::new().max_headers(MOST_HEADERS).header_read_timeout(None).serve_connection(io, service)
}

async fn accept_failed(error: &io::Error) {
    use io::ErrorKind::{ConnectionAborted, ConnectionRefused, ConnectionReset};
    // Somebody who hung up before it was their turn.
    if matches!(error.kind(), ConnectionAborted | ConnectionRefused | ConnectionReset) {
        return;
    }
    // Out of files, most likely: some are given back soon.
    tracing::warn!("cannot accept connections: {error}");
    tokio::time::sleep(Duration::from_millis(100)).await;
}
