//! Writes one edit of a policy. It was written down before; every run looks first whether it stands already.

use control_plane::{ControlPlaneError, PolicyFile};
use model::ids::EditId;
use model::{Changed, EditState, JobKind, ObjectKind};

use super::Outcome;
use crate::jobs;
use crate::planes;
use crate::planes::{OwnerShutOut, in_words};
use crate::queue;
use crate::state::AppState;
use crate::store::audit::{Actor, NewEntry, Object, PolicyChange};
use crate::store::edits::Edit;
use crate::store::snapshots::Again;
use crate::tailnet::policy_file::{Written, replace};
use crate::tailnet::{Lease, elsewhere, exposures, snapshot};
use crate::text_diff::changed_lines;
use crate::trail::{self, Draft};
use crate::words;

pub async fn run(state: &AppState, id: EditId) -> anyhow::Result<Outcome> {
    let Some(edit) = state.db.find_edit(id).await? else { return Ok(Outcome::Done) };
    // One that belongs to a share is written by the share's own job.
    if !matches!(edit.state, EditState::Applying { .. }) || edit.share.is_some() {
        return Ok(Outcome::Done);
    }
    let Some(lease) = Lease::take(state, edit.tailnet).await? else {
        return Ok(jobs::until_let_go(state));
    };
    let outcome = write(state, &lease, &edit).await;
    lease.give_back().await?;
    outcome
}

async fn write(state: &AppState, lease: &Lease, edit: &Edit) -> anyhow::Result<Outcome> {
    let plane = match planes::of(state, edit.tailnet).await {
        Ok(plane) => plane,
        Err(error) => return shut_out(state, edit, error).await,
    };
    let read = match plane.get_policy().await {
        Ok(read) => read,
        Err(error) => return trouble(state, edit, &error).await,
    };
    if read.text == edit.after {
        return stands(state, edit, read).await;
    }
    if read.text != edit.before {
        state.db.stop_edit(edit.id, words::edit::SOMEBODY_WAS_QUICKER).await?;
        return Ok(Outcome::Done);
    }
    // Read again: whoever was shut out meanwhile writes nothing more.
    if let Err(error) = planes::of(state, edit.tailnet).await {
        return shut_out(state, edit, error).await;
    }
    if !lease.renew().await? {
        return Ok(Outcome::Again(state.now()));
    }
    elsewhere::before_write(state, edit.tailnet, (&read.text, &edit.after)).await?;
    match replace(plane.as_ref(), &read, &edit.after).await {
        Ok(Written::Done(stored)) => stands(state, edit, stored).await,
        // Read again: if it is another text now, the next look stops.
        Ok(Written::Overtaken) => Ok(Outcome::Again(state.now())),
        Err(error) => trouble(state, edit, &error).await,
    }
}

/// An edit of somebody who may no longer come in is not made, and says so.
async fn shut_out(state: &AppState, edit: &Edit, error: anyhow::Error) -> anyhow::Result<Outcome> {
    let Some(why) = error.downcast_ref::<OwnerShutOut>() else { return Err(error) };
    state.db.stop_edit(edit.id, &Changed::Nothing.after(&why.to_string())).await?;
    Ok(Outcome::Done)
}

async fn stands(state: &AppState, edit: &Edit, stands: PolicyFile) -> anyhow::Result<Outcome> {
    let entry = entry(state, edit).await?;
    let again = Again { policy: snapshot::policy_of(&stands), shared: None };
    state.db.finish_edit(edit, &again, state.now(), &entry).await?;
    exposures::renew(state, edit.tailnet).await?;
    // What else pages say follows.
    queue::enqueue(state, JobKind::Sync, edit.tailnet).await?;
    Ok(Outcome::Done)
}

async fn trouble(state: &AppState, edit: &Edit, error: &ControlPlaneError) -> anyhow::Result<Outcome> {
    let words = in_words(error);
    if error.is_transient() || error.leaves_effect_unknown() {
        state.db.delay_edit(edit.id, &words::edit::tried_again(&words)).await?;
        return Ok(Outcome::Again(state.after(state.config.timing.retry)));
    }
    state.db.stop_edit(edit.id, &words::edit::nothing_written(&words)).await?;
    Ok(Outcome::Done)
}

/// The entry about an edit that stands in the policy.
async fn entry(state: &AppState, edit: &Edit) -> anyhow::Result<NewEntry> {
    let diff = changed_lines(&edit.before, &edit.after);
    let tailnet = state.db.find_tailnet(edit.tailnet).await?;
    let actor = edit.by.map_or(Actor::Acequia, |id| Actor::Person(id, edit.by_name.clone()));
    let draft = trail::about(Object::new(ObjectKind::Edit, edit.id, &edit.title))
        .by(actor)
        .says(words::edit::changed_the_policy(&edit.title))
        .before(diff.before)
        .after(diff.after)
        .policy(PolicyChange::of(&edit.before, &edit.after, &edit.gained, &edit.lost));
    Ok(tailnet.iter().fold(draft, Draft::of).at(state))
}
