//! Another end of a share: agreed on by those who give it, asked for by its friend.

use app::fault::Fault;
use app::ports::shares::{EndForm, LongerView};
use model::{EndReason, Note, ShareEvent, ShareId, Timestamp};

use super::TRIES;
use crate::failure::OrInternal as _;
use crate::hosts;
use crate::shares;
use crate::store::shares::{Along, Longer, Share};
use crate::use_cases::Asker;
use crate::use_cases::rights::Side;
use crate::use_cases::until::ends;
use crate::words;

/// Whether its end can be another one.
pub(super) fn can_change(share: &Share) -> bool {
    share.state.clone().end(EndReason::OwnerEnded).is_ok()
}

pub(super) fn longer_view(share: &Share) -> Option<LongerView> {
    let Longer { asked, until, note } = share.longer.clone().filter(|_| can_change(share))?;
    Some(LongerView { asked, until, note })
}

impl Asker {
    /// What another end means for the machine's own text.
    pub(super) async fn end_means(&self, share: &Share) -> Result<Vec<String>, Fault> {
        // Asked of every share, so that each page costs as much.
        let node = self.state.db.find_node(share.node).await.or_internal("read the machine")?;
        let host = self.state.db.find_host(share.node).await.or_internal("read what is known of the host")?;
        let (Some(ends), true) = (share.ends, share.state.may_be_in_force()) else { return Ok(Vec::new()) };
        let Some(node) = node.filter(|node| !node.firewall_revision.is_none()) else { return Ok(Vec::new()) };
        Ok(vec![match host.token_made {
            Some(_) => words::share::time::FETCHED.to_owned(),
            None => {
                words::share::time::in_the_text(&node.name, node.firewall_revision, ends, self.session.zone())
            }
        }])
    }

    pub(super) async fn set_end_of(&self, id: ShareId, form: EndForm) -> Result<(), Fault> {
        for _ in 0..TRIES {
            let mut share = self.given_share(id).await?;
            let ends = self.typed_end(&form)?;
            if !can_change(&share) {
                return Err(Fault::conflict(words::share::time::IS_OVER));
            }
            let actor = self.actor().await?;
            if self.put_end(&mut share, ends, actor).await? {
                return Ok(());
            }
        }
        Err(words::share::changes_again_and_again())
    }

    /// False, and nothing is stored, if somebody else was quicker.
    pub(in crate::use_cases) async fn put_end(
        &self,
        share: &mut Share,
        ends: Option<Timestamp>,
        actor: crate::store::audit::Actor,
    ) -> Result<bool, Fault> {
        let before = words::share::time::until(share.ends);
        (share.ends, share.longer) = (ends, None);
        let entry = shares::entry(share, actor, ShareEvent::EndSet { ends })
            .before(before)
            .after(words::share::time::until(ends));
        let along = Along::of(entry.at(&self.state));
        if !shares::store(&self.state, share, along).await.or_internal("store the share")? {
            return Ok(false);
        }
        // The end stands in the machine's own text; and the runner sleeps until the next end.
        hosts::try_renew(&self.state, share.node).await;
        self.state.signals.poke.notify_one();
        Ok(true)
    }

    pub(super) async fn ask_longer_for(&self, id: ShareId, form: EndForm) -> Result<(), Fault> {
        for _ in 0..TRIES {
            let (mut share, side) = self.my_share(id).await?;
            if side != Side::Receiving {
                return Err(Fault::Forbidden);
            }
            let until = self.typed_end(&form)?;
            let note = form.note.parse::<Note>().map_err(|error| Fault::field("note", error))?;
            if !can_change(&share) {
                return Err(Fault::conflict(words::share::time::IS_OVER));
            }
            let Some(ends) = share.ends else {
                return Err(Fault::field("until", words::share::time::HAS_NO_END));
            };
            if until.is_some_and(|until| until <= ends) {
                let field = if form.until == "date" { "date" } else { "until" };
                return Err(Fault::field(field, words::share::time::LONGER_ONLY));
            }
            share.longer = Some(Longer { asked: self.state.now(), until, note: note.to_string() });
            let event = ShareEvent::EndWanted { ends: until };
            let entry = shares::entry(&share, self.actor().await?, event).at(&self.state);
            let stored = shares::store(&self.state, &mut share, Along::of(entry)).await;
            if stored.or_internal("store the share")? {
                return Ok(());
            }
        }
        Err(words::share::changes_again_and_again())
    }

    pub(super) async fn refuse_longer_for(&self, id: ShareId) -> Result<(), Fault> {
        for _ in 0..TRIES {
            let mut share = self.given_share(id).await?;
            if share.longer.take().is_none() {
                return Err(Fault::conflict(words::share::time::ASKED_FOR_NOTHING));
            }
            let entry = shares::entry(&share, self.actor().await?, ShareEvent::EndKept).at(&self.state);
            let stored = shares::store(&self.state, &mut share, Along::of(entry)).await;
            if stored.or_internal("store the share")? {
                return Ok(());
            }
        }
        Err(words::share::changes_again_and_again())
    }

    fn typed_end(&self, form: &EndForm) -> Result<Option<Timestamp>, Fault> {
        let ends = ends(&form.until, (&form.date, &form.zone), self.state.now());
        ends.map_err(|(field, error)| Fault::field(field, error))
    }
}
