//! Jobs that are due at once, for whoever changes something that needs one.

use model::{Id, JobKind};

use crate::state::AppState;
use crate::store::jobs::NewJob;

/// A job that is due at once. Poke the runner after the transaction.
pub fn job<T>(state: &AppState, kind: JobKind, subject: Id<T>) -> NewJob {
    let now = state.now();
    NewJob { id: state.random.new_id(now), kind, subject: subject.uuid(), run_at: now }
}

/// Queues a job on its own and wakes the runner.
///
/// # Errors
/// When it cannot be stored.
pub async fn enqueue<T>(state: &AppState, kind: JobKind, subject: Id<T>) -> sqlx::Result<()> {
    state.db.enqueue(&job(state, kind, subject)).await?;
    state.signals.poke.notify_one();
    Ok(())
}
