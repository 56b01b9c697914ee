//! Every call of making a user and a key, and of taking them back, goes wrong once or is never answered: nothing is made
//! twice, no key stays good that nobody was shown, and nothing is left.

use futures_util::StreamExt as _;
use model::{ShareId, ShareState, TailnetId};
use server::jobs::Runner;
use simulator::{Dialect, Fault, FaultRule, Moment, Operation, Target};

use super::VERSIONS;
use super::guests::{WIDE, agreed, is_there, machines};
use crate::harness::community::{Community, POLICY, world};
use crate::harness::rows;

const MOMENTS: [Moment; 2] = [Moment::BeforeEffect, Moment::AfterEffect];

fn faults() -> Vec<(Fault, Moment)> {
    let status = |status| Fault::Status { status, message: None };
    vec![
        (Fault::HangUp, Moment::BeforeEffect),
        (Fault::HangUp, Moment::AfterEffect),
        (status(502), Moment::AfterEffect),
        (status(403), Moment::BeforeEffect),
        (Fault::Garbage, Moment::AfterEffect),
    ]
}

/// What waits for time goes on by itself; what waits for somebody is tried again by them.
async fn resumed(all: &Community, share: ShareId) {
    all.later(3600).await;
    if all.state(share).await.attention().is_some() {
        all.ask(all.ana).shares.retry(share).await.unwrap();
        all.drain().await;
    }
}

/// Dora's share is open, once.
async fn is_open(all: &Community, share: ShareId, told: &str) {
    let state = all.state(share).await;
    assert!(matches!(state, ShareState::Active { .. }), "{told}: {state:?}");
    assert_eq!(all.server().users.iter().filter(|user| *user == "dora").count(), 1, "{told}");
    assert_eq!(all.policy().matches("acequia:share=").count(), 1, "{told}");
}

/// Nothing of her is left, but on 0.28 the user.
async fn nothing_is_left(all: &Community, share: ShareId, version: Dialect, told: &str) {
    let state = all.state(share).await;
    if !state.is_over() {
        let rows = rows::all(&all.app.state.db).await;
        panic!(
            "{told}: {state:?}, with {:#?} and {:#?} at {:?}",
            rows["jobs"],
            rows["leases"],
            all.app.state.now()
        );
    }
    assert_eq!(all.policy(), POLICY, "{told}");
    assert_eq!((machines(all), all.server().preauth_keys), (0, Vec::new()), "{told}");
    assert_eq!(is_there(all), version == Dialect::V0_28, "{told}");
    assert_eq!(all.server().users.iter().filter(|user| *user != "dora").count(), 3, "{told}");
}

#[tokio::test]
async fn a_guest_comes_and_goes_after_every_trouble_of_every_call() {
    let calls = [
        Operation::V1GetPolicy,
        Operation::V1ListUsers,
        Operation::V1CreateUser,
        Operation::V1ListPreAuthKeys,
        Operation::V1CreatePreAuthKey,
        Operation::V1ExpirePreAuthKey,
        Operation::V1ListNodes,
        Operation::V1DeleteNode,
        Operation::V1DeleteUser,
    ];
    let cases = VERSIONS.into_iter().flat_map(|version| calls.map(|target| (version, target)));
    let cases = cases.flat_map(|(version, target)| {
        faults().into_iter().map(move |(fault, moment)| Box::pin(troubled(version, target, fault, moment)))
    });
    // Beside each other: most of it is the client's patience.
    futures_util::stream::iter(cases).buffer_unordered(16).collect::<Vec<()>>().await;
}

async fn troubled(version: Dialect, target: Operation, fault: Fault, moment: Moment) {
    let told = format!("{version:?}: {target:?} {fault:?} {moment:?}");
    let all = Community::of(version).await;
    let mill = all.connect().await;
    let dora = all.app.person("Dora").await;
    let share = agreed(&all, mill, "tcp:25565", dora).await;
    let rule = || FaultRule { target: target.into(), fault: fault.clone(), times: 5, moment };
    all.simulator.fail(rule());
    all.drain().await;
    all.simulator.clear_faults();
    resumed(&all, share).await;
    is_open(&all, share, &told).await;

    all.simulator.fail(rule());
    let unsure = all.ask(dora).members.make_key(share).await;
    all.simulator.clear_faults();
    all.later(3600).await;
    all.sync(mill).await;
    let good = all.server().preauth_keys.len();
    assert_eq!(good, usize::from(unsure.is_ok()), "{told}: nobody has seen the others");
    let key = all.ask(dora).members.make_key(share).await.unwrap();
    all.simulator.headscale_joins("mill", &key, "dora-laptop").unwrap();
    all.ask(dora).members.make_key(share).await.unwrap();
    all.sync(mill).await;

    all.simulator.fail(rule());
    all.ask(all.ana).shares.end(share).await.unwrap();
    all.drain().await;
    all.simulator.clear_faults();
    resumed(&all, share).await;
    nothing_is_left(&all, share, version, &told).await;
}

/// Does what is due until the call of this number is held, and no further. Gives whether there was such a call.
async fn killed_at(all: &Community, (number, moment): (usize, Moment)) {
    let hold = all.simulator.hold_nth(Target::default(), moment, u32::try_from(number).unwrap());
    let runner = Runner::new(all.app.state.clone());
    let process = tokio::spawn(async move { runner.drain().await.map(drop) });
    hold.held().await;
    process.abort();
    let _ = process.await;
    hold.abandon();
}

/// As after a start: what a dead process had claimed is free, and everything that was left is due.
async fn restarted(all: &Community) {
    all.app.state.db.unlock_jobs().await.unwrap();
    all.later(130).await;
    all.later(130).await;
    // Whoever found the tailnet taken, as by a look at it, looks again two seconds later; there are a few who may have it.
    for _ in 0..5 {
        all.later(3).await;
    }
}

async fn begun(version: Dialect) -> (Community, TailnetId, ShareId) {
    let all = Community::of(version).await;
    let mill = all.connect().await;
    let dora = all.app.person("Dora").await;
    let share = agreed(&all, mill, "tcp:25565", dora).await;
    all.simulator.clear_log();
    (all, mill, share)
}

#[tokio::test]
async fn killed_at_every_call_of_making_a_user_there_is_one_and_the_share_opens() {
    for version in VERSIONS {
        let (all, ..) = begun(version).await;
        all.drain().await;
        let calls = all.calls();
        assert!(calls.contains(&Operation::V1CreateUser), "{calls:?}");
        let last = calls.iter().rposition(|call| *call == Operation::V1SetPolicy).unwrap();
        for (number, operation) in calls.iter().enumerate().take(last + 3) {
            for moment in MOMENTS {
                let told = format!("{version:?}: call {number}, {operation:?}, {moment:?}");
                let (all, _, share) = begun(version).await;
                killed_at(&all, (number, moment)).await;
                restarted(&all).await;
                is_open(&all, share, &told).await;
            }
        }
    }
}

/// An open share whose friend is in, with another key that is good, and its end begun.
async fn ending(version: Dialect) -> (Community, ShareId) {
    let (all, mill, share) = begun(version).await;
    all.drain().await;
    let dora = all.app.state.db.find_share(share).await.unwrap().unwrap().friend;
    let key = all.ask(dora).members.make_key(share).await.unwrap();
    all.simulator.headscale_joins("mill", &key, "dora-laptop").unwrap();
    all.ask(dora).members.make_key(share).await.unwrap();
    all.sync(mill).await;
    all.ask(all.ana).shares.end(share).await.unwrap();
    all.simulator.clear_log();
    (all, share)
}

#[tokio::test]
async fn killed_at_every_call_of_taking_leave_nothing_is_left() {
    for version in VERSIONS {
        let (all, share) = ending(version).await;
        all.drain().await;
        nothing_is_left(&all, share, version, "not killed").await;
        let calls = all.calls();
        assert!(calls.contains(&Operation::V1DeleteNode), "{calls:?}");
        for (number, operation) in calls.iter().enumerate() {
            for moment in MOMENTS {
                let told = format!("{version:?}: call {number}, {operation:?}, {moment:?}");
                let (all, share) = ending(version).await;
                killed_at(&all, (number, moment)).await;
                restarted(&all).await;
                nothing_is_left(&all, share, version, &told).await;
            }
        }
    }
}

#[tokio::test]
async fn killed_at_every_call_of_making_a_key_none_stays_good_that_nobody_was_shown() {
    for version in VERSIONS {
        let (all, _, share) = begun(version).await;
        all.drain().await;
        let dora = all.app.state.db.find_share(share).await.unwrap().unwrap().friend;
        all.simulator.clear_log();
        all.ask(dora).members.make_key(share).await.unwrap();
        let calls = all.calls();
        let created = calls.iter().position(|call| *call == Operation::V1CreatePreAuthKey).expect("a key");
        assert!(created + 1 < calls.len(), "it is looked at again before it is shown: {calls:?}");
        for (number, operation) in calls.iter().enumerate() {
            for moment in MOMENTS {
                let told = format!("{version:?}: call {number}, {operation:?}, {moment:?}");
                let (all, mill, share) = begun(version).await;
                all.drain().await;
                let dora = all.app.state.db.find_share(share).await.unwrap().unwrap().friend;
                let hold = all.simulator.hold_nth(Target::default(), moment, u32::try_from(number).unwrap());
                let own = all.ask(dora);
                let process = tokio::spawn(async move { own.members.make_key(share).await });
                hold.held().await;
                process.abort();
                let _ = process.await;
                hold.abandon();
                let made = number > created || (number == created && moment == Moment::AfterEffect);
                assert_eq!(all.server().preauth_keys.len(), usize::from(made), "{told}");
                restarted(&all).await;
                all.sync(mill).await;
                assert_eq!(all.server().preauth_keys.len(), 0, "{told}");
                let key = all.ask(dora).members.make_key(share).await.unwrap();
                all.simulator.headscale_joins("mill", &key, "dora-laptop").unwrap();
            }
        }
    }
}

#[tokio::test]
async fn killed_between_narrowing_and_making_nobody_is_let_in_by_what_was_wide() {
    let server =
        || simulator::headscale::world::Headscale { policy: Some(WIDE.into()), ..world(Dialect::V0_29) };
    let all = Community::on(server()).await;
    let mill = all.connect().await;
    let dora = all.app.person("Dora").await;
    agreed(&all, mill, "tcp:25565", dora).await;
    all.simulator.clear_log();
    all.drain().await;
    for number in 0..all.calls().len() {
        let all = Community::on(server()).await;
        let mill = all.connect().await;
        let dora = all.app.person("Dora").await;
        let share = agreed(&all, mill, "tcp:25565", dora).await;
        killed_at(&all, (number, Moment::AfterEffect)).await;
        let wide = all.policy().contains(r#""src": ["*"]"#);
        assert!(!(wide && is_there(&all)), "call {number}: {}", all.policy());
        restarted(&all).await;
        is_open(&all, share, &format!("call {number}")).await;
        assert!(!all.policy().contains(r#""src": ["*"]"#), "{}", all.policy());
    }
}
