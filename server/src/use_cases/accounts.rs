//! Who is here.

use app::fault::Fault;
use app::ports::accounts::{
    AccountView, Accounts, ComeBackView, DemoPerson, IdentityView, LeaveView, Me, PersonOption,
    ProviderOption, SessionView, SignInView,
};
use app::ports::paging::{PAGE, Paged};
use app::ports::people::Deed;
use async_trait::async_trait;
use model::ids::IdentityId;
use model::{Name, Timestamp, Zone};

use super::{Asker, people, sign_in};
use crate::config::Provider;
use crate::failure::OrInternal as _;
use crate::secrets::hash_token;
use crate::state::Viewer;
use crate::store::people as rows;
use crate::trail;
use crate::words;

#[async_trait]
impl Accounts for Asker {
    async fn me(&self) -> Result<Option<Me>, Fault> {
        let Viewer::Person { id, instance_owner } = self.viewer else { return Ok(None) };
        let name = match self.session.arrived().await? {
            Some(arrived) if arrived.id == id => arrived.name,
            // They signed in with this request.
            _ => match self.state.db.find_person(id).await.or_internal("read the person")? {
                Some(person) => person.name,
                None => return Ok(None),
            },
        };
        // Before any page is made: it then asks as much of the database whomever it names.
        self.known().await?;
        Ok(Some(Me { id, name, instance_owner, inbox: self.inbox_count(id).await? }))
    }

    async fn sign_in(&self) -> Result<SignInView, Fault> {
        let db = &self.state.db;
        let demo_people = if self.state.config.demo {
            db.list_demo_people().await.or_internal("list the people of the demo")?
        } else {
            Vec::new()
        };
        let demo_people = demo_people
            .into_iter()
            .map(|person| DemoPerson {
                id: person.id,
                name: person.name,
                about: person.demo_about.unwrap_or_default(),
            })
            .collect();
        let needs_setup = sign_in::needs_set_up(&self.state).await?;
        let offer = sign_in::open_offer(&self.state, &self.session).await?;
        let words = match &offer {
            Some(offer) => db.find_service(offer.service).await.or_internal("name what is offered")?,
            None => None,
        };
        Ok(SignInView {
            providers: self.state.providers().iter().map(option).collect(),
            demo_people,
            needs_setup,
            may_register: offer.is_some() || (needs_setup && self.session.may_set_up().await?),
            offer: words.map(|placed| words::person::offers_you(&placed.owner_name, &placed.service.name)),
        })
    }

    async fn come_back(&self, token: String) -> Result<ComeBackView, Fault> {
        let found = self.state.db.find_person_link(&hash_token(&token), self.state.now()).await;
        Ok(ComeBackView {
            name: found.or_internal("look for the link")?.map(|(_, name)| name),
            providers: self.state.providers().iter().map(option).collect(),
        })
    }

    async fn account_page(&self, after: Option<String>) -> Result<AccountView, Fault> {
        let person = self.person().await?;
        let (id, db) = (person.id, &self.state.db);
        let identities = db.list_identities(id).await.or_internal("list the identities")?;
        let lifetime = self.state.config.session_lifetime;
        let after = after.as_deref().and_then(|text| {
            let (seen, handle) = text.split_once('.')?;
            Some((Timestamp::from_micros(seen.parse().ok()?), handle))
        });
        let sessions = db.list_sessions(id, self.state.now(), lifetime, after, PAGE + 1).await;
        let sessions = Paged::of(sessions.or_internal("list the sessions")?, |last| {
            format!("{}.{}", last.last_seen.micros(), last.handle)
        });
        let current = self.session.id_hash();
        let providers = self.state.providers();
        let linkable = providers
            .iter()
            .filter(|provider| identities.iter().all(|identity| identity.provider != provider.id));
        let handable = db.list_handable(id).await.or_internal("list what they could hand over")?;
        let zones = db.zones_of(id).await.or_internal("read the time zone")?;
        Ok(AccountView {
            name: person.name,
            zone: zones.chosen().map(|zone| zone.name().to_owned()).unwrap_or_default(),
            told: self.session.told_zone().map(|zone| zone.name().to_owned()),
            linkable: linkable.map(option).collect(),
            handable,
            identities: identities
                .iter()
                .map(|identity| IdentityView {
                    id: identity.id,
                    provider: providers
                        .iter()
                        .find(|provider| provider.id == identity.provider)
                        .map_or_else(|| identity.provider.clone(), |provider| provider.label.clone()),
                    subject: identity.label.clone(),
                    linked: identity.linked,
                    can_unlink: identities.len() > 1,
                })
                .collect(),
            sessions: sessions.map(|session| SessionView {
                current: current.as_ref() == Some(&session.id_hash),
                handle: session.handle,
                agent: session.agent,
                started: session.created,
                last_seen: session.last_seen,
            }),
        })
    }

    async fn rename(&self, name: String) -> Result<(), Fault> {
        let me = self.person().await?;
        let name: Name = name.parse().map_err(|error| Fault::field("name", error))?;
        let (before, after) = (Some(me.name.clone()), Some(name.to_string()));
        let entry = trail::by_themselves(&me)
            .says(words::person::CHANGED_THEIR_NAME)
            .before(before)
            .after(after)
            .at(&self.state);
        self.state.db.rename_person(me.id, name.as_str(), &entry).await.or_internal("rename the person")
    }

    async fn set_zone(&self, typed: String) -> Result<(), Fault> {
        let me = self.person().await?;
        let typed = typed.trim();
        let chosen = match typed {
            "" => None,
            name => Some(
                name.parse::<Zone>()
                    .map_err(|_| Fault::field("zone", words::person::no_such_zone(Zone::like(name))))?,
            ),
        };
        let chosen = chosen.as_ref().map(Zone::name);
        let before = self.state.db.zones_of(me.id).await.or_internal("read the time zone")?.chosen;
        let entry = trail::by_themselves(&me)
            .says(words::person::CHANGED_THEIR_ZONE)
            .before(before)
            .after(chosen.map(str::to_owned))
            .at(&self.state);
        self.state.db.put_zone(me.id, chosen, &entry).await.or_internal("keep the time zone")
    }

    async fn end_session(&self, handle: String) -> Result<(), Fault> {
        let me = self.person().await?;
        let entry = trail::by_themselves(&me).says(words::person::ENDED_A_SESSION).at(&self.state);
        let ended = self.state.db.end_session(me.id, &handle, &entry).await;
        if ended.or_internal("end the session")? { Ok(()) } else { Err(Fault::NotFound) }
    }

    async fn end_other_sessions(&self) -> Result<(), Fault> {
        let me = self.person().await?;
        let current = self.session.id_hash().unwrap_or_default();
        let entry = trail::by_themselves(&me).says(words::person::ENDED_OTHER_SESSIONS).at(&self.state);
        let ended = self.state.db.end_other_sessions(me.id, &current, &entry).await;
        ended.or_internal("end the other sessions")
    }

    async fn leaving(&self) -> Result<LeaveView, Fault> {
        const SHOWN: usize = 20;
        let me = self.me()?;
        let card = people::card(people::one(&self.state, me).await?);
        let shares = self.state.db.list_shares_of(me).await.or_internal("list the shares")?;
        let mut ending = shares.readable();
        ending.retain(|share| !share.state.is_over());
        let more = ending.len().saturating_sub(SHOWN);
        ending.truncate(SHOWN);
        Ok(LeaveView {
            means: words::person::leaving(&card),
            gates: self.gates_of_shares(&ending).await?,
            more,
            refused: people::refusal(&self.state, &card, Deed::Remove).await?,
        })
    }

    async fn leave(&self, sure: bool) -> Result<(), Fault> {
        let me = self.me()?;
        if !sure {
            return Err(Fault::field("sure", words::person::SAY_THAT_YOU_READ_IT));
        }
        people::act_on(&self.state, me, Deed::Remove, self.actor().await?).await?;
        self.session.sign_out().await
    }

    async fn unlink(&self, identity: IdentityId) -> Result<(), Fault> {
        let me = self.person().await?;
        let db = &self.state.db;
        let all = db.list_identities(me.id).await.or_internal("list the identities")?;
        let Some(one) = all.into_iter().find(|one| one.id == identity) else { return Err(Fault::NotFound) };
        let entry =
            trail::by_themselves(&me).says(words::person::UNLINKED_A_WAY).before(one.label).at(&self.state);
        let removed = db.remove_identity_unless_last(me.id, identity, &entry).await;
        if removed.or_internal("unlink the identity")? {
            return Ok(());
        }
        Err(words::person::only_way_in())
    }
}

impl Asker {
    /// Who is signed in, as stored.
    pub(super) async fn person(&self) -> Result<rows::Person, Fault> {
        let person = self.state.db.find_person_here(self.me()?).await.or_internal("read the person")?;
        person.ok_or(Fault::SignedOut)
    }

    /// Whom a form may name: those whom the viewer has met. Anybody else is invited by link or by address.
    pub(super) async fn met(&self) -> Result<Vec<PersonOption>, Fault> {
        let met = self.state.db.list_met(self.me()?).await.or_internal("list the people")?;
        self.options(met.into_iter().map(|person| (person.id, person.name)).collect()).await
    }

    /// Whom a form names, if it may: an id of somebody who was not met is as good as one of nobody.
    pub(super) async fn named(&self, id: &str) -> Result<Option<PersonOption>, Fault> {
        let me = self.me()?;
        let Ok(id) = id.parse() else { return Ok(None) };
        let person = self.state.db.find_met(me, id).await.or_internal("look for the person")?;
        Ok(person.map(|person| PersonOption { id: person.id, name: person.name }))
    }
}

fn option(provider: &Provider) -> ProviderOption {
    ProviderOption { id: provider.id.clone(), label: provider.label.clone() }
}
