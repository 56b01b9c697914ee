//! What is done about a person, from a page or the command line: the same transaction, the same words.

use app::fault::Fault;
use app::ports::people::{Deed, PersonCard};
use model::{JobKind, ObjectKind, PersonId, Standing, Timestamp};

use crate::failure::OrInternal as _;
use crate::queue;
use crate::secrets::hash_token;
use crate::state::AppState;
use crate::store::audit::{Actor, NewEntry, Object};
use crate::store::people::{Listed, Person, Search};
use crate::store::person_links;
use crate::store::standing::{self, Refusal};

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
    let name = &person.name;
    let (what, said) = match deed {
        Deed::Block => ("blocked", format!("{name} is blocked and signed out everywhere.")),
        Deed::Unblock => ("let in again", format!("{name} may come in again.")),
        Deed::SignOut => ("signed out everywhere", format!("{name} is signed out everywhere.")),
        Deed::Remove => {
            ("began to remove", format!("{name} is shut out, and gone as soon as what they share has ended."))
        }
        Deed::MakeOwner => {
            ("made an owner of this Acequia of", format!("{name} is an owner of this Acequia."))
        }
    };
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
    let entry = entry_about(state, &person, "made a link to come back for", actor);
    let made = standing::Deed { person: id, now: state.now(), entry };
    let stored = state.db.put_person_link(&made, &hash_token(&token), ends).await;
    stored.or_internal("store the link")?.map_err(|_| {
        Fault::Conflict(format!(
            "{} may not come in; let them in again first, nothing was changed",
            person.name
        ))
    })?;
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
pub(super) async fn refusal(
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
        return Ok(Some("This is yourself: another owner can do it, or the command line.".into()));
    }
    Ok(refusal.map(|refusal| sentence(&refusal)))
}

async fn to_act_on(state: &AppState, id: PersonId) -> Result<Person, Fault> {
    state.db.find_person(id).await.or_internal("find the person")?.ok_or(Fault::NotFound)
}

/// Theirs to read as well, once they are let in again.
fn entry_about(state: &AppState, person: &Person, what: &str, actor: Actor) -> NewEntry {
    NewEntry {
        id: state.new_id(),
        at: state.now(),
        actor,
        what: format!("{what} {}", person.name),
        object: Object { kind: ObjectKind::Person, id: person.id.uuid(), name: person.name.clone() },
        before: None,
        after: None,
        tailnet: None,
        owner: None,
        friend: Some(person.id),
    }
}

fn refused(refusal: Refusal) -> Fault {
    match refusal {
        Refusal::Unknown => Fault::NotFound,
        other => Fault::Conflict(format!("{} Nothing was changed.", sentence(&other))),
    }
}

fn sentence(refusal: &Refusal) -> String {
    format!("{}.", crate::words::capitalised(&refusal.to_string()))
}

/// What happens, said beforehand.
pub fn means(deed: Deed, card: &PersonCard) -> Vec<String> {
    let name = &card.name;
    let mut means = Vec::new();
    match deed {
        Deed::SignOut => means.push(format!(
            "{name} is signed out in every browser. Nothing else changes, and they can sign in again."
        )),
        Deed::Unblock => {
            means.push(format!("{name} may sign in again, and be offered things."));
            means.push("Offers that were withdrawn and shares that ended stay so.".into());
            if card.tailnets > 0 {
                means
                    .push(format!("{} of theirs can be worked on again.", counted(card.tailnets, "tailnet")));
            }
        }
        Deed::MakeOwner => {
            means.push(format!(
                "{name} may do here all that you may: see who is here, and shut people out, you too."
            ));
            means.push("They see nothing of others’ tailnets, as you do not.".into());
        }
        Deed::Block => {
            means.push(format!(
                "{name} is signed out everywhere, and cannot sign in until they are let in again."
            ));
            offers_and_received(card, &mut means);
            if card.gives > 0 {
                means.push(format!(
                    "{} given by them: what is open goes on until its end, and the friends are told. What is not open yet \
                     ends.",
                    counted(card.gives, "share")
                ));
            }
            if card.tailnets > 0 {
                means.push(format!(
                    "The credentials of {} are used for nothing but ending; the stewards can change nothing else either.",
                    counted(card.tailnets, "tailnet")
                ));
            }
        }
        Deed::Remove => {
            means.push(format!("{name} is signed out everywhere. Their ways to sign in are forgotten."));
            offers_and_received(card, &mut means);
            if card.gives > 0 {
                means.push(format!("{} given by them: they end first.", counted(card.gives, "share")));
            }
            if card.tailnets > 0 {
                means.push(format!(
                    "Then {} of theirs is disconnected, with what is listed there. Machines stay as they are.",
                    counted(card.tailnets, "tailnet")
                ));
            }
            means.push(
                "Their name stays in the audit trail. This cannot be undone. Whoever holds an open link of an offer can \
                 come in with it as somebody new, they too: block them instead if they are not to come back."
                    .into(),
            );
        }
    }
    means
}

fn offers_and_received(card: &PersonCard, means: &mut Vec<String>) {
    if card.offers > 0 {
        means.push(format!("{} from and to them: withdrawn.", counted(card.offers, "open offer")));
    }
    if card.receives > 0 {
        means.push(format!("{} received by them: taken back.", counted(card.receives, "share")));
    }
}

fn counted(n: u32, what: &str) -> String {
    if n == 1 { format!("1 {what}") } else { format!("{n} {what}s") }
}
