//! Shares and offers as they are drawn everywhere.

use app::fault::Fault;
use app::paths;
use app::ports::gate::{Gate, GateState};
use model::{ServicePorts, ShareState};

use super::Asker;
use crate::failure::OrInternal as _;
use crate::store::gates::Names;
use crate::store::offers::{Closed, Offer};
use crate::store::shares::Share;
use crate::words;

impl Asker {
    pub(super) async fn gate_of_share(&self, share: &Share) -> Result<Gate, Fault> {
        let names = self.names_of_share(share).await?;
        Ok(self.drawn_share(share, names))
    }

    fn drawn_share(&self, share: &Share, names: Names) -> Gate {
        let me = self.me().ok();
        let reason = match &share.state {
            state if me == Some(share.friend) => words::share::friend::reason(state),
            _ if share.state.attention().is_none() && share.waits_for_other_ports() => {
                share.asked.as_ref().map(words::share::gate::other_ports)
            }
            state => words::share::gate::reason(state),
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
            review: None,
        }
    }

    /// The same statements however many there are. Those that wait for a yes lead whoever looks after the tailnet to the review.
    pub(super) async fn gates_of_shares(&self, shares: &[Share]) -> Result<Vec<Gate>, Fault> {
        let ids = shares.iter().map(|share| share.id).collect();
        let mut names = self.state.db.names_of_shares(ids).await.or_internal("name the shares")?;
        self.known().await?;
        let mine = self.state.db.list_tailnet_ids(self.me()?).await.or_internal("list the tailnets")?;
        let drawn = |share: &Share| {
            let names = self.told_apart(share, names.remove(&share.id)?);
            let waits = matches!(share.state, ShareState::Accepted { .. }) && mine.contains(&share.tailnet);
            let review = waits.then(|| paths::review(share.id));
            Some(Gate { review, ..self.drawn_share(share, names) })
        };
        Ok(shares.iter().filter_map(drawn).collect())
    }

    /// The same for offers.
    pub(super) async fn gates_of_offers(&self, offers: &[Offer]) -> Result<Vec<Gate>, Fault> {
        let ids: Vec<_> = offers.iter().map(|offer| offer.id).collect();
        let mut ports = self.state.db.ports_of_offers(ids.clone()).await.or_internal("read the ports")?;
        let mut names = self.state.db.names_of_offers(ids).await.or_internal("name the offers")?;
        self.known().await?;
        let drawn = |offer: &Offer| {
            let names = self.told_apart_in_offer(offer, names.remove(&offer.id)?);
            Some(self.drawn_offer(offer, ports.remove(&offer.id)?, names))
        };
        Ok(offers.iter().filter_map(drawn).collect())
    }

    pub(super) async fn gate_of_offer(&self, offer: &Offer, ports: ServicePorts) -> Result<Gate, Fault> {
        let names = self.names_of_offer(offer).await?;
        Ok(self.drawn_offer(offer, ports, names))
    }

    fn drawn_offer(&self, offer: &Offer, ports: ServicePorts, names: Names) -> Gate {
        let (state, reason) = match offer.closed(self.state.now()) {
            None => (GateState::Offered, None),
            Some(Closed::UsedUp) => {
                (GateState::Accepted, Some(words::share::gate::EVERYBODY_ANSWERED.into()))
            }
            Some(Closed::Withdrawn) => (GateState::Withdrawn, None),
            Some(Closed::Declined) => (GateState::Declined, Some(words::share::gate::SAID_NO.into())),
            Some(Closed::Lapsed) => (GateState::Lapsed, Some(words::share::gate::NOBODY_ANSWERED.into())),
            Some(Closed::Over) => (GateState::Lapsed, Some(words::share::gate::END_HAS_PASSED.into())),
        };
        Gate {
            href: paths::offer(offer.id),
            share: None,
            who: if names.friend.is_empty() {
                words::offer::WHOEVER_HAS_THE_LINK.into()
            } else {
                names.friend
            },
            owner: if self.me().ok() == Some(offer.made_by) { "you".into() } else { names.owner },
            service: names.service,
            node: names.node,
            ports,
            state,
            until: offer.ends,
            reason,
            review: None,
        }
    }
}

pub(super) const fn state(state: &ShareState) -> GateState {
    match state {
        ShareState::AccountMissing { .. } => GateState::AccountMissing,
        ShareState::Accepted { .. } => GateState::Accepted,
        ShareState::Pausing => GateState::Pausing,
        ShareState::Paused { .. } => GateState::Paused,
        ShareState::Applying => GateState::Applying,
        ShareState::WaitingForFriend { .. } => GateState::WaitingForFriend,
        ShareState::Active { .. } => GateState::Active,
        ShareState::Drifted { .. } | ShareState::NeedsAttention { .. } => GateState::NeedsAttention,
        ShareState::Ending { .. } => GateState::Ending,
        ShareState::Ended { .. } => GateState::Ended,
    }
}
