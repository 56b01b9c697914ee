//! What people do around their shares: they ask, gather in circles, approve beforehand and hand over.

use proptest::prelude::{BoxedStrategy, Strategy, any, prop_oneof};
use proptest::sample::select;

use crate::harness::Who;

/// As [`super::Step`]: each can be left out.
#[derive(Clone, Debug)]
pub enum Around {
    /// Somebody wants an offer of a service, perhaps of one that is not listed to them.
    Ask {
        service: usize,
        friend: Who,
        until: usize,
    },
    /// The owner offers it, says no, or later; or somebody else tries to.
    Answer {
        ask: usize,
        by: Option<Who>,
        how: usize,
    },
    /// Whoever asked takes it back.
    Withdraw {
        ask: usize,
    },
    /// Whom something was offered to by name, or as one of a circle, accepts it.
    Accept {
        offer: usize,
    },
    /// Somebody makes a circle of two whom they have met, and approves games beforehand for so many days, or none.
    Circle {
        owner: Who,
        people: (Who, Who),
        days: usize,
    },
    PutIn {
        circle: usize,
        person: Who,
    },
    /// What is open through it goes on, or ends with it.
    TakeOut {
        circle: usize,
        person: Who,
        ends: bool,
    },
    EndCircle {
        circle: usize,
    },
    /// A service is listed to a circle alone.
    ShowTo {
        circle: usize,
        node: usize,
    },
    OfferTo {
        circle: usize,
        service: usize,
        until: usize,
    },
    /// Its maker approves games beforehand, or for other days.
    Approve {
        circle: usize,
        days: usize,
    },
    /// They want to be asked again.
    AskMe {
        circle: usize,
    },
    MakeSteward {
        owner: usize,
        person: Who,
    },
    /// The owner hands their network over to a steward.
    HandOver {
        owner: usize,
        stays: bool,
    },
}

/// One of these, each as often as it is fruitful.
pub fn some() -> BoxedStrategy<Around> {
    let some = || 0..6_usize;
    let who = || select(&Who::ALL[..]);
    let by = (any::<bool>(), who()).prop_map(|(other, who)| other.then_some(who));
    prop_oneof![
        3 => (some(), who(), some())
            .prop_map(|(service, friend, until)| Around::Ask { service, friend, until }),
        3 => (some(), by, some()).prop_map(|(ask, by, how)| Around::Answer { ask, by, how }),
        1 => some().prop_map(|ask| Around::Withdraw { ask }),
        4 => some().prop_map(|offer| Around::Accept { offer }),
        3 => (who(), who(), who(), some())
            .prop_map(|(owner, one, other, days)| Around::Circle { owner, people: (one, other), days }),
        2 => (some(), who()).prop_map(|(circle, person)| Around::PutIn { circle, person }),
        2 => (some(), who(), any::<bool>())
            .prop_map(|(circle, person, ends)| Around::TakeOut { circle, person, ends }),
        1 => some().prop_map(|circle| Around::EndCircle { circle }),
        2 => (some(), some()).prop_map(|(circle, node)| Around::ShowTo { circle, node }),
        3 => (some(), some(), some())
            .prop_map(|(circle, service, until)| Around::OfferTo { circle, service, until }),
        1 => (some(), some()).prop_map(|(circle, days)| Around::Approve { circle, days }),
        1 => some().prop_map(|circle| Around::AskMe { circle }),
        2 => (0..5_usize, who()).prop_map(|(owner, person)| Around::MakeSteward { owner, person }),
        1 => (0..5_usize, any::<bool>()).prop_map(|(owner, stays)| Around::HandOver { owner, stays }),
    ]
    .boxed()
}
