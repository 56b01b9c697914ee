//! Typed ids: uuid v7, one type per noun, so that a share's id is never taken for a node's.

use std::fmt;
use std::marker::PhantomData;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// The id of one `T`. Made by the store, never typed by a person.
#[derive(Serialize, Deserialize)]
#[serde(transparent)]
pub struct Id<T>(Uuid, #[serde(skip)] PhantomData<fn() -> T>);

impl<T> Id<T> {
    /// Takes a uuid that is known to name a `T`.
    pub const fn new(uuid: Uuid) -> Self {
        Self(uuid, PhantomData)
    }

    /// The plain uuid, for the store.
    pub const fn uuid(self) -> Uuid {
        self.0
    }
}

impl<T> Clone for Id<T> {
    fn clone(&self) -> Self {
        *self
    }
}
impl<T> Copy for Id<T> {}
impl<T> PartialEq for Id<T> {
    fn eq(&self, other: &Self) -> bool {
        self.0 == other.0
    }
}
impl<T> Eq for Id<T> {}
impl<T> PartialOrd for Id<T> {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}
impl<T> Ord for Id<T> {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.0.cmp(&other.0)
    }
}
impl<T> std::hash::Hash for Id<T> {
    fn hash<H: std::hash::Hasher>(&self, state: &mut H) {
        self.0.hash(state);
    }
}
impl<T> fmt::Display for Id<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.0.simple(), f)
    }
}
impl<T> fmt::Debug for Id<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.0.simple(), f)
    }
}

/// The text is not an id.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not an id")]
pub struct IdError;

impl<T> FromStr for Id<T> {
    type Err = IdError;

    fn from_str(text: &str) -> Result<Self, IdError> {
        Uuid::try_parse(text).map(Self::new).map_err(|_| IdError)
    }
}

macro_rules! ids {
    ($($(#[$doc:meta])* $alias:ident = $marker:ident;)*) => {$(
        #[doc = concat!("Marks ids as those of a ", stringify!($marker), ".")]
        #[derive(Debug)]
        pub enum $marker {}
        $(#[$doc])*
        pub type $alias = Id<$marker>;
    )*};
}

ids! {
    /// Somebody who signs in.
    PersonId = Person;
    /// One network with its own control plane.
    TailnetId = Tailnet;
    /// A machine in a tailnet, as this app knows it; the control plane has ids of its own.
    NodeId = Node;
    /// What a node offers.
    ServiceId = Service;
    /// An owner's invitation.
    OfferId = Offer;
    /// Somebody's wish for an offer of a listed service.
    AskId = Ask;
    /// What an accepted offer makes for one person.
    ShareId = Share;
    /// A sign-in identity of a person.
    IdentityId = Identity;
    /// Something at a control plane that no share here accounts for.
    UnmanagedId = UnmanagedItem;
    /// A row of the audit trail.
    AuditId = Audit;
    /// An edit of a policy that is no share.
    EditId = Edit;
    /// A named group of people of one person.
    CircleId = Circle;
    /// What somebody reaches beyond what was agreed.
    ExposureId = Exposure;
    /// Somebody who waits for a new node to appear.
    JoiningId = Joining;
    /// A queued job.
    JobId = Job;
}
