//! Ends what has to end of somebody who may no longer come in, until nothing of it is left; then, if they are
//! removed, takes them away.

use model::{EndReason, JobKind, ObjectKind, PersonId, ShareSide, Standing};

use super::Outcome;
use crate::services::Services;
use crate::store::audit::{Actor, NewEntry, Object};
use crate::store::jobs::LONGEST_WAIT;
use crate::store::shares::Share;
use crate::store::standing::Deed;

pub async fn run(services: &Services, id: PersonId) -> anyhow::Result<Outcome> {
    let (db, now) = (&services.db, services.now());
    let Some(stands) = db.find_standing(id).await? else { return Ok(Outcome::Done) };
    if matches!(stands.standing, Standing::Here | Standing::Removed) {
        return Ok(Outcome::Done);
    }
    let mut missed = false;
    let shares = db.list_shares_of(id).await?;
    let has_unread = !shares.damaged.is_empty();
    for mut share in shares.readable() {
        let over = share.state.clone().end(EndReason::ShutOut).is_err();
        if !over && !services.may_go_on(&share).await? {
            // Whoever was quicker changed it: it is looked at again.
            missed |= !services.begin_end(&mut share, EndReason::ShutOut, Actor::Acequia).await?;
        }
    }
    for joining in db.list_waits_of(id).await? {
        services.enqueue(JobKind::Joining, joining).await?;
    }
    if missed {
        return Ok(Outcome::Again(now));
    }
    if has_unread {
        // One that cannot be read may be open: it ends when somebody has mended its row.
        return Ok(Outcome::Again(services.after(LONGEST_WAIT)));
    }
    if stands.standing != Standing::Removing {
        return Ok(Outcome::Done);
    }
    let Some(person) = db.find_person(id).await? else { return Ok(Outcome::Done) };
    let entry = NewEntry {
        id: services.new_id(),
        at: now,
        actor: Actor::Acequia,
        what: "is gone: nothing of theirs is open any more".into(),
        object: Object { kind: ObjectKind::Person, id: id.uuid(), name: person.name },
        before: None,
        after: None,
        tailnet: None,
        owner: None,
        friend: None,
    };
    let tailnets = db.list_tailnets_of(id).await?;
    if !db.finish_removal(&Deed { person: id, now, entry }).await? {
        return Ok(Outcome::Again(services.after(services.config.timing.retry)));
    }
    for tailnet in tailnets.into_iter().filter(|tailnet| tailnet.owner == id) {
        services.reach.forget(tailnet.id);
    }
    Ok(Outcome::Done)
}

impl Services {
    /// Whether both sides of a share may come in, as far as it needs that.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn may_go_on(&self, share: &Share) -> sqlx::Result<bool> {
        for (person, side) in [(share.owner, ShareSide::Gives), (share.friend, ShareSide::Receives)] {
            let standing =
                self.db.find_standing(person).await?.map_or(Standing::Removed, |stands| stands.standing);
            if !standing.lets_go_on(side, &share.state, share.seen_in_force.is_some()) {
                return Ok(false);
            }
        }
        Ok(true)
    }
}
