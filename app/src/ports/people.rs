//! The people of this instance, for whoever looks after it: who is here, and who may come in.

use std::str::FromStr;

use async_trait::async_trait;
use model::{PersonId, Standing, Timestamp};

use super::gate::Gate;
use crate::fault::Fault;

/// What can be done about a person.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Deed {
    /// Shut them out, until they are let in again.
    Block,
    /// Let them in again.
    Unblock,
    /// End all their sessions.
    SignOut,
    /// Shut them out for good; what they give and receive ends first.
    Remove,
    /// One more owner of the instance.
    MakeOwner,
}

impl Deed {
    pub const ALL: [Self; 5] = [Self::SignOut, Self::Block, Self::Unblock, Self::MakeOwner, Self::Remove];

    /// As in addresses and on the command line.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Block => "block",
            Self::Unblock => "unblock",
            Self::SignOut => "sign-out",
            Self::Remove => "remove",
            Self::MakeOwner => "make-owner",
        }
    }

    /// The words of its button.
    pub const fn words(self) -> &'static str {
        match self {
            Self::Block => "Block",
            Self::Unblock => "Let in again",
            Self::SignOut => "Sign out everywhere",
            Self::Remove => "Remove",
            Self::MakeOwner => "Make an owner",
        }
    }
}

impl FromStr for Deed {
    type Err = Fault;

    fn from_str(text: &str) -> Result<Self, Fault> {
        Self::ALL.into_iter().find(|deed| deed.as_str() == text).ok_or(Fault::NotFound)
    }
}

/// One person in the list. Of their tailnets and shares no more than how many there are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PersonCard {
    pub id: PersonId,
    pub name: String,
    /// As a provider calls them.
    pub login: Option<String>,
    pub instance_owner: bool,
    /// It is the viewer.
    pub me: bool,
    pub standing: Standing,
    pub standing_since: Option<Timestamp>,
    pub came: Timestamp,
    /// When a browser of theirs was last here; absent where they have none.
    pub seen: Option<Timestamp>,
    pub tailnets: u32,
    /// Shares that are not over.
    pub gives: u32,
    pub receives: u32,
    /// Offers from and to them that can still be answered.
    pub offers: u32,
}

/// One page of the list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PeopleView {
    pub people: Vec<PersonCard>,
    /// Where the next page goes on.
    pub next: Option<String>,
    /// When everything here was last copied with `acequia backup`.
    pub last_backup: Option<Timestamp>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PersonView {
    pub card: PersonCard,
    /// Every way in which they sign in, as the provider calls them.
    pub logins: Vec<String>,
    /// What can be done now.
    pub deeds: Vec<Deed>,
    /// How whoever lost every way to sign in comes back, as a command.
    pub link_command: String,
}

/// What a deed would do, before it is done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DeedView {
    pub card: PersonCard,
    pub deed: Deed,
    pub means: Vec<String>,
    /// Those of the shares that the viewer may see.
    pub gates: Vec<Gate>,
    /// Why it cannot be done.
    pub refused: Option<String>,
}

/// For the owners of the instance only: to anybody else there is no such page.
#[async_trait]
pub trait People: Send + Sync {
    async fn list(&self, q: String, after: Option<String>) -> Result<PeopleView, Fault>;
    async fn get(&self, id: PersonId) -> Result<PersonView, Fault>;
    async fn plan(&self, id: PersonId, deed: Deed) -> Result<DeedView, Fault>;
    /// Gives back what was done, as a sentence.
    async fn act(&self, id: PersonId, deed: Deed) -> Result<String, Fault>;
}
