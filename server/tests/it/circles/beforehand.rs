//! What was approved beforehand opens by itself where the plan is clean, and waits for a review where it is not.

use app::ports::audit::Query;
use app::ports::circles::Leaver;
use app::ports::offers::OfferForm;
use model::{OfferId, ServiceId, ShareId, ShareState, TailnetRole};
use simulator::{Fault as Trouble, FaultRule, Moment, Operation};

use super::{Stage, offer};
use crate::harness::Who::{Ana, Ben, Chiara, Dario};
use crate::harness::database::TestDatabase;

impl Stage {
    /// Minecraft for the people of Ana's circle, in a tailnet whose policy lets no friend in by itself.
    pub(super) async fn beforehand(database: TestDatabase, days: &str) -> Self {
        let stage = Self::on(database).await;
        stage.narrow();
        stage.all.ask(Ana).circles.approve(stage.circle, "minecraft".into(), days.into()).await.unwrap();
        stage
    }

    fn narrow(&self) {
        let text = self.all.policy("ana");
        let all = [r#"{"src": ["*"], "dst""#, r#"{"src": ["autogroup:member", "autogroup:tagged"], "dst""#];
        self.edit(&text.replace(all[0], all[1]));
    }

    fn edit(&self, text: &str) {
        self.all.demo.simulator.edit_policy("ana", text).unwrap();
    }

    /// The control plane is in trouble at this call, so often.
    fn fails(&self, operation: Operation, status: u16, times: u32) {
        self.all.demo.simulator.fail(FaultRule {
            target: operation.into(),
            fault: Trouble::Status { status, message: None },
            times,
            moment: Moment::BeforeEffect,
        });
    }

    /// Offered to Dario by name, until then.
    async fn offered(&self, until: &str) -> OfferId {
        let service = self.listed("nobody", vec![]).await;
        self.offered_one(service, until).await
    }

    pub(super) async fn offered_one(&self, service: ServiceId, until: &str) -> OfferId {
        let person = self.all.people[Dario].id.to_string();
        let form = OfferForm { person, until: until.into(), ..offer(service, "person") };
        self.all.ask(Ana).offers.create(form).await.unwrap().0
    }

    pub(super) async fn waits_for_review(&self, share: ShareId) -> bool {
        self.all.drain().await;
        let waits = matches!(self.all.state(share).await, ShareState::Accepted { again: None });
        waits && !self.all.policy("ana").contains(&share.to_string())
    }
}

/// Sabotage: the job not queued in `accept_offer`; `beforehand` left out of the approval.
#[tokio::test]
async fn it_opens_without_a_review_with_the_plan_and_who_approved_it_on_record() {
    for database in TestDatabase::each().await {
        let stage = Stage::beforehand(database, "30").await;
        let all = &stage.all;
        let before = all.policy("ana");
        let share = stage.accepts(Dario, stage.offered("month").await).await;
        all.drain().await;
        assert!(matches!(all.state(share).await, ShareState::Active { .. }), "{:?}", all.state(share).await);
        let stored = all.app_state().db.find_share(share).await.unwrap().unwrap();
        let yes = stored.deeds.approved.unwrap();
        assert_eq!((yes.by, yes.beforehand), (all.people[Ana].id, Some(stage.circle)));
        assert_eq!(yes.lines.len(), 1, "{:?}", yes.lines);
        let trail = all.ask(Ana).audit.list(Query::default()).await.unwrap().entries;
        let said: Vec<_> =
            trail.iter().filter(|entry| entry.what.contains("approved beforehand for shares")).collect();
        assert_eq!(said.len(), 1);
        assert!(!said[0].what.contains("Players"), "its friend reads this, and not the name of the circle");
        all.ask(Dario).shares.end(share).await.unwrap();
        all.drain().await;
        assert_eq!(all.policy("ana"), before);
    }
}

/// Sabotage: `clean` that takes every plan; `why_not_beforehand` left out of the page of a share.
#[tokio::test]
async fn a_wildcard_that_is_added_between_accept_and_apply_goes_to_review() {
    for database in TestDatabase::each().await {
        let stage = Stage::beforehand(database, "30").await;
        let narrow = stage.all.policy("ana");
        let share = stage.accepts(Dario, stage.offered("month").await).await;
        let wide = narrow
            .replace(r#"{"src": ["autogroup:member", "autogroup:tagged"], "dst""#, r#"{"src": ["*"], "dst""#);
        assert_ne!(wide, narrow);
        stage.edit(&wide);
        assert!(stage.waits_for_review(share).await, "{:?}", stage.all.state(share).await);
        assert_eq!(stage.all.policy("ana"), wide);
        let review = stage.all.ask(Ana).shares.review(share).await.unwrap();
        assert!(
            review.warnings.iter().any(|warning| warning.contains("approved this kind beforehand")),
            "{:?}",
            review.warnings
        );
        let reason = stage.all.ask(Ana).shares.get(share).await.unwrap().gate.reason;
        assert!(
            reason.as_ref().is_some_and(|why| why.contains("waits for a yes all the same")),
            "{reason:?}"
        );
        assert_eq!(stage.all.ask(Dario).shares.get(share).await.unwrap().gate.reason, None);
        // Her yes opens it as any other.
        stage.all.approved(Ana, share).await;
        stage.all.drain().await;
        assert!(matches!(stage.all.state(share).await, ShareState::Active { .. }));
    }
}

/// The same after the yes was said by itself, before the rule is written.
///
/// Sabotage: the plan not compared with the agreed one in the job of a share.
#[tokio::test]
async fn a_wildcard_that_is_added_after_the_yes_and_before_the_rule_goes_to_review_too() {
    let stage = Stage::beforehand(TestDatabase::sqlite().await, "30").await;
    let all = &stage.all;
    let share = stage.accepts(Dario, stage.offered("month").await).await;
    // The rule cannot be written at first.
    stage.fails(Operation::SetPolicy, 500, 1);
    all.drain().await;
    assert!(all.app_state().db.find_share(share).await.unwrap().unwrap().deeds.approved.is_some());
    let text = all.policy("ana");
    assert!(!text.contains(&share.to_string()));
    stage.edit(
        &text
            .replace(r#"{"src": ["autogroup:member", "autogroup:tagged"], "dst""#, r#"{"src": ["*"], "dst""#),
    );
    all.app.clock.advance_seconds(3600);
    all.drain().await;
    let now = all.state(share).await;
    assert!(matches!(now, ShareState::Accepted { again: Some(_) }), "{now:?}");
    assert!(!all.policy("ana").contains(&share.to_string()));
}

/// Sabotage: any one of the conditions of `say_yes` left out.
#[tokio::test]
async fn everything_that_is_not_covered_waits_for_a_review() {
    type Change = for<'a> fn(&'a Stage) -> std::pin::Pin<Box<dyn Future<Output = ()> + 'a>>;
    let changes: [(&str, &str, Change); 5] = [
        ("it lasts longer", "month", |stage| {
            Box::pin(async {
                let circles = stage.all.ask(Ana).circles;
                circles.approve(stage.circle, "minecraft".into(), "7".into()).await.unwrap();
            })
        }),
        ("it has no end", "ended", |_| Box::pin(async {})),
        ("of another kind", "month", |stage| {
            Box::pin(async {
                let circles = stage.all.ask(Ana).circles;
                circles.ask_me(stage.circle, model::ServiceKind::Minecraft).await.unwrap();
                circles.approve(stage.circle, "http".into(), "30".into()).await.unwrap();
            })
        }),
        ("he left the circle", "month", |stage| {
            Box::pin(async {
                let dario = Leaver::One(stage.all.people[Dario].id);
                stage.all.ask(Ana).circles.leave(stage.circle, dario, vec![]).await.unwrap();
            })
        }),
        ("the policy is refused", "month", |stage| {
            Box::pin(async {
                stage.fails(Operation::ValidatePolicy, 500, 1);
            })
        }),
    ];
    for (told, until, change) in changes {
        let stage = Stage::beforehand(TestDatabase::sqlite().await, "30").await;
        let offered = stage.offered(until).await;
        change(&stage).await;
        let share = stage.accepts(Dario, offered).await;
        assert!(stage.waits_for_review(share).await, "{told}: {:?}", stage.all.state(share).await);
    }
}

/// Sabotage: the stewards left out of, or everybody let into, the condition of `GIVEN`.
#[tokio::test]
async fn a_steward_may_approve_beforehand_and_nobody_who_does_not_look_after_the_tailnet() {
    let stage = Stage::on(TestDatabase::sqlite().await).await;
    stage.narrow();
    let all = &stage.all;
    // Ben meets Dario, and approves for a circle of his own.
    let ben = all.connect(Ben).await;
    let node = all.app_state().db.list_nodes(ben).await.unwrap().remove(0).id;
    let service = all.listed(Ben, node, "tcp:25565").await;
    let (_, token) = all.ask(Ben).offers.create(offer(service, "link")).await.unwrap();
    all.ask(Dario).offers.decline(token).await.unwrap();
    let circles = all.ask(Ben).circles;
    let circle = circles.create("Players".into()).await.unwrap();
    circles.add(circle, all.people[Dario].id.to_string()).await.unwrap();
    circles.approve(circle, "minecraft".into(), "30".into()).await.unwrap();
    let share = stage.accepts(Dario, stage.offered("month").await).await;
    assert!(stage.waits_for_review(share).await, "he has nothing to say there");

    let ben = all.people[Ben].id.to_string();
    all.ask(Ana).stewards.add(stage.ana, ben, TailnetRole::Steward).await.unwrap();
    let share = stage.accepts(Dario, stage.offered("month").await).await;
    all.drain().await;
    assert!(matches!(all.state(share).await, ShareState::Active { .. }), "{:?}", all.state(share).await);
}

/// Sabotage: `ending` empty in `hangs_on`.
#[tokio::test]
async fn what_was_approved_through_a_circle_alone_and_is_not_open_ends_with_leaving() {
    let stage = Stage::beforehand(TestDatabase::sqlite().await, "30").await;
    let all = &stage.all;
    let share = stage.accepts(Dario, stage.offered("month").await).await;
    stage.fails(Operation::SetPolicy, 500, 1);
    all.drain().await;
    let dario = Leaver::One(all.people[Dario].id);
    let plan = all.ask(Ana).circles.plan_leaving(stage.circle, dario).await.unwrap();
    assert_eq!((plan.ending.len(), plan.open.len()), (1, 0));
    all.ask(Ana).circles.leave(stage.circle, dario, vec![]).await.unwrap();
    all.app.clock.advance_seconds(3600);
    all.drain().await;
    assert!(all.state(share).await.is_over(), "{:?}", all.state(share).await);
    assert!(!all.policy("ana").contains(&share.to_string()));
}

/// Sabotage: `Unplanned::Plane` answered with `No`.
#[tokio::test]
async fn a_control_plane_that_is_away_is_asked_again() {
    let stage = Stage::beforehand(TestDatabase::sqlite().await, "30").await;
    let all = &stage.all;
    let offered = stage.offered("month").await;
    stage.fails(Operation::GetPolicy, 503, 100);
    let share = stage.accepts(Dario, offered).await;
    assert!(stage.waits_for_review(share).await);
    all.demo.simulator.clear_faults();
    all.app.clock.advance_seconds(3600);
    all.drain().await;
    assert!(matches!(all.state(share).await, ShareState::Active { .. }), "{:?}", all.state(share).await);
}

/// Sabotage: `retry_after` not looked at in `later`, or taken as it is.
#[tokio::test]
async fn a_control_plane_that_asks_to_wait_is_asked_when_it_said_or_after_an_hour_and_nothing_is_lost() {
    for (asks_for, waits) in [(1_200, 1_200), (30 * 86_400, 3_600)] {
        for database in TestDatabase::each().await {
            let stage = Stage::beforehand(database, "30").await;
            let (all, simulator) = (&stage.all, &stage.all.demo.simulator);
            let offered = stage.offered("month").await;
            simulator.fail(FaultRule {
                target: Operation::GetPolicy.into(),
                fault: Trouble::RateLimit { retry_after: Some(asks_for) },
                times: 1,
                moment: Moment::BeforeEffect,
            });
            let share = stage.accepts(Dario, offered).await;
            assert!(stage.waits_for_review(share).await, "{asks_for}: {:?}", all.state(share).await);
            let stored = all.app_state().db.find_share(share).await.unwrap().unwrap();
            assert!(stored.deeds.unasked, "{asks_for}: nobody has to be asked yet");
            simulator.clear_log();
            all.app.clock.advance_seconds(waits - 1);
            assert!(stage.waits_for_review(share).await, "{asks_for}: {:?}", all.state(share).await);
            assert_eq!(simulator.log(), [], "{asks_for}: not before");
            all.app.clock.advance_seconds(1);
            all.drain().await;
            let standing = all.state(share).await;
            assert!(matches!(standing, ShareState::Active { .. }), "{asks_for}: {standing:?}");
        }
    }
}

/// Sabotage: `login_of_friend` that takes what was written.
#[tokio::test]
async fn a_login_that_somebody_only_wrote_is_looked_at_by_its_owner_first() {
    let stage = Stage::beforehand(TestDatabase::sqlite().await, "60").await;
    let all = &stage.all;
    let offered = stage.offered("month").await;
    let written = Chiara.login().to_owned();
    let share = all.ask(Dario).offers.accept(offered.to_string(), written.clone()).await.unwrap();
    assert!(stage.waits_for_review(share).await, "who that is, nobody knows");
    all.approved(Ana, share).await;
    all.drain().await;
    // She opened it: from now on that login is known to be theirs here.
    let link = all.demo.simulator.tailnet("ana").unwrap().invites[0].url.clone();
    all.demo.simulator.accept("chiara", &written, &link).unwrap();
    all.app.clock.advance_seconds(3600);
    all.round().await;
    all.drain().await;
    assert!(matches!(all.state(share).await, ShareState::Active { .. }), "{:?}", all.state(share).await);
    let node = all.node(stage.ana, "maple").await;
    let other = all.listed(Ana, node, "tcp:25570").await;
    let offered = stage.offered_one(other, "month").await;
    let share = all.ask(Dario).offers.accept(offered.to_string(), written).await.unwrap();
    assert!(!stage.waits_for_review(share).await, "{:?}", all.state(share).await);
}

/// Sabotage: no job queued where an account is named.
#[tokio::test]
async fn who_had_no_account_yet_gets_it_once_they_name_one_that_is_theirs() {
    let stage = Stage::beforehand(TestDatabase::sqlite().await, "60").await;
    let all = &stage.all;
    let offered = stage.offered("month").await;
    let logins = match all.ask(Dario).offers.open(offered.to_string()).await.unwrap().answer {
        app::ports::offers::Answer::Possible { logins, .. } => logins,
        other => panic!("{other:?}"),
    };
    let share = all.ask(Dario).offers.accept_without_account(offered.to_string()).await.unwrap();
    all.drain().await;
    all.ask(Dario).shares.name_account(share, logins[0].clone()).await.unwrap();
    all.drain().await;
    assert!(matches!(all.state(share).await, ShareState::Active { .. }), "{:?}", all.state(share).await);
}

/// Sabotage: `unasked` left out of the facts of notices, or not taken away again.
#[tokio::test]
async fn an_owner_who_is_not_asked_is_not_told_to_review_and_one_who_is_reads_it_at_once() {
    let stage = Stage::beforehand(TestDatabase::sqlite().await, "60").await;
    let all = &stage.all;
    let waits = async || {
        let items = all.ask(Ana).inbox.home().await.unwrap().items;
        items.iter().any(|item| item.title.contains("review what it opens"))
    };
    let share = stage.accepts(Dario, stage.offered("month").await).await;
    assert!(!waits().await);
    all.drain().await;
    assert!(matches!(all.state(share).await, ShareState::Active { .. }));
    let share = stage.accepts(Dario, stage.offered("ended").await).await;
    assert!(!waits().await, "a job looks first");
    assert!(stage.waits_for_review(share).await);
    assert!(waits().await);
}
