//! Nobody can fill the place for others: there is so much of each thing and no more, also when many ask at once.

mod crowd;
mod kept;
mod networks;
mod visitors;

use ::app::fault::Fault;
use ::app::ports::Backend;
use ::app::ports::offers::OfferForm;
use ::app::ports::services::ServiceForm;
use model::{OfferId, PersonId};
use server::config::{Config, Limits};

use crate::harness::database::TestDatabase;
use crate::harness::{TestApp, World, app};

/// Small ones.
const LIMITS: Limits = Limits {
    tailnets_per_person: 2,
    open_waits_per_tailnet: 3,
    offers_between_two: 3,
    offers_per_service: 5,
    asks_per_person: 2,
    circles_per_person: 2,
    people_per_circle: 3,
    services_per_tailnet: 4,
    sessions_per_person: 3,
    new_visitors_per_hour: 4,
    requests_per_second: u32::MAX,
};

fn limited(database: TestDatabase) -> TestApp {
    TestApp::on(Config { limits: LIMITS, ..app::config() }, database)
}

fn offer(world: &World, to: Option<PersonId>) -> OfferForm {
    OfferForm {
        service: world.service.to_string(),
        to: if to.is_some() { "person" } else { "link" }.into(),
        person: to.map(|to| to.to_string()).unwrap_or_default(),
        until: "ended".into(),
        ..OfferForm::default()
    }
}

fn service(name: &str) -> ServiceForm {
    ServiceForm {
        name: name.into(),
        kind: "http".into(),
        ports: "tcp:80".into(),
        audience: "everybody".into(),
        ..ServiceForm::default()
    }
}

fn conflict<T: std::fmt::Debug>(outcome: Result<T, Fault>) -> String {
    match outcome {
        Err(Fault::Conflict(words)) => words.to_string(),
        other => panic!("refused in words, not {other:?}"),
    }
}

/// So many ask at the same time; gives how many were let.
async fn at_once<T, F>(count: usize, ask: Backend, one: impl Fn(Backend) -> F) -> usize
where
    F: Future<Output = Result<T, Fault>> + Send + 'static,
    T: Send + 'static,
{
    let tasks: Vec<_> = (0..count).map(|_| tokio::spawn(one(ask.clone()))).collect();
    let mut let_in = 0;
    for task in tasks {
        match task.await.unwrap() {
            Ok(_) => let_in += 1,
            Err(Fault::Conflict(_)) => {}
            Err(other) => panic!("{other:?}"),
        }
    }
    let_in
}

#[tokio::test]
async fn of_one_person_to_another_there_are_so_many_open_offers_and_answering_makes_room() {
    for database in TestDatabase::each().await {
        let app = limited(database);
        let world = World::seed(&app).await;
        let ask = app.ask(world.owner);
        // Of one service a second offer extends the first: each is of another one.
        let mut services = vec![world.service];
        for name in ["one", "two", "three"] {
            services.push(ask.services.create(world.node, service(name)).await.unwrap());
        }
        let of = |at: usize, to: Option<PersonId>| OfferForm {
            service: services[at].to_string(),
            ..offer(&world, to)
        };
        let friend = Some(world.friend);
        let mut made: Vec<OfferId> = Vec::new();
        for at in 0..3 {
            made.push(ask.offers.create(of(at, friend)).await.unwrap().0);
        }
        let words = conflict(ask.offers.create(of(3, friend)).await);
        assert!(words.starts_with("3 offers of yours to Dario are not answered yet"), "{words}");
        assert!(words.ends_with("Nothing was changed."), "{words}");
        // Others are offered to all the same, and by others.
        ask.offers.create(of(0, Some(world.listed))).await.unwrap();

        let other = app.ask(world.friend);
        other.offers.decline(made[0].to_string()).await.unwrap();
        ask.offers.create(of(3, friend)).await.unwrap();
        ask.offers.withdraw(made[1]).await.unwrap();
        ask.offers.create(of(1, friend)).await.unwrap();
        conflict(ask.offers.create(of(0, friend)).await);
        // An address is somebody too, however it is written.
        app.clock.advance_seconds(20 * 86_400);
        let to_address =
            |at: usize, email: &str| OfferForm { to: "email".into(), email: email.into(), ..of(at, None) };
        for at in 0..3 {
            ask.offers.create(to_address(at, "eve@example.com")).await.unwrap();
        }
        conflict(ask.offers.create(to_address(3, "Eve@Example.com")).await);
    }
}

#[tokio::test]
async fn of_one_service_there_are_so_many_open_offers() {
    for database in TestDatabase::each().await {
        let app = limited(database);
        let world = World::seed(&app).await;
        let ask = app.ask(world.owner);
        // One is in the world.
        for _ in 0..4 {
            ask.offers.create(offer(&world, None)).await.unwrap();
        }
        let words = conflict(app.ask(world.steward).offers.create(offer(&world, None)).await);
        assert!(words.starts_with("5 offers of Minecraft are open"), "{words}");
        app.clock.advance_seconds(15 * 86_400);
        ask.offers.create(offer(&world, None)).await.map(drop).expect("those have lapsed");
    }
}

#[tokio::test]
async fn of_one_tailnet_there_are_so_many_services_and_a_changed_one_is_no_new_one() {
    for database in TestDatabase::each().await {
        let app = limited(database);
        let world = World::seed(&app).await;
        let ask = app.ask(world.owner);
        let form = service;
        let mut last = world.service;
        for name in ["one", "two", "three"] {
            last = ask.services.create(world.node, form(name)).await.unwrap();
        }
        let words = conflict(ask.services.create(world.node, form("four")).await);
        assert!(words.starts_with("This tailnet has 4 services"), "{words}");
        ask.services.update(last, form("renamed")).await.unwrap();
        ask.services.remove(last).await.unwrap();
        ask.services.create(world.node, form("four")).await.unwrap();
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn whoever_asks_many_times_at_once_gets_no_more() {
    for database in TestDatabase::each().await {
        let app = limited(database);
        let world = World::seed(&app).await;
        let to = offer(&world, Some(world.friend));
        let made = at_once(10, app.ask(world.owner), |ask| {
            let to = to.clone();
            async move { ask.offers.create(to).await }
        });
        assert_eq!(made.await, 10, "each extends the first");
        let open = app.ask(world.owner).offers.list(false, None).await.unwrap().gates;
        assert_eq!(open.iter().filter(|gate| gate.who == "Dario").count(), 1, "{open:?}");
        let link = offer(&world, None);
        let made = at_once(10, app.ask(world.steward), |ask| {
            let link = link.clone();
            async move { ask.offers.create(link).await }
        });
        // One is in the world, and one was made above.
        assert_eq!(made.await, 3);
        let node = world.node;
        let made = at_once(10, app.ask(world.owner), |ask| async move {
            let form = ServiceForm {
                name: "Forge".into(),
                kind: "git".into(),
                ports: "tcp:22".into(),
                audience: "nobody".into(),
                ..ServiceForm::default()
            };
            ask.services.create(node, form).await
        });
        assert_eq!(made.await, 3);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn with_one_browser_too_many_the_one_that_was_not_used_for_longest_is_signed_out() {
    for database in TestDatabase::each().await {
        let app = limited(database);
        let ana = app.person("Ana").await;
        let mut first = app.signed_in(ana).await;
        let mut second = app.signed_in(ana).await;
        let mut third = app.signed_in(ana).await;
        app.clock.advance_seconds(120);
        assert!(first.get("/account").await.status.is_success());
        let mut fourth = app.signed_in(ana).await;
        assert!(!second.get("/account").await.status.is_success(), "the oldest goes");
        for browser in [&mut first, &mut third, &mut fourth] {
            assert!(browser.get("/account").await.status.is_success());
        }
        let bea = app.person("Bea").await;
        let mut beas = app.signed_in(bea).await;
        futures_util::future::join_all((0..10).map(|_| app.signed_in(ana))).await;
        let left = app
            .state
            .db
            .list_sessions(ana, app.state.now(), app.state.config.session_lifetime, None, 100)
            .await
            .unwrap();
        assert_eq!(left.len(), 3);
        assert!(beas.get("/account").await.status.is_success(), "nobody else's");
    }
}

#[tokio::test]
async fn a_session_has_a_greatest_age_however_often_it_is_used() {
    for database in TestDatabase::each().await {
        let app = TestApp::on(app::config(), database);
        let (_, mut browser) = app.newcomer("Ana").await;
        for _ in 0..89 {
            app.clock.advance_seconds(86_400);
            assert!(browser.get("/account").await.status.is_success());
        }
        app.clock.advance_seconds(86_399);
        assert!(browser.get("/account").await.status.is_success());
        app.clock.advance_seconds(1);
        assert!(!browser.get("/account").await.status.is_success(), "ninety days are over");
        assert_eq!(
            app.state.db.sweep_sessions(app.state.now(), app.state.config.session_lifetime).await.unwrap(),
            1
        );
    }
}
