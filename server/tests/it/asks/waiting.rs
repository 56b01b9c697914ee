//! One ask for a person and a service, not too many in all, and when it waits no longer.

use ::app::ports::offers::OfferForm;
use ::app::ports::people::Deed;
use ::app::ports::services::ServiceForm;
use ::app::ports::shares::EndForm;
use model::{ServiceId, TailnetRole};
use server::config::{Config, Limits};
use server::jobs::drop_old;

use super::{DAY, Stage, conflict};
use crate::harness::database::TestDatabase;
use crate::harness::{TestApp, World, app};

fn wish() -> EndForm {
    EndForm { until: "ended".into(), ..EndForm::default() }
}

/// So many more services, for everybody.
async fn listed(app: &TestApp, world: &World, count: usize) -> Vec<ServiceId> {
    let mut all = Vec::new();
    for number in 0..count {
        let form = ServiceForm {
            name: format!("Forge {number}"),
            kind: "git".into(),
            ports: "tcp:443".into(),
            audience: "everybody".into(),
            ..ServiceForm::default()
        };
        all.push(app.ask(world.owner).services.create(world.node, form).await.unwrap());
    }
    all
}

#[tokio::test]
async fn however_often_somebody_asks_at_once_one_ask_waits() {
    for stage in Stage::each().await {
        let (app, world) = (&stage.app, &stage.world);
        let tasks: Vec<_> = (0..8)
            .map(|_| {
                let (asker, service) = (app.ask(world.listed), world.service);
                tokio::spawn(async move { asker.asks.create(service, wish()).await })
            })
            .collect();
        let mut taken = 0;
        for task in tasks {
            match task.await.unwrap() {
                Ok(()) => taken += 1,
                refused => {
                    let words = conflict(refused);
                    assert!(words.starts_with("You asked for Minecraft already"), "{words}");
                }
            }
        }
        assert_eq!(taken, 1);
        assert_eq!(stage.told(world.owner).await.len(), 1);
    }
}

#[tokio::test]
async fn one_waits_for_so_many_answers_and_an_answer_makes_room_also_for_many_at_once() {
    for database in TestDatabase::each().await {
        let limits = Limits { asks_per_person: 3, ..Limits::default() };
        let app = TestApp::on(Config { limits, ..app::config() }, database);
        let world = World::seed(&app).await;
        let services = listed(&app, &world, 8).await;
        let tasks: Vec<_> = services
            .into_iter()
            .map(|service| {
                let asker = app.ask(world.other);
                tokio::spawn(async move { asker.asks.create(service, wish()).await.map(|()| service) })
            })
            .collect();
        let (mut taken, mut refused) = (Vec::new(), Vec::new());
        for task in tasks {
            match task.await.unwrap() {
                Ok(service) => taken.push(service),
                full => refused.push(conflict(full)),
            }
        }
        assert_eq!(taken.len(), 3);
        assert!(
            refused.iter().all(|words| words.starts_with("You wait for an answer 3 times")),
            "{refused:?}"
        );
        // Others ask all the same.
        app.ask(world.listed).asks.create(world.service, wish()).await.unwrap();
        let next = listed(&app, &world, 1).await[0];
        conflict(app.ask(world.other).asks.create(next, wish()).await);
        app.ask(world.owner).services.remove(taken[0]).await.unwrap();
        app.ask(world.other).asks.create(next, wish()).await.unwrap();
    }
}

#[tokio::test]
async fn who_has_it_or_is_offered_it_asks_for_nothing() {
    for stage in Stage::each().await {
        let (app, world) = (&stage.app, &stage.world);
        let words = conflict(app.ask(world.friend).asks.create(world.service, wish()).await);
        assert!(words.starts_with("You have Minecraft already"), "{words}");
        let form = OfferForm {
            service: world.service.to_string(),
            to: "person".into(),
            person: world.listed.to_string(),
            until: "ended".into(),
            ..OfferForm::default()
        };
        let (offer, _) = app.ask(world.owner).offers.create(form).await.unwrap();
        conflict(app.ask(world.listed).asks.create(world.service, wish()).await);
        // What was taken back or declined is no offer any more, and is asked for again at once.
        app.ask(world.owner).offers.withdraw(offer).await.unwrap();
        app.ask(world.listed).asks.create(world.service, wish()).await.unwrap();
        // Whoever comes in by the link of another offer needs no answer.
        let login = "lea@example.com".to_owned();
        app.ask(world.listed).offers.accept(world.token.clone(), login).await.unwrap();
        assert_eq!(stage.told(world.owner).await, []);
    }
}

#[tokio::test]
async fn nothing_waits_of_a_service_that_is_gone_or_of_somebody_who_is_shut_out_or_gives_it_by_now() {
    for stage in Stage::each().await {
        let (app, world) = (&stage.app, &stage.world);
        let forge = listed(app, world, 1).await[0];
        app.ask(world.other).asks.create(forge, wish()).await.unwrap();
        assert_eq!(stage.told(world.owner).await.len(), 1);
        app.ask(world.owner).services.remove(forge).await.unwrap();
        assert_eq!(stage.told(world.owner).await, []);

        let id = stage.asks(world.listed).await.unwrap();
        let owner = app.ask(world.owner);
        owner.stewards.add(world.tailnet, world.listed.to_string(), TailnetRole::Steward).await.unwrap();
        assert_eq!(stage.told(world.owner).await, [], "a steward needs no offer");
        assert_eq!(stage.told(world.listed).await, []);
        owner.stewards.remove(world.tailnet, world.listed, Vec::new()).await.unwrap();
        assert_eq!(stage.told(world.owner).await.len(), 1);

        app.ask(world.instance_owner).people.act(world.listed, Deed::Block).await.unwrap();
        assert_eq!(stage.told(world.owner).await, []);
        conflict(owner.asks.decline(id, String::new()).await);
        app.ask(world.instance_owner).people.act(world.listed, Deed::Unblock).await.unwrap();
        assert_eq!(stage.told(world.owner).await, [], "it stays taken back");
        app.clock.advance_seconds(DAY);
        stage.asks(world.listed).await.unwrap();
    }
}

/// A listing for everybody makes nobody known to its owner; an ask does.
#[tokio::test]
async fn who_asks_is_met_by_those_who_give_it() {
    for stage in Stage::each().await {
        let (app, world) = (&stage.app, &stage.world);
        let forge = listed(app, world, 1).await[0];
        for met in [false, true] {
            for giver in [world.owner, world.steward] {
                let found = app.state.db.find_met(giver, world.other).await.unwrap();
                assert_eq!(found.is_some(), met);
            }
            if !met {
                app.ask(world.other).asks.create(forge, wish()).await.unwrap();
            }
        }
        let ask = app.state.db.find_ask_of(forge, world.other).await.unwrap().unwrap();
        let view = app.ask(world.owner).offers.form_for(ask.id).await.unwrap();
        app.ask(world.owner).offers.create(view.form).await.expect("the form is whole as it is");
        assert_eq!(stage.told(world.owner).await, []);
    }
}

/// Sabotage: `later.happened(now)` in `AskFacts::notices` again, or `bring_back_times` left out of `drop_old`.
#[tokio::test]
async fn a_later_that_was_said_by_a_clock_ahead_waits_as_it_is_stored_and_no_longer_than_three_days() {
    for stage in Stage::each().await {
        let (app, world) = (&stage.app, &stage.world);
        let now = app.state.now();
        let id = stage.asks(world.listed).await.unwrap();
        app.clock.set(now.plus_seconds(20 * DAY));
        app.ask(world.steward).asks.later(id).await.unwrap();
        app.clock.set(now);
        // Each of these looks besides whether what is stored is what would be worked out now.
        assert_eq!(stage.told(world.owner).await, []);
        drop_old(&app.state).await.unwrap();
        assert_eq!(stage.told(world.owner).await, [], "it was said by now");
        app.clock.set(now.plus_seconds(3 * DAY - 1));
        assert_eq!(stage.told(world.owner).await, []);
        app.clock.set(now.plus_seconds(3 * DAY));
        assert_eq!(stage.told(world.owner).await.len(), 1);
    }
}
