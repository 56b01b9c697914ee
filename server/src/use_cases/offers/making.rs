//! An offer is made, or extends the one that waits already; to a circle, one for everybody in it.

use app::fault::Fault;
use app::ports::offers::OfferForm;
use app::ports::services::OfferAgain;
use model::{CircleId, OfferId, PersonId, ServiceId};

use super::still_stood;
use crate::failure::OrInternal as _;
use crate::secrets::hash_token;
use crate::store::circles::Circle;
use crate::store::offers::{NotStored, Offer};
use crate::store::services::ServiceAtNode;
use crate::use_cases::{Asker, until};
use crate::words;

impl Asker {
    /// Whom the viewer offered a service last, if it was by name, and until when.
    pub(super) async fn last_choices(
        &self,
        service: ServiceId,
    ) -> Result<(Option<PersonId>, (&'static str, String)), Fault> {
        let last = self.state.db.find_last_offer(service, self.me()?).await;
        let Some(last) = last.or_internal("look for the last offer")? else {
            return Ok((None, until::at_first()));
        };
        let until = until::again(last.created, last.ends, self.session.zone(), self.state.now());
        Ok((last.to_person, until))
    }

    /// What the short form on the page of a service begins with.
    pub(in crate::use_cases) async fn offer_again(
        &self,
        placed: &ServiceAtNode,
        mine: bool,
    ) -> Result<Option<OfferAgain>, Fault> {
        if !mine || placed.gone {
            return Ok(None);
        }
        let people = self.met().await?;
        if people.is_empty() {
            return Ok(None);
        }
        let (person, (until, date)) = self.last_choices(placed.service.id).await?;
        let person = person.filter(|person| people.iter().any(|one| one.id == *person));
        Ok(Some(OfferAgain { people, person, until: until.into(), date }))
    }

    /// The service that a form is about, if it is the viewer's to give.
    pub(super) async fn offered_service(&self, form: &OfferForm) -> Result<ServiceAtNode, Fault> {
        let service =
            form.service.parse().map_err(|_| Fault::field("service", words::offer::CHOOSE_A_SERVICE))?;
        self.my_service(service).await
    }

    /// Stores it, or lets it take the place of the one of the same service to the same person or address.
    pub(super) async fn make_offer(
        &self,
        offer: Offer,
        placed: &ServiceAtNode,
        token: &str,
    ) -> Result<OfferId, Fault> {
        let to = match (&offer.to_person, &offer.to_email) {
            (Some(person), _) => self.name_of(*person).await?,
            (None, Some(email)) => email.clone(),
            (None, None) => words::offer::WHOEVER_HAS_THE_LINK.into(),
        };
        let until =
            offer.ends.map_or_else(|| "until ended".into(), |at| format!("until {}", at.to_minutes()));
        let what = words::offer::offered(&placed.service.name, &to, &until);
        let entry = self.offer_entry(&offer, placed, what).await?;
        let limits = &self.state.config.limits;
        let mail = self.offer_mail(&offer, token);
        let stored = self.state.db.insert_offer_and_write(&offer, limits, &entry, mail.as_ref()).await;
        let id = match stored.or_internal("store the offer")? {
            None => offer.id,
            Some(NotStored::Alike { first, made_by }) => {
                let what = words::offer::offered_again(&placed.service.name, &to, &until);
                let offer = Offer { id: first, made_by, ..offer };
                let entry = self.offer_entry(&offer, placed, what).await?;
                let mail = self.offer_mail(&offer, token);
                let done = self.state.db.extend_offer(&offer, &entry, mail.as_ref()).await;
                still_stood(done.or_internal("extend the offer")?)?;
                first
            }
            Some(why) => return Err(words::offer::not_stored(why, limits, &to, &placed.service.name)),
        };
        self.state.signals.poke.notify_one();
        Ok(id)
    }

    /// One for everybody who is in the circle now and has no share of it. Fields that are wrong are told before any is made;
    /// whoever cannot be asked keeps nobody else from being asked.
    pub(super) async fn offer_to_circle(&self, form: OfferForm) -> Result<String, Fault> {
        let placed = self.offered_service(&form).await?;
        let circle = self.chosen_circle(&form.circle).await?;
        let people = self.state.db.list_circle_people(circle.id).await;
        let people = people.or_internal("list who is in the circle")?;
        if people.is_empty() {
            return Err(Fault::field("circle", words::circle::NOBODY_IS_IN_IT));
        }
        let (mut offers, mut have, mut failed) = (Vec::new(), Vec::new(), Vec::new());
        for (person, name) in people {
            let who = self.called(person, name).await?;
            let stands = self.state.db.stands_to_service(placed.service.id, person).await;
            let stands = stands.or_internal("look how they stand to it")?;
            if stands.acts || stands.held.is_some() {
                have.push(who);
            } else if self.named(&person.to_string()).await?.is_none() {
                failed.push((who, words::offer::MAY_NOT_COME_IN.to_owned()));
            } else {
                let form = OfferForm {
                    to: "person".into(),
                    person: person.to_string(),
                    uses: String::new(),
                    ..form.clone()
                };
                let token = self.state.random.new_token();
                let offer = self.validated_offer(self.me()?, &placed, &form, hash_token(&token)).await?;
                offers.push((who, Offer { circle: Some(circle.id), ..offer }, token));
            }
        }
        let mut made = 0;
        for (who, offer, token) in offers {
            match self.make_offer(offer, &placed, &token).await {
                Ok(_) => made += 1,
                Err(Fault::Conflict(why)) => failed.push((who, why.to_string())),
                Err(fault) => return Err(fault),
            }
        }
        let said = words::circle::offered(&placed.service.name, made, &have, &failed);
        if made == 0 { Err(Fault::conflict(said)) } else { Ok(said) }
    }

    async fn chosen_circle(&self, typed: &str) -> Result<Circle, Fault> {
        let wrong = || Fault::field("circle", words::circle::CHOOSE_A_CIRCLE);
        let id: CircleId = typed.parse().map_err(|_| wrong())?;
        match self.own_circle(id).await {
            Err(Fault::NotFound) => Err(wrong()),
            circle => circle,
        }
    }
}
