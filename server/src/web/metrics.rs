//! Figures for Prometheus.

use std::fmt::Write as _;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use axum::extract::{Request, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};

use super::Web;
use crate::config::Metrics as Access;
use crate::secrets::hash_token;
use crate::state::AppState;

/// Counted since the start of the process.
#[derive(Clone, Debug, Default)]
pub struct Metrics(Arc<Counters>);

#[derive(Debug, Default)]
struct Counters {
    /// Answers by the first digit of their status, 1 to 5.
    answers: [AtomicU64; 5],
    microseconds: AtomicU64,
}

/// Counts every request. The time is the time until the answer begins.
pub async fn layer(State(web): State<Web>, request: Request, next: Next) -> Response {
    let started = std::time::Instant::now();
    let response = next.run(request).await;
    let counters = &web.metrics.0;
    if let Some(count) = counters.answers.get(usize::from(response.status().as_u16() / 100).wrapping_sub(1)) {
        count.fetch_add(1, Ordering::Relaxed);
    }
    let micros = u64::try_from(started.elapsed().as_micros()).unwrap_or(u64::MAX);
    counters.microseconds.fetch_add(micros, Ordering::Relaxed);
    response
}

/// Off unless configured: then it does not exist.
pub async fn show(State(web): State<Web>, headers: HeaderMap) -> Response {
    match &web.state.config.metrics {
        Access::Off => return (StatusCode::NOT_FOUND, "there are no metrics\n").into_response(),
        Access::Open => {}
        Access::Token(token) => {
            let given = headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok());
            let given = given.and_then(|value| value.strip_prefix("Bearer ")).unwrap_or_default();
            if hash_token(given) != hash_token(token.reveal()) {
                let ask = [(header::WWW_AUTHENTICATE, "Bearer")];
                return (StatusCode::UNAUTHORIZED, ask, "this needs the configured token\n").into_response();
            }
        }
    }
    let text = web.metrics.text() + &store_figures(&web.state);
    ([(header::CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8")], text).into_response()
}

/// What is known without asking the database: it may be what is wrong.
fn store_figures(state: &AppState) -> String {
    let figures = [
        (
            "acequia_database_writable",
            "Whether the last try to write succeeded.",
            "gauge",
            u64::from(state.signals.health.trouble().is_none()),
        ),
        (
            "acequia_ends_overdue",
            "Shares that should be over, and could not be ended yet.",
            "gauge",
            u64::try_from(state.signals.overdue.count()).unwrap_or(u64::MAX),
        ),
        (
            "acequia_end_failures_total",
            "Ends of shares that the database did not take; each is tried again.",
            "counter",
            state.signals.overdue.failures(),
        ),
    ];
    let text =
        |(name, help, kind, value)| format!("# HELP {name} {help}\n# TYPE {name} {kind}\n{name} {value}\n");
    figures.map(text).concat()
}

impl Metrics {
    fn text(&self) -> String {
        let mut text = format!(
            "# HELP acequia_build_info The version that runs.\n# TYPE acequia_build_info gauge\n\
             acequia_build_info{{version=\"{}\"}} 1\n\
             # HELP acequia_http_requests_total Answered requests by class of status.\n\
             # TYPE acequia_http_requests_total counter\n",
            env!("CARGO_PKG_VERSION")
        );
        for (class, count) in (1..).zip(&self.0.answers) {
            let count = count.load(Ordering::Relaxed);
            let _ = writeln!(text, "acequia_http_requests_total{{class=\"{class}xx\"}} {count}");
        }
        let micros = self.0.microseconds.load(Ordering::Relaxed);
        let _ = write!(
            text,
            "# HELP acequia_http_seconds_total Time spent until answers began.\n\
             # TYPE acequia_http_seconds_total counter\n\
             acequia_http_seconds_total {}.{:06}\n",
            micros / 1_000_000,
            micros % 1_000_000
        );
        text
    }
}
