//! Whatever a control plane answers: the person reads what happened and what to do, and nothing is lost.

use app::ports::shares::ShareView;
use model::{Need, ShareState};
use simulator::{Fault, Operation};

use crate::harness::neighbours::Neighbours;

const CHIARA: usize = 2;
const ANA: usize = 0;
const DARIO: usize = 3;

fn status(status: u16) -> Fault {
    Fault::Status { status, message: None }
}

/// What the owner reads of a share that stopped.
fn told(page: &ShareView) -> (String, String) {
    let attention = page.attention.clone().expect("it says why it stopped");
    (attention.reason, attention.next_step)
}

#[tokio::test]
async fn every_answer_of_a_control_plane_is_told_and_survived() {
    let faults: [(Fault, Need); 8] = [
        (status(401), Need::Credential),
        (status(403), Need::Credential),
        (status(404), Need::Look),
        (status(500), Need::Time),
        (status(400), Need::Look),
        (Fault::RateLimit { retry_after: Some(3600) }, Need::Time),
        (Fault::Garbage, Need::Time),
        (Fault::HangUp, Need::Time),
    ];
    let all = Neighbours::demo().await;
    let (ana, _) = (all.connect(ANA).await, all.connect(DARIO).await);
    let node = all.node(ana, "maple").await;
    for (port, (fault, need)) in (9000_u16..).zip(faults) {
        let share = all.accepted(ANA, node, &format!("tcp:{port}"), DARIO).await;
        all.approved(ANA, share).await;
        // Reads are repeated by the client, and a refused token is minted anew once: fail for longer than that.
        all.demo.simulator.fail(simulator::FaultRule {
            target: Operation::SetPolicy.into(),
            fault: fault.clone(),
            times: 9,
            moment: simulator::Moment::BeforeEffect,
        });
        all.drain().await;
        let ShareState::NeedsAttention { attention, .. } = all.state(share).await else {
            panic!("{fault:?}: {:?}", all.state(share).await)
        };
        assert_eq!(attention.need, need, "{fault:?}: {}", attention.reason);
        let (reason, next) = told(&all.ask(ANA).shares.get(share).await.unwrap());
        assert!(reason.len() > 10 && next.len() > 10, "{fault:?}");
        assert!(!all.policy("ana").contains(&share.to_string()), "{fault:?}: nothing was written");

        all.demo.simulator.clear_faults();
        all.ask(ANA).shares.retry(share).await.unwrap();
        all.drain().await;
        assert!(matches!(all.state(share).await, ShareState::Active { .. }), "{fault:?}");
        assert_eq!(all.policy("ana").matches(&share.to_string()).count(), 1, "{fault:?}");
    }
    assert_eq!(all.invites("ana"), 1);
}

#[tokio::test]
async fn an_answer_lost_after_its_effect_leads_to_no_second_deed() {
    for operation in [Operation::SetPolicy, Operation::CreateInvites, Operation::AcceptInvite] {
        let all = Neighbours::demo().await;
        let (chiara, _) = (all.connect(ANA).await, all.connect(DARIO).await);
        let share = all.accepted(ANA, all.node(chiara, "maple").await, "tcp:25565", DARIO).await;
        all.approved(ANA, share).await;
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
    let (ana, _) = (all.connect(ANA).await, all.connect(DARIO).await);
    let share = all.accepted(ANA, all.node(ana, "maple").await, "tcp:25565", DARIO).await;
    all.approved(ANA, share).await;
    let token = all.form(ANA).user_token;
    assert!(all.demo.simulator.revoke(&token));
    all.drain().await;
    let (reason, next) = told(&all.ask(ANA).shares.get(share).await.unwrap());
    assert!(reason.contains("wrong, expired or revoked"), "{reason}");
    assert!(next.contains("credential"), "{next}");
    let refused = all.ask(ANA).tailnets.set_user_token(ana, token).await.unwrap_err();
    assert!(matches!(refused, app::fault::Fault::Invalid(_)), "{refused:?}");

    // Without any token the invite is made by hand: the owner takes the dead one away.
    all.ask(ANA).tailnets.set_user_token(ana, String::new()).await.unwrap();
    all.ask(ANA).shares.retry(share).await.unwrap();
    all.drain().await;
    assert!(all.ask(ANA).shares.get(share).await.unwrap().attention.unwrap().wants_invite);
}

#[tokio::test]
async fn a_machine_that_is_gone_is_shown_as_gone_and_comes_back_as_itself() {
    let all = Neighbours::demo().await;
    let chiara = all.connect(CHIARA).await;
    let cellar = all.node(chiara, "cellar").await;
    all.demo.simulator.remove_device("chiara", "cellar").unwrap();
    all.ask(CHIARA).tailnets.sync(chiara).await.unwrap();
    all.drain().await;
    let view = all.ask(CHIARA).tailnets.get(chiara).await.unwrap();
    let card = view.nodes.iter().find(|node| node.id == cellar).expect("shown, not deleted");
    assert!(card.gone.is_some() && !card.online);
    assert_eq!(view.card.nodes, 2);
}

#[tokio::test]
async fn a_sync_that_fails_says_why_and_keeps_what_was_known() {
    let all = Neighbours::demo().await;
    let chiara = all.connect(CHIARA).await;
    all.demo.simulator.fail(simulator::FaultRule {
        target: Operation::ListDevices.into(),
        fault: status(500),
        times: 20,
        moment: simulator::Moment::BeforeEffect,
    });
    all.ask(CHIARA).tailnets.sync(chiara).await.unwrap();
    all.app.clock.advance_seconds(1);
    all.drain().await;
    let view = all.ask(CHIARA).tailnets.get(chiara).await.unwrap();
    let app::ports::tailnets::Sync::Failed { why, .. } = view.card.sync else {
        panic!("{:?}", view.card.sync)
    };
    assert!(why.contains("500"), "{why}");
    assert_eq!(view.nodes.len(), 3);
}
