//! A share that is out of force for a while, and comes back as it was agreed.

use app::fault::Fault;
use app::ports::shares::{Choice, EndForm};
use invariants::Moment;
use model::{Decision, EndReason, Need, Phase, ShareId, ShareState, TailnetId};
use server::jobs::end_what_is_over;
use simulator::Operation;

use crate::harness::Who::{Ana, Dario};
use crate::harness::database::TestDatabase;
use crate::harness::neighbours::Neighbours;

const DAY: i64 = 24 * 60 * 60;

async fn opened(all: &Neighbours) -> (TailnetId, ShareId) {
    let (ana, _) = (all.connect(Ana).await, all.connect(Dario).await);
    let node = all.node(ana, "maple").await;
    let share = all.accepted_until(Ana, node, "tcp:25565", Dario, ("weekend", "")).await;
    all.approved(Ana, share).await;
    all.drain().await;
    assert!(matches!(all.state(share).await, ShareState::Active { .. }), "{:?}", all.state(share).await);
    (ana, share)
}

async fn paused(all: &Neighbours) -> (TailnetId, ShareId) {
    let (ana, share) = opened(all).await;
    all.ask(Ana).shares.pause(share).await.unwrap();
    all.drain().await;
    assert!(matches!(all.state(share).await, ShareState::Paused { .. }), "{:?}", all.state(share).await);
    (ana, share)
}

async fn synced(all: &Neighbours, tailnet: TailnetId) {
    all.app.clock.advance_seconds(60);
    all.ask(Ana).tailnets.sync(tailnet).await.unwrap();
    all.drain().await;
    all.drain().await;
}

/// Which shares the machine's own text lets in.
async fn in_text(all: &Neighbours, tailnet: TailnetId) -> usize {
    let node = all.app_state().db.find_node(all.node(tailnet, "maple").await).await.unwrap().unwrap();
    server::hosts::current_input(all.app_state(), &node).await.unwrap().shares().count()
}

#[tokio::test]
async fn a_pause_takes_rule_and_host_text_out_keeps_the_invite_and_is_taken_back_to_the_byte() {
    for database in TestDatabase::each().await {
        let all = Neighbours::on(database, |_| {}).await;
        let mut witness = all.witness().await;
        let (ana, share) = opened(&all).await;
        let (open, invites) = (all.policy("ana"), all.demo.simulator.tailnet("ana").unwrap().invites);
        assert_eq!(in_text(&all, ana).await, 1);
        let beforehand = all.ask(Ana).shares.pausing(share).await.unwrap();
        assert!(beforehand.can && beforehand.little.is_empty(), "{:?}", beforehand.little);
        let means = beforehand.means.join(" ");
        for said in [
            "Dario Lupo reaches Minecraft no longer",
            "invite stays",
            "time goes on",
            "goes on until it is closed",
        ] {
            assert!(means.contains(said), "{said}: {means}");
        }
        assert_eq!(all.policy("ana"), open, "asking changes nothing");

        all.ask(Ana).shares.pause(share).await.unwrap();
        assert_eq!(in_text(&all, ana).await, 0, "the host shuts at once, whoever is slow");
        all.drain().await;
        assert!(matches!(all.state(share).await, ShareState::Paused { .. }), "{:?}", all.state(share).await);
        assert!(!all.policy("ana").contains("acequia:share="));
        assert_eq!(all.demo.simulator.tailnet("ana").unwrap().invites.len(), invites.len());
        all.all_is_well(&mut witness, Moment::Rest, "paused").await;
        for person in [Ana, Dario] {
            let page = all.ask(person).shares.get(share).await.unwrap();
            assert_eq!(page.gate.state.word(), "paused");
            assert_eq!((page.can_pause, page.can_open_again), (false, person == Ana));
        }
        assert_eq!(all.ask(Dario).shares.open_again(share).await, Err(Fault::Forbidden));
        synced(&all, ana).await;
        assert!(matches!(all.state(share).await, ShareState::Paused { .. }), "a look leaves it so");

        all.ask(Ana).shares.open_again(share).await.unwrap();
        let page = all.ask(Ana).shares.get(share).await.unwrap();
        let steps: Vec<&str> = page.steps.iter().map(|step| step.title.as_str()).collect();
        // Fails if `kept` in `telling.rs` says no.
        assert_eq!(
            steps,
            ["Write the rule", "Renew the firewall text", "See it in force"],
            "the invite is there"
        );
        all.drain().await;
        assert!(matches!(all.state(share).await, ShareState::Active { .. }), "{:?}", all.state(share).await);
        assert_eq!(all.policy("ana"), open);
        assert_eq!(in_text(&all, ana).await, 1);
        let again = all.demo.simulator.tailnet("ana").unwrap().invites;
        let ids = |all: &[simulator::InviteView]| all.iter().map(|one| one.id.clone()).collect::<Vec<_>>();
        assert_eq!(ids(&again), ids(&invites), "nobody has to open another one");
        all.all_is_well(&mut witness, Moment::Rest, "open again").await;

        all.ask(Ana).shares.pause(share).await.unwrap();
        all.drain().await;
        all.ask(Dario).shares.end(share).await.unwrap();
        all.drain().await;
        assert!(all.state(share).await.is_over(), "{:?}", all.state(share).await);
        assert_eq!(all.invites("ana"), 0);
        all.all_is_well(&mut witness, Moment::Rest, "ended out of the pause").await;
    }
}

#[tokio::test]
async fn time_goes_on_while_it_is_paused() {
    let all = Neighbours::demo().await;
    let (_, share) = paused(&all).await;
    all.app.clock.advance_seconds(4 * DAY);
    assert_eq!(end_what_is_over(all.app_state()).await.unwrap(), 1);
    all.drain().await;
    let state = all.state(share).await;
    assert!(matches!(state, ShareState::Ended { why: EndReason::Expired, .. }), "{state:?}");
}

#[tokio::test]
async fn a_rule_that_somebody_puts_back_is_told_and_left_until_its_owner_says() {
    let all = Neighbours::demo().await;
    let (ana, share) = opened(&all).await;
    let open = all.policy("ana");
    all.ask(Ana).shares.pause(share).await.unwrap();
    all.drain().await;
    let out = all.policy("ana");
    all.demo.simulator.edit_policy("ana", open.clone()).unwrap();
    synced(&all, ana).await;
    let state = all.state(share).await;
    let ShareState::NeedsAttention { phase: Phase::Pause, attention } = &state else { panic!("{state:?}") };
    assert_eq!(attention.need, Need::Review);
    assert_eq!(all.policy("ana"), open, "an outside edit stays");
    let inbox = all.ask(Ana).inbox.home().await.unwrap().items;
    assert!(inbox.iter().any(|item| item.title.contains("needs you")), "{inbox:?}");

    // Taken out again by whoever put it back: it is paused as before.
    all.demo.simulator.edit_policy("ana", out.clone()).unwrap();
    synced(&all, ana).await;
    assert!(matches!(all.state(share).await, ShareState::Paused { .. }), "{:?}", all.state(share).await);

    // Or by its owner's word.
    all.demo.simulator.edit_policy("ana", open).unwrap();
    synced(&all, ana).await;
    all.ask(Ana).shares.retry(share).await.unwrap();
    all.drain().await;
    assert!(matches!(all.state(share).await, ShareState::Paused { .. }), "{:?}", all.state(share).await);
    assert_eq!(all.policy("ana"), out);
}

/// What was agreed is not what it would open by now: nobody is let in before the owner has looked.
#[tokio::test]
async fn a_wider_policy_makes_opening_again_a_matter_for_review() {
    let all = Neighbours::demo().await;
    let (_, share) = paused(&all).await;
    let out = all.policy("ana");
    let members = r#"{"src": ["autogroup:member", "autogroup:tagged"], "dst""#;
    assert!(out.contains(members), "{out}");
    let wide = out.replace(members, r#"{"src": ["*"], "dst""#);
    all.demo.simulator.edit_policy("ana", wide.clone()).unwrap();
    let beforehand = all.ask(Ana).shares.pausing(share).await.unwrap();
    assert!(!beforehand.can, "it is paused already");
    all.ask(Ana).shares.open_again(share).await.unwrap();
    all.drain().await;
    let state = all.state(share).await;
    assert!(matches!(state, ShareState::Accepted { again: Some(_) }), "{state:?}");
    assert_eq!(all.policy("ana"), wide, "nothing was written");
    keeps_the_invite(&all, share).await;
}

/// The review names no invite that is made, and no link that is shown.
async fn keeps_the_invite(all: &Neighbours, share: ShareId) {
    let invites = all.invites("ana");
    let review = all.ask(Ana).shares.review(share).await.unwrap();
    let steps = review.steps.join(" ");
    assert!(steps.contains("Keep the invite for the machine maple"), "{steps}");
    assert!(
        !["Make an invite", "Accept it", "Show its link"].iter().any(|words| steps.contains(words)),
        "{steps}"
    );
    let warnings = review.warnings.join(" ");
    assert!(!warnings.contains("paste"), "{warnings}");
    let decision = match review.choice {
        Choice::NarrowOrWholeNode { .. } => Decision::NarrowAndApply,
        _ => Decision::Apply,
    };
    all.ask(Ana).shares.apply(share, review.plan, decision).await.unwrap();
    all.drain().await;
    assert!(matches!(all.state(share).await, ShareState::Active { .. }), "{:?}", all.state(share).await);
    assert_eq!(all.invites("ana"), invites, "and so it is");
}

/// A machine is shared with somebody once. Fails if `invite_of` in `review.rs` looks at the share alone.
#[tokio::test]
async fn another_service_of_the_same_machine_comes_with_the_invite_that_is_there() {
    let all = Neighbours::demo().await;
    let (ana, _) = opened(&all).await;
    let node = all.node(ana, "maple").await;
    let second = all.accepted(Ana, node, "tcp:8080", Dario).await;
    keeps_the_invite(&all, second).await;
}

#[tokio::test]
async fn where_other_rules_let_the_friend_in_it_is_said_beforehand_that_little_is_taken_away() {
    let all = Neighbours::demo().await;
    let (_, share) = opened(&all).await;
    let rule = r#"{"src": ["dario@nopal.example"], "dst": ["*"], "ip": ["tcp:25565"]}, "#;
    let open = all.policy("ana");
    let at = open.find("\"grants\"").and_then(|at| open[at..].find('[').map(|more| at + more + 1)).unwrap();
    let wide = format!("{}\n{rule}{}", &open[..at], &open[at..]);
    all.demo.simulator.edit_policy("ana", wide).unwrap();
    let view = all.ask(Ana).shares.pausing(share).await.unwrap();
    assert!(view.little.iter().any(|line| line.contains("Other rules")), "{:?}", view.little);
    assert!(
        view.anyway.iter().any(|line| line.who == "Dario Lupo" && line.what.contains("25565")),
        "{:?}",
        view.anyway
    );

    all.demo.simulator.fail(simulator::FaultRule {
        target: Operation::GetPolicy.into(),
        fault: simulator::Fault::Status { status: 500, message: None },
        times: 9,
        moment: simulator::Moment::BeforeEffect,
    });
    let view = all.ask(Ana).shares.pausing(share).await.unwrap();
    assert!(
        view.can && view.little.iter().any(|line| line.contains("could not be read")),
        "{:?}",
        view.little
    );
}

fn until(until: &str, date: &str) -> EndForm {
    EndForm { until: until.into(), date: date.into(), ..EndForm::default() }
}

#[tokio::test]
async fn another_end_is_agreed_asked_for_refused_and_stands_in_the_machines_text() {
    for database in TestDatabase::each().await {
        let all = Neighbours::on(database, |_| {}).await;
        let (ana, share) = opened(&all).await;
        let ends = async || all.app_state().db.find_share(share).await.unwrap().unwrap().ends;
        let node = all.node(ana, "maple").await;
        let revision = async || all.app_state().db.find_node(node).await.unwrap().unwrap().firewall_revision;
        let (first, before, policy) = (ends().await.unwrap(), revision().await, all.policy("ana"));
        let page = all.ask(Ana).shares.get(share).await.unwrap();
        assert!(page.end_means[0].contains("put it in place before the old end"), "{:?}", page.end_means);

        // The friend asks; the end stays until somebody says yes.
        let wish = EndForm { note: "The castle!".into(), ..until("month", "") };
        all.ask(Dario).shares.ask_longer(share, wish.clone()).await.unwrap();
        all.check_notices().await;
        assert_eq!(ends().await, Some(first));
        assert_eq!(all.ask(Ana).shares.ask_longer(share, wish.clone()).await, Err(Fault::Forbidden));
        let sooner = all.ask(Dario).shares.ask_longer(share, until("evening", "")).await;
        assert!(matches!(sooner, Err(Fault::Invalid(_))), "{sooner:?}");
        let inbox = all.ask(Ana).inbox.home().await.unwrap().items;
        let asked =
            inbox.iter().find(|item| item.title.contains("asks for more time")).expect("the owner is asked");
        assert!(asked.detail.as_deref().unwrap().contains("The castle!"), "{asked:?}");
        all.ask(Ana).shares.refuse_longer(share).await.unwrap();
        all.check_notices().await;
        assert_eq!(
            (ends().await, all.ask(Dario).shares.get(share).await.unwrap().longer),
            (Some(first), None)
        );

        // A yes is another end: nothing of the policy, and the text of the machine.
        all.ask(Dario).shares.ask_longer(share, wish).await.unwrap();
        assert_eq!(all.ask(Dario).shares.set_end(share, until("month", "")).await, Err(Fault::Forbidden));
        all.ask(Ana).shares.set_end(share, until("month", "")).await.unwrap();
        assert!(ends().await.unwrap() > first);
        assert_eq!((all.policy("ana"), revision().await), (policy.clone(), before.next()));
        assert_eq!(all.ask(Dario).shares.get(share).await.unwrap().longer, None, "it is answered");

        // Shorter, in the zone in which it was typed: 20:00 in Kolkata is 14:30 in UTC.
        let day = all.app_state().now().plus_seconds(2 * DAY).to_date();
        let form = EndForm { zone: "Asia/Kolkata".into(), ..until("date", &format!("{day}T20:00")) };
        all.ask(Ana).shares.set_end(share, form).await.unwrap();
        assert_eq!(ends().await.unwrap().to_minutes(), format!("{day} 14:30 UTC"));
        let past = all.ask(Ana).shares.set_end(share, until("date", "2020-01-01T10:00")).await;
        assert!(matches!(past, Err(Fault::Invalid(_))), "{past:?}");

        // The old end does nothing, the new one does.
        all.ask(Ana).shares.set_end(share, until("month", "")).await.unwrap();
        all.app.clock.advance_seconds(10 * DAY);
        assert_eq!(end_what_is_over(all.app_state()).await.unwrap(), 0);
        all.app.clock.advance_seconds(21 * DAY);
        assert_eq!(end_what_is_over(all.app_state()).await.unwrap(), 1);
        all.drain().await;
        assert!(all.state(share).await.is_over());
        let late = all.ask(Ana).shares.set_end(share, until("month", "")).await;
        assert!(matches!(late, Err(Fault::Conflict(_))), "{late:?}");
    }
}

/// Somebody else opened the invite: the old one is deleted, and the right account gets another one.
#[tokio::test]
async fn an_invite_that_the_wrong_account_opened_is_replaced_by_one_for_the_right_one() {
    let all = Neighbours::demo().await;
    let mut witness = all.witness().await;
    let ana = all.connect(Ana).await;
    let share = all.accepted(Ana, all.node(ana, "maple").await, "tcp:25565", Dario).await;
    all.approved(Ana, share).await;
    all.drain().await;
    let link = async || all.ask(Dario).shares.get(share).await.unwrap().invite_link.unwrap();
    let first = link().await;
    assert!(
        matches!(all.ask(Ana).shares.renew_invite(share).await, Err(Fault::Conflict(_))),
        "nobody opened it"
    );
    all.demo.simulator.accept("chiara", "chiara@github", &first).unwrap();
    all.app.clock.advance_seconds(60);
    all.drain().await;
    assert!(all.ask(Ana).shares.get(share).await.unwrap().can_renew_invite);
    all.ask(Ana).shares.renew_invite(share).await.unwrap();
    all.drain().await;
    assert!(
        matches!(all.state(share).await, ShareState::WaitingForFriend { .. }),
        "{:?}",
        all.state(share).await
    );
    assert_eq!(all.invites("ana"), 1);
    let second = link().await;
    assert_ne!(first, second);
    all.demo.simulator.accept("dario", "dario@nopal.example", &second).unwrap();
    all.app.clock.advance_seconds(60);
    all.drain().await;
    assert!(matches!(all.state(share).await, ShareState::Active { .. }), "{:?}", all.state(share).await);
    let given = all.demo.simulator.tailnet("ana").unwrap().shares;
    assert_eq!(given.iter().map(|one| one.recipient.as_str()).collect::<Vec<_>>(), ["dario@nopal.example"]);
    all.all_is_well(&mut witness, Moment::Rest, "the right account has it").await;
}
