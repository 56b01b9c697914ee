//! Killed while a key is made, at every call, before its effect and after it: no key stays good that nobody was shown.

use app::fault::Fault as Refusal;
use control_plane::ListedAuthKey;
use model::{JoiningState, NewNode, TailnetId};
use server::jobs::Runner;
use server::planes;
use simulator::{Fault, FaultRule, Moment, Operation, Target};

use crate::harness::Who::Ana;
use crate::harness::neighbours::Neighbours;

const MOMENTS: [Moment; 2] = [Moment::BeforeEffect, Moment::AfterEffect];

async fn connected() -> (Neighbours, TailnetId) {
    let world = Neighbours::demo().await;
    let tailnet = world.connect(Ana).await;
    world.demo.simulator.clear_log();
    (world, tailnet)
}

fn chosen() -> NewNode {
    NewNode { system: "debian".into(), routing: "none".into(), ..NewNode::default() }
}

async fn good_keys(world: &Neighbours, tailnet: TailnetId) -> Vec<ListedAuthKey> {
    planes::of(world.app_state(), tailnet).await.unwrap().list_auth_keys().await.unwrap()
}

/// As after a start: what a dead process had claimed is free, and everything that was left is due.
async fn resume(world: &Neighbours) {
    world.app_state().db.unlock_jobs().await.unwrap();
    world.app.clock.advance_seconds(130);
    world.drain().await;
    world.drain().await;
}

fn calls(world: &Neighbours) -> Vec<Operation> {
    world.demo.simulator.log().into_iter().map(|entry| entry.operation).collect()
}

/// Does `work` until the call of this number is held, and no further.
async fn killed_at<F>(world: &Neighbours, (number, moment): (usize, Moment), work: F)
where
    F: Future<Output = ()> + Send + 'static,
{
    let hold = world.demo.simulator.hold_nth(Target::default(), moment, u32::try_from(number).unwrap());
    let process = tokio::spawn(work);
    hold.held().await;
    process.abort();
    assert!(process.await.unwrap_err().is_cancelled());
    hold.abandon();
}

/// No key is good, and nothing is left to do.
async fn nothing_is_left(world: &Neighbours, tailnet: TailnetId, told: &str) {
    assert_eq!(good_keys(world, tailnet).await, [], "{told}");
    assert_eq!(world.app_state().db.list_joinings(tailnet).await.unwrap().whole().unwrap(), [], "{told}");
}

#[tokio::test]
async fn a_key_whose_making_was_killed_is_found_and_revoked() {
    let (world, tailnet) = connected().await;
    world.app.left_over.may_be("its calls are counted");
    world.ask(Ana).joining.make_key(tailnet, chosen()).await.unwrap();
    let all = calls(&world);
    assert!(all.contains(&Operation::CreateKey), "{all:?}");
    for (number, operation) in all.iter().enumerate() {
        for moment in MOMENTS {
            let told = format!("call {number}, {operation:?}, {moment:?}");
            let (world, tailnet) = connected().await;
            let ana = world.ask(Ana);
            killed_at(&world, (number, moment), async move {
                ana.joining.make_key(tailnet, chosen()).await.unwrap();
            })
            .await;
            let made = *operation == Operation::CreateKey && moment == Moment::AfterEffect;
            assert_eq!(good_keys(&world, tailnet).await.len(), usize::from(made), "{told}");
            let written = world.app_state().db.list_joinings(tailnet).await.unwrap().whole().unwrap();
            if *operation == Operation::CreateKey {
                assert_eq!(written[0].state, JoiningState::Making, "{told}: written down before");
                let shown = world.ask(Ana).joining.form(tailnet, chosen()).await.unwrap().unsure;
                assert_eq!(shown[0].0, written[0].id, "{told}");
            }
            resume(&world).await;
            nothing_is_left(&world, tailnet, &told).await;
        }
    }
}

/// A key that was made while its answer was lost.
async fn lost() -> (Neighbours, TailnetId) {
    let (world, tailnet) = connected().await;
    world.demo.simulator.fail(FaultRule {
        target: Operation::CreateKey.into(),
        fault: Fault::HangUp,
        times: 1,
        moment: Moment::AfterEffect,
    });
    let refused = world.ask(Ana).joining.make_key(tailnet, chosen()).await;
    let Err(Refusal::Unavailable(words)) = refused else { panic!("{refused:?}") };
    assert!(words.what.contains("is looked for and revoked"), "{words}");
    assert_eq!(good_keys(&world, tailnet).await.len(), 1);
    world.demo.simulator.clear_log();
    (world, tailnet)
}

#[tokio::test]
async fn a_key_whose_answer_was_lost_is_revoked_however_often_that_is_killed() {
    let (world, tailnet) = lost().await;
    world.drain().await;
    nothing_is_left(&world, tailnet, "not killed").await;
    let (world, _) = lost().await;
    world.drain().await;
    let all = calls(&world);
    assert!(all.contains(&Operation::DeleteKey), "{all:?}");
    for (number, operation) in all.iter().enumerate() {
        for moment in MOMENTS {
            let (world, tailnet) = lost().await;
            let runner = Runner::new(world.app_state().clone());
            killed_at(&world, (number, moment), async move {
                runner.drain().await.unwrap();
            })
            .await;
            resume(&world).await;
            nothing_is_left(&world, tailnet, &format!("call {number}, {operation:?}, {moment:?}")).await;
        }
    }
}

#[tokio::test]
async fn a_key_that_comes_after_all_is_not_kept_once_it_is_being_undone() {
    let (world, tailnet) = connected().await;
    let hold = world.demo.simulator.hold(Operation::CreateKey, Moment::BeforeEffect);
    let gives_up = async {
        hold.held().await;
        resume(&world).await;
        hold.release();
    };
    let ana = world.ask(Ana);
    let (refused, ()) = tokio::join!(ana.joining.make_key(tailnet, chosen()), gives_up);
    assert!(matches!(refused, Err(Refusal::Unavailable(_))), "{refused:?}");
    nothing_is_left(&world, tailnet, "late").await;
}

#[tokio::test]
async fn who_may_not_list_keys_reads_so_until_the_key_has_ended() {
    let (world, tailnet) = lost().await;
    world.demo.simulator.fail(FaultRule {
        target: Operation::ListKeys.into(),
        fault: Fault::Status { status: 403, message: None },
        times: 10_000,
        moment: Moment::BeforeEffect,
    });
    world.drain().await;
    let left = world.app_state().db.list_joinings(tailnet).await.unwrap().whole().unwrap();
    let view = world.ask(Ana).joining.get(left[0].id).await.unwrap();
    assert!(matches!(view.state, JoiningState::Making | JoiningState::Undoing), "{:?}", view.state);
    assert!(view.trouble.is_some());
    world.app.clock.advance_seconds(4000);
    world.drain().await;
    assert_eq!(world.ask(Ana).joining.get(left[0].id).await.unwrap().state, JoiningState::Lapsed);
}

#[tokio::test]
async fn a_key_that_was_refused_leaves_nothing() {
    let (world, tailnet) = connected().await;
    let fault = Fault::Status { status: 403, message: None };
    world.demo.simulator.fail_next(Operation::CreateKey, fault);
    let refused = world.ask(Ana).joining.make_key(tailnet, chosen()).await;
    let Err(Refusal::Unavailable(words)) = refused else { panic!("{refused:?}") };
    assert!(words.what.contains("No key was made."), "{words}");
    nothing_is_left(&world, tailnet, "refused").await;
}
