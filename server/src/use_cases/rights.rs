//! Who may do what. Who may not know of a thing is told that there is none; who may know of it, but not do this,
//! is told so.

use app::fault::Fault;
use model::{NodeId, OfferId, PersonId, ServiceId, ShareId, TailnetId};

use super::Asker;
use crate::failure::OrInternal as _;
use crate::store::nodes::Node;
use crate::store::offers::Offer;
use crate::store::services::ServiceAtNode;
use crate::store::shares::Share;
use crate::store::tailnets::Tailnet;
use crate::store::{audit, people};
use crate::words;

/// How somebody stands to a share.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Side {
    /// Owner of the tailnet, steward, or whose machine it is.
    Giving,
    Receiving,
}

/// What somebody may do who may read a tailnet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Reads {
    /// They are an auditor.
    Only,
    /// Its owner, or a steward.
    AndChanges,
}

/// What somebody may say yes to who gives a share.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum SaysYes {
    /// They look after the tailnet.
    All,
    /// The machine is theirs, and those who look after the server leave it to them where nothing else of its policy changes.
    JustTheService,
    /// The machine is theirs, and each plan waits for those who look after the server.
    Nothing,
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

    /// A tailnet that the viewer owns or is a steward of. Its auditors know of it.
    pub(super) async fn my_tailnet(&self, id: TailnetId) -> Result<Tailnet, Fault> {
        match self.read_tailnet(id).await? {
            (tailnet, Reads::AndChanges) => Ok(tailnet),
            (_, Reads::Only) => Err(Fault::Forbidden),
        }
    }

    /// A tailnet of which the viewer may read who reaches what, the policy and what happened.
    pub(super) async fn read_tailnet(&self, id: TailnetId) -> Result<(Tailnet, Reads), Fault> {
        let me = self.me()?;
        let db = &self.state.db;
        let tailnet = db.find_tailnet(id).await.or_internal("read the tailnet")?;
        let tailnet = tailnet.ok_or(Fault::NotFound)?;
        if tailnet.owner == me || db.is_steward(id, me).await.or_internal("look for stewards")? {
            Ok((tailnet, Reads::AndChanges))
        } else if db.is_auditor(id, me).await.or_internal("look for auditors")? {
            Ok((tailnet, Reads::Only))
        } else {
            Err(Fault::NotFound)
        }
    }

    /// A tailnet that the viewer owns: stewards may do all but change credentials, stewards and auditors.
    pub(super) async fn own_tailnet(&self, id: TailnetId) -> Result<Tailnet, Fault> {
        let tailnet = self.my_tailnet(id).await?;
        if tailnet.owner == self.me()? { Ok(tailnet) } else { Err(Fault::Forbidden) }
    }

    /// A machine of a tailnet that the viewer owns or is a steward of, or one of their own on somebody else's server.
    pub(super) async fn my_node(&self, id: NodeId) -> Result<(Node, Tailnet), Fault> {
        self.me()?;
        let node = self.state.db.find_node(id).await.or_internal("read the node")?;
        let node = node.ok_or(Fault::NotFound)?;
        let tailnet = match self.my_tailnet(node.tailnet).await {
            Err(Fault::NotFound | Fault::Forbidden) if self.holds(id).await? => {
                let found = self.state.db.find_tailnet(node.tailnet).await.or_internal("read the tailnet")?;
                found.ok_or(Fault::NotFound)?
            }
            tailnet => tailnet?,
        };
        Ok((node, tailnet))
    }

    /// Whether a machine is the viewer's own, on a server that somebody else looks after: they are known to be the account
    /// that it belongs to.
    pub(super) async fn holds(&self, id: NodeId) -> Result<bool, Fault> {
        let me = self.me()?;
        self.state.db.is_held(id, me).await.or_internal("look whose the machine is")
    }

    /// A service that the viewer may know of, and whether it is theirs to give.
    pub(super) async fn visible_service(&self, id: ServiceId) -> Result<(ServiceAtNode, bool), Fault> {
        let me = self.me()?;
        let service = self.state.db.find_service(id).await.or_internal("read the service")?;
        let service = service.ok_or(Fault::NotFound)?;
        if !self.state.db.may_see_service(id, me).await.or_internal("look who may see the service")? {
            return Err(Fault::NotFound);
        }
        let mine = self.my_tailnet(service.tailnet).await.is_ok() || self.holds(service.service.node).await?;
        Ok((service, mine))
    }

    /// A service that is the viewer's to give.
    pub(super) async fn my_service(&self, id: ServiceId) -> Result<ServiceAtNode, Fault> {
        match self.visible_service(id).await? {
            (service, true) => Ok(service),
            _ => Err(Fault::Forbidden),
        }
    }

    /// An offer of a service that is the viewer's to give.
    pub(super) async fn my_offer(&self, id: OfferId) -> Result<(Offer, ServiceAtNode), Fault> {
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

    /// What the viewer may say yes to of a share that they give.
    pub(super) async fn says_yes(&self, share: &Share) -> Result<SaysYes, Fault> {
        match self.my_tailnet(share.tailnet).await {
            Ok(_) => return Ok(SaysYes::All),
            Err(Fault::NotFound | Fault::Forbidden) => {}
            Err(fault) => return Err(fault),
        }
        let tailnet = self.state.db.find_tailnet(share.tailnet).await.or_internal("read the tailnet")?;
        let reviews = tailnet.is_none_or(|tailnet| tailnet.owner_reviews);
        Ok(if reviews { SaysYes::Nothing } else { SaysYes::JustTheService })
    }

    /// A share whose plan the viewer may look at and say yes to.
    pub(super) async fn reviewed_share(&self, id: ShareId) -> Result<Share, Fault> {
        let share = self.given_share(id).await?;
        match self.says_yes(&share).await? {
            SaysYes::Nothing => Err(words::lender::owner_reviews()),
            SaysYes::All | SaysYes::JustTheService => Ok(share),
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
        match self.my_tailnet(share.tailnet).await {
            Err(Fault::NotFound | Fault::Forbidden) if self.holds(share.node).await? => {}
            tailnet => drop(tailnet?),
        }
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
