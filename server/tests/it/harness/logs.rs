//! What is logged in this process, for tests that look at it: the lines of one thread, the statements of one piece of
//! work.

use std::cell::RefCell;
use std::io::Write;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, Once, PoisonError};

use tracing::level_filters::LevelFilter;
use tracing::subscriber::Interest;
use tracing::{Metadata, Subscriber, callsite};
use tracing_subscriber::layer::{Context, SubscriberExt as _};
use tracing_subscriber::registry::LookupSpan;
use tracing_subscriber::util::SubscriberInitExt as _;
use tracing_subscriber::{Layer, fmt};

use server::log::OneLine;

use super::statements::{self, Statements};

/// How many threads listen.
static LISTENING: AtomicUsize = AtomicUsize::new(0);

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

/// Lets through what somebody looks at. All tests of the process have one subscriber as soon as one of them looks: to make
/// lines of everything that the others do, at the finest level, takes most of the time of a run.
struct Wanted;

impl<S: Subscriber + for<'a> LookupSpan<'a>> Layer<S> for Wanted {
    /// Asked anew each time: the same place is wanted in one test and not in the other.
    fn register_callsite(&self, _: &'static Metadata<'static>) -> Interest {
        Interest::sometimes()
    }

    fn enabled(&self, metadata: &Metadata<'_>, context: Context<'_, S>) -> bool {
        let listens = LOG.try_with(|log| log.borrow().is_some()).unwrap_or(false);
        listens || statements::are_counted(metadata, || context.lookup_current().is_some())
    }

    /// Statements are told of at `DEBUG`. What is finer, such as each letter of a page that is parsed, need not even be
    /// asked about where nobody listens.
    fn max_level_hint(&self) -> Option<LevelFilter> {
        let listens = LISTENING.load(Ordering::SeqCst) > 0;
        Some(if listens { LevelFilter::TRACE } else { LevelFilter::DEBUG })
    }
}

/// Changes how many listen, and with that what may pass. One thread after the other: an older count must not be set last.
fn listening(change: impl FnOnce(&AtomicUsize) -> usize) {
    static ONE_BY_ONE: Mutex<()> = Mutex::new(());
    let _one = ONE_BY_ONE.lock().unwrap_or_else(PoisonError::into_inner);
    change(&LISTENING);
    callsite::rebuild_interest_cache();
}

/// One subscriber for the whole process: those of single threads miss what another thread asked for first.
pub fn install() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        // The crate `log` lets through for ever what may pass now.
        listening(|count| count.fetch_add(1, Ordering::SeqCst));
        // Without filters of single layers: what is filtered for one is sometimes missing for the other.
        let lines = fmt::layer().with_ansi(false).with_writer(OneLine(|| Lines));
        tracing_subscriber::registry().with(lines).with(Statements).with(Wanted).init();
        listening(|count| count.fetch_sub(1, Ordering::SeqCst));
    });
}

/// Begins to keep what is logged on this thread, at every level.
pub fn listen() {
    install();
    if LOG.replace(Some(Vec::new())).is_none() {
        listening(|count| count.fetch_add(1, Ordering::SeqCst));
    }
}

/// What was logged on this thread since.
pub fn heard() -> String {
    let log = LOG.take();
    if log.is_some() {
        listening(|count| count.fetch_sub(1, Ordering::SeqCst));
    }
    String::from_utf8_lossy(&log.unwrap_or_default()).into_owned()
}
