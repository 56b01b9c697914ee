//! What is sent has to arrive whole, at some speed, and is of no more than a certain length. Whatever a handler would make of a
//! body that breaks off, it is never begun with one.

use std::pin::Pin;
use std::sync::{Arc, OnceLock};
use std::task::{Context, Poll};
use std::time::Duration;

use axum::body::{Body, Bytes, HttpBody};
use axum::extract::{Request, State};
use axum::http::{HeaderValue, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};
use hyper::body::{Frame, SizeHint};
use tokio::sync::Notify;
use tokio::time::{Instant, Sleep, sleep_until};

use super::Web;
use crate::listen::pace::Patience;

/// Of a body, in bytes: forms are small, the largest is a pasted text.
pub const LARGEST: usize = 1 << 20;

/// Gives up a request that does not come as it should. Nothing was done then: handlers begin when they have it whole.
pub async fn layer(State(web): State<Web>, request: Request, next: Next) -> Response {
    if request.body().is_end_stream() {
        return next.run(request).await;
    }
    let given_up = Arc::new(GivenUp::default());
    let limit = web.state.config.timing.slow;
    let request = request.map(|body| Body::new(Awaited::new(body, limit, Arc::clone(&given_up))));
    tokio::select! {
        biased;
        response = next.run(request) => response,
        () = given_up.told.notified() => {
            let status = given_up.why.get().copied().unwrap_or(StatusCode::BAD_REQUEST);
            // Its page is made where all are. The rest of the body would be taken for the next request.
            let close = [(header::CONNECTION, HeaderValue::from_static("close"))];
            (status, close).into_response()
        }
    }
}

#[derive(Default)]
struct GivenUp {
    why: OnceLock<StatusCode>,
    told: Notify,
}

struct Awaited {
    body: Body,
    /// How many bytes may still come.
    left: usize,
    patience: Patience,
    alarm: Pin<Box<Sleep>>,
    given_up: Arc<GivenUp>,
}

impl Awaited {
    fn new(body: Body, limit: Duration, given_up: Arc<GivenUp>) -> Self {
        let alarm = Box::pin(sleep_until(Instant::now() + limit));
        Self { body, left: LARGEST, patience: Patience::new(limit), alarm, given_up }
    }

    /// Whoever reads waits until it is dropped.
    fn give_up<T>(&self, why: StatusCode) -> Poll<T> {
        let _ = self.given_up.why.set(why);
        self.given_up.told.notify_one();
        Poll::Pending
    }
}

impl HttpBody for Awaited {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        let frame = Pin::new(&mut self.body).poll_frame(cx);
        match &frame {
            Poll::Ready(Some(Ok(frame))) => {
                let bytes = frame.data_ref().map_or(0, Bytes::len);
                self.patience.moved(Instant::now(), bytes);
                match self.left.checked_sub(bytes) {
                    Some(left) => self.left = left,
                    None => return self.give_up(StatusCode::PAYLOAD_TOO_LARGE),
                }
            }
            // It broke off, or was no body.
            Poll::Ready(Some(Err(_))) => return self.give_up(StatusCode::BAD_REQUEST),
            Poll::Ready(None) => {}
            Poll::Pending => {
                self.patience.wait(Instant::now());
                if let Some(deadline) = self.patience.deadline() {
                    self.alarm.as_mut().reset(deadline);
                }
                if self.alarm.as_mut().poll(cx).is_ready() {
                    return self.give_up(StatusCode::REQUEST_TIMEOUT);
                }
            }
        }
        frame
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}
