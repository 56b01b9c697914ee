//! Reach beyond what was agreed, for those who give the share: told, accepted as it is, or taken back by an edit.

use app::fault::Fault;
use app::ports::exposures::{BeyondView, Ways};
use model::ids::ExposureId;
use model::{EditKind, ShareEvent, ShareId, TailnetId};
use policy::Network;
use sharing::exposure::Opening;
use sharing::rule;

use super::Asker;
use crate::failure::OrInternal as _;
use crate::reach::Settled;
use crate::secrets::hash_token;
use crate::store::audit::Object;
use crate::store::exposures::Exposure;
use crate::store::shares::Share;
use crate::tailnet::exposures::{Agreed, agreed, agreed_of, is_told_of, without};
use crate::trail;
use crate::use_cases::edits::Proposal;
use crate::words;

/// What can be done about it; nothing where nothing is told.
pub(super) fn ways(one: &Exposure) -> Option<Ways> {
    let certain = one.found.iter().any(|beyond| beyond.opening.certain);
    let fix = (certain && one.no_fix.is_none()).then_some(EditKind::Withhold(one.id));
    let no_fix = match &one.no_fix {
        Some(why) => Some(words::exposure::no_fix(why)),
        None if !certain => Some(words::exposure::RESTS_ON_UNKNOWN.to_owned()),
        None => None,
    };
    let seen = name(one);
    (!one.found.is_empty()).then_some(Ways { share: one.share, seen, fix, no_fix })
}

/// Names what was looked at.
fn name(one: &Exposure) -> String {
    let all: Vec<&Opening> = one.found.iter().map(|beyond| &beyond.opening).collect();
    let mut name = hash_token(&format!("{all:?}"));
    name.truncate(16);
    name
}

impl Asker {
    /// Of the friend of an open share; nothing where there is nothing to tell.
    pub(super) async fn beyond(&self, share: &Share, who: &str) -> Result<Option<BeyondView>, Fault> {
        if !is_told_of(share) {
            return Ok(None);
        }
        let Some(one) = self.exposure_of(share).await? else { return Ok(None) };
        Ok(Some(BeyondView {
            lines: words::exposure::lines(&one.found, who),
            ways: ways(&one),
            accepted: words::exposure::openings(&one.accepted, who),
            accepted_by: one.accepted_by,
        }))
    }

    /// What is agreed and accepted in a tailnet, and what is told of it.
    pub(super) async fn settled(&self, tailnet: TailnetId) -> Result<(Settled, Vec<Exposure>), Fault> {
        let shares = self.state.db.list_open_shares(tailnet).await.or_internal("list the shares")?;
        let known = agreed_of(&self.state, tailnet, &shares).await.or_internal("read what was agreed")?;
        let all = self.state.db.list_exposures(tailnet).await.or_internal("list what is not agreed")?;
        let all = all.readable();
        let mut settled = Settled::default();
        for (login, agreed) in known.unwrap_or_default() {
            let accepted = all.iter().filter(|one| one.login == login).flat_map(|one| one.accepted.clone());
            settled.add(&agreed.login, agreed.openings.into_iter().chain(accepted).collect());
        }
        for share in shares.readable() {
            settled.stands(rule::mark(share.id));
        }
        Ok((settled, all))
    }

    async fn exposure_of(&self, share: &Share) -> Result<Option<Exposure>, Fault> {
        let all = self.state.db.list_exposures(share.tailnet).await.or_internal("list what is not agreed")?;
        let login = share.login.as_str().to_lowercase();
        Ok(all.readable().into_iter().find(|one| one.login == login))
    }

    pub(super) async fn accept_beyond_of(&self, id: ShareId, seen: String) -> Result<(), Fault> {
        let share = self.given_share(id).await?;
        // It may lead to machines of others.
        self.my_tailnet(share.tailnet).await?;
        let one = self.exposure_of(&share).await?.filter(|one| !one.found.is_empty());
        let one = one.ok_or_else(words::exposure::is_over)?;
        if name(&one) != seen {
            return Err(words::exposure::changed_since());
        }
        let found: Vec<Opening> = one.found.iter().map(|beyond| beyond.opening.clone()).collect();
        let listed = |all: &[Opening]| all.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n");
        let accepted: Vec<Opening> = one.accepted.iter().chain(&found).cloned().collect();
        let before = (!one.accepted.is_empty()).then(|| listed(&one.accepted));
        let event = ShareEvent::BeyondAccepted { login: share.login.to_string() };
        // What a tailnet is like besides is not for the friend.
        let entry = trail::about(Object::share(share.id, &share.login))
            .by(self.actor().await?)
            .says(event)
            .within(share.tailnet, share.owner)
            .before(before)
            .after(listed(&accepted))
            .at(&self.state);
        let stored = self.state.db.accept_exposure(&one, &accepted, &entry).await;
        if stored.or_internal("write down that it may stay")? {
            let _ = self.state.signals.share_changes.send(share.id);
            Ok(())
        } else {
            Err(words::exposure::changed_since())
        }
    }

    /// What the edit that ends one would make of the policy.
    pub(super) async fn withholding(
        &self,
        tailnet: TailnetId,
        id: ExposureId,
    ) -> Result<impl FnOnce(&str, &Network) -> Result<Proposal, Fault> + Send + use<>, Fault> {
        let one = self.state.db.find_exposure(id).await.or_internal("read what is not agreed")?;
        let one = one.filter(|one| one.tailnet == tailnet).ok_or(Fault::NotFound)?;
        let known = agreed(&self.state, tailnet).await.or_internal("read what was agreed")?;
        let agreed: Option<Agreed> = known.and_then(|mut all| all.remove(&one.login));
        let agreed = agreed.ok_or_else(words::exposure::is_over)?;
        Ok(move |text: &str, network: &Network| {
            let edit = without(text, network, &agreed, &one.accepted);
            let edit = edit.map_err(|why| words::exposure::cannot_be_withheld(&why))?;
            let is_theirs = |who: &policy::Who| who.to_string().eq_ignore_ascii_case(&agreed.login);
            let others = edit.lost.iter().any(|entry| !is_theirs(&entry.who));
            Ok(Proposal {
                title: words::exposure::title(&agreed.login),
                about: words::exposure::WITHHOLD_ABOUT.into(),
                after: edit.after,
                warnings: others.then(|| words::exposure::OTHERS_LOSE.to_owned()).into_iter().collect(),
            })
        })
    }
}
