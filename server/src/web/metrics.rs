//! Figures for Prometheus.

use std::fmt::{Display, Write as _};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use axum::extract::{Request, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};
use axum_extra::headers::authorization::Bearer;
use axum_extra::headers::{Authorization, HeaderMapExt as _};
use calls::Outcome;
use model::Timestamp;

use super::Web;
use crate::config::Metrics as Access;
use crate::secrets::hash_token;
use crate::state::AppState;
use crate::store::metrics::Counted;

/// Who watches waits ten seconds; a database that takes longer than this is what is wrong.
const PATIENCE: Duration = Duration::from_secs(2);

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
            let given = headers.typed_get::<Authorization<Bearer>>();
            let given = given.as_ref().map_or("", |given| given.token());
            if hash_token(given) != hash_token(token.reveal()) {
                let ask = [(header::WWW_AUTHENTICATE, "Bearer")];
                return (StatusCode::UNAUTHORIZED, ask, "this needs the configured token\n").into_response();
            }
        }
    }
    let mut figures = Figures::default();
    web.metrics.write(&mut figures);
    process(&web, &mut figures);
    database(&web.state, &mut figures).await;
    ([(header::CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8")], figures.0).into_response()
}

/// What is known without asking the database: it may be what is wrong.
fn process(web: &Web, figures: &mut Figures) {
    let signals = &web.state.signals;
    let writable = u64::from(signals.health.trouble().is_none());
    figures.one("acequia_database_writable", "gauge", "Whether the last try to write succeeded.", writable);
    let overdue = signals.overdue.count();
    let told = "Shares that should be over, and could not be ended yet.";
    figures.one("acequia_ends_overdue", "gauge", told, overdue);
    let told = "Ends of shares that the database did not take; each is tried again.";
    figures.one("acequia_end_failures_total", "counter", told, signals.overdue.failures());
    let calls = Outcome::ALL.map(|outcome| (outcome.as_str(), signals.calls.count(outcome)));
    let told = "Calls to control planes by how they went, every attempt.";
    figures.each("acequia_control_plane_calls_total", "counter", told, "outcome", calls);
    let open = web.requests.count();
    figures.one(
        "acequia_http_requests_open",
        "gauge",
        "Requests that are being answered, streams too.",
        open,
    );
    let (all, idle) = web.state.db.connections();
    let connections = [("used", all.saturating_sub(idle)), ("idle", idle)];
    let told = "Connections to the database.";
    figures.each("acequia_database_connections", "gauge", told, "state", connections);
}

/// What stands in the database. Left out while it does not answer: `acequia_database_readable` is 0 then.
async fn database(state: &AppState, figures: &mut Figures) {
    let now = state.now();
    let found = tokio::time::timeout(PATIENCE, state.db.figures(now)).await;
    let found = found.ok().and_then(Result::ok);
    let told = "Whether the figures that follow could be read.";
    figures.one("acequia_database_readable", "gauge", told, u8::from(found.is_some()));
    let Some(found) = found else { return };
    let counts =
        |of: &[Counted]| of.iter().map(|(word, count, _)| (word.clone(), *count)).collect::<Vec<_>>();
    let age = |at: Timestamp| now.micros().saturating_sub(at.micros()).max(0) / 1_000_000;
    let ages = |of: &[Counted]| -> Vec<(String, i64)> {
        of.iter().filter_map(|(word, _, at)| Some((word.clone(), age((*at)?)))).collect()
    };
    figures.each("acequia_jobs", "gauge", "Work that is queued, by kind.", "kind", counts(&found.jobs));
    let told = "How long the job of a kind that waits longest has been due.";
    figures.each("acequia_job_overdue_seconds", "gauge", told, "kind", ages(&found.jobs));
    let told = "Tailnets by how their control plane answers.";
    figures.each("acequia_tailnets", "gauge", told, "state", counts(&found.tailnets));
    let told = "The age of the oldest last sync of a tailnet.";
    figures.each("acequia_sync_age_seconds", "gauge", told, "state", ages(&found.tailnets));
    figures.each("acequia_shares", "gauge", "Shares by state.", "state", counts(&found.shares));
    let sessions = [("person", found.signed_in), ("visitor", found.visitors)];
    let told = "Browsers that are remembered: signed in, or not.";
    figures.each("acequia_sessions", "gauge", told, "who", sessions);
    let told = "Notifications that are due, by the way they go: mail, ntfy or webhook.";
    figures.each("acequia_notifications_due", "gauge", told, "channel", counts(&found.untold));
    let told = "How long the notification that waits longest has been due.";
    figures.each("acequia_notification_overdue_seconds", "gauge", told, "channel", ages(&found.untold));
    let told = "Notifications that were given up, as long as that is kept.";
    figures.each("acequia_notifications_given_up", "gauge", told, "channel", counts(&found.given_up));
    if let Some(at) = found.last_backup {
        let told = "The age of the last `acequia backup`; left out where there is none.";
        figures.one("acequia_backup_age_seconds", "gauge", told, age(at));
    }
}

/// A text as Prometheus reads it (<https://prometheus.io/docs/instrumenting/exposition_formats/>).
#[derive(Default)]
struct Figures(String);

impl Figures {
    fn head(&mut self, name: &str, kind: &str, told: &str) {
        let _ = write!(self.0, "# HELP {name} {told}\n# TYPE {name} {kind}\n");
    }

    fn one(&mut self, name: &str, kind: &str, told: &str, value: impl Display) {
        self.head(name, kind, told);
        let _ = writeln!(self.0, "{name} {value}");
    }

    /// One for each value of a label. The values are words of ours.
    fn each<W: Display, V: Display>(
        &mut self,
        name: &str,
        kind: &str,
        told: &str,
        label: &str,
        all: impl IntoIterator<Item = (W, V)>,
    ) {
        self.head(name, kind, told);
        for (word, value) in all {
            // What stands in a column may be damaged.
            let word = word.to_string().replace(['\\', '"', '\n'], "?");
            let _ = writeln!(self.0, "{name}{{{label}=\"{word}\"}} {value}");
        }
    }
}

impl Metrics {
    fn write(&self, figures: &mut Figures) {
        let version = [(crate::version::VERSION, 1)];
        figures.each("acequia_build_info", "gauge", "The version that runs.", "version", version);
        let classes = (1..).zip(&self.0.answers);
        let answers = classes.map(|(class, count)| (format!("{class}xx"), count.load(Ordering::Relaxed)));
        let told = "Answered requests by class of status.";
        figures.each("acequia_http_requests_total", "counter", told, "class", answers);
        let micros = self.0.microseconds.load(Ordering::Relaxed);
        let seconds = format!("{}.{:06}", micros / 1_000_000, micros % 1_000_000);
        figures.one("acequia_http_seconds_total", "counter", "Time spent until answers began.", seconds);
    }
}
