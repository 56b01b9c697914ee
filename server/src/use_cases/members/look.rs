//! The last look before a device of somebody new comes in. Whoever widened the policy since the share was opened would give
//! them that too, so nothing lets them in then, and the share goes to review.

use app::fault::Fault;
use control_plane::ControlPlane;
use model::{Attention, Step, Trouble};

use super::super::Asker;
use crate::failure::{OrInternal as _, internal};
use crate::plan::lines_of;
use crate::planes;
use crate::shares::{self, Unplanned};
use crate::store::shares::Share;
use crate::words;

impl Asker {
    /// The text of a policy by which whoever is new gains what was agreed and nothing more. Under the lease: what is found
    /// otherwise is stored.
    pub(super) async fn gives_no_more(&self, share: &Share) -> Result<String, Fault> {
        let lines = match Box::pin(shares::planned(&self.state, share)).await {
            Ok(planned) => match planned.plan.excess_of_newcomer() {
                Some(excess) => lines_of(excess),
                None => return Ok(planned.policy.text),
            },
            Err(Unplanned::Plan(error)) => {
                error.excess_of_newcomer().map(lines_of).ok_or_else(words::member::not_now)?
            }
            Err(Unplanned::MachineGone(_)) => return Err(words::member::not_now()),
            Err(Unplanned::Plane(error)) => return Err(planes::unavailable(error)),
            Err(Unplanned::Failed(error)) => return Err(internal("make a plan", error)),
        };
        // What was loaded then is not what stands there now.
        let mut stopped = share.clone();
        stopped.deeds.loaded = None;
        let attention = Attention::review(Step::Narrow, Trouble::OpensMore { lines });
        let kept = shares::to_review(&self.state, &mut stopped, attention).await;
        kept.or_internal("keep that the policy is wider")?;
        Err(words::member::opens_more())
    }

    /// The same after something was done that lets them in: only another text is looked into.
    pub(super) async fn gives_no_more_since(
        &self,
        share: &Share,
        (plane, before): (&dyn ControlPlane, &str),
    ) -> Result<(), Fault> {
        let now = plane.get_policy().await.map_err(planes::unavailable)?;
        if now.text == before { Ok(()) } else { self.gives_no_more(share).await.map(drop) }
    }
}
