//! Services as they are drawn in lists, and the gates of one.

use std::collections::HashMap;

use app::fault::Fault;
use app::paths;
use app::ports::gate::{Gate, GateState};
use app::ports::paging::{PAGE, Paged};
use app::ports::services::{ServiceCard, ShareLink, Standing};
use model::{OfferId, PersonId, ShareId};

use crate::failure::OrInternal as _;
use crate::store::services::{Held, ServiceAtNode, Stands};
use crate::store::shares::Share;
use crate::use_cases::{Asker, gates};

/// Where a page of a service's gates goes on: open offers come first, then shares.
enum Cursor {
    Offer(OfferId),
    Share(ShareId),
}

impl Cursor {
    fn parse(text: &str) -> Option<Self> {
        let (kind, id) = text.split_once('.')?;
        match kind {
            "offer" => id.parse().map(Self::Offer).ok(),
            "share" => id.parse().map(Self::Share).ok(),
            _ => None,
        }
    }
}

impl Asker {
    pub(in crate::use_cases) fn card(
        &self,
        me: PersonId,
        placed: &ServiceAtNode,
        viewer: &Stands,
    ) -> ServiceCard {
        let standing = match &viewer.held {
            _ if placed.owner == me => Standing::Owner,
            Some(held) => Standing::Shared(ShareLink {
                href: paths::share(held.share),
                state: gates::state(&held.state),
                until: held.ends,
            }),
            None if viewer.acts => Standing::Owner,
            None => Standing::Listed,
        };
        let access = match &standing {
            Standing::Owner => true,
            Standing::Shared(share) => share.state == GateState::Active || viewer.acts,
            Standing::Listed => false,
        };
        ServiceCard {
            id: placed.service.id,
            name: placed.service.name.clone(),
            kind: placed.service.kind,
            owner: self.known_as(placed.owner, placed.owner_name.clone()),
            node: placed.node_name.clone(),
            address: access.then(|| placed.dns_name.clone()),
            ports: placed.service.ports.clone(),
            online: placed.online && !placed.gone,
            last_seen: placed.last_seen,
            probe: self.probe(placed),
            about: placed.service.about.clone(),
            standing,
        }
    }

    /// The gate of the share that the viewer holds.
    pub(super) async fn gate_of_held(&self, held: &Held) -> Result<Option<Gate>, Fault> {
        let share = self.state.db.find_share(held.share).await.or_internal("read the share")?;
        Ok(self.gates_of_shares(share.as_slice()).await?.pop())
    }

    /// For whom it is theirs to give, open offers and all shares; for others their own shares.
    pub(super) async fn gates_of_service(
        &self,
        placed: &ServiceAtNode,
        mine: bool,
        after: Option<&str>,
    ) -> Result<Paged<Gate>, Fault> {
        let (me, now) = (self.me()?, self.state.now());
        let (db, id) = (&self.state.db, placed.service.id);
        let cursor = after.and_then(Cursor::parse);
        let (before_offer, before_share, with_offers) = match cursor {
            None => (None, None, mine),
            Some(Cursor::Offer(id)) => (Some(id), None, mine),
            Some(Cursor::Share(id)) => (None, Some(id), false),
        };
        let most = if with_offers { PAGE + 1 } else { 0 };
        let offers = db.list_open_offers_of_service(id, now, before_offer, most).await;
        let offers = offers.or_internal("list the offers")?;
        let friend = (!mine).then_some(me);
        let left = PAGE + 1 - offers.len();
        let shares = db.list_shares_of_service_before(id, friend, before_share, left).await;
        let shares = shares.or_internal("list the shares of the service")?;
        // A row that cannot be read has its place in the list, and no gate.
        let offer_gates = self.gates_of_offers(&offers).await?;
        let readable: Vec<Share> = shares.iter().filter_map(|row| row.share.clone()).collect();
        let mut share_gates: HashMap<ShareId, Gate> = HashMap::new();
        for (share, gate) in readable.iter().zip(self.gates_of_shares(&readable).await?) {
            share_gates.insert(share.id, gate);
        }
        let offers = offers.iter().zip(offer_gates);
        let offers = offers.map(|(offer, gate)| (format!("offer.{}", offer.id), Some(gate)));
        let shares = shares.iter().map(|row| (format!("share.{}", row.id), share_gates.remove(&row.id)));
        let page = Paged::of(offers.chain(shares).collect(), |(cursor, _)| cursor.clone());
        let gates = page.items.into_iter().filter_map(|(_, gate)| gate).collect();
        Ok(Paged { items: gates, next: page.next })
    }
}
