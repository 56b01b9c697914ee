//! Writes one edit of a policy. It was written down before; every run looks first whether it stands already.

use control_plane::ControlPlaneError;
use model::ids::EditId;
use model::{EditState, JobKind, ObjectKind};

use super::Outcome;
use crate::jobs;
use crate::planes;
use crate::planes::{OwnerShutOut, in_words};
use crate::queue;
use crate::state::AppState;
use crate::store::audit::{Actor, NewEntry, Object};
use crate::store::edits::Edit;
use crate::tailnet::Lease;
use crate::tailnet::policy_file::{Written, replace};
use crate::text_diff::changed_lines;

const CHANGED: &str =
    "Somebody changed the policy in the meantime, so nothing was written. Look at the plan again.";

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
        return stands(state, edit).await;
    }
    if read.text != edit.before {
        state.db.stop_edit(edit.id, CHANGED).await?;
        return Ok(Outcome::Done);
    }
    // Read again: whoever was shut out meanwhile writes nothing more.
    if let Err(error) = planes::of(state, edit.tailnet).await {
        return shut_out(state, edit, error).await;
    }
    if !lease.renew().await? {
        return Ok(Outcome::Again(state.now()));
    }
    match replace(plane.as_ref(), &read, &edit.after).await {
        Ok(Written::Done(_)) => stands(state, edit).await,
        // Read again: if it is another text now, the next look stops.
        Ok(Written::Overtaken) => Ok(Outcome::Again(state.now())),
        Err(error) => trouble(state, edit, &error).await,
    }
}

/// An edit of somebody who may no longer come in is not made, and says so.
async fn shut_out(state: &AppState, edit: &Edit, error: anyhow::Error) -> anyhow::Result<Outcome> {
    let Some(why) = error.downcast_ref::<OwnerShutOut>() else { return Err(error) };
    state.db.stop_edit(edit.id, &why.to_string()).await?;
    Ok(Outcome::Done)
}

async fn stands(state: &AppState, edit: &Edit) -> anyhow::Result<Outcome> {
    let entry = entry(state, edit).await?;
    state.db.finish_edit(edit.id, state.now(), &entry).await?;
    // What pages say about reach follows.
    queue::enqueue(state, JobKind::Sync, edit.tailnet).await?;
    Ok(Outcome::Done)
}

async fn trouble(state: &AppState, edit: &Edit, error: &ControlPlaneError) -> anyhow::Result<Outcome> {
    let words = in_words(error);
    if error.passes_by_itself() || error.leaves_effect_unknown() {
        state.db.delay_edit(edit.id, &format!("{words} It is tried again.")).await?;
        return Ok(Outcome::Again(state.after(state.config.timing.retry)));
    }
    state.db.stop_edit(edit.id, &format!("{words} Nothing was written.")).await?;
    Ok(Outcome::Done)
}

/// The entry about an edit that stands in the policy.
async fn entry(state: &AppState, edit: &Edit) -> anyhow::Result<NewEntry> {
    let diff = changed_lines(&edit.before, &edit.after);
    let tailnet = state.db.find_tailnet(edit.tailnet).await?;
    let actor = edit.by.map_or(Actor::Acequia, |id| Actor::Person(id, edit.by_name.clone()));
    let now = state.now();
    Ok(NewEntry {
        id: state.random.new_id(now),
        at: now,
        actor,
        what: format!("changed the policy: {}", edit.title),
        object: Object { kind: ObjectKind::Edit, id: edit.id.uuid(), name: edit.title.clone() },
        before: Some(diff.before),
        after: Some(diff.after),
        tailnet: Some(edit.tailnet),
        owner: tailnet.map(|tailnet| tailnet.owner),
        friend: None,
    })
}
