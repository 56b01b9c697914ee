//! What browsers are remembered by.

use ::app::ports::accounts::Accounts as _;
use server::config::Config;
use server::session::BrowserSession;
use server::state::Viewer;
use server::use_cases::Asker;

use crate::harness::database::TestDatabase;
use crate::harness::{TestApp, World, app};

fn account(app: &TestApp, person: model::PersonId) -> Asker {
    let viewer = Viewer::Person { id: person, instance_owner: false };
    Asker::new(&app.state, viewer, BrowserSession::default())
}

#[tokio::test]
async fn a_visit_without_reason_to_remember_leaves_no_cookie() {
    let app = TestApp::start().await;
    let answer = app.browser().get("/").await;
    assert_eq!(answer.header("set-cookie"), "");
}

#[tokio::test]
async fn the_cookie_is_for_this_site_and_out_of_reach_of_script() {
    let app = TestApp::demo().await;
    let person = app.demo_person("Ana").await.to_string();
    let answer = app.browser().post("/sign-in/demo", &[("person", &person)]).await;
    let cookie = answer.header("set-cookie");
    assert!(cookie.starts_with("__Host-acequia="), "{cookie}");
    for part in ["HttpOnly", "Secure", "SameSite=Lax", "Path=/", "Max-Age=2592000"] {
        assert!(cookie.split("; ").any(|found| found == part), "{part} is missing in {cookie}");
    }
}

#[tokio::test]
async fn sessions_are_listed_and_ended_by_their_person_only() {
    for database in TestDatabase::each().await {
        let app = TestApp::on(Config { demo: true, ..app::config() }, database);
        let ana = app.demo_person("Ana").await;
        let mut here = app.browser();
        here.post("/sign-in/demo", &[("person", &ana.to_string())]).await;
        app.clock.advance_seconds(10);
        let _there = app.signed_in(ana).await;
        let (bea, _) = app.newcomer("Bea").await;

        let listed = account(&app, ana).account().await.unwrap().sessions.items;
        assert_eq!(listed.len(), 2);
        assert_eq!(listed[1].agent, "Firefox on Linux");
        assert_eq!(listed[1].started, app::START);

        let handle = listed[1].handle.clone();
        assert!(account(&app, bea).end_session(handle.clone()).await.is_err(), "somebody else's");
        account(&app, ana).end_session(handle).await.unwrap();
        assert_eq!(account(&app, ana).account().await.unwrap().sessions.items.len(), 1);
        assert_eq!(account(&app, bea).account().await.unwrap().sessions.items.len(), 1);
        assert!(!is_signed_in(&app, &mut here).await, "that browser has to sign in again");
    }
}

#[tokio::test]
async fn a_session_ends_when_it_was_not_used_for_its_lifetime() {
    for database in TestDatabase::each().await {
        let app = TestApp::on(app::config(), database);
        let (_, mut browser) = app.newcomer("Ana").await;
        let lifetime = 30 * 86_400;
        for _ in 0..3 {
            app.clock.advance_seconds(lifetime - 1);
            assert!(is_signed_in(&app, &mut browser).await);
        }
        app.clock.advance_seconds(lifetime);
        assert!(!is_signed_in(&app, &mut browser).await);
        assert_eq!(
            app.state.db.sweep_sessions(app.state.now(), app.state.config.session_lifetime).await.unwrap(),
            1
        );
    }
}

#[tokio::test]
async fn an_ended_session_is_not_brought_back_by_a_request_that_was_under_way() {
    use std::sync::Arc;
    use tower_sessions::Session;

    let app = TestApp::start().await;
    let (ana, browser) = app.newcomer("Ana").await;
    let id = browser.cookie(app.cookie_name()).unwrap().parse().unwrap();
    let store = Arc::new(server::session::Sessions::new(app.state.clone()));
    let under_way = Session::new(Some(id), store, None);
    under_way.insert("flash", "hello").await.unwrap();
    let world = World::seed(&app).await;
    app.state.db.end_other_sessions(ana, "", &world.entry(&app)).await.unwrap();
    under_way.save().await.unwrap();
    assert_eq!(
        app.state
            .db
            .list_sessions(ana, app.state.now(), app.state.config.session_lifetime, None, 100)
            .await
            .unwrap(),
        []
    );
}

#[tokio::test]
async fn ids_and_contents_of_sessions_are_not_in_the_database() {
    let app = TestApp::start().await;
    let browser = app.remembering("the-link-of-an-offer").await;
    let id = browser.cookie(app.cookie_name()).unwrap().to_owned();
    let server::store::Db::Sqlite(pool) = &app.state.db else { panic!("a test on SQLite") };
    let sql = "SELECT id_hash || handle || data_sealed || agent FROM sessions";
    let rows: Vec<(String,)> = sqlx::query_as(sql).fetch_all(pool).await.unwrap();
    assert_eq!(rows.len(), 1);
    assert!(!rows[0].0.contains(&id) && !rows[0].0.contains("the-link"), "{}", rows[0].0);
}

/// Whoever is not signed in is sent to sign in before an identity can be linked.
async fn is_signed_in(app: &TestApp, browser: &mut crate::harness::Browser) -> bool {
    let before = browser.cookie(app.cookie_name()).map(str::to_owned);
    browser.get("/").await;
    let id = before.and_then(|cookie| cookie.parse().ok());
    let Some(id) = id else { return false };
    let store = std::sync::Arc::new(server::session::Sessions::new(app.state.clone()));
    let session = tower_sessions::Session::new(Some(id), store, None);
    BrowserSession::new(session).person().await.unwrap().is_some()
}

#[tokio::test]
async fn a_message_is_shown_on_its_own_page_also_when_another_one_loads_first() {
    let app = TestApp::demo().await;
    let world = World::seed(&app).await;
    let mut browser = app.signed_in(world.owner).await;
    let offer = world.offer.to_string();
    let answer = browser.post("/fn/offers/link", &[("offer", &offer)]).await;
    let to = answer.location().unwrap().to_owned();

    let elsewhere = browser.get("/shares").await;
    let link = "https://gate.example.org/o/";
    assert!(!elsewhere.body.contains(link), "{elsewhere:?}");
    let page = browser.get(&to).await;
    assert!(page.body.contains(link), "{page:?}");
    assert!(!browser.get(&to).await.body.contains(link), "it is shown once");
}
