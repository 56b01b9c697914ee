//! Work that outlives a request: queued with the change that needs it, done by the runner, resumed after a crash.

use std::time::Duration;

use model::Timestamp;

use crate::state::AppState;

mod beforehand;
pub mod drift;
mod edits;
mod expiry;
mod guest_keys;
mod joining;
mod overdue;
mod probing;
mod renewal;
mod retention;
mod runner;
mod share;
mod shut_out;
mod sync;
pub mod telling;

pub use edits::run as write_edit;
pub use expiry::{end_what_is_over, finish_endings};
pub use joining::{LONGEST_WAITING, newcomers};
pub use probing::{Prober, round as probe_all};
pub use retention::drop_old;
pub use runner::Runner;
pub use sync::observe_now;

/// What becomes of a job that did not fail.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    Done,
    /// There is more to do, not before this time.
    Again(Timestamp),
}

impl From<Option<Timestamp>> for Outcome {
    fn from(again: Option<Timestamp>) -> Self {
        again.map_or(Self::Done, Self::Again)
    }
}

/// Somebody else works on the tailnet, or its lease is about to be given back: looked at again within seconds.
fn until_let_go(state: &AppState) -> Outcome {
    const GLANCE: Duration = Duration::from_secs(2);
    Outcome::Again(state.after(state.config.timing.retry.min(GLANCE)))
}
