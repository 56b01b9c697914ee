//! Shares and offers as they are drawn everywhere.

use app::fault::Fault;
use app::paths;
use app::ports::gate::{Gate, GateState};
use model::{EndReason, Need, Phase, ShareState};
use sharing::words::words;

use super::Asker;
use crate::failure::OrInternal as _;
use crate::store::gates::Names;
use crate::store::offers::{Closed, Offer};
use crate::store::shares::Share;
use crate::words::capitalised;

impl Asker {
    pub(super) async fn gate_of_share(&self, share: &Share) -> Result<Gate, Fault> {
        let names = self.names_of_share(share).await?;
        Ok(self.drawn_share(share, names))
    }

    fn drawn_share(&self, share: &Share, names: Names) -> Gate {
        let me = self.me().ok();
        let reason = match &share.state {
            ShareState::WaitingForFriend { .. } if me == Some(share.friend) => {
                Some("Open the invite, and the gate is open for you.".into())
            }
            state => reason(state),
        };
        Gate {
            href: paths::share(share.id),
            share: Some(share.id),
            who: names.friend,
            // The page then says "your maple".
            owner: if me == Some(share.owner) { "you".into() } else { names.owner },
            service: names.service,
            node: names.node,
            ports: share.ports.clone(),
            state: state(&share.state),
            until: share.ends,
            reason,
        }
    }

    /// One statement for all of them.
    pub(super) async fn gates_of_shares(&self, shares: &[Share]) -> Result<Vec<Gate>, Fault> {
        let ids = shares.iter().map(|share| share.id).collect();
        let mut names = self.state.db.names_of_shares(ids).await.or_internal("name the shares")?;
        self.known().await?;
        let drawn = |share: &Share| {
            let names = self.told_apart(share, names.remove(&share.id)?);
            Some(self.drawn_share(share, names))
        };
        Ok(shares.iter().filter_map(drawn).collect())
    }

    /// The same for offers of one service.
    pub(super) async fn gates_of_offers(
        &self,
        offers: &[Offer],
        ports: &model::ServicePorts,
    ) -> Result<Vec<Gate>, Fault> {
        let ids = offers.iter().map(|offer| offer.id).collect();
        let mut names = self.state.db.names_of_offers(ids).await.or_internal("name the offers")?;
        self.known().await?;
        let drawn = |offer: &Offer| {
            let names = self.told_apart_in_offer(offer, names.remove(&offer.id)?);
            Some(self.drawn_offer(offer, ports, names))
        };
        Ok(offers.iter().filter_map(drawn).collect())
    }

    pub(super) async fn gate_of_offer(
        &self,
        offer: &Offer,
        ports: &model::ServicePorts,
    ) -> Result<Gate, Fault> {
        let names = self.names_of_offer(offer).await?;
        Ok(self.drawn_offer(offer, ports, names))
    }

    fn drawn_offer(&self, offer: &Offer, ports: &model::ServicePorts, names: Names) -> Gate {
        let (state, reason) = match offer.closed(self.state.now()) {
            None => (GateState::Offered, None),
            Some(Closed::UsedUp) => (GateState::Accepted, Some("Everybody it was for has answered.".into())),
            Some(Closed::Withdrawn) => (GateState::Withdrawn, None),
            Some(Closed::Lapsed) => (GateState::Lapsed, Some("Nobody answered in time.".into())),
            Some(Closed::Over) => (GateState::Lapsed, Some("Its end has passed.".into())),
        };
        Gate {
            href: paths::offer(offer.id),
            share: None,
            who: if names.friend.is_empty() { "whoever has the link".into() } else { names.friend },
            owner: if self.me().ok() == Some(offer.made_by) { "you".into() } else { names.owner },
            service: names.service,
            node: names.node,
            ports: ports.clone(),
            state,
            until: offer.ends,
            reason,
        }
    }
}

pub(super) const fn state(state: &ShareState) -> GateState {
    match state {
        ShareState::Accepted { .. } => GateState::Accepted,
        ShareState::Applying => GateState::Applying,
        ShareState::WaitingForFriend { .. } => GateState::WaitingForFriend,
        ShareState::Active { .. } => GateState::Active,
        ShareState::Drifted { .. } | ShareState::NeedsAttention { .. } => GateState::NeedsAttention,
        ShareState::Ending { .. } => GateState::Ending,
        ShareState::Ended { .. } => GateState::Ended,
    }
}

fn reason(state: &ShareState) -> Option<String> {
    match state {
        ShareState::Accepted { again } => again.as_ref().map(|why| format!("Needs another review: {why}.")),
        ShareState::WaitingForFriend { .. } => Some("The friend has not opened the invite yet.".into()),
        ShareState::Drifted { attention } => Some(words(attention).reason),
        ShareState::NeedsAttention { attention, phase } => {
            let waiting = if attention.need == Need::Time { " It is tried again by itself." } else { "" };
            let doing = if matches!(phase, Phase::End { .. }) { "It is ending, and stopped: " } else { "" };
            Some(format!("{doing}{}{waiting}", words(attention).reason))
        }
        ShareState::Ended { why, open_question: Some(question), .. } => {
            Some(format!("{} {}", why_in_words(*why), capitalised(question)))
        }
        ShareState::Ending { why } | ShareState::Ended { why, .. } => Some(why_in_words(*why).into()),
        ShareState::Applying | ShareState::Active { .. } => None,
    }
}

const fn why_in_words(why: EndReason) -> &'static str {
    match why {
        EndReason::Expired => "The agreed time is over.",
        EndReason::OwnerEnded => "The owner ended it.",
        EndReason::FriendEnded => "The friend gave it back.",
        EndReason::InviteLapsed => "The invite was not opened within its 30 days.",
        EndReason::ShutOut => "One of the two may no longer come in here.",
    }
}
