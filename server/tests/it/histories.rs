//! Random histories: people, others who change things behind our back, processes that are killed, clocks that are wrong,
//! bad answers, people who ask, gather in circles and hand over, and two processes beside each other, in any order. After
//! each step the promises of the product hold. A history that breaks one is made as short as it can be made.
//!
//! `ACEQUIA_TEST_HISTORIES` says how many: `seconds=120`, or `count=2000 steps=30 seed=7` to see the same ones again, or
//! `long=1000000` for a single one, which is told as it is.

mod play;
mod process;
mod steps;

use std::collections::BTreeMap;
use std::io::Write as _;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use play::{Play, TALLY};
use proptest::strategy::{Strategy as _, ValueTree as _};
use proptest::test_runner::{Config, RngAlgorithm, TestError, TestRng, TestRunner};
use proptest_state_machine::{ReferenceStateMachine as _, StateMachineTest as _};
use simulator::Dialect;
use steps::{Around, Start, Step, Steps};

use crate::harness::Who;

const START: Start = Start { processes: 1, seed: 7, server: Dialect::V0_29 };

/// How many histories there are to be.
struct Plan {
    seed: u64,
    steps: usize,
    count: Option<u64>,
    patience: Option<Duration>,
    /// Steps of the only one.
    long: Option<u64>,
}

impl Plan {
    fn of(text: &str) -> Self {
        let words: BTreeMap<&str, u64> = text
            .split_whitespace()
            .map(|word| {
                let (key, value) = word.split_once('=').expect("KEY=NUMBER");
                (key, value.parse().expect("a number"))
            })
            .collect();
        #[expect(
            clippy::disallowed_methods,
            reason = "a run without a seed is another one each time, and prints it"
        )]
        let seed = words.get("seed").copied().unwrap_or_else(rand::random);
        Self {
            seed,
            steps: usize::try_from(words.get("steps").copied().unwrap_or(30)).unwrap(),
            count: words.get("count").copied(),
            patience: words.get("seconds").copied().map(Duration::from_secs),
            long: words.get("long").copied(),
        }
    }

    /// Whether there is to be another one after so many.
    fn goes_on(&self, done: u64, began: Instant) -> bool {
        self.count.is_none_or(|count| done < count)
            && self.patience.is_none_or(|patience| began.elapsed() < patience)
    }
}

/// Printed, not captured: a green run says what it did.
fn say(words: &str) {
    let mut stderr = std::io::stderr();
    stderr.write_all(words.as_bytes()).and_then(|()| stderr.write_all(b"\n")).unwrap();
}

#[test]
fn whatever_happens_in_whatever_order_the_promises_hold() {
    let plan = std::env::var("ACEQUIA_TEST_HISTORIES");
    let plan = Plan::of(plan.as_deref().unwrap_or("seconds=120"));
    if let Some(steps) = plan.long {
        return long(plan.seed, steps);
    }
    let began = Instant::now();
    let mut done = 0;
    while plan.goes_on(done, began) {
        history(&plan, plan.seed.wrapping_add(done));
        done += 1;
    }
    let (seed, steps, seconds) = (plan.seed, plan.steps, began.elapsed().as_secs());
    say(&format!(
        "histories: seed={seed} count={done} steps={steps}, all promises kept, {seconds} s; {TALLY:?}"
    ));
    assert!(TALLY.opened.load(Ordering::Relaxed) > 0 || done < 10, "no share was ever open");
}

/// Histories that broke a sentence once, so that they are tried each time.
#[test]
fn histories_that_were_found_once_keep_the_promises() {
    let open = |owner, friend| {
        [
            Step::Share { owner, node: 0, ports: 0, friend, until: 2 },
            Step::Approve { share: 0 },
            Step::Work { process: 0 },
            Step::OpenInvite { share: 0 },
            Step::Pass { seconds: 120 },
            Step::Work { process: 0 },
        ]
    };
    // The app's clock is ahead when it looks, and somebody takes a rule out after that.
    let ahead = [Step::Jump { hours: 9 }, Step::Sync { owner: 1 }, Step::TakeRuleOut { share: 0 }];
    let mut play = Play::init_test(&START);
    for step in open(1, Who::Dario).into_iter().chain(ahead) {
        play = Play::apply(play, &START, step);
    }
    Play::teardown(play, START);

    // The owner makes the invite by hand, and the control plane answers badly when they paste its link.
    let by_hand = [
        Step::Share { owner: 2, node: 0, ports: 0, friend: Who::Dario, until: 2 },
        Step::Approve { share: 0 },
        Step::Work { process: 0 },
        Step::Trouble { call: 5, fault: 0, times: 8, after: false },
        Step::Paste { share: 0 },
        Step::Settle,
        Step::Paste { share: 0 },
        Step::Work { process: 0 },
    ];
    let mut play = Play::init_test(&START);
    for step in by_hand {
        play = Play::apply(play, &START, step);
    }
    Play::teardown(play, START);

    // The control plane asks to wait, and then this machine's clock goes back behind that.
    let back = [
        Step::Trouble { call: 4, fault: 1, times: 1, after: false },
        Step::Pass { seconds: 400 },
        Step::Work { process: 0 },
        Step::Jump { hours: -30 },
    ];
    let mut play = Play::init_test(&START);
    for step in back {
        play = Play::apply(play, &START, step);
    }
    Play::teardown(play, START);

    // Somebody widens a rule for the friend of an open share: once the app has looked, it says so.
    let mut play = Play::init_test(&START);
    for step in open(1, Who::Dario).into_iter().chain([Step::Widen { share: 0 }, Step::Settle]) {
        play = Play::apply(play, &START, step);
    }
    Play::teardown(play, START);
    assert!(TALLY.told.load(Ordering::Relaxed) > 0, "more than was agreed is told");
}

/// On a server, where a share for two protocols is two rules: edited behind our back, widened, taken out, and ended.
#[test]
fn a_history_on_a_server_keeps_the_promises() {
    let looked = [Step::Sync { owner: 4 }, Step::Work { process: 0 }, Step::Pass { seconds: 120 }];
    let opened = [
        Step::Share { owner: 4, node: 0, ports: 1, friend: Who::Ben, until: 0 },
        Step::Approve { share: 0 },
        Step::Work { process: 0 },
        Step::Pass { seconds: 120 },
        Step::Work { process: 0 },
    ];
    let others = [Step::Remark { owner: 4 }, Step::Widen { share: 0 }, Step::TakeRuleOut { share: 0 }];
    let ended = [Step::End { share: 0, by_friend: true }, Step::Work { process: 0 }, Step::Settle];
    let seen: Vec<Step> =
        others.into_iter().flat_map(|other| std::iter::once(other).chain(looked.clone())).collect();
    for server in Dialect::ALL {
        let (start, before) = (Start { server, ..START }, TALLY.on_server.load(Ordering::Relaxed));
        let mut play = Play::init_test(&start);
        for step in opened.clone().into_iter().chain(seen.clone()).chain(ended.clone()) {
            play = Play::apply(play, &start, step);
        }
        Play::teardown(play, start);
        assert!(TALLY.on_server.load(Ordering::Relaxed) > before, "it was open: {server:?}");
    }
}

/// What people do around their shares: it is asked for and answered, given to a circle, approved beforehand, and handed over.
///
/// Sabotage: `may_see_service` that lets everybody, `leave_circle` that takes nothing back, `holds_for` that is always true, or
/// the user token left in `hand_over`.
#[test]
fn a_history_of_asks_circles_and_owners_keeps_the_promises() {
    let work = || [Step::Work { process: 0 }, Step::Pass { seconds: 120 }, Step::Work { process: 0 }];
    let (ana, ben, dario) = (Who::Ana, Who::Ben, Who::Dario);
    // Ana has met Dario by the first one, and Ben because he asks.
    let begun =
        [Step::Share { owner: 0, node: 1, ports: 0, friend: dario, until: 2 }, Step::Narrow { owner: 0 }];
    let asked = [
        Around::Circle { owner: ana, people: (dario, dario), days: 2 },
        Around::ShowTo { circle: 0, node: 0 },
        Around::ShowTo { circle: 0, node: 1 },
        Around::Ask { service: 2, friend: dario, until: 1 },
        Around::Answer { ask: 0, by: Some(Who::Chiara), how: 1 },
        Around::Answer { ask: 0, by: None, how: 2 },
        Around::Answer { ask: 0, by: None, how: 1 },
        Around::Ask { service: 1, friend: ben, until: 1 },
        Around::Ask { service: 0, friend: ben, until: 1 },
        Around::Answer { ask: 1, by: None, how: 0 },
    ];
    let offered = [Around::OfferTo { circle: 0, service: 1, until: 2 }, Around::Accept { offer: 1 }];
    let left = [
        Around::OfferTo { circle: 0, service: 2, until: 2 },
        Around::TakeOut { circle: 0, person: dario, ends: false },
        Around::EndCircle { circle: 0 },
        Around::MakeSteward { owner: 0, person: ben },
        Around::HandOver { owner: 0, stays: false },
    ];
    let ended = [Step::End { share: 1, by_friend: false }, Step::Settle];
    let mut play = Play::init_test(&START);
    let steps = begun
        .into_iter()
        .chain(asked.map(Step::Around))
        .chain(offered.map(Step::Around))
        .chain(work())
        .chain(left.map(Step::Around))
        .chain(work())
        .chain(ended);
    for step in steps {
        play = Play::apply(play, &START, step);
    }
    Play::teardown(play, START);
    let counted = [&TALLY.answered, &TALLY.beforehand, &TALLY.left, &TALLY.handed];
    assert!(counted.iter().all(|count| count.load(Ordering::Relaxed) > 0), "{TALLY:?}");
}

/// A stream of its own for each number.
fn rng(seed: u64) -> TestRng {
    let mut bytes = [0; 32];
    bytes[..8].copy_from_slice(&seed.to_le_bytes());
    TestRng::from_seed(RngAlgorithm::ChaCha, &bytes)
}

/// One history without an end: what grows with time is found here.
fn long(seed: u64, steps: u64) {
    const AT_ONCE: u64 = 1_000;
    let began = Instant::now();
    let mut runner = TestRunner::new_with_rng(Config::default(), rng(seed));
    let start = Steps::init_state().new_tree(&mut runner).expect("a start can be made").current();
    let mut play = Play::init_test(&start);
    let mut done = 0;
    while done < steps {
        let some = (steps - done).min(AT_ONCE);
        for _ in 0..some {
            let step =
                Steps::transitions(&start).new_tree(&mut runner).expect("a step can be made").current();
            play = Play::apply(play, &start, step);
        }
        done += some;
        say(&format!("histories: seed={seed} long={done}, {} s; {TALLY:?}", began.elapsed().as_secs()));
    }
    Play::teardown(play, start);
    say(&format!("histories: seed={seed} long={steps}, all promises kept; {TALLY:?}"));
}

/// One history; if it breaks a promise, its shortest form is told.
fn history(plan: &Plan, seed: u64) {
    let config = Config { failure_persistence: None, max_shrink_iters: 400, ..Config::default() };
    let mut runner = TestRunner::new_with_rng(config.clone(), rng(seed));
    let tree = Steps::sequential_strategy(plan.steps).new_tree(&mut runner).expect("steps can be made");
    let outcome = runner.run_one(tree, |(start, steps, seen)| {
        Play::test_sequential(config.clone(), start, steps, seen);
        Ok(())
    });
    match outcome {
        Ok(_) => {}
        Err(TestError::Fail(why, (start, steps, _))) => {
            panic!("seed={seed} count=1 steps={}: {why}\n{start:?}\n{steps:#?}", plan.steps);
        }
        Err(TestError::Abort(why)) => panic!("seed={seed}: {why}"),
    }
}
