//! What stands in a form before anybody typed.

use app::paths;
use app::ports::offers::OfferForm;
use app::ports::services::ServiceForm;
use markup::Page;

use crate::harness::app::config;
use crate::harness::database::TestDatabase;
use crate::harness::{TestApp, World};

#[tokio::test]
async fn until_is_what_somebody_chose_last_for_this_service_and_at_first_a_month() {
    for database in TestDatabase::each().await {
        let app = TestApp::on(config(), database);
        let world = World::seed(&app).await;
        let asked = app.ask(world.owner).offers;
        let begins = async || {
            let form = asked.form(Some(world.service)).await.unwrap().form;
            (form.until, form.date)
        };
        let other = app.ask(world.steward).offers;
        let of_steward = async || other.form(Some(world.service)).await.unwrap().form.until;
        assert_eq!(asked.form(None).await.unwrap().form.until, "month", "no service is chosen");
        // The offer of the world is until ended.
        assert_eq!((begins().await.0.as_str(), of_steward().await.as_str()), ("ended", "month"));
        for until in ["evening", "weekend", "month", "ended", "evening"] {
            app.clock.advance_seconds(3_601);
            let form = OfferForm {
                service: world.service.to_string(),
                to: "link".into(),
                until: until.into(),
                ..OfferForm::default()
            };
            asked.create(form).await.unwrap();
            assert_eq!(begins().await, (until.to_owned(), String::new()));
            assert_eq!(of_steward().await, "month", "the choice of somebody else");
        }
        // What was refused is no choice; a day is one for as long as it lies ahead.
        let dated = |date: &str| OfferForm {
            service: world.service.to_string(),
            to: "link".into(),
            until: "date".into(),
            date: date.into(),
            ..OfferForm::default()
        };
        asked.create(dated("2020-01-01T20:00")).await.unwrap_err();
        assert_eq!(begins().await.0, "evening");
        asked.create(dated("2026-12-24T20:00")).await.unwrap();
        assert_eq!(begins().await, ("date".to_owned(), "2026-12-24T20:00".to_owned()));
        app.clock.advance_seconds(30 * 86_400);
        assert_eq!(begins().await, ("month".to_owned(), String::new()));
    }
}

#[tokio::test]
async fn until_is_what_is_chosen_on_the_page_without_script() {
    let app = TestApp::start().await;
    let world = World::seed(&app).await;
    let mut ana = app.signed_in(world.owner).await;
    let service = world.service.to_string();
    let fields = [("service", &*service), ("to", "link"), ("until", "weekend")];
    ana.post("/fn/offers/create", &fields).await;
    let page = Page::parse(&ana.get(&paths::new_offer(Some(world.service))).await.body);
    let form = page.forms().into_iter().find(|form| form.action.ends_with("offers/create")).unwrap();
    assert!(form.fields.contains(&("until".into(), "weekend".into())), "{form:?}");
}

#[tokio::test]
async fn empty_ports_are_those_that_the_kind_usually_has() {
    let app = TestApp::start().await;
    let world = World::seed(&app).await;
    let asked = app.ask(world.owner).services;
    let form = |kind: &str, ports: &str| ServiceForm {
        name: format!("A {kind}"),
        kind: kind.into(),
        ports: ports.into(),
        audience: "nobody".into(),
        ..ServiceForm::default()
    };
    for (kind, ports) in [
        ("minecraft", "tcp:25565"),
        ("bedrock", "udp:19132"),
        ("http", "tcp:443"),
        ("git", "tcp:443, tcp:22"),
    ] {
        let id = asked.create(world.node, form(kind, " ")).await.unwrap();
        let stored = app.state.db.find_service(id).await.unwrap().unwrap().service;
        assert_eq!(stored.ports, ports.parse().unwrap(), "{kind}");
        assert_eq!(stored.join.to_string(), ports.split(',').next().unwrap(), "{kind}");
    }
    let typed = asked.create(world.node, form("ssh", "2222")).await.unwrap();
    let stored = app.state.db.find_service(typed).await.unwrap().unwrap().service;
    assert_eq!(stored.ports, "tcp:2222".parse().unwrap(), "what was typed goes before it");
    asked.update(typed, form("ssh", "")).await.unwrap();
    let stored = app.state.db.find_service(typed).await.unwrap().unwrap().service;
    assert_eq!(stored.ports, "tcp:22".parse().unwrap(), "taken out again");
    // Nobody knows where these listen.
    for kind in ["game", "other", "no-kind"] {
        let error = asked.create(world.node, form(kind, "")).await.unwrap_err();
        assert!(format!("{error:?}").contains("\"ports\""), "{kind}: {error:?}");
    }
}

#[tokio::test]
async fn the_form_of_a_service_says_what_empty_ports_are_and_takes_them_without_script() {
    let app = TestApp::start().await;
    let world = World::seed(&app).await;
    let mut ana = app.signed_in(world.owner).await;
    let page = ana.get(&paths::new_service(world.node)).await;
    assert!(page.text().contains("Left empty, those that its kind usually has"), "{page:?}");
    let field = page.body.split("<input").find(|input| input.contains("name=\"ports\"")).unwrap();
    assert!(!field.split('>').next().unwrap().contains("required"), "a browser lets it be empty: {field}");
    let node = world.node.to_string();
    let fields =
        [("node", &*node), ("name", "Films"), ("kind", "media"), ("ports", ""), ("audience", "nobody")];
    let to = ana.post("/fn/services/create", &fields).await.location().unwrap().to_owned();
    assert!(ana.get(&to).await.text().contains("TCP 8096"));
}
