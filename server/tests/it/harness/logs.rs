//! What is logged in this process, for tests that look at it: the lines of one thread, the statements of one piece of
//! work.

use std::cell::RefCell;
use std::io::Write;
use std::sync::Once;

use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Subscriber};
use tracing_subscriber::layer::{Context, SubscriberExt as _};
use tracing_subscriber::util::SubscriberInitExt as _;
use tracing_subscriber::{Layer, fmt};

use server::log::OneLine;

use super::statements::Statements;

thread_local! {
    /// What is logged on this thread, while somebody listens.
    static LOG: RefCell<Option<Vec<u8>>> = const { RefCell::new(None) };
}

struct Lines;

impl Write for Lines {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        LOG.with_borrow_mut(|log| log.iter_mut().for_each(|log| log.extend_from_slice(bytes)));
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

/// Writes what somebody listens to. At every level libraries say much, and a whole run would write down what nobody reads.
struct WhileHeard<L>(L);

impl<S: Subscriber, L: Layer<S>> Layer<S> for WhileHeard<L> {
    fn on_new_span(&self, attributes: &Attributes<'_>, id: &Id, context: Context<'_, S>) {
        self.0.on_new_span(attributes, id, context);
    }

    fn on_record(&self, id: &Id, values: &Record<'_>, context: Context<'_, S>) {
        self.0.on_record(id, values, context);
    }

    fn on_event(&self, event: &Event<'_>, context: Context<'_, S>) {
        if LOG.with_borrow(Option::is_some) {
            self.0.on_event(event, context);
        }
    }
}

/// One subscriber for the whole process: those of single threads miss what another thread asked for first.
pub fn install() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        // Without filters of single layers: what is filtered for one is sometimes missing for the other.
        let lines = fmt::layer().with_ansi(false).with_writer(OneLine(|| Lines));
        tracing_subscriber::registry().with(WhileHeard(lines)).with(Statements).init();
    });
}

/// Begins to keep what is logged on this thread, at every level.
pub fn listen() {
    install();
    LOG.set(Some(Vec::new()));
}

/// What was logged on this thread since.
pub fn heard() -> String {
    String::from_utf8_lossy(&LOG.take().unwrap_or_default()).into_owned()
}
