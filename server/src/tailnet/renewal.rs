//! The API key of a Headscale is replaced by a new one, by a click or by itself.

use control_plane::CredentialKind;
use model::{JobKind, TailnetId};

use crate::planes;
use crate::queue;
use crate::state::AppState;
use crate::store::tailnets::Tailnet;

/// A key that has less than so many days left is replaced by itself.
pub const BY_ITSELF: i64 = 7;
/// How long a new one is good.
pub const LIFETIME_SECONDS: i64 = 90 * 24 * 60 * 60;

/// Begins, unless it is going on; what is done is the job's.
///
/// # Errors
/// When the store fails, or the key cannot be opened.
pub async fn begin(state: &AppState, tailnet: &Tailnet) -> anyhow::Result<()> {
    let old = planes::open_api_key(state, tailnet).await?;
    let sealed = seal(state, tailnet.id, "old_sealed", old.expose());
    state.db.begin_renewal(tailnet.id, &sealed, state.now()).await?;
    queue::enqueue(state, JobKind::Renewal, tailnet.id).await?;
    Ok(())
}

/// Begins where the end of the key is near.
///
/// # Errors
/// As [`begin`].
pub async fn begin_if_due(state: &AppState, tailnet: &Tailnet) -> anyhow::Result<()> {
    let stored = state.db.list_credentials(tailnet.id).await?.readable();
    let key = stored.into_iter().find(|credential| credential.kind == CredentialKind::ApiKey);
    let left = key
        .filter(|key| key.refused.is_none())
        .and_then(|key| Some(control_plane::renewal::days_left(key.expires?, state.now())));
    if left.is_some_and(|days| (0..BY_ITSELF).contains(&days)) {
        begin(state, tailnet).await?;
    }
    Ok(())
}

/// Seals a key in a row of the table `renewals`.
pub fn seal(state: &AppState, tailnet: TailnetId, column: &str, key: &str) -> String {
    state.sealer.seal("renewals", column, &tailnet.to_string(), key.as_bytes())
}

/// What [`seal`] made.
///
/// # Errors
/// When it cannot be opened with the key file.
pub fn open(
    state: &AppState,
    tailnet: TailnetId,
    column: &str,
    sealed: &str,
) -> anyhow::Result<control_plane::Secret> {
    let text = state.sealer.open_text("renewals", column, &tailnet.to_string(), sealed)?;
    Ok(control_plane::Secret::new(text))
}
