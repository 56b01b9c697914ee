//! Services as they are drawn in lists, and the gates of one.

use std::collections::hash_map::Entry;
use std::collections::{HashMap, HashSet};

use app::fault::Fault;
use app::ports::gate::{Gate, GateState};
use app::ports::paging::{PAGE, Paged};
use app::ports::services::{ServiceCard, Standing};
use model::{OfferId, PersonId, ServiceId, ShareId, TailnetId};

use crate::failure::OrInternal as _;
use crate::store::services::Placed;
use crate::store::shares::Share;
use crate::use_cases::Asker;

/// What decides how somebody stands to any service: asked once for a whole list.
pub struct StandingOfViewer {
    me: PersonId,
    /// Those that they own or are a steward of.
    tailnets: HashSet<TailnetId>,
    /// The gate that they have to each service: an open one, else the newest.
    gates: HashMap<ServiceId, Gate>,
}

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
    pub(in crate::use_cases) async fn standing_of_viewer(&self) -> Result<StandingOfViewer, Fault> {
        let me = self.me()?;
        let db = &self.state.db;
        let tailnets = db.list_ids_of_tailnets_of(me).await.or_internal("list the tailnets")?;
        let shares = db.list_received_shares(me).await.or_internal("list the shares")?.readable();
        let gates = self.gates_of_shares(&shares).await?;
        let mut best: HashMap<ServiceId, Gate> = HashMap::new();
        for (share, gate) in shares.iter().zip(gates) {
            let is_open = |gate: &Gate| gate.state == GateState::Active;
            match best.entry(share.service) {
                Entry::Occupied(mut held) if is_open(&gate) && !is_open(held.get()) => {
                    held.insert(gate);
                }
                Entry::Occupied(_) => {}
                Entry::Vacant(free) => {
                    free.insert(gate);
                }
            }
        }
        Ok(StandingOfViewer { me, tailnets: tailnets.into_iter().collect(), gates: best })
    }

    pub(in crate::use_cases) fn card(&self, placed: &Placed, viewer: &StandingOfViewer) -> ServiceCard {
        let gate = viewer.gates.get(&placed.service.id);
        let standing = match gate {
            _ if placed.owner == viewer.me => Standing::Owner,
            Some(gate) => Standing::Shared(Box::new(gate.clone())),
            None if viewer.tailnets.contains(&placed.tailnet) => Standing::Owner,
            None => Standing::Listed,
        };
        let access = match &standing {
            Standing::Owner => true,
            Standing::Shared(gate) => {
                gate.state == GateState::Active || viewer.tailnets.contains(&placed.tailnet)
            }
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

    /// For whom it is theirs to give, open offers and all shares; for others their own shares.
    pub(super) async fn gates_of_service(
        &self,
        placed: &Placed,
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
        let offer_gates = self.gates_of_offers(&offers, &placed.service.ports).await?;
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
