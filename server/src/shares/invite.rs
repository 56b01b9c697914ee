//! The invite: asked for, taken over, accepted for the friend, deleted.

use control_plane::{InviteId, NewInvite, Secret};
use model::{ShareEvent, Step, StepPhase};
use sharing::{Accepting, Deed, How, InviteDeed, Reading, SeenInvite};

use super::work::{Halt, Work};
use crate::planes;
use crate::store::shares::Along;
use crate::words;

impl Work {
    pub(super) async fn ask_invite(&mut self) -> Result<(), Halt> {
        if self.share.deeds.invites_before.is_none() {
            let before = self.desk.invites.iter().map(|invite| invite.id.as_str().to_owned()).collect();
            self.journal().invites_before = Some(before);
        }
        self.journal().invite_asked = Some(self.state.now());
        self.save(Along::default()).await?;
        self.before_change().await?;
        // Sent once. If the answer is lost, the next run finds the invite in the list and does not make another.
        match self.plane.create_invite(&self.device(), &NewInvite::default()).await {
            Ok(invite) => {
                self.changed(Some(Deed::AskInvite));
                let (id, url) = (invite.id.as_str().to_owned(), invite.url.clone());
                self.adopt(&id, url.as_ref(), true, words::share::steps::MADE_INVITE).await?;
                if let Reading::Read(listed) = &mut self.seen.invites {
                    listed.push(SeenInvite::from(&invite));
                }
            }
            Err(error) => self.seen.failed = Some((Deed::AskInvite, error)),
        }
        Ok(())
    }

    pub(super) async fn adopt_listed(&mut self, id: &str, ours: bool, how: How) -> Result<(), Halt> {
        let listed = self.desk.invites.iter().find(|invite| invite.id.as_str() == id);
        let url = listed.and_then(|invite| invite.url.clone());
        let (url, detail) = match how {
            How::SameFriend => (None, words::share::steps::HAS_MACHINE_ALREADY),
            How::Waiting => (url, words::share::steps::USES_WAITING_INVITE),
            How::AskedFor => (url, words::share::steps::FOUND_INVITE),
        };
        self.adopt(id, url.as_ref(), ours, detail).await
    }

    async fn adopt(&mut self, id: &str, url: Option<&Secret>, ours: bool, detail: &str) -> Result<(), Halt> {
        self.share.deeds.invite = Some(InviteDeed { id: id.to_owned(), at: self.state.now(), ours });
        self.share.invite_url_sealed =
            url.map(|url| planes::seal_invite(&self.state, self.share.id, url.expose()));
        let event = match url {
            Some(_) => ShareEvent::InviteMade,
            None => ShareEvent::InviteUsed,
        };
        let entries = vec![self.entry(event).after(format!("invite {id}")).at(&self.state)];
        let steps = vec![(StepPhase::Apply, Step::Invite, detail.to_owned())];
        self.save(Along { entries, steps, ..Along::default() }).await
    }

    /// Accepts the invite for the friend, where a tailnet of theirs is connected with a user token of that login.
    pub(super) async fn accept(&mut self) -> Result<(), Halt> {
        self.seen.accepting = Accepting::Impossible;
        let Some(url) = planes::open_invite(&self.state, &self.share)? else { return Ok(()) };
        let Some(plane) = planes::of_friend(&self.state, &self.share).await? else { return Ok(()) };
        self.before_change().await?;
        self.seen.accepting = Accepting::Tried;
        let answer = plane.accept_invite(&Secret::new(url)).await;
        self.changed(None);
        match answer {
            Ok(accepted) => {
                self.journal().friend_sees = Some(accepted.name);
                self.journal().accepted_by = Some(accepted.accepted_by);
                self.done(Step::Accept, words::share::steps::ACCEPTED_FOR_FRIEND).await?;
            }
            // The friend can still open the link themselves; if the answer was lost, the next look tells.
            Err(error) => {
                tracing::info!(share = %self.share.id, "the invite was not accepted for the friend: {error}");
            }
        }
        Ok(())
    }

    pub(super) async fn delete_invite(&mut self, id: &InviteId) -> Result<(), Halt> {
        self.before_change().await?;
        let answer = self.plane.delete_invite(id).await;
        self.changed(Some(Deed::DeleteInvite));
        match answer {
            // Another account had opened it: the next one is for the right one.
            Ok(()) if self.way() == StepPhase::Apply => {
                self.journal().forget_invite();
                self.share.invite_url_sealed = None;
                let entries = vec![self.entry(ShareEvent::InviteDeleted).at(&self.state)];
                self.save(Along { entries, ..Along::default() }).await?;
            }
            Ok(()) => self.done(Step::RemoveInvite, "Deleted.").await?,
            Err(error) => self.seen.failed = Some((Deed::DeleteInvite, error)),
        }
        Ok(())
    }
}
