//! Somebody stops waiting.

use app::fault::Fault;
use app::ports::joining::{Came, Stopped};
use control_plane::{ControlPlane, ControlPlaneError, KeyId};
use model::ids::JoiningId;
use model::{JobKind, JoiningState};

use super::super::Asker;
use crate::failure::OrInternal as _;
use crate::jobs::newcomers;
use crate::planes;
use crate::planes::in_words;
use crate::queue;
use crate::store::joinings::Joining;
use crate::store::tailnets::Tailnet;
use crate::tailnet::name_of;
use crate::words;

impl Asker {
    pub(super) async fn stop(&self, id: JoiningId) -> Result<Stopped, Fault> {
        let (joining, tailnet) = self.my_joining(id).await?;
        let over = words::joining::is_over_already;
        if joining.state != JoiningState::Waiting {
            return Err(over());
        }
        let plane = planes::to_end(&self.state, tailnet.id).await.or_internal("reach the control plane")?;
        if let Some(key) = &joining.key {
            self.revoke(&*plane, KeyId::new(key.clone()), &joining, &tailnet).await?;
        }
        let stopped = |came| Stopped { tailnet: tailnet.id, revoked: joining.key.is_some(), came };
        // Looked at once more, after the key is gone: nobody can come with it any more.
        let came = match plane.list_devices().await {
            Ok(list) => {
                let new = newcomers(&self.state, &joining, &list.devices).await;
                match new.or_internal("see who has come")? {
                    new if new.is_empty() => Came::Nobody,
                    new => {
                        // As every arrival: all is read first, so that the machine has its page.
                        let queued = queue::enqueue(&self.state, JobKind::Joining, id).await;
                        queued.or_internal("look for the machine")?;
                        return Ok(stopped(Came::Machines(new.into_iter().map(name_of).collect())));
                    }
                }
            }
            Err(error) => Came::Unknown(in_words(&error)),
        };
        let before = Some(joining.description.clone());
        let what = words::joining::STOPPED_WAITING;
        let entry = self.about_tailnet(&tailnet, what).await?.before(before).at(&self.state);
        let db = &self.state.db;
        if db.end_joining(id, JoiningState::Cancelled, &[], &entry).await.or_internal("end the waiting")? {
            let _ = self.state.signals.joining_changes.send(id);
            return Ok(stopped(came));
        }
        // It ended meanwhile, and perhaps well.
        let (now, _) = self.my_joining(id).await?;
        match now.state {
            JoiningState::Arrived => {
                let names = self.arrived(&now).await?.into_iter().map(|(_, name)| name).collect();
                Ok(stopped(Came::Machines(names)))
            }
            JoiningState::Making
            | JoiningState::Undoing
            | JoiningState::Waiting
            | JoiningState::Cancelled
            | JoiningState::Lapsed => Err(over()),
        }
    }

    async fn revoke(
        &self,
        plane: &dyn ControlPlane,
        key: KeyId,
        joining: &Joining,
        tailnet: &Tailnet,
    ) -> Result<(), Fault> {
        match plane.delete_auth_key(&key).await {
            Ok(()) => {}
            // Used up or gone: it lets nobody in, which is what was asked for.
            Err(ControlPlaneError::NotFound) => return Ok(()),
            Err(error) => {
                return Err(words::joining::key_still_works(&in_words(&error)));
            }
        }
        let (what, before) = (words::joining::REVOKED_THE_KEY, Some(joining.description.clone()));
        let entry = self.about_tailnet(tailnet, what).await?.before(before).at(&self.state);
        self.state.db.insert_entry(&entry).await.or_internal("write down that the key is revoked")
    }
}
