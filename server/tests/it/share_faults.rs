//! Whatever a control plane answers: the person reads what happened and what to do, and nothing is lost.

use app::ports::shares::ShareView;
use invariants::Moment;
use model::{Need, ShareState};
use simulator::{Fault, Operation};

use crate::friend_words;
use crate::harness::Who::{Ana, Chiara, Dario};
use crate::harness::neighbours::Neighbours;

fn status(status: u16) -> Fault {
    Fault::Status { status, message: None }
}

/// What the owner reads of a share that stopped.
fn told(page: &ShareView) -> (String, String) {
    let attention = page.attention.clone().expect("it says why it stopped");
    (attention.reason, attention.next_step)
}

/// What a control plane can answer, and what then makes a share go on.
fn troubles() -> [(Fault, Need); 10] {
    [
        (status(400), Need::Look),
        (status(401), Need::Credential),
        (status(403), Need::Credential),
        (status(404), Need::Look),
        (status(412), Need::Time),
        (Fault::RateLimit { retry_after: Some(HOUR) }, Need::Time),
        (status(500), Need::Time),
        (Fault::Garbage, Need::Time),
        (Fault::HangUp, Need::Time),
        // Longer than anybody waits.
        (Fault::Slow { millis: 60_000 }, Need::Time),
    ]
}

const HOUR: u64 = 3600;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum StepPhase {
    Applying,
    Pausing,
    OpeningAgain,
    Ending,
}

/// One call of a share that applies or ends, with every trouble: it stops, says so, loses nothing, and goes on by
/// itself.
async fn every_trouble_of(operation: Operation, way: StepPhase) {
    let all = Neighbours::demo().await;
    let mut witness = all.witness().await;
    let (ana, _) = (all.connect(Ana).await, all.connect(Dario).await);
    let node = all.node(ana, "maple").await;
    for (port, (fault, need)) in (9000_u16..).zip(troubles()) {
        let told = format!("{way:?}, {operation:?}, {fault:?}");
        let share = all.accepted(Ana, node, &format!("tcp:{port}"), Dario).await;
        all.approved(Ana, share).await;
        if way != StepPhase::Applying {
            all.drain().await;
            assert!(matches!(all.state(share).await, ShareState::Active { .. }), "{told}");
            let asked = all.ask(Ana).shares;
            match way {
                StepPhase::Ending => asked.end(share).await.unwrap(),
                StepPhase::Pausing => asked.pause(share).await.unwrap(),
                StepPhase::Applying | StepPhase::OpeningAgain => {
                    asked.pause(share).await.unwrap();
                    all.drain().await;
                    asked.open_again(share).await.unwrap();
                }
            }
        }
        if operation == Operation::MintToken {
            // One that is good is kept: the next one is asked for when it has ended.
            all.demo.simulator.forget_minted_tokens();
        }
        // Reads are repeated by the client, and a refused token is minted anew once: fail for longer than that.
        all.demo.simulator.fail(simulator::FaultRule {
            target: operation.into(),
            fault: fault.clone(),
            times: 9,
            moment: simulator::Moment::BeforeEffect,
        });
        all.drain().await;
        match all.state(share).await {
            ShareState::NeedsAttention { attention, .. } => {
                // What a refused client means is the token endpoint's own matter.
                if operation != Operation::MintToken {
                    assert_eq!(attention.need, need, "{told}: {attention:?}");
                }
                let (reason, next) = told_on_page(&all, share).await;
                let changed = ["Nothing was changed", "is not known", "is still listed"];
                assert!(changed.iter().any(|words| reason.contains(words)), "{told}: {reason}");
                assert!(next.len() > 10, "{told}: {next}");
                if let Fault::RateLimit { .. } = fault {
                    waits_as_long_as_it_was_told(&all, share, &told).await;
                }
            }
            // The friend can open the invite all the same.
            ShareState::WaitingForFriend { .. } if operation == Operation::AcceptInvite => {}
            // A client that may nothing leaves the work to the user token.
            _ if operation == Operation::MintToken && fault == status(403) => {}
            // Without the machine there is no invite to it.
            state if way == StepPhase::Ending && operation == Operation::ListInvites => {
                assert!(state.is_over() && fault == status(404), "{told}: {state:?}");
            }
            state => panic!("{told}: it went on: {state:?}"),
        }
        friend_words::is_plain(&all, Dario, share, &told).await;
        all.demo.simulator.clear_faults();
        all.all_is_well(&mut witness, Moment::Halted, &told).await;
        for _ in 0..3 {
            all.app.clock.advance_seconds(400);
            all.drain().await;
        }
        let state = all.state(share).await;
        let marks = all.policy("ana").matches(&share.to_string()).count();
        all.all_is_well(&mut witness, Moment::Rest, &told).await;
        if way == StepPhase::Pausing {
            assert!(matches!(state, ShareState::Paused { .. }), "{told}: {state:?}");
            assert_eq!((marks, all.invites("ana")), (0, 1), "{told}");
            all.ask(Ana).shares.end(share).await.unwrap();
            all.drain().await;
        }
        if matches!(way, StepPhase::Applying | StepPhase::OpeningAgain) {
            assert!(matches!(state, ShareState::Active { .. }), "{told}: {state:?}");
            assert_eq!((marks, all.invites("ana")), (1, 1), "{told}");
            all.ask(Ana).shares.end(share).await.unwrap();
            all.drain().await;
        }
        assert!(all.state(share).await.is_over(), "{told}: {:?}", all.state(share).await);
        assert!(!all.policy("ana").contains("acequia:share="), "{told}");
        assert_eq!(all.invites("ana"), 0, "{told}");
        all.all_is_well(&mut witness, Moment::Rest, &told).await;
    }
}

async fn told_on_page(all: &Neighbours, share: model::ShareId) -> (String, String) {
    told(&all.ask(Ana).shares.get(share).await.unwrap())
}

/// `Retry-After` is the next time, not our own interval; the page says it.
async fn waits_as_long_as_it_was_told(all: &Neighbours, share: model::ShareId, told: &str) {
    let page = all.ask(Ana).shares.get(share).await.unwrap();
    let seconds = i64::try_from(HOUR).unwrap();
    let again = page.attention.unwrap().again;
    assert_eq!(again, Some(all.app_state().now().plus_seconds(seconds)), "{told}");
    all.demo.simulator.clear_faults();
    all.demo.simulator.clear_log();
    all.app.clock.advance_seconds(seconds - 10);
    all.drain().await;
    assert_eq!(all.demo.simulator.log(), [], "{told}: asked too early");
    // A restart is no reason to ask earlier.
    server::jobs::finish_endings(all.app_state(), std::time::Duration::from_secs(5)).await.unwrap();
    all.drain().await;
    assert_eq!(all.demo.simulator.log(), [], "{told}: asked too early after a restart");
    all.app.clock.advance_seconds(11);
}

async fn every_trouble(way: StepPhase, operations: &[Operation]) {
    let mut cases = tokio::task::JoinSet::new();
    for operation in operations {
        cases.spawn(every_trouble_of(*operation, way));
    }
    while let Some(case) = cases.join_next().await {
        case.unwrap();
    }
}

#[tokio::test]
async fn every_trouble_of_every_call_while_applying_is_told_and_survived() {
    every_trouble(
        StepPhase::Applying,
        &[
            Operation::MintToken,
            Operation::GetPolicy,
            Operation::ListDevices,
            Operation::ListUsers,
            Operation::SetPolicy,
            Operation::ListInvites,
            Operation::CreateInvites,
            Operation::AcceptInvite,
            Operation::GetInvite,
        ],
    )
    .await;
}

#[tokio::test]
async fn every_trouble_of_every_call_of_a_pause_is_told_and_survived() {
    let calls = [Operation::MintToken, Operation::GetPolicy, Operation::SetPolicy];
    every_trouble(StepPhase::Pausing, &calls).await;
    let calls = [
        Operation::GetPolicy,
        Operation::ListDevices,
        Operation::ListUsers,
        Operation::SetPolicy,
        Operation::ListInvites,
    ];
    every_trouble(StepPhase::OpeningAgain, &calls).await;
}

#[tokio::test]
async fn every_trouble_of_every_call_while_ending_is_told_and_survived() {
    every_trouble(
        StepPhase::Ending,
        &[
            Operation::MintToken,
            Operation::GetPolicy,
            Operation::SetPolicy,
            Operation::DeleteInvite,
            Operation::ListInvites,
            Operation::ListUsers,
        ],
    )
    .await;
}

#[tokio::test]
async fn an_answer_lost_after_its_effect_leads_to_no_second_deed() {
    for operation in [Operation::SetPolicy, Operation::CreateInvites, Operation::AcceptInvite] {
        let all = Neighbours::demo().await;
        let (chiara, _) = (all.connect(Ana).await, all.connect(Dario).await);
        let share = all.accepted(Ana, all.node(chiara, "maple").await, "tcp:25565", Dario).await;
        all.approved(Ana, share).await;
        all.demo.simulator.fail(simulator::FaultRule {
            target: operation.into(),
            fault: Fault::HangUp,
            times: 1,
            moment: simulator::Moment::AfterEffect,
        });
        for _ in 0..4 {
            all.drain().await;
            all.app.clock.advance_seconds(600);
        }
        let state = all.state(share).await;
        assert!(matches!(state, ShareState::Active { .. }), "{operation:?}: {state:?}");
        assert_eq!(all.policy("ana").matches("acequia:share=").count(), 1, "{operation:?}");
        assert_eq!(all.invites("ana"), 1, "{operation:?}");
    }
}

#[tokio::test]
async fn a_revoked_token_is_told_and_a_new_one_wakes_the_share() {
    let all = Neighbours::demo().await;
    let (ana, _) = (all.connect(Ana).await, all.connect(Dario).await);
    let share = all.accepted(Ana, all.node(ana, "maple").await, "tcp:25565", Dario).await;
    all.approved(Ana, share).await;
    let token = all.form(Ana).user_token;
    assert!(all.demo.simulator.revoke(&token));
    all.drain().await;
    let (reason, next) = told(&all.ask(Ana).shares.get(share).await.unwrap());
    assert!(reason.contains("wrong, expired or revoked"), "{reason}");
    assert!(next.contains("credential"), "{next}");
    let refused = all.ask(Ana).tailnets.set_user_token(ana, token).await.unwrap_err();
    assert!(matches!(refused, app::fault::Fault::Invalid(_)), "{refused:?}");

    // Without any token the invite is made by hand: the owner takes the dead one away.
    all.ask(Ana).tailnets.set_user_token(ana, String::new()).await.unwrap();
    all.ask(Ana).shares.retry(share).await.unwrap();
    all.drain().await;
    assert!(all.ask(Ana).shares.get(share).await.unwrap().attention.unwrap().wants_invite);
}

#[tokio::test]
async fn a_machine_that_is_gone_is_shown_as_gone_and_comes_back_as_itself() {
    let all = Neighbours::demo().await;
    let chiara = all.connect(Chiara).await;
    let cellar = all.node(chiara, "cellar").await;
    all.demo.simulator.remove_device("chiara", "cellar").unwrap();
    all.ask(Chiara).tailnets.sync(chiara).await.unwrap();
    all.drain().await;
    let view = all.ask(Chiara).tailnets.get(chiara).await.unwrap();
    let card = view.nodes.items.iter().find(|node| node.id == cellar).expect("shown, not deleted");
    assert!(card.gone.is_some() && !card.online);
    assert_eq!(view.card.nodes, 2);
}

#[tokio::test]
async fn a_sync_that_fails_says_why_and_keeps_what_was_known() {
    let all = Neighbours::demo().await;
    let chiara = all.connect(Chiara).await;
    all.demo.simulator.fail(simulator::FaultRule {
        target: Operation::ListDevices.into(),
        fault: status(500),
        times: 20,
        moment: simulator::Moment::BeforeEffect,
    });
    all.ask(Chiara).tailnets.sync(chiara).await.unwrap();
    all.app.clock.advance_seconds(1);
    all.drain().await;
    let view = all.ask(Chiara).tailnets.get(chiara).await.unwrap();
    let app::ports::tailnets::Sync::Failed { why, .. } = view.card.sync else {
        panic!("{:?}", view.card.sync)
    };
    assert!(why.contains("500"), "{why}");
    assert_eq!(view.nodes.items.len(), 3);
}

#[tokio::test]
async fn a_sync_waits_as_long_as_the_control_plane_asks_for() {
    let all = Neighbours::demo().await;
    let chiara = all.connect(Chiara).await;
    all.demo.simulator.fail(simulator::FaultRule {
        target: Operation::ListDevices.into(),
        fault: Fault::RateLimit { retry_after: Some(HOUR) },
        times: 1,
        moment: simulator::Moment::BeforeEffect,
    });
    all.app.clock.advance_seconds(600);
    all.round().await;
    let view = all.ask(Chiara).tailnets.get(chiara).await.unwrap();
    assert!(matches!(view.card.sync, app::ports::tailnets::Sync::Failed { .. }), "{:?}", view.card.sync);
    all.demo.simulator.clear_log();
    all.app.clock.advance_seconds(1800);
    all.round().await;
    assert_eq!(all.demo.simulator.log(), [], "the timer does not ask before that");
    all.app.clock.advance_seconds(1801);
    all.round().await;
    let view = all.ask(Chiara).tailnets.get(chiara).await.unwrap();
    assert!(matches!(view.card.sync, app::ports::tailnets::Sync::Done { .. }), "{:?}", view.card.sync);
}
