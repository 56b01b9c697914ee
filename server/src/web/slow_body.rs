//! What is sent has to arrive at some speed.

use std::pin::Pin;
use std::sync::Arc;
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

/// Gives up a request of which no more comes. Nothing was done then: handlers begin when they have it whole.
pub async fn layer(State(web): State<Web>, request: Request, next: Next) -> Response {
    if request.body().is_end_stream() {
        return next.run(request).await;
    }
    let late = Arc::new(Notify::new());
    let limit = web.services.config.timing.slow;
    let request = request.map(|body| Body::new(Awaited::new(body, limit, late.clone())));
    tokio::select! {
        biased;
        response = next.run(request) => response,
        () = late.notified() => {
            // Its page is made where all are. The rest of the body would be taken for the next request.
            let close = [(header::CONNECTION, HeaderValue::from_static("close"))];
            (StatusCode::REQUEST_TIMEOUT, close).into_response()
        }
    }
}

struct Awaited {
    body: Body,
    patience: Patience,
    alarm: Pin<Box<Sleep>>,
    late: Arc<Notify>,
}

impl Awaited {
    fn new(body: Body, limit: Duration, late: Arc<Notify>) -> Self {
        let alarm = Box::pin(sleep_until(Instant::now() + limit));
        Self { body, patience: Patience::new(limit), alarm, late }
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
            }
            Poll::Ready(_) => {}
            Poll::Pending => {
                self.patience.wait(Instant::now());
                if let Some(deadline) = self.patience.deadline() {
                    self.alarm.as_mut().reset(deadline);
                }
                if self.alarm.as_mut().poll(cx).is_ready() {
                    self.late.notify_one();
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
