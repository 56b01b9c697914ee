//! Where the app may not write: the exact text is on the page, somebody else puts it in, and that is noticed.

use app::fault::Fault;
use app::ports::audit::Query;
use app::ports::shares::Manual;
use model::{EndReason, Need, ShareId, ShareState};
use simulator::{Fault as Trouble, FaultRule, Moment, Operation};

use crate::harness::Who::{Ana, Dario};
use crate::harness::neighbours::Neighbours;

/// The client may read and not write: every write is refused for want of the scope.
fn lacks_scope(all: &Neighbours, operation: Operation) {
    all.demo.simulator.fail(FaultRule {
        target: operation.into(),
        fault: Trouble::Status { status: 403, message: None },
        times: 1000,
        moment: Moment::BeforeEffect,
    });
}

async fn manual(all: &Neighbours, share: ShareId) -> Manual {
    all.ask(Ana).shares.get(share).await.unwrap().manual.expect("a form for doing it by hand")
}

async fn need(all: &Neighbours, share: ShareId) -> Need {
    let state = all.state(share).await;
    let ShareState::NeedsAttention { attention, .. } = state else { panic!("{state:?}") };
    attention.need
}

/// Somebody else has the credential, and pastes.
fn paste(all: &Neighbours, manual: &Manual) {
    all.demo.simulator.edit_policy("ana", manual.whole.clone().expect("the whole file")).unwrap();
}

/// Time for the job to look again by itself.
async fn later(all: &Neighbours) {
    all.app.clock.advance_seconds(600);
    all.drain().await;
}

#[tokio::test]
async fn a_rule_that_may_not_be_written_is_pasted_noticed_and_taken_out_by_hand_again() {
    let all = Neighbours::demo().await;
    let (ana, _) = (all.connect(Ana).await, all.connect(Dario).await);
    let share = all.accepted(Ana, all.node(ana, "maple").await, "tcp:25565", Dario).await;
    all.approved(Ana, share).await;
    let before = all.policy("ana");
    lacks_scope(&all, Operation::SetPolicy);
    all.drain().await;
    assert_eq!(need(&all, share).await, Need::Credential);
    assert_eq!(all.policy("ana"), before, "nothing was written");

    let form = manual(&all, share).await;
    let mark = format!("// acequia:share={share}");
    assert!(form.lines.contains(&mark) && form.lines.contains("tcp:25565"), "{}", form.lines);
    assert!(!form.diff.is_empty() && !form.steps.is_empty() && form.unknown.is_none());
    let friend = all.ask(Dario).shares.get(share).await.unwrap();
    assert_eq!(friend.manual, None, "the owner's policy is not for the friend");
    paste(&all, &form);
    later(&all).await;
    let state = all.state(share).await;
    assert!(matches!(state, ShareState::Active { .. }), "{state:?}");
    let with = all.policy("ana");

    all.ask(Ana).shares.end(share).await.unwrap();
    all.drain().await;
    assert_eq!(need(&all, share).await, Need::Credential);
    let form = manual(&all, share).await;
    assert!(form.lines.contains(&mark), "{}", form.lines);
    assert!(!form.whole.as_ref().unwrap().contains(&mark));
    assert_eq!(all.policy("ana"), with);
    paste(&all, &form);
    later(&all).await;
    assert!(all.state(share).await.is_over(), "{:?}", all.state(share).await);
    assert_eq!(all.invites("ana"), 0);
}

#[tokio::test]
async fn a_policy_that_is_kept_elsewhere_is_never_written_and_noticed_all_the_same() {
    let all = Neighbours::demo().await;
    let (ana, _) = (all.connect(Ana).await, all.connect(Dario).await);
    let share = all.accepted(Ana, all.node(ana, "maple").await, "tcp:25565", Dario).await;
    let mut settings = all.app_state().db.find_tailnet(ana).await.unwrap().unwrap().settings.unwrap();
    settings.policy_managed_elsewhere = Some(true);
    all.app_state().db.mark_synced(ana, &settings, all.app_state().now()).await.unwrap();
    all.approved(Ana, share).await;
    all.demo.simulator.clear_log();
    all.drain().await;
    let page = all.ask(Ana).shares.get(share).await.unwrap();
    assert!(page.attention.unwrap().reason.contains("kept elsewhere"));
    paste(&all, &page.manual.unwrap());
    later(&all).await;
    assert!(matches!(all.state(share).await, ShareState::Active { .. }), "{:?}", all.state(share).await);
    let written = all.demo.simulator.log().iter().any(|entry| entry.operation == Operation::SetPolicy);
    assert!(!written, "the policy was not written from here");
}

#[tokio::test]
async fn an_invite_that_may_not_be_deleted_is_deleted_by_hand() {
    let all = Neighbours::demo().await;
    let (ana, _) = (all.connect(Ana).await, all.connect(Dario).await);
    let share = all.accepted(Ana, all.node(ana, "maple").await, "tcp:25565", Dario).await;
    all.approved(Ana, share).await;
    all.drain().await;
    let invite = all.demo.simulator.tailnet("ana").unwrap().invites[0].id.clone();
    all.ask(Ana).shares.end(share).await.unwrap();
    lacks_scope(&all, Operation::DeleteInvite);
    all.drain().await;
    assert_eq!(need(&all, share).await, Need::Credential);
    let form = manual(&all, share).await;
    assert!(form.steps.iter().any(|step| step.contains("maple")), "{:?}", form.steps);
    later(&all).await;
    assert_eq!(need(&all, share).await, Need::Credential, "it is still there");

    // The owner, in the console. The app's own key may still not do it.
    all.demo.simulator.delete_invite("ana", &invite).unwrap();
    later(&all).await;
    assert!(all.state(share).await.is_over(), "{:?}", all.state(share).await);
}

#[tokio::test]
async fn a_share_whose_control_plane_is_gone_for_good_is_called_ended_without_proof() {
    let all = Neighbours::demo().await;
    let (ana, _) = (all.connect(Ana).await, all.connect(Dario).await);
    let node = all.node(ana, "maple").await;
    let share = all.accepted(Ana, node, "tcp:25565", Dario).await;
    all.approved(Ana, share).await;
    all.drain().await;
    let early = all.ask(Ana).shares.end_unproven(share).await;
    assert!(matches!(early, Err(Fault::Conflict(_))), "an open share is ended in earnest first: {early:?}");

    let form = all.form(Ana);
    assert!(all.demo.simulator.revoke(&form.client_id) && all.demo.simulator.revoke(&form.user_token));
    let revision = async || all.app_state().db.find_node(node).await.unwrap().unwrap().firewall_revision;
    let open = revision().await;
    all.ask(Ana).shares.end(share).await.unwrap();
    assert_eq!(revision().await, open.next(), "the host's own guard closes it, whoever is silent");
    all.drain().await;
    let page = all.ask(Ana).shares.get(share).await.unwrap();
    let attention = page.attention.unwrap();
    assert!(attention.can_give_up && attention.reason.contains("Nothing was changed"), "{attention:?}");
    let form = page.manual.expect("the lines to take out");
    assert!(form.lines.contains(&share.to_string()) && form.whole.is_none() && form.unknown.is_some());
    assert!(page.unproven_means.iter().any(|line| line.contains("may still reach")));
    let theirs = all.ask(Dario).shares.end_unproven(share).await;
    assert_eq!(theirs, Err(Fault::Forbidden));

    all.ask(Ana).shares.end_unproven(share).await.unwrap();
    all.drain().await;
    let ShareState::Ended { why, open_question: Some(question), .. } = all.state(share).await else {
        panic!("{:?}", all.state(share).await)
    };
    assert_eq!(why, EndReason::OwnerEnded);
    assert!(question.starts_with("not proven: the rule for dario@nopal.example may still be"), "{question}");
    let gate = all.ask(Dario).shares.get(share).await.unwrap().gate;
    assert!(gate.reason.unwrap().contains("Not proven"), "both sides read it");
    let trail = all.ask(Ana).audit.list(Query::default()).await.unwrap().entries;
    let told = trail.iter().find(|entry| entry.what.contains("without proof")).expect("it is in the trail");
    assert!(told.after.as_deref().unwrap_or_default().contains("not proven"), "{told:?}");
    assert_eq!(revision().await, open.next());
}

/// Connected with the client that reads alone: the review says it before anybody says yes.
#[tokio::test]
async fn a_review_with_a_client_that_reads_only_says_that_it_ends_in_a_form_by_hand() {
    const SAYS: &str = "to put in by hand";
    for reads_only in [true, false] {
        let mut world = simulator::World::demo();
        if reads_only {
            for scope in &mut world.tailnets[Ana as usize].clients[0].scopes {
                if ["policy_file", "device_invites"].contains(&scope.as_str()) {
                    scope.push_str(":read");
                }
            }
        }
        let all = Neighbours::of(world).await;
        let ana = if reads_only { all.connect_without_token(Ana).await } else { all.connect(Ana).await };
        all.connect(Dario).await;
        let share = all.accepted(Ana, all.node(ana, "maple").await, "tcp:25565", Dario).await;
        let review = all.ask(Ana).shares.review(share).await.unwrap();
        let warned =
            review.warnings.iter().filter(|warning| warning.contains("by hand") || warning.contains("paste"));
        assert_eq!(warned.count(), if reads_only { 2 } else { 0 }, "{:?}", review.warnings);
        let steps = review.steps.join(" ");
        assert_eq!(steps.contains("by hand") && steps.contains("Wait for the link"), reads_only, "{steps}");
        let mut browser = all.app.signed_in(all.people[Ana].id).await;
        let page = browser.get(&app::paths::review(share)).await.body;
        assert_eq!(page.contains(SAYS), reads_only);
        all.approved(Ana, share).await;
        all.drain().await;
        let manual = all.ask(Ana).shares.get(share).await.unwrap().manual;
        assert_eq!(manual.is_some(), reads_only, "and so it is");
    }
}
