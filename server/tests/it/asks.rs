//! Somebody to whom a service is listed asks for an offer of it, and those who give it answer.

mod hidden;
mod waiting;

use app::fault::Fault;
use app::ports::asks::{AskStands, OwnAsk};
use app::ports::audit::{Filters, Query};
use app::ports::inbox::{Item, Kind};
use app::ports::shares::EndForm;
use model::{AskAnswer, AskId, PersonId, Wished};

use crate::harness::app::config;
use crate::harness::database::TestDatabase;
use crate::harness::{TestApp, World};

const HOUR: i64 = 3_600;
const DAY: i64 = 24 * HOUR;

/// An app with its world: the service is shown to Lea, and not to Olaf.
struct Stage {
    app: TestApp,
    world: World,
}

impl Stage {
    async fn each() -> Vec<Self> {
        let mut all = Vec::new();
        for database in TestDatabase::each().await {
            let app = TestApp::on(config(), database);
            let world = World::seed(&app).await;
            all.push(Self { app, world });
        }
        all
    }

    async fn asks(&self, who: PersonId) -> Result<AskId, Fault> {
        let form =
            EndForm { until: "evening".into(), note: "We would build a mill.".into(), ..EndForm::default() };
        self.app.ask(who).asks.create(self.world.service, form).await?;
        let ask = self.app.state.db.find_ask_of(self.world.service, who).await.unwrap();
        Ok(ask.unwrap().id)
    }

    /// What waits for somebody of an ask, or became of one.
    async fn told(&self, who: PersonId) -> Vec<Item> {
        let wrong = self.app.state.db.check_notices(self.app.state.now()).await.unwrap();
        assert!(wrong.is_empty(), "{}", wrong.join("\n"));
        let items = self.app.ask(who).inbox.home().await.unwrap().items;
        items
            .into_iter()
            .filter(|item| item.title.contains("asks for") || item.title.contains("declined to offer"))
            .collect()
    }

    async fn own(&self, who: PersonId) -> Option<OwnAsk> {
        self.app.ask(who).services.get(self.world.service).await.unwrap().ask
    }
}

fn conflict<T: std::fmt::Debug>(outcome: Result<T, Fault>) -> String {
    match outcome {
        Err(Fault::Conflict(words)) => words.to_string(),
        other => panic!("refused in words, not {other:?}"),
    }
}

#[tokio::test]
async fn what_is_asked_for_waits_for_those_who_give_it_and_a_click_offers_it_as_it_was_wished() {
    for stage in Stage::each().await {
        let (app, world) = (&stage.app, &stage.world);
        assert_eq!(stage.own(world.listed).await, Some(OwnAsk::No));
        let id = stage.asks(world.listed).await.unwrap();
        for giver in [world.owner, world.steward] {
            let told = stage.told(giver).await;
            let [item] = &told[..] else { panic!("{told:?}") };
            assert_eq!((item.title.as_str(), item.kind), ("Lea asks for Minecraft on maple", Kind::Review));
            let detail = item.detail.as_deref();
            assert_eq!(detail, Some("They would like it for an evening. We would build a mill."));
            assert_eq!((item.href.clone(), item.dismiss.clone()), (format!("/asks/{id}"), None));
        }
        for other in [world.listed, world.friend, world.other, world.instance_owner] {
            assert_eq!(stage.told(other).await, []);
        }
        assert!(matches!(stage.own(world.listed).await, Some(OwnAsk::Waits { .. })));
        let listed = app.ask(world.owner).services.get(world.service).await.unwrap().asking;
        assert_eq!(listed.iter().map(|one| (one.id, one.who.as_str())).collect::<Vec<_>>(), [(id, "Lea")]);

        // The next day: an evening begins with the answer.
        app.clock.advance_seconds(DAY);
        let giving = app.ask(world.steward);
        let view = giving.offers.form_for(id).await.unwrap();
        let (form, lea) = (view.form, world.listed.to_string());
        assert_eq!((form.to.as_str(), &form.person, form.until.as_str()), ("person", &lea, "evening"));
        assert!(view.people.iter().any(|person| person.id == world.listed));
        giving.offers.create(form).await.unwrap();
        for giver in [world.owner, world.steward] {
            assert_eq!(stage.told(giver).await, [], "it is answered");
        }
        assert_eq!(giving.asks.get(id).await.unwrap().stands, AskStands::Answered(AskAnswer::Offered));
        let Some(OwnAsk::Offered(offer)) = stage.own(world.listed).await else { panic!("an offer") };
        let offers = app.ask(world.listed).inbox.home().await.unwrap().items;
        assert!(offers.iter().any(|item| item.kind == Kind::Offer), "told by the offer: {offers:?}");
        let login = "lea@example.com".to_owned();
        app.ask(world.listed).offers.accept(offer.to_string(), login).await.unwrap();
        assert_eq!(stage.own(world.listed).await, None, "they have it");
        stage.told(world.owner).await;
    }
}

#[tokio::test]
async fn a_no_is_told_with_its_word_and_the_same_can_be_asked_a_day_later() {
    for stage in Stage::each().await {
        let (app, world) = (&stage.app, &stage.world);
        let id = stage.asks(world.listed).await.unwrap();
        app.ask(world.owner).asks.decline(id, "Not while we repair it.".into()).await.unwrap();
        assert_eq!(stage.told(world.owner).await, []);
        let told = stage.told(world.listed).await;
        let [item] = &told[..] else { panic!("{told:?}") };
        assert_eq!((item.title.as_str(), item.kind), ("Ana declined to offer you Minecraft", Kind::News));
        assert_eq!(item.detail.as_deref(), Some("Not while we repair it."));
        assert_eq!(item.href, format!("/services/{}#ask", world.service));
        let answered = app.state.now();
        let again = Some(answered.plus_seconds(DAY));
        let said = "Not while we repair it.".to_owned();
        let declined = OwnAsk::Declined { at: answered, word: said, again };
        assert_eq!(stage.own(world.listed).await, Some(declined));
        let words = conflict(stage.asks(world.listed).await);
        assert!(words.starts_with("You can ask for Minecraft again on "), "{words}");
        conflict(app.ask(world.owner).asks.decline(id, String::new()).await);

        // News can be put aside, by whom it is for.
        let dismiss = item.dismiss.clone().unwrap();
        app.ask(world.owner).inbox.dismiss(dismiss.clone()).await.unwrap();
        assert_eq!(stage.told(world.listed).await.len(), 1);
        app.ask(world.listed).inbox.dismiss(dismiss).await.unwrap();
        assert_eq!(stage.told(world.listed).await, []);

        app.clock.advance_seconds(DAY);
        assert!(stage.own(world.listed).await.unwrap().may());
        let next = stage.asks(world.listed).await.unwrap();
        assert_ne!(next, id, "asking again is a new one");
        assert_eq!(stage.told(world.owner).await.len(), 1);
        assert!(matches!(app.ask(world.owner).asks.get(id).await, Err(Fault::NotFound)));
    }
}

#[tokio::test]
async fn later_leaves_those_who_give_it_in_peace_for_three_days_and_whoever_asked_waits_on() {
    for stage in Stage::each().await {
        let (app, world) = (&stage.app, &stage.world);
        let id = stage.asks(world.listed).await.unwrap();
        app.ask(world.steward).asks.later(id).await.unwrap();
        for giver in [world.owner, world.steward] {
            assert_eq!(stage.told(giver).await, []);
        }
        assert!(matches!(stage.own(world.listed).await, Some(OwnAsk::Waits { .. })));
        assert_eq!(stage.told(world.listed).await, [], "they are told nothing");
        let seen = app.ask(world.listed).audit.list(Query { filters: Filters::default(), after: None }).await;
        let seen = seen.unwrap();
        assert!(!format!("{seen:?}").contains("put off"), "not in the trail either: {seen:?}");
        app.clock.advance_seconds(3 * DAY - 1);
        assert_eq!(stage.told(world.owner).await, []);
        app.clock.advance_seconds(1);
        assert_eq!(stage.told(world.owner).await.len(), 1);
        app.ask(world.owner).asks.decline(id, String::new()).await.unwrap();
        conflict(app.ask(world.owner).asks.later(id).await);
    }
}

#[tokio::test]
async fn who_asked_takes_it_back_and_asks_again_after_an_hour() {
    for stage in Stage::each().await {
        let (app, world) = (&stage.app, &stage.world);
        let id = stage.asks(world.listed).await.unwrap();
        let asked = app.state.now();
        app.clock.advance_seconds(60);
        assert_eq!(app.ask(world.listed).asks.withdraw(id).await, Ok(world.service));
        assert_eq!(stage.told(world.owner).await, []);
        assert_eq!(stage.own(world.listed).await, Some(OwnAsk::NotBefore(asked.plus_seconds(HOUR))));
        conflict(stage.asks(world.listed).await);
        conflict(app.ask(world.listed).asks.withdraw(id).await);
        app.clock.set(asked.plus_seconds(HOUR));
        stage.asks(world.listed).await.unwrap();
    }
}

#[tokio::test]
async fn what_nobody_answers_lapses_with_the_day_it_was_wished_for_or_after_thirty() {
    for stage in Stage::each().await {
        let (app, world) = (&stage.app, &stage.world);
        let listed = app.ask(world.listed);
        let date = |date: &str| EndForm { until: "date".into(), date: date.into(), ..EndForm::default() };
        let ends = app.state.now().plus_seconds(2 * DAY);
        listed.asks.create(world.service, date(&ends.to_string())).await.unwrap();
        let ask = app.state.db.find_ask_of(world.service, world.listed).await.unwrap().unwrap();
        assert_eq!((ask.until, ask.ends, ask.lapses), (Wished::Date, Some(ends), ends));
        app.clock.set(ends);
        assert_eq!(stage.told(world.owner).await, [], "nothing was written for that");
        assert_eq!(stage.own(world.listed).await, Some(OwnAsk::No));
        assert_eq!(app.ask(world.owner).asks.get(ask.id).await.unwrap().stands, AskStands::Lapsed);
        let view = app.ask(world.owner).offers.form_for(ask.id).await.unwrap();
        assert_eq!((view.form.until.as_str(), view.wished), ("month", None), "that day is over");

        let id = stage.asks(world.listed).await.unwrap();
        app.clock.advance_seconds(30 * DAY - 1);
        assert_eq!(stage.told(world.owner).await.len(), 1);
        app.clock.advance_seconds(1);
        assert_eq!(stage.told(world.owner).await, []);
        conflict(app.ask(world.owner).asks.decline(id, String::new()).await);
    }
}

/// What is wrong with it is said at its field, and what was typed comes back.
#[tokio::test]
async fn a_wish_that_cannot_be_read_comes_back_as_it_was_typed() {
    let app = TestApp::start().await;
    let world = World::seed(&app).await;
    let mut lea = app.signed_in(world.listed).await;
    let service = world.service.to_string();
    let fields =
        [("service", service.as_str()), ("until", "date"), ("date", "2020-01-01T10:00"), ("note", "Please?")];
    let answer = lea.post("/fn/asks/create", &fields).await;
    let page = lea.get(answer.location().unwrap()).await;
    assert!(page.text().contains("This has passed already"), "{}", page.text());
    assert!(page.body.contains("Please?") && page.body.contains("2020-01-01T10:00"), "{}", page.body);
    assert_eq!(app.state.db.find_ask_of(world.service, world.listed).await.unwrap(), None);
    let fields = [("service", service.as_str()), ("until", "weekend"), ("note", "Please?")];
    let answer = lea.post("/fn/asks/create", &fields).await;
    let page = lea.get(answer.location().unwrap()).await.text();
    for said in
        ["Asked. Those who can offer it", "waiting for Ana", "for a weekend", "Please?", "Take it back"]
    {
        assert!(page.contains(said), "{said}: {page}");
    }
}
