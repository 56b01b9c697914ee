//! Whoever keeps us waiting is let go, and a crowd from one address leaves room for everybody else.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::{Body, Bytes};
use axum::routing::get;
use futures_util::stream;
use server::config::Config;
use server::listen::{self, files, places};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpSocket, TcpStream};
use tokio::sync::{mpsc, watch};
use tokio::time::timeout;

use crate::harness::instance::{Instance, Serving};
use crate::harness::{TestApp, app};

mod flood;

/// How long a test waits for what has to happen.
const PATIENCE: Duration = Duration::from_mins(1);
/// As the issue of this promise has it.
const SOON: Duration = Duration::from_secs(1);

struct Door {
    address: SocketAddr,
    _stop: watch::Sender<bool>,
}

fn open(router: Router, config: Config) -> Door {
    let (stop, stopped) = watch::channel(false);
    let listener = listen::bind(([127, 0, 0, 1], 0).into()).unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(listen::serve(listener, router, Arc::new(config), stopped));
    Door { address, _stop: stop }
}

fn impatient() -> Config {
    let mut config = app::config();
    config.timing.slow = Duration::from_millis(300);
    config.timing.idle = Duration::from_millis(900);
    config
}

impl Door {
    async fn connect(&self) -> TcpStream {
        connect(self.address, [127, 0, 0, 1]).await
    }
}

async fn connect(to: SocketAddr, from: [u8; 4]) -> TcpStream {
    let socket = TcpSocket::new_v4().unwrap();
    socket.bind((from, 0).into()).unwrap();
    socket.connect(to).await.unwrap()
}

/// What comes until the connection is closed.
async fn until_closed(stream: &mut TcpStream) -> String {
    let mut bytes = Vec::new();
    let mut some = [0; 4096];
    loop {
        match timeout(PATIENCE, stream.read(&mut some)).await.expect("it is still open") {
            Ok(0) | Err(_) => return String::from_utf8_lossy(&bytes).into_owned(),
            Ok(count) => bytes.extend_from_slice(&some[..count]),
        }
    }
}

/// Says something, then a byte now and then for as long as anybody listens.
async fn drip(stream: &mut TcpStream, first: &str) -> String {
    stream.write_all(first.as_bytes()).await.unwrap();
    let (mut from, mut to) = stream.split();
    let mut heard = Vec::new();
    let dripping = async {
        while to.write_all(b"a").await.is_ok() {
            tokio::time::sleep(Duration::from_millis(40)).await;
        }
    };
    let hearing = async { drop(from.read_to_end(&mut heard).await) };
    timeout(PATIENCE, async { tokio::join!(dripping, hearing) }).await.expect("it is still open");
    String::from_utf8_lossy(&heard).into_owned()
}

/// Reads until something was said.
async fn read_to(stream: &mut TcpStream, end: &str) -> String {
    let mut text = String::new();
    let mut some = [0; 4096];
    while !text.contains(end) {
        let count = timeout(PATIENCE, stream.read(&mut some)).await.expect("nothing comes").unwrap();
        assert!(count > 0, "closed after {text}");
        text += &String::from_utf8_lossy(&some[..count]);
    }
    text
}

fn hello() -> Router {
    Router::new().route("/", get(|| async { "hello" }))
}

#[tokio::test]
async fn a_head_that_does_not_come_is_not_waited_for() {
    let door = open(hello(), impatient());
    let mut silent = door.connect().await;
    assert_eq!(until_closed(&mut silent).await, "");
    let mut half = door.connect().await;
    half.write_all(b"GET / HTTP/1.1\r\nhost:").await.unwrap();
    assert_eq!(until_closed(&mut half).await, "");
    assert_eq!(drip(&mut door.connect().await, "GET / HTTP/1.1\r\nhost: a\r\nx: ").await, "");

    // Also after a first request.
    let mut second = door.connect().await;
    second.write_all(b"GET / HTTP/1.1\r\nhost: a\r\n\r\n").await.unwrap();
    read_to(&mut second, "hello").await;
    assert_eq!(drip(&mut second, "GET / HTTP/1.1\r\nhost: a\r\nx: ").await, "");
}

#[tokio::test]
async fn between_requests_a_connection_stays_for_a_while() {
    // Longer than this test, if it were counted from the start.
    let mut config = impatient();
    config.timing.idle = Duration::from_secs(30);
    let door = open(hello(), config);
    let mut asks = door.connect().await;
    for _ in 0..2 {
        asks.write_all(b"GET / HTTP/1.1\r\nhost: a\r\n\r\n").await.unwrap();
        read_to(&mut asks, "hello").await;
        // What is let go in the meantime shows that a slow one would be gone.
        assert_eq!(until_closed(&mut door.connect().await).await, "");
    }
    let door = open(hello(), impatient());
    let mut idle = door.connect().await;
    idle.write_all(b"GET / HTTP/1.1\r\nhost: a\r\n\r\n").await.unwrap();
    assert!(until_closed(&mut idle).await.ends_with("hello"));
}

#[tokio::test]
async fn a_body_that_does_not_come_is_answered_with_a_page() {
    let app = TestApp::with(impatient()).await;
    let door = open(app.router.clone(), impatient());
    let head = "POST /sign-in/setup HTTP/1.1\r\nhost: gate.example.org\r\nsec-fetch-site: same-origin\r\n\
                content-type: application/x-www-form-urlencoded\r\naccept: text/html\r\n";
    for (length, first) in
        [("content-length: 100000", "code=x"), ("transfer-encoding: chunked", "10\r\ncode=")]
    {
        let mut half = door.connect().await;
        half.write_all(format!("{head}{length}\r\n\r\n{first}").as_bytes()).await.unwrap();
        let answer = until_closed(&mut half).await;
        assert!(answer.starts_with("HTTP/1.1 408 ") && answer.contains("nothing was changed"), "{answer}");
        let answer = drip(&mut door.connect().await, &format!("{head}{length}\r\n\r\n")).await;
        assert!(answer.is_empty() || answer.starts_with("HTTP/1.1 4"), "{answer}");
    }
    // One that comes in pieces, none of them late.
    let mut pieces = door.connect().await;
    pieces.write_all(format!("{head}content-length: 9\r\n\r\n").as_bytes()).await.unwrap();
    pieces.write_all(b"code=").await.unwrap();
    pieces.write_all(b"nope").await.unwrap();
    assert!(read_to(&mut pieces, "\r\n\r\n").await.starts_with("HTTP/1.1 303 "));
}

/// Tells when it is dropped.
struct Tell(mpsc::UnboundedSender<()>);

impl Drop for Tell {
    fn drop(&mut self) {
        let _ = self.0.send(());
    }
}

#[tokio::test]
async fn an_answer_that_is_not_taken_is_given_up_and_a_stream_of_events_stays() {
    let (gone, mut is_gone) = mpsc::unbounded_channel();
    let (events, feed) = watch::channel("");
    let endless = move || {
        let tell = Tell(gone.clone());
        async move {
            let chunks = stream::unfold(tell, |tell| async {
                Some((Ok::<_, std::convert::Infallible>(Bytes::from(vec![b'x'; 1 << 20])), tell))
            });
            Body::from_stream(chunks)
        }
    };
    let stream_of_events = move || {
        let mut feed = feed.clone();
        async move {
            feed.mark_unchanged();
            Body::from_stream(stream::unfold(feed, |mut feed| async {
                feed.changed().await.ok()?;
                let event = *feed.borrow_and_update();
                Some((Ok::<_, std::convert::Infallible>(Bytes::from(event)), feed))
            }))
        }
    };
    let router = Router::new().route("/endless", get(endless)).route("/events", get(stream_of_events));
    let door = open(router, impatient());
    let mut listens = door.connect().await;
    listens.write_all(b"GET /events HTTP/1.1\r\nhost: a\r\n\r\n").await.unwrap();
    read_to(&mut listens, "\r\n\r\n").await;

    let mut reads_nothing = door.connect().await;
    reads_nothing.write_all(b"GET /endless HTTP/1.1\r\nhost: a\r\n\r\n").await.unwrap();
    timeout(PATIENCE, is_gone.recv()).await.expect("it is still being sent");
    let mut drips = door.connect().await;
    drips.write_all(b"GET /endless HTTP/1.1\r\nhost: a\r\n\r\n").await.unwrap();
    let mut one = [0; 1];
    let reading = async {
        while drips.read_exact(&mut one).await.is_ok() {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    tokio::select! {
        () = reading => panic!("there was more to read"),
        gone = timeout(PATIENCE, is_gone.recv()) => assert!(gone.is_ok(), "it is still being sent"),
    }
    events.send_replace("changed");
    read_to(&mut listens, "changed").await;
}

#[tokio::test]
async fn an_address_has_so_many_connections_and_the_next_is_told() {
    let mut config = impatient();
    config.timing.slow = PATIENCE;
    let door = open(hello(), config);
    let mut all = Vec::new();
    for _ in 0..places::MOST {
        all.push(door.connect().await);
    }
    let told = until_closed(&mut door.connect().await).await;
    assert!(told.starts_with("HTTP/1.1 429 ") && told.contains("too many open connections"), "{told}");
    let mut other = connect(door.address, [127, 0, 0, 2]).await;
    other.write_all(b"GET / HTTP/1.1\r\nhost: a\r\n\r\n").await.unwrap();
    read_to(&mut other, "hello").await;
    // One goes, one comes.
    let mut goes = all.pop().unwrap();
    goes.shutdown().await.unwrap();
    assert_eq!(until_closed(&mut goes).await, "");
    let mut comes = door.connect().await;
    comes.write_all(b"GET / HTTP/1.1\r\nhost: a\r\n\r\n").await.unwrap();
    read_to(&mut comes, "hello").await;
}

#[tokio::test]
async fn who_asks_faster_than_anybody_reads_waits_and_nobody_waits_with_them() {
    let mut config = app::config();
    // Everything that is asked below would take minutes.
    config.limits.requests_per_second = 1;
    let app = TestApp::with(config.clone()).await;
    let door = open(app.router.clone(), config);
    let ask = async |from: [u8; 4]| {
        let mut one = connect(door.address, from).await;
        let ask = "GET /healthz HTTP/1.1\r\nhost: gate.example.org\r\nconnection: close\r\n\r\n";
        one.write_all(ask.as_bytes()).await.unwrap();
        one
    };
    let (hurried, patient) = ([127, 0, 0, 1], [127, 0, 0, 2]);
    let mut all = Vec::new();
    for _ in 0..places::MOST {
        all.push(ask(hurried).await);
    }
    let (answers, mut answered) = mpsc::unbounded_channel();
    for mut one in all {
        let answers = answers.clone();
        tokio::spawn(async move { answers.send(until_closed(&mut one).await) });
    }
    // Ten come at once, and the eleventh a second later: somebody waited, and was not refused.
    for _ in 0..11 {
        let answer = timeout(PATIENCE, answered.recv()).await.unwrap().unwrap();
        assert!(answer.starts_with("HTTP/1.1 200 "), "{answer}");
    }
    let answer = until_closed(&mut ask(patient).await).await;
    assert!(answer.starts_with("HTTP/1.1 200 "), "{answer}");
    assert!(answered.len() < places::MOST - 20, "{} of the others had their turn before", answered.len());
}

#[tokio::test]
async fn behind_a_proxy_requests_are_counted_by_whom_they_are_forwarded_for() {
    let mut config = app::config();
    config.timing.slow = PATIENCE;
    config.trusted_proxies = vec!["127.0.0.1".parse().unwrap()];
    config.limits.new_visitors_per_hour = 1_000;
    let app = TestApp::with(config.clone()).await;
    let door = open(app.router.clone(), config);
    let half = |from: &str| {
        format!(
            "POST /sign-in/setup HTTP/1.1\r\nhost: gate.example.org\r\nsec-fetch-site: same-origin\r\n\
             x-forwarded-for: {from}\r\ncontent-type: application/x-www-form-urlencoded\r\n\
             expect: 100-continue\r\ncontent-length: 9\r\n\r\n"
        )
    };
    let mut all = Vec::new();
    for _ in 0..places::MOST {
        let mut one = door.connect().await;
        one.write_all(half("192.0.2.1").as_bytes()).await.unwrap();
        // Whoever is told to go on is counted.
        read_to(&mut one, "100 Continue").await;
        all.push(one);
    }
    let ask = async |from: &str| {
        let mut one = door.connect().await;
        let ask = format!(
            "GET /sign-in HTTP/1.1\r\nhost: gate.example.org\r\nx-forwarded-for: {from}\r\nconnection: close\r\n\r\n"
        );
        one.write_all(ask.as_bytes()).await.unwrap();
        until_closed(&mut one).await
    };
    let refused = ask("192.0.2.1").await;
    assert!(refused.starts_with("HTTP/1.1 429 ") && refused.contains("retry-after: 5"), "{refused}");
    assert!(refused.contains("<h1>Too much at once</h1>"), "{refused}");
    assert!(ask("192.0.2.2").await.starts_with("HTTP/1.1 200 "));
    let mut done = all.pop().unwrap();
    done.write_all(b"code=nope").await.unwrap();
    read_to(&mut done, "303 See Other").await;
    assert!(ask("192.0.2.1").await.starts_with("HTTP/1.1 200 "));
}
