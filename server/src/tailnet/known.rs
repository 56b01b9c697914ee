//! Machines and users as they are now, with whom machines are shared as it was known a moment ago: to read that afresh
//! costs a call for each machine, and all that a plan learns from it is who else loses by what it takes away.

use control_plane::{ControlPlane, ControlPlaneError, DeviceId};
use model::{TailnetId, Timestamp};

use super::inventory::{Inventory, SharedTo, name_of};
use super::snapshot;
use crate::state::AppState;

/// Reads what a plan is made of. `also` is another time at which somebody looked with whom machines are shared; the
/// newest counts if it is not older than two syncs, and what our own shares opened since is added. Of `machine` it is
/// read afresh. Where nothing is known, everything is.
///
/// # Errors
/// The outer one when the store fails, the inner one as the control plane says.
pub async fn read(
    state: &AppState,
    (tailnet, plane): (TailnetId, &dyn ControlPlane),
    also: Option<(Timestamp, SharedTo)>,
    machine: Option<&DeviceId>,
) -> sqlx::Result<Result<Inventory, ControlPlaneError>> {
    if !plane.capabilities().invites {
        // Nothing is shared with anybody outside.
        return Ok(Inventory::read_beside(plane, SharedTo::new()).await);
    }
    let (now, longest) = (state.now(), 2 * state.config.timing.sync);
    let observed = snapshot::last_sharing(state, tailnet).await?;
    let known = also.into_iter().chain(observed);
    let known = known.filter(|(at, _)| at.happened(now).is_some_and(|at| at.plus(longest) > now));
    let Some((_, known)) = known.max_by_key(|(at, _)| *at) else { return Ok(Inventory::read(plane).await) };
    let mut inventory = match Inventory::read_beside(plane, known).await {
        Ok(inventory) => inventory,
        Err(error) => return Ok(Err(error)),
    };
    add_own(state, tailnet, &mut inventory).await?;
    if let Some(machine) = machine {
        // One that is gone has no invites: whoever asked sees that it is not in the list.
        match plane.list_invites(machine).await {
            Ok(invites) => inventory.put_sharing(machine, &invites),
            Err(ControlPlaneError::NotFound) => {}
            Err(error) => return Ok(Err(error)),
        }
    }
    Ok(Ok(inventory))
}

/// What was opened through shares of ours since then.
async fn add_own(state: &AppState, tailnet: TailnetId, inventory: &mut Inventory) -> sqlx::Result<()> {
    let machines = state.db.control_ids_of_shared_nodes(tailnet).await?;
    for share in state.db.list_open_shares(tailnet).await?.whole()? {
        let device = machines.get(&share.node).and_then(|id| inventory.device(&DeviceId::new(id)));
        if let (Some(name), Some(by)) = (device.map(name_of), share.deeds.accepted_by) {
            inventory.shared_to.entry(name).or_default().insert(by);
        }
    }
    Ok(())
}
