//! Counts what is asked of the database, on either of the two.
//!
//! sqlx tells of every statement that was run by an event of the target `sqlx::query`, in the span in which it was
//! asked for. So each piece of work is counted by itself, whatever else runs beside it.

use std::fmt::Debug;
use std::future::Future;
use std::time::Duration;

use tokio::sync::oneshot;
use tracing::field::{Field, Visit};
use tracing::span::Id;
use tracing::{Event, Instrument as _, Metadata, Subscriber, info_span};
use tracing_subscriber::Layer;
use tracing_subscriber::layer::Context;
use tracing_subscriber::registry::LookupSpan;

use super::logs;

const COUNTED: &str = "counted";
/// What the events are about that tell of statements.
const STATEMENTS: &str = "sqlx::query";

/// The statements that `work` ran, with what it gives. They are in the order in which they were told of, which is nearly
/// that in which they were run.
///
/// Work that is handed to another task is counted if the task is in the span of who hands it over.
pub async fn statements<T>(work: impl Future<Output = T>) -> (T, Vec<String>) {
    logs::install();
    let (done, run) = oneshot::channel();
    let span = info_span!(COUNTED);
    span.with_subscriber(|(id, dispatch)| {
        let registry = dispatch.downcast_ref::<tracing_subscriber::Registry>().unwrap();
        let span = registry.span(id).unwrap();
        span.extensions_mut().insert(Run { statements: Vec::new(), done });
    });
    let given = work.instrument(span).await;
    // The database answers before it tells what it did: all is told when nobody holds the span any more.
    let told = tokio::time::timeout(Duration::from_secs(30), run).await;
    (given, told.expect("nothing holds the span of what is done").unwrap())
}

struct Run {
    statements: Vec<String>,
    done: oneshot::Sender<Vec<String>>,
}

/// Whether this has to be let through so that what is counted is whole: the counted span, and in a span the statements,
/// and further spans, which may be handed to another task.
pub fn are_counted(metadata: &Metadata<'_>, in_a_span: impl FnOnce() -> bool) -> bool {
    let may_be = metadata.is_span() || metadata.target() == STATEMENTS;
    may_be && (metadata.name() == COUNTED || in_a_span())
}

/// Keeps statements in the counted span that they belong to.
pub struct Statements;

impl<S: Subscriber + for<'a> LookupSpan<'a>> Layer<S> for Statements {
    fn on_close(&self, id: Id, context: Context<'_, S>) {
        let span = context.span(&id).filter(|span| span.name() == COUNTED);
        if let Some(Run { statements, done }) = span.and_then(|span| span.extensions_mut().remove()) {
            // Nobody waits any more where the test has failed meanwhile.
            let _ = done.send(statements);
        }
    }

    fn on_event(&self, event: &Event<'_>, context: Context<'_, S>) {
        if event.metadata().target() != STATEMENTS {
            return;
        }
        for span in context.event_scope(event).into_iter().flatten() {
            if let Some(run) = span.extensions_mut().get_mut::<Run>() {
                let mut summary = Summary::default();
                event.record(&mut summary);
                let statement = summary.statement();
                // A connection was opened: how many are open already is nobody's doing.
                if !statement.starts_with("PRAGMA ") {
                    run.statements.push(statement);
                }
            }
        }
    }
}

/// The text of a statement: the whole of it, where the summary is only its beginning.
#[derive(Default)]
struct Summary {
    beginning: String,
    whole: String,
}

impl Summary {
    fn statement(self) -> String {
        let text = if self.whole.trim().is_empty() { self.beginning } else { self.whole };
        text.split_whitespace().collect::<Vec<_>>().join(" ")
    }
}

impl Visit for Summary {
    fn record_str(&mut self, field: &Field, value: &str) {
        match field.name() {
            "summary" => value.clone_into(&mut self.beginning),
            "db.statement" => value.clone_into(&mut self.whole),
            _ => {}
        }
    }

    fn record_debug(&mut self, _: &Field, _: &dyn Debug) {}
}
