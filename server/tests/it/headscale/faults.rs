//! Every call of a share's life goes wrong once, before its effect and after it: it is resumed, and nothing is done twice.

use futures_util::StreamExt as _;
use model::ShareState;
use simulator::{Dialect, Fault, FaultRule, Moment, Operation};

use crate::harness::community::{Community, POLICY};

const CALLS: [Operation; 4] =
    [Operation::V1GetPolicy, Operation::V1SetPolicy, Operation::V1ListNodes, Operation::V1ListUsers];

fn faults() -> Vec<(Fault, Moment)> {
    let status = |status| Fault::Status { status, message: None };
    vec![
        (Fault::HangUp, Moment::BeforeEffect),
        (Fault::HangUp, Moment::AfterEffect),
        (status(502), Moment::BeforeEffect),
        (status(502), Moment::AfterEffect),
        (Fault::Garbage, Moment::BeforeEffect),
        (Fault::RateLimit { retry_after: None }, Moment::BeforeEffect),
        (status(403), Moment::BeforeEffect),
    ]
}

#[tokio::test]
async fn a_share_goes_on_after_every_trouble_of_every_call() {
    let versions = [Dialect::V0_28, Dialect::V0_29].into_iter();
    let calls = versions.flat_map(|version| CALLS.map(|target| (version, target)));
    let cases = calls.flat_map(|(version, target)| {
        faults().into_iter().map(move |(fault, moment)| (version, target, fault, moment))
    });
    // Beside each other: most of it is the client's patience.
    let each = cases.map(|(version, target, fault, moment)| whole_life(version, target, fault, moment));
    futures_util::stream::iter(each.map(Box::pin)).buffer_unordered(16).collect::<Vec<()>>().await;
}

async fn whole_life(version: Dialect, target: Operation, fault: Fault, moment: Moment) {
    let all = Community::of(version).await;
    let mill = all.connect().await;
    let share = all.accepted(mill, "tcp:25565", all.bruno, "bruno").await;
    all.approved(share, "bruno").await;
    let told = format!("{version:?}: {target:?} {fault:?} {moment:?}");
    let rule = || FaultRule { target: target.into(), fault: fault.clone(), times: 5, moment };
    all.simulator.fail(rule());
    all.drain().await;
    let open = matches!(all.state(share).await, ShareState::Active { .. });
    assert!(!open || all.policy().contains("acequia:share="), "{told}");
    all.simulator.clear_faults();
    resumed(&all, share).await;
    let state = all.state(share).await;
    assert!(matches!(state, ShareState::Active { .. }), "{told}: {state:?}");
    assert_eq!(all.policy().matches("acequia:share=").count(), 1, "{told}");

    all.simulator.fail(rule());
    all.ask(all.ana).shares.end(share).await.unwrap();
    all.drain().await;
    let over = all.state(share).await.is_over();
    assert!(!over || all.policy() == POLICY, "{told}");
    all.simulator.clear_faults();
    resumed(&all, share).await;
    assert!(all.state(share).await.is_over(), "{told}: {:?}", all.state(share).await);
    assert_eq!(all.policy(), POLICY, "{told}");
}

/// What waits for time goes on by itself; what waits for somebody is tried again by them.
async fn resumed(all: &Community, share: model::ShareId) {
    all.later(3600).await;
    if all.state(share).await.attention().is_some() {
        all.ask(all.ana).shares.retry(share).await.unwrap();
        all.drain().await;
    }
}

#[tokio::test]
async fn an_edit_between_the_review_and_the_write_is_kept() {
    let all = Community::of(Dialect::V0_29).await;
    let mill = all.connect().await;
    let share = all.accepted(mill, "tcp:25565", all.bruno, "bruno").await;
    all.approved(share, "bruno").await;
    let hold = all.simulator.hold_nth(Operation::V1GetPolicy, Moment::AfterEffect, 1);
    let edited = POLICY.replace("// us", "// all of us");
    let work = all.drain();
    let edit = async {
        hold.held().await;
        all.simulator.headscale_policy("mill", Some(&edited)).unwrap();
        hold.release();
    };
    tokio::join!(work, edit);
    all.later(60).await;
    assert!(matches!(all.state(share).await, ShareState::Active { .. }), "{:?}", all.state(share).await);
    assert!(all.policy().contains("// all of us"), "{}", all.policy());
    assert_eq!(all.policy().matches("acequia:share=").count(), 1);
}
