//! What waits for whom is stored as it would be worked out from nothing, after each thing that changes it.

use app::ports::inbox::{Item, Kind};
use app::ports::offers::OfferForm;
use app::ports::people::Deed;
use model::host::May;
use model::{OfferId, PersonId};
use server::on;
use server::store::notices::COUNTED;

use crate::harness::app::config;
use crate::harness::database::TestDatabase;
use crate::harness::statements::statements;
use crate::harness::{TestApp, World};

async fn is_right(app: &TestApp, after: &str) {
    let wrong = app.state.db.check_notices(app.state.now()).await.unwrap();
    assert!(wrong.is_empty(), "after {after}: {}", wrong.join("\n"));
}

async fn offer(app: &TestApp, world: &World, to: PersonId) -> OfferId {
    let form = OfferForm {
        service: world.service.to_string(),
        to: "person".into(),
        person: to.to_string(),
        until: "ended".into(),
        ..OfferForm::default()
    };
    app.ask(world.owner).offers.create(form).await.unwrap().0
}

async fn waits(app: &TestApp, person: PersonId) -> Vec<Item> {
    app.ask(person).inbox.home().await.unwrap().items
}

#[tokio::test]
async fn an_offer_waits_for_whom_it_is_for_until_it_is_answered_or_gone() {
    for database in TestDatabase::each().await {
        let app = TestApp::on(config(), database);
        let world = World::seed(&app).await;
        is_right(&app, "the seed").await;
        let other = world.listed;
        let offered =
            async || waits(&app, other).await.iter().filter(|item| item.kind == Kind::Offer).count();
        let before = offered().await;
        let one = offer(&app, &world, other).await;
        is_right(&app, "an offer").await;
        assert_eq!(offered().await, before + 1);
        app.ask(other).offers.decline(one.to_string()).await.unwrap();
        is_right(&app, "a no").await;
        assert_eq!(offered().await, before);
        let two = offer(&app, &world, other).await;
        app.ask(world.owner).offers.withdraw(two).await.unwrap();
        is_right(&app, "its withdrawal").await;
        let three = offer(&app, &world, other).await;
        let login = "lea@example.com".to_owned();
        app.ask(other).offers.accept(three.to_string(), login).await.unwrap();
        is_right(&app, "a yes").await;
        assert_eq!(offered().await, before);
        offer(&app, &world, other).await;
        app.clock.advance_seconds(400 * 86_400);
        assert_eq!(offered().await, 0, "nobody can answer it any more, and nothing was written for that");
        is_right(&app, "its time").await;
    }
}

#[tokio::test]
async fn who_acts_for_a_tailnet_is_told_what_its_owner_is_told() {
    for database in TestDatabase::each().await {
        let app = TestApp::on(config(), database);
        let world = World::seed(&app).await;
        let (ana, lea) = (app.ask(world.owner), world.listed);
        ana.stewards.add(world.tailnet, lea.to_string(), model::TailnetRole::Steward).await.unwrap();
        is_right(&app, "a new steward").await;
        let of_owner: Vec<String> =
            waits(&app, world.owner).await.into_iter().map(|item| item.title).collect();
        let of_steward: Vec<String> = waits(&app, lea).await.into_iter().map(|item| item.title).collect();
        assert!(!of_owner.is_empty() && of_owner == of_steward, "{of_owner:?} {of_steward:?}");
        ana.stewards.remove(world.tailnet, lea, Vec::new()).await.unwrap();
        is_right(&app, "the end of a stewardship").await;
        assert_eq!(waits(&app, lea).await, []);
        for deed in [Deed::Block, Deed::Unblock] {
            app.ask(world.instance_owner).people.act(world.owner, deed).await.unwrap();
            is_right(&app, "a block or its end").await;
        }
    }
}

#[tokio::test]
async fn the_counter_is_one_statement_and_stops_at_a_hundred() {
    let app = TestApp::start().await;
    let world = World::seed(&app).await;
    let mut tx = app.state.db.begin().await.unwrap();
    for number in 0..150_i64 {
        let put =
            "INSERT INTO notices (person_id, kind, object_id, part, tailnet_id, rank, since, opens, data)
             VALUES ($1, 'open_invite', $2, $3, $4, 0, 1, 1, '{\"kind\":\"open_invite\"}')";
        let part = number.to_string();
        tx.query(put, (world.other, world.share, part, world.tailnet)).execute().await.unwrap();
    }
    tx.commit().await.unwrap();
    let db = &app.state.db;
    let (count, run) = statements(db.count_notices(world.other, app.state.now())).await;
    assert_eq!((count.unwrap(), run.len()), (COUNTED, 1), "{run:?}");
    let home = app.ask(world.other).inbox.home().await.unwrap();
    assert_eq!((home.count.to_string().as_str(), home.items.len()), ("99+", 50));
}

/// A notice tells of something; it holds up nothing that is done to it. Nor does a host of which nothing can be read.
#[tokio::test]
async fn what_is_stored_of_notices_holds_nothing_up() {
    for database in TestDatabase::each().await {
        let app = TestApp::on(config(), database);
        let world = World::seed(&app).await;
        let db = &app.state.db;
        let one = offer(&app, &world, world.listed).await;
        app.ask(world.owner).hosts.make_token(world.node, May::default()).await.unwrap();
        let two = server::hosts::renew(&app.state, world.node).await;
        two.unwrap();
        for sql in [
            "UPDATE notices SET kind = 'nonsense', data = '{'",
            "UPDATE hosts SET seen = 1, seen_revision = -1, seen_whole = TRUE",
        ] {
            on!(db, pool => sqlx::query(sql).execute(pool).await.map(drop)).unwrap();
        }
        app.ask(world.listed).offers.decline(one.to_string()).await.unwrap();
        let home = app.ask(world.listed).inbox.home().await.unwrap();
        assert!(home.items.iter().all(|item| item.kind != Kind::Offer), "{home:?}");
        db.mark_asked(world.node, (None, None), app.state.now()).await.unwrap();
    }
}
