//! Looks at the machine list of a tailnet until a machine is in it that was not there before.

use std::time::Duration;

use control_plane::Device;
use model::ids::JoiningId;
use model::{JoiningState, Timestamp};

use super::{Outcome, sync};
use crate::planes;
use crate::planes::{OwnerShutOut, in_words};
use crate::state::AppState;
use crate::store::audit::{Actor, Object};
use crate::store::joinings::Joining;
use crate::trail;
use crate::words;

mod newcomers;
mod undo;

pub use newcomers::newcomers;

/// The most that is waited for a machine: as long as the shortest key of the console works, and the asking for it.
pub const LONGEST_WAITING: Duration = Duration::from_hours(25);

pub async fn run(state: &AppState, id: JoiningId) -> anyhow::Result<Outcome> {
    let Some(joining) = state.db.find_joining(id).await? else { return Ok(Outcome::Done) };
    let outcome = match joining.state {
        JoiningState::Waiting => observe(state, &joining).await?,
        JoiningState::Making | JoiningState::Undoing => undo::run(state, &joining).await?,
        JoiningState::Arrived | JoiningState::Cancelled | JoiningState::Lapsed => return Ok(Outcome::Done),
    };
    let _ = state.signals.joining_changes.send(id);
    Ok(outcome)
}

async fn observe(state: &AppState, joining: &Joining) -> anyhow::Result<Outcome> {
    let (id, now) = (joining.id, state.now());
    // Looked at once more after the end: a machine may have come in the last moment.
    let plane = match planes::of(state, joining.tailnet).await {
        Ok(plane) => plane,
        Err(error) if error.is::<OwnerShutOut>() => return undo::shut_out(state, joining).await,
        Err(error) => return Err(error),
    };
    let outcome = match plane.list_devices().await {
        Ok(list) => match newcomers(state, joining, &list.devices).await? {
            new if new.is_empty() => {
                state.db.set_observed(id, now, None).await?;
                None
            }
            new => Some(arrive(state, joining, &new).await?),
        },
        Err(error) => {
            state.db.set_observed(id, now, Some(&in_words(&error))).await?;
            None
        }
    };
    Ok(match outcome {
        Some(outcome) => outcome,
        None if joining.ends.is_over(now, LONGEST_WAITING) => {
            over(state, joining, JoiningState::Lapsed, words::joining::KEY_ENDED).await?;
            Outcome::Done
        }
        None => later(state, joining),
    })
}

fn later(state: &AppState, joining: &Joining) -> Outcome {
    let wait = pause(state.config.timing.joining, joining.created, state.now());
    Outcome::Again(state.after(wait).min(joining.ends))
}

/// The longer nobody came, the longer until the next look: somebody who just typed the command is told at once,
/// and an hour costs tens of calls, not hundreds.
fn pause(shortest: Duration, since: Timestamp, now: Timestamp) -> Duration {
    let waited = u64::try_from(now.micros().saturating_sub(since.micros())).unwrap_or(0);
    shortest.max(Duration::from_micros(waited / 20))
}

async fn arrive(state: &AppState, joining: &Joining, new: &[&Device]) -> anyhow::Result<Outcome> {
    // Everything is read, so that the machine has its page before anybody is sent to it.
    if let Outcome::Again(at) = sync::run(state, joining.tailnet).await? {
        return Ok(Outcome::Again(at));
    }
    let nodes = state.db.list_nodes(joining.tailnet).await?.into_iter();
    let nodes: Vec<_> =
        nodes.filter(|node| new.iter().any(|new| new.id.as_str() == node.control_id)).collect();
    let Some(tailnet) = state.db.find_tailnet(joining.tailnet).await? else { return Ok(Outcome::Done) };
    if nodes.is_empty() {
        return Ok(Outcome::Again(state.after(state.config.timing.retry)));
    }
    let names = nodes.iter().map(|node| node.name.as_str()).collect::<Vec<_>>().join(", ");
    let object = Object::from(&tailnet);
    let entry = trail::about(object)
        .by(Actor::Acequia)
        .says(words::joining::came_in(&names))
        .of(&tailnet)
        .after(joining.description.clone())
        .at(state);
    let ids: Vec<_> = nodes.iter().map(|node| node.id).collect();
    // Another wait may have been faster: then this one goes on.
    let ours = state.db.end_joining(joining.id, JoiningState::Arrived, &ids, &entry).await?;
    Ok(if ours { Outcome::Done } else { later(state, joining) })
}

async fn over(state: &AppState, joining: &Joining, ended: JoiningState, what: &str) -> anyhow::Result<()> {
    let Some(tailnet) = state.db.find_tailnet(joining.tailnet).await? else { return Ok(()) };
    let object = Object::from(&tailnet);
    let before = Some(joining.description.clone());
    let entry = trail::about(object).by(Actor::Acequia).says(what).of(&tailnet).before(before).at(state);
    state.db.end_joining(joining.id, ended, &[], &entry).await?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn looks_become_rarer_the_longer_nobody_comes() {
        let start = Timestamp::from_seconds(1_800_000_000);
        let after = |seconds| pause(Duration::from_secs(5), start, start.plus_seconds(seconds));
        assert_eq!(after(0), Duration::from_secs(5));
        assert_eq!(after(60), Duration::from_secs(5));
        assert_eq!(after(600), Duration::from_secs(30));
        assert_eq!(after(-60), Duration::from_secs(5), "a clock that was set back");
    }
}
