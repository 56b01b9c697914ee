//! What becomes of open gates when their service gets other ports.

use app::fault::Fault;
use model::{EndReason, ServiceId, ServicePorts, ShareEvent, ShareId};

use crate::failure::OrInternal as _;
use crate::shares;
use crate::store::shares::{Along, Share};
use crate::use_cases::Asker;
use crate::words;

/// How often a share is looked at again that others change at the same moment.
const TRIES: u32 = 10;

/// What an owner wants for them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Gates {
    /// They keep what was agreed.
    Keep,
    /// Each is to be reviewed with the ports that its service has now.
    Bring,
}

impl Gates {
    /// As a form says it; nothing if it says nothing.
    pub(super) fn chosen(text: &str) -> Option<Self> {
        match text {
            "keep" => Some(Self::Keep),
            "bring" => Some(Self::Bring),
            _ => None,
        }
    }
}

/// What is neither over nor on its way there.
fn is_open(share: &Share) -> bool {
    share.state.clone().end(EndReason::OwnerEnded).is_ok()
}

/// Before anything of it was written there is nothing to replace: it is reviewed with the new ports like for the first time.
const fn is_new(share: &Share) -> bool {
    matches!(share.state, model::ShareState::Accepted { .. }) && !share.deeds.rule_begun
}

impl Asker {
    /// Open shares of a service that lead elsewhere, or are not to lead to these ports.
    pub(super) async fn with_other_ports(
        &self,
        service: ServiceId,
        ports: &ServicePorts,
    ) -> Result<Vec<ShareId>, Fault> {
        let all = self.state.db.list_open_shares_of_service(service).await;
        let all = all.or_internal("list the shares of the service")?.readable();
        let others = all
            .iter()
            .filter(|share| is_open(share) && share.asked.as_ref().unwrap_or(&share.ports) != ports);
        Ok(others.map(|share| share.id).collect())
    }

    /// Has a share reviewed with these ports. It keeps its own until a plan with them is applied.
    pub(super) async fn bring_along(&self, id: ShareId, ports: &ServicePorts) -> Result<(), Fault> {
        for _ in 0..TRIES {
            let share = self.state.db.find_share(id).await.or_internal("read the share")?;
            let Some(mut share) = share.filter(is_open) else { return Ok(()) };
            let before = share.ports.to_string();
            if is_new(&share) {
                share.ports = ports.clone();
            } else {
                share.asked = (share.ports != *ports).then(|| ports.clone());
            }
            let entry = shares::entry(&share, self.actor().await?, ShareEvent::PortsWanted);
            let entry = entry.before(before).after(ports.to_string()).at(&self.state);
            if shares::store(&self.state, &mut share, Along::of(entry))
                .await
                .or_internal("store the share")?
            {
                return Ok(());
            }
        }
        Err(words::share::changes_again_and_again())
    }

    /// What was asked for before and not agreed yet is no longer.
    pub(super) async fn leave_as_it_is(&self, id: ShareId) -> Result<(), Fault> {
        for _ in 0..TRIES {
            let share = self.state.db.find_share(id).await.or_internal("read the share")?;
            let Some(mut share) = share.filter(|share| share.asked.is_some()) else { return Ok(()) };
            share.asked = None;
            let entry = shares::entry(&share, self.actor().await?, ShareEvent::PortsKept).at(&self.state);
            if shares::store(&self.state, &mut share, Along::of(entry))
                .await
                .or_internal("store the share")?
            {
                return Ok(());
            }
        }
        Err(words::share::changes_again_and_again())
    }
}
