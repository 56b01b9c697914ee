//! The form of an offer, made an offer or told what is wrong with it, field by field.

use app::fault::{Fault, FieldErrors};
use app::ports::offers::OfferForm;
use model::{Login, Note, PersonId, Timestamp};

use crate::store::offers::Offer;
use crate::store::services::Placed;
use crate::use_cases::Asker;

const HOUR: i64 = 60 * 60;
const DAY: i64 = 24 * HOUR;
/// An offer that nobody answers lapses after two weeks.
const LAPSES: i64 = 14 * DAY;
/// The longest that a share may be agreed for by date: what every firewall can hold, and nobody forgets.
const LONGEST: i64 = 5 * 365 * DAY;
const MOST_USES: i64 = 50;

impl Asker {
    pub(super) async fn validated_offer(
        &self,
        me: PersonId,
        placed: &Placed,
        form: &OfferForm,
        token_hash: String,
    ) -> Result<Offer, Fault> {
        let now = self.state.now();
        let mut errors = FieldErrors::new();
        let mut wrong = |field: &str, error: String| errors.push((field.to_owned(), error));
        if placed.gone {
            wrong("service", "its machine is no longer in the tailnet".into());
        }
        let note = form.note.parse::<Note>().map_err(|e| wrong("note", e.to_string())).unwrap_or_default();
        let ends = ends(&form.until, &form.date, now).unwrap_or_else(|(field, error)| {
            wrong(field, error);
            None
        });
        let uses_left = match form.uses.trim() {
            "" => 1,
            text => match text.parse::<i64>() {
                Ok(uses @ 1..=MOST_USES) if uses == 1 || form.to == "link" => uses,
                Ok(1..=MOST_USES) => {
                    wrong("uses", "an offer to one person can be accepted once".into());
                    1
                }
                _ => {
                    wrong("uses", format!("write a number from 1 to {MOST_USES}"));
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
                    wrong("person", "choose a person from the list; invite anybody else by link".into());
                }
            }
            "email" => match form.email.parse::<Login>() {
                Ok(email) => to_email = Some(email.to_string()),
                Err(_) => wrong("email", "write an address like ana@example.com".into()),
            },
            _ => wrong("to", "choose for whom the offer is".into()),
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
        })
    }
}

/// The end of the share, or the field that is wrong.
fn ends(until: &str, date: &str, now: Timestamp) -> Result<Option<Timestamp>, (&'static str, String)> {
    let in_hours = |hours| Ok(Some(now.plus_seconds(hours * HOUR)));
    match until {
        "evening" => in_hours(8),
        "weekend" => in_hours(3 * 24),
        "month" => in_hours(30 * 24),
        "ended" => Ok(None),
        "date" => {
            let text = date.trim();
            // What a browser's field for date and time sends, in UTC; or a full time.
            let time = text.parse().or_else(|_| format!("{text}:00Z").parse::<Timestamp>());
            match time {
                Err(_) => Err(("date", "write it like 2026-12-24T22:00 (UTC)".into())),
                Ok(time) if time <= now => Err(("date", "this has passed already".into())),
                Ok(time) if time > now.plus_seconds(LONGEST) => {
                    Err(("date", "at most five years; or choose \"until ended\"".into()))
                }
                Ok(time) => Ok(Some(time)),
            }
        }
        _ => Err(("until", "choose until when".into())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp::from_seconds(1_800_000_000);

    #[test]
    fn an_end_lies_ahead_and_within_five_years() {
        let error = |date: &str| ends("date", date, NOW).unwrap_err().1;
        assert_eq!(error("yesterday"), "write it like 2026-12-24T22:00 (UTC)");
        assert_eq!(error("2020-01-01T10:00"), "this has passed already");
        assert!(error("2040-01-01T10:00").starts_with("at most five years"));
        let ends = ends("date", "2027-02-01T10:00", NOW).unwrap().unwrap();
        assert_eq!(ends.to_string(), "2027-02-01T10:00:00Z");
    }
}
