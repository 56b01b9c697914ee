//! A client that means no good: everything that costs it little, from one address, until it is told to stop.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::task::JoinSet;
use tokio::time::{interval, sleep, timeout};

use crate::people::{Person, hostile_address, leads};
use crate::wire::{Client, connect};

/// Connections that are held open with half a request, or with nothing.
const HALF_OPEN: usize = 300;
/// Connections that ask and do not read.
const DEAF: usize = 20;
/// How often a second each of the others tries.
const EACH_SECOND: u32 = 10;

/// What it has done, for the figures.
#[derive(Debug, Default)]
pub struct Deeds {
    /// Connections that were opened again after they were closed.
    reopened: AtomicUsize,
    bodies: AtomicUsize,
    offers: AtomicUsize,
    garbage: AtomicUsize,
    refused: AtomicUsize,
    /// Answers that say that the app is broken.
    broken: AtomicUsize,
}

/// At work until it is dropped.
pub struct Hostile {
    _work: JoinSet<()>,
    pub deeds: Arc<Deeds>,
}

impl Deeds {
    fn count(&self, deed: &AtomicUsize, status: u16) {
        deed.fetch_add(1, Ordering::Relaxed);
        if status >= 500 {
            self.broken.fetch_add(1, Ordering::Relaxed);
        } else if status >= 400 {
            self.refused.fetch_add(1, Ordering::Relaxed);
        }
    }

    pub fn broken(&self) -> usize {
        self.broken.load(Ordering::Relaxed)
    }
}

impl std::fmt::Display for Deeds {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let count = |deed: &AtomicUsize| deed.load(Ordering::Relaxed);
        write!(
            f,
            "{} connections closed on it and opened again, {} huge bodies, {} offers, {} requests of garbage; {} refused, {} broken",
            count(&self.reopened),
            count(&self.bodies),
            count(&self.offers),
            count(&self.garbage),
            count(&self.refused),
            count(&self.broken)
        )
    }
}

impl Hostile {
    /// `mallory` is signed in and has a service to offer.
    pub fn begin(app: SocketAddr, mallory: Person, service: String) -> Self {
        let deeds = Arc::new(Deeds::default());
        let mut work = JoinSet::new();
        for number in 0..HALF_OPEN {
            work.spawn(half_open(app, number, Arc::clone(&deeds)));
        }
        for _ in 0..DEAF {
            work.spawn(deaf(app, Arc::clone(&deeds)));
        }
        work.spawn(huge_bodies(app, Arc::clone(&deeds)));
        work.spawn(garbage(app, Arc::clone(&deeds)));
        work.spawn(offers(mallory, service, Arc::clone(&deeds)));
        Self { _work: work, deeds }
    }
}

/// Half a request, a byte every ten seconds, or nothing at all; and again when it is closed.
async fn half_open(app: SocketAddr, number: usize, deeds: Arc<Deeds>) {
    // Not all at once: a client with patience does more harm.
    sleep(Duration::from_millis(10 * u64::try_from(number).unwrap_or(0))).await;
    loop {
        if let Ok(mut stream) = connect(hostile_address(), app).await {
            let begun: &[u8] = match number % 3 {
                0 => b"",
                1 => b"GET / HTTP/1.1\r\nHost: x\r\n",
                _ => b"POST /fn/offers/accept HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\ntoken=",
            };
            let _ = stream.write_all(begun).await;
            let mut bytes = [0; 1024];
            loop {
                let over = match timeout(Duration::from_secs(10), stream.read(&mut bytes)).await {
                    Ok(read) => read.unwrap_or(0) == 0,
                    Err(_) => !begun.is_empty() && stream.write_all(b"x").await.is_err(),
                };
                if over {
                    break;
                }
            }
            deeds.reopened.fetch_add(1, Ordering::Relaxed);
        }
        sleep(Duration::from_secs(1)).await;
    }
}

/// Asks for pages, one after the other, and reads none of the answers.
async fn deaf(app: SocketAddr, deeds: Arc<Deeds>) {
    loop {
        if let Ok(mut stream) = connect(hostile_address(), app).await {
            // Until the other side takes no more, then waits to be closed.
            let ask = b"GET /sign-in HTTP/1.1\r\nHost: x\r\n\r\n";
            while let Ok(Ok(())) = timeout(Duration::from_secs(2), stream.write_all(ask)).await {
                sleep(Duration::from_millis(100)).await;
            }
            let _ = timeout(Duration::from_mins(1), closed(&mut stream)).await;
            deeds.reopened.fetch_add(1, Ordering::Relaxed);
        }
        sleep(Duration::from_secs(1)).await;
    }
}

/// Until a write fails: reading would let it send.
async fn closed(stream: &mut TcpStream) {
    while stream.write_all(b"\r\n").await.is_ok() {
        sleep(Duration::from_secs(1)).await;
    }
}

/// Bodies without end, with and without a length.
async fn huge_bodies(app: SocketAddr, deeds: Arc<Deeds>) {
    let heads = [
        "POST /fn/offers/accept HTTP/1.1\r\nHost: x\r\nSec-Fetch-Site: same-origin\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: 4000000000\r\n\r\ntoken=",
        "POST /fn/offers/remember HTTP/1.1\r\nHost: x\r\nSec-Fetch-Site: same-origin\r\nContent-Type: application/x-www-form-urlencoded\r\nTransfer-Encoding: chunked\r\n\r\n",
    ];
    let piece = vec![b'a'; 0x8000];
    let mut chunk = b"8000\r\n".to_vec();
    chunk.extend_from_slice(&piece);
    chunk.extend_from_slice(b"\r\n");
    let mut ticks = interval(Duration::from_secs(1) / EACH_SECOND);
    for number in 0_usize.. {
        ticks.tick().await;
        let Ok(mut stream) = connect(hostile_address(), app).await else { continue };
        let head = heads.get(number % heads.len()).copied().unwrap_or_default();
        let body = if head.contains("chunked") { &chunk } else { &piece };
        let _ = stream.write_all(head.as_bytes()).await;
        // 16 MiB at most, as fast as it is taken.
        for _ in 0..512 {
            let written = timeout(Duration::from_secs(2), stream.write_all(body)).await;
            if !matches!(written, Ok(Ok(()))) {
                break;
            }
        }
        let mut answer = [0; 64];
        let read = timeout(Duration::from_secs(2), stream.read(&mut answer)).await;
        let read = read.ok().and_then(Result::ok).unwrap_or(0);
        let line = String::from_utf8_lossy(answer.get(..read).unwrap_or_default()).into_owned();
        let status = line.split(' ').nth(1).and_then(|status| status.parse().ok()).unwrap_or(400);
        deeds.count(&deeds.bodies, status);
    }
}

/// Tokens, cookies and ids that nobody ever gave out, some as long as fits.
async fn garbage(app: SocketAddr, deeds: Arc<Deeds>) {
    let long = "x".repeat(900_000);
    let mut ticks = interval(Duration::from_secs(1) / EACH_SECOND / 2);
    for number in 0_usize.. {
        ticks.tick().await;
        let mut client = Client::new(hostile_address(), app);
        client.set_cookie("acequia", &format!("garbage-{number}"));
        let path = format!("/o/garbage{number}");
        let answer = match number % 4 {
            0 => client.get(&path).await,
            1 => client.post("/fn/offers/remember", &[("token", &long)]).await,
            2 => client.get("/shares/00000000000000000000000000000000").await,
            _ => client.post("/fn/offers/remember", &[("token", &format!("garbage{number}"))]).await,
        };
        // No answer: it is kept out, or the app is down; that one is seen elsewhere.
        deeds.count(&deeds.garbage, answer.map_or(400, |answer| answer.status));
    }
}

/// Offers to whoever, without end.
async fn offers(mut mallory: Person, service: String, deeds: Arc<Deeds>) {
    let mut ticks = interval(Duration::from_secs(1) / EACH_SECOND);
    let form = [("service", service.as_str()), ("to", "link"), ("until", "ended"), ("uses", "20")];
    loop {
        ticks.tick().await;
        let answer = mallory.browser.post("/fn/offers/create", &form).await;
        let status = answer.as_ref().map_or(400, |answer| answer.status);
        // A form that is refused in words leads back to itself.
        let made = answer.is_ok_and(|answer| leads(answer, "offering").is_ok_and(|to| !to.contains("/new")));
        deeds.count(&deeds.offers, if made || status >= 500 { status } else { 400 });
    }
}
