//! Whether whom a share is between may come in.

use model::{ShareSide, Standing};

use crate::state::AppState;
use crate::store::shares::Share;

/// Whether both sides of a share may come in, as far as it needs that.
///
/// # Errors
/// When the store fails.
pub async fn may_go_on(state: &AppState, share: &Share) -> sqlx::Result<bool> {
    // Whose key it is that opens it, on a server on which somebody else lends.
    let tailnet = state.db.find_tailnet(share.tailnet).await?.map(|tailnet| tailnet.owner);
    let keeper = tailnet.filter(|keeper| *keeper != share.owner && *keeper != share.friend);
    let sides = [(share.owner, ShareSide::Gives), (share.friend, ShareSide::Receives)].into_iter();
    for (person, side) in sides.chain(keeper.map(|keeper| (keeper, ShareSide::Gives))) {
        let standing =
            state.db.find_standing(person).await?.map_or(Standing::Removed, |stands| stands.standing);
        if !standing.lets_go_on(side, &share.state, share.seen_in_force.is_some()) {
            return Ok(false);
        }
    }
    Ok(true)
}
