//! Ports whose answers are not written yet say so. Each impl goes when its use case comes; so does this file.

use app::fault::Fault;
use app::ports::{audit, firewall, inbox, offers, services, shares, tailnets};
use async_trait::async_trait;
use model::ids::{NodeId, OfferId, ServiceId, ShareId, TailnetId};

pub struct Unanswered;

fn later<T>() -> Result<T, Fault> {
    Err(Fault::Unavailable("this part of the app is not written yet".into()))
}

#[async_trait]
impl audit::Audit for Unanswered {
    async fn list(&self, _: audit::Query) -> Result<audit::Page, Fault> {
        later()
    }
}

#[async_trait]
impl firewall::Firewall for Unanswered {
    async fn get(&self, _: NodeId) -> Result<firewall::FirewallView, Fault> {
        later()
    }
    async fn choose(&self, _: NodeId, _: String) -> Result<(), Fault> {
        later()
    }
    async fn text(&self, _: NodeId) -> Result<String, Fault> {
        later()
    }
}

#[async_trait]
impl inbox::Inbox for Unanswered {
    async fn home(&self) -> Result<inbox::HomeView, Fault> {
        later()
    }
}

#[async_trait]
impl offers::Offers for Unanswered {
    async fn form(&self, _: Option<ServiceId>) -> Result<offers::OfferFormView, Fault> {
        later()
    }
    async fn create(&self, _: offers::OfferForm) -> Result<(OfferId, String), Fault> {
        later()
    }
    async fn get(&self, _: OfferId) -> Result<offers::OfferView, Fault> {
        later()
    }
    async fn withdraw(&self, _: OfferId) -> Result<(), Fault> {
        later()
    }
    async fn new_link(&self, _: OfferId) -> Result<String, Fault> {
        later()
    }
    async fn open(&self, _: String) -> Result<offers::InvitationView, Fault> {
        later()
    }
    async fn remember(&self, _: String) -> Result<(), Fault> {
        later()
    }
    async fn accept(&self, _: String, _: String) -> Result<ShareId, Fault> {
        later()
    }
    async fn decline(&self, _: String) -> Result<(), Fault> {
        later()
    }
}

#[async_trait]
impl services::Services for Unanswered {
    async fn directory(&self, _: services::DirectoryQuery) -> Result<services::DirectoryView, Fault> {
        later()
    }
    async fn get(&self, _: ServiceId) -> Result<services::ServiceView, Fault> {
        later()
    }
    async fn new_form(&self, _: NodeId) -> Result<services::ServiceFormView, Fault> {
        later()
    }
    async fn edit_form(&self, _: ServiceId) -> Result<services::ServiceFormView, Fault> {
        later()
    }
    async fn create(&self, _: NodeId, _: services::ServiceForm) -> Result<ServiceId, Fault> {
        later()
    }
    async fn update(&self, _: ServiceId, _: services::ServiceForm) -> Result<(), Fault> {
        later()
    }
    async fn remove(&self, _: ServiceId) -> Result<(), Fault> {
        later()
    }
}

#[async_trait]
impl shares::Shares for Unanswered {
    async fn list(&self) -> Result<shares::SharesView, Fault> {
        later()
    }
    async fn get(&self, _: ShareId) -> Result<shares::ShareView, Fault> {
        later()
    }
    async fn review(&self, _: ShareId) -> Result<shares::ReviewView, Fault> {
        later()
    }
    async fn apply(&self, _: ShareId, _: String, _: shares::Decision) -> Result<(), Fault> {
        later()
    }
    async fn end(&self, _: ShareId) -> Result<(), Fault> {
        later()
    }
    async fn retry(&self, _: ShareId) -> Result<(), Fault> {
        later()
    }
    async fn paste_invite(&self, _: ShareId, _: String) -> Result<(), Fault> {
        later()
    }
}

#[async_trait]
impl tailnets::Tailnets for Unanswered {
    async fn list(&self) -> Result<Vec<tailnets::TailnetCard>, Fault> {
        later()
    }
    async fn get(&self, _: TailnetId) -> Result<tailnets::TailnetView, Fault> {
        later()
    }
    async fn node(&self, _: NodeId) -> Result<tailnets::NodeView, Fault> {
        later()
    }
    async fn policy(&self, _: TailnetId) -> Result<tailnets::PolicyView, Fault> {
        later()
    }
    async fn connect_form(&self) -> Result<tailnets::ConnectView, Fault> {
        later()
    }
    async fn connect(&self, _: tailnets::ConnectForm) -> Result<TailnetId, Fault> {
        later()
    }
    async fn set_user_token(&self, _: TailnetId, _: String) -> Result<(), Fault> {
        later()
    }
    async fn set_oauth_client(&self, _: TailnetId, _: String, _: String) -> Result<(), Fault> {
        later()
    }
    async fn sync(&self, _: TailnetId) -> Result<(), Fault> {
        later()
    }
    async fn disconnect(&self, _: TailnetId) -> Result<(), Fault> {
        later()
    }
}
