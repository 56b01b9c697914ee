//! Replaces the API key of a Headscale by a new one: each thing is written down before it is done, so that whoever is
//! killed in between loses nothing (`control_plane::renewal`).

use control_plane::renewal::{Renewal as Noted, Step, next_step};
use control_plane::{ControlPlane as _, ControlPlaneError, CredentialKind, KeyId, Secret};
use model::{JobKind, TailnetId};

use super::Outcome;
use crate::jobs;
use crate::planes;
use crate::queue;
use crate::state::AppState;
use crate::store::audit::{Actor, Object};
use crate::store::renewals::Renewal;
use crate::store::tailnets::Tailnet;
use crate::tailnet::Lease;
use crate::tailnet::renewal::{LIFETIME_SECONDS, open, seal};
use crate::trail;
use crate::words;

/// More than any replacement takes.
const LONGEST_RUN: usize = 20;

pub async fn run(state: &AppState, id: TailnetId) -> anyhow::Result<Outcome> {
    let Some(tailnet) = state.db.find_tailnet(id).await? else { return Ok(Outcome::Done) };
    let Some(lease) = Lease::take(state, id).await? else {
        return Ok(jobs::until_let_go(state));
    };
    let outcome = replace(state, &tailnet).await;
    lease.give_back().await?;
    outcome
}

async fn replace(state: &AppState, tailnet: &Tailnet) -> anyhow::Result<Outcome> {
    for _ in 0..LONGEST_RUN {
        let Some(renewal) = state.db.find_renewal(tailnet.id).await? else { return Ok(Outcome::Done) };
        match step(state, tailnet, renewal).await {
            Ok(true) => {}
            Ok(false) => return Ok(Outcome::Done),
            // What may have been done all the same is looked for when it is tried again.
            Err(error) => match error.downcast_ref::<ControlPlaneError>() {
                Some(ControlPlaneError::Unauthorised) => {
                    tracing::warn!(tailnet = %tailnet.id, "the API key is not replaced: {error}");
                    state.db.forget_renewal(tailnet.id).await?;
                    return Ok(Outcome::Done);
                }
                // A page in the place of an answer says the same as a server that has no such call.
                Some(ControlPlaneError::Unsupported { .. }) => {
                    return Ok(Outcome::Again(state.after(state.config.timing.retry * 30)));
                }
                Some(_) => return Ok(Outcome::Again(state.after(state.config.timing.retry))),
                None => return Err(error),
            },
        }
    }
    Ok(Outcome::Again(state.after(state.config.timing.retry)))
}

/// Does the next thing. Gives whether there is more to do.
async fn step(state: &AppState, tailnet: &Tailnet, mut renewal: Renewal) -> anyhow::Result<bool> {
    let id = tailnet.id;
    let old = open(state, id, "old_sealed", &renewal.old_sealed)?;
    let made =
        renewal.made_sealed.as_deref().map(|sealed| open(state, id, "made_sealed", sealed)).transpose()?;
    let key = made.as_ref().filter(|_| renewal.in_use).unwrap_or(&old);
    let client = |key: &Secret| planes::with_key(state, tailnet, Some(tailnet.kind), key.expose());
    let plane = client(key)?;
    let keys = plane.list_api_keys().await?;
    let noted = Noted {
        before: renewal.known.as_ref().map(|known| known.iter().map(KeyId::new).collect()),
        ends: renewal.ends,
        made: made.clone(),
        in_use: renewal.in_use,
    };
    match next_step(&noted, &old, &keys, state.now()) {
        Step::Note { before } => {
            renewal.known = Some(before.iter().map(|id| id.as_str().to_owned()).collect());
            renewal.ends = Some(state.now().plus_seconds(LIFETIME_SECONDS));
            state.db.put_renewal(id, &renewal).await?;
        }
        Step::Make { ends } => {
            let made = plane.create_api_key(ends).await?;
            renewal.made_sealed = Some(seal(state, id, "made_sealed", made.expose()));
            state.db.put_renewal(id, &renewal).await?;
        }
        Step::EndLost { id: lost } => plane.expire_api_key(&lost).await?,
        Step::Try => {
            let Some(made) = made else { anyhow::bail!("there is no new key to try") };
            let report = client(&made)?.check_credential(CredentialKind::ApiKey).await?;
            let credential = planes::credential(state, id, CredentialKind::ApiKey, made.expose(), report);
            let entry = trail::about(Object::from(tailnet)).by(Actor::Acequia);
            let entry = entry.says(words::headscale::RENEWED_KEY).of(tailnet).at(state);
            state.db.use_renewed(id, &credential, &entry).await?;
        }
        Step::EndOld { id: old } => plane.expire_api_key(&old).await?,
        Step::Again => {
            (renewal.known, renewal.ends, renewal.made_sealed) = (None, None, None);
            renewal.in_use = false;
            state.db.put_renewal(id, &renewal).await?;
        }
        Step::Done => {
            state.db.forget_renewal(id).await?;
            // What waited for the new one is asked about once more.
            queue::enqueue(state, JobKind::Sync, id).await?;
            return Ok(false);
        }
    }
    Ok(true)
}
