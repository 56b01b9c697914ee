//! What was approved beforehand needs no asking: whoever sees it gets it, within what was approved and by the same limits.

use app::fault::Fault;
use app::ports::circles::Leaver;
use app::ports::shares::EndForm;
use model::host::May;
use model::{AskAnswer, ServiceId, ShareId, ShareState};

use super::Stage;
use crate::harness::Who::{Ana, Ben, Dario};
use crate::harness::database::TestDatabase;

fn until(until: &str) -> EndForm {
    EndForm { until: until.into(), ..EndForm::default() }
}

impl Stage {
    /// With the first account that his page proposes, if it does.
    pub(super) async fn takes(&self, service: ServiceId, end: &str) -> Result<ShareId, Fault> {
        let asked = self.all.ask(Dario);
        let terms = asked.services.get(service).await?.at_once;
        let login = terms.map_or_else(|| Dario.login().to_owned(), |terms| terms.logins[0].clone());
        asked.asks.take(service, login, until(end)).await
    }

    async fn asks_owner_to_review(&self) -> bool {
        let items = self.all.ask(Ana).inbox.home().await.unwrap().items;
        items.iter().any(|item| item.title.contains("review what it opens"))
    }
}

/// Sabotage: the job not queued in `take_beforehand`, or `circle` left out of its offer.
#[tokio::test]
async fn who_is_in_the_circle_gets_it_without_asking_and_it_opens_by_itself() {
    for database in TestDatabase::each().await {
        let stage = Stage::beforehand(database, "30").await;
        let all = &stage.all;
        let service = stage.listed("people", vec![stage.circle]).await;
        let terms = all.ask(Dario).services.get(service).await.unwrap().at_once.unwrap();
        assert_eq!((terms.days, terms.on_server), (30, false));
        let share = stage.takes(service, "month").await.unwrap();
        assert_eq!(stage.waiting(Dario).await, [], "nothing waits for his answer");
        assert!(!stage.asks_owner_to_review().await);
        all.drain().await;
        assert!(matches!(all.state(share).await, ShareState::Active { .. }), "{:?}", all.state(share).await);
        let stored = all.app_state().db.find_share(share).await.unwrap().unwrap();
        let yes = stored.deeds.approved.unwrap();
        assert_eq!((yes.by, yes.beforehand), (all.people[Ana].id, Some(stage.circle)));
        all.check_notices().await;
        assert_eq!(all.ask(Dario).services.get(service).await.unwrap().at_once, None, "he has it");
        assert!(matches!(stage.takes(service, "month").await, Err(Fault::Conflict(_))));
        // It came by the circle.
        let dario = Leaver::One(all.people[Dario].id);
        let plan = all.ask(Ana).circles.plan_leaving(stage.circle, dario).await.unwrap();
        assert_eq!(plan.open.iter().map(|(id, _)| *id).collect::<Vec<_>>(), [share]);
    }
}

/// Sabotage: `Judged::Ask` taken for clean in `say_yes`.
#[tokio::test]
async fn what_opens_more_waits_for_its_owner_as_after_any_yes() {
    let stage = Stage::on(TestDatabase::sqlite().await).await;
    let all = &stage.all;
    all.ask(Ana).circles.approve(stage.circle, "minecraft".into(), "30".into()).await.unwrap();
    let service = stage.listed("people", vec![stage.circle]).await;
    let share = stage.takes(service, "month").await.unwrap();
    assert!(stage.waits_for_review(share).await, "{:?}", all.state(share).await);
    assert!(stage.asks_owner_to_review().await);
}

/// Sabotage: any one of the answers of `refused` in `store/taking.rs`, of `not_now`, or of `take_one` left out.
#[tokio::test]
async fn nothing_is_got_that_was_not_approved_or_by_who_may_not_know_of_it() {
    for database in TestDatabase::each().await {
        let stage = Stage::beforehand(database, "7").await;
        let all = &stage.all;
        let service = stage.listed("people", vec![stage.circle]).await;
        for end in ["month", "ended", "someday"] {
            let wrong = stage.takes(service, end).await;
            assert!(
                matches!(&wrong, Err(Fault::Invalid(errors)) if errors[0].0 == "until"),
                "{end}: {wrong:?}"
            );
        }
        let take = async |who, service| {
            all.ask(who)
                .asks
                .take(service, "somebody@example.com".into(), until("evening"))
                .await
                .unwrap_err()
        };
        assert_eq!(take(Ana, service).await, Fault::Forbidden);
        assert_eq!(take(Ben, service).await, Fault::NotFound, "it is shown to the circle alone");
        let hidden = stage.listed("nobody", vec![]).await;
        assert_eq!(take(Dario, hidden).await, Fault::NotFound);
        let listed = stage.listed("everybody", vec![]).await;
        assert_eq!(all.ask(Ben).services.get(listed).await.unwrap().at_once, None);
        assert!(matches!(take(Ben, listed).await, Fault::Conflict(_)), "he is in no circle");
        all.ask(Ana).circles.ask_me(stage.circle, model::ServiceKind::Minecraft).await.unwrap();
        assert!(matches!(take(Dario, service).await, Fault::Conflict(_)), "she is asked again");
        assert!(all.app_state().db.list_open_shares(stage.ana).await.unwrap().readable().is_empty());
    }
}

/// Sabotage: either half of `not_now` left out.
#[tokio::test]
async fn who_waits_for_an_answer_gets_it_and_who_was_told_no_or_gave_it_back_does_not_at_once() {
    let stage = Stage::beforehand(TestDatabase::sqlite().await, "7").await;
    let all = &stage.all;
    let service = stage.listed("people", vec![stage.circle]).await;
    all.ask(Dario).asks.create(service, until("month")).await.unwrap();
    let share = stage.takes(service, "weekend").await.unwrap();
    let ask = all.app_state().db.find_ask_of(service, all.people[Dario].id).await.unwrap().unwrap();
    assert_eq!(ask.answer, Some(AskAnswer::Offered), "nobody has to answer it");
    all.drain().await;
    all.ask(Dario).shares.end(share).await.unwrap();
    all.drain().await;
    let again = stage.takes(service, "weekend").await;
    assert!(matches!(again, Err(Fault::Conflict(_))), "back and forth: {again:?}");
    all.app.clock.advance_seconds(3_601);
    let share = stage.takes(service, "weekend").await.unwrap();
    all.drain().await;
    assert!(matches!(all.state(share).await, ShareState::Active { .. }), "{:?}", all.state(share).await);

    let other = stage.listed("people", vec![stage.circle]).await;
    all.ask(Dario).asks.create(other, until("month")).await.unwrap();
    let ask = all.app_state().db.find_ask_of(other, all.people[Dario].id).await.unwrap().unwrap();
    all.ask(Ana).asks.decline(ask.id, String::new()).await.unwrap();
    assert_eq!(all.ask(Dario).services.get(other).await.unwrap().at_once, None);
    let refused = stage.takes(other, "weekend").await;
    assert!(matches!(refused, Err(Fault::Conflict(_))), "{refused:?}");
}

/// Sabotage: `no` left out of `Last::again`.
#[tokio::test]
async fn what_its_owner_ended_is_not_got_again_on_the_same_day() {
    for database in TestDatabase::each().await {
        let stage = Stage::beforehand(database, "7").await;
        let all = &stage.all;
        let service = stage.listed("people", vec![stage.circle]).await;
        let share = stage.takes(service, "weekend").await.unwrap();
        all.drain().await;
        all.app.clock.advance_seconds(2 * 3_600);
        all.ask(Ana).shares.end(share).await.unwrap();
        all.drain().await;
        for seconds in [0, 86_000] {
            all.app.clock.advance_seconds(seconds);
            let again = stage.takes(service, "weekend").await;
            let Err(Fault::Conflict(why)) = &again else { panic!("after {seconds} seconds: {again:?}") };
            assert!(why.what.contains("not given again without asking"), "{why:?}");
        }
        all.app.clock.advance_seconds(401);
        stage.takes(service, "weekend").await.unwrap();
        all.drain().await;
    }
}

/// Nobody but its machine put it before him.
///
/// Sabotage: `declared` left out of `FOR` in `store/taking.rs`.
#[tokio::test]
async fn what_a_machine_lists_and_shows_by_itself_is_asked_for() {
    for database in TestDatabase::each().await {
        let stage = Stage::beforehand(database, "7").await;
        let all = &stage.all;
        let maple = all.node(stage.ana, "maple").await;
        let may = May { lists: true, ..May::default() };
        let token = all.ask(Ana).hosts.make_token(maple, may).await.unwrap();
        let lists = async |text: &str| {
            let listing = server::hosts::told_services(all.app_state(), maple, &token, text).await.unwrap();
            listing.services["Minecraft"]
        };
        let service = lists(r#"{ "Minecraft": { "ports": ["tcp:22"], "audience": "everybody" } }"#).await;
        assert_eq!(all.ask(Dario).services.get(service).await.unwrap().at_once, None);
        let outcome = stage.takes(service, "weekend").await;
        assert!(matches!(outcome, Err(Fault::Conflict(_))), "{outcome:?}");
        all.ask(Dario).asks.create(service, until("weekend")).await.unwrap();

        // Where it does not say, she shows it to them.
        assert_eq!(lists(r#"{ "Minecraft": { "ports": ["tcp:22"] } }"#).await, service);
        let shown = all.ask(Ana).services.edit_form(service).await.unwrap().form;
        let shown = app::ports::services::ServiceForm {
            audience: "people".into(),
            circles: vec![stage.circle],
            ..shown
        };
        all.ask(Ana).services.update(service, shown).await.unwrap();
        stage.takes(service, "weekend").await.unwrap();
        all.drain().await;
    }
}
