//! Looks at the machine list of a tailnet until a machine is in it that was not there before.

use std::time::Duration;

use control_plane::Device;
use model::ids::JoiningId;
use model::{JoiningState, ObjectKind, Timestamp};

use super::{Outcome, sync};
use crate::planes::{OwnerShutOut, in_words};
use crate::services::Services;
use crate::store::audit::{Actor, Object};
use crate::store::joinings::Joining;

mod newcomers;
mod undo;

pub use newcomers::newcomers;

/// The most that is waited for a machine: as long as the shortest key of the console works, and the asking for it.
pub const LONGEST_WAITING: Duration = Duration::from_hours(25);

pub async fn run(services: &Services, id: JoiningId) -> anyhow::Result<Outcome> {
    let Some(joining) = services.db.find_joining(id).await? else { return Ok(Outcome::Done) };
    let outcome = match joining.state {
        JoiningState::Waiting => look(services, &joining).await?,
        JoiningState::Making | JoiningState::Undoing => undo::run(services, &joining).await?,
        JoiningState::Arrived | JoiningState::Cancelled | JoiningState::Lapsed => return Ok(Outcome::Done),
    };
    let _ = services.joining_changes.send(id);
    Ok(outcome)
}

async fn look(services: &Services, joining: &Joining) -> anyhow::Result<Outcome> {
    let (id, now) = (joining.id, services.now());
    // Looked at once more after the end: a machine may have come in the last moment.
    let plane = match services.plane(joining.tailnet).await {
        Ok(plane) => plane,
        Err(error) if error.is::<OwnerShutOut>() => return undo::shut_out(services, joining).await,
        Err(error) => return Err(error),
    };
    let outcome = match plane.list_devices().await {
        Ok(list) => match newcomers(services, joining, &list.devices).await? {
            new if new.is_empty() => {
                services.db.mark_looked(id, now, None).await?;
                None
            }
            new => Some(arrive(services, joining, &new).await?),
        },
        Err(error) => {
            services.db.mark_looked(id, now, Some(&in_words(&error))).await?;
            None
        }
    };
    Ok(match outcome {
        Some(outcome) => outcome,
        None if joining.ends.is_over(now, LONGEST_WAITING) => {
            over(services, joining, JoiningState::Lapsed, "stopped waiting for a machine: the key ended")
                .await?;
            Outcome::Done
        }
        None => later(services, joining),
    })
}

fn later(services: &Services, joining: &Joining) -> Outcome {
    let wait = pause(services.config.timing.joining, joining.created, services.now());
    Outcome::Again(services.after(wait).min(joining.ends))
}

/// The longer nobody came, the longer until the next look: somebody who just typed the command is told at once,
/// and an hour costs tens of calls, not hundreds.
fn pause(shortest: Duration, since: Timestamp, now: Timestamp) -> Duration {
    let waited = u64::try_from(now.micros().saturating_sub(since.micros())).unwrap_or(0);
    shortest.max(Duration::from_micros(waited / 20))
}

async fn arrive(services: &Services, joining: &Joining, new: &[&Device]) -> anyhow::Result<Outcome> {
    // Everything is read, so that the machine has its page before anybody is sent to it.
    if let Outcome::Again(at) = sync::run(services, joining.tailnet).await? {
        return Ok(Outcome::Again(at));
    }
    let nodes = services.db.list_nodes(joining.tailnet).await?.into_iter();
    let nodes: Vec<_> =
        nodes.filter(|node| new.iter().any(|new| new.id.as_str() == node.control_id)).collect();
    let Some(tailnet) = services.db.find_tailnet(joining.tailnet).await? else { return Ok(Outcome::Done) };
    if nodes.is_empty() {
        return Ok(Outcome::Again(services.after(services.config.timing.retry)));
    }
    let names = nodes.iter().map(|node| node.name.as_str()).collect::<Vec<_>>().join(", ");
    let object = Object { kind: ObjectKind::Tailnet, id: tailnet.id.uuid(), name: tailnet.name.clone() };
    let entry = services.entry_by(
        Actor::Acequia,
        &tailnet,
        object,
        format!("saw {names} come in"),
        None,
        Some(joining.description.clone()),
    );
    let ids: Vec<_> = nodes.iter().map(|node| node.id).collect();
    // Another wait may have been faster: then this one goes on.
    let ours = services.db.end_joining(joining.id, JoiningState::Arrived, &ids, &entry).await?;
    Ok(if ours { Outcome::Done } else { later(services, joining) })
}

async fn over(services: &Services, joining: &Joining, state: JoiningState, what: &str) -> anyhow::Result<()> {
    let Some(tailnet) = services.db.find_tailnet(joining.tailnet).await? else { return Ok(()) };
    let object = Object { kind: ObjectKind::Tailnet, id: tailnet.id.uuid(), name: tailnet.name.clone() };
    let before = Some(joining.description.clone());
    let entry = services.entry_by(Actor::Acequia, &tailnet, object, what, before, None);
    services.db.end_joining(joining.id, state, &[], &entry).await?;
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
