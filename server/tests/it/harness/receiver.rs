//! Somebody who is told by ntfy or a webhook, and answers as a test says.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use tokio::sync::Notify;
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};

/// Answers with this next; 200 where nothing is said.
#[derive(Clone, Debug)]
pub enum Answers {
    With(u16),
    /// Asks to wait so long, with this status.
    Waits(u16, &'static str),
    /// Leads elsewhere.
    Redirects(String),
    /// 200, once it is told to.
    After(Arc<Notify>),
    /// Never.
    Hangs,
}

#[derive(Debug)]
pub struct Received {
    pub headers: HeaderMap,
    pub body: String,
}

impl Received {
    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }
}

/// The id under which something was told, by ntfy or a webhook.
pub fn id(received: &Received) -> String {
    let body: serde_json::Value = serde_json::from_str(&received.body).unwrap();
    let of_ntfy = body["sequence_id"].as_str().map(str::to_owned);
    of_ntfy.unwrap_or_else(|| received.header("webhook-id").to_owned())
}

pub struct Receiver {
    pub url: String,
    /// Host and port.
    pub host: String,
    next: Arc<Mutex<VecDeque<Answers>>>,
    came: UnboundedReceiver<Received>,
}

type Shared = (Arc<Mutex<VecDeque<Answers>>>, UnboundedSender<Received>);

impl Receiver {
    pub async fn start() -> Self {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let host = listener.local_addr().unwrap().to_string();
        let (next, (told, came)) = (Arc::<Mutex<VecDeque<Answers>>>::default(), unbounded_channel());
        let router = Router::new().fallback(take).with_state((next.clone(), told));
        tokio::spawn(async move { axum::serve(listener, router).await });
        Self { url: format!("http://{host}/"), host, next, came }
    }

    /// To the next requests, one after the other.
    pub fn answers(&self, all: impl IntoIterator<Item = Answers>) {
        self.next.lock().unwrap().extend(all);
    }

    /// Waits for the next request.
    pub async fn received(&mut self) -> Received {
        let came = tokio::time::timeout(Duration::from_mins(1), self.came.recv()).await;
        came.expect("nobody is told").unwrap()
    }

    /// What came and was not looked at yet.
    pub fn more(&mut self) -> Option<Received> {
        self.came.try_recv().ok()
    }
}

async fn take(State((next, told)): State<Shared>, headers: HeaderMap, body: Bytes) -> Response {
    let answer = next.lock().unwrap().pop_front();
    // Nobody may look any more.
    let _ = told.send(Received { headers, body: String::from_utf8(body.to_vec()).unwrap() });
    match answer {
        None => StatusCode::OK.into_response(),
        Some(Answers::With(status)) => StatusCode::from_u16(status).unwrap().into_response(),
        Some(Answers::Waits(status, time)) => {
            (StatusCode::from_u16(status).unwrap(), [(header::RETRY_AFTER, time)]).into_response()
        }
        Some(Answers::Redirects(to)) => (StatusCode::FOUND, [(header::LOCATION, to)]).into_response(),
        Some(Answers::After(go)) => {
            go.notified().await;
            StatusCode::OK.into_response()
        }
        Some(Answers::Hangs) => std::future::pending().await,
    }
}
