//! A client that means no good: everything that costs it little, from one address, until it is told to stop.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::task::JoinSet;
use tokio::time::{interval, sleep, timeout};

use crate::people::{Person, hostile_address};
use load::wire::{Client, connect, leads};

/// Connections that are held open with half a request, or with nothing.
const HALF_OPEN: usize = 300;
/// Connections that ask and do not read.
const DEAF: usize = 20;
/// How often a second each of the others tries.
const EACH_SECOND: u32 = 10;

const BODY: &str = "huge body";
const OFFER: &str = "offer";
const GARBAGE: &str = "garbage";

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
    /// How many answers of each status there were; 0 is none at all.
    statuses: Mutex<BTreeMap<(&'static str, u16), usize>>,
}

/// At work until it is dropped.
pub struct Hostile {
    _work: JoinSet<()>,
    pub deeds: Arc<Deeds>,
}

impl Deeds {
    fn count(&self, what: &'static str, deed: &AtomicUsize, status: u16) {
        deed.fetch_add(1, Ordering::Relaxed);
        *self.statuses().entry((what, status)).or_default() += 1;
        if status >= 500 {
            self.broken.fetch_add(1, Ordering::Relaxed);
        } else if status >= 400 {
            self.refused.fetch_add(1, Ordering::Relaxed);
        }
    }

    fn statuses(&self) -> MutexGuard<'_, BTreeMap<(&'static str, u16), usize>> {
        self.statuses.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What it never came to do: then nothing is shown by it.
    pub fn never_done(&self) -> Vec<&'static str> {
        let statuses = self.statuses();
        let had = |what: &str, status: u16| statuses.contains_key(&(what, status));
        let missing = [
            (!had(BODY, 413), "no huge body came as far as the limit of bodies"),
            (!had(OFFER, 303), "no offer was made"),
            (!had(GARBAGE, 200) && !had(GARBAGE, 404), "no garbage came as far as a page"),
            (self.reopened.load(Ordering::Relaxed) == 0, "no half-open connection was closed"),
        ];
        missing.into_iter().filter(|(so, _)| *so).map(|(_, what)| what).collect()
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
            "{} connections closed on it and opened again, {} huge bodies, {} offers, {} requests of garbage; {} refused, {} broken; {:?}",
            count(&self.reopened),
            count(&self.bodies),
            count(&self.offers),
            count(&self.garbage),
            count(&self.refused),
            count(&self.broken),
            self.statuses()
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
        if let Ok(mut stream) = connect(hostile_address(1 + u8::try_from(number % 3).unwrap_or(0)), app).await
        {
            let begun = match number % 3 {
                0 => String::new(),
                1 => format!("GET / HTTP/1.1\r\nHost: {app}\r\n"),
                _ => format!("{}Content-Length: 1000\r\n\r\ntoken=", post(app, "accept")),
            };
            let _ = stream.write_all(begun.as_bytes()).await;
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
        if let Ok(mut stream) = connect(hostile_address(4), app).await {
            // Until the other side takes no more, then waits to be closed.
            let ask = format!("GET /sign-in HTTP/1.1\r\nHost: {app}\r\n\r\n");
            while let Ok(Ok(())) = timeout(Duration::from_secs(2), stream.write_all(ask.as_bytes())).await {
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
        format!("{}Content-Length: 4000000000\r\n\r\ntoken=", post(app, "accept")),
        format!("{}Transfer-Encoding: chunked\r\n\r\n", post(app, "remember")),
    ];
    let piece = vec![b'a'; 0x8000];
    let mut chunk = b"8000\r\n".to_vec();
    chunk.extend_from_slice(&piece);
    chunk.extend_from_slice(b"\r\n");
    let mut ticks = interval(Duration::from_secs(1) / EACH_SECOND);
    for number in 0_usize.. {
        ticks.tick().await;
        let Ok(mut stream) = connect(hostile_address(5), app).await else { continue };
        let head = heads.get(number % heads.len()).map_or("", String::as_str);
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
        let status = line.split(' ').nth(1).and_then(|status| status.parse().ok()).unwrap_or(0);
        deeds.count(BODY, &deeds.bodies, status);
    }
}

/// The beginning of a form that is sent from a page of ours, as far as anybody can tell.
fn post(app: SocketAddr, what: &str) -> String {
    format!(
        "POST /fn/offers/{what} HTTP/1.1\r\nHost: {app}\r\nSec-Fetch-Site: same-origin\r\n\
         Content-Type: application/x-www-form-urlencoded\r\n"
    )
}

/// Tokens, cookies and ids that nobody ever gave out, some as long as fits.
async fn garbage(app: SocketAddr, deeds: Arc<Deeds>) {
    let long = "x".repeat(900_000);
    let mut ticks = interval(Duration::from_secs(1) / EACH_SECOND / 2);
    for number in 0_usize.. {
        ticks.tick().await;
        let mut client = Client::new(hostile_address(6), app);
        client.set_cookie("acequia", &format!("garbage-{number}"));
        let path = format!("/o/garbage{number}");
        let answer = match number % 4 {
            0 => client.get(&path).await,
            1 => client.post("/fn/offers/remember", &[("token", &long)]).await,
            2 => client.get("/shares/00000000000000000000000000000000").await,
            _ => client.post("/fn/offers/remember", &[("token", &format!("garbage{number}"))]).await,
        };
        // No answer: it is kept out, or the app is down; that one is seen elsewhere.
        deeds.count(GARBAGE, &deeds.garbage, answer.map_or(0, |answer| answer.status));
    }
}

/// Offers to whoever, without end.
async fn offers(mut mallory: Person, service: String, deeds: Arc<Deeds>) {
    let mut ticks = interval(Duration::from_secs(1) / EACH_SECOND);
    let form = [("service", service.as_str()), ("to", "link"), ("until", "ended"), ("uses", "20")];
    loop {
        ticks.tick().await;
        let answer = mallory.browser.post("/fn/offers/create", &form).await;
        let status = answer.as_ref().map_or(0, |answer| answer.status);
        // A form that is refused in words leads back to itself.
        let made = answer.is_ok_and(|answer| leads(answer, "offering").is_ok_and(|to| !to.contains("/new")));
        // Led back to the form is refused.
        deeds.count(OFFER, &deeds.offers, if status == 303 && !made { 400 } else { status });
    }
}
