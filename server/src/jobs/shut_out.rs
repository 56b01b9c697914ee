//! Ends what has to end of somebody who may no longer come in, until nothing of it is left; then, if they are
//! removed, takes them away.

use model::{EndReason, JobKind, PersonId, Standing};

use super::Outcome;
use crate::queue;
use crate::shares;
use crate::state::AppState;
use crate::store::audit::{Actor, Object};
use crate::store::jobs::LONGEST_WAIT;
use crate::store::standing::Deed;
use crate::trail;
use crate::words;

pub async fn run(state: &AppState, id: PersonId) -> anyhow::Result<Outcome> {
    let (db, now) = (&state.db, state.now());
    let Some(stands) = db.find_standing(id).await? else { return Ok(Outcome::Done) };
    if matches!(stands.standing, Standing::Here | Standing::Removed) {
        return Ok(Outcome::Done);
    }
    let mut missed = false;
    let shares = db.list_shares_of(id).await?;
    let has_unread = !shares.damaged.is_empty();
    for mut share in shares.readable() {
        let over = share.state.clone().end(EndReason::ShutOut).is_err();
        if !over && !shares::may_go_on(state, &share).await? {
            // Whoever was quicker changed it: it is looked at again.
            missed |= !shares::begin_end(state, &mut share, EndReason::ShutOut, Actor::Acequia).await?;
        }
    }
    for joining in db.list_waits_of(id).await? {
        queue::enqueue(state, JobKind::Joining, joining).await?;
    }
    if missed {
        return Ok(Outcome::Again(now));
    }
    if has_unread {
        // One that cannot be read may be open: it ends when somebody has mended its row.
        return Ok(Outcome::Again(state.after(LONGEST_WAIT)));
    }
    if stands.standing != Standing::Removing {
        return Ok(Outcome::Done);
    }
    let Some(person) = db.find_person(id).await? else { return Ok(Outcome::Done) };
    let object = Object::person(id, &person.name);
    let entry = trail::about(object).by(Actor::Acequia).says(words::person::IS_GONE).at(state);
    let tailnets = db.list_tailnets_of(id).await?.readable();
    if !db.finish_removal(&Deed { person: id, now, entry }).await? {
        return Ok(Outcome::Again(state.after(state.config.timing.retry)));
    }
    for tailnet in tailnets.into_iter().filter(|tailnet| tailnet.owner == id) {
        state.reach.forget(tailnet.id);
    }
    Ok(Outcome::Done)
}
