//! What is done about a person, from a page or the command line: the same transaction, the same words.

use app::fault::Fault;
use app::ports::people::{Deed, PersonCard};
use model::text::sentence;
use model::{JobKind, PersonId, Standing, Timestamp};

use crate::failure::OrInternal as _;
use crate::queue;
use crate::secrets::hash_token;
use crate::state::AppState;
use crate::store::audit::{Actor, NewEntry, Object};
use crate::store::people::{Listed, Person, Search};
use crate::store::person_links;
use crate::store::standing::{self, Refusal};
use crate::trail;
use crate::words;

/// A link for somebody who lost every way to sign in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LinkMade {
    /// The whole address, a secret.
    pub url: String,
    pub ends: Timestamp,
}

/// Does it, in one transaction with its entry in the audit trail, and gives back what was done, as a sentence.
///
/// # Errors
/// [`Fault::NotFound`], or [`Fault::Conflict`] where it is not possible; then nothing was changed.
pub async fn act_on(state: &AppState, id: PersonId, deed: Deed, actor: Actor) -> Result<String, Fault> {
    let (db, person) = (&state.db, to_act_on(state, id).await?);
    let (what, said) = words::person::done(deed, &person.name);
    let made =
        standing::Deed { person: id, now: state.now(), entry: entry_about(state, &person, what, actor) };
    let job = queue::job(state, JobKind::ShutOut, id);
    let new_id = || state.new_id();
    let done = match deed {
        Deed::Block => db.shut_out(&made, Standing::block, &job, &new_id).await,
        Deed::Remove => db.shut_out(&made, Standing::remove, &job, &new_id).await,
        Deed::Unblock => db.unblock(&made).await,
        Deed::SignOut => db.sign_out(&made).await,
        Deed::MakeOwner => db.make_owner(&made).await,
    };
    done.or_internal("store how somebody stands")?.map_err(refused)?;
    state.signals.poke.notify_one();
    Ok(said)
}

/// Makes the link with which somebody comes back who lost every way to sign in. The one before stops working.
///
/// # Errors
/// [`Fault::NotFound`] for nobody, [`Fault::Conflict`] for somebody who may not come in.
pub async fn make_link(state: &AppState, id: PersonId, actor: Actor) -> Result<LinkMade, Fault> {
    let person = to_act_on(state, id).await?;
    let (token, ends) = (state.random.new_token(), state.now().plus_seconds(person_links::LIFETIME_SECONDS));
    let entry = entry_about(state, &person, words::person::MADE_A_LINK, actor);
    let made = standing::Deed { person: id, now: state.now(), entry };
    let stored = state.db.put_person_link(&made, &hash_token(&token), ends).await;
    stored.or_internal("store the link")?.map_err(|_| words::person::may_not_come_in(&person.name))?;
    Ok(LinkMade { url: format!("{}{}", state.config.base(), app::paths::come_back(&token)), ends })
}

/// One row of the list of people.
///
/// # Errors
/// [`Fault::NotFound`] for nobody, and for somebody who is gone.
pub async fn listed(state: &AppState, id: PersonId) -> Result<Listed, Fault> {
    let search = Search { only: Some(id), limit: 1, ..Search::default() };
    let mut found = state.db.search_people(&search, state.now()).await.or_internal("find the person")?;
    found.pop().ok_or(Fault::NotFound)
}

/// Why something cannot be done about somebody now, as far as that is known before it is tried.
pub(in crate::use_cases) async fn refusal(
    state: &AppState,
    card: &PersonCard,
    deed: Deed,
) -> Result<Option<String>, Fault> {
    let next = match deed {
        Deed::Block => card.standing.block(),
        Deed::Unblock => card.standing.unblock(),
        Deed::Remove => card.standing.remove(),
        Deed::SignOut => Ok(card.standing),
        Deed::MakeOwner => card.standing.stay(),
    };
    let refusal = match next {
        Err(error) => Some(Refusal::from(error)),
        Ok(next) if card.instance_owner && !next.is_here() => {
            let others = state.db.count_owners_but(card.id).await.or_internal("count the owners")?;
            (others == 0).then_some(Refusal::LastOwner)
        }
        Ok(_) => None,
    };
    if refusal.is_none() && card.me && deed != Deed::Unblock {
        return Ok(Some(words::person::YOURSELF.into()));
    }
    Ok(refusal.map(|refusal| sentence(&refusal.to_string())))
}

async fn to_act_on(state: &AppState, id: PersonId) -> Result<Person, Fault> {
    state.db.find_person(id).await.or_internal("find the person")?.ok_or(Fault::NotFound)
}

/// Theirs to read as well, once they are let in again.
fn entry_about(state: &AppState, person: &Person, what: &str, actor: Actor) -> NewEntry {
    let object = Object::person(person.id, &person.name);
    trail::about(object).by(actor).says(format!("{what} {}", person.name)).friend(person.id).at(state)
}

fn refused(refusal: Refusal) -> Fault {
    match refusal {
        Refusal::Unknown => Fault::NotFound,
        other => Fault::conflict(sentence(&other.to_string())),
    }
}
