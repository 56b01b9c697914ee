//! Ends that could not be done, once they are.

use model::ShareState;

use crate::state::AppState;
use crate::store::trouble::Trouble;

/// Those that were ended by somebody else, and those of which their own page tells why they are not over.
pub(super) async fn forget_what_is_over(state: &AppState) -> sqlx::Result<()> {
    for id in state.signals.overdue.all() {
        let told = |state: &ShareState| state.is_over() || matches!(state, ShareState::NeedsAttention { .. });
        match state.db.find_share(id).await {
            Ok(share) if share.as_ref().is_none_or(|share| told(&share.state)) => {
                state.signals.overdue.done(id);
            }
            Err(error) if Trouble::of(&error).is_some() => return Err(error),
            // It goes on, or cannot be read: that is told elsewhere, and holds up nobody else.
            Ok(_) | Err(_) => {}
        }
    }
    Ok(())
}
