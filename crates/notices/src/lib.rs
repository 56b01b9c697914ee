//! What waits for whom. Each function takes what is stored of one thing and gives the notices that there are of it, with
//! the times from and until which they count; so a stored notice is right until something of its thing changes, and no
//! clock has to be asked in between.
//!
//! Pure: no IO, no clock. Words for people are made where notices are shown.

#![forbid(unsafe_code)]
#![warn(missing_docs)]

mod ask;
mod came;
mod exposure;
pub mod heard;
mod host;
mod offer;
mod proof;
mod server;
mod service;
mod share;
mod tailnet;
mod untold;

use model::attention::Attention;
use model::host::{Found, Held};
use model::{
    Channel, EndReason, NoticeKind, PersonId, Revision, ServiceId, ServicePorts, ShareId, Timestamp, Trouble,
    Wished,
};
use serde::{Deserialize, Serialize};

pub use ask::{AskFacts, LATER};
pub use came::CameFacts;
pub use exposure::ExposureFacts;
pub use host::HostFacts;
pub use offer::OfferFacts;
pub use proof::ProofFacts;
pub use server::{ServerFacts, without_reviews_of};
pub use service::ServiceFacts;
pub use share::{ShareFacts, SharePeople};
pub use tailnet::{Causes, CredentialFacts, EXPIRES_SOON, TailnetFacts, UnmanagedFacts};
pub use untold::UntoldFacts;

const DAY: i64 = 24 * 60 * 60;

/// Something that waits for one person.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Notice {
    /// For whom.
    pub person: PersonId,
    /// What it is.
    pub what: What,
    /// Which part of its thing, where there are several, such as one of two credentials; else empty.
    pub part: &'static str,
    /// Since when it waits, as far as what is stored tells: a notice that stands already keeps its own.
    pub since: Timestamp,
    /// It is shown from then on.
    pub opens: Timestamp,
    /// And until then; absent: until its thing changes.
    pub closes: Option<Timestamp>,
}

impl Notice {
    /// The same for each of several, from a time until its thing changes.
    fn for_all<'a>(
        people: impl IntoIterator<Item = &'a PersonId>,
        what: What,
        since: Timestamp,
        opens: Timestamp,
    ) -> Vec<Self> {
        let notice = |person: &PersonId| Self {
            person: *person,
            what: what.clone(),
            part: "",
            since,
            opens,
            closes: None,
        };
        people.into_iter().map(notice).collect()
    }
}

/// What waits, with what its words need besides the names of people and things.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum What {
    /// An accepted offer: what it opens is to be reviewed.
    Review {
        /// Why again, if it was reviewed before.
        again: Option<String>,
        /// What is open is to have these ports instead.
        #[serde(default)]
        ports: Option<ServicePorts>,
    },
    /// An accepted offer of somebody who has no account yet.
    Account,
    /// The same, for whoever gives it.
    NoAccountYet,
    /// A friend asks for more time.
    Longer {
        /// Until when; absent: until ended.
        until: Option<Timestamp>,
        /// Their word with it.
        note: String,
    },
    /// A share that does not go on, or is not in force as agreed.
    Attention {
        /// Why.
        attention: Attention,
    },
    /// An invite that its friend has not opened.
    OpenInvite,
    /// A share that ends soon.
    EndsSoon,
    /// A share whose end could not be done.
    NotEnded {
        /// Why.
        attention: Attention,
    },
    /// A share whose row makes no sense.
    Unreadable,
    /// A share whose owner may no longer come in.
    LeftAlone,
    /// Somebody asks for an offer of a listed service.
    Asked {
        /// Until when they would have it.
        until: Wished,
        /// The same, where they wrote a day and hour.
        ends: Option<Timestamp>,
        /// Their word with it.
        note: String,
    },
    /// What somebody asked for was declined.
    Refused {
        /// What it was.
        service: ServiceId,
        /// What was said with it.
        word: String,
    },
    /// An offer to answer.
    Offer,
    /// An offer that was declined.
    Declined,
    /// An offer that nobody answered in its time.
    Lapsed,
    /// A control plane that cannot be asked.
    Away {
        /// Why.
        trouble: Trouble,
    },
    /// A policy that cannot be read.
    Policy {
        /// Why.
        trouble: Trouble,
    },
    /// A credential that was refused or ends soon.
    Credential {
        /// Why it was refused, in the control plane's words.
        refused: Option<String>,
        /// When it ends.
        expires: Option<Timestamp>,
    },
    /// What stands at a control plane and belongs to no share here.
    Unmanaged {
        /// How much of it nobody has looked at.
        count: u32,
    },
    /// Somebody with an open share reaches more than was agreed.
    Exposure {
        /// The share on whose page it is told.
        share: ShareId,
        /// One line of it, such as "tcp 22 on maple".
        first: String,
        /// How many lines there are besides.
        more: u32,
    },
    /// A host on which another text is in force than the current one.
    Host {
        /// What was found there.
        found: Found,
        /// The current text.
        revision: Revision,
        /// The one that was seen there last.
        seen: Revision,
    },
    /// A host that is to fetch its text, and has not said that it has one in force.
    HostSilent {
        /// The current text.
        revision: Revision,
    },
    /// A host for which no text can be made.
    HostText {
        /// The last one that could.
        revision: Revision,
    },
    /// A share of which its machine tells something else than is said here.
    ToldOtherwise {
        /// How much of it the machine lets in.
        held: Held,
        /// The share is over here; else it is open here.
        over: bool,
    },
    /// People who ask to lend their own machines on a server.
    AskedToLend {
        /// How many wait.
        count: u32,
    },
    /// What whoever asked to lend their own machines on a server was answered.
    LendingAnswered {
        /// They may.
        accepted: bool,
    },
    /// An account that was waited for is on the server: its owner says whether it is their friend's.
    AccountCame,
    /// A policy with a name that several accounts of its server have.
    NameClash {
        /// The first of them, as the text has it.
        name: String,
        /// Whom it may mean.
        accounts: Vec<String>,
        /// How many such names there are besides.
        more: u32,
    },
    /// A service that can be reached now. Told outside of the app alone: in it, that is how things are.
    Opened,
    /// A service that cannot be reached until its owner opens it again. The same.
    Paused,
    /// A share that is over. The same.
    Ended {
        /// Why it ended.
        why: EndReason,
    },
    /// Something could not be told to somebody outside of the app.
    Untold {
        /// By which way.
        channel: Channel,
        /// How often, since it last could.
        count: u32,
        /// What was answered the last time.
        why: String,
    },
    /// A mail with the link of an offer could not be delivered.
    OfferUntold {
        /// To which address.
        address: String,
        /// What was answered.
        why: String,
    },
    /// A tailnet that somebody handed over.
    HandedOver,
    /// A service of which its machine changed the ports or the kind.
    PortsChanged,
}

impl What {
    /// Its kind. What is told outside of the app alone has that of the notice nearest to it, and is none.
    pub const fn kind(&self) -> NoticeKind {
        match self {
            Self::Review { .. } => NoticeKind::Review,
            Self::Account => NoticeKind::Account,
            Self::NoAccountYet => NoticeKind::NoAccountYet,
            Self::Longer { .. } => NoticeKind::Longer,
            Self::Attention { .. } => NoticeKind::Attention,
            Self::OpenInvite | Self::Opened => NoticeKind::OpenInvite,
            Self::EndsSoon | Self::Paused | Self::Ended { .. } => NoticeKind::EndsSoon,
            Self::NotEnded { .. } => NoticeKind::NotEnded,
            Self::Unreadable => NoticeKind::Unreadable,
            Self::LeftAlone => NoticeKind::LeftAlone,
            Self::Asked { .. } => NoticeKind::Asked,
            Self::Refused { .. } => NoticeKind::Refused,
            Self::Offer => NoticeKind::Offer,
            Self::Declined => NoticeKind::Declined,
            Self::Lapsed => NoticeKind::Lapsed,
            Self::Away { .. } => NoticeKind::Away,
            Self::Policy { .. } => NoticeKind::Policy,
            Self::Credential { .. } => NoticeKind::Credential,
            Self::Unmanaged { .. } => NoticeKind::Unmanaged,
            Self::Exposure { .. } => NoticeKind::Exposure,
            Self::Host { .. } | Self::HostSilent { .. } => NoticeKind::Host,
            Self::HostText { .. } => NoticeKind::HostText,
            Self::ToldOtherwise { .. } => NoticeKind::ToldOtherwise,
            Self::AskedToLend { .. } => NoticeKind::AskedToLend,
            Self::LendingAnswered { .. } => NoticeKind::LendingAnswered,
            Self::AccountCame => NoticeKind::AccountCame,
            Self::NameClash { .. } => NoticeKind::NameClash,
            Self::Untold { .. } => NoticeKind::Untold,
            Self::OfferUntold { .. } => NoticeKind::OfferUntold,
            Self::HandedOver => NoticeKind::HandedOver,
            Self::PortsChanged => NoticeKind::PortsChanged,
        }
    }
}
