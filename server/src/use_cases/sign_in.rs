//! Who comes in: known, new with a permit, or not at all.

use app::fault::Fault;
use model::{Name, PersonId};

use crate::config::Provider;
use crate::failure::OrInternal as _;
use crate::providers::Identified;
use crate::secrets::hash_token;
use crate::session::BrowserSession;
use crate::state::AppState;
use crate::store::identities::Identity;
use crate::store::offers::Offer;
use crate::store::people::Person;
use crate::store::person_links;
use crate::store::registrations::{Admission, Registered};
use crate::trail;
use crate::words;

const SET_UP_CODE: &str = "set_up_code_sealed";

/// What became of somebody whom a provider has named.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SignInOutcome {
    Known(PersonId),
    /// A new account, made because of an offer or the set-up code.
    Registered(PersonId),
    /// Nobody here, and nothing that lets a new person in.
    NotInvited(NotInvited),
    /// Somebody who is blocked or being removed.
    ShutOut,
}

/// Why a new person does not come in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NotInvited {
    /// This browser has no offer that stands.
    NoOffer,
    /// The offer is for an e-mail address that the provider did not name as theirs.
    OtherAddress,
    /// Others came in with the same link or code before.
    Taken,
}

/// Finds the person behind an identity, or makes one if this browser may bring one in.
///
/// # Errors
/// [`Fault::Internal`].
pub async fn admit(
    state: &AppState,
    session: &BrowserSession,
    provider: &Provider,
    who: &Identified,
) -> Result<SignInOutcome, Fault> {
    let db = &state.db;
    let known = db.find_identity(&provider.id, &who.subject).await.or_internal("find the identity")?;
    if let Some(known) = known {
        if !db.is_here(known.person).await.or_internal("look whether they may come in")? {
            return Ok(SignInOutcome::ShutOut);
        }
        db.refresh_identity(&known, &who.label, who.email.as_deref(), state.now())
            .await
            .or_internal("refresh the identity")?;
        return Ok(SignInOutcome::Known(known.person));
    }
    let admission = match admission(state, session, who).await? {
        Ok(admission) => admission,
        Err(why) => return Ok(SignInOutcome::NotInvited(why)),
    };
    let person = Person {
        id: state.new_id(),
        name: name_for(who),
        instance_owner: admission == Admission::SetUpCode,
        demo_about: None,
        created: state.now(),
    };
    let how = match admission {
        Admission::SetUpCode => words::person::CAME_AS_OWNER,
        Admission::Offer { .. } => words::person::CAME_THROUGH_AN_OFFER,
    };
    let identity = identity(state, provider, who, person.id);
    let entry = trail::by_themselves(&person).says(how).after(identity.label.clone()).at(state);
    let registered = db.register(&person, &identity, &admission, &entry).await;
    match registered.or_internal("register the person")? {
        Registered::Now => Ok(SignInOutcome::Registered(person.id)),
        Registered::Taken => Ok(SignInOutcome::NotInvited(NotInvited::Taken)),
        Registered::Known => {
            let known = db.find_identity(&provider.id, &who.subject).await;
            let known = known.or_internal("find the identity")?;
            Ok(known.map_or(SignInOutcome::NotInvited(NotInvited::Taken), |known| {
                SignInOutcome::Known(known.person)
            }))
        }
    }
}

/// What lets this new person in, or why nothing does.
async fn admission(
    state: &AppState,
    session: &BrowserSession,
    who: &Identified,
) -> Result<Result<Admission, NotInvited>, Fault> {
    if session.may_set_up().await? && needs_set_up(state).await? {
        return Ok(Ok(Admission::SetUpCode));
    }
    let Some(offer) = open_offer(state, session).await?.filter(|offer| offer.to_person.is_none()) else {
        return Ok(Err(NotInvited::NoOffer));
    };
    // A forwarded link to one address is no way in for another.
    let meant = |address: &String| who.email.as_ref().is_some_and(|own| own.eq_ignore_ascii_case(address));
    if !offer.to_email.as_ref().is_none_or(meant) {
        return Ok(Err(NotInvited::OtherAddress));
    }
    Ok(Ok(Admission::Offer { offer: offer.id, token_hash: offer.token_hash }))
}

/// Links an identity to somebody who is signed in.
///
/// # Errors
/// [`Fault::Conflict`] if it belongs to somebody else.
pub async fn link(
    state: &AppState,
    person: PersonId,
    provider: &Provider,
    who: &Identified,
) -> Result<(), Fault> {
    let db = &state.db;
    let known =
        || async { db.find_identity(&provider.id, &who.subject).await.or_internal("find the identity") };
    let mut theirs = known().await?;
    if theirs.is_none() {
        let person = db.find_person(person).await.or_internal("read the person")?;
        let person = person.ok_or(Fault::SignedOut)?;
        let identity = identity(state, provider, who, person.id);
        let what = words::person::LINKED_ANOTHER_WAY;
        let entry = trail::by_themselves(&person).says(what).after(identity.label.clone()).at(state);
        if db.link_identity(&identity, &entry).await.or_internal("link the identity")? {
            return Ok(());
        }
        theirs = known().await?;
        if theirs.is_none() {
            // They were shut out while they were away at the provider.
            return Err(Fault::SignedOut);
        }
    }
    if theirs.is_some_and(|known| known.person == person) {
        return Ok(());
    }
    Err(words::person::linked_to_another_account(&who.label, &provider.label))
}

/// Adds a way to sign in to the account of whoever a link was made for, once, and ends their sessions.
///
/// # Errors
/// [`Fault::Conflict`] if the link is good no more, or the way belongs to somebody else.
pub async fn come_back(
    state: &AppState,
    token_hash: &str,
    provider: &Provider,
    who: &Identified,
) -> Result<PersonId, Fault> {
    let (db, now) = (&state.db, state.now());
    let gone = || words::person::link_is_gone();
    let found = db.find_person_link(token_hash, now).await.or_internal("look for the link")?;
    let (id, _) = found.ok_or_else(gone)?;
    let person = db.find_person_here(id).await.or_internal("read the person")?.ok_or_else(gone)?;
    let identity = identity(state, provider, who, id);
    let what = words::person::CAME_BACK;
    let entry = trail::by_themselves(&person).says(what).after(identity.label.clone()).at(state);
    match db.use_person_link(token_hash, &identity, now, &entry).await.or_internal("use the link")? {
        person_links::Used::Done => Ok(id),
        person_links::Used::Gone => Err(gone()),
        person_links::Used::OfSomebodyElse => {
            Err(words::person::added_to_another_account(&who.label, &provider.label))
        }
    }
}

/// Whether nobody owns this instance yet. The demo needs no set-up.
///
/// # Errors
/// [`Fault::Internal`].
pub async fn needs_set_up(state: &AppState) -> Result<bool, Fault> {
    let owned = state.db.has_owner().await.or_internal("look for the instance's owner")?;
    Ok(!state.config.demo && !owned)
}

/// The set-up code, the same each time, while the instance has no owner.
///
/// # Errors
/// When the store does not answer, or the key file is not the one that belongs to it.
pub async fn set_up_code(state: &AppState) -> anyhow::Result<Option<String>> {
    if state.db.has_owner().await? {
        return Ok(None);
    }
    if let Some(sealed) = state.db.find_setting(SET_UP_CODE).await? {
        return Ok(Some(state.sealer.open_text("settings", "value", SET_UP_CODE, &sealed)?));
    }
    // 128 bits, in groups that can be read out.
    let digits = crate::secrets::hex(&state.random.bytes::<16>());
    let code = digits.as_bytes().chunks(8).map(String::from_utf8_lossy).collect::<Vec<_>>().join("-");
    let sealed = state.sealer.seal("settings", "value", SET_UP_CODE, code.as_bytes());
    if state.db.put_first_setting(SET_UP_CODE, &sealed).await? {
        return Ok(Some(code));
    }
    // Two who ask for the first time at once are told the same code.
    let sealed = state.db.find_setting(SET_UP_CODE).await?.unwrap_or_default();
    Ok(Some(state.sealer.open_text("settings", "value", SET_UP_CODE, &sealed)?))
}

/// Takes the set-up code: this browser may then bring in the instance's owner.
///
/// # Errors
/// [`Fault::Invalid`] for a wrong code, [`Fault::Conflict`] if the instance has an owner.
pub async fn give_set_up_code(state: &AppState, session: &BrowserSession, code: &str) -> Result<(), Fault> {
    let right = set_up_code(state).await.or_internal("read the set-up code")?;
    let Some(right) = right.filter(|_| !state.config.demo) else {
        return Err(words::person::has_its_owner());
    };
    // Hashes are compared, so that the time it takes tells nothing about the code.
    if hash_token(code.trim()) != hash_token(&right) {
        return Err(Fault::field("code", words::person::WRONG_SET_UP_CODE));
    }
    session.allow_set_up().await
}

/// The offer that this browser remembers, while it stands.
///
/// # Errors
/// [`Fault::Internal`].
pub async fn open_offer(state: &AppState, session: &BrowserSession) -> Result<Option<Offer>, Fault> {
    let Some(token) = session.remembered_offer().await? else { return Ok(None) };
    let offer = state.db.find_offer_by_token(&hash_token(&token)).await.or_internal("find the offer")?;
    Ok(offer.filter(|offer| offer.closed(state.now()).is_none()))
}

fn identity(state: &AppState, provider: &Provider, who: &Identified, person: PersonId) -> Identity {
    Identity {
        id: state.new_id(),
        person,
        provider: provider.id.clone(),
        subject: who.subject.clone(),
        label: who.label.clone(),
        email: who.email.clone(),
        linked: state.now(),
    }
}

/// The provider's word for them, made fit: a name is no reason to refuse a sign-in.
fn name_for(who: &Identified) -> String {
    let before_at = who.label.split('@').next();
    [who.name.as_deref(), before_at]
        .into_iter()
        .flatten()
        .find_map(Name::cleaned)
        .map_or_else(|| "Somebody new".to_owned(), String::from)
}
