//! Entries of the audit trail: one builder, whoever makes them.
//!
//! ```ignore
//! trail::about(Object::from(&node)).by(actor).says("…").of(&tailnet).before(old).at(&state)
//! ```

use model::ids::AuditId;
use model::{PersonId, TailnetId};

use crate::state::AppState;
use crate::store::audit::{Actor, NewEntry, Object, PolicyChange, What};
use crate::store::people::Person;
use crate::store::shares::Share;
use crate::store::tailnets::Tailnet;

/// Begins an entry about something.
pub const fn about(object: Object) -> About {
    About(object)
}

/// Begins an entry about what a person does to their own account.
pub fn by_themselves(person: &Person) -> By {
    about(Object::person(person.id, &person.name)).by(Actor::Person(person.id, person.name.clone()))
}

/// What it is about.
#[derive(Debug)]
pub struct About(Object);

impl About {
    /// Who did it.
    pub fn by(self, actor: Actor) -> By {
        By(self.0, actor)
    }
}

/// What it is about, and who did it.
#[derive(Debug)]
pub struct By(Object, Actor);

impl By {
    /// What was done: a sentence without its subject, or what happened to a share.
    pub fn says(self, what: impl Into<What>) -> Draft {
        let Self(object, actor) = self;
        let (before, after, policy, within, friend) = (None, None, None, None, None);
        Draft { object, actor, what: what.into(), before, after, policy, within, friend }
    }
}

/// An entry that is whole but for its id and its time. Its actor may read it, and nobody else so far.
#[derive(Debug)]
#[must_use]
pub struct Draft {
    object: Object,
    actor: Actor,
    what: What,
    before: Option<String>,
    after: Option<String>,
    policy: Option<PolicyChange>,
    within: Option<(TailnetId, PersonId)>,
    friend: Option<PersonId>,
}

impl Draft {
    /// How it was.
    pub fn before(self, before: impl Into<Option<String>>) -> Self {
        Self { before: before.into(), ..self }
    }

    /// How it is now.
    pub fn after(self, after: impl Into<Option<String>>) -> Self {
        Self { after: after.into(), ..self }
    }

    /// What became of the policy by it.
    pub fn policy(self, policy: PolicyChange) -> Self {
        Self { policy: Some(policy), ..self }
    }

    /// Its owner, stewards and auditors may read it.
    pub fn of(self, tailnet: &Tailnet) -> Self {
        self.within(tailnet.id, tailnet.owner)
    }

    /// As [`Self::of`], where no more than that is known.
    pub fn within(self, tailnet: TailnetId, owner: PersonId) -> Self {
        Self { within: Some((tailnet, owner)), ..self }
    }

    /// They may read it too.
    pub fn friend(self, friend: PersonId) -> Self {
        Self { friend: Some(friend), ..self }
    }

    /// Both sides of a share may read it.
    pub fn between(self, share: &Share) -> Self {
        self.within(share.tailnet, share.owner).friend(share.friend)
    }

    /// Now.
    pub fn at(self, state: &AppState) -> NewEntry {
        let now = state.now();
        let id: AuditId = state.random.new_id(now);
        let Self { object, actor, what, before, after, policy, within, friend } = self;
        let (tailnet, owner) = within.unzip();
        NewEntry { id, at: now, actor, what, object, before, after, policy, tailnet, owner, friend }
    }
}
