//! An offer to somebody who asked for it, and asking for another one where an offer is over.

use app::fault::Fault;
use app::ports::offers::{Answer, OfferForm, OfferFormView, Offers as _};
use model::{AskId, ServiceId, Wished};

use super::Asker;
use crate::failure::OrInternal as _;
use crate::store::services::ServiceAtNode;

impl Asker {
    /// With who asked and what they wish for: a click offers it as it was asked for.
    pub(super) async fn form_for_ask(&self, id: AskId) -> Result<OfferFormView, Fault> {
        let (ask, placed) = self.given_ask(id).await?;
        let view = self.form(Some(placed.service.id)).await?;
        let is_past = ask.ends.is_some_and(|ends| ends <= self.state.now());
        let until = if is_past { Wished::Month } else { ask.until };
        let form = OfferForm {
            to: "person".into(),
            person: ask.person.to_string(),
            until: until.to_string(),
            ..view.form
        };
        Ok(OfferFormView { form, ask: Some(id), wished: ask.ends.filter(|_| !is_past), ..view })
    }

    /// Of which service somebody may ask for another offer, whose own one is over. Nothing where they may not know of the
    /// service, or need none.
    pub(super) async fn ask_again(
        &self,
        placed: &ServiceAtNode,
        answer: &Answer,
    ) -> Result<Option<ServiceId>, Fault> {
        let (Answer::Gone(_) | Answer::Declined, Ok(me)) = (answer, self.me()) else { return Ok(None) };
        let (db, id) = (&self.state.db, placed.service.id);
        if !db.may_see_service(id, me).await.or_internal("look who may see the service")? {
            return Ok(None);
        }
        let stands = db.stands_to_service(id, me).await.or_internal("look how they stand to it")?;
        Ok((!stands.acts && stands.held.is_none()).then_some(id))
    }
}
