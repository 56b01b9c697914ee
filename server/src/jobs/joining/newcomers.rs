//! Which of the machines in the list came in for a wait. The control plane does not say with which key a machine came.

use control_plane::Device;
use model::JoiningState;

use crate::state::AppState;
use crate::store::joinings::Joining;

/// Own machines that were not there before, with the tags that were asked for, and for no other wait.
///
/// # Errors
/// When the store fails.
pub async fn newcomers<'a>(
    state: &AppState,
    joining: &Joining,
    devices: &'a [Device],
) -> sqlx::Result<Vec<&'a Device>> {
    let open = state.db.list_joinings(joining.tailnet).await?.whole()?.into_iter();
    let others: Vec<Joining> =
        open.filter(|other| other.id != joining.id && other.state == JoiningState::Waiting).collect();
    let taken = state.db.list_arrived(joining.tailnet).await?;
    let nodes = state.db.list_nodes(joining.tailnet).await?.into_iter();
    let taken: Vec<String> =
        nodes.filter(|node| taken.contains(&node.id)).map(|node| node.control_id).collect();
    Ok(choose(joining, &others, &taken, devices))
}

fn choose<'a>(
    joining: &Joining,
    others: &[Joining],
    taken: &[String],
    devices: &'a [Device],
) -> Vec<&'a Device> {
    let tags = joining.chosen.tags.len();
    let rivals = |device: &Device| {
        // A machine that was there when they began is not what they wait for.
        let new = |other: &&Joining| !other.known.iter().any(|id| id == device.id.as_str());
        let fitting = others.iter().filter(new).filter(|other| fits(other, device));
        fitting.map(|other| other.chosen.tags.len()).max()
    };
    let ours = |device: &&Device| {
        let known = |ids: &[String]| ids.iter().any(|id| id == device.id.as_str());
        !device.external
            && !known(&joining.known)
            && !known(taken)
            && fits(joining, device)
            && rivals(device).is_none_or(|most| most <= tags)
    };
    let mut new: Vec<&Device> = devices.iter().filter(ours).collect();
    // Another who waits for the same gets the next one.
    new.sort_by(|one, two| (one.created, &one.id).cmp(&(two.created, &two.id)));
    if new.first().is_some_and(|first| rivals(first).is_some_and(|most| most == tags)) {
        new.truncate(1);
    }
    new
}

fn fits(joining: &Joining, device: &Device) -> bool {
    joining.chosen.tags.iter().all(|tag| device.tags.contains(tag))
}
