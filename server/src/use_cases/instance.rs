//! The instance as a whole, for whoever looks after it.

use app::fault::Fault;
use model::Timestamp;

use crate::failure::OrInternal as _;
use crate::state::AppState;

/// When everything was last copied with `acequia backup`; absent where that was never done.
///
/// # Errors
/// When the database fails.
pub async fn last_backup(state: &AppState) -> Result<Option<Timestamp>, Fault> {
    state.db.last_backup(state.now()).await.or_internal("look for the last backup")
}
