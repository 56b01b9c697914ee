//! A server that several people share: who asks to lend on it, and which names in its policy mean several accounts. For its
//! owner and stewards; and what they answered, for whoever asked.

use model::{PersonId, Timestamp};

use crate::{DAY, Notice, What};

/// So long an answer is told: by then it is seen in the list of machines, or asked again.
const TOLD: i64 = 14 * DAY;

/// What is stored of a server.
#[derive(Clone, Debug, Default)]
pub struct ServerFacts {
    /// How many people asked to lend their machines and have no answer, and since when the first of them waits.
    pub asks: Option<(Timestamp, u32)>,
    /// Since when its policy has a name that several accounts have; which, whose it is, and how many more such names.
    pub clash: Option<(Timestamp, String, Vec<String>, u32)>,
    /// Whoever asked and was answered, whether they may, and when that was said.
    pub answers: Vec<(PersonId, bool, Timestamp)>,
}

impl ServerFacts {
    /// What waits of it.
    pub fn notices(&self, people: &[PersonId]) -> Vec<Notice> {
        let asks = self.asks.map(|(since, count)| (since, What::AskedToLend { count }));
        let clash = self.clash.as_ref().map(|(since, name, accounts, more)| {
            (*since, What::NameClash { name: name.clone(), accounts: accounts.clone(), more: *more })
        });
        let all = asks.into_iter().chain(clash);
        let always = Timestamp::from_micros(0);
        let all = all.flat_map(|(since, what)| Notice::for_all(people, what, since, always));
        let answers = self.answers.iter().flat_map(|(person, accepted, at)| {
            let what = What::LendingAnswered { accepted: *accepted };
            let told = Notice::for_all([person], what, *at, always).into_iter();
            told.map(move |notice| Notice { closes: Some(at.plus_seconds(TOLD)), ..notice })
        });
        all.chain(answers).collect()
    }
}

/// Of the notices of a share those of whoever lends it and has to leave the review to those who look after the server.
pub fn without_reviews_of(person: PersonId, notices: Vec<Notice>) -> Vec<Notice> {
    let reviews = |notice: &Notice| matches!(notice.what, What::Review { .. } | What::AccountCame);
    notices.into_iter().filter(|notice| notice.person != person || !reviews(notice)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_cause_is_told_to_each_of_them_once_and_nothing_where_there_is_none() {
        let people: Vec<PersonId> = [1, 2].map(|n| PersonId::new(uuid::Uuid::from_u128(n))).to_vec();
        assert!(ServerFacts::default().notices(&people).is_empty());
        let since = Timestamp::from_seconds(5);
        let clash = Some((since, "carla@".to_owned(), vec!["3 (carla)".to_owned()], 0));
        let facts = ServerFacts { asks: Some((since, 2)), clash, answers: Vec::new() };
        let told = facts.notices(&people);
        assert_eq!(told.len(), 4);
        assert!(told.iter().all(|notice| notice.since == since && notice.closes.is_none()));
        let review = Notice { what: What::Review { again: None, ports: None }, ..told[0].clone() };
        let all = vec![review.clone(), Notice { person: people[1], ..review }];
        let left = without_reviews_of(people[0], all);
        assert_eq!(left.iter().map(|notice| notice.person).collect::<Vec<_>>(), [people[1]]);
    }

    /// Sabotage: tell `people` of it, or for ever.
    #[test]
    fn an_answer_is_told_to_whoever_asked_and_for_two_weeks() {
        let [owner, asker] = [1, 2].map(|n| PersonId::new(uuid::Uuid::from_u128(n)));
        let at = Timestamp::from_seconds(5);
        for accepted in [false, true] {
            let facts = ServerFacts { answers: vec![(asker, accepted, at)], ..ServerFacts::default() };
            let told = facts.notices(&[owner]);
            let told: Vec<_> =
                told.iter().map(|one| (one.person, &one.what, one.since, one.closes)).collect();
            let closes = Some(at.plus_seconds(14 * DAY));
            assert_eq!(told, [(asker, &What::LendingAnswered { accepted }, at, closes)]);
        }
    }
}
