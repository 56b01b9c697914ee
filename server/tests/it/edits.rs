//! Edits of a policy that are no share: looked at, written, and taken back.

use app::fault::Fault;
use app::ports::edits::EditView;
use app::ports::reach::ReachQuery;
use model::TailnetId;
use model::ids::EditId;
use model::{EditKind, EditState, ShareState};
use server::jobs::write_edit;
use simulator::{Fault as Trouble, FaultRule, Moment, Operation};

use crate::harness::Who::{self, Ana, Ben, Dario};
use crate::harness::neighbours::Neighbours;

async fn make(all: &Neighbours, owner: Who, tailnet: TailnetId, what: EditKind) -> EditView {
    let edits = all.ask(owner).edits;
    let plan = edits.plan(tailnet, what.clone()).await.unwrap().plan;
    let id = edits.apply(tailnet, what, plan).await.unwrap();
    edits.get(id).await.unwrap()
}

fn is_applied(view: &EditView) -> bool {
    matches!(view.line.state, EditState::Applied { .. })
}

#[tokio::test]
async fn a_narrowing_is_written_as_it_was_looked_at_and_taken_back_to_the_byte() {
    let all = Neighbours::demo().await;
    let ana = all.connect(Ana).await;
    let untouched = all.policy("ana");
    let plan = all.ask(Ana).edits.plan(ana, EditKind::Narrow).await.unwrap();
    assert!(plan.gains.is_empty(), "{:?}", plan.gains);
    assert!(plan.diff.iter().any(|line| line.text.contains("autogroup:member")), "{:?}", plan.diff);
    assert_eq!(all.policy("ana"), untouched, "a plan writes nothing");

    let narrowed = make(&all, Ana, ana, EditKind::Narrow).await;
    assert!(is_applied(&narrowed) && narrowed.can_undo, "{narrowed:?}");
    assert!(!all.policy("ana").contains(r#""src": ["*"]"#), "{}", all.policy("ana"));
    let again = all.ask(Ana).edits.plan(ana, EditKind::Narrow).await;
    assert!(
        matches!(&again, Err(Fault::Conflict(why)) if why.what.contains("nothing to narrow")),
        "{again:?}"
    );

    let back = make(&all, Ana, ana, EditKind::Undo(narrowed.line.id)).await;
    assert!(is_applied(&back), "{back:?}");
    assert_eq!(all.policy("ana"), untouched);
    let narrowed = all.ask(Ana).edits.get(narrowed.line.id).await.unwrap();
    assert_eq!((narrowed.undone_by, narrowed.can_undo), (Some(back.line.id), false));
    let twice = all.ask(Ana).edits.plan(ana, EditKind::Undo(narrowed.line.id)).await;
    assert!(matches!(&twice, Err(Fault::Conflict(why)) if why.what.contains("already")), "{twice:?}");
    let trail: Vec<String> = narrowed.history.iter().map(|entry| entry.what.clone()).collect();
    assert_eq!(trail, ["changed the policy: Narrow the wildcard"]);
    all.drain().await;
}

#[tokio::test]
async fn taking_an_edit_back_keeps_what_others_changed_since() {
    let all = Neighbours::demo().await;
    let ana = all.connect(Ana).await;
    let untouched = all.policy("ana");
    let narrowed = make(&all, Ana, ana, EditKind::Narrow).await;
    let note = "// a word of somebody else\n";
    all.demo.simulator.edit_policy("ana", format!("{note}{}", all.policy("ana"))).unwrap();
    let plan = all.ask(Ana).edits.plan(ana, EditKind::Undo(narrowed.line.id)).await.unwrap();
    assert!(plan.warnings[0].contains("changed since"), "{:?}", plan.warnings);
    assert!(is_applied(&make(&all, Ana, ana, EditKind::Undo(narrowed.line.id)).await));
    assert_eq!(all.policy("ana"), format!("{note}{untouched}"));
    all.drain().await;
}

#[tokio::test]
async fn what_was_changed_again_is_not_taken_back_by_force() {
    let all = Neighbours::demo().await;
    let ana = all.connect(Ana).await;
    let narrowed = make(&all, Ana, ana, EditKind::Narrow).await;
    let theirs = all.policy("ana").replace("autogroup:tagged", "tag:server");
    all.demo.simulator.edit_policy("ana", &theirs).unwrap();
    let plan = all.ask(Ana).edits.plan(ana, EditKind::Undo(narrowed.line.id)).await;
    assert!(matches!(&plan, Err(Fault::Conflict(why)) if why.what.contains("changed again")), "{plan:?}");
    assert_eq!(all.policy("ana"), theirs);
    all.drain().await;
}

#[tokio::test]
async fn a_policy_that_changed_since_the_look_is_not_overwritten() {
    let all = Neighbours::demo().await;
    let ana = all.connect(Ana).await;
    let edits = all.ask(Ana).edits;
    let plan = edits.plan(ana, EditKind::Narrow).await.unwrap().plan;
    let theirs = all.policy("ana").replace("// Allow all connections.", "// Mine.");
    assert_ne!(theirs, all.policy("ana"));
    all.demo.simulator.edit_policy("ana", &theirs).unwrap();
    let answer = edits.apply(ana, EditKind::Narrow, plan).await;
    assert!(
        matches!(&answer, Err(Fault::Conflict(why)) if why.what.contains("Nothing was written")),
        "{answer:?}"
    );
    assert_eq!(all.policy("ana"), theirs);
    assert!(edits.list(ana).await.unwrap().is_empty());
}

/// The row is there and the write is not, or its answer was lost: what is left goes on with the queue, once.
#[tokio::test]
async fn an_edit_whose_write_failed_or_whose_answer_was_lost_is_finished_by_the_queue() {
    for (fault, moment) in [
        (Trouble::Garbage, Moment::BeforeEffect),
        (Trouble::HangUp, Moment::BeforeEffect),
        (Trouble::HangUp, Moment::AfterEffect),
        (Trouble::RateLimit { retry_after: None }, Moment::BeforeEffect),
    ] {
        let all = Neighbours::demo().await;
        let ana = all.connect(Ana).await;
        let edits = all.ask(Ana).edits;
        let plan = edits.plan(ana, EditKind::Narrow).await.unwrap().plan;
        let target = Operation::SetPolicy.into();
        // The client tries by itself once more where that is safe.
        all.demo.simulator.fail(FaultRule { target, fault: fault.clone(), times: 1, moment });
        let id = edits.apply(ana, EditKind::Narrow, plan).await.unwrap();
        all.app.clock.advance_seconds(3600);
        all.drain().await;
        let view = edits.get(id).await.unwrap();
        assert!(is_applied(&view), "{fault:?}: {view:?}");
        let text = all.policy("ana");
        write_edit(all.app_state(), id).await.unwrap();
        assert_eq!(all.policy("ana"), text, "twice is once");
        assert_eq!(view.history.len(), 1, "{fault:?}: {:?}", view.history);
    }
}

#[tokio::test]
async fn a_refused_edit_says_why_and_that_nothing_was_written() {
    let all = Neighbours::demo().await;
    let ana = all.connect(Ana).await;
    let edits = all.ask(Ana).edits;
    let (before, plan) = (all.policy("ana"), edits.plan(ana, EditKind::Narrow).await.unwrap().plan);
    let (target, fault) = (Operation::SetPolicy.into(), Trouble::Status { status: 403, message: None });
    all.demo.simulator.fail(FaultRule { target, fault, times: 9, moment: Moment::BeforeEffect });
    let id = edits.apply(ana, EditKind::Narrow, plan).await.unwrap();
    let view = edits.get(id).await.unwrap();
    assert!(
        matches!(&view.line.state, EditState::Stopped { why } if why.contains("Nothing was written")),
        "{view:?}"
    );
    assert!(!view.can_undo);
    assert_eq!(all.policy("ana"), before);
    all.drain().await;
}

#[tokio::test]
async fn the_narrowing_before_a_share_is_an_edit_with_its_own_undo() {
    let all = Neighbours::demo().await;
    let (ana, _) = (all.connect(Ana).await, all.connect(Dario).await);
    let untouched = all.policy("ana");
    let share = all.accepted(Ana, all.node(ana, "maple").await, "tcp:25565", Dario).await;
    all.approved(Ana, share).await;
    all.drain().await;
    let edits = all.ask(Ana).edits;
    let list = edits.list(ana).await.unwrap();
    assert_eq!(list.len(), 1, "{list:?}");
    let narrowed = edits.get(list[0].id).await.unwrap();
    assert!(is_applied(&narrowed) && narrowed.can_undo, "{narrowed:?}");
    assert_eq!(narrowed.share, Some(share));

    // With the share open the friend would reach more: that is said before anybody says yes.
    let plan = edits.plan(ana, EditKind::Undo(narrowed.line.id)).await.unwrap();
    assert!(plan.gains.iter().any(|line| line.who == "dario@nopal.example"), "{:?}", plan.gains);
    assert!(plan.warnings.iter().any(|text| text.contains("open shares")), "{:?}", plan.warnings);

    all.ask(Ana).shares.end(share).await.unwrap();
    all.drain().await;
    assert!(is_applied(&make(&all, Ana, ana, EditKind::Undo(narrowed.line.id)).await));
    assert_eq!(all.policy("ana"), untouched, "narrowed, shared, ended, taken back: every byte as it was");
    all.drain().await;
}

#[tokio::test]
async fn a_rule_that_waits_for_its_friend_was_not_left_behind() {
    let all = Neighbours::demo().await;
    let ana = all.connect(Ana).await;
    let share = all.accepted(Ana, all.node(ana, "maple").await, "tcp:25565", Dario).await;
    all.approved(Ana, share).await;
    all.drain().await;
    assert!(matches!(all.state(share).await, ShareState::WaitingForFriend { .. }));
    let fixes = async || {
        let view = all.ask(Ana).reach.get(ana, ReachQuery::default()).await.unwrap();
        view.findings.into_iter().filter_map(|finding| finding.fix).collect::<Vec<_>>()
    };
    assert!(!fixes().await.contains(&EditKind::TakeOut(share.to_string())));
    // Put back by somebody after its end, it was.
    let with = all.policy("ana");
    all.ask(Ana).shares.end(share).await.unwrap();
    all.drain().await;
    all.demo.simulator.edit_policy("ana", with).unwrap();
    all.ask(Ana).tailnets.sync(ana).await.unwrap();
    all.drain().await;
    assert!(fixes().await.contains(&EditKind::TakeOut(share.to_string())));
}

#[tokio::test]
async fn the_rule_of_an_open_share_is_not_taken_out_as_left_behind() {
    let all = Neighbours::demo().await;
    let (ana, _) = (all.connect(Ana).await, all.connect(Dario).await);
    let share = all.accepted(Ana, all.node(ana, "maple").await, "tcp:25565", Dario).await;
    all.approved(Ana, share).await;
    all.drain().await;
    let what = EditKind::TakeOut(share.to_string());
    let plan = all.ask(Ana).edits.plan(ana, what.clone()).await;
    assert!(matches!(&plan, Err(Fault::Conflict(why)) if why.what.contains("not over")), "{plan:?}");

    // Put back by somebody after its end, it is left behind and can go.
    let with = all.policy("ana");
    all.ask(Ana).shares.end(share).await.unwrap();
    all.drain().await;
    let without = all.policy("ana");
    all.demo.simulator.edit_policy("ana", with).unwrap();
    assert!(is_applied(&make(&all, Ana, ana, what).await));
    assert_eq!(all.policy("ana"), without);
    all.drain().await;
}

#[tokio::test]
async fn edits_of_others_do_not_exist() {
    let all = Neighbours::demo().await;
    let (ana, ben) = (all.connect(Ana).await, all.connect(Ben).await);
    let narrowed = make(&all, Ana, ana, EditKind::Narrow).await;
    let theirs = all.ask(Ben).edits;
    assert_eq!(theirs.get(narrowed.line.id).await, Err(Fault::NotFound));
    assert_eq!(theirs.list(ana).await, Err(Fault::NotFound));
    assert_eq!(theirs.plan(ana, EditKind::Narrow).await, Err(Fault::NotFound));
    let foreign: EditId = narrowed.line.id;
    assert_eq!(theirs.plan(ben, EditKind::Undo(foreign)).await, Err(Fault::NotFound));
    all.drain().await;
}
