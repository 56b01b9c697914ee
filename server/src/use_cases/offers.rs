//! Making an offer, and answering one.

use app::fault::Fault;
use app::ports::offers::{
    Answer, InvitationView, OfferForm, OfferFormView, OfferView, Offers, ServiceOption,
};
use async_trait::async_trait;
use model::{Login, ObjectKind, OfferId, PersonId, ServiceId, ShareId, ShareState};

use super::Asker;
use crate::config::Limits;
use crate::failure::OrInternal as _;
use crate::planes;
use crate::secrets::hash_token;
use crate::shares;
use crate::store::audit::{Actor, NewEntry, Object};
use crate::store::offers::{Answered, Closed, NotStored, Offer};
use crate::store::services::Placed;
use crate::store::shares::Share;
use crate::trail;

mod form;

#[async_trait]
impl Offers for Asker {
    async fn form(&self, service: Option<ServiceId>) -> Result<OfferFormView, Fault> {
        let me = self.me()?;
        let placed = self.state.db.list_services_of_person(me).await.or_internal("list the services")?;
        let chosen = service.filter(|id| placed.iter().any(|p| p.service.id == *id));
        let services = placed
            .iter()
            .filter(|p| !p.gone)
            .map(|p| ServiceOption {
                id: p.service.id,
                label: format!("{} on {}", p.service.name, p.node_name),
                ports: p.service.ports.clone(),
            })
            .collect();
        let form = OfferForm {
            service: chosen.map(|id| id.to_string()).unwrap_or_default(),
            to: "link".into(),
            until: "ended".into(),
            ..OfferForm::default()
        };
        Ok(OfferFormView { services, people: self.met().await?, form })
    }

    async fn create(&self, form: OfferForm) -> Result<(OfferId, String), Fault> {
        let me = self.me()?;
        let service = form.service.parse().map_err(|_| Fault::field("service", "choose a service"))?;
        let placed = self.my_service(service).await?;
        let token = self.state.random.new_token();
        let offer = self.validated_offer(me, &placed, &form, hash_token(&token)).await?;
        let to = match (&offer.to_person, &offer.to_email) {
            (Some(person), _) => self.name_of(*person).await?,
            (None, Some(email)) => email.clone(),
            (None, None) => "whoever has the link".into(),
        };
        let until =
            offer.ends.map_or_else(|| "until ended".into(), |at| format!("until {}", at.to_minutes()));
        let what = format!("offered {} to {to}, {until}", placed.service.name);
        let entry = self.offer_entry(&offer, &placed, what).await?;
        let limits = &self.state.config.limits;
        let stored =
            self.state.db.insert_offer(&offer, limits, &entry).await.or_internal("store the offer")?;
        match stored {
            None => Ok((offer.id, token)),
            Some(why) => Err(Fault::Conflict(not_stored_in_words(why, limits, &to, &placed.service.name))),
        }
    }

    async fn get(&self, id: OfferId) -> Result<OfferView, Fault> {
        let (offer, placed) = self.my_offer(id).await?;
        let db = &self.state.db;
        let shares =
            db.list_shares_of_offer(id).await.or_internal("list the shares of the offer")?.readable();
        Ok(OfferView {
            id,
            gate: self.gate_of_offer(&offer, &placed.service.ports).await?,
            note: offer.note.clone(),
            created: offer.created,
            lapses: offer.lapses,
            uses_left: u32::try_from(offer.uses_left).unwrap_or(0),
            can_withdraw: offer.closed(self.state.now()).is_none(),
            shares: self.gates_of_shares(&shares).await?,
            history: self.history(id.uuid()).await?,
        })
    }

    async fn withdraw(&self, id: OfferId) -> Result<(), Fault> {
        let (offer, placed) = self.my_offer(id).await?;
        self.still_open(&offer)?;
        let entry =
            self.offer_entry(&offer, &placed, format!("withdrew the offer of {}", placed.service.name));
        let entry = entry.await?;
        let done = self.state.db.withdraw_offer(id, self.state.now(), &entry).await;
        still_stood(done.or_internal("withdraw the offer")?)
    }

    async fn new_link(&self, id: OfferId) -> Result<String, Fault> {
        let (offer, placed) = self.my_offer(id).await?;
        self.still_open(&offer)?;
        let token = self.state.random.new_token();
        let what =
            format!("made a new link for the offer of {}; the old one stopped working", placed.service.name);
        let entry = self.offer_entry(&offer, &placed, what).await?;
        let hash = hash_token(&token);
        let done = self.state.db.put_offer_token(id, &hash, self.state.now(), &entry).await;
        still_stood(done.or_internal("store the new link")?)?;
        Ok(token)
    }

    async fn open(&self, token: String) -> Result<InvitationView, Fault> {
        let (offer, placed) = self.invitation(&token).await?;
        let names = self.names_of_offer(&offer).await?;
        let answer = self.answer(&offer, &placed).await?;
        // Who comes too late, or is not meant, reads why; what was in it is no longer theirs to read.
        let closed = matches!(answer, Answer::Gone(_) | Answer::ForSomebodyElse);
        Ok(InvitationView {
            owner: names.owner.clone(),
            service: placed.service.name.clone(),
            kind: placed.service.kind,
            about: if closed { String::new() } else { placed.service.about.clone() },
            node: placed.node_name.clone(),
            ports: placed.service.ports.clone(),
            note: if closed { String::new() } else { offer.note.clone() },
            until: offer.ends,
            lapses: offer.lapses,
            owner_learns: vec![
                "Your name here, and the Tailscale login you give.".into(),
                "That you accepted, and when.".into(),
                "As with every Tailscale share: the login and picture of your Tailscale account, and the network addresses your devices connect from.".into(),
            ],
            means: vec![
                format!("You can reach {} on {}'s machine {}, on the ports below and no others.", placed.service.name, names.owner, placed.node_name),
                "The machine cannot start connections to your devices.".into(),
                "Nobody else in your tailnet gets anything.".into(),
                "Either of you can end it at any time.".into(),
            ],
            answer,
        })
    }

    async fn remember(&self, token: String) -> Result<(), Fault> {
        self.invitation(&token).await?;
        self.session.remember_offer(&token).await
    }

    async fn accept(&self, token: String, login: String) -> Result<ShareId, Fault> {
        let me = self.me()?;
        let (offer, placed) = self.invitation(&token).await?;
        match self.answer(&offer, &placed).await? {
            Answer::Possible { .. } => {}
            Answer::Accepted(id) => return Ok(id),
            other => return Err(Fault::Conflict(refusal(&other))),
        }
        let login: Login = login.parse().map_err(|error| Fault::field("login", error))?;
        let share = Share {
            id: self.state.new_id(),
            offer: offer.id,
            service: placed.service.id,
            node: placed.service.node,
            tailnet: placed.tailnet,
            owner: placed.owner,
            friend: me,
            login,
            ports: placed.service.ports.clone(),
            ends: offer.ends,
            state: ShareState::Accepted { again: None },
            deeds: sharing::Journal::default(),
            invite_url_sealed: None,
            accepted: self.state.now(),
            seen_in_force: None,
            version: 0,
        };
        let what = format!("accepted {} for {}", placed.service.name, share.login);
        let entry = shares::entry(&self.state, &share, self.actor().await?, what, None, None);
        let done = self.state.db.accept_offer(&share, self.state.now(), &entry).await;
        let accepted = match done.or_internal("store the share")? {
            Answered::Now => share.id,
            // Their own other click was faster.
            Answered::Before(Some(id)) => id,
            Answered::Before(None) => return Err(Fault::Conflict(refusal(&Answer::Declined))),
            Answered::Closed(Closed::UsedUp) => {
                return Err(Fault::Conflict(
                    "Somebody else took the last place of this offer a moment ago; ask for a new one. Nothing was changed.".into(),
                ));
            }
            Answered::Closed(closed) => return Err(gone(closed)),
        };
        self.session.forget_offer().await?;
        Ok(accepted)
    }

    async fn decline(&self, token: String) -> Result<(), Fault> {
        let me = self.me()?;
        let (offer, placed) = self.invitation(&token).await?;
        match self.answer(&offer, &placed).await? {
            Answer::Possible { .. } => {}
            Answer::Declined => return Ok(()),
            other => return Err(Fault::Conflict(refusal(&other))),
        }
        let entry = self.offer_entry(&offer, &placed, format!("declined {}", placed.service.name)).await?;
        let entry = NewEntry { friend: Some(me), ..entry };
        let now = self.state.now();
        let done = self.state.db.decline_offer(offer.id, me, now, &entry).await;
        match done.or_internal("store the answer")? {
            Answered::Now | Answered::Before(None) => self.session.forget_offer().await,
            Answered::Before(Some(id)) => Err(Fault::Conflict(refusal(&Answer::Accepted(id)))),
            Answered::Closed(closed) => Err(gone(closed)),
        }
    }
}

impl Asker {
    /// The offer behind a link. Whoever an offer was made to by name needs no link: its id does for them.
    async fn invitation(&self, token: &str) -> Result<(Offer, Placed), Fault> {
        let db = &self.state.db;
        let offer = match (token.parse::<OfferId>(), self.me()) {
            (Ok(id), Ok(me)) => {
                let offer = db.find_offer(id).await.or_internal("read the offer")?;
                offer.filter(|offer| offer.to_person == Some(me))
            }
            _ => db.find_offer_by_token(&hash_token(token)).await.or_internal("read the offer")?,
        };
        let offer = offer.ok_or(Fault::NotFound)?;
        let placed = db.find_service(offer.service).await.or_internal("read the service")?;
        Ok((offer, placed.ok_or(Fault::NotFound)?))
    }

    async fn answer(&self, offer: &Offer, placed: &Placed) -> Result<Answer, Fault> {
        let closed =
            offer.closed(self.state.now()).map(|closed| Answer::Gone(closed_in_words(closed).into()));
        let Ok(me) = self.me() else { return Ok(closed.unwrap_or(Answer::SignInFirst)) };
        let db = &self.state.db;
        if let Some(answer) = db.find_answer(offer.id, me).await.or_internal("look for an answer")? {
            return Ok(answer.map_or(Answer::Declined, Answer::Accepted));
        }
        if offer.made_by == me || placed.owner == me {
            return Ok(Answer::Own(offer.id));
        }
        if let Some(closed) = closed {
            return Ok(closed);
        }
        let emails = self.emails(me).await?;
        let for_me = match (offer.to_person, &offer.to_email) {
            (Some(person), _) => person == me,
            (None, Some(email)) => emails.iter().any(|own| own.eq_ignore_ascii_case(email)),
            (None, None) => true,
        };
        if !for_me {
            return Ok(Answer::ForSomebodyElse);
        }
        let mut logins = Vec::new();
        for tailnet in db.list_tailnets_of(me).await.or_internal("list the tailnets")? {
            if tailnet.owner == me {
                let login =
                    planes::token_login(&self.state, tailnet.id).await.or_internal("read the credentials")?;
                logins.extend(login.map(|login| login.to_string()));
            }
        }
        let automatic = !logins.is_empty();
        logins.extend(emails);
        logins.dedup();
        Ok(Answer::Possible { logins, automatic })
    }

    /// Addresses that a provider has verified.
    pub(super) async fn emails(&self, person: PersonId) -> Result<Vec<String>, Fault> {
        let all = self.state.db.list_identities(person).await.or_internal("list the identities")?;
        Ok(all.into_iter().filter_map(|identity| identity.email).collect())
    }

    pub(super) async fn name_of(&self, person: PersonId) -> Result<String, Fault> {
        let person = self.state.db.find_person(person).await.or_internal("read the person")?;
        Ok(person.map(|person| person.name).unwrap_or_default())
    }

    fn still_open(&self, offer: &Offer) -> Result<(), Fault> {
        still_stood(offer.closed(self.state.now()).map_or(Answered::Now, Answered::Closed))
    }

    async fn offer_entry(&self, offer: &Offer, placed: &Placed, what: String) -> Result<NewEntry, Fault> {
        let tailnet = self.state.db.find_tailnet(placed.tailnet).await.or_internal("read the tailnet")?;
        let tailnet = tailnet.ok_or(Fault::NotFound)?;
        let name = format!("offer of {}", placed.service.name);
        let object = Object { kind: ObjectKind::Offer, id: offer.id.uuid(), name };
        let actor: Actor = self.actor().await?;
        Ok(trail::entry_by(&self.state, actor, &tailnet, object, what, None, None))
    }
}

/// For those who made the offer.
fn still_stood(answered: Answered) -> Result<(), Fault> {
    let Answered::Closed(closed) = answered else { return Ok(()) };
    let why = match closed {
        Closed::Withdrawn => "This offer was withdrawn already.",
        Closed::UsedUp => {
            "Every place of this offer was accepted already. To take it back, end the share on its page."
        }
        Closed::Lapsed => "This offer was not answered in time and has lapsed already.",
        Closed::Over => "The time that this offer was for is over.",
    };
    Err(Fault::Conflict(format!("{why} Nothing was changed.")))
}

const fn closed_in_words(closed: Closed) -> &'static str {
    match closed {
        Closed::Withdrawn => "The owner has withdrawn this offer.",
        Closed::Lapsed => "This offer was not answered in time and has lapsed. Ask for a new one.",
        Closed::UsedUp => "This link was used already. Ask for a new one.",
        Closed::Over => "The time that this offer was for is over.",
    }
}

/// Why there can be no further offer now, and what makes room for one.
fn not_stored_in_words(why: NotStored, limits: &Limits, to: &str, service: &str) -> String {
    match why {
        NotStored::ShutOut => "One of the two may no longer come in here. Nothing was changed.".into(),
        NotStored::BetweenTwo => format!(
            "{} offers of yours to {to} are not answered yet, and there can be no more than that. Withdraw one or wait \
             for an answer. Nothing was changed.",
            limits.offers_between_two
        ),
        NotStored::Service => format!(
            "{} offers of {service} are open, and there can be no more than that. Withdraw one or wait for an answer. \
             Nothing was changed.",
            limits.offers_per_service
        ),
    }
}

fn gone(closed: Closed) -> Fault {
    Fault::Conflict(refusal(&Answer::Gone(closed_in_words(closed).into())))
}

fn refusal(answer: &Answer) -> String {
    match answer {
        Answer::Gone(why) => format!("{why} Nothing was changed."),
        Answer::Own(_) => "This is your own offer: send its link to a friend. Nothing was changed.".into(),
        Answer::ForSomebodyElse => "This offer is meant for somebody else. Nothing was changed.".into(),
        Answer::Declined => "You declined this offer. Ask for a new one. Nothing was changed.".into(),
        Answer::Accepted(_) => {
            "You accepted this offer already. To give it back, end the share on its page. Nothing was changed.".into()
        }
        Answer::SignInFirst | Answer::Possible { .. } => "Nothing was changed.".into(),
    }
}
