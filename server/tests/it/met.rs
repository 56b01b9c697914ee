//! Whom one may name: those whom one has met, and nobody else of the instance.

use std::collections::BTreeSet;

use crate::access::table::{Role, Row, TABLE};
use model::{Audience, PersonId, ServiceKind};
use server::on;
use server::store::offers::Offer;
use server::store::services::{Service, ShownTo};

use crate::access::{Scene, is_about_nobody};
use crate::harness::app::config;
use crate::harness::database::TestDatabase;
use crate::harness::{TestApp, World};

const UNKNOWN: &str = "01900000000070008000000000000000";

const NAMES: [&str; 6] = ["Ines", "Ana", "Sven", "Dario", "Lea", "Olaf"];

fn everybody(world: &World) -> [PersonId; 6] {
    [world.instance_owner, world.owner, world.steward, world.friend, world.listed, world.other]
}

/// The name of each person, with the names of those whom they have met.
async fn meetings(app: &TestApp, world: &World) -> BTreeSet<(&'static str, String)> {
    let mut all = BTreeSet::new();
    for (name, person) in NAMES.into_iter().zip(everybody(world)) {
        for met in app.state.db.list_met(person).await.unwrap() {
            let found = app.state.db.find_met(person, met.id).await.unwrap();
            assert_eq!(found.as_ref(), Some(&met), "who is listed may be named");
            all.insert((name, met.name));
        }
    }
    all
}

fn pairs(text: &str) -> BTreeSet<(&str, String)> {
    let pair = |pair: &'static str| pair.split_once('>').map(|(one, two)| (one, two.to_owned()));
    let text: &'static str = Box::leak(text.to_owned().into_boxed_str());
    text.split_whitespace().filter_map(pair).collect()
}

fn offer(app: &TestApp, world: &World, by: PersonId, to: Option<PersonId>) -> Offer {
    let now = app.state.now();
    Offer {
        id: app.state.new_id(),
        service: world.service,
        made_by: by,
        to_person: to,
        to_email: None,
        token_hash: server::secrets::hash_token(&app.state.random.new_token()),
        ends: None,
        note: String::new(),
        uses_left: 1,
        created: now,
        lapses: now.plus_seconds(3600),
        withdrawn: None,
        declined: false,
        circle: None,
    }
}

/// What is there from the start: Ana's tailnet with Sven as its steward, Dario's share, a listing shown to Lea.
const AT_FIRST: &str = "Ana>Sven Ana>Dario Ana>Lea Sven>Ana Sven>Dario Sven>Lea Dario>Ana Lea>Ana";

#[tokio::test]
async fn people_meet_by_tailnet_share_offer_answer_and_listing_and_by_nothing_else() {
    for database in TestDatabase::each().await {
        let app = TestApp::on(config(), database);
        let db = &app.state.db;
        let world = World::seed(&app).await;
        let entry = || server::store::audit::NewEntry { id: app.state.new_id(), ..world.entry(&app) };
        let limits = app.state.config.limits.clone();
        let mut expected = pairs(AT_FIRST);
        assert_eq!(meetings(&app, &world).await, expected);

        // Sven offers it to Ines: she meets him and the owner, and both givers meet her.
        let to_ines = offer(&app, &world, world.steward, Some(world.instance_owner));
        db.insert_offer(&to_ines, &limits, &entry()).await.unwrap();
        expected.extend(pairs("Ines>Sven Ines>Ana Ana>Ines Sven>Ines"));
        assert_eq!(meetings(&app, &world).await, expected);

        // Olaf came in with a link: he knows who offered, and nobody knows yet that he is here.
        let by_link = offer(&app, &world, world.steward, None);
        db.insert_offer(&by_link, &limits, &entry()).await.unwrap();
        let arrive = "INSERT INTO arrivals (person_id, offer_id, token_hash, at) VALUES ($1, $2, $3, 0)";
        on!(db, pool => sqlx::query(arrive).bind(world.other).bind(by_link.id)
            .bind(&by_link.token_hash).execute(pool).await.map(drop))
        .unwrap();
        expected.extend(pairs("Olaf>Sven Olaf>Ana"));
        assert_eq!(meetings(&app, &world).await, expected);

        // His answer tells them.
        db.decline_offer(by_link.id, world.other, app.state.now(), &entry()).await.unwrap();
        expected.extend(pairs("Ana>Olaf Sven>Olaf"));
        assert_eq!(meetings(&app, &world).await, expected);
    }
}

#[tokio::test]
async fn a_listing_for_everybody_makes_its_owner_known_and_nobody_to_the_owner() {
    for database in TestDatabase::each().await {
        let app = TestApp::on(config(), database);
        let db = &app.state.db;
        let world = World::seed(&app).await;
        let service = Service {
            id: app.state.new_id(),
            node: world.node,
            name: "Forge".into(),
            kind: ServiceKind::Git,
            ports: "tcp:443".parse().unwrap(),
            join: "tcp:443".parse().unwrap(),
            about: String::new(),
            audience: Audience::Everybody,
            left_alone: false,
        };
        let shown = ShownTo { people: &[], by: world.owner, circles: &[] };
        assert!(db.put_service(&service, shown, (500, app.state.now()), &world.entry(&app)).await.unwrap());
        let mut expected = pairs(AT_FIRST);
        expected.extend(pairs("Ines>Ana Olaf>Ana"));
        assert_eq!(meetings(&app, &world).await, expected);
        let gone = server::store::audit::NewEntry { id: app.state.new_id(), ..world.entry(&app) };
        db.remove_service(service.id, app.state.now(), &gone).await.unwrap();
        assert_eq!(meetings(&app, &world).await, pairs(AT_FIRST));
    }
}

#[tokio::test]
async fn who_is_not_here_is_named_to_nobody() {
    for database in TestDatabase::each().await {
        let app = TestApp::on(config(), database);
        let world = World::seed(&app).await;
        for standing in ["blocked", "removing", "removed"] {
            on!(&app.state.db, pool => sqlx::query("UPDATE people SET standing = $2 WHERE id = $1")
                .bind(world.friend).bind(standing).execute(pool).await.map(drop))
            .unwrap();
            let met = meetings(&app, &world).await;
            assert!(met.iter().all(|(_, met)| met != "Dario"), "{standing}: {met:?}");
            let found = app.state.db.find_met(world.owner, world.friend).await.unwrap();
            assert_eq!(found, None, "{standing}");
        }
    }
}

/// Every form with a field for a person answers about somebody whom one has not met as about nobody.
#[tokio::test]
async fn a_form_that_names_somebody_not_met_answers_as_for_an_id_of_nobody() {
    let app = TestApp::start().await;
    let world = World::seed(&app).await;
    let (service, tailnet, node) =
        (world.service.to_string(), world.tailnet.to_string(), world.node.to_string());
    let mut owner = app.signed_in(world.owner).await;
    let mut answered = async |person: &str| {
        let mut texts = Vec::new();
        let service_form =
            [("name", "x"), ("kind", "http"), ("ports", "80"), ("audience", "people"), ("people[0]", person)];
        let create: Vec<_> = [("node", node.as_str())].into_iter().chain(service_form).collect();
        let update: Vec<_> = [("service", service.as_str())].into_iter().chain(service_form).collect();
        let offer = [("service", service.as_str()), ("to", "person"), ("person", person), ("until", "ended")];
        let forms: [(&str, &[(&str, &str)]); 5] = [
            ("/fn/offers/create", &offer),
            ("/fn/services/create", &create),
            ("/fn/services/update", &update),
            ("/fn/stewards/add", &[("tailnet", &tailnet), ("person", person)]),
            ("/fn/stewards/remove", &[("tailnet", &tailnet), ("person", person)]),
        ];
        for (path, fields) in forms {
            let answer = owner.post(path, fields).await;
            let page = match answer.location() {
                Some(to) => owner.get(to).await.text(),
                None => answer.text(),
            };
            texts.push((path, answer.outcome(), page.replace(person, "PERSON")));
        }
        texts
    };
    let nobody = answered(UNKNOWN).await;
    for stranger in [world.other, world.instance_owner] {
        let found = answered(&stranger.to_string()).await;
        assert_eq!(found, nobody);
        assert!(!format!("{found:?}").contains("Olaf"), "{found:?}");
    }
    let told: Vec<_> = nobody.iter().map(|(_, _, text)| text.contains("from the list")).collect();
    assert_eq!(told, [true, true, true, true, false], "{nobody:?}");
    let stewards = app.state.db.list_stewards(world.tailnet).await.unwrap();
    assert_eq!(stewards.len(), 1, "{stewards:?}");
    let audience = app.state.db.list_audience(world.service).await.unwrap();
    assert_eq!(audience.len(), 1, "{audience:?}");
}

/// Every page of the table, read as everybody: it names nobody whom the reader has not met. The page of a link says
/// whose it is: that is how one meets.
#[tokio::test]
async fn no_page_names_somebody_whom_its_reader_has_not_met() {
    let scene = Scene::new().await;
    let met = meetings(&scene.app, &scene.world).await;
    let roles = [
        (Role::InstanceOwner, "Ines"),
        (Role::TailnetOwner, "Ana"),
        (Role::Steward, "Sven"),
        (Role::Friend, "Dario"),
        (Role::Audience, "Lea"),
        (Role::SignedIn, "Olaf"),
    ];
    let pages = |row: &&Row| {
        row.method == "GET"
            && !is_about_nobody(row)
            && !is_for_the_instance_owner(row)
            && !row.path.contains("{token}")
    };
    let mut looked = 0;
    for row in TABLE.iter().filter(pages) {
        for (role, own) in roles {
            let (_, how) = scene.call(row, role, true).await;
            looked += 1;
            for name in NAMES.iter().filter(|name| **name != own) {
                let named = how.split(|c: char| !c.is_alphabetic()).any(|word| word == *name);
                let known = met.contains(&(own, (*name).to_owned()));
                assert!(!named || known, "{} tells {own} of {name}: {how}", row.path);
            }
        }
    }
    assert!(looked > 100, "{looked}");
}

/// Who looks after the instance has to see who is here.
fn is_for_the_instance_owner(row: &Row) -> bool {
    row.may == [Role::InstanceOwner]
}
