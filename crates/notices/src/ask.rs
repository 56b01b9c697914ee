//! Asks: for those who give the service until one of them answers; and a no, for whoever asked.

use model::{AskAnswer, PersonId, ServiceId, Timestamp, Wished};

use crate::{DAY, Notice, What};

/// So long whoever gives it is left in peace after they said "later".
pub const LATER: i64 = 3 * DAY;
/// So long a no is told: then it is no news any more.
const TOLD: i64 = 14 * DAY;

/// What is stored of an ask.
#[derive(Clone, Debug)]
pub struct AskFacts {
    /// What is asked for.
    pub service: ServiceId,
    /// It is not listed any more.
    pub gone: bool,
    /// Who asks.
    pub asker: PersonId,
    /// Their word with it.
    pub note: String,
    /// Until when they would have it.
    pub until: Wished,
    /// The same, where they wrote a day and hour.
    pub ends: Option<Timestamp>,
    /// When they asked.
    pub asked: Timestamp,
    /// Until when it waits.
    pub lapses: Timestamp,
    /// When somebody who gives it last said "later".
    pub later: Option<Timestamp>,
    /// What became of it, and when.
    pub answer: Option<(AskAnswer, Timestamp)>,
    /// What was said with a no.
    pub word: String,
}

impl AskFacts {
    /// What waits of it, for those who give the service and for whoever asked. Somebody who gives it by now needs no
    /// offer, so that their ask waits for nobody.
    pub fn notices(&self, givers: &[PersonId]) -> Vec<Notice> {
        let always = Timestamp::from_micros(0);
        if self.gone || givers.contains(&self.asker) {
            return Vec::new();
        }
        match self.answer {
            None => {
                let what = What::Asked { until: self.until, ends: self.ends, note: self.note.clone() };
                // Also from a time that lies ahead, by a clock that was wrong: that is brought back in the store.
                let opens = self.later.map_or(always, |later| later.plus_seconds(LATER));
                let waits = Notice::for_all(givers, what, self.asked, opens);
                waits.into_iter().map(|notice| Notice { closes: Some(self.lapses), ..notice }).collect()
            }
            Some((AskAnswer::Declined, at)) => {
                let what = What::Refused { service: self.service, word: self.word.clone() };
                let told = Notice::for_all([&self.asker], what, at, always);
                let closes = Some(at.plus_seconds(TOLD));
                told.into_iter().map(|notice| Notice { closes, ..notice }).collect()
            }
            Some((AskAnswer::Offered | AskAnswer::Withdrawn, _)) => Vec::new(),
        }
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    const NOW: Timestamp = Timestamp::from_seconds(1_800_000_000);

    fn person(n: u128) -> PersonId {
        PersonId::new(Uuid::from_u128(n))
    }

    fn asked() -> AskFacts {
        AskFacts {
            service: ServiceId::new(Uuid::from_u128(9)),
            gone: false,
            asker: person(3),
            note: "please".into(),
            until: Wished::Evening,
            ends: None,
            asked: NOW,
            lapses: NOW.plus_seconds(30 * DAY),
            later: None,
            answer: None,
            word: String::new(),
        }
    }

    fn told(facts: &AskFacts) -> Vec<(u128, bool, Timestamp, Option<Timestamp>)> {
        let notices = facts.notices(&[person(1), person(2)]);
        let row = |one: Notice| {
            (one.person.uuid().as_u128(), matches!(one.what, What::Asked { .. }), one.opens, one.closes)
        };
        notices.into_iter().map(row).collect()
    }

    #[test]
    fn an_ask_waits_for_everybody_who_gives_it_until_it_lapses() {
        let (always, lapses) = (Timestamp::from_micros(0), Some(NOW.plus_seconds(30 * DAY)));
        assert_eq!(told(&asked()), [(1, true, always, lapses), (2, true, always, lapses)]);
    }

    #[test]
    fn later_brings_it_back_after_three_days_whatever_the_clock_says_by_then() {
        let opens = |later: Timestamp| told(&AskFacts { later: Some(later), ..asked() })[0].2;
        assert_eq!(opens(NOW), NOW.plus_seconds(3 * DAY));
        assert_eq!(opens(NOW.plus_seconds(20 * DAY)), NOW.plus_seconds(23 * DAY));
    }

    #[test]
    fn a_no_is_told_to_whoever_asked_and_to_nobody_else() {
        let no = AskFacts { answer: Some((AskAnswer::Declined, NOW)), ..asked() };
        assert_eq!(told(&no), [(3, false, Timestamp::from_micros(0), Some(NOW.plus_seconds(14 * DAY)))]);
    }

    #[test]
    fn nothing_waits_of_what_is_answered_taken_back_or_not_listed_any_more() {
        for answer in [AskAnswer::Offered, AskAnswer::Withdrawn] {
            assert_eq!(told(&AskFacts { answer: Some((answer, NOW)), ..asked() }), []);
        }
        assert_eq!(told(&AskFacts { gone: true, ..asked() }), []);
        let no = Some((AskAnswer::Declined, NOW));
        assert_eq!(told(&AskFacts { gone: true, answer: no, ..asked() }), []);
    }

    #[test]
    fn who_gives_it_by_now_asks_nobody() {
        assert_eq!(told(&AskFacts { asker: person(2), ..asked() }), []);
    }
}
