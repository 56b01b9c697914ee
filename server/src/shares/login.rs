//! Who a friend is to a control plane, as far as that is known without anybody looking.

use model::Login;

use crate::state::AppState;
use crate::store::shares::Share;

/// The login of a share that is its friend's for certain. On a server: the account that its owner said they are. Elsewhere: an
/// address that a provider verified, or the one by which they came into this tailnet before, after somebody's yes. What somebody
/// only wrote may be somebody else's, and is for its owner to look at.
///
/// # Errors
/// When the store fails.
pub async fn login_of_friend(state: &AppState, share: &Share) -> sqlx::Result<Option<Login>> {
    let db = &state.db;
    let tailnet = db.find_tailnet(share.tailnet).await?;
    if tailnet.is_some_and(|tailnet| tailnet.kind.is_headscale()) {
        let account = db.find_member(share.tailnet, share.friend).await?;
        return Ok(account.and_then(|account| Login::of_headscale(&account.login).ok()));
    }
    let same = |text: &str| text.eq_ignore_ascii_case(share.login.as_str());
    let verified = db.list_identities(share.friend).await?;
    let is_theirs = verified.iter().filter_map(|identity| identity.email.as_deref()).any(same)
        || db.came_in_as(share.tailnet, share.friend, &share.login).await?;
    Ok(is_theirs.then(|| share.login.clone()))
}
