//! Making an offer, and answering one.

use app::fault::Fault;
use app::ports::gate::Gate;
use app::ports::offers::{
    Answer, InvitationView, MissingView, OfferForm, OfferFormView, OfferView, Offers, OffersView,
    ServiceOption,
};
use app::ports::paging::{PAGE, Paged};
use async_trait::async_trait;
use model::{
    AskId, Channel, JobKind, Login, OfferId, PersonId, ServiceId, ShareEvent, ShareId, ShareState, TailnetId,
};

use super::{Asker, until};
use crate::failure::OrInternal as _;
use crate::queue;
use crate::secrets::hash_token;
use crate::shares;
use crate::store::audit::{NewEntry, Object};
use crate::store::offers::{Answered, Closed, Offer, Standing};
use crate::store::outbox::OfferMail;
use crate::store::services::ServiceAtNode;
use crate::store::shares::Share;
use crate::store::tailnets::Tailnet;
use crate::words;

mod answering;
mod asked;
mod form;
mod learns;
mod making;

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
        let (until, date) = match chosen {
            Some(id) => self.last_choices(id).await?.1,
            None => until::at_first(),
        };
        let form = OfferForm {
            service: chosen.map(|id| id.to_string()).unwrap_or_default(),
            to: "link".into(),
            until: until.into(),
            date,
            ..OfferForm::default()
        };
        let networks: std::collections::BTreeSet<TailnetId> =
            placed.iter().filter(|p| chosen.is_none_or(|id| p.service.id == id)).map(|p| p.tailnet).collect();
        // Without a choice, only where there is but one network.
        let missing = match networks.iter().collect::<Vec<_>>().as_slice() {
            [only] => self.missing_rights(**only).await?,
            _ => None,
        };
        let chosen = chosen.and_then(|id| placed.iter().find(|one| one.service.id == id));
        let learns = self.friend_learns(chosen, networks.first().copied().filter(|_| networks.len() == 1));
        let learns = learns.await?;
        let people = self.met().await?;
        let mut circles = self.circle_cards().await?;
        circles.retain(|circle| circle.people > 0);
        Ok(OfferFormView { services, people, circles, form, missing, learns, ask: None, wished: None })
    }

    async fn form_for(&self, ask: AskId) -> Result<OfferFormView, Fault> {
        self.form_for_ask(ask).await
    }

    async fn create_for_circle(&self, form: OfferForm) -> Result<String, Fault> {
        self.offer_to_circle(form).await
    }

    async fn create(&self, form: OfferForm) -> Result<(OfferId, String), Fault> {
        let placed = self.offered_service(&form).await?;
        let token = self.state.random.new_token();
        let offer = self.validated_offer(self.me()?, &placed, &form, hash_token(&token)).await?;
        Ok((self.make_offer(offer, &placed, &token).await?, token))
    }

    async fn list(&self, over: bool, after: Option<String>) -> Result<OffersView, Fault> {
        let me = self.me()?;
        let standing = if over { Standing::Over } else { Standing::Open };
        let before = after.and_then(|id| id.parse().ok());
        let offers = self.state.db.list_offers_of(me, standing, self.state.now(), before, PAGE + 1).await;
        let page = Paged::of(offers.or_internal("list the offers")?, |offer| offer.id.to_string());
        Ok(OffersView { gates: self.gates_of_offers(&page.items).await?, next: page.next })
    }

    async fn get(&self, id: OfferId) -> Result<OfferView, Fault> {
        let (offer, placed) = self.my_offer(id).await?;
        let db = &self.state.db;
        let shares =
            db.list_shares_of_offer(id).await.or_internal("list the shares of the offer")?.readable();
        Ok(OfferView {
            id,
            gate: self.gate_of_offer(&offer, placed.service.ports.clone()).await?,
            note: offer.note.clone(),
            created: offer.created,
            lapses: offer.lapses,
            uses_left: u32::try_from(offer.uses_left).unwrap_or(0),
            can_withdraw: offer.closed(self.state.now()).is_none(),
            sent_to: offer.to_email.clone(),
            shares: self.gates_of_shares(&shares).await?,
            missing: self.missing_rights(placed.tailnet).await?,
            history: self.history(id.uuid()).await?,
        })
    }

    async fn withdraw(&self, id: OfferId) -> Result<(), Fault> {
        let (offer, placed) = self.my_offer(id).await?;
        self.still_open(&offer)?;
        let entry = self.offer_entry(&offer, &placed, words::offer::withdrew(&placed.service.name));
        let entry = entry.await?;
        let done = self.state.db.withdraw_offer(id, self.state.now(), &entry).await;
        still_stood(done.or_internal("withdraw the offer")?)
    }

    async fn new_link(&self, id: OfferId) -> Result<String, Fault> {
        let (offer, placed) = self.my_offer(id).await?;
        self.still_open(&offer)?;
        let token = self.state.random.new_token();
        let what = words::offer::made_new_link(&placed.service.name);
        let entry = self.offer_entry(&offer, &placed, what).await?;
        let hash = hash_token(&token);
        let mail = self.offer_mail(&offer, &token);
        let done = self.state.db.put_offer_token(id, &hash, self.state.now(), &entry, mail.as_ref()).await;
        still_stood(done.or_internal("store the new link")?)?;
        self.state.signals.poke.notify_one();
        Ok(token)
    }

    async fn open(&self, token: String) -> Result<InvitationView, Fault> {
        let (offer, placed) = self.invitation(&token).await?;
        let names = self.names_of_offer(&offer).await?;
        let answer = self.answer(&offer, &placed).await?;
        let server = self.server_of(&placed).await?.map(|tailnet| tailnet.name);
        // Who comes too late, or is not meant, reads why; what was in it is no longer theirs to read.
        let closed = matches!(answer, Answer::Gone(_) | Answer::ForSomebodyElse);
        let ask = self.ask_again(&placed, &answer).await?;
        Ok(InvitationView {
            ask,
            owner: names.owner.clone(),
            service: placed.service.name.clone(),
            kind: placed.service.kind,
            about: if closed { String::new() } else { placed.service.about.clone() },
            node: placed.node_name.clone(),
            ports: placed.service.ports.clone(),
            note: if closed { String::new() } else { offer.note.clone() },
            until: offer.ends,
            lapses: offer.lapses,
            owner_learns: words::offer::owner_learns(server.is_some()),
            means: words::offer::accepting_means(
                &placed.service.name,
                &names.owner,
                &placed.node_name,
                server.is_some(),
            ),
            server,
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
            other => return Err(words::offer::refused(&other)),
        }
        let login = self.login_for(&placed, me, &login).await?;
        self.accept_as(offer, &placed, login).await
    }

    async fn accept_without_account(&self, token: String) -> Result<ShareId, Fault> {
        let (offer, placed) = self.invitation(&token).await?;
        match self.answer(&offer, &placed).await? {
            Answer::Possible { .. } => {}
            Answer::Accepted(id) => return Ok(id),
            Answer::SignInFirst => return Err(Fault::SignedOut),
            other => return Err(words::offer::refused(&other)),
        }
        self.accept_as(offer, &placed, Login::not_known()).await
    }

    async fn decline(&self, token: String) -> Result<(), Fault> {
        let me = self.me()?;
        let (offer, placed) = self.invitation(&token).await?;
        match self.answer(&offer, &placed).await? {
            Answer::Possible { .. } => {}
            Answer::Declined => return Ok(()),
            other => return Err(words::offer::refused(&other)),
        }
        let entry = self.offer_entry(&offer, &placed, format!("declined {}", placed.service.name)).await?;
        let entry = NewEntry { friend: Some(me), ..entry };
        let now = self.state.now();
        let done = self.state.db.decline_offer(offer.id, me, now, &entry).await;
        match done.or_internal("store the answer")? {
            Answered::Now | Answered::Before(None) => self.session.forget_offer().await,
            Answered::Before(Some(id)) => Err(words::offer::refused(&Answer::Accepted(id))),
            Answered::Closed(closed) => Err(words::offer::gone(closed)),
        }
    }
}

impl Asker {
    /// Says yes with this account, or without one yet.
    async fn accept_as(&self, offer: Offer, placed: &ServiceAtNode, login: Login) -> Result<ShareId, Fault> {
        let me = self.me()?;
        let state = if login.is_known() {
            ShareState::Accepted { again: None }
        } else {
            ShareState::AccountMissing { since: self.state.now() }
        };
        let unasked = self.state.db.expects_no_review(placed.service.id, me).await;
        let unasked = unasked.or_internal("look what was approved beforehand")?;
        let share = Share { state, ..self.share_of(&offer, placed, (me, login), unasked) };
        let event = if share.login.is_known() {
            ShareEvent::Accepted { service: placed.service.name.clone(), login: share.login.to_string() }
        } else {
            ShareEvent::AcceptedWithoutAccount
        };
        let entry = shares::entry(&share, self.actor().await?, event).at(&self.state);
        let job = queue::job(&self.state, JobKind::Share, share.id);
        let done = self.state.db.accept_offer(&share, self.state.now(), &entry, &job).await;
        let accepted = match done.or_internal("store the share")? {
            Answered::Now => share.id,
            // Their own other click was faster.
            Answered::Before(Some(id)) => id,
            Answered::Before(None) => return Err(words::offer::refused(&Answer::Declined)),
            Answered::Closed(Closed::UsedUp) => {
                return Err(words::offer::last_place_taken());
            }
            Answered::Closed(closed) => return Err(words::offer::gone(closed)),
        };
        self.state.signals.poke.notify_one();
        self.session.forget_offer().await?;
        Ok(accepted)
    }

    /// The share that comes of a yes with an account.
    pub(super) fn share_of(
        &self,
        offer: &Offer,
        placed: &ServiceAtNode,
        (friend, login): (PersonId, Login),
        unasked: bool,
    ) -> Share {
        Share {
            id: self.state.new_id(),
            offer: offer.id,
            service: placed.service.id,
            node: placed.service.node,
            tailnet: placed.tailnet,
            owner: placed.owner,
            friend,
            login,
            ports: placed.service.ports.clone(),
            asked: None,
            ends: offer.ends,
            state: ShareState::Accepted { again: None },
            deeds: sharing::Journal { unasked, ..sharing::Journal::default() },
            invite_url_sealed: None,
            accepted: self.state.now(),
            longer: None,
            seen_in_force: None,
            version: 0,
        }
    }

    /// A handful of those that wait for an answer.
    pub(super) async fn newest_offers(&self) -> Result<Vec<Gate>, Fault> {
        const SOME: usize = 6;
        let me = self.me()?;
        let offers = self.state.db.list_offers_of(me, Standing::Open, self.state.now(), None, SOME).await;
        self.gates_of_offers(&offers.or_internal("list the offers")?).await
    }

    /// The mail that brings an offer to its address, with its link sealed.
    fn offer_mail(&self, offer: &Offer, token: &str) -> Option<OfferMail> {
        let address = offer.to_email.clone()?;
        let id = self.state.new_id::<()>().uuid();
        let row = format!("{}/{}", id.simple(), Channel::Mail);
        let secret_sealed = self.state.sealer.seal("deliveries", "secret_sealed", &row, token.as_bytes());
        Some(OfferMail { id, address, secret_sealed })
    }

    /// What its stored credentials do not let Acequia do in a tailnet; nothing where a share can be opened from here.
    async fn missing_rights(&self, id: TailnetId) -> Result<Option<MissingView>, Fault> {
        let tailnet = self.state.db.find_tailnet(id).await.or_internal("read the tailnet")?;
        // The one key of a Headscale may do everything.
        if tailnet.is_some_and(|tailnet| tailnet.kind.is_headscale()) {
            return Ok(None);
        }
        let tailnet = self.my_tailnet(id).await?;
        let stored = self.state.db.list_credentials(id).await.or_internal("list the credentials")?.readable();
        let what = words::credential::missing(&stored, self.state.now());
        let own = self.me()? == tailnet.owner;
        Ok((!what.is_empty()).then_some(MissingView { tailnet: id, tailnet_name: tailnet.name, what, own }))
    }

    /// The network of a service, where its friends are accounts of its server.
    pub(super) async fn server_of(&self, placed: &ServiceAtNode) -> Result<Option<Tailnet>, Fault> {
        let tailnet = self.state.db.find_tailnet(placed.tailnet).await.or_internal("read the tailnet")?;
        Ok(tailnet.filter(|tailnet| tailnet.kind.is_headscale()))
    }

    /// The account that somebody was said to be; else what they write, for the owner to go by.
    pub(super) async fn login_on(&self, server: &Tailnet, me: PersonId, typed: &str) -> Result<Login, Fault> {
        let known = self.state.db.find_member(server.id, me).await;
        let known = known.or_internal("look which account they are")?;
        let typed = known.map_or_else(|| typed.trim().to_owned(), |account| account.login);
        let named = if typed.contains('@') || typed.is_empty() { typed } else { format!("{typed}@") };
        let wrong = |_| Fault::field("login", words::member::HOW_TO_WRITE);
        Login::of_headscale(&named).map_err(wrong)
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

    pub(super) async fn offer_entry(
        &self,
        offer: &Offer,
        placed: &ServiceAtNode,
        what: String,
    ) -> Result<NewEntry, Fault> {
        let tailnet = self.state.db.find_tailnet(placed.tailnet).await.or_internal("read the tailnet")?;
        let tailnet = tailnet.ok_or(Fault::NotFound)?;
        let object = Object::offer(offer.id, &placed.service.name);
        Ok(self.about(object).await?.says(what).of(&tailnet).at(&self.state))
    }
}

/// For those who made the offer.
fn still_stood(answered: Answered) -> Result<(), Fault> {
    let Answered::Closed(closed) = answered else { return Ok(()) };
    Err(words::offer::closed_for_its_maker(closed))
}
