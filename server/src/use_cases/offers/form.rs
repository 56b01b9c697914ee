//! The form of an offer, made an offer or told what is wrong with it, field by field.

use app::fault::{Fault, FieldErrors};
use app::ports::offers::OfferForm;
use model::{Login, Note, PersonId};

use crate::store::offers::Offer;
use crate::store::services::ServiceAtNode;
use crate::use_cases::Asker;
use crate::use_cases::until::ends;
use crate::words;

const DAY: i64 = 24 * 60 * 60;
/// An offer that nobody answers lapses after two weeks.
const LAPSES: i64 = 14 * DAY;
const MOST_USES: i64 = 50;

impl Asker {
    pub(super) async fn validated_offer(
        &self,
        me: PersonId,
        placed: &ServiceAtNode,
        form: &OfferForm,
        token_hash: String,
    ) -> Result<Offer, Fault> {
        let now = self.state.now();
        let mut errors = FieldErrors::new();
        let mut wrong = |field: &str, error: String| errors.push((field.to_owned(), error));
        if placed.gone {
            wrong("service", words::offer::MACHINE_GONE.into());
        }
        let note = form.note.parse::<Note>().map_err(|e| wrong("note", e.to_string())).unwrap_or_default();
        let ends = ends(&form.until, (&form.date, &form.zone), now).unwrap_or_else(|(field, error)| {
            wrong(field, error);
            None
        });
        let uses_left = match form.uses.trim() {
            "" => 1,
            text => match text.parse::<i64>() {
                Ok(uses @ 1..=MOST_USES) if uses == 1 || form.to == "link" => uses,
                Ok(1..=MOST_USES) => {
                    wrong("uses", words::offer::ACCEPTED_ONCE.into());
                    1
                }
                _ => {
                    wrong("uses", words::offer::write_a_number(MOST_USES));
                    1
                }
            },
        };
        let (mut to_person, mut to_email) = (None, None);
        match form.to.as_str() {
            "link" => {}
            "person" => {
                to_person = self.named(&form.person).await?.map(|person| person.id);
                if to_person.is_none() {
                    wrong("person", words::offer::CHOOSE_A_PERSON.into());
                }
            }
            "email" => match form.email.parse::<Login>() {
                Ok(email) => to_email = Some(email.to_string()),
                Err(_) => wrong("email", words::offer::WRITE_AN_ADDRESS.into()),
            },
            _ => wrong("to", words::offer::CHOOSE_FOR_WHOM.into()),
        }
        if !errors.is_empty() {
            return Err(Fault::Invalid(errors));
        }
        let lapses = now.plus_seconds(LAPSES);
        Ok(Offer {
            id: self.state.new_id(),
            service: placed.service.id,
            made_by: me,
            to_person,
            to_email,
            token_hash,
            ends,
            note: note.to_string(),
            uses_left,
            created: now,
            lapses: ends.map_or(lapses, |ends| ends.min(lapses)),
            withdrawn: None,
            declined: false,
            circle: None,
        })
    }
}
