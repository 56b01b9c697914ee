//! Entries of the audit trail, whoever makes them.

use model::ObjectKind;

use crate::state::AppState;
use crate::store::audit::{Actor, NewEntry, Object};
use crate::store::people::Person;
use crate::store::tailnets::Tailnet;

pub fn entry_by(
    state: &AppState,
    actor: Actor,
    tailnet: &Tailnet,
    object: Object,
    what: impl Into<String>,
    before: Option<String>,
    after: Option<String>,
) -> NewEntry {
    NewEntry {
        id: state.new_id(),
        at: state.now(),
        actor,
        what: what.into(),
        object,
        before,
        after,
        tailnet: Some(tailnet.id),
        owner: Some(tailnet.owner),
        friend: None,
    }
}

/// What a person did to their own account: theirs to read.
pub fn of_person(
    state: &AppState,
    Person { id, name, .. }: &Person,
    what: &str,
    before: Option<String>,
    after: Option<String>,
) -> NewEntry {
    NewEntry {
        id: state.new_id(),
        at: state.now(),
        actor: Actor::Person(*id, name.clone()),
        what: what.into(),
        object: Object { kind: ObjectKind::Person, id: id.uuid(), name: name.clone() },
        before,
        after,
        tailnet: None,
        owner: None,
        friend: None,
    }
}
