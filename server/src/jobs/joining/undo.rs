//! A key was asked for, and nobody knows whether it was made: the process was killed, or the answer was lost. It is
//! found by its description and revoked; nobody has seen it.

use control_plane::{ControlPlaneError, KeyId, ListedAuthKey};
use model::{JobKind, JoiningState};

use super::{LONGEST_WAITING, later, over};
use crate::jobs::Outcome;
use crate::planes;
use crate::planes::in_words;
use crate::queue;
use crate::state::AppState;
use crate::store::joinings::Joining;
use crate::words;

pub async fn run(state: &AppState, joining: &Joining) -> anyhow::Result<Outcome> {
    if joining.state == JoiningState::Making {
        // From here on whoever still makes it does not keep it.
        let job = queue::job(state, JobKind::Joining, joining.id);
        state.db.undo_joining(joining.id, &job).await?;
        return Ok(Outcome::Again(state.now()));
    }
    let words = Words {
        none: words::joining::FOUND_NO_KEY,
        revoked: words::joining::REVOKED_UNSEEN_KEY,
        lapsed: words::joining::STOPPED_LOOKING,
    };
    revoke(state, joining, &words).await
}

/// The owner may no longer come in, so nobody waits any more, and the key lets no machine in.
pub async fn shut_out(state: &AppState, joining: &Joining) -> anyhow::Result<Outcome> {
    let stopped = words::joining::OWNER_IS_SHUT_OUT;
    let lapsed = words::joining::KEY_ENDED;
    // Waited for by hand: there is no key of ours.
    if joining.state == JoiningState::Waiting && joining.key.is_none() {
        over(state, joining, JoiningState::Cancelled, stopped).await?;
        return Ok(Outcome::Done);
    }
    revoke(state, joining, &Words { none: stopped, revoked: stopped, lapsed }).await
}

/// What is told when it is over.
struct Words {
    none: &'static str,
    revoked: &'static str,
    /// The control plane did not say, and by now no key can be good any more.
    lapsed: &'static str,
}

async fn revoke(state: &AppState, joining: &Joining, words: &Words) -> anyhow::Result<Outcome> {
    let now = state.now();
    // A call that was sent may still have its effect.
    let may_come = || {
        let asked = joining.created.happened(now);
        joining.state == JoiningState::Undoing
            && asked.is_some_and(|asked| now < asked.plus(state.config.timing.lease))
    };
    match revoked(state, joining).await? {
        Ok(0) if may_come() => state.db.set_observed(joining.id, now, None).await?,
        Ok(0) => {
            over(state, joining, JoiningState::Cancelled, words.none).await?;
            return Ok(Outcome::Done);
        }
        Ok(_) => {
            over(state, joining, JoiningState::Cancelled, words.revoked).await?;
            return Ok(Outcome::Done);
        }
        Err(_) if joining.ends.is_over(now, LONGEST_WAITING) => {
            over(state, joining, JoiningState::Lapsed, words.lapsed).await?;
            return Ok(Outcome::Done);
        }
        Err(error) => state.db.set_observed(joining.id, now, Some(&in_words(&error))).await?,
    }
    Ok(later(state, joining))
}

/// How many keys of this description there were.
async fn revoked(state: &AppState, joining: &Joining) -> anyhow::Result<Result<usize, ControlPlaneError>> {
    let plane = planes::to_end(state, joining.tailnet).await?;
    // By its id, where that is known: a list shows what a credential may know of.
    if let Some(key) = &joining.key {
        match plane.delete_auth_key(&KeyId::new(key.clone())).await {
            Ok(()) => return Ok(Ok(1)),
            Err(ControlPlaneError::NotFound) => {}
            Err(error) => return Ok(Err(error)),
        }
    }
    let keys = match plane.list_auth_keys().await {
        Ok(keys) => keys,
        Err(error) => return Ok(Err(error)),
    };
    let meant = |key: &ListedAuthKey| key.description == joining.description;
    let mut count = 0;
    for key in keys.into_iter().filter(meant) {
        match plane.delete_auth_key(&key.id).await {
            Ok(()) => count += 1,
            Err(ControlPlaneError::NotFound) => {}
            Err(error) => return Ok(Err(error)),
        }
    }
    Ok(Ok(count))
}
