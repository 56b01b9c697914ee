//! What is over begins to end: at start, before the first page is served, and when its time comes.

use model::EndReason;

use crate::services::Services;
use crate::store::audit::Actor;

/// Begins the end of every share whose agreed time is over. Gives how many there were.
///
/// # Errors
/// When the store fails.
pub async fn end_what_is_over(services: &Services) -> anyhow::Result<usize> {
    let mut count = 0;
    for mut share in services.db.list_expired_shares(services.now()).await? {
        // One that ends already for another reason stays with that.
        if services.begin_end(&mut share, EndReason::Expired, Actor::Acequia).await.is_ok() {
            count += 1;
        }
    }
    Ok(count)
}
