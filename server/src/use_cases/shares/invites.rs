//! The invite of a share, as far as its owner has a hand in it: pasted from the console, or replaced.

use app::fault::Fault;
use model::{Need, Phase, ShareEvent, ShareId, ShareState, Step, StepPhase, Trouble};
use sharing::InviteDeed;

use crate::failure::OrInternal as _;
use crate::planes;
use crate::shares;
use crate::store::shares::{Along, Share};
use crate::use_cases::Asker;
use crate::words;

impl Asker {
    pub(super) async fn paste_invite_of(&self, id: ShareId, link: String) -> Result<(), Fault> {
        let mut share = self.given_share(id).await?;
        let wrong = |error: &str| Fault::field("link", error);
        let link = link.trim();
        let fine = url::Url::parse(link).is_ok_and(|url| matches!(url.scheme(), "https" | "http"));
        if !fine || link.len() > 500 {
            return Err(wrong(words::share::PASTE_WHOLE_LINK));
        }
        let stopped = matches!(&share.state,
            ShareState::NeedsAttention { attention, phase: Phase::Apply } if attention.need == Need::Invite);
        if !stopped {
            return Err(words::share::waits_for_no_invite());
        }
        let node = self.state.db.find_node(share.node).await.or_internal("read the node")?;
        let node = node.ok_or(Fault::NotFound)?;
        let plane = planes::of(&self.state, share.tailnet).await.or_internal("reach the control plane")?;
        let invites = plane
            .list_invites(&control_plane::DeviceId::new(&node.control_id))
            .await
            .map_err(planes::unavailable)?;
        let code = |url: &str| url.trim_end_matches('/').rsplit('/').next().unwrap_or_default().to_owned();
        let found = invites
            .iter()
            .find(|invite| invite.url.as_ref().is_some_and(|url| code(url.expose()) == code(link)))
            .ok_or_else(|| wrong(words::share::NO_SUCH_INVITE))?;
        if found.accepted {
            return Err(wrong(words::share::INVITE_OPENED_ALREADY));
        }
        if found.multi_use {
            return Err(wrong(words::share::INVITE_FOR_SEVERAL));
        }
        let others = self.state.db.list_open_shares(share.tailnet).await.or_internal("list the shares")?;
        let others = others.whole().or_internal("list the shares")?;
        let taken =
            |other: &Share| other.deeds.invite.as_ref().is_some_and(|invite| invite.id == found.id.as_str());
        if others.iter().any(taken) {
            return Err(wrong(words::share::INVITE_OF_ANOTHER));
        }
        // The control plane's own link, not the typed one: the friend will follow it.
        let url = found.url.as_ref().map_or(link, |url| url.expose());
        share.deeds.invite =
            Some(InviteDeed { id: found.id.as_str().to_owned(), at: self.state.now(), ours: true });
        share.invite_url_sealed = Some(planes::seal_invite(&self.state, share.id, url));
        share.state = share.state.resume().or_internal("go on with the share")?;
        let entry = shares::entry(&share, self.actor().await?, ShareEvent::InvitePasted).at(&self.state);
        let steps = vec![(StepPhase::Apply, Step::Invite, words::share::steps::PASTED_HERE.to_owned())];
        self.store(share, Along { entries: vec![entry], steps, ..Along::default() }).await
    }

    pub(super) async fn renew_invite_of(&self, id: ShareId) -> Result<(), Fault> {
        let mut share = self.given_share(id).await?;
        if !has_wrong_invite(&share) {
            return Err(Fault::conflict(words::share::NO_WRONG_INVITE));
        }
        let others = self.state.db.list_open_shares(share.tailnet).await.or_internal("list the shares")?;
        let others = others.whole().or_internal("list the shares")?;
        let same = |other: &Share| {
            let id = |share: &Share| share.deeds.invite.as_ref().map(|deed| deed.id.clone());
            other.id != share.id && id(other) == id(&share)
        };
        if others.iter().any(same) {
            return Err(Fault::conflict(words::share::INVITE_IS_SHARED));
        }
        share.deeds.invite_is_wrong = true;
        share.state = share.state.resume().or_internal("go on with the share")?;
        let entry = shares::entry(&share, self.actor().await?, ShareEvent::InviteWanted).at(&self.state);
        self.store(share, Along::of(entry)).await
    }
}

/// Whether another account than the agreed one opened the invite, which is ours to delete.
pub(super) fn has_wrong_invite(share: &Share) -> bool {
    let another = share
        .state
        .attention()
        .is_some_and(|attention| matches!(attention.trouble, Trouble::AnotherLogin { .. }));
    another
        && matches!(share.state, ShareState::NeedsAttention { phase: Phase::Apply, .. })
        && share.deeds.invite.as_ref().is_some_and(|deed| deed.ours)
}
