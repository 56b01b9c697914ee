//! Counts what is asked of the database, on either of the two.
//!
//! sqlx tells of every statement that was run by an event of the target `sqlx::query`, in the span in which it was
//! asked for. So each piece of work is counted by itself, whatever else runs beside it.

use std::fmt::Debug;
use std::future::Future;

use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id};
use tracing::{Event, Instrument as _, Subscriber, info_span};
use tracing_subscriber::Layer;
use tracing_subscriber::layer::Context;
use tracing_subscriber::registry::LookupSpan;

use super::logs;

const COUNTED: &str = "counted";

/// The statements that `work` ran, in their order, by their first words, with what it gives.
///
/// Work that is handed to another task is counted if the task is in the span of who hands it over.
pub async fn statements<T>(work: impl Future<Output = T>) -> (T, Vec<String>) {
    logs::install();
    let span = info_span!(COUNTED);
    let given = work.instrument(span.clone()).await;
    let run = span.with_subscriber(|(id, dispatch)| {
        let registry = dispatch.downcast_ref::<tracing_subscriber::Registry>().unwrap();
        let span = registry.span(id).unwrap();
        span.extensions_mut().remove::<Run>().unwrap_or_default().0
    });
    (given, run.unwrap())
}

#[derive(Default)]
struct Run(Vec<String>);

/// Keeps statements in the counted span that they belong to.
pub struct Statements;

impl<S: Subscriber + for<'a> LookupSpan<'a>> Layer<S> for Statements {
    fn on_new_span(&self, attributes: &Attributes<'_>, id: &Id, context: Context<'_, S>) {
        if attributes.metadata().name() == COUNTED
            && let Some(span) = context.span(id)
        {
            span.extensions_mut().insert(Run::default());
        }
    }

    fn on_event(&self, event: &Event<'_>, context: Context<'_, S>) {
        if event.metadata().target() != "sqlx::query" {
            return;
        }
        for span in context.event_scope(event).into_iter().flatten() {
            if let Some(run) = span.extensions_mut().get_mut::<Run>() {
                let mut summary = Summary::default();
                event.record(&mut summary);
                run.0.push(summary.statement());
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
