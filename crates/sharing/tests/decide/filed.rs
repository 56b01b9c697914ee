//! What stands in a file that nothing proves to be in force, as a look at the whole tailnet finds it.

use model::{Attention, Need, Phase, ShareState, Step, Trouble};
use sharing::{Action, Observation, Steps, look_at_filed};

use crate::world::*;

/// Sabotage: leave `opens_more` out of `of_friend`, or go on without asking what it stopped for.
#[test]
fn its_friend_alone_stops_it_and_it_goes_on_when_nothing_is_with_them() {
    let gone = Attention::review(Step::Rule, Trouble::AccountGone { login: LOGIN.into() });
    let wider = Attention::review(Step::Narrow, Trouble::OpensMore { lines: vec![3] });
    let filed = Attention::look(Step::Confirm, Trouble::InFile);
    let (journal, done) = (journal(Yes::Exact, Rule::Planned, Invite::None), Steps::new());
    for before in [&filed, &gone, &wider] {
        let state = ShareState::NeedsAttention { phase: Phase::Apply, attention: before.clone() };
        let share = share(&state, &journal, &done);
        for account_gone in [false, true] {
            for opens_more in [None, Some(vec![3])] {
                let found = match (account_gone, &opens_more) {
                    (true, _) => Action::Stop(gone.clone()),
                    (false, Some(_)) => Action::Stop(wider.clone()),
                    (false, None) if before.need == Need::Review => Action::Resume,
                    (false, None) => Action::Rest,
                };
                let seen = Observation { account_gone, opens_more, ..Observation::default() };
                assert_eq!(look_at_filed(&share, &seen), found, "{before:?}: {seen:?}");
            }
        }
    }
}
