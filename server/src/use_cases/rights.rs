//! Who may do what. Who may not know of a thing is told that there is none; who may know of it, but not do this,
//! is told so.

use app::fault::Fault;
use model::{NodeId, OfferId, PersonId, ServiceId, ShareId, TailnetId};

use super::Asker;
use crate::failure::OrInternal as _;
use crate::store::nodes::Node;
use crate::store::offers::Offer;
use crate::store::services::Placed;
use crate::store::shares::Share;
use crate::store::tailnets::Tailnet;
use crate::store::{audit, people};

/// How somebody stands to a share.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Side {
    /// Owner of the tailnet, or steward.
    Giving,
    Receiving,
}

impl Asker {
    pub(super) fn me(&self) -> Result<PersonId, Fault> {
        self.viewer.person()
    }

    /// The signed-in person, for the audit trail.
    pub(super) async fn actor(&self) -> Result<audit::Actor, Fault> {
        let people::Person { id, name, .. } = self.person().await?;
        Ok(audit::Actor::Person(id, name))
    }

    /// A tailnet that the viewer owns or is a steward of.
    pub(super) async fn my_tailnet(&self, id: TailnetId) -> Result<Tailnet, Fault> {
        let me = self.me()?;
        let tailnet = self.state.db.find_tailnet(id).await.or_internal("read the tailnet")?;
        let tailnet = tailnet.ok_or(Fault::NotFound)?;
        if tailnet.owner == me || self.state.db.is_steward(id, me).await.or_internal("look for stewards")? {
            Ok(tailnet)
        } else {
            Err(Fault::NotFound)
        }
    }

    /// A tailnet that the viewer owns: stewards may do all but change credentials and stewards.
    pub(super) async fn own_tailnet(&self, id: TailnetId) -> Result<Tailnet, Fault> {
        let tailnet = self.my_tailnet(id).await?;
        if tailnet.owner == self.me()? { Ok(tailnet) } else { Err(Fault::Forbidden) }
    }

    /// A machine of a tailnet that the viewer owns or is a steward of.
    pub(super) async fn my_node(&self, id: NodeId) -> Result<(Node, Tailnet), Fault> {
        self.me()?;
        let node = self.state.db.find_node(id).await.or_internal("read the node")?;
        let node = node.ok_or(Fault::NotFound)?;
        let tailnet = self.my_tailnet(node.tailnet).await?;
        Ok((node, tailnet))
    }

    /// A service that the viewer may know of, and whether it is theirs to give.
    pub(super) async fn visible_service(&self, id: ServiceId) -> Result<(Placed, bool), Fault> {
        let me = self.me()?;
        let service = self.state.db.find_service(id).await.or_internal("read the service")?;
        let service = service.ok_or(Fault::NotFound)?;
        if !self.state.db.may_see_service(id, me).await.or_internal("look who may see the service")? {
            return Err(Fault::NotFound);
        }
        let mine = self.my_tailnet(service.tailnet).await.is_ok();
        Ok((service, mine))
    }

    /// A service that is the viewer's to give.
    pub(super) async fn my_service(&self, id: ServiceId) -> Result<Placed, Fault> {
        match self.visible_service(id).await? {
            (service, true) => Ok(service),
            _ => Err(Fault::Forbidden),
        }
    }

    /// An offer of a service that is the viewer's to give.
    pub(super) async fn my_offer(&self, id: OfferId) -> Result<(Offer, Placed), Fault> {
        let me = self.me()?;
        let offer = self.state.db.find_offer(id).await.or_internal("read the offer")?;
        let offer = offer.ok_or(Fault::NotFound)?;
        match self.my_service(offer.service).await {
            Ok(service) => Ok((offer, service)),
            // Who it is for may know of it: on the page of the invitation.
            Err(_) if offer.to_person == Some(me) => Err(Fault::Forbidden),
            Err(Fault::Forbidden) => Err(Fault::NotFound),
            Err(fault) => Err(fault),
        }
    }

    /// A share that the viewer is a party of.
    pub(super) async fn my_share(&self, id: ShareId) -> Result<(Share, Side), Fault> {
        let me = self.me()?;
        let share = self.state.db.find_share(id).await.or_internal("read the share")?;
        let share = share.ok_or(Fault::NotFound)?;
        if share.friend == me {
            return Ok((share, Side::Receiving));
        }
        self.my_tailnet(share.tailnet).await?;
        Ok((share, Side::Giving))
    }

    /// A share that is the viewer's to give.
    pub(super) async fn given_share(&self, id: ShareId) -> Result<Share, Fault> {
        match self.my_share(id).await? {
            (share, Side::Giving) => Ok(share),
            (_, Side::Receiving) => Err(Fault::Forbidden),
        }
    }
}
