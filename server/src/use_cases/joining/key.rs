//! A key is made for a new machine. It is written down before it is asked for: whatever happens between the two, it
//! is found by its description and revoked.

use app::fault::{Fault, Reason};
use control_plane::{AuthKey, ControlPlane, ControlPlaneError, NewAuthKey};
use model::{JobKind, JoiningState, NewNode, TailnetId, ids::JoiningId};

use super::super::Asker;
use super::wait;
use crate::failure::OrInternal as _;
use crate::jobs::LONGEST_WAITING;
use crate::planes;
use crate::planes::in_words;
use crate::queue;
use crate::store::jobs::NewJob;
use crate::store::joinings::Joining;
use crate::store::tailnets::Tailnet;
use crate::words;

/// How long a key made here works: long enough to walk to the machine.
const LIFETIME: u32 = 60 * 60;

impl Asker {
    pub(super) async fn key(
        &self,
        tailnet: TailnetId,
        chosen: NewNode,
    ) -> Result<(JoiningId, String), Fault> {
        let tailnet = self.my_tailnet(tailnet).await?;
        let chosen = self.checked_choices(&tailnet, chosen).await?;
        if let Some(why) = self.no_key(&tailnet, &chosen).await? {
            return Err(Fault::conflict(why));
        }
        let known = self.machines_now(&tailnet).await?;
        let state = &self.state;
        let plane = planes::of(state, tailnet.id).await.or_internal("reach the control plane")?;
        let (id, now) = (state.new_id(), state.now());
        // Whoever is killed while asking has asked by then; the key ends that much later at the latest.
        let settled = state.after(state.config.timing.lease);
        let ends = settled.plus_seconds(i64::from(LIFETIME));
        let joining = wait(id, &tailnet, chosen, JoiningState::Making, known, now, ends);
        let job = NewJob { run_at: settled, ..queue::job(state, JobKind::Joining, id) };
        self.begin_wait(&joining, &job, None).await?;
        let asked = NewAuthKey {
            description: joining.description.clone(),
            lifetime_seconds: Some(LIFETIME),
            ends: None,
            reusable: false,
            ephemeral: false,
            preauthorized: true,
            tags: joining.chosen.tags.clone(),
            user: None,
        };
        match plane.create_auth_key(&asked).await {
            Ok(key) => self.keep(&*plane, &tailnet, &joining, key).await,
            Err(error) => Err(self.not_made(&joining, &error).await?),
        }
    }

    /// Its machine is waited for; a key that nobody can be shown must not stay good.
    async fn keep(
        &self,
        plane: &dyn ControlPlane,
        tailnet: &Tailnet,
        joining: &Joining,
        key: AuthKey,
    ) -> Result<(JoiningId, String), Fault> {
        let (state, id) = (&self.state, key.id.as_str());
        let ends = key.expires.unwrap_or_else(|| state.now().plus_seconds(i64::from(LIFETIME)));
        let ends = ends.min(state.now().plus(LONGEST_WAITING));
        let told = words::joining::key_in_the_trail(&joining.description, id, &ends.to_minutes());
        let what = words::joining::MADE_A_KEY;
        let entry = self.about_tailnet(tailnet, what).await?.after(told).at(&self.state);
        let job = queue::job(state, JobKind::Joining, joining.id);
        let kept = state.db.put_joining_key(joining.id, (id, ends), &job, &entry).await;
        if let Ok(true) = kept {
            state.signals.poke.notify_one();
            return Ok((joining.id, key.key.expose().to_owned()));
        }
        // Should this fail too, the runner finds the key by its description.
        let _ = plane.delete_auth_key(&key.id).await;
        kept.or_internal("store the waiting")?;
        Err(words::joining::took_too_long())
    }

    async fn not_made(&self, joining: &Joining, error: &ControlPlaneError) -> Result<Fault, Fault> {
        let state = &self.state;
        let after = if error.leaves_effect_unknown() {
            let job = queue::job(state, JobKind::Joining, joining.id);
            state.db.undo_joining(joining.id, &job).await.or_internal("have the key looked for")?;
            state.signals.poke.notify_one();
            let name = &joining.description;
            words::joining::maybe_made(name)
        } else {
            state.db.forget_joining(joining.id).await.or_internal("forget the intended key")?;
            words::joining::NO_KEY_WAS_MADE.to_owned()
        };
        Ok(Fault::Unavailable(Reason::as_said(format!("{} {after}", in_words(error)))))
    }
}
