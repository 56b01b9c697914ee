//! Changes of a share as they are stored and told, whoever makes them.

use model::{Attention, EndReason, JobKind, Need, ObjectKind, Timestamp};
use sharing::words::words;

use crate::services::Services;
use crate::store::audit::{Actor, NewEntry, Object};
use crate::store::shares::{Along, Share};

impl Services {
    /// An entry about a share: its owner, stewards and friend may read it.
    pub fn share_entry(
        &self,
        share: &Share,
        actor: Actor,
        what: String,
        before: Option<String>,
        after: Option<String>,
    ) -> NewEntry {
        let now = self.now();
        NewEntry {
            id: self.random.new_id(now),
            at: now,
            actor,
            what,
            object: Object {
                kind: ObjectKind::Share,
                id: share.id.uuid(),
                name: format!("share with {}", share.login),
            },
            before,
            after,
            tailnet: Some(share.tailnet),
            owner: Some(share.owner),
            friend: Some(share.friend),
        }
    }

    /// A share stops where it is, and its owner is told why. Gives when it is looked at again by itself.
    ///
    /// # Errors
    /// When nothing is going on with it, or the store fails.
    pub async fn stop_share(
        &self,
        share: &mut Share,
        attention: Attention,
    ) -> anyhow::Result<Option<Timestamp>> {
        let retry = self.config.timing.retry;
        let wait = match attention.need {
            Need::Time => Some(retry),
            // Looked at now and then: somebody may have done it by hand.
            Need::Credential | Need::Look => Some(retry * 30),
            Need::Invite | Need::Review => None,
        };
        // Not before the control plane said.
        let again = wait.map(|wait| {
            let at = self.after(wait);
            attention.again.map_or(at, |again| again.max(at))
        });
        let state = share.state.clone().stop(attention.clone())?;
        let entries = self.told_once(share, &attention, "stopped");
        if state != share.state {
            share.state = state;
            self.store_share(share, Along { entries, ..Along::default() }).await?;
        }
        Ok(again)
    }

    /// What was open is not in force as agreed any more: its owner is told why.
    ///
    /// # Errors
    /// When it was not open, or the store fails.
    pub async fn drifted(&self, share: &Share, attention: Attention) -> anyhow::Result<()> {
        let state = share.state.clone().drift(attention.clone())?;
        let entries = self.told_once(share, &attention, "is no longer in force as agreed");
        if !entries.is_empty() {
            let mut changed = Share { state, ..share.clone() };
            self.store_share(&mut changed, Along { entries, ..Along::default() }).await?;
        }
        Ok(())
    }

    /// The same trouble as before is not told again.
    fn told_once(&self, share: &Share, attention: &Attention, what: &str) -> Vec<NewEntry> {
        if share.state.attention().is_some_and(|before| before.is_the_same_as(attention)) {
            return Vec::new();
        }
        let what = format!("{what}: {}", words(attention).reason);
        vec![self.share_entry(share, Actor::Acequia, what, None, None)]
    }

    /// Stores a share that a job changed, and tells the pages. If somebody else was quicker nothing is stored.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn store_share(&self, share: &mut Share, along: Along) -> anyhow::Result<bool> {
        let won = self.db.update_share(share, self.now(), &along).await?;
        if won {
            tracing::info!(share = %share.id, state = share.state.name(), "a share changed");
            let _ = self.share_changes.send(share.id);
        }
        Ok(won)
    }

    /// Begins to end a share, whoever wants it, and wakes the runner.
    ///
    /// `false`, and nothing is done, if somebody else changed it meanwhile: read it again.
    ///
    /// # Errors
    /// When it is ending or over already, or the store fails.
    pub async fn begin_end(&self, share: &mut Share, why: EndReason, actor: Actor) -> anyhow::Result<bool> {
        let what = match why {
            EndReason::Expired => "the agreed time is over: the share ends",
            EndReason::OwnerEnded => "ended the share",
            EndReason::FriendEnded => "gave the share back",
            EndReason::InviteLapsed => "the invite was not opened within its 30 days: the share ends",
            EndReason::ShutOut => "one of the two may no longer come in here: the share ends",
        };
        let before = share.state.name().to_owned();
        share.state = share.state.clone().end(why)?;
        let entry =
            self.share_entry(share, actor, what.into(), Some(before), Some(share.state.name().to_owned()));
        let along = Along {
            entries: vec![entry],
            jobs: vec![self.job(JobKind::Share, share.id)],
            ..Along::default()
        };
        if !self.db.update_share(share, self.now(), &along).await? {
            return Ok(false);
        }
        let _ = self.share_changes.send(share.id);
        self.try_renew_firewall(share.node).await;
        self.poke.notify_one();
        Ok(true)
    }
}
