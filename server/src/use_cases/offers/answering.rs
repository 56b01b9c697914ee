//! Who may answer an offer, and how it stands for them.

use app::fault::Fault;
use app::ports::offers::Answer;
use model::{OfferId, PersonId};

use crate::failure::OrInternal as _;
use crate::planes;
use crate::secrets::hash_token;
use crate::store::offers::Offer;
use crate::store::services::ServiceAtNode;
use crate::use_cases::Asker;
use crate::words;

impl Asker {
    /// The offer behind a link. Whoever an offer was made to by name, or by an address that their provider has verified,
    /// needs no link: its id does for them.
    pub(super) async fn invitation(&self, token: &str) -> Result<(Offer, ServiceAtNode), Fault> {
        let db = &self.state.db;
        let offer = match (token.parse::<OfferId>(), self.me()) {
            (Ok(id), Ok(me)) => {
                let offer = db.find_offer(id).await.or_internal("read the offer")?;
                let emails = self.emails(me).await?;
                offer.filter(|offer| offer.to_person == Some(me) || is_to(offer, &emails))
            }
            _ => db.find_offer_by_token(&hash_token(token)).await.or_internal("read the offer")?,
        };
        let offer = offer.ok_or(Fault::NotFound)?;
        let placed = db.find_service(offer.service).await.or_internal("read the service")?;
        Ok((offer, placed.ok_or(Fault::NotFound)?))
    }

    pub(super) async fn answer(&self, offer: &Offer, placed: &ServiceAtNode) -> Result<Answer, Fault> {
        let closed =
            offer.closed(self.state.now()).map(|closed| Answer::Gone(words::offer::closed(closed).into()));
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
        let for_me = match (offer.to_person, &offer.to_email) {
            (Some(person), _) => person == me,
            (None, Some(_)) => is_to(offer, &self.emails(me).await?),
            (None, None) => true,
        };
        if !for_me {
            return Ok(Answer::ForSomebodyElse);
        }
        let (logins, automatic) = self.logins_for(placed, me).await?;
        Ok(Answer::Possible { logins, automatic })
    }

    /// The accounts by which somebody may be let in to a service, as far as they are known; and whether an invite is accepted for
    /// them.
    pub(in crate::use_cases) async fn logins_for(
        &self,
        placed: &ServiceAtNode,
        me: PersonId,
    ) -> Result<(Vec<String>, bool), Fault> {
        let (db, emails) = (&self.state.db, self.emails(me).await?);
        if let Some(server) = self.server_of(placed).await? {
            let known = db.find_member(server.id, me).await.or_internal("look which account they are")?;
            let known = known.map(|account| account.login);
            let logins = known.map_or(emails, |login| vec![login]);
            return Ok((logins, false));
        }
        let mut logins = Vec::new();
        for tailnet in db.list_tailnets_of(me).await.or_internal("list the tailnets")?.readable() {
            if tailnet.owner == me {
                let login =
                    planes::token_login(&self.state, tailnet.id).await.or_internal("read the credentials")?;
                logins.extend(login.map(|login| login.to_string()));
            }
        }
        let automatic = !logins.is_empty();
        logins.extend(emails);
        logins.dedup();
        Ok((logins, automatic))
    }
}

/// Whether one of these addresses is the one for which the offer was made.
fn is_to(offer: &Offer, emails: &[String]) -> bool {
    let to = offer.to_email.as_ref();
    to.is_some_and(|to| emails.iter().any(|own| own.eq_ignore_ascii_case(to)))
}
