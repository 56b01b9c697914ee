//! A key was asked for, and nobody knows whether it was made: the process was killed, or the answer was lost. It is
//! found by its description and revoked; nobody has seen it.

use control_plane::{ControlPlaneError, ListedAuthKey};

use super::{LONGEST_WAITING, later, over};
use crate::jobs::Outcome;
use crate::planes::in_words;
use crate::services::Services;
use crate::store::jobs::Kind;
use crate::store::joinings::{Joining, State};

pub async fn run(services: &Services, joining: &Joining) -> anyhow::Result<Outcome> {
    if joining.state == State::Making {
        // From here on whoever still makes it does not keep it.
        let job = services.job(Kind::Joining, joining.id);
        services.db.undo_joining(joining.id, &job).await?;
        return Ok(Outcome::Again(services.now()));
    }
    let now = services.now();
    match revoked(services, joining).await? {
        // A call that was sent may still have its effect.
        Ok(0)
            if joining
                .created
                .happened(now)
                .is_some_and(|asked| now < asked.plus(services.config.timing.lease)) =>
        {
            services.db.mark_looked(joining.id, now, None).await?;
            Ok(later(services, joining))
        }
        Ok(count) => {
            let what = match count {
                0 => "found that no key was made for a new machine",
                _ => "revoked a key for a new machine that nobody was shown",
            };
            over(services, joining, State::Cancelled, what).await?;
            Ok(Outcome::Done)
        }
        Err(_) if joining.ends.is_over(now, LONGEST_WAITING) => {
            let what = "stopped looking for a key for a new machine: it would have ended";
            over(services, joining, State::Lapsed, what).await?;
            Ok(Outcome::Done)
        }
        Err(error) => {
            services.db.mark_looked(joining.id, now, Some(&in_words(&error))).await?;
            Ok(later(services, joining))
        }
    }
}

/// The owner may no longer come in, so nobody waits any more, and the key lets no machine in.
pub async fn shut_out(services: &Services, joining: &Joining) -> anyhow::Result<Outcome> {
    match revoked(services, joining).await? {
        Ok(_) => {
            let what = "stopped waiting for a machine: the owner of the tailnet may no longer come in here";
            over(services, joining, State::Cancelled, what).await?;
            Ok(Outcome::Done)
        }
        Err(_) if joining.ends <= services.now() => {
            over(services, joining, State::Lapsed, "stopped waiting for a machine: the key ended").await?;
            Ok(Outcome::Done)
        }
        Err(error) => {
            services.db.mark_looked(joining.id, services.now(), Some(&in_words(&error))).await?;
            Ok(later(services, joining))
        }
    }
}

/// How many keys of this description there were.
async fn revoked(services: &Services, joining: &Joining) -> anyhow::Result<Result<usize, ControlPlaneError>> {
    let plane = services.plane_to_end(joining.tailnet).await?;
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
