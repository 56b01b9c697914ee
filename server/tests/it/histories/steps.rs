//! What may happen next, and how often.

use proptest::prelude::{BoxedStrategy, Just, Strategy, any, prop_oneof};
use proptest::sample::select;
use proptest_state_machine::ReferenceStateMachine;

pub use around::Around;
use simulator::Dialect;

use crate::harness::Who;

mod around;

/// One thing that somebody does, or that befalls. What it is about is a number, taken modulo what there is: so
/// every step can be left out without making another one impossible.
#[derive(Clone, Debug)]
pub enum Step {
    /// A service is listed and offered; the friend accepts.
    Share {
        owner: usize,
        node: usize,
        ports: usize,
        friend: Who,
        until: usize,
    },
    /// The owner looks at the plan and says yes to it.
    Approve {
        share: usize,
    },
    /// The friend opens the invite's link.
    OpenInvite {
        share: usize,
    },
    /// The owner makes the invite in the console and pastes its link.
    Paste {
        share: usize,
    },
    End {
        share: usize,
        by_friend: bool,
    },
    GiveUp {
        share: usize,
    },
    Pause {
        share: usize,
    },
    OpenAgain {
        share: usize,
    },
    /// Another end.
    SetEnd {
        share: usize,
        until: usize,
    },
    Retry {
        share: usize,
    },
    Check {
        share: usize,
    },
    Sync {
        owner: usize,
    },
    Narrow {
        owner: usize,
    },
    /// The last edit that was made of this policy is taken back.
    TakeBack {
        owner: usize,
    },
    Block {
        person: Who,
    },
    Unblock {
        person: Who,
    },
    /// One process looks at its queue.
    Work {
        process: usize,
    },
    /// All processes look at the same time.
    WorkAtOnce,
    /// A process is killed in a call, and another one is started. The call may have had its effect, or none ever.
    Kill {
        process: usize,
        call: usize,
        nth: u32,
        after: bool,
        vanishes: bool,
    },
    /// The control planes answer badly.
    Trouble {
        call: usize,
        fault: usize,
        times: u32,
        after: bool,
    },
    Pass {
        seconds: i64,
    },
    /// The clock of this machine is wrong from now on.
    Jump {
        hours: i64,
    },
    /// Somebody writes a line into the policy that changes nothing.
    Remark {
        owner: usize,
    },
    /// Somebody takes a share's rule out of the policy.
    TakeRuleOut {
        share: usize,
    },
    /// Somebody lets a share's friend reach more than was agreed.
    Widen {
        share: usize,
    },
    /// Somebody deletes an invite in the console.
    DeleteInvite {
        owner: usize,
        which: usize,
    },
    /// What people do around their shares.
    Around(Around),
    /// Everything that stood in the way is mended, and time passes.
    Settle,
}

/// How a history begins.
#[derive(Clone, Copy, Debug)]
pub struct Start {
    /// Processes that share the database.
    pub processes: usize,
    /// Of ids.
    pub seed: u64,
    /// What the server on which all have accounts is.
    pub server: Dialect,
}

#[derive(Debug)]
pub struct Steps;

impl ReferenceStateMachine for Steps {
    type State = Start;
    type Transition = Step;

    fn init_state() -> BoxedStrategy<Start> {
        (1..=2_usize, any::<u64>(), select(&Dialect::ALL[..]))
            .prop_map(|(processes, seed, server)| Start { processes, seed, server })
            .boxed()
    }

    fn transitions(_: &Start) -> BoxedStrategy<Step> {
        let some = || 0..6_usize;
        prop_oneof![
            5 => (0..5_usize, some(), some(), select(&Who::ALL[..]), some())
                .prop_map(|(owner, node, ports, friend, until)| Step::Share { owner, node, ports, friend, until }),
            6 => some().prop_map(|share| Step::Approve { share }),
            3 => some().prop_map(|share| Step::OpenInvite { share }),
            2 => some().prop_map(|share| Step::Paste { share }),
            4 => (some(), any::<bool>()).prop_map(|(share, by_friend)| Step::End { share, by_friend }),
            1 => some().prop_map(|share| Step::GiveUp { share }),
            2 => some().prop_map(|share| Step::Pause { share }),
            2 => some().prop_map(|share| Step::OpenAgain { share }),
            1 => (some(), some()).prop_map(|(share, until)| Step::SetEnd { share, until }),
            1 => some().prop_map(|share| Step::Retry { share }),
            1 => some().prop_map(|share| Step::Check { share }),
            1 => (0..5_usize).prop_map(|owner| Step::Sync { owner }),
            1 => (0..5_usize).prop_map(|owner| Step::Narrow { owner }),
            1 => (0..5_usize).prop_map(|owner| Step::TakeBack { owner }),
            1 => select(&Who::ALL[1..]).prop_map(|person| Step::Block { person }),
            2 => select(&Who::ALL[1..]).prop_map(|person| Step::Unblock { person }),
            8 => (0..2_usize).prop_map(|process| Step::Work { process }),
            2 => Just(Step::WorkAtOnce),
            4 => (0..2_usize, 0..14_usize, 0..3_u32, any::<bool>(), any::<bool>()).prop_map(
                |(process, call, nth, after, vanishes)| Step::Kill { process, call, nth, after, vanishes }),
            2 => (0..14_usize, 0..6_usize, 1..9_u32, any::<bool>())
                .prop_map(|(call, fault, times, after)| Step::Trouble { call, fault, times, after }),
            4 => prop_oneof![Just(60), Just(400), Just(7_200), Just(3 * 86_400), Just(40 * 86_400)]
                .prop_map(|seconds| Step::Pass { seconds }),
            1 => prop_oneof![Just(-30), Just(-1), Just(1), Just(30)].prop_map(|hours| Step::Jump { hours }),
            1 => (0..5_usize).prop_map(|owner| Step::Remark { owner }),
            1 => some().prop_map(|share| Step::TakeRuleOut { share }),
            1 => some().prop_map(|share| Step::Widen { share }),
            1 => (0..4_usize, some()).prop_map(|(owner, which)| Step::DeleteInvite { owner, which }),
            18 => around::some().prop_map(Step::Around),
            2 => Just(Step::Settle),
        ]
        .boxed()
    }

    fn apply(state: Start, _: &Step) -> Start {
        state
    }
}
