//! Asks: somebody to whom a service is listed wants an offer of it, and those who give it answer.

use async_trait::async_trait;
use model::{AskAnswer, AskId, OfferId, ServiceId, ShareId, Timestamp, Wished};

use super::shares::EndForm;
use crate::fault::Fault;

/// What is wished for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wish {
    pub asked: Timestamp,
    pub until: Wished,
    /// With [`Wished::Date`]: when that is.
    pub ends: Option<Timestamp>,
    pub note: String,
}

/// How the viewer stands with their own ask, on the page of a service that is listed to them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum OwnAsk {
    /// They may ask.
    No,
    /// They wait for an answer.
    Waits { id: AskId, wish: Wish },
    /// It is offered to them: there they answer.
    Offered(OfferId),
    /// They were told no, with a word or none. Absent: they may ask again now.
    Declined { at: Timestamp, word: String, again: Option<Timestamp> },
    /// They took it back a moment ago, and may ask again then.
    NotBefore(Timestamp),
}

impl OwnAsk {
    /// Whether they may ask now.
    pub const fn may(&self) -> bool {
        matches!(self, Self::No | Self::Declined { again: None, .. })
    }

    /// Whether they may take it now, where it was approved beforehand: whoever waits for an answer need not wait for it.
    pub const fn may_take(&self) -> bool {
        self.may() || matches!(self, Self::Waits { .. })
    }
}

/// On which terms the viewer gets a service without asking: its kind was approved beforehand for a circle that they are in. That
/// there is a circle they do not learn.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AtOnce {
    /// How long such a share may last at most.
    pub days: u32,
    /// The accounts by which they may be let in.
    pub logins: Vec<String>,
    /// They are accounts of the owner's server.
    pub on_server: bool,
    /// What the owner will learn of them, in sentences.
    pub owner_learns: Vec<String>,
    /// What they will be able to do and not do, in sentences.
    pub means: Vec<String>,
}

/// Somebody who waits for an offer, on the page of those who give it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Asking {
    pub id: AskId,
    pub who: String,
    pub wish: Wish,
}

/// How an ask stands for those who give it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AskStands {
    /// It waits; their inbox has it from then on, if somebody said "later".
    Waits {
        later: Option<Timestamp>,
    },
    Answered(AskAnswer),
    /// Nobody answered in its time.
    Lapsed,
}

/// The page of an ask, for those who give what is asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AskView {
    pub asking: Asking,
    pub service: ServiceId,
    pub service_name: String,
    pub node: String,
    pub stands: AskStands,
    /// Until when it waits.
    pub lapses: Timestamp,
}

#[async_trait]
pub trait Asks: Send + Sync {
    async fn get(&self, ask: AskId) -> Result<AskView, Fault>;
    /// Whoever may not know of the service is told what they are told of one that does not exist.
    ///
    /// # Errors
    /// [`Fault::Conflict`] for somebody who waits already, has it, or has an offer of it to answer.
    async fn create(&self, service: ServiceId, form: EndForm) -> Result<(), Fault>;
    /// The viewer gets what was approved beforehand, with this account, as if it had been offered and they had accepted. Whoever
    /// may not know of the service is told as above.
    ///
    /// # Errors
    /// [`Fault::Conflict`] for somebody for whom it is not approved, who has it, or has an offer of it to answer.
    async fn take(&self, service: ServiceId, login: String, form: EndForm) -> Result<ShareId, Fault>;
    /// Whoever asked takes it back. Gives what was asked for.
    async fn withdraw(&self, ask: AskId) -> Result<ServiceId, Fault>;
    /// No, with a word or none.
    async fn decline(&self, ask: AskId, word: String) -> Result<(), Fault>;
    /// Not now: it waits on, and the inbox has it again in a few days.
    async fn later(&self, ask: AskId) -> Result<(), Fault>;
}
